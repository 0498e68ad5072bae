"""What an order of 400.00 has earned, and what of it can be spent, after everything that may happen to its documents.

Each test is a row of the table "What fires when" of the accountant's book; a row of a test is
``(what happened, owned, spendable)``.
"""

from odoo import Command, fields
from odoo.tests import tagged

from .test_books_worked_life import BooksCase


class WhatFiresCase(BooksCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["account.tax"]

    def order_400(self, **values):
        return self.buy(100.0, taxes=self.none, quantity=4, **values)

    def invoiced(self):
        order = self.order_400()
        return order, self.invoice(order)

    def rematch(self):
        self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
            ]
        ).reconcile()
        self.settle()

    def advance(self, order, percent):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=order.ids, active_model="sale.order")
            .create({"advance_payment_method": "percentage", "amount": percent})
        )
        move = wizard._create_invoices(order)
        move.action_post()
        self.settle()
        return move

    def assertRow(self, owned, spendable):
        self.assertPoints(owned, spendable)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPayments(WhatFiresCase):
    def test_partial_payments_undone_and_made_again(self):
        _order, move = self.invoiced()
        self.pay(move, 100.0)
        self.assertRow(400, 100)
        self.pay(move)
        self.assertRow(400, 400)
        for _round in range(2):
            move.line_ids.remove_move_reconcile()
            self.assertRow(400, 0)
            self.rematch()
            self.assertRow(400, 400)

    def test_a_paid_invoice_drafted_and_posted_again(self):
        _order, move = self.invoiced()
        self.pay(move)
        for _round in range(2):
            move.button_draft()
            self.assertRow(400, 0)
            move.action_post()
            self.assertEqual(move.payment_state, "paid", "Odoo matches the payment again by itself")
            self.assertRow(400, 400)

    def test_what_was_spent_while_paid_is_owed_until_it_is_paid_again(self):
        _order, move = self.invoiced()
        self.pay(move)
        self.post(-300, "prize")
        move.line_ids.remove_move_reconcile()
        self.assertRow(100, -300)
        self.rematch()
        self.assertRow(100, 100)

    def test_several_invoices_of_which_one_is_credited(self):
        self.product.write({"invoice_policy": "delivery", "type": "service"})
        order = self.order_400()
        moves = []
        for delivered in (1, 4):
            order.order_line.qty_delivered = delivered
            moves.append(self.invoice(order))
        self.pay(moves[1])
        self.assertRow(400, 300)
        self.refund(moves[0])
        self.assertRow(300, 300)
        self.credit(moves[1], quantity=1)
        self.assertRow(200, 200)

    def test_a_down_payment_of_a_quarter_and_what_comes_back_of_the_rest(self):
        order = self.order_400()
        self.pay(self.advance(order, 25))
        self.assertRow(400, 0)
        rest = self.invoice(order, final=True)
        self.assertEqual(rest.amount_total, 300)
        self.pay(rest)
        self.assertRow(400, 400)
        refund = self.refund(rest, post=False)
        refund.invoice_line_ids.filtered(lambda line: line.quantity < 0 or line.price_total < 0).unlink()
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.assertRow(300, 300)

    def test_an_invoice_of_nothing(self):
        order = self.buy(0.0, taxes=self.none)
        self.invoice(order)
        self.assertRow(0, 0)


@tagged("post_install", "-at_install")
class TestCreditNotes(WhatFiresCase):
    def test_of_an_unpaid_invoice_that_is_invoiced_again(self):
        order, move = self.invoiced()
        self.refund(move)
        self.assertEqual(move.payment_state, "reversed")
        self.assertRow(0, 0)
        again = self.invoice(order)
        self.assertRow(400, 0)
        self.pay(again)
        self.assertRow(400, 400)

    def test_of_a_part_of_an_unpaid_invoice(self):
        _order, move = self.invoiced()
        self.credit(move, quantity=1)
        self.assertRow(300, 0)
        self.pay(move, 150.0)
        self.assertRow(300, 150)
        self.pay(move)
        self.assertRow(300, 300)

    def test_of_one_of_two_lines_of_an_unpaid_invoice(self):
        order = self.quote((self.product, 1, 100.0), (self.product, 1, 300.0))
        order.action_confirm()
        move = self.invoice(order)
        refund = self.refund(move, post=False)
        refund.invoice_line_ids.filtered(lambda line: line.price_unit == 300).unlink()
        refund.action_post()
        self.assertRow(300, 0)
        self.pay(move, 150.0)
        self.assertRow(300, 150)

    def test_without_the_invoice_s_name(self):
        order, move = self.invoiced()
        self.pay(move)
        order.order_line.product_uom_qty = 3
        self.assertRow(300, 300)
        refund = order._create_invoices(final=True)
        self.assertFalse(refund.reversed_entry_id)
        refund.action_post()
        self.assertRow(300, 300)
        self.pay(refund)
        self.assertRow(300, 300)
        order.order_line.product_uom_qty = 4
        self.pay(self.invoice(order))
        self.assertRow(400, 400)

    def test_without_the_invoice_s_name_while_the_invoice_is_unpaid(self):
        order, move = self.invoiced()
        order.order_line.product_uom_qty = 3
        refund = order._create_invoices(final=True)
        refund.action_post()
        self.rematch()
        self.assertRow(300, 0)
        self.pay(move)
        self.assertRow(300, 300)

    def test_an_invoice_that_is_modified(self):
        _order, move = self.invoiced()
        self.pay(move)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id})
        )
        new = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        self.settle()
        self.assertRow(0, 0)
        new.invoice_line_ids.quantity = 3
        new.action_post()
        self.pay(new)
        self.assertRow(300, 300)

    def test_an_order_cancelled_after_its_payment_and_credited_then(self):
        order, move = self.invoiced()
        self.pay(move)
        order._action_cancel()
        self.assertEqual((move.state, order.state), ("posted", "cancel"))
        self.assertRow(0, 0)
        self.refund(move)
        self.assertRow(0, 0)

    def test_many_small_ones_add_up_to_the_whole(self):
        self.rule.write({"points": 1, "per_amount": 7})
        order = self.buy(1.03, quantity=97)
        move = self.invoice(order)
        self.pay(move)
        self.assertRow(14, 14)
        owned = 14
        for number in range(97):
            refund = move._reverse_moves([{"ref": str(number)}])
            refund.invoice_line_ids.quantity = 1
            refund.action_post()
            if number in (30, 60, 96):
                now = self.owned()
                self.assertLessEqual(now, owned)
                owned = now
        self.assertRow(0, 0)

    def test_a_discount_added_to_the_invoice_earns_nothing(self):
        """never.md 11 in spirit: points on what is really paid."""
        order = self.order_400()
        move = self.invoice(order, post=False)
        move.invoice_line_ids = [Command.create({"name": "For you", "price_unit": -100.0, "tax_ids": False})]
        move.action_post()
        self.pay(move)
        self.assertEqual(move.amount_total, 300)
        self.assertRow(300, 300)

    def test_a_price_lowered_on_the_invoice_earns_what_it_says(self):
        order = self.order_400()
        move = self.invoice(order, post=False)
        move.invoice_line_ids.price_unit = 75.0
        move.action_post()
        self.assertRow(300, 0)
        self.pay(move)
        self.assertRow(300, 300)
        self.credit(move, quantity=1)
        self.assertRow(225, 225)
        self.refund(move)
        self.assertRow(0, 0)

    def test_what_expired_before_it_was_paid_is_not_shown_as_pending(self):
        order = self.order_400()
        self.assertEqual((order.club_points_earned, order.club_points_pending), (400, 400))
        lot = self.member.lot_ids
        self.post(-400, "expired", kind="expire", lots=lot.ids, only=True)
        order.invalidate_recordset()
        self.assertEqual(order.club_points_pending, 0)


@tagged("post_install", "-at_install")
class TestReturnsOfWhatPointsPaid(WhatFiresCase):
    def test_a_return_in_parts_of_an_order_partly_paid_with_points(self):
        """400 points pay 48.00 of 100.00 gross with tax; what comes back in four parts is all of it, no more."""
        self.reward.discount = 0.12
        self.post(400, "gift")
        order = self.buy(25.0, 400, taxes=self.vat, quantity=4)
        self.assertEqual((order.amount_untaxed, order.amount_total), (60, 72))
        move = self.invoice(order)
        self.pay(move)
        self.assertRow(60, 60)
        for number in range(1, 5):
            refund = move._reverse_moves([{"ref": str(number)}])
            goods = refund.invoice_line_ids.filtered(lambda line: line.price_unit > 0)
            reward = refund.invoice_line_ids - goods
            goods.quantity = 1
            reward.price_unit = reward.price_unit / 4
            refund.action_post()
            self.settle()
            self.assertRow(60 - 15 * number + 100 * number, 60 - 15 * number + 100 * number)

    def test_cancelling_gives_the_points_back_and_takes_what_was_earned(self):
        self.post(400, "gift")
        order = self.buy(25.0, 400, taxes=self.vat, quantity=4)
        move = self.invoice(order)
        self.pay(move)
        order._action_cancel()
        self.assertRow(400, 400)


@tagged("post_install", "-at_install")
class TestTwoCompanies(WhatFiresCase):
    def test_archived_clubs_and_rules_earn_nothing_whoever_asks_first(self):
        """Merges and reports read with archived records: what they cache must not bring old rules back."""
        archived = self.rule.copy({"name": "Old", "points": 7})
        archived.active = False
        closed = self.env["club.club"].create({"name": "Closed", "active": False})
        tier = self.env["club.tier"].create({"name": "Old Gold", "club_id": self.club.id, "active": False})
        self.env.registry.clear_cache()
        tiers = self.club.with_context(active_test=False)._get_tier_values()
        self.assertNotIn(tier.id, [known.id for known in tiers])
        policies = self.env["club.club"].with_context(active_test=False)._get_policies()
        self.assertNotIn(closed.id, policies)
        self.assertEqual([rule.id for rule in policies[self.club.id].rules], [self.rule.id])

    def test_never_14_a_club_neither_earns_nor_pays_in_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create(
            {
                "name": "Other Club",
                "company_id": other.id,
                "expiry_policy": "never",
                "earn_when": "confirmed",
                "hold_days": 0,
            }
        )
        self.env["club.earn.rule"].create(
            {"name": "Two", "club_id": club.id, "formula": "per_amount", "points": 2, "per_amount": 1}
        )
        member = club._enrol(self.partner)
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.partner.id,
                    "company_id": other.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": 10.0, "tax_ids": False})
                    ],
                }
            )
        )
        order.action_confirm()
        self.assertPoints(20, member=member)
        self.assertRow(0, 0)
        self.order_400()
        self.assertRow(400, 0)
        self.assertPoints(20, member=member)

    def test_points_earned_before_an_import_of_history_are_not_counted_again(self):
        """never.md 18: history and real orders side by side."""
        self.member.joined_at = fields.Datetime.now()
        old = self.order_400()
        old.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=400)
        purchases = self.env["club.purchase"]
        purchases._settle(orders=old, before_joining=True)
        self.assertRow(400, 0)
        purchases._settle(orders=old, before_joining=True)
        self.pay(self.invoice(old))
        self.assertRow(400, 400)
        self.pay(self.invoice(self.order_400()))
        self.assertRow(800, 800)
