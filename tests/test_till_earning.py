"""What the till sells earns too, once; what comes back is taken back. Runs where the till is installed."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .test_till_spending import TillCase


@tagged("post_install", "-at_install")
class TestTheTillEarns(TillCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.club.earn_when = "paid"
        cls.rule = cls.env["club.earn.rule"].create(
            {"name": "Till", "club_id": cls.club.id, "formula": "per_amount", "points": 1, "per_amount": 1}
        )

    def setUp(self):
        super().setUp()
        self.config.open_ui()
        self.session = self.config.current_session_id
        self.session.set_opening_control(0, "")

    def ring_up(self, *lines, pay=True, **values):
        lines = [{"product_id": self.roses.id, "qty": 1, "price_unit": 20, **line} for line in lines]
        for line in lines:
            line["price_subtotal"] = line["price_subtotal_incl"] = line["qty"] * line["price_unit"]
        total = sum(line["price_subtotal"] for line in lines)
        order = self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.env.company.id,
                "partner_id": self.till_partner.id,
                "amount_tax": 0,
                "amount_total": total,
                "amount_paid": 0,
                "amount_return": 0,
                "lines": [Command.create(line) for line in lines],
                **values,
            }
        )
        if pay:
            self.settle_bill(order)
        return order

    def settle_bill(self, order):
        order.add_payment({"pos_order_id": order.id, "amount": order.amount_total, "payment_method_id": self.method.id})
        order.action_pos_order_paid()
        self.env.cr.flush()

    def assertEarned(self, owned):
        self.env.cr.flush()
        self.env.invalidate_all()
        entries = self.entries()
        self.assertEqual((sum(entries.mapped("points")), self.card.points), (owned, owned))

    def test_a_paid_order_of_the_till_earns_once(self):
        order = self.ring_up({"qty": 2}, pay=False)
        self.assertEarned(0)
        self.settle_bill(order)
        self.assertEarned(40)
        order.write({"state": "done"})
        self.env["club.purchase"]._settle(tills=order)
        self.assertEarned(40)
        event = self.env["club.event"].search([("origin_model", "=", "pos.order")])
        self.assertEqual((event.key, event.payload["channel"]), (f"pos.order,{order.id}:purchase:1", "pos"))
        self.assertInvariantsHold()

    def test_never_1_what_comes_back_at_the_till_is_taken_back_in_parts(self):
        order = self.ring_up({"qty": 3})
        line = order.lines
        self.ring_up({"qty": -1, "refunded_orderline_id": line.id})
        self.assertEarned(40)
        self.ring_up({"qty": -2, "refunded_orderline_id": line.id})
        self.assertEarned(0)
        self.assertInvariantsHold()

    def test_a_rule_for_the_till_only(self):
        self.rule.channel = "website"
        self.ring_up({})
        self.assertEarned(0)
        self.rule.channel = "pos"
        self.ring_up({})
        self.assertEarned(20)

    def test_never_6_an_invoiced_order_of_the_till_is_not_counted_twice(self):
        order = self.ring_up({}, to_invoice=True)
        order._generate_pos_order_invoice()
        self.assertTrue(order.account_move)
        self.assertEarned(20)

    def test_never_11_a_reward_at_the_till_earns_nothing(self):
        self.ring_up({}, {
            "product_id": self.reward.discount_line_product_id.id, "price_unit": -5, "is_reward_line": True,
            "reward_id": self.reward.id, "coupon_id": self.card.id, "reward_identifier_code": "r1",
        })  # fmt: skip
        self.assertEqual(sum(self.entries(kind="earn").mapped("points")), 15)

    def test_what_a_hook_missed_the_sweep_finds(self):
        with patch.object(type(self.env["club.purchase"]), "_mark", lambda *args: None):
            self.ring_up({})
            self.assertEarned(0)
        with self.jobs_in_test():
            self.env["club.purchase"]._cron_sweep()
        self.assertEarned(20)

    def test_never_6_a_sales_order_settled_at_the_till_opens_its_points_and_earns_once(self):
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("tills do not settle sales orders in this database (pos_sale is not installed)")
        order = self.env["sale.order"].create({
            "partner_id": self.till_partner.id,
            "order_line": [Command.create({"product_id": self.roses.id, "product_uom_qty": 2, "price_unit": 20})],
        })  # fmt: skip
        order.action_confirm()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual((sum(self.entries().mapped("points")), self.card.points), (40, 0))
        self.ring_up({"qty": 2, "sale_order_origin_id": order.id, "sale_order_line_id": order.order_line.id})
        self.assertEarned(40)
