"""What a fact earned is taken back when the fact no longer holds, once, and what it had not earned yet never comes."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestRevokedFacts(ClubCase):
    def report(self, key, process=True):
        vals = [{"member_id": self.member.id, "type": "custom", "key": key}]
        Event = self.env["club.event"].sudo()
        return Event._report(vals) if process else Event._record(vals)

    def test_a_reported_fact_earns_at_once_and_only_once(self):
        self.earn_rule("custom", 10)
        first = self.report("kiosk,1")
        self.assertEqual(self.report("kiosk,1"), first)
        self.assertEarned(10, "custom")

    def test_a_revoked_fact_gives_back_what_it_earned_once(self):
        self.earn_rule("custom", 10)
        self.earn_rule("custom", 5)
        event = self.report("kiosk,2")
        event._revoke("Taken down")
        event._revoke("Taken down")
        self.assertEarned(0, "custom")
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_spent_points_of_a_revoked_fact_become_arrears(self):
        self.earn_rule("custom", 10)
        event = self.report("kiosk,3")
        self.post(-10, "spent")
        event._revoke("Taken down")
        self.assertEqual(self.member.card_id.points, -10)
        self.assertInvariantsHold()

    def test_a_fact_revoked_before_it_earned_never_earns(self):
        self.earn_rule("custom", 10)
        event = self.report("kiosk,4", process=False)
        event._revoke("Taken down")
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertEarned(0, "custom")

    def test_what_was_revoked_frees_the_members_limit(self):
        self.earn_rule("custom", 10, limit_member=10, limit_period="lifetime")
        self.report("kiosk,5")._revoke("Taken down")
        self.report("kiosk,6")
        self.assertEarned(10, "custom")
