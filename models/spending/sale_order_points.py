"""How many points an order takes by the club's policy: the same in cart, quotation, counter and at the end."""

from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import spending as engine_spending
from odoo.addons.customer_club.models.extends.settlement import current_flow, document_flow
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError
from odoo.fields import Command
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
        return reward.currency_id._convert(
            amount, self.currency_id, self.company_id, fields.Date.today(), round=False
        )

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

    # -- what points can pay --------------------------------------------------------------------------

    def _discountable_order(self, reward):
        """For a club: with delivery if points pay it, and without what points cannot buy."""
        club = reward._get_audience_club().sudo()
        if not club or reward.program_id.is_payment_program or not self._has_club_discountable(club):
            return super()._discountable_order(reward)
        return self._get_club_discountable(club)

    def _has_club_discountable(self, club):
        """Whether this order is anything but goods that points can pay."""
        delivery = club.spend_pays_delivery and self._get_no_effect_on_threshold_lines()
        return bool(delivery or club._filter_points_cannot_buy(self._get_goods_lines().product_id))

    def _get_goods_lines(self):
        return self.order_line.filtered(lambda line: line.product_id and not line.display_type and not line.reward_id)

    def _get_club_discountable(self, club):
        """What points of ``club`` can pay of this order, as ``_discountable_order`` says it.

        Odoo's other discounts take off of what points can and cannot buy alike, within a set of taxes; discounts for
        the club's points only of what points can buy. Fixed taxes are not discounted.

        :return: (amount with taxes, dict of taxes → amount as prices are).
        :rtype: tuple[float, dict]
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        shipping = self._get_no_effect_on_threshold_lines() & lines
        refused = club._filter_points_cannot_buy(self._get_goods_lines().product_id)
        totals, sums = defaultdict(lambda: [0.0, 0.0]), defaultdict(lambda: [0.0, 0.0])
        club_totals = defaultdict(lambda: [0.0, 0.0])
        for line, taxes, amounts in self._get_discountable_amounts(lines - shipping):
            target = club_totals if line.reward_id.program_id == club.program_id else totals
            target[taxes] = [have + amount for have, amount in zip(target[taxes], amounts, strict=True)]
            if not line.reward_id and amounts[0] > 0:
                sums[taxes][0] += amounts[0]
                sums[taxes][1] += 0.0 if line.product_id in refused else amounts[0]
        found = {}
        for taxes, amounts in totals.items():
            goods, payable = sums[taxes]
            share = payable / goods if goods else 1.0
            found[taxes] = [amount * share for amount in amounts]
        for taxes, amounts in [*club_totals.items(), *self._get_payable_delivery(club, shipping)]:
            found[taxes] = [have + amount for have, amount in zip(found.get(taxes, (0.0, 0.0)), amounts, strict=True)]
        return sum(amounts[0] for amounts in found.values()), {taxes: amounts[1] for taxes, amounts in found.items()}

    def _get_payable_delivery(self, club, shipping):
        """What is left to pay for delivery where another reward makes it free: pairs of taxes and amounts."""
        if not club.spend_pays_delivery:
            return []
        free = shipping.reward_id.filtered(lambda reward: reward.reward_type == "shipping")[:1]
        delivery = shipping.filtered(lambda line: not line.reward_id)
        kept = 1.0
        if free:
            price = delivery[:1].price_unit
            kept = max(1 - free.discount_max_amount / price, 0.0) if free.discount_max_amount and price > 0 else 0.0
        return [
            (taxes, [amount * kept for amount in amounts])
            for _line, taxes, amounts in self._get_discountable_amounts(delivery)
        ]

    def _get_discountable_amounts(self, lines):
        """Per line: its taxes that are no fixed amounts, and (what it costs with these, what its price is)."""
        AccountTax = self.env["account.tax"]
        base_lines = [line._prepare_base_line_for_taxes_computation() for line in lines]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        for line, base_line in zip(lines, base_lines, strict=True):
            taxes = base_line["tax_ids"].flatten_taxes_hierarchy().filtered(lambda tax: tax.amount_type != "fixed")
            details = base_line["tax_details"]
            base = details["raw_total_excluded_currency"]
            found = [data for data in details["taxes_data"] if data["tax"] in taxes]
            included = sum(data["raw_tax_amount_currency"] for data in found if data["tax"].price_include)
            yield line, taxes, (base + sum(data["raw_tax_amount_currency"] for data in found), base + included)

    # -- what is taken off ------------------------------------------------------------------------------

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """No reward for whom it is not meant, whoever asks for it."""
        if coupon._club_cards():
            self._check_club_reward(reward, coupon)
        return super()._get_reward_line_values(reward, coupon, **kwargs)

    def _get_reward_values_discount(self, reward, coupon, **kwargs):
        """For club cards: exactly the points that the policy allows, and exactly what they are worth."""
        if not coupon._club_cards():
            return super()._get_reward_values_discount(reward, coupon, **kwargs)
        if not reward._is_per_point():
            self._check_club_share(reward, coupon)
            return super()._get_reward_values_discount(reward, coupon, **kwargs)
        choices = self._get_point_choices(reward, coupon)
        points = choices.fit(self._get_points_wanted(reward, coupon))
        if not points:
            raise UserError(
                self.env._(
                    "No points can be used for %(reward)s on %(order)s. %(why)s",
                    reward=reward.description,
                    order=self.name,
                    why=self._say_point_choices(choices, reward, coupon).capitalize(),
                )
            )
        capped = self.with_context(club_points_cap=float(points))
        values_list = super(SaleOrder, capped)._get_reward_values_discount(reward, coupon, **kwargs)
        if not values_list or not values_list[0]["product_uom_qty"]:
            return values_list
        if reward.discount_applicability == "order" and not reward.program_id.is_payment_program:
            values_list = self._get_exact_discount(values_list, reward, coupon, points)
        values_list[0]["points_cost"] = float(points)
        return values_list

    def _get_exact_discount(self, values_list, reward, card, points):
        """The lines of a discount on the whole order so that, with taxes, they take off what the points are worth.

        Odoo's reward lines round the taxes of each set by themselves, which leaves a cent to pay of an order that is
        paid wholly; its lines for discounts of a fixed amount do not.

        :param values_list: values of Odoo's reward lines.
        :rtype: list[dict]
        """
        club = card._club_member().club_id.sudo()
        amount = min(points * self._get_point_value(reward), self._get_payable(reward, club).whole)
        AccountTax = self.env["account.tax"]
        lines = self._get_lines_paid_with(reward, club)
        base_lines = [line._prepare_base_line_for_taxes_computation() for line in lines]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        product = reward.discount_line_product_id
        discounts = AccountTax._prepare_global_discount_lines(
            base_lines,
            self.company_id,
            "fixed",
            self.currency_id.round(float(amount)),
            computation_key=f"club_points,{values_list[0]['reward_identifier_code']}",
            grouping_function=lambda base_line: {"product_id": product},
        )
        for base_line in discounts:
            if not base_line["tax_ids"]:  # its share of the rounding is not kept with it, as that of taxes is
                details = base_line["tax_details"]
                base_line["price_unit"] = self.currency_id.round(
                    details["total_excluded_currency"] + details["delta_total_excluded_currency"]
                )
        # By Odoo's own words: which line is for which taxes.
        names = {self._read_tax_commands(values["tax_ids"]): values["name"] for values in values_list}
        return [
            {
                **values_list[0],
                "name": names.get(frozenset(base_line["tax_ids"].ids), reward.description),
                "price_unit": base_line["price_unit"],
                "technical_price_unit": 0,
                "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                "extra_tax_data": AccountTax._export_base_line_extra_tax_data(base_line),
                "points_cost": 0,
            }
            for base_line in discounts
        ] or values_list

    @staticmethod
    def _read_tax_commands(commands):
        return frozenset(command[1] for command in commands if command[0] == Command.LINK)

    def _get_lines_paid_with(self, reward, club):
        """The lines whose price a discount for points on the whole order takes its part of."""
        shipping = self._get_no_effect_on_threshold_lines()
        refused = club._filter_points_cannot_buy(self._get_goods_lines().product_id)
        lines = self.order_line.filtered(
            lambda line: not line.display_type
            and line.product_id not in refused
            and line.reward_id != reward
            and not line.reward_id.program_id.is_payment_program
        )
        if refused:  # what other discounts take off of these is not known by line
            lines = lines.filtered(lambda line: not line.reward_id)
        delivery = shipping if club.spend_pays_delivery else shipping.browse()
        return lines - shipping + delivery

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
                        points=card._club_member().club_id.with_env(self.env)._show_points(self._club_points_cost(card)),
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
