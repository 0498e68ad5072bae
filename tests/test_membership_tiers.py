"""Tiers: exact thresholds, up at once, down at review."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation


@tagged("post_install", "-at_install")
class TestTiers(ClubCase):
    """Members rise at once and fall at a review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bronze, cls.silver, cls.gold = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Bronze", "threshold": 0},
                {"club_id": cls.club.id, "name": "Silver", "threshold": 100, "multiplier": 1.5},
                {"club_id": cls.club.id, "name": "Gold", "threshold": 500, "multiplier": 2},
            ]
        )
        cls.club.action_review_tiers()
        cls.count = 0

    def earn(self, points, member=None, **values):
        type(self).count += 1
        entries = self.env["club.point.entry"]._post(
            [
                {
                    "member_id": (member or self.member).id,
                    "kind": "earn",
                    "points": points,
                    "key": f"test:{self.count}",
                    **values,
                }
            ]
        )
        self.env.cr.flush()
        return entries

    def run_job(self, name):
        with self.jobs_in_test():
            return getattr(self.env["club.member"], name)()

    def test_a_review_gives_existing_members_the_starter_tier(self):
        self.assertEqual(self.member.tier_id, self.bronze)

    def test_one_point_below_the_threshold_is_below(self):
        """never.md 9: a boundary value lands on the right side."""
        self.earn(99)
        self.assertEqual(self.member.tier_id, self.bronze)
        self.earn(1)
        self.assertEqual(self.member.tier_id, self.silver)

    def test_a_member_rises_past_several_tiers_at_once(self):
        self.earn(500)
        self.assertEqual(self.member.tier_id, self.gold)
        change = self.member.tier_history_ids.sorted("id")[-1]
        self.assertEqual(
            (change.from_tier_id, change.to_tier_id, change.reason, change.measure),
            (self.bronze, self.gold, "rise", 500),
        )

    def test_pending_points_do_not_count_before_they_open(self):
        """Otherwise buying and returning would give a tier (abuse.md 8)."""
        entry = self.earn(200, pending=True)
        self.assertEqual(self.member.tier_id, self.bronze)
        entry._open()
        self.env.cr.flush()
        self.assertEqual(self.member.tier_id, self.silver)

    def test_spending_does_not_lower_a_tier(self):
        self.earn(120)
        self.env["club.point.entry"]._post(
            [{"member_id": self.member.id, "kind": "spend", "points": -120, "key": "test:spend"}]
        )
        self.env.cr.flush()
        self.assertEqual(self.club._get_tier_measures(self.member)[self.member.id], 120)
        self.assertEqual(self.member.tier_id, self.silver)

    def test_what_is_reversed_does_not_count(self):
        entry = self.earn(120)
        entry._reverse(points=30)
        self.assertEqual(self.club._get_tier_measures(self.member)[self.member.id], 90)

    def test_other_kinds_do_not_count(self):
        self.env["club.point.entry"]._post(
            [
                {"member_id": self.member.id, "kind": "opening", "points": 300, "key": "test:opening"},
                {"member_id": self.member.id, "kind": "adjust", "points": 300, "key": "test:adjust"},
            ]
        )
        self.env.cr.flush()
        self.assertEqual(self.member.tier_id, self.bronze)

    def test_the_window_rolls(self):
        self.club.write({"tier_window": "rolling", "tier_window_months": 12})
        today = self.club._get_today()
        first, _last = self.club._get_tier_window(today)
        self.earn(60, date=first)
        self.earn(60, date=first - timedelta(seconds=1))
        self.assertEqual(self.club._get_tier_measures(self.member)[self.member.id], 60)

    def test_the_calendar_year_follows_the_clubs_calendar_and_time_zone(self):
        self.club.write({"tier_window": "year", "calendar": "jalali", "tz": "Asia/Tehran"})
        start, end = self.club._get_tier_window(fields.Date.to_date("2025-03-20"))
        self.assertEqual(
            (start, end),
            (
                fields.Datetime.to_datetime("2024-03-19 20:30:00"),
                fields.Datetime.to_datetime("2025-03-20 20:30:00"),
            ),
        )

    def test_falling_waits_for_the_review_and_the_grace(self):
        self.club.write(
            {
                "tier_window": "rolling",
                "tier_window_months": 1,
                "tier_review": "month",
                "tier_demotion": "one_step",
                "tier_grace_days": 10,
            }
        )
        with freeze_time("2026-01-15 12:00:00"):
            self.member.sudo().write({"tier_review_on": "2026-02-01"})
            self.earn(500)
            self.assertEqual(self.member.tier_id, self.gold)
        with freeze_time("2026-02-20 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.gold, "grace first")
            self.assertEqual(self.member.tier_grace_until, fields.Date.to_date("2026-03-02"))
        with freeze_time("2026-03-01 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.gold)
        with freeze_time("2026-03-02 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.silver, "one step, not two")
            self.assertEqual(self.member.tier_history_ids.sorted("id")[-1].reason, "fall")
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.silver, "a second run of the same night changes nothing")

    def test_who_earns_enough_during_grace_keeps_the_tier(self):
        self.club.write({"tier_window_months": 1, "tier_review": "month", "tier_grace_days": 10})
        with freeze_time("2026-01-15 12:00:00"):
            self.member.sudo().write({"tier_review_on": "2026-02-01"})
            self.earn(100)
        with freeze_time("2026-02-20 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertTrue(self.member.tier_grace_until)
            self.earn(100)
            self.assertEqual(self.member.tier_id, self.silver)
            self.run_job("_cron_review_tiers")
        with freeze_time("2026-03-03 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.silver)
            self.assertFalse(self.member.tier_grace_until)

    def test_hard_demotion_falls_to_what_is_deserved(self):
        self.club.write(
            {"tier_window_months": 1, "tier_review": "month", "tier_demotion": "hard", "tier_grace_days": 0}
        )
        with freeze_time("2026-01-15 12:00:00"):
            self.member.sudo().write({"tier_review_on": "2026-02-01"})
            self.earn(500)
        with freeze_time("2026-03-05 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.bronze)

    def test_never_is_never(self):
        self.club.write({"tier_window_months": 1, "tier_review": "month", "tier_demotion": "never"})
        with freeze_time("2026-01-15 12:00:00"):
            self.earn(500)
        with freeze_time("2028-03-05 12:00:00"):
            self.run_job("_cron_review_tiers")
            self.assertEqual(self.member.tier_id, self.gold)

    def test_a_new_threshold_reaches_everybody_with_the_nightly_run(self):
        self.earn(60)
        self.silver.threshold = 50
        self.assertTrue(self.member.tier_check)
        self.run_job("_cron_review_tiers")
        self.assertEqual(self.member.tier_id, self.silver)
        self.assertFalse(self.member.tier_check)

    def test_progress_says_what_is_missing(self):
        self.earn(125)
        self.member.invalidate_recordset()
        self.assertEqual(self.member.next_tier_id, self.gold)
        self.assertEqual(self.member.tier_missing, 375)
        self.assertEqual(self.member.tier_progress, 25)

    def test_measures_of_many_members_are_one_query(self):
        partners = self.env["res.partner"].create([{"name": f"T{i}"} for i in range(50)])
        members = self.club._enrol(partners)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.club._get_tier_measures(members)

    def test_a_rise_costs_a_confirmation_at_most_two_queries_when_nothing_changes(self):
        self.earn(10)
        self.env["club.member"].browse(self.member.id).read(["tier_id"])
        self.env.flush_all()
        with self.assertQueryCount(2):
            self.member._review_tiers()

    def test_two_tiers_cannot_need_the_same(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["club.tier"].create({"club_id": self.club.id, "name": "Twin", "threshold": 100})
            self.env.flush_all()

    def test_a_tier_with_members_cannot_be_archived_or_deleted(self):
        self.earn(100)
        with self.assertRaisesRegex(ValidationError, "1 members have the tier Silver"):
            self.silver.active = False
        with self.assertRaisesRegex(UserError, "archive it"):
            self.silver.unlink()

    def test_history_is_never_rewritten(self):
        with self.assertRaisesRegex(UserError, "never"):
            self.member.tier_history_ids.write({"measure": 1})
        with self.assertRaisesRegex(UserError, "never"):
            self.member.tier_history_ids.unlink()

    def test_amount_counts_what_each_sale_is_worth_after_its_revisions(self):
        self.club.tier_basis = "amount"
        Event = self.env["club.event"]
        values = {"member_id": self.member.id, "type": "purchase"}
        first, _second, _free = Event._record(
            [{**values, "key": f"test:{key}", "amount": amount} for key, amount in (("a", 80), ("b", 50), ("c", 0))]
        )
        Event._record([{**values, "key": "test:a:rev", "amount": -30, "revises_id": first.id}])
        self.assertEqual(self.club._get_tier_measures(self.member)[self.member.id], 100)
        self.club.tier_basis = "orders"
        self.assertEqual(self.club._get_tier_measures(self.member)[self.member.id], 2)


@tagged("post_install", "-at_install")
class TestTierPricelist(ClubCase):
    """A tier's prices hold while the member has the tier, and never against a pricelist chosen by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("product.group_product_pricelist")
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("product.group_product_pricelist")
        cls.public_list = cls.env["product.pricelist"].create({"name": "Public", "sequence": 0})
        cls.gold_list = cls.env["product.pricelist"].create({"name": "Gold prices", "sequence": 99})
        cls.hand_list = cls.env["product.pricelist"].create({"name": "By hand", "sequence": 98})
        cls.tier = cls.env["club.tier"].create(
            {
                "club_id": cls.club.id,
                "name": "Gold",
                "threshold": 0,
                "pricelist_id": cls.gold_list.id,
            }
        )
        cls.club.action_review_tiers()

    def test_the_tier_gives_its_pricelist_and_leaving_gives_it_back(self):
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.property_product_pricelist, self.gold_list)
        self.member._leave()
        self.assertNotEqual(self.partner.property_product_pricelist, self.gold_list)

    def test_a_pricelist_chosen_by_hand_wins(self):
        self.partner.specific_property_product_pricelist = self.hand_list
        self.assertEqual(self.partner.property_product_pricelist, self.hand_list)
        self.member._leave()
        self.assertEqual(self.partner.property_product_pricelist, self.hand_list)

    def test_others_keep_the_usual_prices(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.assertNotEqual(stranger.property_product_pricelist, self.gold_list)

    def test_a_quotation_takes_the_members_prices(self):
        order = self.env["sale.order"].create({"partner_id": self.partner.id})
        self.assertEqual(order.pricelist_id, self.gold_list)
