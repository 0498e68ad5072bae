"""Offers of partners and a member's vouchers; the code that a member shows at a partner."""

import secrets

from odoo import http
from odoo.addons.customer_club.engine import codes, lots
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, is_form_key, lock_spending, private, render_private

BASE = "/my/club/<int:member_id>"
KEY_LENGTH = 64


def new_form_key():
    """Goes with a form; what is posted twice with it is done once."""
    return secrets.token_urlsafe(16)


class ClubVouchers(http.Controller):
    # -- offers ----------------------------------------------------------------------------------------

    def _find_offer(self, member, offer_id):
        """An offer that the member may have; the same 404 for one that is absent, over, and for somebody else."""
        offer = member._get_partner_offers().filtered(lambda offer: offer.id == offer_id)
        if not offer:
            raise NotFound
        return offer

    def _may_know(self, member, offer):
        """Whether the member may have seen an offer: one that has ended since is told so, all others are a 404."""
        return offer.state != "draft" and offer._get_audience_refusals(member)[offer.id] in ("", "over")

    @http.route(f"{BASE}/partners", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def portal_my_club_partners(self, member_id, **_ignored):
        """What partners offer: affordable first."""
        member = find_member(member_id, owner=True)
        return render_private(
            "customer_club.portal_club_partners",
            {
                "page_name": "club_partners",
                "page_title": request.env._("At our partners"),
                "member": member,
                "club": member.club_id,
                "offers": [self._prepare_offer(member, offer) for offer in member._get_partner_offers()],
            },
        )

    def _prepare_offer(self, member, offer):
        club = member.club_id
        missing = max(offer.points - member.balance, 0)
        return {
            "offer": offer,
            "worth": offer._get_worth(),
            "place": offer._get_place(),
            "cost": club._show_points(offer.points),
            "missing": club._show_points(missing) if missing else "",
            "percent": max(min(int(100 * member.balance / offer.points), 100), 0) if offer.points else 100,
            "until": club._show_day(offer.date_to),
            "left": offer.left if offer.stock else None,
        }

    @http.route(
        f"{BASE}/partners/<int:offer_id>", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_partner_offer(self, member_id, offer_id, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_offer(member, self._find_offer(member, offer_id))

    def _render_offer(self, member, offer, error=""):
        club = member.club_id
        return render_private(
            "customer_club.portal_club_partner_offer",
            {
                "page_name": "club_partner_offer",
                "page_title": offer.name,
                "page_parent": (f"/my/club/{member.id}/partners", request.env._("At our partners")),
                "member": member,
                "club": club,
                "obstacle": offer._get_obstacle(member),
                "after": club._show_points(member.balance - offer.points),
                "form_key": new_form_key(),
                "error": error,
                **self._prepare_offer(member, offer),
            },
        )

    @http.route(
        f"{BASE}/partners/<int:offer_id>/image", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_partner_image(self, member_id, offer_id, **_ignored):
        """The offer's picture: customers have no right to the record itself."""
        member = find_member(member_id, owner=True)
        offer = self._find_offer(member, offer_id)
        if not offer.image_512:
            raise NotFound
        return private(request.env["ir.binary"]._get_image_stream_from(offer, "image_512").get_response())

    @http.route(f"{BASE}/partners/<int:offer_id>/take", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_partner_take(self, member_id, offer_id, form_key="", **_ignored):
        """Take a voucher: its points go now."""
        member = find_member(member_id, owner=True)
        offer = (
            request.env["club.merchant.offer"]
            .sudo()
            .search([("id", "=", offer_id), ("club_id", "=", member.club_id.id)], limit=1)
        )
        if not offer or not is_form_key(form_key, KEY_LENGTH) or not self._may_know(member, offer):
            raise NotFound
        busy = lock_spending(member)
        if busy:
            return busy
        try:
            with request.env.cr.savepoint():
                voucher = request.env["club.voucher"]._buy(member, offer, form_key)
        except UserError as error:
            return self._render_offer(member, offer, str(error))
        return private(request.redirect(f"/my/club/{member.id}/vouchers/{voucher.id}"))

    # -- vouchers --------------------------------------------------------------------------------------

    def _find_voucher(self, member, voucher_id):
        domain = member._get_voucher_domain() & Domain("id", "=", voucher_id)
        voucher = request.env["club.voucher"].sudo().search(domain, limit=1)
        if not voucher:
            raise NotFound
        return voucher

    @http.route(f"{BASE}/vouchers", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_vouchers(self, member_id, before="", **_ignored):
        member = find_member(member_id, owner=True)
        before = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 0
        past, following = member._find_vouchers(before)
        open_ones = request.env["club.voucher"].sudo()
        if not before:
            open_ones = open_ones.search(member._get_open_voucher_domain(), order="valid_until, id", limit=100)
        return render_private(
            "customer_club.portal_club_vouchers",
            {
                "page_name": "club_vouchers",
                "page_title": request.env._("My vouchers"),
                "member": member,
                "club": member.club_id,
                "open_ones": open_ones,
                "past": past,
                "states": dict(open_ones._fields["state"]._description_selection(request.env)),
                "before": before,
                "following": following,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        f"{BASE}/vouchers/<int:voucher_id>", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_voucher(self, member_id, voucher_id, **_ignored):
        """The code, large and bright, on a page that loads nothing else; what became of it once it is used."""
        member = find_member(member_id, owner=True)
        voucher = self._find_voucher(member, voucher_id)
        code = voucher._get_code() if voucher._is_usable() else ""
        return render_private(
            "customer_club.portal_club_voucher",
            {
                **self._prepare_sheet(member),
                "voucher": voucher,
                "code": code,
                "qr": codes.qr(code),
                "worth": voucher.offer_id._get_worth() if voucher.kind == "voucher" else "",
                "place": voucher.offer_id._get_place(),
                "state": dict(voucher._fields["state"]._description_selection(request.env))[voucher.state],
                "over": voucher.state == "issued" and not code,
                "can_return": not voucher._get_cancel_obstacle(),
            },
        )

    def _prepare_sheet(self, member):
        """What a page needs that stands alone: no layout, no style sheet."""
        return {
            "member": member,
            "club": member.club_id,
            "seconds": 0,
            "reader_lang": request.env["res.lang"]._get_data(code=request.env.lang or "en_US"),
        }

    @http.route(f"{BASE}/vouchers/<int:voucher_id>/return", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_voucher_return(self, member_id, voucher_id, **_ignored):
        """Ask before a voucher is given back."""
        member = find_member(member_id, owner=True)
        return self._render_return(member, self._find_voucher(member, voucher_id))

    def _render_return(self, member, voucher, error=""):
        club = member.club_id
        return render_private(
            "customer_club.portal_club_voucher_return",
            {
                "page_name": "club_voucher_return",
                "page_title": request.env._("Return it"),
                "page_parent": (f"/my/club/{member.id}/vouchers", request.env._("My vouchers")),
                "member": member,
                "club": club,
                "voucher": voucher,
                "obstacle": voucher._get_cancel_obstacle(),
                "points": club._show_points(voucher.points),
                "error": error,
            },
        )

    @http.route(f"{BASE}/vouchers/<int:voucher_id>/return", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_voucher_returned(self, member_id, voucher_id, **_ignored):
        """Give an unused voucher back; the points return."""
        member = find_member(member_id, owner=True)
        voucher = self._find_voucher(member, voucher_id)
        busy = lock_spending(member)
        if busy:
            return busy
        if voucher.state != "cancelled":  # a second press of the button
            try:
                with request.env.cr.savepoint():
                    voucher._cancel()
            except UserError as error:
                return self._render_return(member, voucher, str(error))
        request.session["club_message"] = request.env._("The voucher is returned, and its points are yours again.")
        return private(request.redirect(f"/my/club/{member.id}/vouchers"))

    # -- the code for a partner's counter --------------------------------------------------------------

    @http.route(f"{BASE}/card/code", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def portal_my_club_card_code(self, member_id, **_ignored):
        return self._render_token(find_member(member_id, owner=True))

    def _render_token(self, member, error="", typed=""):
        token = request.env["club.member.token"]._find_live(member)
        code = token._get_code() if token else ""
        return render_private(
            "customer_club.portal_club_token",
            {
                **self._prepare_sheet(member),
                "token": token,
                "code": code,
                "qr": codes.qr(code),
                "seconds": token._get_seconds_left() if token else 0,
                "balance": member.balance,
                "typed": typed,
                "error": error,
            },
        )

    @http.route(f"{BASE}/card/code", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_card_code_make(self, member_id, most_points="", **_ignored):
        """Make a code that is good once, for five minutes; the one before is worth nothing from then on."""
        member = find_member(member_id, owner=True)
        typed = most_points[:20]
        try:
            points = club_text.parse_decimal(typed) if typed.strip() else lots.ZERO
            points = lots.exact(points, member.club_id.points_digits)
            request.env["club.member.token"]._make_for(member, points)
        except EngineError:
            error = request.env._("Type a number of points, or leave it empty. No code was made.")
            return self._render_token(member, error, typed)
        except UserError as error:
            return self._render_token(member, str(error), typed)
        return private(request.redirect(f"/my/club/{member.id}/card/code"))
