/** The way of a manager: from nothing to a working club with its first rule. */
import { registry } from "@web/core/registry";

const next = (content, question) => [
    { content, trigger: ".modal button[name=action_next]:visible", run: "click" },
    { trigger: `.modal h3:visible:contains(${question})` },
];

registry.category("web_tour.tours").add("club_set_up_a_club", {
    url: "/odoo/action-customer_club.club_setup_wizard_action",
    steps: () => [
        { trigger: ".modal h3:visible:contains(What kind of shop)" },
        {
            content: "A grocery",
            trigger: ".modal .o_field_widget[name=template] input[data-value=grocery]",
            run: "click",
        },
        ...next("Take the template", "Who may join"),
        {
            content: "Give it a name",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Tour Basket",
        },
        ...next("See how members earn", "How do members earn"),
        { trigger: ".modal .o_field_widget[name=rule_ids] td:contains(Big basket)" },
        { trigger: ".modal .o_field_widget[name=tier_ids] td:contains(Family)" },
        ...next("See what points are good for", "What are points good for"),
        { trigger: ".modal .o_field_widget[name=reward_ids] td:contains(Pay with points)" },
        ...next("See what it costs", "What will it cost"),
        { trigger: ".modal .o_field_widget[name=explanation] li:contains(of the purchase)" },
        { content: "Create it", trigger: ".modal button[name=action_create]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=tier_ids] td:contains(Family)" },
        {
            content: "Go to the rules",
            trigger: ".o_form_view:not(:has(.modal))",
            run: () => {
                window.location = "/odoo/action-customer_club.club_earn_rule_action";
            },
            expectUnloadPage: true,
        },
        { content: "The first rule", trigger: ".o_data_row td:contains(Big basket)" },
    ],
});
