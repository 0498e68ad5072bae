"""Leaving a club and coming back."""

from freezegun import freeze_time
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLeaving(ClubCase):
    """A member leaves, and perhaps returns."""

    def run_job(self, name):
        with self.jobs_in_test():
            return getattr(self.env["club.member"], name)()

    def test_points_expire_at_once_where_the_club_says_so(self):
        self.post(100, "l:1")
        self.post(20, "l:2", pending=True)
        self.member._leave("Moved away")
        self.assertEqual((self.member.state, self.member.active), ("left", False))
        self.assertEqual(self.member.points, 0)
        self.assertEqual(self.member.points_pending, 0)
        self.assertFalse(self.member.card_id.active)
        self.assertFalse(self.club._get_member(self.partner))
        self.assertInvariantsHold()

    def test_kept_points_are_found_again_in_time(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.post(100, "l:1")
        self.member._leave()
        self.assertEqual(self.member.points, 100)
        self.run_job("_cron_expire_left")
        again = self.club._enrol(self.partner)
        self.assertEqual(again, self.member)
        self.assertEqual((again.state, again.points, again.card_id.active), ("active", 100, True))

    def test_kept_points_expire_when_the_days_are_over(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.post(100, "l:1", date="2025-12-01")
        with freeze_time("2026-01-01 12:00:00"):
            self.member._leave()
        with freeze_time("2026-01-31 11:00:00"):
            self.run_job("_cron_expire_left")
            self.assertEqual(self.member.points, 100)
        with freeze_time("2026-01-31 12:00:00"):
            self.run_job("_cron_expire_left")
            self.assertEqual(self.member.points, 0)
            self.run_job("_cron_expire_left")
        self.assertEqual(len(self.member.entry_ids.filtered(lambda entry: entry.kind == "expire")), 1)
        self.assertInvariantsHold()

    def test_leaving_twice_is_leaving_once(self):
        self.post(10, "l:1")
        self.member._leave()
        self.member._leave()
        self.assertEqual(len(self.member.entry_ids), 2)

    def test_coming_back_brings_no_second_join_event(self):
        """abuse.md 8: earn, spend, return, leave, rejoin."""
        before = self.env["club.event"].search_count([("member_id", "=", self.member.id), ("type", "=", "join")])
        self.member._leave()
        self.club._join(self.partner)
        after = self.env["club.event"].search_count([("member_id", "=", self.member.id), ("type", "=", "join")])
        self.assertEqual(self.member.state, "active")
        self.assertEqual(before, after)

    def test_a_debt_waits_for_who_comes_back(self):
        entry = self.post(50, "l:1")
        self.post(-50, "l:2")
        entry._reverse()
        self.assertEqual(self.member.points, -50)
        self.member._leave()
        self.club._enrol(self.partner)
        self.assertEqual(self.member.points, -50)
        self.assertInvariantsHold()

    def test_the_tier_ends_and_the_starter_tier_begins_anew(self):
        bronze, gold = self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Bronze", "threshold": 0},
                {"club_id": self.club.id, "name": "Gold", "threshold": 10},
            ]
        )
        self.club.tier_window = "lifetime"
        self.post(10, "l:1")
        self.env.cr.flush()
        self.assertEqual(self.member.tier_id, gold)
        self.member._leave()
        self.assertFalse(self.member.tier_id)
        self.assertEqual(self.member.tier_history_ids.sorted("id")[-1].reason, "leave")
        self.club._enrol(self.partner)
        self.assertIn(self.member.tier_id, bronze | gold)

    def test_marketing_consent_ends_with_the_membership(self):
        self.member.consent_marketing = True
        self.member._leave()
        self.assertFalse(self.member.consent_marketing)
        self.club._join(self.partner)
        self.assertFalse(self.member.consent_marketing)

    def test_the_wizard_says_what_is_lost_before_anything_happens(self):
        self.post(100, "l:1")
        self.post(20, "l:2", pending=True)
        wizard = self.env["club.leave.wizard"].create({"member_id": self.member.id})
        self.assertIn("100 Points and 20 pending", wizard.consequences)
        self.assertEqual(self.member.state, "active")
        wizard.action_confirm()
        self.assertEqual(self.member.state, "left")

    def test_the_wizard_names_the_day_until_which_points_are_kept(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        with freeze_time("2026-01-01 12:00:00"):
            wizard = self.env["club.leave.wizard"].create({"member_id": self.member.id})
            self.assertIn("2026-01-31", wizard.consequences)

    def test_who_left_cannot_spend(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.post(100, "l:1")
        self.member._leave()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [(0, 0, {"product_id": self.product.id})],
            }
        )
        order._update_programs_and_rewards()
        rewards = order._get_claimable_rewards()
        self.assertFalse([card for card in rewards if card.program_id == self.club.program_id])

    def test_a_club_with_members_is_archived_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.club.unlink()
