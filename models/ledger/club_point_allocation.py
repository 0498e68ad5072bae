"""Which lot paid for which entry."""

from odoo import fields, models


class ClubPointAllocation(models.Model):
    _name = "club.point.allocation"
    _description = "Club Point Allocation"
    _order = "id"
    _log_access = False

    lot_id = fields.Many2one("club.point.lot", required=True, index=True, readonly=True, ondelete="restrict")
    entry_id = fields.Many2one("club.point.entry", required=True, index=True, readonly=True, ondelete="restrict")
    points = fields.Float(
        digits=(16, 2), required=True, readonly=True, help="Positive: taken from the lot; negative: given back to it."
    )
