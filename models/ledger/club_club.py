"""Which programs are a club's is cached: a club that comes, changes or goes clears that."""

from odoo import api, models


class ClubClub(models.Model):
    _inherit = "club.club"

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        self.env.registry.clear_cache()
        return clubs

    def write(self, vals):
        result = super().write(vals)
        if "program_id" in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
