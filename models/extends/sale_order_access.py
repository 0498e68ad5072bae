"""Members-only and early-access products: refused on the server when added to a cart, paid for or confirmed."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_access_override_id = fields.Many2one(
        "res.users",
        string="Restricted Products Allowed By",
        readonly=True,
        copy=False,
        help="The member of staff who lets this customer buy products that are for members only or not open yet.",
    )
    club_access_warning = fields.Text(compute="_compute_club_access_warning")

    @api.depends("order_line.product_id", "partner_id", "state", "club_access_override_id")
    def _compute_club_access_warning(self):
        for order in self:
            order.club_access_warning = "\n".join(order._get_club_access_refusals())

    def _get_club_access_refusals(self):
        """Why this customer may not buy what is on the order, a sentence per product; empty once staff allowed it.

        :rtype: list[str]
        """
        self.ensure_one()
        if self.club_access_override_id or self.state not in ("draft", "sent"):
            return []
        lines = self.order_line.filtered(lambda line: line.product_id and not line.is_reward_line)
        refusals = lines.product_id.product_tmpl_id._get_club_refusals(self.partner_id)
        return [refusal["reason"] for refusal in refusals.values()]

    def action_club_access_override(self):
        """Let this customer buy the restricted products on the order; written down in the order's chatter."""
        self.check_access("write")
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only staff may let a customer buy restricted products."))
        for order in self:
            refusals = order._get_club_access_refusals()
            order.club_access_override_id = self.env.user
            order.message_post(
                body=self.env._(
                    "%(user)s allows this order in spite of: %(reasons)s",
                    user=self.env.user.name,
                    reasons=" ".join(refusals),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Who allows restricted products presses the button, which writes it down; nobody is born with leave."""
        if not self.env.su:
            if any(vals.get("club_access_override_id") for vals in vals_list):
                raise AccessError(self.env._("Nobody can allow restricted products in another's name."))
            vals_list = [{**vals, "club_access_override_id": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if (
            not self.env.su
            and "club_access_override_id" in vals
            and vals["club_access_override_id"] not in (False, self.env.uid)
        ):
            raise AccessError(self.env._("Nobody can allow restricted products in another's name."))
        return super().write(vals)

    # -- the three doors -----------------------------------------------------------------------------

    def _verify_updated_quantity(self, order_line, product_id, new_qty, uom_id, **kwargs):
        quantity, warning = super()._verify_updated_quantity(order_line, product_id, new_qty, uom_id, **kwargs)
        have = order_line.product_uom_qty if order_line else 0
        if quantity > have and not self.club_access_override_id:
            template = self.env["product.product"].browse(product_id).product_tmpl_id
            refusal = template._get_club_refusals(self._get_club_buyer()).get(template)
            if refusal:
                return have, refusal["reason"]
        return quantity, warning

    def _get_club_buyer(self):
        """Who buys: the order's customer, or nobody for a visitor who has not signed in."""
        self.ensure_one()
        return self.partner_id.filtered(lambda partner: not partner.is_public)

    def _check_cart_is_ready_to_be_paid(self):
        super()._check_cart_is_ready_to_be_paid()
        refusals = self._get_club_access_refusals()
        if refusals:
            raise ValidationError("\n".join([*refusals, self.env._("Please remove it from your cart to go on.")]))

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        refusals = [] if message else self._get_club_access_refusals()
        if not refusals or self._is_club_access_settled():
            return message
        return "\n".join(
            [
                *refusals,
                self.env._(
                    "%(order)s was not confirmed. Staff may allow it with the button Sell Anyway on the order.",
                    order=self.name,
                ),
            ]
        )

    def _is_club_access_settled(self):
        """Money was taken already: the door was at the payment, and a paid order must never get stuck (never.md 22)."""
        self.ensure_one()
        return self._club_is_money_taken()
