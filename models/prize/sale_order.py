"""Orders that deliver a prize: they follow their redemption, earn nothing, and know no other rewards."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order_line import DIRTY

#: A payment form that was opened so recently may still be paid.
YOUNG_PAYMENT = timedelta(minutes=15)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_redemption_id = fields.Many2one(
        "club.redemption",
        string="Prize Redemption",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="This order delivers a prize: it earns no points.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Only a redemption makes its order; not a caller, nor a default of a context (abuse 5)."""
        if not self.env.su:
            vals_list = [{**vals, "club_redemption_id": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "club_redemption_id" in vals and not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "club_redemption_id"}
        return super().write(vals)

    def _confirmation_error_message(self):
        """A prize is confirmed by its redemption, or by being paid; never after it came to nothing."""
        redemption = self.sudo().club_redemption_id
        if redemption and redemption.state not in ("requested", "approved"):
            return self.env._(
                "%(order)s delivers the prize %(redemption)s, which is %(state)s. Redeem the prize again instead.",
                order=self.name,
                redemption=redemption.name,
                state=redemption._show_state().lower(),
            )
        if redemption and redemption.money and self.amount_total <= 0:
            return self.env._(
                "%(order)s delivers a prize with a part in money, but has nothing to pay. Cancel it, and redeem the "
                "prize again.",
                order=self.name,
            )
        return super()._confirmation_error_message()

    def action_confirm(self):
        result = super().action_confirm()
        redemptions = self.filtered(lambda order: order.state == "sale").sudo().club_redemption_id
        if redemptions:
            redemptions._order_confirmed()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        redemptions = self.sudo().club_redemption_id
        if redemptions:
            redemptions._order_cancelled(self.env._("The order was cancelled"))
        return result

    def unlink(self):
        if self.sudo().club_redemption_id:
            raise UserError(
                self.env._(
                    "%(order)s delivers a prize. Cancel it instead: the points go back to the member.",
                    order=self.filtered("club_redemption_id")[:1].name,
                )
            )
        return super().unlink()

    def _club_is_payment_open(self):
        """Whether money may be on its way for any of these unconfirmed orders."""
        young = fields.Datetime.now() - YOUNG_PAYMENT
        return any(
            tx.state in ("pending", "authorized", "done") or (tx.state == "draft" and tx.create_date > young)
            for tx in self.sudo().filtered(lambda order: order.state in ("draft", "sent")).transaction_ids
        )

    # -- no other rewards ----------------------------------------------------------------------------

    def _update_programs_and_rewards(self):
        if self.club_redemption_id:
            return None
        return super()._update_programs_and_rewards()

    def _get_claimable_rewards(self, forced_coupons=None):
        if self.club_redemption_id:
            return {}
        return super()._get_claimable_rewards(forced_coupons=forced_coupons)

    def _try_apply_code(self, code):
        if self.club_redemption_id:
            return {"error": self.env._("This order delivers a prize: no code can be used on it.")}
        return super()._try_apply_code(code)

    def _get_update_prices_lines(self):
        """The price of a prize is what the catalogue says, never a price list's."""
        return super()._get_update_prices_lines().filtered(lambda line: not line.order_id.club_redemption_id)

    # -- what went out -------------------------------------------------------------------------------

    def _club_settle_prizes(self):
        """Prizes whose goods went out in this transaction are handed over."""
        ids = self.env.cr.precommit.data.pop(DIRTY, ())
        orders = self.browse(sorted(ids)).sudo().exists()
        delivered = orders.filtered(
            lambda order: all(line.qty_delivered >= line.product_uom_qty for line in order.order_line)
        )
        delivered.club_redemption_id._order_delivered()
        self.env.flush_all()
