"""Points of a pool on an order."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_has_pools = fields.Boolean(compute="_compute_club_has_pools")

    def _compute_club_has_pools(self):
        for order in self:
            order.club_has_pools = order.state in ("draft", "sent") and bool(order._get_club_pools())

    # -- whose card ------------------------------------------------------------------------------------

    def _club_check_card(self, card):
        """A pool's card pays for those in the pool who may spend, within their limit (abuse 4)."""
        pool = self.env["club.pool"]._find_by_card(card)
        if not pool:
            return super()._club_check_card(card)
        self.ensure_one()
        return pool._check_spending(self, self._club_points_cost(card))

    def _get_club_pools(self):
        """Pools whose points the buyer of this order may spend (sudo)."""
        self.ensure_one()
        clubs = (
            self.env["club.club"].sudo().search([("company_id", "=", self.company_id.id), ("pool_active", "=", True)])
        )
        members = self.env["club.member"].sudo().union(*(club._get_buyer_member(self.partner_id) for club in clubs))
        return self.env["club.pool"].sudo().union(*(member._get_spendable_pools() for member in members))

    # -- backend ---------------------------------------------------------------------------------------

    def action_club_pool(self):
        """Let the seller choose rewards for the points of the buyer's pools."""
        self.ensure_one()
        self.check_access("write")
        pools = self._get_club_pools()
        if not pools:
            raise UserError(
                self.env._(
                    "%(customer)s is in no pool whose points may be spent. Use the customer's own points.",
                    customer=self.partner_id.display_name,
                )
            )
        self.applied_coupon_ids |= pools.account_id.card_id.sudo(False)
        return self.action_open_reward_wizard()

    # -- shop ------------------------------------------------------------------------------------------

    def _get_portal_pools(self):
        """The pools of the buyer on this cart: as :meth:`_get_portal_spending`, and ``pool``.

        :rtype: list[dict]
        """
        self.ensure_one()
        if self.state not in ("draft", "sent") or self.partner_id.is_public:
            return []
        return [
            {**self._prepare_portal_spending(pool.club_id, pool.account_id.card_id), "pool": pool}
            for pool in self._get_club_pools()
            if pool.club_id.program_id.active and pool.club_id.program_id.ecommerce_ok
        ]

    def _spend_pool_points(self, pool_id, reward_id, points=None):
        """Use points of a pool of the buyer's for a reward of this cart; own points of the same kind make room.

        :param points: how many, where the member chooses; 0 takes the reward off again.
        :raises UserError: it is no pool or reward of the buyer's, or there are not so many points.
        """
        self.ensure_one()
        for spending in self._get_portal_pools():
            if spending["pool"].id != pool_id:
                continue
            for row in spending["rewards"]:
                if row["reward"].id == reward_id:
                    return self._claim_from_pool(spending, row, points)
        raise UserError(
            self.env._("This reward is not available for your order. Nothing was changed: choose another one.")
        )

    def _claim_from_pool(self, spending, row, points):
        card = spending["card"]
        if row["per_point"]:
            if points is None or points < 0 or points > row["most"]:
                raise UserError(
                    self.env._(
                        "You can spend up to %(most)s on this order. Nothing was changed: choose a smaller number.",
                        most=spending["club"]._show_points(row["most"]),
                    )
                )
            self._club_apply_points(card, row["reward"], points)
        else:
            self.applied_coupon_ids |= card
            status = self._apply_program_reward(row["reward"], card)
            if "error" in status:
                raise UserError(status["error"])
            self._update_programs_and_rewards()
        return self._club_check_card(card)

    def _club_apply_points(self, card, reward, points):
        """Either one's own points or a pool's give the discount per point: one order has one number of points."""
        others = self.order_line.filtered(lambda line: line.reward_id == reward and line.coupon_id != card)
        if others and engine_lots.to_decimal(points) > Decimal(0):
            others.unlink()
        return super()._club_apply_points(card, reward, points)
