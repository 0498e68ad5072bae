"""A rule that turns events into points."""

from odoo import fields, models


class ClubEarnRule(models.Model):
    _name = "club.earn.rule"
    _description = "Club Earning Rule"
    _order = "club_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    event_type = fields.Selection(selection=lambda self: self.env["club.event"]._fields["type"].selection, required=True, default="purchase")
