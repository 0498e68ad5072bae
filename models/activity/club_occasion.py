"""A birthday or a relative's day is an answer of the profile."""

from odoo import api, models


class ClubOccasion(models.Model):
    _inherit = "club.occasion"

    @api.model_create_multi
    def create(self, vals_list):
        occasions = super().create(vals_list)
        if not {"birthday", "relative"}.isdisjoint(self.env["club.profile.field"]._get_watched()):
            self.env["club.member"]._schedule_profile_check(members=occasions.sudo().member_id)
        return occasions

    def write(self, vals):
        result = super().write(vals)
        if not {"kind", "active", "member_id"}.isdisjoint(vals):
            self.env["club.member"]._schedule_profile_check(members=self.sudo().member_id)
        return result
