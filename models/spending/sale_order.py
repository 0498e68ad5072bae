"""What an order owes in points after returns."""

from decimal import ROUND_CEILING, Decimal

from odoo import models
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _club_reward_lines(self):
        return self.order_line.filtered(lambda line: line.coupon_id and line.coupon_id._club_cards())

    def _club_points_owed(self, card):
        """Points of ``card`` that this order should have spent: its rewards' cost less the returned share.

        What remains is rounded up to the club's decimals; a full return leaves nothing.
        """
        self.ensure_one()
        if self.state != "sale":
            return Decimal(0)
        owed = Decimal(0)
        lines = self.order_line.filtered(lambda line: line.coupon_id == card)
        for reward in lines.grouped("reward_identifier_code").values():
            cost = sum((to_decimal(line.points_cost) for line in reward if line.points_cost > 0), Decimal(0))
            owed += cost * round(to_decimal(1 - reward._club_returned_part()), 9)
        return owed.quantize(Decimal(1).scaleb(-card._club_owner().club_id.points_digits), rounding=ROUND_CEILING)

    def _club_settle_returns(self):
        for order in self:
            order._club_settle_spending(order._club_reward_lines().coupon_id.ids, happened=True)

    def _club_check_refunds(self):
        """A credit note takes its share of the points discount back too: else points would have become cash.

        :raises UserError: with the amount that is missing on the credit note.
        """
        for order in self:
            rewards = order._club_reward_lines().filtered(lambda line: line.price_total < 0)
            goods = order.order_line - order.order_line.filtered("is_reward_line")
            discount, sold = -sum(rewards.mapped("price_total")), sum(goods.mapped("price_total"))
            if not discount or not sold:
                continue
            due = sum(line._club_refunded_amount() for line in goods) * discount / sold
            missing = order.currency_id.round(due - sum(line._club_refunded_amount() for line in rewards))
            # Each line of a credit note was rounded by itself.
            if missing > order.currency_id.rounding * len(order.order_line):
                raise UserError(
                    self.env._(
                        "The credit note returns goods of %(order)s that were partly paid with points, but leaves the "
                        "points discount out: %(missing)s of points would become money. Add the discount's line with "
                        "%(missing)s to the credit note; the member gets the points back.",
                        order=order.name,
                        missing=order.currency_id.format(missing),
                    )
                )
