"""A range of entries under one hash, chained to the one before."""

from odoo import fields, models


class ClubLedgerSeal(models.Model):
    _name = "club.ledger.seal"
    _description = "Club Ledger Seal"
    _order = "id desc"

    from_id = fields.Integer(string="From Entry", required=True, readonly=True)
    to_id = fields.Integer(string="To Entry", required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True)
    total = fields.Float(string="Sum of Points", digits=(16, 2), required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    previous_id = fields.Many2one("club.ledger.seal", readonly=True, ondelete="restrict")
