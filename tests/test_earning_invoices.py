"""Points become spendable as a sale is invoiced and paid, and come back with credit notes."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .test_earning_orders import EarningCase


class InvoiceCase(EarningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"earn_when": "paid", "hold_days": 0})
        cls.by_delivery = cls.env["product.product"].create(
            {
                "name": "Pots",
                "list_price": 10.0,
                "taxes_id": False,
                "invoice_policy": "delivery",
                "type": "service",
            }
        )


@tagged("post_install", "-at_install")
class TestPointsOpenWhenPaid(InvoiceCase):
    def test_never_7_points_of_an_unpaid_order_wait_and_open_once_with_the_payment(self):
        order = self.sell((self.product, 3, 10.0))
        self.assertPoints(30, 0)
        move = self.invoice(order)
        self.assertPoints(30, 0)
        self.pay(move)
        self.assertPoints(30, 30)
        self.assertInvariantsHold()

    def test_a_club_may_open_points_with_the_invoice(self):
        self.club.earn_when = "invoiced"
        order = self.sell((self.product, 3, 10.0))
        self.assertPoints(30, 0)
        self.invoice(order)
        self.assertPoints(30, 30)

    def test_a_draft_invoice_opens_nothing(self):
        self.club.earn_when = "invoiced"
        order = self.sell((self.product, 3, 10.0))
        self.invoice(order, post=False)
        self.assertPoints(30, 0)

    def test_a_partial_payment_opens_its_share(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move, 10.0)
        self.assertPoints(30, 10)
        self.pay(move, 10.0)
        self.assertPoints(30, 20)
        self.pay(move)
        self.assertPoints(30, 30)
        self.assertInvariantsHold()

    def test_never_6_a_payment_undone_and_made_again_never_doubles(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        for _round in range(2):
            move.line_ids.remove_move_reconcile()
            self.assertPoints(30, 0)
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id", "=", self.partner.id),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("reconciled", "=", False),
                ]
            )
            lines.reconcile()
            self.assertPoints(30, 30)
        self.assertInvariantsHold()

    def test_points_that_wait_for_the_hold_go_with_the_payment(self):
        self.club.hold_days = 14
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        release = self.env["club.earn.release"].search([("member_id", "=", self.member.id)])
        self.assertEqual((release.points, release.due_on), (30, fields.Date.today() + timedelta(days=14)))
        self.assertPoints(30, 0)
        move.line_ids.remove_move_reconcile()
        self.settle()
        self.assertFalse(release.exists())

    def test_the_night_job_opens_what_is_due_and_only_that(self):
        self.club.hold_days = 14
        for price in (10.0, 20.0):
            self.pay(self.invoice(self.sell((self.product, 1, price))))
        first, _second = self.env["club.earn.release"].search([("member_id", "=", self.member.id)], order="id")
        first.due_on = fields.Date.today()
        with self.jobs_in_test():
            self.env["club.earn.release"]._cron_open_due()
            self.assertPoints(30, 10)
            self.env["club.earn.release"]._cron_open_due()
        self.assertPoints(30, 10)
        self.assertInvariantsHold()

    def test_several_invoices_open_their_shares(self):
        order = self.sell((self.by_delivery, 4, 10.0))
        order.order_line.qty_delivered = 1
        self.pay(self.invoice(order))
        self.assertPoints(40, 10)
        order.order_line.qty_delivered = 4
        self.pay(self.invoice(order))
        self.assertPoints(40, 40)

    def test_a_down_payment_opens_nothing_until_the_rest_is_invoiced_and_paid(self):
        order = self.sell((self.product, 4, 10.0))
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=order.ids, active_model="sale.order")
            .create(
                {
                    "advance_payment_method": "percentage",
                    "amount": 25,
                }
            )
        )
        advance = wizard._create_invoices(order)
        advance.action_post()
        self.pay(advance)
        self.assertPoints(40, 0)
        rest = self.invoice(order, final=True)
        self.assertEqual(rest.amount_total, 30)
        self.assertPoints(40, 0)
        self.pay(rest)
        self.assertPoints(40, 40)

    def test_an_unpaid_down_payment_keeps_its_share_pending(self):
        order = self.sell((self.product, 4, 10.0))
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=order.ids, active_model="sale.order")
            .create(
                {
                    "advance_payment_method": "percentage",
                    "amount": 25,
                }
            )
        )
        advance = wizard._create_invoices(order)
        advance.action_post()
        self.pay(self.invoice(order, final=True))
        self.assertPoints(40, 30)
        self.pay(advance)
        self.assertPoints(40, 40)

    def test_an_invoice_of_nothing_is_paid_at_once(self):
        order = self.sell((self.product, 1, 0.0))
        self.invoice(order)
        self.assertPoints(0)


@tagged("post_install", "-at_install")
class TestReturns(InvoiceCase):
    def test_never_1_a_full_credit_note_takes_everything_back(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        self.refund(move)
        self.assertPoints(0)
        self.assertInvariantsHold()

    def test_never_1_a_credit_note_of_an_unpaid_invoice_takes_everything_back(self):
        order = self.sell((self.product, 3, 10.0))
        self.refund(self.invoice(order))
        self.assertPoints(0)

    def test_never_2_the_payment_of_a_credit_note_changes_nothing_more(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        credit = self.refund(move)
        self.pay(credit)
        self.assertPoints(0)

    def test_a_credit_note_of_one_line_takes_back_its_part(self):
        order = self.sell((self.product, 3, 10.0), (self.by_delivery, 2, 10.0))
        order.order_line[1].qty_delivered = 2
        move = self.invoice(order)
        self.pay(move)
        credit = self.refund(move, post=False)
        credit.invoice_line_ids.filtered(lambda line: line.product_id == self.by_delivery).unlink()
        credit.invoice_line_ids.quantity = 1
        credit.action_post()
        self.assertPoints(40)

    def test_a_draft_credit_note_takes_nothing_back_and_a_cancelled_one_gives_back(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        credit = self.refund(move, post=False)
        self.assertPoints(30)
        credit.action_post()
        self.assertPoints(0)
        credit.button_draft()
        self.assertPoints(30)
        self.assertInvariantsHold()

    def test_a_lowered_quantity_is_taken_back_once_though_a_credit_note_follows(self):
        order = self.sell((self.product, 3, 10.0))
        self.pay(self.invoice(order))
        order.order_line.product_uom_qty = 2
        self.assertPoints(20)
        credit = order._create_invoices(final=True)
        self.assertEqual((credit.move_type, credit.reversed_entry_id.id), ("out_refund", False))
        credit.action_post()
        self.assertPoints(20)
        self.assertInvariantsHold()

    def test_a_modified_invoice_keeps_what_was_earned(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create(
                {
                    "journal_id": move.journal_id.id,
                }
            )
        )
        action = wizard.modify_moves()
        self.settle()
        new = self.env["account.move"].browse(action["res_id"])
        self.assertPoints(0)
        new.action_post()
        self.assertPoints(30, 0)
        self.pay(new)
        self.assertPoints(30, 30)
        self.assertInvariantsHold()

    def test_points_spent_before_the_return_become_arrears(self):
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        self.post(-30, "test:spent")
        self.refund(move)
        self.assertPoints(-30)
        self.assertInvariantsHold()

    def test_parts_returned_one_by_one_add_up_to_the_whole(self):
        self.rule.write({"points": 1, "per_amount": 7})
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.pay(move)
        self.assertPoints(4)
        for left in (2, 1, 0):
            credit = self.refund(move, post=False)
            credit.invoice_line_ids.quantity = 1
            credit.action_post()
            self.assertPoints(left)
        self.assertInvariantsHold()

    def test_cancelling_a_paid_order_takes_back_what_it_earned(self):
        order = self.sell((self.product, 3, 10.0))
        self.pay(self.invoice(order))
        order._action_cancel()
        self.assertPoints(0)


@tagged("post_install", "-at_install")
class TestInvoicesWithoutAnOrder(InvoiceCase):
    def bill(self, *lines, partner=None, move_type="out_invoice", post=True, **values):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.partner).id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": product.id, "quantity": quantity, "price_unit": price, "tax_ids": False}
                    )
                    for product, quantity, price in lines
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        self.settle()
        return move

    def test_a_direct_invoice_earns_and_opens_when_paid(self):
        move = self.bill((self.product, 2, 10.0), post=False)
        self.assertPoints(0)
        move.action_post()
        self.assertPoints(20, 0)
        self.pay(move)
        self.assertPoints(20, 20)
        self.assertEqual(
            self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "purchase")]).key,
            f"account.move,{move.id}:purchase:1",
        )

    def test_the_club_may_say_that_invoices_do_not_earn(self):
        self.club.earn_from_invoices = False
        self.bill((self.product, 2, 10.0))
        self.assertPoints(0)

    def test_an_invoice_of_an_order_does_not_earn_a_second_time(self):
        order = self.sell((self.product, 3, 10.0))
        self.invoice(order)
        self.assertPoints(30, 0)
        self.assertFalse(self.env["club.event"].search([("origin_model", "=", "account.move")]))

    def test_a_draft_again_takes_back_and_posting_again_earns_again(self):
        move = self.bill((self.product, 2, 10.0))
        move.button_draft()
        self.assertPoints(0)
        move.action_post()
        self.assertPoints(20, 0)

    def test_never_1_credit_notes_take_back_by_product(self):
        move = self.bill((self.product, 2, 10.0), (self.by_delivery, 1, 30.0))
        self.pay(move)
        self.assertPoints(50)
        credit = self.refund(move, post=False)
        credit.invoice_line_ids.filtered(lambda line: line.product_id == self.product).unlink()
        credit.invoice_line_ids.price_unit = 15.0
        credit.action_post()
        self.assertPoints(35)
        self.refund(move)
        self.assertPoints(0)
        self.assertInvariantsHold()

    def test_never_2_a_credit_note_of_its_own_earns_nothing(self):
        self.bill((self.product, 2, 10.0), move_type="out_refund")
        self.assertPoints(0)

    def test_a_vendor_bill_earns_nothing(self):
        self.bill((self.product, 2, 10.0), move_type="in_invoice")
        self.assertPoints(0)
