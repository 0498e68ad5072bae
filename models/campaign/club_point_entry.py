from odoo import models


class ClubPointEntry(models.Model):
    """Points that a campaign brought say so; members read no name that the shop gave it for itself."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.campaign"}
        campaigns = self.env["club.campaign"].sudo().with_context(active_test=False).browse(ids).exists()
        return {**names, **{("club.campaign", campaign.id): campaign.subject for campaign in campaigns}}

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.campaign":
            return self.env._("Bonus: %(name)s", name=name)
        return super()._get_portal_subject(name)
