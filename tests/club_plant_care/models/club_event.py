"""A way to earn: a plant brought in for care."""

from odoo import fields, models


class ClubEvent(models.Model):
    _inherit = "club.event"

    type = fields.Selection(
        selection_add=[("plant_care", "Brought a plant for care")], ondelete={"plant_care": "cascade"}
    )
