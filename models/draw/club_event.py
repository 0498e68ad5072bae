from odoo import api, models


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _get_customer_phrases(self):
        return {**super()._get_customer_phrases(), "draw": self.env._("You won in a draw")}
