"""Raffles: the list, one's tickets, buying, entering for nothing, confirming a prize; and the public proof."""

import re
import secrets

from odoo import http
from odoo.addons.customer_club.engine.text import digits
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

from .common import find_member, lock_spending, private, render_private

FILES = ("rules.json", "tickets.txt", "proof.json", "verify_raffle.py")
#: A form's key: made by us, random, and nothing else.
KEY = re.compile(r"[A-Za-z0-9_-]{16}")


def parse_number(value):
    value = digits(value or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0


class ClubRaffles(http.Controller):
    # -- finding -------------------------------------------------------------------------------------

    def _find_raffle(self, member, raffle_id):
        """The raffle if the member may see it; the same 404 for one that is absent and for another club's."""
        domain = member._get_raffle_domain() & Domain("id", "=", raffle_id)
        raffle = request.env["club.raffle"].sudo().search(domain, limit=1)
        own = raffle and sum(raffle._count_own(member).values())
        if not raffle or not (own or raffle._filter_for_member(member, also=("tier",))):
            raise NotFound
        return raffle

    def _find_public(self, public_id):
        """A raffle that is or was open, by its public name."""
        raffle = (
            request.env["club.raffle"]
            .sudo()
            .with_context(active_test=False)  # what was published stays, also once it is archived
            .search(
                [
                    ("public_id", "=", public_id),
                    ("state", "!=", "draft"),
                    ("company_id.club_raffles", "=", True),
                ],
                limit=1,
            )
        )
        if not raffle:
            raise NotFound
        return raffle.with_context(active_test=True)

    # -- pages ---------------------------------------------------------------------------------------

    def _get_list_values(self, raffle, code):
        """What a page shows of the published files, and what became of the ticket that was asked for."""
        code = digits(code or "").strip().upper()[:30]
        position = raffle._find_in_list(code) if code and raffle.list_hash else 0
        place = raffle.winner_ids.filtered(lambda winner: winner.ticket_id.code == code)[:1] if position else None
        show = {
            entrant.member_id: entrant.member_id.nickname
            for entrant in raffle.entrant_ids.search(
                [("raffle_id", "=", raffle.id), ("member_id", "in", raffle.winner_ids.member_id.ids)]
            )
            if entrant.show_nickname and entrant.member_id.state == "active"
        }
        return {
            "code": code,
            "position": position,
            "found": place,
            "prizes": raffle._count_prizes(),
            "winners": [
                {
                    "winner": winner,
                    "code": winner.ticket_id.code,
                    "prize": winner.prize_id.name,
                    "nickname": show.get(winner.member_id) or "",
                }
                for winner in raffle.winner_ids.sorted("place")
            ],
        }

    def _render_raffle(self, member, raffle, after=0, code="", error=""):
        tickets, following = member._get_raffle_tickets(raffle, after)
        own = raffle._count_own(member)
        left, free = raffle._get_left(member)
        refusal = ""
        if raffle.state == "open":
            try:
                raffle._check_entering(member)
            except UserError as problem:
                refusal = str(problem)
        return render_private(
            "customer_club.portal_club_raffle",
            {
                "page_name": "club_raffle",
                "page_title": raffle.name,
                "page_parent": (f"/my/club/{member.id}/raffles", request.env._("Raffles")),
                "member": member,
                "club": member.club_id,
                "raffle": raffle,
                "own": sum(own.values()),
                "odds": raffle._get_odds(sum(own.values())),
                "tickets": tickets,
                "after": after,
                "following": following,
                "left": left,
                "free": free,
                "refusal": refusal,
                "won": member._get_raffle_prizes(("called", "claimed", "given")).filtered(
                    lambda winner: winner.raffle_id == raffle
                ),
                "form_key": secrets.token_urlsafe(12),
                "address": f"/my/club/{member.id}/raffles/{raffle.id}",
                "public": f"/raffle/{raffle.public_id}",
                "error": error,
                "message": request.session.pop("club_message", None),
                **self._get_list_values(raffle, code),
            },
        )

    def _back(self, member, raffle, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/raffles/{raffle.id}"))

    @http.route("/my/club/<int:member_id>/raffles", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_raffles(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        if not member.club_id.sudo().company_id.club_raffles:
            raise NotFound
        before = parse_number(before)
        raffles, following = member._find_raffles(before)
        return render_private(
            "customer_club.portal_club_raffles",
            {
                "page_name": "club_raffles",
                "page_title": request.env._("Raffles"),
                "member": member,
                "club": member.club_id,
                "before": before,
                "following": following,
                "raffles": [{"raffle": raffle, "own": sum(raffle._count_own(member).values())} for raffle in raffles],
            },
        )

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_raffle(self, member_id, raffle_id, after=None, code="", **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_raffle(member, self._find_raffle(member, raffle_id), parse_number(after), code)

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/buy", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_raffle_confirm(self, member_id, raffle_id, quantity="", **_ignored):
        """Before points go: what it costs and what is left. Changes nothing."""
        member = find_member(member_id, owner=True)
        raffle, quantity = self._find_raffle(member, raffle_id), parse_number(quantity)
        try:
            raffle._check_entering(member)
            raffle._check_quantity(member, quantity)
        except UserError as error:
            return self._render_raffle(member, raffle, error=str(error))
        cost = raffle.ticket_price * quantity
        return render_private(
            "customer_club.portal_club_raffle_confirm",
            {
                "page_name": "club_raffle",
                "page_title": request.env._("Buy tickets"),
                "page_parent": (f"/my/club/{member.id}/raffles/{raffle.id}", raffle.name),
                "member": member,
                "club": member.club_id,
                "raffle": raffle,
                "quantity": quantity,
                "cost": cost,
                "rest": member.balance - cost,
                "address": f"/my/club/{member.id}/raffles/{raffle.id}",
                "form_key": secrets.token_urlsafe(12),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/buy", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_my_club_raffle_buy(self, member_id, raffle_id, quantity="", form_key="", **_ignored):
        """Buy tickets; the same form sent twice buys once."""
        member = find_member(member_id, owner=True)
        busy = lock_spending(member)
        if busy:
            return busy
        raffle, quantity = self._find_raffle(member, raffle_id), parse_number(quantity)
        if not KEY.fullmatch(form_key):
            return self._render_raffle(member, raffle, error=request.env._("The form was not complete. Try again."))
        try:
            with request.env.cr.savepoint():
                purchase = raffle._buy(member, quantity, form_key)
        except UserError as error:
            return self._render_raffle(member, raffle, error=str(error))
        if purchase.quantity == 1:
            return self._back(member, raffle, request.env._("You have got a ticket. Good luck!"))
        return self._back(
            member, raffle, request.env._("You have got %(count)s tickets. Good luck!", count=purchase.quantity)
        )

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/enter",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_raffle_enter(self, member_id, raffle_id, form_key="", **_ignored):
        """A free entry: no points, no purchase, the same chance."""
        member = find_member(member_id, owner=True)
        busy = lock_spending(member)
        if busy:
            return busy
        raffle = self._find_raffle(member, raffle_id)
        if not KEY.fullmatch(form_key):
            return self._render_raffle(member, raffle, error=request.env._("The form was not complete. Try again."))
        try:
            with request.env.cr.savepoint():
                raffle._enter_free(member, form_key)
        except UserError as error:
            return self._render_raffle(member, raffle, error=str(error))
        return self._back(member, raffle, request.env._("You have got your free ticket. Good luck!"))

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/claim",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_raffle_claim(self, member_id, raffle_id, place="", **_ignored):
        """Confirm a prize."""
        member = find_member(member_id, owner=True)
        raffle = self._find_raffle(member, raffle_id)
        try:
            with request.env.cr.savepoint():
                raffle._claim(member, parse_number(place))
        except UserError as error:
            return self._render_raffle(member, raffle, error=str(error))
        return self._back(member, raffle, request.env._("Your prize is confirmed."))

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/nickname",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_raffle_nickname(self, member_id, raffle_id, show="", **_ignored):
        """Whether the result may show one's nickname beside a winning ticket."""
        member = find_member(member_id, owner=True)
        raffle = self._find_raffle(member, raffle_id)
        entrants = raffle.entrant_ids.search(
            [("raffle_id", "=", raffle.id), ("member_id", "in", member._get_own_ids())]
        )
        entrants._set({"show_nickname": bool(show) and bool(member.nickname)})
        if show and not member.nickname:
            return self._render_raffle(
                member, raffle, error=request.env._("You have no nickname yet. Give yourself one in your profile.")
            )
        return self._back(member, raffle, request.env._("Saved."))

    @http.route(
        "/my/club/<int:member_id>/raffles/<int:raffle_id>/certificate/<int:place>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_club_raffle_certificate(self, member_id, raffle_id, place, **_ignored):
        """The certificate of a prize of one's own, once confirmed."""
        member = find_member(member_id, owner=True)
        raffle = self._find_raffle(member, raffle_id)
        winner = member._get_raffle_prizes(("claimed", "given")).filtered(
            lambda winner: winner.raffle_id == raffle and winner.place == place
        )
        if not winner:
            raise NotFound
        return self._send_pdf("customer_club.club_raffle_winner_report", winner, f"raffle-{place}.pdf")

    def _send_pdf(self, report, record, name):
        content, _type = request.env["ir.actions.report"].sudo()._render_qweb_pdf(report, record.ids)
        return private(
            request.make_response(
                content,
                headers=[
                    ("Content-Type", "application/pdf"),
                    ("Content-Disposition", content_disposition(name)),
                ],
            )
        )

    # -- the public proof ----------------------------------------------------------------------------

    @http.route("/raffle/<string:public_id>", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def club_raffle_public(self, public_id, code="", **_ignored):
        """Everything that was published, and how to check it; ticket codes, no names."""
        raffle = self._find_public(public_id)
        return private(
            request.render(
                "customer_club.club_raffle_public",
                {
                    "raffle": raffle,
                    "club": raffle.club_id,
                    "public": f"/raffle/{raffle.public_id}",
                    **self._get_list_values(raffle, code),
                },
            )
        )

    @http.route(
        "/raffle/<string:public_id>/<string:name>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def club_raffle_file(self, public_id, name, **_ignored):
        """One of the published files, byte for byte."""
        raffle = self._find_public(public_id)
        if name == "certificate.pdf" and raffle.drawn_at:
            return self._send_pdf("customer_club.club_raffle_report", raffle, f"raffle-{raffle.public_id}.pdf")
        found = raffle._get_published_file(name) if name in FILES else None
        if not found:
            raise NotFound
        content, content_type = found
        return request.make_response(
            content,
            headers=[
                ("Content-Type", content_type),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                # What is published never changes, and there is nobody's name in it.
                ("Cache-Control", "public, max-age=3600"),
            ],
        )
