"""Rules may ask that a purchase was made at the counter."""

from odoo import fields, models


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    channel = fields.Selection(selection_add=[("counter", "At the counter")], ondelete={"counter": "set default"})
