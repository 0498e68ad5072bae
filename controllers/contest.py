"""Contests: the list, the board, and taking part under a nickname."""

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, private, render_private


class ClubContests(http.Controller):
    def _find_contest(self, member, contest_id):
        """The contest if the member may see it; the same 404 for one that is absent and for another club's."""
        domain = member._get_contest_domain() & Domain("id", "=", contest_id)
        contest = request.env["club.contest"].sudo().search(domain, limit=1)
        if not contest:
            raise NotFound
        return contest

    def _render_contest(self, member, contest, after=0, error="", nickname=None):
        participant = contest._get_participant(member)
        return render_private(
            "customer_club.portal_club_contest",
            {
                "page_name": "club_contest",
                "page_title": contest.name,
                "page_parent": (f"/my/club/{member.id}/contests", request.env._("Contests")),
                "member": member,
                "club": member.club_id,
                "contest": contest,
                "participant": participant,
                "refusal": contest._get_joining_error(member),
                "nickname": (participant.nickname or member.nickname or "") if nickname is None else nickname,
                "after": after,
                "error": error,
                "message": request.session.pop("club_message", None),
                **member._get_contest_board(contest, after),
            },
        )

    def _back(self, member, contest, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/contests/{contest.id}"))

    def _parse_number(self, value):
        value = value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    @http.route(
        "/my/club/<int:member_id>/contests", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_contests(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        before = self._parse_number(before)
        contests, following = member._find_contests(before)
        return render_private(
            "customer_club.portal_club_contests",
            {
                "page_name": "club_contests",
                "page_title": request.env._("Contests"),
                "member": member,
                "club": member.club_id,
                "before": before,
                "following": following,
                "contests": [
                    {"contest": contest, "participant": contest._get_participant(member)} for contest in contests
                ],
            },
        )

    @http.route(
        "/my/club/<int:member_id>/contests/<int:contest_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_contest(self, member_id, contest_id, after=None, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_contest(member, self._find_contest(member, contest_id), self._parse_number(after))

    @http.route(
        "/my/club/<int:member_id>/contests/<int:contest_id>/join",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_contest_join(self, member_id, contest_id, nickname="", consent=None, **_ignored):
        """Take part, or change one's nickname."""
        member = find_member(member_id, owner=True)
        contest = self._find_contest(member, contest_id)
        nickname = nickname[:100]
        if not consent and not contest._get_participant(member):
            error = request.env._("Tick the box if others may see your nickname and place. Nothing was saved.")
            return self._render_contest(member, contest, error=error, nickname=nickname)
        try:
            contest._opt_in(member, nickname)
        except UserError as error:
            return self._render_contest(member, contest, error=str(error), nickname=nickname)
        return self._back(member, contest, request.env._("You take part. Good luck!"))

    @http.route(
        "/my/club/<int:member_id>/contests/<int:contest_id>/leave",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_contest_leave(self, member_id, contest_id, **_ignored):
        """Off the board; from a closed contest only the nickname goes."""
        member = find_member(member_id, owner=True)
        contest = self._find_contest(member, contest_id)
        contest._opt_out(member)
        _ = request.env._
        if contest.state == "open":
            message = _("You no longer take part, and nobody sees you on the board.")
        else:
            message = _("Your nickname is no longer shown.")
        return self._back(member, contest, message)
