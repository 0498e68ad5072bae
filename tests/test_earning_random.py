"""Whatever happens to a sale, in whatever order: points follow what the customer keeps and what is final."""

import random

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_earning_invoices import InvoiceCase

STEPS = 14
SEEDS = range(6)


@tagged("post_install", "-at_install")
class TestARandomLife(InvoiceCase):
    """One point per unit of money makes points and money comparable after every step."""

    def setUp(self):
        super().setUp()
        self.moves = self.env["account.move"]

    def test_points_follow_the_sale_through_any_life(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.live(random.Random(seed))

    def live(self, dice):
        order = self.quote((self.product, 3, 10.0), (self.product, 2, 7.0))
        order.action_confirm()
        story = ["confirm"]
        before = self.owned_by(order)
        for _step in range(STEPS):
            step = dice.choice(
                [self.change, self.change, self.bill, self.take_money, self.undo_money, self.credit, self.cancel]
            )
            try:
                with self.cr.savepoint():
                    done = step(order, dice)
            except UserError as error:
                done = f"refused: {error}"
            story.append(f"{step.__name__}: {done}")
            self.settle()
            self.check(order, story)
            self.env["club.purchase"]._settle(order)
            self.check(order, [*story, "again"])
        self.assertNotEqual(before, None)
        self.assertInvariantsHold()

    # -- what may happen -------------------------------------------------------------

    def change(self, order, dice):
        if order.state != "sale":
            order.action_draft()
            order.action_confirm()
            return "confirmed again"
        line = dice.choice(order.order_line)
        line.product_uom_qty = dice.randint(0, 6)
        return f"{line.id} x {line.product_uom_qty}"

    def bill(self, order, dice):
        move = order._create_invoices(final=True)
        move.action_post()
        return move.mapped("amount_total_signed")

    def take_money(self, order, dice):
        move = order.invoice_ids.filtered(lambda move: move.state == "posted" and move.amount_residual)[:1]
        if move:
            self.pay(move, dice.choice([None, round(move.amount_residual / 2, 2)]))
        return move.id

    def undo_money(self, order, dice):
        move = order.invoice_ids.filtered(lambda move: move.payment_state in ("paid", "partial"))[:1]
        move.line_ids.remove_move_reconcile()
        return move.id

    def credit(self, order, dice):
        move = order.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice")[:1]
        if not move:
            return None
        credit = self.refund(move, post=False)
        line = dice.choice(credit.invoice_line_ids)
        line.quantity = min(line.quantity, dice.randint(1, 3))
        credit.action_post()
        return credit.amount_total

    def cancel(self, order, dice):
        if dice.random() < 0.6:
            return "kept"
        order._action_cancel()
        return "cancelled"

    # -- what must be true ------------------------------------------------------------

    def owned_by(self, order):
        entries = self.env["club.point.entry"].search(
            [("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)]
        )
        return round(sum(entries.mapped("points")), 2), round(sum(entries.mapped("available")), 2)

    def worth_of(self, order):
        """What the customer keeps and what of it is paid, per line, by a plain computation of its own."""
        if order.state != "sale":
            return 0, 0
        kept = paid = 0
        for line in order.order_line:
            bills = line.invoice_lines.filtered(lambda bill: bill.move_id.state == "posted")
            billed = sum(bill.price_total for bill in bills if bill.move_id.move_type == "out_invoice")
            back = sum(bill.price_total for bill in bills if bill.move_id.move_type == "out_refund")
            kept += min(max(max(billed, line.price_total) - back, 0), line.price_total)
            settled = all(bill.move_id.payment_state in ("paid", "reversed") for bill in bills)
            paid += min(max(billed - back, 0), line.price_total) if settled else 0
        return kept, paid

    def check(self, order, story):
        owned, available = self.owned_by(order)
        kept, paid = self.worth_of(order)
        # Every fact rounds down for itself: never more than what is kept, at most a few points less.
        self.assertLessEqual(owned, kept, story)
        self.assertGreaterEqual(owned, kept - 4, story)
        self.assertLessEqual(available, owned, story)
        self.assertGreaterEqual(available, paid - 4, story)
