"""Members in raffles: what they see; leaving and being forgotten."""

from odoo import models
from odoo.fields import Domain

RAFFLES = 20
TICKETS = 20


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- the portal ----------------------------------------------------------------------------------

    def _get_raffle_domain(self):
        """Raffles that the member may see: those of its club that are or were open; of those called off, its own."""
        own = Domain("entrant_ids.member_id", "in", self._get_own_ids())
        return (
            Domain("club_id", "=", self.club_id.id)
            & Domain("company_id.club_raffles", "=", True)
            & (Domain("state", "in", ("open", "frozen", "drawn", "done")) | (Domain("state", "=", "void") & own))
        )

    def _find_raffles(self, before=None, limit=RAFFLES):
        """One page of the club's raffles, newest first: those for the member or with its tickets.

        :param int before: the id that the page before ended with
        :return: (raffles in sudo, the id to go on from or None)
        """
        self.ensure_one()
        domain = self._get_raffle_domain()
        if before:
            domain &= Domain("id", "<", before)
        raffles = self.env["club.raffle"].sudo().search(domain, order="id desc", limit=limit + 1)
        following = raffles[limit - 1].id if len(raffles) > limit else None
        raffles = raffles[:limit]
        mine = raffles.filtered(lambda raffle: sum(raffle._count_own(self).values()))
        return mine | (raffles - mine)._filter_for_member(self, also=("tier",)), following

    def _get_raffle_tickets(self, raffle, after=0, limit=TICKETS):
        """One page of the member's tickets in a raffle: (records in sudo, the number to go on from or None)."""
        domain = Domain("raffle_id", "=", raffle.id) & Domain("member_id", "in", self._get_own_ids())
        if after:
            domain &= Domain("number", ">", after)
        tickets = self.env["club.raffle.ticket"].sudo().search(domain, order="number", limit=limit + 1)
        following = tickets[limit - 1].number if len(tickets) > limit else None
        return tickets[:limit], following

    def _get_raffle_prizes(self, states=("called",)):
        """Places that this member has won."""
        return (
            self.env["club.raffle.winner"]
            .sudo()
            .search([("member_id", "in", self._get_own_ids()), ("state", "in", states)], order="deadline, id")
        )

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self._is_portal_owner(self.env.user) and self._find_raffles(limit=1)[0]:
            links.append(
                {
                    "rank": 30,
                    "url": f"/my/club/{self.id}/raffles",
                    "text": self.env._("Raffles"),
                    "icon": "fa-ticket",
                    "spend": True,
                }
            )
        return links

    def _get_portal_reward_rows(self):
        rows = super()._get_portal_reward_rows()
        club = self.club_id
        for raffle in self._find_raffles(limit=10)[0]:
            left = raffle._get_left(self)[0] if raffle._is_running() else 0
            if left and raffle.ticket_price and raffle in raffle._filter_for_member(self):
                rows.append(
                    {
                        "name": self.env._("Ticket: %(raffle)s", raffle=raffle.name),
                        "required": raffle.ticket_price,
                        "url": f"/my/club/{self.id}/raffles/{raffle.id}",
                        "label": self.env._("Look at the raffle"),
                        "note": self.env._("until %(when)s", when=club._say_moment(raffle.closes_at)),
                    }
                )
        return rows

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if not (self._is_portal_owner(self.env.user) and self.club_id.sudo().company_id.club_raffles):
            return steps
        for winner in self._get_raffle_prizes():
            steps.append(
                {
                    "rank": 5,
                    "text": self.env._(
                        "You have won: %(prize)s. Confirm it before %(when)s.",
                        prize=winner.prize_id.name,
                        when=self.club_id._say_moment(winner.deadline),
                    ),
                    "url": f"/my/club/{self.id}/raffles/{winner.raffle_id.id}",
                    "label": self.env._("Confirm"),
                }
            )
        return steps

    # -- leaving, being forgotten --------------------------------------------------------------------

    def _leave(self, note=None):
        """Who leaves shows no nickname, and a prize that was not confirmed goes on."""
        result = super()._leave(note)
        self._leave_raffles()
        return result

    def _erase_one(self, reason):
        self._leave_raffles()
        return super()._erase_one(reason)

    def _leave_raffles(self):
        ids = [own for member in self for own in member._get_own_ids()]
        self.env["club.raffle.entrant"].sudo().search([("member_id", "in", ids), ("show_nickname", "=", True)])._set(
            {"show_nickname": False}
        )
        won = self.env["club.raffle.winner"].sudo().search([("member_id", "in", ids), ("state", "=", "called")])
        for raffle, winners in won.grouped("raffle_id").items():
            raffle._lock()
            raffle._lapse(winners.filtered(lambda winner: winner.state == "called"), "left")
