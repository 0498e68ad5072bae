"""Wallet money on an order: how much of it to use, and what it never pays for."""

from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_wallet_cap = fields.Float(
        string="Wallet Money to Use at Most",
        digits=(16, 2),
        copy=False,
        default=-1.0,
        help="How much wallet money the customer wants to use; negative: as much as useful.",
    )

    # -- how much ------------------------------------------------------------

    def _club_get_cap(self, card):
        if self._club_is_wallet(card):
            return self.club_wallet_cap
        return super()._club_get_cap(card)

    def _club_set_cap(self, card, points):
        if self._club_is_wallet(card):
            self.club_wallet_cap = points
        else:
            super()._club_set_cap(card, points)

    def _club_is_wallet(self, card):
        return card._club_member().club_id.id in self.env["club.club"]._get_wallet_club_ids()

    def _get_portal_spending(self):
        """The wallet follows its club; who has no money in it sees nothing of it."""
        shown = super()._get_portal_spending()
        if self.state not in ("draft", "sent") or self.partner_id.is_public:
            return shown
        wallets = (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("state", "=", "account"),
                    ("is_wallet", "=", True),
                    ("company_id", "=", self.company_id.id),
                    ("card_id.points", ">", 0),
                ],
                limit=10,
            )
        )
        return shown + [
            {**self._prepare_portal_spending(account.club_id, account.card_id), "wallet": True} for account in wallets
        ]

    # -- top-ups -------------------------------------------------------------

    def _club_topup_lines(self):
        products = self.env["club.club"]._get_wallet_topups()
        if not products:
            return self.env["sale.order.line"]
        return self.order_line.filtered(lambda line: line.product_id.id in products)

    def _get_claimable_rewards(self, forced_coupons=None):
        """No reward, no points and no wallet money for an order that tops up a wallet: only money buys money."""
        if self._club_topup_lines():
            return {}
        return super()._get_claimable_rewards(forced_coupons=forced_coupons)

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """What was on the order before the top-up goes away with the next update."""
        if self._club_topup_lines():
            raise UserError(self._club_say_topup_alone())
        return super()._get_reward_line_values(reward, coupon, **kwargs)

    def _club_say_topup_alone(self):
        return self.env._(
            "%(order)s tops up a wallet: only money pays for that, no discount, no points and no wallet money. Order "
            "the top-up by itself.",
            order=self.name,
        )

    def _club_check_topups(self):
        """Refuse a top-up that something else than money would pay for (never 5): before any payment begins.

        :raises UserError: with the order and what to do.
        """
        for order in self:
            if order._club_topup_lines() and any(line.price_total < 0 for line in order.order_line):
                raise UserError(order._club_say_topup_alone())

    def _club_check_holds(self):
        self.filtered(lambda order: order.state in ("draft", "sent"))._club_check_topups()
        return super()._club_check_holds()

    def action_confirm(self):
        # What was paid already is confirmed; the discount is then missing from the wallet (never 22).
        self.filtered(lambda order: not order._club_is_money_taken())._club_check_topups()
        return super().action_confirm()
