"""Blocks about points: every movement once, what came back deducted, the same figures as everywhere in the house."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command, fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.blocks import FEBRUARY, QUARTER, BlockCase
from odoo.tests import tagged


def at(month, day, hour=12):
    return datetime(2026, month, day, hour)


@tagged("post_install", "-at_install")
class TestTheFlowOfPoints(BlockCase):
    def test_every_movement_stands_once_and_closing_is_the_ledgers(self):
        """Opening 50; +100 −20 earned, −30 +5 spent, −7 expired, +3 adjusted: 101."""
        self.post(50, "a", date=at(2, 10))
        earned = self.post(100, "b", date=at(3, 1))
        spent = self.post(-30, "c", date=at(3, 2))
        self.post(-7, "d", kind="expire", date=at(3, 3))
        self.post(3, "e", kind="adjust", date=at(3, 31, 23))
        earned._reverse(points=20, date=at(3, 9))
        spent._reverse(points=5, date=at(3, 9))
        totals = self.read("points_flow").totals
        self.assertEqual(
            [totals[name] for name in ("opening", "earned", "reversed", "spent", "expired", "other", "closing")],
            [50, 100, -20, -25, -7, 3, 101],
        )
        self.assertEqual(totals["closing"], sum(self.club.mapped("program_id.coupon_ids.points")))

    def test_each_row_begins_where_the_one_before_ended(self):
        self.post(50, "a", date=at(1, 10))
        self.post(-20, "b", date=at(3, 10))
        rows = self.read("points_flow", QUARTER).rows
        for before, row in zip(rows, rows[1:], strict=False):
            self.assertEqual(before["closing"], row["opening"])
        self.assertEqual((rows[0]["opening"], rows[-1]["closing"]), (0, 30))

    def test_midnight_is_the_clubs(self):
        """20:30 UTC on 28 February is the first minute of March in Tehran."""
        self.club.tz = "Asia/Tehran"
        self.post(1, "a", date=datetime(2026, 2, 28, 20, 29, 59))
        self.post(2, "b", date=datetime(2026, 2, 28, 20, 30))
        totals = self.read("points_flow").totals
        self.assertEqual((totals["opening"], totals["earned"]), (1, 2))

    def test_decimals_stay_exact(self):
        self.club.points_digits = 2
        for number in range(3):
            self.post(Decimal("0.1"), f"a{number}", date=at(3, 5))
        self.assertEqual(self.read("points_flow").totals["closing"], Decimal("0.3"))

    def test_the_entries_of_a_row_are_behind_it(self):
        self.post(50, "a", date=at(2, 10))
        entry = self.post(100, "b", date=at(3, 7))
        table = self.read("points_flow")
        [index] = [index for index, row in enumerate(table.rows) if row["earned"]]
        model, domain = table.drill[index]
        self.assertEqual(self.env[model].search(domain), entry)

    def test_it_is_the_home_pages_last_thirty_days(self):
        earned = self.post(100, "a")
        self.post(-30, "b")._reverse(points=5)
        self.post(-4, "c", kind="expire")
        earned._reverse(points=20)
        today = fields.Date.today()
        period = reporting.Period(fields.Date.subtract(today, days=29), today)
        totals = self.read("points_flow", period).totals
        figures = self.club._get_home_figures()[self.club.id]
        self.assertEqual(totals["earned"] + totals["reversed"], figures["given"])
        self.assertEqual((-totals["spent"], -totals["expired"]), (figures["spent"], figures["expired"]))
        self.assertEqual(totals["closing"], figures["outstanding"])


@tagged("post_install", "-at_install")
class TestPointsEarnedByWay(BlockCase):
    def report(self, kind, key, when, member=None):
        return self.env["club.event"]._report(
            [{"member_id": (member or self.member).id, "type": kind, "key": key, "occurred_at": when}]
        )

    def test_each_rule_counts_its_points_and_members(self):
        visit, custom = self.earn_rule("visit", 10), self.earn_rule("custom", 3)
        self.report("visit", "v1", at(3, 1))
        self.report("visit", "v2", at(3, 2), self.member_2)
        self.report("custom", "c1", at(3, 3))
        table = self.read("earning_by_way")
        self.assertEqual(self.column(table, "net", of="rule"), {visit.display_name: 20, custom.display_name: 3})
        self.assertEqual(self.column(table, "members", of="rule"), {visit.display_name: 2, custom.display_name: 1})
        self.assertEqual((table.totals["net"], table.totals["members"]), (23, 2))
        self.assertEqual(sum(self.column(table, "share")), 1)

    def test_what_was_taken_back_is_deducted_from_its_way(self):
        self.earn_rule("custom", 10)
        today = fields.Date.today()
        event = self.report("custom", "c1", fields.Datetime.now())
        self.report("custom", "c2", fields.Datetime.now())
        event._revoke("It was a mistake")
        table = self.read("earning_by_way", reporting.Period(today, today))
        self.assertEqual([(row["earned"], row["reversed"], row["net"]) for row in table.rows], [(20, -10, 10)])
        self.assertEqual(table.totals["net"], self.club._get_home_figures()[self.club.id]["given"])

    def test_behind_every_row_are_the_entries_that_make_it(self):
        self.earn_rule("custom", 10)
        event = self.report("custom", "c1", fields.Datetime.now())
        self.report("custom", "c2", fields.Datetime.now())
        event._revoke("It was a mistake")
        self.post(7, "by hand")
        self.post(-3, "spent")._reverse(points=1)
        today = fields.Date.today()
        table = self.read("earning_by_way", reporting.Period(today, today))
        self.assertEqual(len(table.rows), 2)
        for key, row in [*enumerate(table.rows), ("total", table.totals)]:
            model, domain = table.drill[key]
            self.assertEqual(sum(self.env[model].search(domain).mapped("points")), row["net"])

    def test_a_way_of_the_period_before_stands_beside(self):
        self.earn_rule("custom", 10)
        self.report("custom", "c1", at(2, 3))
        table = self.read("earning_by_way", comparison=FEBRUARY)
        self.assertEqual([(row["net"], row["before"]) for row in table.rows], [(0, 10)])
        self.assertEqual((table.totals["net"], table.totals["before"]), (0, 10))

    def test_points_of_a_merged_member_count_for_one_person(self):
        self.earn_rule("custom", 10)
        self.report("custom", "c1", at(3, 3))
        self.report("custom", "c2", at(3, 3), self.member_2)
        self.member_2._absorb_into(self.member)
        self.assertEqual(self.read("earning_by_way").totals["members"], 1)
        self.assertEqual(self.read("earning_by_way").totals["net"], 20)


@tagged("post_install", "-at_install")
class TestPointsSpentByChannel(BlockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reward = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "per_point",
                "discount": 0.1,
                "required_points": 1,
            }
        )
        cls.post(100, "earned", date=at(1, 5))

    def spend_on_order(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 2})],
            }
        )
        order._club_apply_points(self.member.card_id, self.reward, 50)
        order.action_confirm()
        return order

    def test_the_figures_are_those_of_the_page_by_channel(self):
        self.spend_on_order()
        self.post(-7, "other")
        today = fields.Date.today()
        table = self.read("spending_by_channel", reporting.Period(today, today))
        rows = self.env["club.spending.report"]._read_group(
            [("club_id", "=", self.club.id)], ["channel"], ["points:sum", "uses:sum", "provided:sum", "cost:sum"]
        )
        names = dict(self.env["club.spending.report"]._fields["channel"]._description_selection(self.env))
        self.assertEqual(
            {(row["channel"], row["points"], row["uses"], row["provided"], row["cost"]) for row in table.rows},
            {(names[channel], points, uses, provided, cost) for channel, points, uses, provided, cost in rows},
        )
        self.assertEqual((table.totals["points"], table.totals["cost"]), (57, 5))
        model, domain = table.drill["total"]
        self.assertEqual(sum(self.env[model].search(domain).mapped("points")), 57)
        self.assertEqual((table.totals["uses"], table.totals["provided"]), (2, 1))
        for key in ("uses", "provided"):
            model, domain = table.drill["total", key]
            self.assertEqual(self.env[model].search_count(domain), table.totals[key], key)

    def test_a_cancelled_order_leaves_nothing(self):
        self.spend_on_order()._action_cancel()
        today = fields.Date.today()
        self.assertEqual(self.read("spending_by_channel", reporting.Period(today, today)).totals["points"], 0)


@tagged("post_install", "-at_install")
class TestCost(BlockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "per_point",
                "discount": 0.1,
                "required_points": 1,
            }
        )

    def test_points_at_their_worth_are_a_share_of_the_members_purchases(self):
        """50 points at 0.10 on purchases of 100: 5 percent; what a stranger buys is not in it."""
        self.buy(self.partner, at(3, 5), 10)
        self.buy(self.env["res.partner"].create({"name": "Stranger"}), at(3, 5), 10)
        self.post(50, "a", date=at(3, 6))
        table = self.read("cost", comparison=FEBRUARY)
        [row] = table.rows
        self.assertEqual((row["sales"], row["points"], row["cost"]), (100, 50, 5))
        self.assertEqual((row["share"], row["before"]), (Decimal("0.05"), None))
        self.assertEqual(len(table.chart.series), 1, "what was not is no bar of nothing")
        self.post(50, "b", date=at(2, 6))
        self.buy(self.partner, at(2, 5), 100)
        self.assertEqual(len(self.read("cost", comparison=FEBRUARY).chart.series), 2)

    def test_the_budget_is_what_the_page_of_the_budget_says(self):
        self.club.write({"budget_kind": "share", "budget_share": 5, "budget_period": "month"})
        self.buy(self.partner, at(3, 5), 10)
        self.env.cr.precommit.run()  # the fact of the purchase
        self.post(20, "a", date=at(3, 6))
        self.env["club.budget"]._refresh(self.club, date(2026, 3, 20))
        budget = self.env["club.budget"].search([("club_id", "=", self.club.id), ("first_on", "=", "2026-03-01")])
        [row] = self.read("budget").rows
        self.assertEqual((row["period"], float(row["cost"])), ("2026-03", round(budget.cost, 2)))
        self.assertEqual(float(row["budget"]), round(budget.budget, 2))
        self.assertAlmostEqual(float(row["used"]), budget.used, 4)

    def test_of_a_number_of_points_the_share_of_points_is_used(self):
        """Half of the points are given; what prizes cost beside makes no more of them."""
        self.club.write({"budget_kind": "points", "budget_points": 100, "budget_period": "month"})
        budget = self.env["club.budget"]._refresh(self.club, date(2026, 3, 20))
        budget._keep({"points": 50, "goods": 5, "cost": 10, "budget": 10, "used": 0.5, "expected_used": 0.75})
        table = self.read("budget")
        self.assertEqual([(float(row["used"]), float(row["expected"])) for row in table.rows], [(0.5, 0.75)])
        self.assertEqual(float(table.totals["used"]), 0.5)

    def test_it_is_the_home_pages_share(self):
        self.buy(self.partner, fields.Datetime.now(), 10)
        self.post(50, "a")
        today = fields.Date.today()
        period = reporting.Period(fields.Date.subtract(today, days=29), today)
        table = self.read("cost", period)
        figures = self.club._get_home_figures()[self.club.id]
        self.assertEqual(table.totals["sales"], figures["sales"])
        self.assertEqual(float(100 * table.totals["share"]), round(figures["cost_share"], 4))
