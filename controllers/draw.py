"""Draws: the list, one draw with its odds, playing, and the result."""

import logging
import secrets

from odoo import http
from odoo.addons.customer_club.models.ledger.club_job import RETRIED
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, is_form_key, lock_spending, private, render_private

_logger = logging.getLogger(__name__)
KEY_LENGTH = 64


class ClubDraws(http.Controller):
    def _find_draw(self, member, draw_id):
        """The draw if the member may see it; the same 404 for one that is absent and for another club's."""
        domain = member._get_draw_domain() & Domain("id", "=", draw_id)
        draw = request.env["club.draw"].sudo().search(domain, limit=1)
        if not draw:
            raise NotFound
        return draw

    def _find_play(self, member, draw, play_id):
        """The member's own play; the same 404 for one that is absent and for another's."""
        domain = [("id", "=", play_id), ("draw_id", "=", draw.id), ("member_id", "in", member._get_own_ids())]
        play = request.env["club.draw.play"].sudo().search(domain, limit=1)
        if not play or not play.played_at:
            raise NotFound
        return play

    def _parse_number(self, value):
        value = value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    def _parents(self, member, draw=None):
        if draw:
            return (f"/my/club/{member.id}/draws/{draw.id}", draw.name)
        return (f"/my/club/{member.id}/draws", request.env._("Draws"))

    def _render_draw(self, member, draw, before=0, error=""):
        plays, following = member._find_plays(draw, before)
        return render_private(
            "customer_club.portal_club_draw",
            {
                "page_name": "club_draw",
                "page_title": draw.name,
                "page_parent": self._parents(member),
                "member": member,
                "club": member.club_id,
                "draw": draw,
                "key": secrets.token_urlsafe(16),
                "plays": plays,
                "before": before,
                "following": following,
                "error": error,
                "message": request.session.pop("club_message", None),
                **member._get_draw_values(draw),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/draws", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_draws(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        before = self._parse_number(before)
        draws, following = member._find_draws(before)
        free = member._count_free_plays(draws)
        return render_private(
            "customer_club.portal_club_draws",
            {
                "page_name": "club_draws",
                "page_title": request.env._("Draws"),
                "member": member,
                "club": member.club_id,
                "before": before,
                "following": following,
                "draws": [{"draw": draw, "free": free[draw], "refusal": draw._get_refusal(member)} for draw in draws],
            },
        )

    @http.route("/my/club/<int:member_id>/draws/<int:draw_id>", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_draw(self, member_id, draw_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_draw(member, self._find_draw(member, draw_id), self._parse_number(before))

    @http.route(
        "/my/club/<int:member_id>/draws/<int:draw_id>/image", type="http", auth="user", methods=["GET"], readonly=True
    )
    def portal_my_club_draw_image(self, member_id, draw_id, **_ignored):
        member = find_member(member_id, owner=True)
        draw = self._find_draw(member, draw_id)
        if not draw.image_512:
            raise NotFound
        stream = request.env["ir.binary"].sudo()._get_image_stream_from(draw, "image_512")
        return private(stream.get_response())

    @http.route(
        "/my/club/<int:member_id>/draws/<int:draw_id>/play",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_draw_play(self, member_id, draw_id, key="", terms="", **_ignored):
        """Play once. The outcome is committed with this request; what was won is given by the next."""
        member = find_member(member_id, owner=True)
        draw = self._find_draw(member, draw_id)
        busy = lock_spending(member)
        if busy:
            return busy
        if not is_form_key(key, KEY_LENGTH):
            error = request.env._("This page was too old. Nothing was taken: play again.")
            return self._render_draw(member, draw, error=error)
        try:
            play = draw._play(member, key, terms[:KEY_LENGTH])
        except UserError as error:
            return self._render_draw(member, draw, error=str(error))
        # After the choice nothing may fail: the addresses are made of numbers only.
        address = f"/my/club/{member_id}/draws/{draw_id}/plays/{play.id}"
        request.session["club_draw_fresh"] = play.id
        if play.state == "won":
            # The same form goes on to the next request (307 keeps it a POST with its token).
            return private(request.redirect(f"{address}/collect", code=307))
        return private(request.redirect(address))

    @http.route(
        "/my/club/<int:member_id>/draws/<int:draw_id>/plays/<int:play_id>/collect",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_draw_collect(self, member_id, draw_id, play_id, **_ignored):
        """Give what was won. If that fails, the result stays, and a job tries again."""
        member = find_member(member_id, owner=True)
        play = self._find_play(member, self._find_draw(member, draw_id), play_id)
        try:
            with request.env.cr.savepoint():
                play._deliver()
        except RETRIED:
            raise
        except Exception:
            _logger.exception("the prize of play %s could not be given, a job will try again", play.id)
        return private(request.redirect(f"/my/club/{member_id}/draws/{draw_id}/plays/{play_id}"))

    @http.route(
        "/my/club/<int:member_id>/draws/<int:draw_id>/plays/<int:play_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_club_draw_result(self, member_id, draw_id, play_id, **_ignored):
        member = find_member(member_id, owner=True)
        draw = self._find_draw(member, draw_id)
        play = self._find_play(member, draw, play_id)
        return render_private(
            "customer_club.portal_club_draw_result",
            {
                "page_name": "club_draw_result",
                "page_title": request.env._("Result"),
                "page_parent": self._parents(member, draw),
                "member": member,
                "club": member.club_id,
                "draw": draw,
                "play": play,
                "fresh": request.session.pop("club_draw_fresh", None) == play.id,
                "odds": draw._get_odds_rows(play.version_id),
                "wheel": draw._get_wheel(play.version_id, play.prize_id.id or None),
                **play._get_result_values(),
            },
        )
