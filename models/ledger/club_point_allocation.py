"""Which lot paid for which entry."""

from odoo import api, fields, models


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
    club_id = fields.Many2one(related="lot_id.club_id")
    member_id = fields.Many2one(related="lot_id.member_id")
    date = fields.Datetime(related="entry_id.date")
    kind = fields.Selection(related="entry_id.kind")

    @api.depends("lot_id", "points")
    def _compute_display_name(self):
        for allocation in self:
            allocation.display_name = f"{allocation.lot_id.display_name} {allocation.points:+g}"
