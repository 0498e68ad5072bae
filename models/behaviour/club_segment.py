"""Segments may look at behaviour."""

from odoo import api, models


class ClubSegment(models.Model):
    _inherit = "club.segment"

    @api.model
    def _get_reachable_models(self):
        return super()._get_reachable_models() | {"club.behaviour", "club.stage.change"}
