"""Money that nothing is earned on: discounts, gift cards, several orders and yen, through invoices and returns."""

from odoo import Command, fields
from odoo.tests import tagged

from .test_books_what_fires import WhatFiresCase


@tagged("post_install", "-at_install")
class TestMoneyThatIsNotEarnedOn(WhatFiresCase):
    def test_a_global_discount_and_taxes_in_the_price_through_partial_returns(self):
        self.club.earn_tax = "included"
        self.vat.price_include_override = "tax_included"
        order = self.quote((self.product, 2, 120.0), (self.product, 1, 60.0))
        order.order_line.tax_ids = self.vat
        self.env["sale.order.discount"].create(
            {"sale_order_id": order.id, "discount_type": "so_discount", "discount_percentage": 0.1}
        ).action_apply_discount()
        order.action_confirm()
        self.assertEqual(order.amount_total, 270)
        self.assertRow(270, 0)
        move = self.invoice(order)
        self.pay(move)
        self.assertRow(270, 270)
        refund = self.refund(move, post=False)
        refund.invoice_line_ids.filtered(lambda line: line.price_unit != 120).unlink()
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.assertRow(162, 162)
        rest = self.refund(move, post=False)
        rest.invoice_line_ids.filtered(lambda line: line.price_unit == 120).quantity = 1
        rest.action_post()
        self.assertRow(0, 0)

    def test_never_5_gift_card_money_through_a_payment_and_a_return(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Gift",
                "program_type": "gift_card",
                "applies_on": "future",
                "trigger": "auto",
                "reward_ids": [
                    Command.clear(),
                    Command.create({"reward_type": "discount", "discount_mode": "per_point", "discount": 1}),
                ],
            }
        )
        card = self.env["loyalty.card"].create({"program_id": program.id, "points": 100, "code": "gift-100"})
        order = self.quote((self.product, 4, 100.0))
        status = order._try_apply_code(card.code)
        self.assertNotIn("error", status)
        order._apply_program_reward(program.reward_ids, card)
        order.action_confirm()
        self.assertEqual(order.amount_total, 300)
        move = self.invoice(order)
        self.pay(move)
        self.assertRow(300, 300)
        self.credit(move, quantity=2)
        self.assertRow(150, 150)

    def test_one_invoice_of_two_orders_and_a_credit_that_names_no_line(self):
        orders = self.order_400() | self.order_400()
        move = orders._create_invoices()
        self.assertEqual(len(move), 1)
        move.action_post()
        self.pay(move)
        self.assertRow(800, 800)
        refund = self.refund(move, post=False)
        refund.invoice_line_ids = [
            Command.clear(),
            Command.create({"name": "Compensation", "price_unit": 200.0, "tax_ids": False}),
        ]
        refund.action_post()
        self.assertRow(600, 600)
        self.assertEqual(orders.mapped("club_points_earned"), [300, 300])

    def test_never_11_a_full_credit_that_names_no_line_of_an_order_partly_paid_with_points(self):
        self.post(400, "gift")
        order = self.buy(25.0, 400, taxes=self.vat, quantity=4)
        move = self.invoice(order)
        self.pay(move)
        refund = self.refund(move, post=False)
        refund.invoice_line_ids = [
            Command.clear(),
            Command.create({"name": "All back", "price_unit": 60.0, "tax_ids": self.vat.ids}),
        ]
        refund.action_post()
        self.assertEqual(refund.amount_total, move.amount_total)
        self.settle()
        self.assertEqual(order.club_points_earned, 0)
        self.assertInvariantsHold()

    def test_never_10_yen_are_credited_in_parts_without_a_rest(self):
        yen = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        yen.write({"active": True, "rounding": 1.0})
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": fields.Date.today(), "rate": 150.0, "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "JPY", "currency_id": yen.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 7,
                            "price_unit": 1071,
                            "tax_ids": self.vat.ids,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self.assertRow(49, 0)
        move = self.invoice(order)
        self.pay(move)
        self.assertRow(49, 49)
        for left in (42, 35, 28, 21, 14, 7, 0):
            self.credit(move, quantity=1)
            self.assertRow(left, left)

    def test_points_held_since_the_confirmation_go_with_the_return_and_come_back_to_wait(self):
        self.club.write({"earn_when": "confirmed", "hold_days": 14})
        _order, move = self.invoiced()
        self.assertRow(400, 0)
        refund = self.credit(move, quantity=1)
        self.assertRow(300, 0)
        refund.button_draft()
        self.assertRow(400, 0)
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_open(fields.Date.add(fields.Date.today(), days=14))
        self.assertRow(400, 400)
