"""What a member takes along of contests."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_personal_data(self):
        """Add the contests that the member took part in."""
        data = super()._get_personal_data()
        participants = (
            self.env["club.contest.participant"]
            .sudo()
            .with_context(active_test=False)
            .search([("member_id", "in", self._get_own_ids())])
        )
        data["contests"] = [
            {
                "contest": participant.contest_id.name,
                "nickname": participant.nickname or None,
                "agreed": fields.Datetime.to_string(participant.joined_at),
                "takes_part": participant.active,
                "place": participant.rank or None,
            }
            for participant in participants
        ]
        return data
