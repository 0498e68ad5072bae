"""What a fact earned is taken back when the fact no longer holds, once, and what it had not earned yet never comes."""

from datetime import datetime

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

    def test_what_has_expired_is_not_taken_a_second_time(self):
        """Nor from points that were earned by something else; what was spent of it before is owed."""
        self.earn_rule("custom", 10, expiry_months=1)
        vals = {"member_id": self.member.id, "type": "custom", "occurred_at": datetime(2025, 1, 1)}
        gone = self.env["club.event"]._report([{**vals, "key": "kiosk,7"}])
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire()
        used = self.env["club.event"]._report([{**vals, "key": "kiosk,8"}])
        entry = used.entry_ids
        self.post(-4, "used", lots=entry.lot_ids.ids, only=True)
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire()
        self.post(7, "other")
        self.assertEqual(self.member.card_id.points, 7)
        gone._revoke("Taken down")
        self.assertEqual(self.member.card_id.points, 7)
        for _twice in range(2):
            used._revoke("Taken down")
            self.assertEqual(self.member.card_id.points, 3)
        self.assertInvariantsHold()

    def test_what_had_expired_before_it_was_merged_is_not_taken_from_the_heir(self):
        """never 13."""
        self.earn_rule("custom", 10, expiry_months=1)
        fact = self.report("kiosk,9")
        self.post(3, "heirs", member=self.member_2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner_2
        )
        last_day = fact.entry_ids.filtered(lambda entry: entry.kind == "earn").expires_on
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire(last_day)
        fact._revoke("Taken down")
        self.assertEqual(self.member_2.card_id.points, 3)
        self.assertInvariantsHold()
