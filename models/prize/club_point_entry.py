from odoo import models


class ClubPointEntry(models.Model):
    """Points that a prize took say which one."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.redemption"}
        redemptions = self.env["club.redemption"].sudo().browse(ids)
        return {
            **names,
            **{
                ("club.redemption", redemption.id): f"{redemption.prize_id.name} ({redemption.name})"
                for redemption in redemptions
            },
        }

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.redemption":
            return self.env._("Prize %(name)s", name=name)
        return super()._get_portal_subject(name)
