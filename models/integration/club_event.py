"""Points of a purchase at a partner wait for the days that its agreement says."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _prepare_award_values(self, row, award, batch):
        values = super()._prepare_award_values(row, award, batch)
        if row.type == "merchant_purchase" and (row.payload or {}).get("available_on"):
            day = fields.Date.to_date(row.payload["available_on"])
            tz = batch.policies[row.club_id].tz
            if day > periods.local_date(fields.Datetime.now(), tz):
                values.update(pending=True, available_on=day)
        return values
