"""Switching notifications on and off in a browser; the browser's own push service is all that is made up."""

from unittest.mock import patch

from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.tests import tagged
from odoo.tests.common import ChromeBrowser


@tagged("post_install", "-at_install")
class TestNotificationsInABrowser(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.push_active = True

    def run_tour(self, name, setting):
        """Run a tour in a browser whose owner has allowed or refused notifications."""
        navigate_to = ChromeBrowser.navigate_to

        def decide_and_navigate(browser, url, wait_stop=False):
            browser._websocket_request(
                "Browser.setPermission",
                params={"permission": {"name": "notifications"}, "setting": setting, "origin": self.base_url()},
            )
            return navigate_to(browser, url, wait_stop=wait_stop)

        with patch.object(ChromeBrowser, "navigate_to", decide_and_navigate):
            self.start_tour(self.url("/profile"), name, login="club_anna")

    def test_on_and_off(self):
        self.run_tour("club_push_on_and_off", "granted")
        self.assertFalse(self.env["club.push.device"].search([("member_id", "=", self.member.id)]))
        consents = self.env["club.consent"].search([("member_id", "=", self.member.id), ("kind", "=", "push")])
        self.assertEqual(consents.sorted("id").mapped("given"), [True, False])

    def test_a_service_that_is_not_accepted_is_told_with_the_way_out(self):
        self.run_tour("club_push_unknown_service", "granted")
        self.assertFalse(self.env["club.push.device"].search([("member_id", "=", self.member.id)]))

    def test_a_browser_that_refuses_says_what_to_do(self):
        self.run_tour("club_push_refused", "denied")
        self.assertFalse(self.env["club.push.device"].search([("member_id", "=", self.member.id)]))
