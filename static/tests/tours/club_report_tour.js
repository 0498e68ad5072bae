import { registry } from "@web/core/registry";

/** A manager opens a report and looks at what is behind a number. */
registry.category("web_tour.tours").add("club_report", {
    steps: () => [
        { content: "open the report", trigger: ".o_kanban_record:contains(Toured Report)", run: "click" },
        { content: "it has its chart", trigger: ".o_club_report section[data-block=growth] svg" },
        { content: "and its table", trigger: ".o_club_report section[data-block=growth] tbody tr" },
        { content: "open what is behind the total", trigger: "section[data-block=growth] button[data-drill$=total]", run: "click" },
        { content: "the members who joined", trigger: ".o_list_view .o_data_row:contains(Anna)" },
    ],
});
