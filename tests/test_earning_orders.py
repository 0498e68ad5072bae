"""What sales orders earn: confirmed, changed, cancelled; what is really paid."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


class EarningCase(ClubCase):
    """A rule of one point per full unit of money, and helpers to sell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.rule = cls.env["club.earn.rule"].create(
            {
                "name": "A point per unit of money",
                "club_id": cls.club.id,
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
            }
        )

    @classmethod
    def settle(cls):
        """End the transaction, as far as the club is concerned."""
        cls.env.cr.flush()
        cls.env.invalidate_all()

    def quote(self, *lines, partner=None, **values):
        """A quotation of ``(product, quantity, price)`` lines."""
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": values.pop("tax_ids", False),
                        }
                    )
                    for product, quantity, price in lines
                ],
                **values,
            }
        )

    def sell(self, *lines, **values):
        order = self.quote(*lines, **values)
        order.action_confirm()
        self.settle()
        return order

    def invoice(self, order, final=False, post=True):
        move = order._create_invoices(final=final)
        if post:
            move.action_post()
        self.settle()
        return move

    def pay(self, move, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )
        if amount:
            wizard.amount = amount
        payment = wizard._create_payments()
        self.settle()
        return payment

    def refund(self, move, post=True, **values):
        """Credit a whole invoice."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create(
                {
                    "journal_id": move.journal_id.id,
                    **values,
                }
            )
        )
        wizard.reverse_moves()
        credit = wizard.new_move_ids
        if post and credit.state == "draft":
            credit.action_post()
        self.settle()
        return credit

    def owned(self, member=None):
        """What the member owns: spendable and pending."""
        self.settle()
        entries = self.env["club.point.entry"].search([("member_id", "=", (member or self.member).id)])
        return round(sum(entries.mapped("points")), 2)

    def spendable(self, member=None):
        self.settle()
        return (member or self.member).card_id.points

    def assertPoints(self, owned, spendable=None, member=None):
        self.assertEqual(self.owned(member), owned, "owned")
        self.assertEqual(self.spendable(member), owned if spendable is None else spendable, "spendable")


@tagged("post_install", "-at_install")
class TestAnOrderEarns(EarningCase):
    def test_confirming_earns_once_however_often_the_hooks_fire(self):
        order = self.sell((self.product, 3, 10.0))
        self.assertPoints(30)
        self.env["club.purchase"]._mark(order)
        self.settle()
        self.env["club.purchase"]._settle(order)
        self.assertPoints(30)
        events = self.env["club.event"].search([("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)])
        self.assertEqual(events.mapped("key"), [f"sale.order,{order.id}:purchase:1"])
        self.assertEqual(events.amount, 30)

    def test_never_7_a_quotation_and_a_sent_quotation_earn_nothing(self):
        order = self.quote((self.product, 3, 10.0))
        order.action_quotation_sent()
        self.assertPoints(0)

    def test_who_is_no_member_earns_nothing(self):
        stranger = self.env["res.partner"].create({"name": "Carl"})
        order = self.sell((self.product, 1, 10.0), partner=stranger)
        self.assertFalse(self.env["club.event"].search([("origin_id", "=", order.id)]))

    def test_cancelling_takes_back_all_and_confirming_again_earns_again(self):
        order = self.sell((self.product, 3, 10.0))
        order._action_cancel()
        self.assertPoints(0)
        order.action_draft()
        self.assertPoints(0)
        order.action_confirm()
        self.assertPoints(30)
        keys = self.env["club.event"].search([("origin_id", "=", order.id)], order="id").mapped("key")
        self.assertEqual(keys, [f"sale.order,{order.id}:purchase:{end}" for end in ("1", "1:void", "2")])
        order._action_cancel()
        self.assertPoints(0)

    def test_a_lowered_quantity_takes_back_its_share_and_a_raised_one_earns_more(self):
        order = self.sell((self.product, 3, 10.0))
        order.order_line.product_uom_qty = 1
        self.assertPoints(10)
        order.order_line.product_uom_qty = 2
        self.assertPoints(20)
        order.order_line.product_uom_qty = 5
        self.assertPoints(50)
        order.order_line.product_uom_qty = 3
        self.assertPoints(30)

    def test_a_further_line_earns_its_part(self):
        order = self.sell((self.product, 1, 10.0))
        order.order_line = [
            Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 5.0, "tax_ids": False})
        ]
        self.assertPoints(15)

    def test_a_changed_rule_changes_nothing_that_was_posted(self):
        order = self.sell((self.product, 3, 10.0))
        self.rule.points = 100
        self.env["club.purchase"]._settle(order)
        self.assertPoints(30)
        order.order_line.product_uom_qty = 1
        self.assertPoints(10)

    def test_an_archived_rule_is_still_taken_back_in_proportion(self):
        order = self.sell((self.product, 3, 10.0))
        self.rule.active = False
        order.order_line.product_uom_qty = 2
        self.assertPoints(20)

    def test_a_hold_keeps_points_pending_until_the_night_job_opens_them(self):
        self.club.hold_days = 14
        order = self.sell((self.product, 1, 10.0))
        self.assertPoints(10, 0)
        entry = self.env["club.point.entry"].search([("origin_id", "=", order.id)])
        self.assertEqual(entry.available_on, fields.Date.today() + timedelta(days=14))

    def test_several_orders_confirmed_together_each_earn(self):
        orders = self.quote((self.product, 1, 10.0)) | self.quote((self.product, 2, 10.0), partner=self.partner_2)
        orders.action_confirm()
        self.assertPoints(10)
        self.assertPoints(20, member=self.member_2)

    def test_growth_earns_by_the_rules_of_today_and_leaves_the_rest_alone(self):
        order = self.sell((self.product, 10, 10.0))
        self.rule.points = 10
        order.order_line.product_uom_qty = 11
        self.assertPoints(100 + 100)
        order.order_line.product_uom_qty = 10
        self.assertPoints(100)
        order.order_line.product_uom_qty = 5
        self.assertPoints(50)
        order.order_line.product_uom_qty = 11
        self.assertPoints(200)
        order._action_cancel()
        self.assertPoints(0)
        self.assertInvariantsHold()

    def test_a_threshold_reached_by_growing_earns_what_it_gives_and_no_more(self):
        bonus = self.env["club.earn.rule"].create(
            {"name": "Bonus", "club_id": self.club.id, "points": 100, "min_amount": 50}
        )
        self.rule.active = False
        order = self.sell((self.product, 4, 10.0))
        self.assertPoints(0)
        order.order_line.product_uom_qty = 5
        self.assertPoints(100)
        order.order_line.product_uom_qty = 9
        self.assertPoints(100)
        self.assertEqual(bonus.points_given, 100)

    def test_units_that_are_added_count_and_a_raised_price_adds_no_units(self):
        self.rule.write({"formula": "per_unit", "points": 1})
        order = self.sell((self.product, 3, 10.0))
        order.order_line.price_unit = 20
        self.assertPoints(3)
        order.order_line.product_uom_qty = 5
        self.assertPoints(5)

    def test_one_product_instead_of_another_earns_for_the_other(self):
        order = self.sell((self.product, 3, 10.0))
        order.order_line = [
            Command.update(order.order_line.id, {"product_uom_qty": 1}),
            Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 25.0, "tax_ids": False}),
        ]
        self.assertPoints(35)
        order.order_line[0].product_uom_qty = 3
        self.assertPoints(55)
        order.order_line[1].product_uom_qty = 0
        self.assertPoints(30)
        self.assertInvariantsHold()

    def test_never_3_what_has_expired_is_not_taken_back_a_second_time(self):
        order = self.sell((self.product, 3, 10.0))
        self.post(-10, "test:spent")
        self.post(-20, "test:expired", kind="expire")
        self.post(50, "test:other")
        order._action_cancel()
        self.assertPoints(50 - 10)
        self.assertInvariantsHold()

    def test_what_grew_goes_back_by_what_it_added(self):
        order = self.sell((self.product, 2, 10.0))
        order.order_line = [
            Command.update(order.order_line.id, {"product_uom_qty": 3}),
            Command.create({"product_id": self.product.id, "product_uom_qty": 2, "price_unit": 20.0, "tax_ids": False}),
        ]
        self.assertPoints(70)
        order.order_line[0].product_uom_qty = 1
        self.assertPoints(50)
