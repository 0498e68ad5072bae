"""Who belonged to a segment from when to when."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubSegmentMembership(models.Model):
    """A member's time in a segment. Of a live segment it is what the nightly job found; of a list it is the list.

    Rows are written set-based by :meth:`club.segment._keep_memberships` and by the list's own buttons, never by hand.
    """

    _name = "club.segment.membership"
    _description = "Time in a Segment"
    _order = "entered_on desc, id desc"
    _log_access = False

    segment_id = fields.Many2one("club.segment", required=True, readonly=True, ondelete="cascade")
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="cascade")
    # Not stored: a night writes a row for every member who enters, and each stored reference is one more to check.
    club_id = fields.Many2one(related="segment_id.club_id")
    company_id = fields.Many2one(related="segment_id.company_id")
    entered_on = fields.Date(required=True, readonly=True, help="The club's day on which the member was found in it.")
    left_on = fields.Date(
        readonly=True, help="The first day on which the member was not found in it any more. Empty: still there."
    )

    _open_unique = models.UniqueIndex(
        "(segment_id, member_id) WHERE left_on IS NULL", "A member cannot be in a segment twice."
    )
    _entered_idx = models.Index("(segment_id, entered_on)")
    _left_idx = models.Index("(segment_id, left_on) WHERE left_on IS NOT NULL")
    _order_check = models.Constraint("CHECK(left_on >= entered_on)", "Nobody leaves before entering.")

    @api.depends("segment_id", "member_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.segment_id.display_name}: {row.member_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Who belongs to a segment follows from its conditions or its list, not from here."))

    def write(self, vals):
        raise UserError(self.env._("Times in a segment never change. Change the segment's conditions or its list."))

    def unlink(self):
        raise UserError(self.env._("Times in a segment are never deleted. Delete the segment, if nothing uses it."))
