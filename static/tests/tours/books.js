/** The books: set up, an estimate with two persons, preview, post, from the account to the purchase and back. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_books_setup", {
    steps: () => [
        { content: "The books of the club", trigger: ".o_notebook .nav-link[name='books']", run: "click" },
        { content: "What is missing", trigger: ".o_field_widget[name='book_checklist']:contains(To do)" },
        { content: "Propose", trigger: "button[name='action_propose_books']", run: "click" },
        { content: "Accounts are there", trigger: ".o_field_widget[name='book_checklist']:contains(The accounts are chosen)" },
    ],
});

tours.add("club_books_propose", {
    steps: () => [
        { content: "Propose", trigger: "button[name='action_propose']", run: "click" },
        { content: "It waits", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Waits for approval)" },
    ],
});

tours.add("club_books_approve", {
    steps: () => [
        { content: "Approve", trigger: "button[name='action_approve']", run: "click" },
        { content: "Approved", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)" },
    ],
});

tours.add("club_books_close", {
    steps: () => [
        { content: "The home page says what is due", trigger: "button[data-todo='books_due']", run: "click" },
        { content: "A close", trigger: ".o_list_button_add", run: "click" },
        { content: "Compute saves it", trigger: ".o_form_button_save", run: "click" },
        { content: "Compute", trigger: "button[name='action_compute']", run: "click" },
        { content: "The entry as it will look", trigger: ".o_field_widget[name='preview'] td:contains(Put aside for points)" },
        { content: "Post", trigger: "button[name='action_post']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(Reversing is the only way back) .btn-primary", run: "click" },
        { content: "Posted", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)" },
        { content: "The account's balance", trigger: "button[name='action_view_liability']", run: "click" },
        { content: "Its line", trigger: ".o_list_view .o_data_row .o_data_cell:contains(Put aside for points)", run: "click" },
        { content: "Where it is from", trigger: ".o_notebook .nav-link:contains(Accounting documents)", run: "click" },
        { content: "Its entry", trigger: ".o_form_view .o_field_widget[name='move_id'] a", run: "click" },
        { content: "The close that posted it", trigger: "button[name='action_view_club_close']", run: "click" },
        { content: "Its cohorts", trigger: ".o_notebook .nav-link[name='cohorts']", run: "click" },
        { content: "What was put aside", trigger: "button[name='action_view_deferrals']", run: "click" },
        { content: "A deferral", trigger: ".o_list_view .o_data_row .o_data_cell[name='date']", run: "click" },
        { content: "Its entry in the ledger", trigger: ".o_form_view .o_field_widget[name='entry_id'] a", run: "click" },
        { content: "The purchase", trigger: "button[name='action_open_origin']", run: "click" },
        { content: "It is the order", trigger: ".o_form_view .o_field_widget[name='order_line']" },
        { content: "Back to the entry", trigger: ".breadcrumb-item a:last", run: "click" },
        { content: "It is the entry again", trigger: ".o_form_view button[name='action_open_origin']" },
    ],
});

tours.add("club_books_ties", {
    steps: () => [
        { content: "All is green", trigger: ".o_form_view .alert-success:contains(All tie out)" },
        { content: "The value", trigger: ".o_data_row:contains(Ledger value and liability account):contains(Ties out)" },
        { content: "The records behind", trigger: ".o_data_row:contains(Ledger value and liability account) button .fa-check-circle, .o_data_row:contains(Ledger value and liability account) button.fa-check-circle", run: "click" },
        { content: "The account's lines", trigger: ".o_list_view .o_data_cell:contains(Put aside for points)" },
    ],
});
