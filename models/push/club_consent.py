"""Switching notifications on is a consent of its own, for one device at a time."""

from odoo import fields, models


class ClubConsent(models.Model):
    _inherit = "club.consent"

    kind = fields.Selection(
        selection_add=[("push", "Notifications on a device")],
        ondelete={"push": "cascade"},
    )
