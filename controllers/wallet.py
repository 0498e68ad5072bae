"""The wallet: what is in it, points into money and back, topping up, and what happened to it."""

import secrets

from odoo import http
from odoo.addons.customer_club.engine import errors
from odoo.addons.customer_club.engine import text as club_text
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, lock_spending, private, render_private

KEY_LENGTH = 40


def parse_amount(typed):
    """A number that somebody typed, in any digits.

    :raises UserError: it is none.
    """
    try:
        return club_text.parse_decimal((typed or "")[:20])
    except (errors.EngineError, ArithmeticError):
        raise UserError(
            request.env._(
                "“%(typed)s” is not a number. Nothing was changed: type a number like 100.", typed=(typed or "")[:20]
            )
        ) from None


class ClubWallet(http.Controller):
    def _find_member(self, member_id):
        """The member, if there is a wallet to show; the same 404 for one without and for another's."""
        member = find_member(member_id, owner=True)
        if not (member.club_id.has_wallet or member._get_wallet()):
            raise NotFound
        return member

    def _parse_number(self, value):
        value = value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    def _parse_key(self, value):
        value = value or ""
        return value if value.isascii() and value.isalnum() and 16 <= len(value) <= KEY_LENGTH else ""

    def _back(self, member, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/wallet"))

    def _render(self, member, before=0, error="", confirm=None):
        return render_private(
            "customer_club.portal_club_wallet",
            {
                "page_name": "club_wallet",
                "page_title": request.env._("Wallet"),
                "member": member,
                "club": member.club_id,
                "error": error,
                "message": request.session.pop("club_message", None) if not error else None,
                "form_key": secrets.token_hex(KEY_LENGTH // 2),
                "confirm": confirm,
                "before": before,
                **member._get_wallet_values(before),
            },
        )

    @http.route("/my/club/<int:member_id>/wallet", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_wallet(self, member_id, before=None, **_ignored):
        return self._render(self._find_member(member_id), self._parse_number(before))

    @http.route("/my/club/<int:member_id>/wallet/quote", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_wallet_quote(self, member_id, points="", **_ignored):
        """Say what so many points would bring, and ask; nothing is changed."""
        member = self._find_member(member_id)
        try:
            confirm = member._quote_wallet(parse_amount(points))
        except UserError as error:
            return self._render(member, error=str(error))
        return self._render(member, confirm=confirm)

    @http.route("/my/club/<int:member_id>/wallet/convert", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_wallet_convert(self, member_id, points="", form_key="", **_ignored):
        """Turn points into money; the same form twice does it once."""
        member = self._find_member(member_id)
        busy = lock_spending(member)
        if busy:
            return busy
        key = self._parse_key(form_key)
        if not key:
            return self._render(member, error=request.env._("Open the page again. Nothing was changed."))
        try:
            with request.env.cr.savepoint():
                conversion = request.env["club.wallet.conversion"].sudo()._convert(member, parse_amount(points), key)
        except UserError as error:
            return self._render(member, error=str(error))
        return self._back(
            member,
            request.env._(
                "%(points)s became %(money)s.",
                points=member.club_id._show_points(conversion.asked),
                money=member.club_id._show_money(conversion.money),
            ),
        )

    @http.route(
        "/my/club/<int:member_id>/wallet/undo/<int:conversion_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_wallet_undo(self, member_id, conversion_id, **_ignored):
        """Turn money back into the points that it came from."""
        member = self._find_member(member_id)
        busy = lock_spending(member)
        if busy:
            return busy
        conversion = (
            request.env["club.wallet.conversion"]
            .sudo()
            .search([("id", "=", conversion_id), ("member_id", "in", member._get_own_ids())])
        )
        if not conversion:
            raise NotFound
        try:
            with request.env.cr.savepoint():
                conversion._undo()
        except UserError as error:
            return self._render(member, error=str(error))
        return self._back(
            member,
            request.env._("You have your %(points)s back.", points=member.club_id._show_points(conversion.asked)),
        )

    @http.route("/shop/club/wallet", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def shop_club_wallet(self, reward_id="", money="", **_ignored):
        """Pay a part of the cart, or all of it, with the buyer's wallet."""
        order = request.cart
        if not order or not self._parse_number(reward_id):
            return request.redirect("/shop/cart")
        busy = lock_spending(order)
        if busy:
            return busy
        try:
            order._pay_with_wallet(self._parse_number(reward_id), parse_amount(money))
        except UserError as error:
            request.session["error_promo_code"] = str(error)
        return private(request.redirect("/shop/cart"))
