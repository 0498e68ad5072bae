/** A raffle: a member buys tickets and enters for nothing; staff freeze and draw; the member sees the result and checks it. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_raffle_buy", {
    url: "/my/club",
    steps: () => [
        { content: "To the raffles", trigger: "[name=club_spend_links] a:contains(Raffles)", run: "click", expectUnloadPage: true },
        { content: "Open the raffle", trigger: "[name=club_raffle]:contains(Tour Raffle)", run: "click", expectUnloadPage: true },
        { content: "What can be won", trigger: "[name=club_raffle_prize]:contains(Bicycle)" },
        { content: "The odds", trigger: "[name=club_raffle_odds]:contains(1 in 1)" },
        { content: "How many", trigger: "input[name=quantity]", run: "edit 3" },
        { content: "Go on", trigger: "form[name=club_raffle_buy] button", run: "click", expectUnloadPage: true },
        { content: "What it costs", trigger: "[name=club_raffle_cost]:contains(30 Points)" },
        { content: "What is left", trigger: "[name=club_raffle_rest]:contains(970 Points)" },
        { content: "Buy", trigger: "form[name=club_raffle_confirm] button", run: "click", expectUnloadPage: true },
        { content: "It worked", trigger: ".alert-success:contains(You have got 3 tickets)" },
        { content: "Enter for nothing too", trigger: "form[name=club_raffle_free] button", run: "click", expectUnloadPage: true },
        { content: "It worked", trigger: ".alert-success:contains(your free ticket)" },
        { content: "Four numbers", trigger: "[name=club_raffle_ticket]:contains(free entry)" },
        { content: "No second free entry", trigger: "p:contains(You have had your free entry)" },
    ],
});

tours.add("club_raffle_freeze", {
    steps: () => [
        { content: "The home page says what is to do", trigger: "button[data-todo='raffles_close']", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Tour Raffle)", run: "click" },
        { content: "What comes next", trigger: ".o_field_widget[name='next_step']:contains(Freeze the list now)" },
        { content: "Freeze it", trigger: "button[name='action_close']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(never changes again) .btn-primary", run: "click" },
        { content: "Frozen", trigger: ".o_statusbar_status .o_arrow_button_current:contains(List frozen)" },
    ],
});

tours.add("club_raffle_draw", {
    steps: () => [
        { content: "The home page says what is to do", trigger: "button[data-todo='raffles_draw']", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Tour Raffle)", run: "click" },
        { content: "Draw", trigger: "button[name='action_draw']", run: "click" },
        { content: "The round is pasted", trigger: ".modal .o_field_widget[name='randomness'] input", run: "edit 17b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1" },
        { content: "With its signature", trigger: ".modal .o_field_widget[name='signature'] input", run: `edit ${"0".repeat(96)}` },
        { content: "And where it was read", trigger: ".modal .o_field_widget[name='source'] input", run: "edit https://beacon.example/round" },
        { content: "Draw", trigger: ".modal button[name='action_confirm']", run: "click" },
        { content: "Drawn", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Drawn)" },
        { content: "Verify it", trigger: "button[name='action_verify']", run: "click" },
        { content: "It holds", trigger: ".o_notification:contains(as they were published)" },
    ],
});

tours.add("club_raffle_verify", {
    url: "/my/club",
    steps: () => [
        { content: "The page says what was won", trigger: "a:contains(Confirm)", run: "click", expectUnloadPage: true },
        { content: "Confirm it", trigger: "form[name=club_raffle_claim] button", run: "click", expectUnloadPage: true },
        { content: "Confirmed", trigger: ".alert-success:contains(Your prize is confirmed)" },
        { content: "The result", trigger: "[name=club_raffle_winner]:contains(Bicycle)" },
        { content: "The fingerprint of the list", trigger: "[name=club_raffle_list_hash]" },
        {
            content: "Type the winning ticket",
            trigger: "#club_raffle_code",
            run(helpers) {
                helpers.anchor.value = document.querySelector("[name=club_raffle_winner] .font-monospace").textContent;
            },
        },
        { content: "Look it up", trigger: "form[name=club_raffle_lookup] button", run: "click", expectUnloadPage: true },
        { content: "It was drawn", trigger: "[name=club_raffle_found]:contains(It was drawn for place 1)" },
        { content: "Three steps to check it", trigger: "a[href$='/verify_raffle.py']" },
        { content: "All that was published", trigger: "a:contains(All that was published)", run: "click", expectUnloadPage: true },
        { content: "Every step", trigger: "[name=club_raffle_step]:contains(The winners are drawn)" },
    ],
});
