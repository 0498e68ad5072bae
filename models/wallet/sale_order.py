"""Wallet money on an order: how much of it to use, and what it never pays for."""

from decimal import ROUND_DOWN, Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.exceptions import UserError
from odoo.fields import Domain


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

    # -- in the cart ---------------------------------------------------------

    def _get_portal_wallets(self):
        """The buyer's wallets with money, and how much of it this cart uses; none for an order that tops one up.

        :return: dicts of ``reward``, ``card``, ``club``, ``name``, ``left``, ``used`` (texts), ``most``, ``value`` and
            ``step`` (numbers for the field).
        :rtype: list[dict]
        """
        self.ensure_one()
        if self.state not in ("draft", "sent") or self.partner_id.is_public or self._club_topup_lines():
            return []
        return [row for account in self._get_buyers_wallets() for row in self._prepare_portal_wallet(account)]

    def _get_buyers_wallets(self):
        """Wallets with money that may pay this order: the buyer's own, and the company's where the company earns."""
        self.ensure_one()
        partner, company = self.partner_id, self.partner_id.commercial_partner_id
        owner = Domain("partner_id", "=", partner.id) & Domain("club_id.earner", "=", "person")
        owner |= Domain("partner_id", "=", company.id) & Domain("club_id.earner", "=", "company")
        return (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search(
                owner
                & Domain("state", "=", "account")
                & Domain("is_wallet", "=", True)
                & Domain("company_id", "=", self.company_id.id)
                & Domain("card_id.points", ">", 0),
                limit=10,
            )
        )

    def _club_load_company_cards(self):
        """Odoo looks only for the wallet of the very contact: a company's contacts pay with the company's."""
        super()._club_load_company_cards()
        if not self.env["club.club"]._get_wallet_club_ids():
            return
        for order in self:
            if order.partner_id.commercial_partner_id != order.partner_id:
                order.applied_coupon_ids += order._get_buyers_wallets().card_id - order.applied_coupon_ids

    def _prepare_portal_wallet(self, account):
        club, card = account.club_id, account.card_id
        reward = club.program_id.reward_ids.filtered("active")[:1]
        if not (reward and club.program_id.active and club.program_id.ecommerce_ok):
            return []
        used = self._club_points_cost(card)
        left = self._club_points_left(card)
        most = self._get_point_choices(reward, card, left).most
        unit = engine_wallet.unit(club.points_digits)
        most = most.quantize(unit, ROUND_DOWN) if most > 0 else Decimal(0)
        if most <= 0 and not used:
            return []
        return [
            {
                "reward": reward,
                "card": card,
                "club": club,
                "name": club._get_points_club().name,
                "left": club._show_points(left),
                "used": club._show_points(used) if used else "",
                "most": f"{most:f}",
                "value": f"{(used or most).quantize(unit):f}",
                "step": f"{unit:f}",
                "most_text": club._show_points(most),
            }
        ]

    def _pay_with_wallet(self, reward_id, money):
        """Use exactly so much of the buyer's own wallet on this cart; 0 takes it off again.

        :param int reward_id: of one of the buyer's wallets; :param Decimal money: in the wallet's currency.
        :raises UserError: it is no wallet of the buyer's, or there is not so much to use.
        """
        self.ensure_one()
        for row in self._get_portal_wallets():
            if row["reward"].id == reward_id:
                if money < 0 or money > Decimal(row["most"]):
                    raise UserError(
                        self.env._(
                            "You can use up to %(most)s of your wallet here. Nothing was changed: choose less.",
                            most=row["most_text"],
                        )
                    )
                return self._club_apply_points(row["card"], row["reward"], money)
        raise UserError(self.env._("Your wallet cannot be used on this order. Nothing was changed."))

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
