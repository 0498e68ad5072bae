"""Gifts: give points to another member, answer a gift, undo one."""

import secrets

from odoo import http
from odoo.addons.customer_club.engine import codes, errors, together
from odoo.addons.customer_club.engine import text as club_text
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, is_form_key, lock_spending, private, render_private

KEY_LENGTH = 40


def read_number(value):
    """An id or a page's end as it stands in an address; 0 for whatever else."""
    value = value or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def read_points(club, typed):
    """Points that somebody typed into a form.

    :raises UserError: it is no number of points.
    """
    try:
        number = club_text.parse_decimal((typed or "")[:30])
    except errors.EngineError:
        number = None
    return club._read_typed_points(number if number is not None else (typed or "?"))


def read_key(value):
    value = (value or "")[:KEY_LENGTH]
    return value if is_form_key(value, KEY_LENGTH) else None


def attempt(work):
    """Do something that may be refused; a refusal leaves nothing behind.

    :return: (result or ``None``, what went wrong or an empty text).
    """
    try:
        with request.env.cr.savepoint():
            return work(), ""
    except UserError as error:
        return None, str(error)


def back(member, page, message="", error=""):
    """Show a page anew after a form was sent."""
    request.session["club_message"] = message
    request.session["club_error"] = error
    return private(request.redirect(f"/my/club/{member.id}/{page}"))


def page_values(member, name, title, **values):
    """What every page of this room shows."""
    return {
        "page_name": name,
        "page_title": title,
        "member": member,
        "club": member.club_id,
        "form_key": secrets.token_urlsafe(16),
        "message": request.session.pop("club_message", None),
        "error": request.session.pop("club_error", None),
        **values,
    }


class ClubGifts(http.Controller):
    def _find_gift(self, member, gift_id):
        """A gift that the member sent or got; the same 404 for one that is absent and for others' (abuse 14)."""
        Gift = request.env["club.gift"].sudo()
        gift = Gift.search(Gift._get_portal_domain(member) & Domain("id", "=", gift_id), limit=1)
        if not gift:
            raise NotFound
        return gift

    def _find_giver(self, member_id):
        member = find_member(member_id, owner=True)
        if not member.club_id.gift_active and not member._get_gift_rows(limit=1)[0]:
            raise NotFound
        return member

    @http.route("/my/club/<int:member_id>/gift", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_gift(self, member_id, to="", before=None, **_ignored):
        member = self._find_giver(member_id)
        return self._render(member, number=to[:40], before=read_number(before))

    def _render(self, member, number="", points="", note="", before=0, error=""):
        rows, following = member._get_gift_rows(before)
        club = member.club_id
        url = f"{club.get_base_url()}/club/gift/{club.id}/{member.number}"
        values = page_values(member, "club_gift", request.env._("Give points"))
        giveable = member._get_giveable_points()
        values.update(
            giveable=club._show_points(giveable),
            can_give=giveable > 0 and club.gift_active,
            step=club._get_point_step(),
            number=number,
            points=points,
            note=note,
            own_url=url,
            qr=codes.qr(url),
            rows=rows,
            before=before,
            following=following,
        )
        values["error"] = error or values["error"]
        return render_private("customer_club.portal_club_gift", values)

    @http.route("/my/club/<int:member_id>/gift/check", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_gift_check(self, member_id, number="", points="", note="", **_ignored):
        """Say to whom, how much, and what is left, before anything is taken."""
        member = self._find_giver(member_id)
        typed = {"number": number[:40], "points": points[:30], "note": note[:200]}
        try:
            amount = read_points(member.club_id, points)
            other = member._find_other_member(number)
            member._check_gift(other, amount)
        except UserError as error:
            return self._render(member, error=str(error), **typed)
        club = member.club_id
        values = page_values(member, "club_gift_check", request.env._("Give points"))
        values.update(
            page_parent=(f"/my/club/{member.id}/gift", request.env._("Give points")),
            name=together.masked(other.partner_id.name),
            shown=club._show_points(amount),
            left=club._show_points(member.card_id.points - float(amount)),
            known=member._has_given_to(other),
            **{**typed, "points": amount},
        )
        return render_private("customer_club.portal_club_gift_check", values)

    @http.route("/my/club/<int:member_id>/gift/send", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_gift_send(self, member_id, number="", points="", note="", form_key="", **_ignored):
        member = self._find_giver(member_id)
        busy = lock_spending(member)
        if busy:
            return busy
        try:
            amount = read_points(member.club_id, points)
            other = member._find_other_member(number)
        except UserError as error:
            return back(member, "gift", error=str(error))
        gift, error = attempt(lambda: member._give(other, amount, note, read_key(form_key)))
        if error:
            return back(member, "gift", error=error)
        _ = request.env._
        name = together.masked(other.partner_id.name)
        shown = member.club_id._show_points(gift.points)
        message = {
            "held": _("%(points)s for %(name)s: our team looks at it first.", points=shown, name=name),
            "offered": _("%(points)s are on their way to %(name)s.", points=shown, name=name),
        }.get(gift.state, _("You gave %(points)s to %(name)s.", points=shown, name=name))
        return back(member, "gift", message)

    @http.route(
        "/my/club/<int:member_id>/gift/<int:gift_id>/<any(accept, decline, undo):answer>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_gift_answer(self, member_id, gift_id, answer, **_ignored):
        """The recipient accepts or declines, the giver undoes; whoever else asks finds nothing."""
        member = find_member(member_id, owner=True)
        gift = self._find_gift(member, gift_id)
        sent = gift.giver_id.id in member._get_own_ids()
        if sent != (answer == "undo"):
            raise NotFound
        busy = lock_spending(member)
        if busy:
            return busy
        _result, error = attempt({"accept": gift._accept, "decline": gift._decline, "undo": gift._undo}[answer])
        _ = request.env._
        done = {
            "accept": _("Accepted."),
            "decline": _("Declined. The points went back."),
            "undo": _("Undone. The points are yours again."),
        }[answer]
        return back(member, "gift", "" if error else done, error)

    @http.route(
        "/club/gift/<int:club_id>/<string:number>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def club_gift_link(self, club_id, number, **_ignored):
        """What the code of a member leads to: one's own page of gifts, with the number filled in."""
        Member = request.env["club.member"].sudo()
        member = Member.search(
            Member._get_portal_domain(request.env.user)
            & Domain("club_id", "=", club_id)
            & Domain("partner_id", "=", request.env.user.partner_id.id),
            limit=1,
        )
        number = club_text.compact_member_number(number[:40])
        if not member or not number.isalnum() or not member.club_id.gift_active:
            raise NotFound
        return private(request.redirect(f"/my/club/{member.id}/gift?to={number}"))
