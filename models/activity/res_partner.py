"""A contact that changes may have become a complete profile."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if not self.env["club.profile.field"]._get_watched().isdisjoint(vals):
            self.env["club.member"]._schedule_profile_check(partners=self)
        return result
