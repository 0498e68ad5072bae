"""What members agree to is written down for ever, so nobody fills the table by changing their mind all day."""

from odoo import fields
from odoo.addons.customer_club.models.membership.club_consent import MOST_A_DAY
from odoo.addons.customer_club.tests.push_common import Browser, PushCase
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestConsentIsBounded(PushCase):
    def rows(self, kind):
        return self.env["club.consent"].search([("member_id", "=", self.member.id), ("kind", "=", kind)])

    def agree(self, kind, times):
        """Rows as they stand after so many changes of mind."""
        self.env["club.consent"].create(
            [
                {"member_id": self.member.id, "kind": kind, "given": given, "source": "portal"}
                for _time in range(times)
                for given in (True, False)
            ]
        )

    def post_choice(self, **data):
        self.authenticate("club_anna", "club_anna")
        data["csrf_token"] = Request.csrf_token(self)
        return self.url_open(self.url("/consents"), data=data)

    def test_who_changes_their_mind_all_day_is_refused_and_nothing_changes(self):
        self.member._record_consent("marketing", False, "manual")
        self.agree("marketing", MOST_A_DAY)
        before = len(self.rows("marketing"))
        page = self.post_choice(marketing="1").text
        self.assertIn("very often today", page)
        self.env.invalidate_all()
        self.assertEqual((len(self.rows("marketing")), self.member.consent_marketing), (before, False))

    def test_withdrawing_is_never_refused(self):
        self.member._record_consent("marketing", True, "manual")
        self.agree("marketing", MOST_A_DAY + 5)
        self.post_choice()
        self.env.invalidate_all()
        self.assertFalse(self.member.consent_marketing)
        self.assertFalse(self.rows("marketing")[:1].given, "and it is written down")
        before = len(self.rows("marketing"))
        self.post_choice()
        self.assertEqual(len(self.rows("marketing")), before, "the same choice again is none")

    def test_the_day_after_and_at_the_counter_it_may_be_given_again(self):
        self.member._record_consent("marketing", False, "manual")
        self.agree("marketing", MOST_A_DAY)
        self.member.with_context(tracking_disable=True)._record_consent("marketing", True, "manual")
        self.member._record_consent("marketing", False, "portal")
        with self.assertRaises(UserError):
            self.member._record_consent("marketing", True, "portal")
        self.env.cr.execute("UPDATE club_consent SET given_at = given_at - interval '25 hours'")
        self.env.invalidate_all()
        self.member._record_consent("marketing", True, "portal")
        self.assertTrue(self.member.consent_marketing)

    def test_others_are_not_held_up(self):
        self.agree("marketing", MOST_A_DAY)
        self.member_2._record_consent("marketing", False, "portal")
        self.member_2._record_consent("marketing", True, "portal")
        self.assertTrue(self.member_2.consent_marketing)

    def test_a_device_more_is_refused_before_another_is_forgotten(self):
        devices = [self.switch_on(Browser(self.service, f"/{number}")) for number in range(5)]
        self.agree("push", MOST_A_DAY)
        before = len(self.rows("push"))
        with self.assertRaisesRegex(UserError, "very often"):
            self.switch_on(Browser(self.service, "/sixth"))
        self.assertTrue(all(device.exists() for device in devices))
        self.assertEqual(len(self.rows("push")), before)
        self.member._forget_push_devices(devices[0], "portal")
        self.assertFalse(devices[0].exists())
        self.assertEqual(len(self.rows("push")), before + 1)
        self.assertEqual(self.rows("push")[:1].given_at.date(), fields.Date.today())
