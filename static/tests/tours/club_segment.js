import { registry } from "@web/core/registry";

// Two conditions, without code; the count and the chart are there; then the list is frozen.
const about = (value) => ({
    content: `about: ${value}`,
    trigger: ".modal .o_field_widget[name='kind'] :is(select, input)",
    run(helpers) {
        return this.anchor.tagName === "SELECT"
            ? helpers.selectByLabel(value, this.anchor)
            : helpers.click(this.anchor);
    },
});
const choose = (value) => ({
    content: `chosen: ${value}`,
    trigger: `.modal .o_field_widget[name='kind'] select, .o_select_menu_item:contains(${value})`,
    run(helpers) {
        return this.anchor.tagName === "SELECT" ? undefined : helpers.click(this.anchor);
    },
});
const add = { content: "add a condition", trigger: ".o_field_widget[name='condition_ids'] .o_field_x2many_list_row_add a", run: "click" };
const keep = { content: "keep it", trigger: ".modal .o_form_button_save", run: "click" };

registry.category("web_tour.tours").add("club_segment", {
    steps: () => [
        { content: "to marketing", trigger: 'button[data-menu-xmlid="customer_club.club_menu_marketing"]', run: "click" },
        { content: "segments", trigger: '[data-menu-xmlid="customer_club.club_menu_segment"]', run: "click" },
        { content: "an empty list offers ready-made ones", trigger: ".o_view_nocontent a:contains(Ready-made Segments)" },
        { content: "a new one", trigger: ".o_control_panel .o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_form_view .o_field_widget[name='name'] input", run: "edit Good customers" },
        { content: "everybody, so far", trigger: "div[name='answer']:contains(Every member of the club):contains('Members: 3')" },
        add,
        { content: "a purchase in 90 days is proposed", trigger: ".modal .o_field_widget[name='sentence']:contains(bought in the last 90 days)" },
        { content: "twice", trigger: ".modal .o_field_widget[name='value'] input", run: "edit 2 && press Tab" },
        { content: "it reads back", trigger: ".modal .o_field_widget[name='sentence']:contains(bought at least 2 times in the last 90 days)" },
        keep,
        { content: "two did", trigger: "body:not(:has(.modal)) div[name='answer']:contains('Members: 2')" },
        add,
        about("Points they can spend"),
        choose("Points they can spend"),
        { content: "how many", trigger: ".modal .o_field_widget[name='sentence']:contains(can spend)" },
        { content: "from 100", trigger: ".modal .o_field_widget[name='value'] input", run: "edit 100 && press Tab" },
        { content: "it reads back", trigger: ".modal .o_field_widget[name='sentence']:contains(at least 100)" },
        keep,
        { content: "one is left", trigger: "body:not(:has(.modal)) div[name='answer']:contains('Members: 1'):contains(, and can spend at least 100)" },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "the chart", trigger: ".o_form_saved .nav-link[name='chart']", run: "click" },
        { content: "is drawn", trigger: ".o_field_widget[name='chart'] svg" },
        { content: "freeze", trigger: "button[name='action_freeze']", run: "click" },
        { content: "yes", trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { content: "it is a list", trigger: "body:not(:has(.modal)) button[name='action_thaw']" },
        { content: "with one member", trigger: "div[name='answer']:contains(Members on a list):contains('Members: 1')" },
        { content: "who it is", trigger: ".nav-link[name='preview']", run: "click" },
        { content: "Anna", trigger: ".o_field_widget[name='preview_ids']:contains(Anna)" },
    ],
});

registry.category("web_tour.tours").add("club_segment_ready_made", {
    steps: () => [
        { content: "ready-made ones", trigger: ".o_view_nocontent a:contains(Ready-made Segments)", run: "click" },
        { content: "unused points", trigger: ".modal .o_data_row:contains(Unused points) .o_field_widget[name='chosen'] input", run: "click" },
        { content: "make it", trigger: ".modal button[name='action_make']", run: "click" },
        { content: "it is there", trigger: "body:not(:has(.modal)) .o_form_view div[name='answer']:contains(can spend at least)" },
    ],
});

registry.category("web_tour.tours").add("club_rfm", {
    steps: () => [
        { content: "the grid", trigger: ".o_club_rfm table" },
        { content: "two stand together", trigger: ".o_club_rfm_open:contains(2)", run: "click" },
        { content: "these", trigger: ".o_list_view .o_data_row:contains(Anna)" },
        { content: "back", trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { content: "groups have names", trigger: ".o_club_rfm_open_group:contains(Champions)", run: "click" },
        { content: "its members", trigger: ".o_list_view .o_data_row:contains(Anna)" },
        { content: "back again", trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { content: "make a segment of it", trigger: ".o_club_rfm td:contains(2) .o_club_rfm_make", run: "click" },
        { content: "it reads", trigger: ".o_form_view div[name='answer']:contains(score recency 5 and frequency 4):contains('Members: 2')" },
    ],
});
