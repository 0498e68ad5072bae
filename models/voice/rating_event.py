"""A purchase that is returned or cancelled may be the one by which a review was that of a buyer."""

from odoo import api, models


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _record(self, vals_list):
        events = super()._record(vals_list)
        self.env["club.review"]._schedule_settlement(
            {vals["member_id"] for vals in vals_list if vals["type"] == "purchase" and vals.get("revises_id")}
        )
        return events
