/** A suggestion goes from the portal to acceptance to points; and several at a time are answered in the list. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_feedback_suggest", {
    url: "/my/club",
    steps: () => [
        {
            content: "From the overview",
            trigger: "[name=club_links] a[href$='/feedback']",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "An empty page says what will be there", trigger: "[name=club_feedback_empty]" },
        {
            trigger: "a[name=club_feedback_new]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "input#club_kind_suggestion", run: "check" },
        { trigger: "input#club_subject", run: "edit Open on Sundays" },
        { trigger: "textarea#club_text", run: "edit I have time then." },
        {
            content: "Send",
            trigger: "form[name=club_feedback_form] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "It was received", trigger: "[role=status]:contains(We have received it)" },
        { content: "And will be answered", trigger: "[name=club_feedback_next]:contains(answers by)" },
    ],
});

tours.add("club_feedback_judge", {
    steps: () => [
        { content: "The home page says it", trigger: ".o_club_home button[data-todo='feedback']:contains(1)", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Open on Sundays)", run: "click" },
        { content: "What was said", trigger: ".o_form_view .o_field_widget[name='text']:contains(I have time then)" },
        {
            content: "Four stars",
            trigger: ".o_form_view .o_field_widget[name='usefulness'] a:eq(3)",
            run: "click",
        },
        { content: "They are given", trigger: ".o_form_view .o_field_widget[name='usefulness'] a:eq(3).fa-star" },
        { content: "Accept", trigger: ".o_form_view button[name='action_accept']", run: "click" },
        {
            content: "It is accepted",
            trigger: ".o_form_view .o_arrow_button_current:contains(Accepted)",
        },
        { content: "And brought points", trigger: "button[name='action_open_reward']:contains(20)", run: "click" },
        { content: "In the ledger", trigger: ".o_list_view .o_data_row" },
    ],
});

tours.add("club_feedback_rewarded", {
    url: "/my/club",
    steps: () => [
        { content: "The points are there", trigger: "[name=club_points]:text(20 Points)" },
        {
            trigger: "[name=club_links] a[href$='/feedback']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[name=club_feedback_row]:contains(Open on Sundays)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_feedback_state]:contains(Accepted)" },
        { content: "What it brought", trigger: "[name=club_feedback_reward]:contains(+20 Points)" },
        { content: "And what we wrote", trigger: "[name=club_feedback_message]:contains(We have accepted)" },
        { trigger: "textarea#club_reply", run: "edit Thank you!" },
        {
            trigger: "form[name=club_feedback_reply] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_feedback_message]:contains(Thank you!)" },
    ],
});

tours.add("club_feedback_bulk", {
    steps: () => [
        { content: "To the feedback", trigger: "[data-menu-xmlid='customer_club.club_menu_feedback']", run: "click" },
        { content: "All of it", trigger: ".o_list_view .o_list_record_selector input", run: "check" },
        { content: "Say the same", trigger: ".o_control_panel button:contains(Merge), .o_list_view button:contains(Merge)", run: "click" },
        { content: "The earliest stands for all", trigger: ".modal .o_field_widget[name='main_id'] input:value(Parking)" },
        { trigger: ".modal footer button[name='action_merge']", run: "click" },
        { content: "It has a duplicate", trigger: ".o_form_view button[name='action_open_duplicates']:contains(1)" },
        { content: "Decline", trigger: ".o_form_view button[name='action_decline']", run: "click" },
        { trigger: ".modal .o_field_widget[name='answer'] textarea", run: "edit There is no room." },
        { trigger: ".modal .o_field_widget[name='answer_all'] input", run: "check" },
        { trigger: ".modal footer button[name='action_decide']", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name='answer']:contains(There is no room)" },
    ],
});
