"""What is left of a positive entry."""

from odoo import fields, models


class ClubPointLot(models.Model):
    _name = "club.point.lot"
    _description = "Club Point Lot"
    _order = "expires_on, id"
    _log_access = False

    entry_id = fields.Many2one("club.point.entry", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="restrict")
    points = fields.Float(digits=(16, 2), required=True, readonly=True)
    remaining = fields.Float(digits=(16, 2), required=True, readonly=True)
    state = fields.Selection([("pending", "Pending"), ("open", "Open"), ("closed", "Closed")], required=True, readonly=True)
    available_on = fields.Date(readonly=True)
    expires_on = fields.Date(readonly=True)

    _entry_unique = models.Constraint("UNIQUE(entry_id)", "An entry makes one lot.")
    _card_live_idx = models.Index("(card_id) WHERE state != 'closed'")
    _expires_idx = models.Index("(expires_on) WHERE state = 'open' AND expires_on IS NOT NULL")
    _available_idx = models.Index("(available_on) WHERE state = 'pending' AND available_on IS NOT NULL")
