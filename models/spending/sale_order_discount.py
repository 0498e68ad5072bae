"""What points can pay on an order, and what a reward takes off it."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class SaleOrder(models.Model):
    _inherit = "sale.order"

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
            lambda line: (
                not line.display_type
                and line.product_id not in refused
                and line.reward_id != reward
                and not line.reward_id.program_id.is_payment_program
            )
        )
        if refused:  # what other discounts take off of these is not known by line
            lines = lines.filtered(lambda line: not line.reward_id)
        delivery = shipping if club.spend_pays_delivery else shipping.browse()
        return lines - shipping + delivery
