"""Returns that are undone and made again take the points back each time."""

from odoo import Command
from odoo.tests import tagged

from .common import ClubCase


@tagged("post_install", "-at_install")
class TestReturnsUndoneAndMadeAgain(ClubCase):
    def test_the_third_return_takes_as_much_as_the_first(self):
        """never.md 1 and 2."""
        self.env["club.earn.rule"].create(
            {"name": "Money", "club_id": self.club.id, "formula": "per_amount", "points": 1, "per_amount": 1}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 10})],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.env.cr.flush()
        self.assertEqual(self.member.points, 100)
        refund = invoice._reverse_moves([{"ref": "return"}])
        for _time in range(3):
            refund.action_post()
            self.env.cr.flush()
            self.assertEqual(self.member.points, 0)
            refund.button_draft()
            self.env.cr.flush()
            self.assertEqual(self.member.points, 100)
        self.assertInvariantsHold()
