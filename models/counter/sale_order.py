"""A sale made at the counter, and what its buyer said about it."""

from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_at_counter = fields.Boolean(string="Sold at the Counter", readonly=True, copy=False)
    club_answer_ids = fields.One2many("club.question.answer", "order_id", string="Answers")
    club_answer_count = fields.Integer(compute="_compute_club_answer_count")

    def _compute_club_answer_count(self):
        counts = dict(
            self.env["club.question.answer"]
            .sudo()
            ._read_group([("order_id", "in", self.ids), ("skipped", "=", False)], ["order_id"], ["__count"])
        )
        for order in self:
            order.club_answer_count = counts.get(order, 0)

    def _get_club_channel(self):
        return "counter" if self.club_at_counter else super()._get_club_channel()
