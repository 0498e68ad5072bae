"""Purchases that were recorded may raise their members' tiers, whatever points they earn."""

from odoo import api, models


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _record(self, vals_list):
        events = super()._record(vals_list)
        members = {vals["member_id"] for vals in vals_list if vals["type"] in ("purchase", "merchant_purchase")}
        self.env["club.member"].browse(sorted(members))._schedule_tier_review()
        return events
