"""Who has a tier with priority is served first from scarce stock."""

from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_priority = fields.Boolean(
        compute="_compute_club_priority",
        help="The customer's tier goes first: goods are reserved for this order before others.",
    )

    def _compute_club_priority(self):
        """At most one query per order, and none where no tier has priority."""
        for order in self:
            order.club_priority = bool(
                order.partner_id
                and self.env["club.tier"]._is_given(order.company_id.id, "priority")
                and self.env["product.template"]
                ._get_club_memberships(order.partner_id)
                .filtered(lambda member, order=order: member.company_id == order.company_id and member.priority > 0)
            )

    def _action_confirm(self):
        """Deliveries of such an order are urgent: Odoo's stock reserves them before others of the same day."""
        result = super()._action_confirm()
        if "picking_ids" in self._fields:
            urgent = self.filtered(lambda order: order.sudo().club_priority)
            urgent.sudo().picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")).priority = "1"
        return result
