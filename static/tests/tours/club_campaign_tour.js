import { registry } from "@web/core/registry";

const field = (name) => `.o_form_view .o_field_widget[name='${name}']`;
const choose = (name, label) => [
    { content: `open ${name}`, trigger: `${field(name)} input`, run: "click" },
    { content: label, trigger: `.o_select_menu_item:contains(${label})`, run: "click" },
];

// A win-back campaign with a control group, from the menu alone.
registry.category("web_tour.tours").add("club_campaign_win_back", {
    steps: () => [
        { content: "marketing", trigger: 'button[data-menu-xmlid="customer_club.club_menu_marketing"]', run: "click" },
        { content: "campaigns", trigger: '[data-menu-xmlid="customer_club.club_campaign_menu"]', run: "click" },
        { content: "a new one", trigger: ".o_control_panel .o-kanban-button-new, .o_control_panel .o_list_button_add", run: "click" },
        { content: "its name", trigger: `${field("name")} input`, run: "edit Come back" },
        { content: "why", trigger: `${field("goal")} input`, run: "edit Ten more buyers" },
        ...choose("trigger", "After so many days of silence"),
        { content: "sixty days", trigger: `${field("trigger_days")} input`, run: "edit 60" },
        ...choose("action", "Bonus points"),
        { content: "fifty points", trigger: `${field("points")} input`, run: "edit 50 && press Tab" },
        { content: "forty of a hundred get nothing", trigger: `${field("control_share")} input`, run: "edit 40 && press Tab" },
        { content: "it reads back", trigger: `${field("sentence")}:contains(After 60 days without a purchase)` },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "saved", trigger: ".o_form_saved" },
        { content: "look before it starts", trigger: ".nav-link[name='before']", run: "click" },
        { content: "how many", trigger: `${field("preview")}:contains(who come in today)` },
        { content: "an example", trigger: `${field("preview")} blockquote:contains(50 Points are on your account)` },
        { content: "schedule", trigger: "button[name='action_schedule']", run: "click" },
        { content: "yes", trigger: ".modal-footer .btn-primary", run: "click" },
        { content: "run", trigger: "body:not(:has(.modal)) button[name='action_run_now']", run: "click" },
        { content: "it runs, and says nothing yet", trigger: `${field("outcome")}:contains(Too early to say)` },
        { content: "the funnel", trigger: `${field("numbers")} svg` },
        { content: "members", trigger: ".oe_stat_button:contains(Members)", run: "click" },
        { content: "who is where", trigger: ".o_list_view .o_group_header:contains(Control group)" },
    ],
});

registry.category("web_tour.tours").add("club_campaign_result", {
    steps: () => [
        { content: "the home page asks", trigger: "button[data-todo='campaigns']", run: "click" },
        { content: "open it", trigger: ".o_data_row:contains(Come back) .o_data_cell:first", run: "click" },
        { content: "in words", trigger: `${field("outcome")}:contains(of 100 who were not)` },
        { content: "surely", trigger: `${field("outcome")}:contains(surely between)` },
        { content: "read", trigger: "button[name='action_read_result']", run: "click" },
        { content: "it is read", trigger: ".o_form_view:not(:has(button[name='action_read_result']))" },
    ],
});
