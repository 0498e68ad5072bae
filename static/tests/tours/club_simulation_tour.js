import { registry } from "@web/core/registry";

// A manager tries a rule on last year and sees its cost.
registry.category("web_tour.tours").add("club_simulation_last_year", {
    steps: () => [
        { content: "to marketing", trigger: 'button[data-menu-xmlid="customer_club.club_menu_marketing"]', run: "click" },
        { content: "simulations", trigger: '[data-menu-xmlid="customer_club.club_menu_simulation"]', run: "click" },
        { content: "a new one", trigger: ".o_control_panel .o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_form_view .o_field_widget[name='name'] input", run: "edit Triple points" },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "two set-ups are there", trigger: ".o_field_widget[name='setup_ids'] .o_data_row:contains(Try-out)" },
        {
            content: "open the copy",
            trigger: ".o_field_widget[name='setup_ids'] .o_data_row:contains(Try-out) button[name='action_open']",
            run: "click",
        },
        {
            content: "change a copy of the rule",
            trigger: ".o_field_widget[name='rule_ids'] .o_data_row:contains(Points for flowers) button[name='action_change']",
            run: "click",
        },
        { content: "three points", trigger: ".modal .o_field_widget[name='points'] input", run: "edit 3" },
        { content: "save the copy", trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "what would change",
            trigger: "body:not(:has(.modal)) .o_field_widget[name='changes']:contains(Switched on)",
        },
        { content: "back to the simulation", trigger: ".o_breadcrumb .breadcrumb-item:contains(Triple points) a, .breadcrumb .o_back_button a, .o_breadcrumb a:contains(Triple points)", run: "click" },
        { content: "run it", trigger: "button[name='action_run']:contains(Run)", run: "click" },
        { content: "it says what it costs", trigger: ".o_field_widget[name='sentence']:contains(of sales)" },
        { content: "side by side", trigger: ".o_field_widget[name='body'] td:contains(Difference)" },
        { content: "with charts", trigger: ".o_field_widget[name='body'] img" },
    ],
});
