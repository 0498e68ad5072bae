"""A budget as a share of sales is a share of sales without taxes, whatever amount the club's rules look at."""

import pathlib
from datetime import timedelta

from odoo.addons.customer_club.engine import reporting
from odoo.modules.module import load_script
from odoo.tests import tagged

from .simulation_common import START, SimulationCase

SCRIPT = pathlib.Path(__file__).parent.parent / "migrations" / "19.0.1.0.1" / "post-budget_sums.py"


@tagged("post_install", "-at_install")
class TestTaxesPayForNothing(SimulationCase):
    """20 % on top; a point costs 0.50, so 5 % of 1000 without taxes pay for 100 points, not for 120."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_club.group_club_manager")
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        cls.club.write(
            {
                "earn_tax": "included",
                "earn_when": "confirmed",
                "budget_kind": "share",
                "budget_share": 5,
                "budget_period": "month",
            }
        )
        cls.tax = cls.env["account.tax"].create({"name": "Twenty", "amount": 20, "type_tax_use": "sale"})

    def setUp(self):
        super().setUp()
        self.clock.move_to(START)

    def buy(self, amount, taxed=True, partner=None, **delta):
        order = self.quote((self.product, 1, amount), partner=partner)
        if taxed:
            order.order_line.tax_ids = self.tax
        order.action_confirm()
        self.later(**(delta or {"hours": 5}))
        return order

    def read_sales(self):
        self.env.flush_all()
        return self.club._read_sales(*self.club._get_budget_period())

    def earned(self):
        domain = [("club_id", "=", self.club.id), ("rule_id", "!=", False)]
        return sum(self.env["club.point.entry"].search(domain).mapped("points"))

    def test_rules_give_what_the_share_without_taxes_pays_for(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 2})
        order = self.buy(1000, days=1)
        self.assertEqual(order.amount_total, 1200)
        self.assertEqual(self.env["club.event"].search([("type", "=", "purchase")]).amount, 1200, "what rules look at")
        self.assertEqual(self.earned(), 100)
        row = self.env["club.budget"]._refresh(self.club)
        self.assertEqual((row.sales, row.budget, row.used), (1000, 50, 1))
        self.assertEqual((row.part_sales, row.expected_budget), (1000, 775), "1000 in two of 31 days")

    def test_the_budget_the_cost_block_the_home_page_and_the_simulation_say_the_same_sales(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 50})
        self.buy(1000)
        self.buy(300, taxed=False, partner=self.partner_2)
        self.buy(99.99)
        returned = self.buy(500)
        returned._action_cancel()
        self.later()
        sales = 1399.99
        row = self.env["club.budget"]._refresh(self.club)
        self.assertAlmostEqual(row.sales, sales)
        day = self.club._get_today()
        period = reporting.Period(day.replace(day=1), day)
        block = self.env["club.report.block.cost"]._read_block(self.club, period)
        self.assertAlmostEqual(float(block.totals["sales"]), sales)
        self.assertAlmostEqual(self.club._get_home_figures()[self.club.id]["sales"], sales)
        record = self.simulation()
        record.action_run()
        self.assertAlmostEqual(record.setup_ids[0].result["sales"], sales)
        self.assertAlmostEqual(sum(record.setup_ids[0].customer_ids.mapped("sales")), sales)

    def test_what_comes_back_in_parts_leaves_not_a_cent(self):
        """Three thirds of 100.01 with taxes, rounded one by one, would leave or take a cent."""
        order = self.buy(83.34)
        [event] = self.env["club.event"].search([("origin_id", "=", order.id), ("type", "=", "purchase")])
        for number, amount in enumerate((-33.34, -33.34, -33.33)):
            self.env["club.event"]._record(
                [
                    {
                        "member_id": self.member.id,
                        "type": "purchase",
                        "amount": amount,
                        "revises_id": event.id,
                        "key": f"part:{number}",
                    }
                ]
            )
            self.assertNotEqual(self.read_sales(), 83.34)
        self.assertEqual(self.read_sales(), 0)

    def test_the_fact_keeps_what_was_no_tax_when_the_document_changes(self):
        order = self.buy(1000)
        [event] = self.env["club.event"].search([("origin_id", "=", order.id), ("type", "=", "purchase")])
        self.assertEqual(float(event.payload["untaxed"]), round(1000 / 1200, 12))
        self.env.cr.execute("UPDATE sale_order_line SET price_total = price_subtotal WHERE order_id = %s", (order.id,))
        self.assertEqual(self.read_sales(), 1000)

    def test_facts_of_before_it_was_recorded_are_read_by_their_document(self):
        order = self.buy(1000)
        self.env.cr.execute(
            "UPDATE club_event SET payload = payload - 'untaxed' WHERE origin_id = %s AND type = 'purchase'",
            (order.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(self.read_sales(), 1000)

    def test_what_has_no_document_or_no_taxes_counts_as_it_is(self):
        self.buy(100, taxed=False)
        self.env["club.event"]._report(
            [{"member_id": self.member.id, "type": "purchase", "amount": 50, "key": "imported"}]
        )
        self.assertEqual(self.read_sales(), 150)
        self.club.earn_tax = "excluded"
        self.buy(1000)
        self.assertEqual(self.read_sales(), 1150, "what was counted without taxes is not taken twice")

    def test_sums_that_are_kept_are_without_taxes_too(self):
        bounds = self.club._get_budget_period()
        for number in range(6):
            self.buy(33.33 + number, taxed=number % 3 != 0)
            for _time in range(2):
                row = self.env["club.budget"]._refresh(self.club)
                row._keep({"mark_number": "1"})
            self.buy(7.77 + number)
            self.env.flush_all()
            running = self.club._get_running(*bounds)
            self.assertTrue(running.event_mark)
            self.assertEqual(
                running.sales + self.club._read_sales(*bounds, running.event_mark), self.club._read_sales(*bounds)
            )

    def test_an_update_forgets_sums_that_were_kept_with_taxes(self):
        """Until the next count, which may be a day away, they would pay for what taxes brought."""
        bounds = self.club._get_budget_period()
        self.buy(1000)
        for _time in range(2):
            row = self.env["club.budget"]._refresh(self.club)
            row._keep({"mark_number": "1"})
        row._keep({"counted_sales": 1200})
        self.env.flush_all()
        self.assertTrue(self.club._get_running(*bounds).event_mark)
        load_script(str(SCRIPT), "post-budget_sums").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self.club._get_budget_points(*bounds), 100)
        row = self.env["club.budget"]._refresh(self.club)
        self.env.flush_all()
        self.assertEqual(self.club._get_running(*bounds).sales, 1000, "kept again by the next count")
        self.assertEqual((row.sales, self.club._get_budget_points(*bounds)), (1000, 100))

    def test_the_simulation_stops_at_the_same_purchase(self):
        """Two rates, returns in between, and a month that ends: entry by entry what the ledger has."""
        self.tax_2 = self.tax.copy({"name": "Seven", "amount": 7})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 9})
        for number in range(12):
            order = self.quote((self.product, 1, 61.37 + number), (self.by_delivery, 1, 20.01))
            order.order_line[0].tax_ids = self.tax
            order.order_line[1].tax_ids = self.tax_2
            order.action_confirm()
            self.later(hours=70)
            if number in (3, 7):
                order._action_cancel()
                self.later(hours=1)
        full = sum(
            int(event.amount // 9)
            for event in self.env["club.event"].search([("type", "=", "purchase"), ("revises_id", "=", False)])
        )
        self.assertLess(self.earned(), full, "the budget stopped something")
        self.assertSimulated(least=8)

    def test_all_orders_are_simulated_without_taxes_as_well(self):
        """As if every customer had been a member: what is sold of an order is what is no tax of it."""
        stranger = self.env["res.partner"].create({"name": "No member"})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        self.buy(1000, partner=stranger)
        record = self.simulation(source="orders", date_to=self.club._get_today() + timedelta(days=1))
        record.action_run()
        result = record.setup_ids[0].result
        self.assertEqual((result["sales"], result["points"]), (1000, 100))

    def test_the_cost_of_a_rule_is_a_share_of_the_same_sales(self):
        rules = self.rules({"formula": "fixed", "points": 10})
        self.buy(1000)
        rules.active = False
        self.later(days=1)
        cost = self.env["club.earn.cost"].create({"rule_id": rules.id})
        self.assertAlmostEqual(cost.sales_share, 100 * 10 * 0.5 / 1000)
