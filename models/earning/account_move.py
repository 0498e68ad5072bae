"""Invoices say which share of a sale is final, and may be sales themselves."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    club_points_earned = fields.Float(compute="_compute_club_points", digits=(16, 2), string="Points Earned")
    club_entry_count = fields.Integer(compute="_compute_club_points", string="Point Entries")

    def _compute_payment_state(self):
        # Depends on the state, the residual and the payments: whatever happens to an invoice passes here.
        super()._compute_payment_state()
        sales = self.filtered(
            lambda move: (
                move.move_type in ("out_invoice", "out_refund") and (move.state == "posted" or move.posted_before)
            )
        )
        if sales:
            self.env["club.purchase"]._mark(sales)

    def _compute_club_points(self):
        """Points of the invoice itself and of the orders that it invoices."""
        Purchase = self.env["club.purchase"]
        own = Purchase._get_totals_by_origin("account.move", self.ids)
        orders = {move: move.sudo().invoice_line_ids.sale_line_ids.order_id for move in self}
        of_orders = Purchase._get_totals_by_origin(
            "sale.order", list({order.id for found in orders.values() for order in found})
        )
        for move in self:
            rows = [own[move.id], *(of_orders[order.id] for order in orders[move])]
            move.club_points_earned = sum(row["club_points_earned"] for row in rows)
            move.club_entry_count = sum(row["club_entry_count"] for row in rows)

    def action_view_club_entries(self):
        self.ensure_one()
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id
        action = self.env["club.purchase"]._get_origin_action(self)
        action["domain"] = [
            "|",
            "&",
            ("origin_model", "=", "account.move"),
            ("origin_id", "=", self.id),
            "&",
            ("origin_model", "=", "sale.order"),
            ("origin_id", "in", orders.ids),
        ]
        return action
