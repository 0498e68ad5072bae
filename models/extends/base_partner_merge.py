"""Merging contacts merges their memberships first (never.md 13)."""

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Before Odoo repoints the rows in SQL: two active members of one club would then have one contact.
        self.env["club.member"]._merge_partners(src_partners, dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
