"""Tiers of a club."""

from odoo import fields, models


class ClubTier(models.Model):
    _name = "club.tier"
    _description = "Club Tier"
    _order = "club_id, threshold, sequence, id"

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    threshold = fields.Float(digits=(16, 2), help="Points, amount or orders within the window, as the club says, from which the tier is deserved.")
    multiplier = fields.Float(string="Earn Multiplier", digits=(6, 2), default=1.0)
    pricelist_id = fields.Many2one("product.pricelist", check_company=True)
    early_access_hours = fields.Integer(help="Members of this tier may buy products that open later this many hours before.")
    priority = fields.Integer(help="Higher goes first in request queues and reserved stock.")
    benefits = fields.Text(translate=True, help="Other benefits, in words, a line each.")
    color = fields.Integer()
