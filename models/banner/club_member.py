"""Banners on a member's own pages; what was counted when members merge or are forgotten."""

from odoo import models


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_banner(self, place, visitor=""):
        """What the banner of a place on this member's pages shows, or ``None``.

        :rtype: dict | None
        """
        self.ensure_one()
        member = self.sudo()
        banner = self.env["club.banner"]._choose(
            place,
            self.env["website"].get_current_website(),
            {member.club_id: member},
            True,
            visitor=visitor,
            club=member.club_id,
        )
        return banner._prepare_showing(place, visitor) if banner else None

    def _get_banner_hits(self):
        return self.env["club.banner.hit"].sudo().search([("member_id", "in", self.ids)])

    def _absorb_into(self, heir):
        hits = self._get_banner_hits()
        res = super()._absorb_into(heir)
        if hits:
            hits._move_to(heir)
        return res

    def _erase_one(self, reason):
        res = super()._erase_one(reason)
        self._get_banner_hits()._move_to(self.browse())
        return res

    def _get_personal_data(self):
        data = super()._get_personal_data()
        data["banners"] = [
            {"banner": hit.banner_id.title, "what": hit.kind, "where": hit.place, "day": hit.date}
            for hit in self.env["club.banner.hit"].sudo().search([("member_id", "=", self.id)], limit=10_000)
        ]
        return data
