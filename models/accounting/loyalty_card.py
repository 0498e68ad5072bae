"""The code of a club's card lets whoever knows it spend: an auditor does not need it."""

from odoo import api, models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    @api.depends_context("uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.user._sees_no_club_people():
            for card in self:
                card.display_name = self.env._("Card #%(id)s", id=card.id)
