"""Points that are taken back may have been what a tier was reached by."""

from odoo import api, models


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    @api.model
    def _after_post(self, entries, movements):
        super()._after_post(entries, movements)
        members = {movement.member_id for movement in movements if movement.kind == "reverse"}
        self.env["club.member"].browse(sorted(members))._schedule_tier_facts()
