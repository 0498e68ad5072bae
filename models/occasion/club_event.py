"""What rules may ask about a member: the days that it keeps."""

from datetime import date

from odoo import models
from odoo.addons.customer_club.engine.earning_occasion import KeptDay


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _read_extra(self, rows, needs):
        known = super()._read_extra(rows, needs)
        members = list({row.member_id for row in rows if row.member_id}) if "occasion_near" in needs else []
        if not members:
            return known
        found = {member: {**known.get(member, {}), "occasions": []} for member in members}
        occasions = (
            self.env["club.occasion"]
            .sudo()
            .search_fetch(
                [("member_id", "in", members)], ["member_id", "kind", "calendar", "month", "day", "effective_from"]
            )
        )
        for occasion in occasions:
            found[occasion.member_id.id]["occasions"].append(
                KeptDay(
                    occasion.kind,
                    occasion.calendar,
                    occasion.month,
                    occasion.day,
                    occasion.effective_from or date.min,
                )
            )
        return {**known, **found}
