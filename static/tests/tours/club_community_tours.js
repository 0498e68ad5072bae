/** A contest: a member opts in under a nickname and sees the place; staff close it, and the prize arrives. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_contest_take_part", {
    url: "/my/club",
    steps: () => [
        { content: "The page says what can be done", trigger: "a:contains(Look at it)", run: "click", expectUnloadPage: true },
        { content: "What can be won", trigger: "[name=club_contest_prize]:contains(50 Points)" },
        { content: "Nobody leads yet", trigger: "p:contains(Nobody has a place yet)" },
        { content: "A nickname", trigger: "input[name=nickname]", run: "edit Tour Rosie" },
        { content: "Nothing is ticked beforehand", trigger: "input[name=consent]:not(:checked)", run: "check" },
        { content: "Take part", trigger: "form[name=club_contest_join] button", run: "click", expectUnloadPage: true },
        { content: "It worked", trigger: ".alert-success:contains(You take part)" },
        { content: "The own place", trigger: "[name=club_contest_mine]:contains(You are number 1 of 1)" },
        { content: "It stands on the board", trigger: "[name=club_contest_row]:contains(Tour Rosie):contains(You)" },
    ],
});

tours.add("club_contest_close", {
    steps: () => [
        { content: "The home page says what is to do", trigger: "button[data-todo='contests']", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Tour Visits)", run: "click" },
        { content: "Who leads", trigger: ".o_form_view .o_field_widget[name='standing_ids'] .o_data_row:contains(Tour Rosie)" },
        { content: "Close it", trigger: "button[name='action_close']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(frozen for ever) .btn-primary", run: "click" },
        { content: "Everything is given", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Prizes given)" },
        { content: "Nothing can be changed any more", trigger: ".o_form_view .o_field_widget[name='name'].o_readonly_modifier" },
        { content: "Verify it", trigger: "button[name='action_verify']", run: "click" },
        { content: "It holds", trigger: ".o_notification:contains(as they were when the contest closed)" },
    ],
});

tours.add("club_contest_prize_arrives", {
    url: "/my/club",
    steps: () => [
        { content: "The points are there", trigger: ".o_portal_wrap:contains(50 Points)" },
        { content: "To the contests", trigger: "[name=club_links] a:contains(Contests)", run: "click", expectUnloadPage: true },
        { content: "The contest is over", trigger: "[name=club_contest]:contains(Tour Visits):contains(Prizes given)", run: "click", expectUnloadPage: true },
        { content: "What was won", trigger: "[name=club_contest_won]:contains(50 Points)" },
        { content: "The place stays", trigger: "[name=club_contest_row]:contains(Tour Rosie)" },
    ],
});
