"""Points that were posted may raise their members' tiers."""

from odoo import api, models

# What changes the points earned within a tier's window.
QUALIFYING = ("earn", "open", "reverse")


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    @api.model
    def _after_post(self, entries, movements):
        super()._after_post(entries, movements)
        members = {movement.member_id for movement in movements if movement.kind in QUALIFYING}
        self.env["club.member"].browse(sorted(members))._schedule_tier_review()
