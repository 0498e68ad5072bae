from odoo import models


class ClubPointEntry(models.Model):
    """Points that a draw took or brought say which one."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.draw.play"}
        plays = self.env["club.draw.play"].sudo().with_context(active_test=False).browse(ids).exists()
        return {**names, **{("club.draw.play", play.id): play.draw_id.name for play in plays}}

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.draw.play":
            return self.env._("Draw %(name)s", name=name)
        return super()._get_portal_subject(name)
