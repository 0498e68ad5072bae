"""Facts that earn tickets of raffles."""

from odoo import api, models


class ClubEvent(models.Model):
    """A sale records its facts as processed; every other fact is processed later. Where no raffle earns, neither asks
    the database anything.
    """

    _inherit = "club.event"

    @api.model
    def _record(self, vals_list):
        events = super()._record(vals_list)
        if vals_list and self.env["club.raffle"]._get_earning_clubs():
            done = [event.id for event, vals in zip(events, vals_list, strict=True) if vals.get("processed_at")]
            self.browse(done)._earn_raffle_tickets()
        return events

    def _process(self):
        waiting = self.browse()
        if self.env["club.raffle"]._get_earning_clubs():
            waiting = self.sudo().filtered(lambda event: not event.processed_at)
        entries = super()._process()
        waiting._earn_raffle_tickets()
        return entries

    def _earn_raffle_tickets(self):
        clubs = self.env["club.raffle"]._get_earning_clubs()
        earning = self.sudo().filtered(lambda event: (event.club_id.id, event.type) in clubs)
        if earning:
            roots = earning.browse({(event.revises_id or event).id for event in earning})
            self.env["club.raffle"]._earn_tickets(roots)
