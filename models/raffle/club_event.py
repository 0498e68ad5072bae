"""Facts that earn tickets of raffles."""

from odoo import models


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _process(self):
        clubs = self.env["club.raffle"]._get_earning_clubs()
        earning = self.sudo().filtered(lambda event: (event.club_id.id, event.type) in clubs) if clubs else self
        waiting = earning.filtered(lambda event: not event.processed_at) if clubs else earning.browse()
        entries = super()._process()
        if waiting:
            roots = self.browse([(event.revises_id or event).id for event in waiting])
            self.env["club.raffle"]._earn_tickets(roots.sudo())
        return entries
