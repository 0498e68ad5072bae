"""Prizes: the catalogue, choosing one, and what became of it."""

import secrets

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

from .common import find_member, lock_spending, private, render_private

KINDS = ("order_line", "coupon", "service", "code")
PAGE = 24
SIZES = ("image_128", "image_256", "image_512", "image_1024")
#: Letters and digits of a form's one-time key, as made for the page; anything else is no key of ours.
KEY_LENGTH = 22


def make_form_key():
    return secrets.token_urlsafe(16)


def is_form_key(key):
    return len(key) == KEY_LENGTH and key.replace("-", "a").replace("_", "a").isalnum() and key.isascii()


class ClubPrizes(http.Controller):
    def _find_prize(self, member, prize_id):
        """A prize that the member may look at, as a row; the same 404 for one that is absent and for another club's."""
        prize = request.env["club.prize"].sudo().browse(prize_id)
        rows = member._get_portal_prizes(only=prize)
        if not rows:
            raise NotFound
        return rows[0]

    def _find_redemption(self, member, redemption_id):
        domain = Domain("member_id", "=", member.id) & Domain("id", "=", redemption_id)
        redemption = request.env["club.redemption"].sudo().search(domain, limit=1)
        if not redemption:
            raise NotFound
        return redemption

    def _parse_number(self, value):
        value = value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    # -- the catalogue -------------------------------------------------------------------------------

    @http.route("/my/club/<int:member_id>/prizes", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_prizes(self, member_id, kind="", page=None, **_ignored):
        member = find_member(member_id, owner=True)
        kind = kind if kind in KINDS else ""
        every = member._get_portal_prizes()
        rows = [row for row in every if not kind or row["prize"].delivery == kind]
        start = self._parse_number(page) * PAGE
        _ = request.env._
        labels = {
            "order_line": _("Products"),
            "coupon": _("Coupons"),
            "service": _("Services"),
            "code": _("Codes"),
        }
        offered = {row["prize"].delivery for row in every}
        return render_private(
            "customer_club.portal_club_prizes",
            {
                "page_name": "club_prizes",
                "page_title": _("Prizes"),
                "member": member,
                "club": member.club_id,
                "rows": rows[start : start + PAGE],
                "kind": kind,
                "kinds": [(name, labels[name]) for name in KINDS if name in offered] if len(offered) > 1 else [],
                "page": start // PAGE,
                "has_more": len(rows) > start + PAGE,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/prizes/<int:prize_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_prize(self, member_id, prize_id, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_prize(member, self._find_prize(member, prize_id))

    def _render_prize(self, member, row, error="", form_key=""):
        return render_private(
            "customer_club.portal_club_prize",
            {
                "page_name": "club_prize",
                "page_title": row["name"],
                "page_parent": (f"/my/club/{member.id}/prizes", request.env._("Prizes")),
                "member": member,
                "club": member.club_id,
                "row": row,
                "prize": row["prize"],
                "pictures": row["prize"].picture_ids[:10],
                "form_key": form_key or make_form_key(),
                "error": error,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/prizes/<int:prize_id>/picture/<int:picture_id>/<string:size>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def portal_my_club_prize_picture(self, member_id, prize_id, picture_id, size, **_ignored):
        """A picture of a prize that the member may look at, or has; number 0 is the main one."""
        member = find_member(member_id, owner=True)
        prize = request.env["club.prize"].sudo().browse(prize_id)
        has = (
            request.env["club.redemption"]
            .sudo()
            .search_count([("member_id", "=", member.id), ("prize_id", "=", prize_id)], limit=1)
        )
        if size not in SIZES or not (has or member._get_portal_prizes(only=prize)):
            raise NotFound
        record = prize.picture_ids.filtered(lambda picture: picture.id == picture_id) if picture_id else prize
        if not record or not record[size]:
            raise NotFound
        stream = request.env["ir.binary"].sudo()._get_image_stream_from(record, size)
        return private(stream.get_response(max_age=0))

    # -- choosing ------------------------------------------------------------------------------------

    @http.route(
        "/my/club/<int:member_id>/prizes/<int:prize_id>/redeem",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_prize_redeem(self, member_id, prize_id, form_key="", **_ignored):
        """Take the prize; the same form sent twice takes it once."""
        member = find_member(member_id, owner=True)
        busy = lock_spending(member)
        if busy:
            return busy
        row = self._find_prize(member, prize_id)
        if not is_form_key(form_key):
            error = request.env._("The page was too old. Nothing was taken: look at it again, then confirm.")
            return self._render_prize(member, row, error=error)
        try:
            redemption = row["prize"]._redeem(member, f"portal,{member.id}:{form_key}", "portal")
        except UserError as error:
            member.invalidate_recordset()
            found = member._get_portal_prizes(only=row["prize"])
            if not found:
                request.session["club_message"] = str(error)
                return private(request.redirect(f"/my/club/{member.id}/prizes"))
            return self._render_prize(member, found[0], error=str(error))
        if redemption.is_waiting_for_payment:
            return private(request.redirect(redemption.order_id.get_portal_url()))
        request.session["club_message"] = request.env._("It is yours: %(prize)s.", prize=redemption.prize_id.name)
        return private(request.redirect(f"/my/club/{member.id}/redemptions/{redemption.id}"))

    # -- what became of it ---------------------------------------------------------------------------

    @http.route("/my/club/<int:member_id>/redemptions", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_redemptions(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        before = self._parse_number(before)
        redemptions, following = member._find_own_redemptions(before)
        return render_private(
            "customer_club.portal_club_redemptions",
            {
                "page_name": "club_redemptions",
                "page_title": request.env._("My prizes"),
                "member": member,
                "club": member.club_id,
                "rows": [redemption._get_portal_values() for redemption in redemptions],
                "before": before,
                "following": following,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/redemptions/<int:redemption_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_club_redemption(self, member_id, redemption_id, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_redemption(member, self._find_redemption(member, redemption_id))

    def _render_redemption(self, member, redemption, error=""):
        return render_private(
            "customer_club.portal_club_redemption",
            {
                "page_name": "club_redemption",
                "page_title": redemption.name,
                "page_parent": (f"/my/club/{member.id}/redemptions", request.env._("My prizes")),
                "member": member,
                "club": member.club_id,
                "row": redemption._get_portal_values(),
                "error": error,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/redemptions/<int:redemption_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_redemption_cancel(self, member_id, redemption_id, **_ignored):
        member = find_member(member_id, owner=True)
        busy = lock_spending(member)
        if busy:
            return busy
        redemption = self._find_redemption(member, redemption_id)
        if redemption.state != "cancelled":
            try:
                redemption._cancel_by_member()
            except UserError as error:
                return self._render_redemption(member, redemption, error=str(error))
            request.session["club_message"] = request.env._("It is cancelled, and your points are back.")
        return private(request.redirect(f"/my/club/{member.id}/redemptions/{redemption.id}"))

    @http.route(
        "/my/club/<int:member_id>/redemptions/<int:redemption_id>/slip",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_club_redemption_slip(self, member_id, redemption_id, **_ignored):
        """The slip to take along, as a PDF; it holds no code."""
        member = find_member(member_id, owner=True)
        redemption = self._find_redemption(member, redemption_id)
        if redemption.state not in ("requested", "approved", "ready", "delivered"):
            raise NotFound
        report = request.env["ir.actions.report"].sudo()
        content, _kind = report._render_qweb_pdf("customer_club.report_redemption_slip", redemption.ids)
        return private(
            request.make_response(
                content,
                headers=[
                    ("Content-Type", "application/pdf"),
                    ("Content-Disposition", content_disposition(f"{redemption.name}.pdf")),
                ],
            )
        )
