"""An auditor follows a member by number, and is not told who it is."""

from odoo import api, models


class ClubMember(models.Model):
    _inherit = "club.member"

    @api.depends_context("uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.user._sees_no_club_people():
            for member in self:
                member.display_name = self.env._("Member %(number)s", number=member.number or f"#{member.id}")
