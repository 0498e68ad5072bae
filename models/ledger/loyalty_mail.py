"""Whether a club writes to members who reach a number of points is cached: see ``_get_ledger_policies``."""

from odoo import api, models


class LoyaltyMail(models.Model):
    _inherit = "loyalty.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        self.env.registry.clear_cache()
        return mails

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
