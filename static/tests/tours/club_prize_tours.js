/** Prizes: a member chooses one on a phone and gets it; staff hands one over at the counter. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_prize_choose", {
    url: "/my/club",
    steps: () => [
        { content: "How to use points", trigger: "[name=club_spend_links] a:contains(Prizes)", run: "click", expectUnloadPage: true },
        { content: "What is too dear says what is missing", trigger: "[name=club_prize]:contains(Tour Journey):contains(750 Points more needed)" },
        { content: "Only codes", trigger: "nav a:contains(Codes)", run: "click", expectUnloadPage: true },
        { content: "The others are gone", trigger: ".o_portal_wrap:not(:contains(Tour Journey))" },
        { content: "Look at one", trigger: "[name=club_prize]:contains(Tour Song) a", run: "click", expectUnloadPage: true },
        { content: "It says what is left afterwards", trigger: "[name=club_prize_after]:contains(150 Points)" },
        { content: "Take it", trigger: "form[name=club_prize_redeem] button", run: "click", expectUnloadPage: true },
        { content: "It is there", trigger: ".alert-success:contains(It is yours)" },
        { content: "With its code", trigger: "[name=club_redemption_code]:contains(TOUR-SONG-1)" },
        { content: "To all prizes", trigger: ".breadcrumb a:contains(My prizes)", run: "click", expectUnloadPage: true },
        { content: "The list shows no code", trigger: "[name=club_redemption]:contains(Tour Song):contains(You have it):not(:contains(TOUR-SONG-1))" },
    ],
});

tours.add("club_prize_cancel", {
    url: "/my/club",
    steps: () => [
        { content: "The page says what is ready", trigger: "[name=club_step]:contains(Tour Wrapping is ready) a", run: "click", expectUnloadPage: true },
        { content: "And how to get it", trigger: "[name=club_redemption_next]:contains(Say the number)" },
        { content: "Cancel it", trigger: "form[name=club_redemption_cancel] button:contains(get 100 Points back)", run: "click", expectUnloadPage: true },
        { content: "It is", trigger: "[name=club_redemption_state]:contains(Cancelled)" },
    ],
});

tours.add("club_prize_hand_over", {
    steps: () => [
        { content: "The home page says what is to do", trigger: "button[data-todo='prizes_ready']", run: "click" },
        { content: "One click", trigger: ".o_data_row:contains(Tour Wrapping) button[name=action_hand_over]", run: "click" },
        { content: "It is handed over", trigger: ".o_list_view:not(:contains(Tour Wrapping))" },
    ],
});

tours.add("club_prize_counter", {
    steps: () => [
        { content: "On the member", trigger: "button[name=action_open_redeem]", run: "click" },
        { content: "What the member can have", trigger: ".modal .o_field_widget[name=prize_id] input", run: "edit Tour Wrap" },
        { content: "Choose it", trigger: ".o-autocomplete--dropdown-item a:contains(Tour Wrapping)", run: "click" },
        { content: "It says what is left", trigger: ".modal .o_field_widget[name=after]:contains(50)" },
        { content: "Give it", trigger: ".modal button[name=action_redeem]", run: "click" },
        { content: "Done", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Delivered)" },
    ],
});
