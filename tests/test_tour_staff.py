"""Staff walk through their pages in a real browser."""

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

# Debian's package of Odoo leaves out this file, which blurs one's video background; the backend's assets say so.
LEFT_OUT = "selfie_segmentation"


@tagged("post_install", "-at_install")
class TestStaffTours(HttpCase):
    """A manager sets up a club."""

    def setUp(self):
        super().setUp()
        handle_console = ChromeBrowser._handle_console

        def handle(browser, type, args=None, **values):
            if type == "error" and LEFT_OUT in str(args):
                type = "warning"
            return handle_console(browser, type, args=args, **values)

        self.patch(ChromeBrowser, "_handle_console", handle)

    def test_from_nothing_to_a_club_with_its_first_rule(self):
        self.start_tour("/odoo/action-customer_club.club_setup_wizard_action", "club_set_up_a_club", login="admin")
        club = self.env["club.club"].search([("name", "=", "Tour Basket")])
        self.assertEqual(len(club), 1)
        self.assertEqual(club.tier_ids.sorted("threshold").mapped("name"), ["Shopper", "Regular", "Family"])
        self.assertEqual(self.env["club.earn.rule"].search_count([("club_id", "=", club.id)]), 3)
