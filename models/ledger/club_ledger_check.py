"""Results of the checks that the ledger runs on itself; the health page shows the latest."""

from odoo import fields, models


class ClubLedgerCheck(models.Model):
    _name = "club.ledger.check"
    _description = "Club Ledger Check"
    _order = "id desc"

    invariant = fields.Char(required=True, readonly=True)
    state = fields.Selection([("ok", "Holds"), ("broken", "Broken")], required=True, readonly=True)
    checked_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    broken_count = fields.Integer(readonly=True)
    detail = fields.Text(readonly=True)
