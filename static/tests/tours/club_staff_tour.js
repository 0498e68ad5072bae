import { registry } from "@web/core/registry";

// From an empty company to the first rule that the manager makes by hand.
registry.category("web_tour.tours").add("club_staff_first_rule", {
    steps: () => [
        { content: "the home page says what to do", trigger: '.o_view_nocontent a:contains("Set Up a Club")', run: "click" },
        { content: "a florist", trigger: '.modal .o_field_radio input[data-value="florist"]', run: "click" },
        { content: "next", trigger: ".modal footer button[name='action_next']:visible", run: "click" },
        { content: "its name", trigger: ".modal .o_field_widget[name='name'] input:visible", run: "edit Tour Club" },
        { content: "what a point is called", trigger: ".modal .o_field_widget[name='point_name'] input:visible", run: "edit Petals" },
        { content: "next", trigger: ".modal footer button[name='action_next']:visible", run: "click" },
        { content: "rules are proposed", trigger: ".modal .o_field_widget[name='rule_ids'] .o_data_row:visible" },
        { content: "next", trigger: ".modal footer button[name='action_next']:visible", run: "click" },
        { content: "rewards are proposed", trigger: ".modal .o_field_widget[name='reward_ids'] .o_data_row:visible" },
        { content: "next", trigger: ".modal footer button[name='action_next']:visible", run: "click" },
        { content: "what it costs, in words", trigger: ".modal .o_field_widget[name='explanation'] li" },
        { content: "create it", trigger: ".modal footer button[name='action_create']:visible", run: "click" },
        { content: "the club is there", trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name='name'] input:value(Tour Club)" },
        { content: "to the rules", trigger: 'button[data-menu-xmlid="customer_club.club_menu_earning"]', run: "click" },
        { content: "rules", trigger: '[data-menu-xmlid="customer_club.club_menu_earning_rules"]', run: "click" },
        { content: "a new one", trigger: ".o_list_view .o_list_button_add, .o_control_panel .o_list_button_add", run: "click" },
        { content: "named", trigger: ".o_form_view .o_field_widget[name='name'] input", run: "edit Ten for every bouquet" },
        { content: "ten points", trigger: ".o_form_view .o_field_widget[name='points'] input", run: "edit 10" },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "saved", trigger: ".o_form_view .o_form_saved" },
        { content: "it reads back as a sentence", trigger: ".o_form_view .o_field_widget[name='sentence']:contains('10')" },
        { content: "home", trigger: '[data-menu-xmlid="customer_club.club_menu_home"]', run: "click" },
        { content: "the home page shows the club", trigger: '.o_club_home .o_kanban_record:contains("Tour Club")' },
        { content: "what is next: members", trigger: ".o_club_home button[data-todo='setup_members']", run: "click" },
        { content: "the empty list of members", trigger: ".o_list_view" },
    ],
});
