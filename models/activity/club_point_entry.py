"""Points that are taken back, or become spendable again, may have been what a tier was reached by."""

from odoo import api, models


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    @api.model
    def _after_post(self, entries, movements):
        super()._after_post(entries, movements)
        Member = self.env["club.member"]
        for kind, again in (("reverse", False), ("open", True)):
            members = {movement.member_id for movement in movements if movement.kind == kind}
            Member.browse(sorted(members))._schedule_tier_facts(again=again)
