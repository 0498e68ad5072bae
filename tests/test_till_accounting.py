"""What a till sold puts aside for points with its session's entry. Runs where the till is installed."""

from freezegun import freeze_time
from odoo import Command
from odoo.tests import tagged

from .test_accounting_channels import BookedCase
from .test_till_spending import TillCase


@tagged("post_install", "-at_install")
class TestTheTillInTheBooks(BookedCase, TillCase):
    def ring_up(self, session, price):
        order = self.env["pos.order"].create(
            {
                "session_id": session.id,
                "company_id": self.env.company.id,
                "partner_id": self.till_partner.id,
                "amount_tax": 0,
                "amount_total": price,
                "amount_paid": 0,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.roses.id,
                            "qty": 1,
                            "price_unit": price,
                            "price_subtotal": price,
                            "price_subtotal_incl": price,
                        }
                    )
                ],
            }
        )
        order.add_payment({"pos_order_id": order.id, "amount": price, "payment_method_id": self.method.id})
        order.action_pos_order_paid()
        self.env.cr.flush()
        return order

    def test_a_sale_is_deferred_with_the_entry_of_its_session(self):
        self.env["club.club"].search([("id", "!=", self.club.id)]).active = False
        self.set_up_books()
        self.club.write({"earn_when": "paid", "hold_days": 0})
        self.till_member.joined_at = "2026-01-01 12:00:00"
        self.env["club.earn.rule"].create(
            {"name": "Till", "club_id": self.club.id, "formula": "per_amount", "points": 1, "per_amount": 1}
        )
        with freeze_time("2026-10-10 12:00:00"):
            self.config.open_ui()
            session = self.config.current_session_id
            session.set_opening_control(0, "")
            self.ring_up(session, 99.0)
            self.assertEqual(self.till_member.points, 99)
            session.post_closing_cash_details(99)
            self.assertTrue(session.close_session_from_ui()["successful"])
        self.assertEqual(session.move_id.state, "posted")
        close = self.close()
        self.assertEqual(self.lines(close), [("aside", "debt", 0.98)], "99.00 of goods and 99 points at 0.02 × 0.5")
        deferral = self.env["club.deferral"].search([("club_id", "=", self.club.id)])
        self.assertEqual((deferral.move_id, deferral.basis, deferral.points), (session.move_id, 99, 99))
        self.assertFalse(self.close("2026-12-20 12:00:00").move_id)
