from odoo import models


class ClubPointEntry(models.Model):
    """Points that went into tickets say into which raffle's."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.raffle.purchase"}
        purchases = self.env["club.raffle.purchase"].sudo().browse(ids)
        return {
            **names,
            **{("club.raffle.purchase", purchase.id): purchase.raffle_id.name for purchase in purchases},
        }

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.raffle.purchase":
            return self.env._("Raffle %(name)s", name=name)
        return super()._get_portal_subject(name)
