"""How many points an order takes by the club's policy: the same in cart, quotation, counter and at the end."""

from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import spending as engine_spending
from odoo.addons.customer_club.models.extends.settlement import current_flow, document_flow
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError
from odoo.tools import formatLang

ZERO = Decimal(0)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # -- how many points may be chosen -----------------------------------------------------------------

    def _get_point_choices(self, reward, card, left=None):
        """The numbers of points of ``card`` that may be used for ``reward``, a discount per point, on this order.

        Whatever the order uses of it already may be chosen again.

        :param Decimal left: points of the card that could still be spent, if the caller knows.
        :rtype: engine.spending.Choices
        """
        self.ensure_one()
        club = card._club_member().club_id.sudo()
        own = self.order_line.filtered(lambda line: line.reward_id == reward and line.coupon_id == card)
        used = sum((engine_lots.to_decimal(line.points_cost) for line in own if line.points_cost > 0), ZERO)
        return engine_spending.choices(
            self._get_spend_policy(club),
            self._get_payable(reward, club, own),
            self._get_point_value(reward),
            (self._club_points_left(card) if left is None else left) + used,
            club.points_digits,
            ZERO if reward.program_id.is_payment_program else engine_lots.to_decimal(reward.required_points),
        )

    def _get_spend_policy(self, club):
        """The club's policy; none for an order whose money was taken: what was paid for stays (never.md 22)."""
        if self.state != "sale" and self._club_is_money_taken():
            return engine_spending.Policy()
        return club._get_spend_policy()

    def _get_payable(self, reward, club, own=None):
        """What of this order's money a discount of the club may take off, in the order's currency.

        :param own: the lines by which it takes something off already.
        :rtype: engine.spending.Payable
        """
        own = own or self.env["sale.order.line"]
        to_decimal = engine_lots.to_decimal
        discountable = {
            "order": self._discountable_order,
            "specific": self._discountable_specific,
            "cheapest": self._discountable_cheapest,
        }[reward.discount_applicability](reward)[0]
        back = -sum(own.mapped("price_total"))
        # Wallets and gift cards are money: Odoo applies them last, to what the other rewards leave.
        # A second wallet pays only what the first one leaves.
        money = self.order_line.browse()
        if not reward.program_id.is_payment_program:
            money = self.order_line.filtered(lambda line: line.reward_id.program_id.is_payment_program)
        paid = -sum(money.mapped("price_total"))
        free = (discountable or 0.0) + back + (paid if reward.discount_applicability == "order" else 0.0)
        total = self.amount_total + paid + back
        # What is discountable is not rounded line by line, what is to pay is.
        nearly = abs(free - total) <= self.currency_id.rounding * len(self.order_line)
        whole = total if nearly else min(free, total)
        discounts = self.order_line.filtered(
            lambda line: line.reward_id.program_id == reward.program_id and line.reward_id.reward_type == "discount"
        )
        given = -sum(discounts.mapped("price_total"))
        base = 0.0
        if club.spend_most_percent < 100:
            base = self._get_club_discountable(club)[0] + given
        limit = None
        if reward.discount_max_amount:
            limit = to_decimal(self._to_order_currency(reward, reward.discount_max_amount))
        return engine_spending.Payable(
            whole=to_decimal(whole), base=to_decimal(base), taken=to_decimal(given - back), limit=limit
        )

    def _get_point_value(self, reward):
        """What one point takes off, in the order's currency.

        :rtype: Decimal
        """
        return engine_lots.to_decimal(self._to_order_currency(reward, reward.discount))

    def _to_order_currency(self, reward, amount):
        return reward.currency_id._convert(amount, self.currency_id, self.company_id, fields.Date.today(), round=False)

    def _say_point_choices(self, choices, reward, card):
        """Why no more than these points may be chosen, or none at all, for the member; empty for no reason to give."""
        club = card._club_member().club_id.sudo().with_env(self.env)
        _ = self.env._
        if not choices.most and choices.reach < choices.least:
            words = _("from %(least)s on", least=club._show_points(choices.least))
            if choices.because == "share":
                return _(
                    "%(least)s, but points pay %(share)s, here %(most)s",
                    least=words,
                    share=club._say_share(),
                    most=club._show_points(choices.reach),
                )
            return words
        return {
            "share": club._say_share(),
            "order": _("that pays all of it"),
            "limit": _(
                "at most %(amount)s",
                amount=formatLang(self.env, reward.discount_max_amount, currency_obj=reward.currency_id),
            ),
        }.get(choices.because, "")

    def _check_points_wanted(self, choices, wanted, reward, card):
        """Refuse a number of points that the order cannot take.

        :raises UserError: with what can be chosen.
        """
        refusal = choices.refusal(wanted)
        if not refusal:
            return
        club = card._club_member().club_id.sudo().with_env(self.env)
        _ = self.env._
        if refusal == "none":
            why = self._say_point_choices(choices, reward, card)
            raise UserError(
                _("You cannot spend points on this order (%(why)s). Nothing was changed.", why=why)
                if why
                else _("You can spend up to %(most)s on this order. Nothing was changed.", most=club._show_points(0))
            )
        values = {
            "least": club._show_points(choices.least),
            "most": club._show_points(choices.most),
            "step": club._show_points(choices.step),
            "why": self._say_point_choices(choices, reward, card),
        }
        if refusal == "most":
            raise UserError(
                _("You can spend up to %(most)s on this order: %(why)s. Nothing was changed: choose fewer.", **values)
                if values["why"]
                else _("You can spend up to %(most)s on this order. Nothing was changed: choose fewer.", **values)
            )
        if refusal == "least":
            raise UserError(_("You can spend %(least)s or more. Nothing was changed: choose more, or 0.", **values))
        raise UserError(
            _("You can spend points in steps of %(step)s. Nothing was changed: choose another number.", **values)
        )

    def _get_points_wanted(self, reward, card):
        """How many points are to be used for a discount per point; ``None`` for as many as useful.

        :rtype: Decimal | None
        """
        flow = current_flow(self.env)
        promised = flow.chosen.get((self._origin.id, reward.id)) if flow else None
        if promised is not None:
            return promised
        cap = self._club_get_cap(card)
        return engine_lots.to_decimal(cap) if cap >= 0 else None

    def _check_club_share(self, reward, card):
        """Refuse a fixed discount that would pay more of the order than points may.

        :raises UserError: with the share.
        """
        club = card._club_member().club_id.sudo().with_env(self.env)
        policy = self._get_spend_policy(club)
        if policy.percent >= engine_spending.HUNDRED:
            return
        payable = self._get_payable(reward, club)
        if reward.discount_mode == "percent":
            amount = payable.whole * engine_lots.to_decimal(reward.discount) / 100
        else:
            amount = engine_lots.to_decimal(self._to_order_currency(reward, reward.discount))
        amount = min(amount, payable.whole, *([payable.limit] if payable.limit is not None else []))
        left = engine_spending.share_left(policy, payable)
        if self.currency_id.compare_amounts(float(amount), float(left)) > 0:
            raise UserError(
                self.env._(
                    "Points pay %(share)s, and %(reward)s would pay more of %(order)s. Nothing was changed: take off "
                    "other rewards, or add goods.",
                    share=club._say_share(),
                    reward=reward.description,
                    order=self.name,
                )
            )

    def _get_spender(self, card):
        """Whose conditions count where ``card`` pays: its member, or the buyer where it belongs to a pool."""
        member = card._club_member()
        if member.state != "account":
            return member
        return member.club_id._get_buyer_member(self.partner_id) or member

    # -- for whom -----------------------------------------------------------------------------------------

    def _check_club_reward(self, reward, card):
        """Refuse a reward of a club that is not for the card's owner, or was had often enough.

        An order whose money was taken keeps what it was promised.

        :raises UserError: with the reason.
        """
        reason = reward._get_club_refusals(card, self).get(reward.id)
        if reason and not self._club_is_money_taken():
            raise UserError(reward._say_club_refusal(reason, self._get_spender(card)))

    def _get_claimable_rewards(self, forced_coupons=None):
        return self._without_refused(super()._get_claimable_rewards(forced_coupons))

    def _get_claimable_and_showable_rewards(self):
        return self._without_refused(super()._get_claimable_and_showable_rewards())

    def _without_refused(self, claimable):
        """Claimable rewards without those that are not for the customer."""
        flow = current_flow(self.env)
        restricted = self.env["loyalty.reward"]._get_restricted_ids()
        for card, rewards in list(claimable.items()):
            asked = rewards.filtered(lambda reward: reward.id in restricted)
            if not asked or not card._club_cards():
                continue
            if flow and flow.confirming:  # Odoo only asks whether to mention unclaimed rewards
                refused = asked
            else:
                refusals = asked._get_club_refusals(card, self)
                refused = asked.filtered(lambda reward, refusals=refusals: refusals.get(reward.id))
            if rewards == refused:
                del claimable[card]
            else:
                claimable[card] = rewards - refused
        return claimable

    # -- confirming -----------------------------------------------------------------------------------------

    def action_confirm(self):
        """What the order uses must still be for its customer; whatever the policy changes is written down."""
        orders = self.filtered(lambda order: order.state != "sale" and order._club_reward_lines())
        if not orders:
            return super().action_confirm()
        orders._lock_limited_rewards()
        before = {}
        for order in orders:
            lines = order._club_reward_lines()
            for line in lines:
                order._check_club_reward(line.reward_id, line.coupon_id)
            before[order] = {card: order._club_points_cost(card) for card in lines.coupon_id}
            if not order._club_is_money_taken():
                order._check_points_are_there(lines.coupon_id._club_cards())
        with document_flow(self) as flow:
            flow.chosen.update(orders._get_promised_choices())
            result = super().action_confirm()
        for order, cards in before.items():
            order._note_changed_points(cards)
        return result

    def _check_points_are_there(self, cards):
        """Refuse points that went elsewhere since they were chosen.

        :raises NotEnoughPoints: with what the order uses.
        """
        for card in cards:
            if self._club_points_left(card) < 0:
                raise NotEnoughPoints(
                    self.env._(
                        "%(order)s uses %(points)s, but some of them were spent or set aside elsewhere. Nothing was "
                        "ordered. Choose fewer points and try again.",
                        order=self.name,
                        points=card._club_member()
                        .club_id.with_env(self.env)
                        ._show_points(self._club_points_cost(card)),
                    )
                )

    def _get_promised_choices(self):
        """Points that discounts per point take of orders whose money was taken, by (order id, reward id)."""
        chosen = defaultdict(Decimal)
        for order in self.filtered(lambda order: order._club_is_money_taken()):
            for line in order._club_reward_lines().filtered(lambda line: line.reward_id._is_per_point()):
                chosen[order.id, line.reward_id.id] += engine_lots.to_decimal(max(line.points_cost, 0))
        return chosen

    def _lock_limited_rewards(self):
        """One order after the other where a reward is limited: whoever waited starts over and sees the use before."""
        limited = self._club_reward_lines().filtered("reward_id.club_limit")
        if limited:
            spenders = self.env["club.member"].sudo()
            for line in limited:
                spenders |= line.order_id._get_spender(line.coupon_id)
            (limited.coupon_id | spenders.card_id.sudo(False))._club_lock(touch=True)

    def _note_changed_points(self, cards):
        """Tell staff that the order took other points than it showed, because its lines or the policy changed."""
        for card, points in cards.items():
            now = self._club_points_cost(card)
            if now != points:
                club = card._club_member().club_id.sudo().with_env(self.env)
                self.message_post(
                    body=self.env._(
                        "Confirming took %(now)s instead of %(before)s: the order, the balance or the club's policy "
                        "had changed since the points were chosen.",
                        now=club._show_points(now),
                        before=club._show_points(points),
                    )
                )

    def _validate_order(self):
        """A customer who confirms gets what was shown; where points no longer pay it, nothing is confirmed (never 8).

        :raises UserError: the amount would be another one; an order that was paid already is never stopped.
        """
        shown = {
            order: order.amount_total
            for order in self
            if order.state != "sale" and order._club_reward_lines() and not order._club_is_money_taken()
        }
        result = super()._validate_order()
        for order, amount in shown.items():
            if order.currency_id.compare_amounts(order.amount_total, amount):
                raise UserError(
                    self.env._(
                        "What your points pay of %(order)s has changed: the total would be %(now)s, not %(shown)s. "
                        "Nothing was ordered and no points were taken. Look at your cart again.",
                        order=order.name,
                        now=formatLang(self.env, order.amount_total, currency_obj=order.currency_id),
                        shown=formatLang(self.env, amount, currency_obj=order.currency_id),
                    )
                )
        return result
