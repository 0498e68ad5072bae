"""Returns of orders that were partly paid with points."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ClubCase


@tagged("post_install", "-at_install")
class TestReturnsOfOrdersPaidWithPoints(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.member.card_id
        cls.discount = cls.club.program_id.reward_ids
        cls.discount.write({"discount": 0.01, "required_points": 1})

    def invoiced_order(self, points=1000):
        """Two lines of 50.00, 10.00 of them paid with 1,000 points; invoiced 90.00."""
        self.post(points, "e")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False}),
                    Command.create({"product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False}),
                ],
            }
        )
        order._club_apply_points(self.card, self.discount, 1000)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertAlmostEqual(invoice.amount_total, 90)
        self.assertEqual(self.spent(order), -1000)
        return order, invoice

    def spent(self, order):
        entries = self.env["club.point.entry"].search(
            [
                ("origin_model", "=", "sale.order"),
                ("origin_id", "=", order.id),
                ("kind", "in", ("spend", "reverse")),
            ]
        )
        return sum(entries.filtered(lambda entry: "spend" in (entry.kind, entry.reverses_id.kind)).mapped("points"))

    def credit(self, invoice, change=None):
        refund = invoice._reverse_moves([{"ref": "return"}])
        if change:
            change(refund)
        refund.action_post()
        return refund

    def test_a_full_credit_note_gives_all_points_back(self):
        order, invoice = self.invoiced_order()
        self.credit(invoice)
        self.assertEqual(self.spent(order), 0)
        self.assertInvariantsHold()

    def test_half_a_return_gives_half_the_points_back(self):
        order, invoice = self.invoiced_order()

        def half(refund):
            reward = refund.invoice_line_ids.filtered(lambda line: line.price_unit < 0)
            goods = refund.invoice_line_ids.filtered(lambda line: line.product_id == self.product)
            refund.write(
                {"invoice_line_ids": [Command.update(reward.id, {"price_unit": -5}), Command.delete(goods[0].id)]}
            )

        refund = self.credit(invoice, half)
        self.assertAlmostEqual(refund.amount_total, 45)
        self.assertEqual(self.spent(order), -500)
        self.assertInvariantsHold()

    def test_goods_of_one_tax_that_come_back_bring_back_their_part_of_the_points(self):
        """A discount has a line per set of taxes: until all of them came back, no point did."""
        self.post(1000, "e")
        taxes = self.env["account.tax"].create([{"name": "10%", "amount": 10}, {"name": "20%", "amount": 20}])
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 5, "tax_ids": [Command.set(tax.ids)]}
                    )
                    for tax in taxes
                ],
            }
        )
        order._club_apply_points(self.card, self.discount, 1000)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()

        def only(tax):
            def change(refund):
                others = refund.invoice_line_ids.filtered(lambda line: line.tax_ids != tax)
                refund.write({"invoice_line_ids": [Command.delete(line.id) for line in others]})

            return change

        self.credit(invoice, only(taxes[0]))
        # 55.00 of 115.00: 4.78 of the 10.00 that the points paid
        self.assertEqual(self.spent(order), -522)
        self.credit(invoice, only(taxes[1]))
        self.assertEqual(self.spent(order), 0)
        self.assertInvariantsHold()

    def test_leaving_the_points_discount_out_is_refused(self):
        """abuse.md 7: a refund turns points into cash when the credit note leaves the reward line out."""
        order, invoice = self.invoiced_order()

        def without_reward(refund):
            reward = refund.invoice_line_ids.filtered(lambda line: line.price_unit < 0)
            refund.write({"invoice_line_ids": [Command.delete(reward.id)]})

        with self.assertRaisesRegex(UserError, "10.00"):
            self.credit(invoice, without_reward)
        self.assertEqual(self.spent(order), -1000)

    def test_a_credit_note_taken_back_spends_the_points_again(self):
        order, invoice = self.invoiced_order()
        refund = self.credit(invoice)
        self.post(-1000, "prize")
        refund.button_draft()
        self.assertEqual(self.spent(order), -1000)
        self.assertLess(self.member.points, 0, "what is gone meanwhile becomes arrears")
        refund.action_post()
        self.assertEqual(self.spent(order), 0)
        self.assertInvariantsHold()

    def test_a_credit_note_taken_back_after_a_merge_spends_the_points_of_who_remained(self):
        """Never 13: the order names the card of the contact that is gone."""
        order, invoice = self.invoiced_order()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner_2
        )
        self.env.invalidate_all()
        refund = self.credit(invoice)
        for _time in range(2):
            self.assertEqual((self.spent(order), self.member_2.points, self.member.points), (0, 1000, 0))
            refund.button_draft()
            self.env.invalidate_all()
            self.assertEqual((self.spent(order), self.member_2.points, self.member.points), (-1000, 0, 0))
            refund.action_post()
            self.env.invalidate_all()
        self.assertEqual((self.spent(order), self.member_2.points, self.member.points), (0, 1000, 0))
        self.assertInvariantsHold()

    def test_a_credit_note_taken_back_after_the_member_left_is_owed(self):
        order, invoice = self.invoiced_order()
        refund = self.credit(invoice)
        self.member._leave()
        refund.button_draft()
        self.env.invalidate_all()
        self.assertEqual(self.spent(order), -1000)
        refund.action_post()
        self.assertEqual(self.spent(order), 0)
        self.assertInvariantsHold()

    def test_a_free_product_that_comes_back_gives_its_points_back(self):
        self.post(300, "e")
        gift = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 300,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False})],
            }
        )
        order._update_programs_and_rewards()
        order._apply_program_reward(gift, self.card)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.credit(invoice)
        self.assertEqual(self.spent(order), 0)
        self.assertInvariantsHold()
