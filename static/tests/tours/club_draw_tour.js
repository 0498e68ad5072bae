/** A draw: the manager sees what it costs and opens it; a member plays, and the wheel stops at what was won. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_draw_open", {
    steps: () => [
        { content: "The draw", trigger: ".o_form_view .alert:contains(A play costs 10 Points)" },
        { content: "The odds of each prize", trigger: ".o_field_widget[name='prize_ids'] .o_data_cell:contains(1 in 10)" },
        { content: "Make the big prize likelier", trigger: ".o_field_widget[name='prize_ids'] .o_data_row:first .o_data_cell[name='weight']", run: "click" },
        { content: "Its weight", trigger: ".o_field_widget[name='weight'] input", run: "edit 3 && click .o_form_sheet" },
        { content: "The odds follow at once", trigger: ".o_field_widget[name='prize_ids'] .o_data_cell:contains(1 in 4)" },
        { content: "So does the warning", trigger: ".alert-warning:contains(gets richer)" },
        { content: "Make it less likely again", trigger: ".o_field_widget[name='prize_ids'] .o_data_row:first .o_data_cell[name='weight']", run: "click" },
        { content: "Its weight", trigger: ".o_field_widget[name='weight'] input", run: "edit 1 && click .o_form_sheet" },
        { content: "The warning goes", trigger: ".o_form_view:not(:has(.alert-warning:visible))" },
        { content: "Save and open it", trigger: "button[name='action_open']:visible:first", run: "click" },
        { content: "It is open", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Open)" },
        { content: "Its odds cannot be changed any more", trigger: ".o_field_widget[name='prize_ids']:not(:has(.o_field_x2many_list_row_add))" },
    ],
});

tours.add("club_draw_win", {
    url: "/my/club",
    steps: () => [
        { content: "To the draws", trigger: "[name=club_spend_links] a:contains(Draws)", run: "click", expectUnloadPage: true },
        { content: "The draw", trigger: "[name=club_draw] a:contains(Wheel of Roses):contains(10 Points)", run: "click", expectUnloadPage: true },
        { content: "How likely it is", trigger: "[name=club_draw_odds]:contains(50 Points):contains(1 in 10)" },
        { content: "What it takes and what is left", trigger: "[name=club_draw_cost]:contains(takes 10 Points):contains(keep 90 Points)" },
        { content: "Play", trigger: "form[name=club_draw_play] button", run: "click", expectUnloadPage: true },
        { content: "The wheel came to rest at what was won", trigger: ".o_club_draw_done [name=club_draw_outcome]:contains(You have won: 50 Points)" },
        { content: "It is there already", trigger: ".o_club_draw_text:contains(You can spend 140 Points)" },
        { content: "Back to the draw", trigger: "a:contains(Back to the draw)", run: "click", expectUnloadPage: true },
        { content: "My plays", trigger: "[name=club_draw_played]:contains(50 Points)" },
    ],
});
