"""Reward lines of club cards."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .settlement import document_flow


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # What is held of a card's points is asked at every spend, however many lines the shop has sold.
    coupon_id = fields.Many2one(index="btree_not_null")

    @api.constrains("points_cost", "coupon_id")
    def _check_club_points_cost(self):
        for line in self.filtered(lambda line: line.points_cost < 0):
            if line.coupon_id._club_cards():
                raise ValidationError(
                    self.env._(
                        "A reward cannot cost %(points)s points: that would mint points on %(order)s. "
                        "Post an adjustment instead.",
                        points=line.points_cost,
                        order=line.order_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not any(vals.get("points_cost") for vals in vals_list):
            return super().create(vals_list)
        default = self.env.context.get("default_order_id")
        orders = {vals.get("order_id", default) for vals in vals_list}
        with document_flow(self.env["sale.order"].browse(filter(None, orders))):
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint({"points_cost", "coupon_id", "order_id"}):
            return super().write(vals)
        orders = self.order_id
        if vals.get("order_id"):  # a claim that moves is spent by the order that it moves to
            orders |= orders.browse(vals["order_id"])
        with document_flow(orders):
            return super().write(vals)

    def unlink(self):
        with document_flow(self.order_id):
            return super().unlink()
