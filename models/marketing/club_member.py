"""The segments of a member: live to search for, as last counted to read; and what leaving and merging do to them."""

from odoo import api, fields, models
from odoo.fields import Domain


class ClubMember(models.Model):
    _inherit = "club.member"

    segment_membership_ids = fields.One2many(
        "club.segment.membership", "member_id", string="Time in Segments", groups="customer_club.group_club_user"
    )
    segment_ids = fields.Many2many(
        "club.segment",
        string="Segments",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        groups="customer_club.group_club_user",
        help="As of the last count. Searching asks the segments themselves, now.",
    )

    @api.depends("segment_membership_ids.left_on")
    def _compute_segment_ids(self):
        rows = dict(
            self.env["club.segment.membership"]._read_group(
                [("member_id", "in", self.ids), ("left_on", "=", False)], ["member_id"], ["segment_id:recordset"]
            )
        )
        for member in self:
            member.segment_ids = rows.get(member._origin, self.env["club.segment"])

    @api.model
    def _search_segment_ids(self, operator, value):
        """Members who belong to any of the segments now. Only segments that the reader may read are asked."""
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        asked = Domain(value) if isinstance(value, (Domain, list)) and operator != "in" else Domain("id", "in", value)
        segments = self.env["club.segment"].search(asked)
        return Domain.OR(Domain("id", "in", segment._get_members()) for segment in segments)

    # -- leaving and merging -------------------------------------------------

    def _leave(self, note=None):
        """Who leaves the club leaves its segments and lists; coming back, the conditions decide anew."""
        res = super()._leave(note=note)
        left = self.sudo().filtered(lambda member: member.state == "left")
        if left:
            self.env["club.segment"].sudo()._close_memberships(left)
        return res

    def _absorb_into(self, heir):
        """The heir takes the places on lists; whether it meets conditions the next count says."""
        res = super()._absorb_into(heir)
        Segment = self.env["club.segment"].sudo()
        closed = Segment._close_memberships(self)
        lists = Segment.browse({segment for segment, _member in closed}).filtered(lambda one: one.kind == "static")
        if heir.active:
            for segment in lists:
                segment._add_members(heir.sudo())
        return res
