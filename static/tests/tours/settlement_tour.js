/** A merchant applies and a manager accepts; an accountant looks at a settlement, confirms and posts it. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_partner_apply", {
    url: "/club/partner/apply",
    steps: () => [
        { content: "The company", trigger: "input[name=name]", run: "edit Tour Bakery" },
        { content: "The person", trigger: "input[name=contact_name]", run: "edit Tina Tour" },
        { content: "The address", trigger: "input[name=email]", run: "edit tina@bakery.example" },
        { content: "The offer", trigger: "textarea[name=offer]", run: "edit Bread for points" },
        { content: "Nothing is ticked beforehand", trigger: "input[name=accept]:not(:checked)", run: "check" },
        { content: "Send it", trigger: "form[name=club_partner_apply] button", run: "click", expectUnloadPage: true },
        { content: "It has arrived", trigger: ".alert-success:contains(Your application has arrived)" },
    ],
});

tours.add("club_partner_accept", {
    steps: () => [
        { content: "The home page says what waits", trigger: "button[data-todo='partner_applications']", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Tour Bakery)", run: "click" },
        { content: "What they offer", trigger: ".o_form_view .o_field_widget[name='offer']:contains(Bread for points)" },
        { content: "Accept", trigger: "button[name='action_accept']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(becomes a partner) .btn-primary", run: "click" },
        { content: "The merchant is there", trigger: ".o_form_view .o_field_widget[name='code'] input:value(tour-bakery)" },
    ],
});

tours.add("club_settlement_post", {
    steps: () => [
        { content: "The home page says what waits", trigger: "button[data-todo='settlements']", run: "click" },
        { content: "Open it", trigger: ".o_list_view .o_data_cell:contains(Corner Bakery)", run: "click" },
        { content: "The entry of the bill", trigger: ".o_field_widget[name='preview'] h5:contains(Vendor bill)" },
        { content: "Its account", trigger: ".o_field_widget[name='preview'] td:contains(Club clearing)" },
        { content: "The commission's tax", trigger: ".o_field_widget[name='preview'] td:contains(Club sale 15)" },
        { content: "Confirm", trigger: "button[name='action_confirm']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(The lines are frozen) .btn-primary", run: "click" },
        { content: "Confirmed", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Confirmed)" },
        { content: "Post", trigger: "button[name='action_bill']", run: "click" },
        { content: "It says what that means", trigger: ".modal:contains(as the preview shows) .btn-primary", run: "click" },
        { content: "Billed", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Billed)" },
        { content: "Compare", trigger: "button[name='action_check']", run: "click" },
        { content: "It agrees", trigger: ".o_notification:contains(agrees with its voucher)" },
        { content: "The documents", trigger: "button[name='action_view_moves']", run: "click" },
        { content: "Both are posted", trigger: ".o_list_view .o_data_row:nth-child(2)" },
    ],
});
