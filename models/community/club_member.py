"""Members in contests and in the forum: what they see, what happens when they leave, merge or are forgotten."""

from odoo import fields, models
from odoo.addons.customer_club.engine import contest as engine_contest
from odoo.fields import Domain

BOARD = 20
CONTESTS = 20


class ClubMember(models.Model):
    _inherit = "club.member"

    contest_participant_ids = fields.One2many("club.contest.participant", "member_id")

    def _get_own_ids(self):
        """This member and those that became it: places won as one of them are its own."""
        self.ensure_one()
        return [self.id, *self.with_context(active_test=False).merged_ids.ids]

    # -- the portal ----------------------------------------------------------------------------------

    def _get_portal_links(self):
        _ = self.env._
        links = super()._get_portal_links()
        club = self.club_id
        forum = club.sudo().forum_id
        if club.forum_active and forum.active:
            links.append(
                {"rank": 60, "url": f"/forum/{forum.id}", "text": _("Members' forum"), "icon": "fa-comments-o"}
            )
        if self._is_portal_owner(self.env.user) and self._find_contests(limit=1)[0]:
            links.append(
                {"rank": 50, "url": f"/my/club/{self.id}/contests", "text": _("Contests"), "icon": "fa-trophy"}
            )
        return links

    def _get_portal_step_candidates(self, values, rewards):
        _ = self.env._
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        for contest in self._find_contests(limit=3)[0]:
            if not contest._get_joining_error(self) and not contest._get_participant(self):
                steps.append(
                    {
                        "rank": 45,
                        "text": _(
                            "Take part: %(contest)s, until %(day)s.",
                            contest=contest.name,
                            day=self.club_id._show_day(contest.date_to),
                        ),
                        "url": f"/my/club/{self.id}/contests/{contest.id}",
                        "label": _("Look at it"),
                    }
                )
                break
        return steps

    def _get_contest_domain(self):
        """Contests that the member may see: those of its club that are or were open, and called-off ones it was in."""
        return Domain("club_id", "=", self.club_id.id) & (
            Domain("state", "in", ("open", "closed", "done"))
            | (Domain("state", "=", "cancelled") & Domain("participant_ids.member_id", "in", self._get_own_ids()))
        )

    def _find_contests(self, before=None, limit=CONTESTS):
        """One page of the club's contests, newest first.

        :param int before: the id that the page before ended with
        :return: (contests in sudo, the id to go on from or None)
        """
        self.ensure_one()
        domain = self._get_contest_domain()
        if before:
            domain &= Domain("id", "<", before)
        contests = self.env["club.contest"].sudo().search(domain, order="id desc", limit=limit + 1)
        following = contests[limit - 1].id if len(contests) > limit else None
        return contests[:limit], following

    def _get_contest_board(self, contest, after=0):
        """What a contest's page shows: one page of the board, the member's own place, what can be won.

        Of others there is a place, a nickname and a bar; what they reached only if a manager shows it, and never an
        amount of money or a date (abuse 25). A member sees what it reached itself.

        :param int after: the position that the page before ended with
        :rtype: dict
        """
        self.ensure_one()
        places = contest._get_places()
        own = set(self._get_own_ids())
        mine = next((place for place in places if place.member in own), None)
        page = [place for place in places if place.position > after][:BOARD]
        hidden = contest.measure == "amount"
        names = contest._get_nicknames([place.member for place in page])
        best, last = (places[0].measure, places[-1].rank) if places else (0, 1)
        return {
            "rows": [
                {
                    "rank": place.rank,
                    "nickname": names[place.member],
                    "mine": place.member in own,
                    "bar": engine_contest.bar(place.measure, best, place.rank, last, hidden),
                    "measure": contest._show_measure(place.measure) if contest.show_measure and not hidden else "",
                }
                for place in page
            ],
            "following": page[-1].position if page and page[-1].position < len(places) else None,
            "mine": mine and {"rank": mine.rank, "measure": contest._show_reached(mine.measure), "count": len(places)},
            "prizes": [{"places": prize._show_places(), "prize": prize._show()} for prize in contest.prize_ids],
            "awards": [
                {"prize": award.prize_id._show(), "kind": award.kind, "state": award.state}
                for award in contest.award_ids
                if award.member_id.id in own
            ],
        }

    # -- leaving, merging, being forgotten -----------------------------------------------------------

    def _leave(self, note=None):
        """With the membership ends the consent to be seen by others."""
        self._forget_nicknames()
        return super()._leave(note)

    def _erase_one(self, reason):
        self._forget_nicknames()
        return super()._erase_one(reason)

    def _forget_nicknames(self):
        self.env["club.contest.participant"].sudo().with_context(active_test=False).search(
            [("member_id", "in", self.ids), ("nickname", "!=", False)]
        )._forget_nickname()

    def _absorb_into(self, heir):
        """In contests that are open one of the merged members goes on; what all of them did counts for it."""
        mine = (
            self.env["club.contest.participant"]
            .sudo()
            .search([("member_id", "in", (self | heir).ids), ("contest_id.state", "=", "open")])
        )
        for participants in mine.grouped("contest_id").values():
            kept = participants.filtered(lambda participant: participant.member_id == heir) or participants[:1]
            (participants - kept).active = False
            if kept.member_id != heir:
                known = kept.with_context(active_test=False).search(
                    [("contest_id", "=", kept.contest_id.id), ("member_id", "=", heir.id)]
                )
                if known:  # The heir was in it before and left: the consent of the other account stands.
                    nickname = kept.nickname
                    kept.write({"active": False, "nickname": False})
                    known.write({"active": True, "nickname": nickname, "excluded": known.excluded or kept.excluded})
                else:
                    kept.member_id = heir
        return super()._absorb_into(heir)
