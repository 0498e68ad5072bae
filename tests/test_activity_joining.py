"""Joining and reaching a tier, from the member's record to the ledger (ways 1 and 17)."""

from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestJoiningEarns(ClubCase):
    def enrol(self, name, source="manual", **values):
        return self.club._enrol(self.env["res.partner"].create({"name": name, **values}), source)

    def test_joining_earns_at_once_and_once(self):
        self.earn_rule("join", 100)
        member = self.enrol("Carla", "portal")
        self.assertEarned(100, "join", member)
        self.club._enrol(member.partner_id)
        member._leave()
        self.club._enrol(member.partner_id)
        member.invalidate_recordset()
        self.assertEqual(len(member.event_ids.filtered(lambda event: event.type == "join")), 1)
        self.assertEqual(len(member.entry_ids.filtered(lambda entry: entry.kind == "earn")), 1)
        self.assertInvariantsHold()

    def test_a_rule_may_ask_how_one_joined(self):
        rule = self.earn_rule("join", 100, join_source="checkout")
        self.assertEarned(0, "join", self.enrol("Dora", "portal"))
        self.assertEarned(100, "join", self.enrol("Emil", "checkout"))
        self.assertEqual(rule.sentence, "100 points for joining at the checkout")
        self.assertIn("Checkout", rule._get_reason_sentences()["join_source"]({}))

    def test_every_way_of_joining_can_be_asked_for(self):
        sources = [source for source, _name in self.env["club.member"]._fields["source"].selection]
        asked = [source for source, _name in self.env["club.earn.rule"]._select_join_source()]
        self.assertEqual(asked, ["any", *sources])

    def test_coming_back_after_an_erasure_earns_nothing(self):
        """abuse 8."""
        self.earn_rule("join", 100)
        member = self.enrol("Fritz", email="fritz@example.com")
        self.assertEarned(100, "join", member)
        member._erase("asked for")
        again = self.enrol("Fritz", email="Fritz@example.com")
        self.assertNotEqual(again, member)
        self.assertEarned(0, "join", again)

    def test_an_import_earns_by_the_job_when_it_is_complete(self):
        self.earn_rule("join", 100, join_source="import")
        member = self.enrol("Gustav", "import")
        self.assertEarned(0, "join", member)
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertEarned(100, "join", member)

    def test_joining_by_oneself_at_the_checkout_earns_with_the_consent(self):
        self.earn_rule("join", 100, join_source="checkout")
        member = self.club._join(self.env["res.partner"].create({"name": "Heidi"}), True, source="checkout")
        self.assertEarned(100, "join", member)

    def test_an_adopted_customer_has_not_joined_now(self):
        self.earn_rule("join", 100)
        self.assertEarned(0, "join", self.enrol("Greta", "adopt"))

    def test_a_rule_of_another_club_or_an_archived_one_gives_nothing(self):
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        self.earn_rule("join", 100, club_id=second.id)
        self.earn_rule("join", 50).active = False
        self.assertEarned(0, "join", self.enrol("Hugo"))


class TierCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"tier_basis": "points", "tier_window": "rolling", "tier_window_months": 1})
        cls.club.write({"tier_grace_days": 0, "tier_demotion": "hard"})
        cls.bud, cls.bloom, cls.gold = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Bud", "threshold": 0, "sequence": 1},
                {"club_id": cls.club.id, "name": "Bloom", "threshold": 100, "sequence": 2},
                {"club_id": cls.club.id, "name": "Gold", "threshold": 1000, "sequence": 3},
            ]
        )

    def earn(self, points, key, date=None):
        with freeze_time(date or datetime.now()):
            self.post(points, key, date=date)
            self.env.cr.flush()

    def review(self, date):
        with freeze_time(date):
            self.member.sudo().tier_review_on = date.date()
            self.member._review_members(self.member.ids)
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestReachingATierEarns(TierCase):
    def test_it_earns_in_the_transaction_in_which_one_rises(self):
        self.earn_rule("tier", 30)
        self.earn(100, "e1")
        self.assertEqual(self.member.tier_id, self.bloom)
        self.assertEarned(30, "tier")
        self.assertInvariantsHold()

    def test_a_rule_may_ask_which_tier(self):
        rule = self.earn_rule("tier", 30, reached_tier_ids=self.gold.ids)
        self.earn(100, "e1")
        self.assertEarned(0, "tier")
        self.earn(900, "e2")
        self.assertEqual(self.member.tier_id, self.gold)
        self.assertEarned(30, "tier")
        self.assertIn("for reaching Gold, once per tier", rule.sentence)

    def test_points_for_a_tier_may_lift_to_the_next_and_it_ends(self):
        self.earn_rule("tier", 900)
        self.earn(100, "e1")
        self.assertEqual(self.member.tier_id, self.gold)
        self.assertEarned(1800, "tier")

    def test_falling_and_rising_again_pays_once_by_default(self):
        self.earn_rule("tier", 30)
        self.earn(100, "e1", datetime(2026, 1, 5, 12))
        self.assertEarned(30, "tier")
        self.review(datetime(2026, 3, 1, 3))
        self.assertEqual(self.member.tier_id, self.bud)
        self.earn(100, "e2", datetime(2026, 3, 5, 12))
        self.assertEqual(self.member.tier_id, self.bloom)
        self.assertEarned(30, "tier")
        facts = self.member.event_ids.filtered(lambda event: event.type == "tier")
        self.assertEqual(len(facts), 2, "the fact is there all the same")

    def rise_thrice(self):
        for number, (rise, fall) in enumerate(
            (
                (datetime(2026, 1, 5, 12), datetime(2026, 3, 1, 3)),
                (datetime(2026, 11, 5, 12), datetime(2027, 1, 1, 3)),
                (datetime(2027, 1, 6, 12), None),
            )
        ):
            self.earn(100, f"e{number}", rise)
            self.assertEqual(self.member.tier_id, self.bloom)
            if fall:
                self.review(fall)
                self.assertEqual(self.member.tier_id, self.bud)

    def test_a_rule_may_pay_again_after_twelve_months(self):
        self.earn_rule("tier", 30, tier_again="year")
        self.rise_thrice()
        self.assertEarned(60, "tier")

    def test_a_rule_may_pay_every_time(self):
        self.earn_rule("tier", 30, tier_again="always")
        self.rise_thrice()
        self.assertEarned(90, "tier")

    def test_leaving_and_coming_back_does_not_reach_the_old_tiers_anew(self):
        """abuse 8."""
        self.earn_rule("tier", 30)
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.earn(100, "e1")
        self.assertEarned(30, "tier")
        self.member._leave()
        self.club._enrol(self.partner)
        self.env.cr.flush()
        self.assertEqual(self.member.tier_id, self.bloom)
        self.assertEarned(30, "tier")

    def buy(self, quantity):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": quantity})],
            }
        )
        order.action_confirm()
        self.env.cr.flush()
        return order

    def cancel(self, order):
        order._action_cancel()
        self.env.cr.flush()

    def test_a_tier_that_was_bought_and_taken_back_earns_nothing(self):
        """never 1, abuse 8: buy, rise, spend the points for the tier, cancel."""
        self.earn_rule("tier", 30)
        for basis in ("amount", "orders", "points"):
            with self.subTest(basis=basis):
                self.club.tier_basis = basis
                self.bloom.threshold = 1 if basis == "orders" else 100
                self.member = self.club._enrol(self.env["res.partner"].create({"name": basis}))
                self.partner = self.member.partner_id
                if basis == "points":
                    self.earn_rule("purchase", 1, formula="per_amount", per_amount=1)
                order = self.buy(20)
                self.assertEqual(self.member.tier_id, self.bloom)
                self.assertEarned(30, "tier")
                self.cancel(order)
                self.assertEarned(0, "tier")
                self.assertEqual(self.member.card_id.points, 0)
        self.assertInvariantsHold()

    def test_a_sale_that_is_confirmed_again_brings_the_points_for_its_tier_back(self):
        self.earn_rule("tier", 30)
        self.club.tier_basis = "amount"
        order = self.buy(20)
        for _turn in range(2):
            self.cancel(order)
            self.assertEarned(0, "tier")
            order.action_draft()
            order.action_confirm()
            self.env.cr.flush()
            self.assertEarned(30, "tier")
        self.assertInvariantsHold()

    def test_points_that_open_again_bring_the_points_for_their_tier_back(self):
        """A payment that is undone and made again: what was spendable waits, and opens once more."""
        self.earn_rule("tier", 30)
        self.post(100, "sale", pending=True)
        entry = self.member.entry_ids
        opened = entry._open()
        self.env.cr.flush()
        self.assertEarned(30, "tier")
        opened._reverse()
        self.env.cr.flush()
        self.assertEarned(0, "tier")
        entry._open(":2")
        self.env.cr.flush()
        self.assertEarned(30, "tier")
        self.assertInvariantsHold()

    def test_a_return_that_leaves_enough_takes_no_points_for_the_tier(self):
        self.earn_rule("tier", 30)
        self.club.tier_basis = "amount"
        first, small = self.buy(20), self.buy(1)
        self.cancel(small)
        self.assertEarned(30, "tier")
        self.buy(11)
        self.cancel(first)
        self.assertEarned(30, "tier")
        self.bloom.threshold = 150
        self.cancel(self.buy(1))
        self.assertEarned(30, "tier")

    def test_who_gave_it_back_and_rises_in_earnest_earns_it(self):
        self.earn_rule("tier", 30)
        self.club.tier_basis = "amount"
        self.cancel(self.buy(20))
        self.review(datetime.now() + timedelta(days=1))
        self.assertEqual(self.member.tier_id, self.bud)
        self.buy(20)
        self.assertEqual(self.member.tier_id, self.bloom)
        self.assertEarned(30, "tier")

    def test_the_starter_tier_is_no_rise(self):
        self.earn_rule("tier", 30)
        member = self.club._enrol(self.env["res.partner"].create({"name": "Ida"}))
        self.assertEqual(member.tier_id, self.bud)
        self.assertEarned(0, "tier", member)

    def test_a_rise_at_the_nightly_review_earns_by_the_job(self):
        self.earn_rule("tier", 30)
        self.club.tier_basis = "orders"
        self.club.tier_basis = "points"
        with patch.object(self.env.registry["club.member"], "_schedule_tier_review", lambda members: None):
            self.post(100, "e1")
            self.env.cr.flush()
        self.member._review_members(self.member.ids)
        self.assertEqual(self.member.tier_id, self.bloom)
        self.assertEarned(0, "tier")
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertEarned(30, "tier")

    def test_a_tier_of_another_club_is_refused(self):
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        tier = self.env["club.tier"].create({"club_id": second.id, "name": "Tall", "threshold": 0})
        with self.assertRaisesRegex(ValidationError, "another club"):
            self.earn_rule("tier", 30, reached_tier_ids=tier.ids)

    def test_the_rule_says_why_not(self):
        rule = self.earn_rule("tier", 30, reached_tier_ids=self.gold.ids)
        sentences = rule._get_reason_sentences()
        self.assertIn("Gold", sentences["reached_tiers"]({}))
        self.assertIn("before", sentences["tier_once"]({"last": datetime(2026, 1, 5).date()}))
        self.assertIn("12 months", sentences["tier_year"]({"last": datetime(2026, 1, 5).date()}))
