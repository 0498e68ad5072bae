import { registry } from "@web/core/registry";

// "3 points for each full 10 € of Roses on Fridays, Gold and above, at most 500 a month", without help from elsewhere.
const SENTENCE = "3 points for each full 10 € of Roses on Fridays, Gold and above, at most 500 a month";

function reads(sentence) {
    const shown = document.querySelector(".o_form_view .o_field_widget[name='sentence']").textContent;
    return shown.replace(/\u00a0/g, " ").trim() === sentence;
}

registry.category("web_tour.tours").add("club_rule_sentence", {
    steps: () => [
        { content: "to the rules", trigger: 'button[data-menu-xmlid="customer_club.club_menu_earning"]', run: "click" },
        { content: "rules", trigger: '[data-menu-xmlid="customer_club.club_menu_earning_rules"]', run: "click" },
        { content: "a new one", trigger: ".o_control_panel .o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_form_view .o_field_widget[name='name'] input", run: "edit Roses on Fridays" },
        { content: "a purchase is proposed", trigger: ".o_field_widget[name='sentence']:contains(1 point for each full)" },
        { content: "three points", trigger: ".o_field_widget[name='points'] input", run: "edit 3" },
        { content: "for each full 10", trigger: ".o_field_widget[name='per_amount'] input", run: "edit 10" },
        { content: "of Roses", trigger: ".o_field_widget[name='product_ids'] input", run: "edit Roses" },
        { content: "these", trigger: ".o-autocomplete--dropdown-item:contains(Roses)", run: "click" },
        { content: "chosen", trigger: ".o_field_widget[name='product_ids'] .o_tag:contains(Roses)" },
        { content: "on Fridays", trigger: ".o_field_widget[name='friday'] input", run: "click" },
        { content: "Gold and above", trigger: ".o_field_widget[name='tier_from_id'] input", run: "edit Gold" },
        { content: "this one", trigger: ".o-autocomplete--dropdown-item:contains(Gold)", run: "click" },
        { content: "at most 500", trigger: ".o_field_widget[name='limit_member'] input", run: "edit 500 && press Tab" },
        { content: "a month is proposed", trigger: ".o_field_widget[name='limit_period'] :value(Month), .o_field_widget[name='limit_period'] select" },
        {
            content: "the sentence is there before anything is saved",
            trigger: ".o_field_widget[name='sentence']:contains(at most 500 a month)",
            run() {
                if (!reads(SENTENCE)) {
                    throw new Error(document.querySelector(".o_field_widget[name='sentence']").textContent);
                }
            },
        },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "saved, and switched off", trigger: ".o_form_saved .o_widget_web_ribbon:contains(Off), .o_form_view:has(.o_form_saved) .ribbon:contains(Off)" },
        { content: "switch it on", trigger: "button[name='action_switch_on']", run: "click" },
        { content: "what it would have cost", trigger: ".modal .o_field_widget[name='months'] table" },
        { content: "yes", trigger: ".modal button[name='action_confirm']", run: "click" },
        { content: "it is on", trigger: "body:not(:has(.modal)) button[name='action_switch_off']" },
    ],
});
