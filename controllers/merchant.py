"""A merchant's counter on a phone: one field, what the code stands for, redeem, done; today's list."""

from odoo import http
from odoo.addons.customer_club.engine import lots
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.addons.customer_club.models.merchant.club_merchant_desk import (
    BusyError,
    CodePausedError,
    CodeRefusedError,
)
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import is_form_key, private, render_private
from .voucher import KEY_LENGTH, new_form_key

REFERENCE_LENGTH = 64
CODE_LENGTH = 100


def find_merchant(merchant_id):
    """The merchant at whose counter the signed-in user may stand; the same 404 for absent and for another's.

    :return: the ``club.merchant`` in sudo, in the reader's language
    :raise NotFound: if there is none
    """
    Merchant = request.env["club.merchant"].sudo()
    domain = Merchant._get_desk_domain(request.env.user) & Domain("id", "=", merchant_id)
    merchant = Merchant.search(domain, limit=1)
    if not merchant:
        raise NotFound
    return merchant


class ClubMerchantHome(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            Merchant = request.env["club.merchant"].sudo()
            values["club_merchants"] = Merchant.search(Merchant._get_desk_domain(request.env.user), limit=5)
        return values


class ClubMerchantDesk(http.Controller):
    # -- the page --------------------------------------------------------------------------------------

    @http.route("/merchant", type="http", auth="user", website=True, methods=["GET"], sitemap=False, readonly=True)
    def merchant_desks(self, **_ignored):
        """The counter; a choice where the user stands at several."""
        Merchant = request.env["club.merchant"].sudo()
        merchants = Merchant.search(Merchant._get_desk_domain(request.env.user), limit=100)
        if not merchants:
            raise NotFound
        if len(merchants) == 1:
            return private(request.redirect(f"/merchant/{merchants.id}"))
        return render_private(
            "customer_club.portal_merchants",
            {"page_name": "merchant", "page_title": request.env._("Counters"), "merchants": merchants},
        )

    @http.route("/merchant/<int:merchant_id>", type="http", auth="user", website=True, methods=["GET"], sitemap=False)
    def merchant_desk(self, merchant_id, **_ignored):
        return self._render_desk(find_merchant(merchant_id))

    def _render_desk(self, merchant, error="", typed="", status=200):
        club = merchant.club_id
        day = merchant._get_desk_day()
        response = render_private(
            "customer_club.portal_merchant",
            {
                "page_name": "merchant",
                "page_title": merchant.name,
                "merchant": merchant,
                "club": club,
                "vouchers": day["vouchers"],
                "purchases": day["purchases"],
                "count": day["count"],
                "total": club._show_money(day["total"]),
                "error": error,
                "typed": typed,
                "message": request.session.pop("club_message", None),
                "links": sorted(merchant._get_desk_links(), key=lambda link: link["rank"]),
            },
        )
        response.status_code = status
        return response

    def _get_actors(self):
        guard = request.env["club.code.guard"].sudo()
        return [f"user,{request.env.uid}", guard._name_address(request.httprequest.remote_addr)]

    def _render_refusal(self, merchant, error, typed=""):
        """A code that may not be used: always the same page."""
        if isinstance(error, CodePausedError):
            return self._render_desk(merchant, str(error), status=429)
        if isinstance(error, BusyError):
            return self._render_desk(merchant, str(error), typed, status=429)
        return self._render_desk(merchant, str(error), typed)

    # -- a code ----------------------------------------------------------------------------------------

    @http.route(
        "/merchant/<int:merchant_id>/check", type="http", auth="user", website=True, methods=["POST"], sitemap=False
    )
    def merchant_check(self, merchant_id, code="", **_ignored):
        """First step: what the code stands for. Nothing is redeemed yet."""
        merchant = find_merchant(merchant_id)
        code = code[:CODE_LENGTH]
        try:
            found = merchant._check_code(code, request.env.user, self._get_actors())
        except (CodeRefusedError, CodePausedError) as error:
            return self._render_refusal(merchant, error, code)
        return self._render_found(merchant, code, found)

    def _render_found(self, merchant, code, found, error="", typed=None):
        template = "merchant_voucher" if found._name == "club.voucher" else "merchant_token"
        return render_private(
            f"customer_club.portal_{template}",
            {
                "page_name": "merchant",
                "page_title": request.env._("Redeem") if template == "merchant_voucher" else request.env._("Customer"),
                "page_parent": (f"/merchant/{merchant.id}", merchant.name),
                "merchant": merchant,
                "club": merchant.club_id,
                "code": code,
                "found": found,
                "offers": merchant._get_counter_offers() if template == "merchant_token" else [],
                "form_key": new_form_key(),
                "error": error,
                "typed": typed or {},
            },
        )

    def _read_form(self, form_key, reference):
        if not is_form_key(form_key, KEY_LENGTH):
            raise NotFound
        return club_text.normalise(reference)[:REFERENCE_LENGTH]

    @http.route(
        "/merchant/<int:merchant_id>/redeem", type="http", auth="user", website=True, methods=["POST"], sitemap=False
    )
    def merchant_redeem(self, merchant_id, code="", reference="", form_key="", **_ignored):
        """Second step: the voucher is redeemed, once."""
        merchant = find_merchant(merchant_id)
        reference = self._read_form(form_key, reference)
        try:
            with request.env.cr.savepoint():
                voucher = merchant._redeem_code(
                    code[:CODE_LENGTH], request.env.user, self._get_actors(), form_key, reference
                )
        except UserError as error:
            return self._render_refusal(merchant, error)
        request.session["club_message"] = request.env._(
            "Redeemed: %(offer)s (%(number)s). Give it to the customer.",
            offer=voucher.offer_id.name,
            number=voucher.number,
        )
        return private(request.redirect(f"/merchant/{merchant.id}"))

    @http.route(
        "/merchant/<int:merchant_id>/use", type="http", auth="user", website=True, methods=["POST"], sitemap=False
    )
    def merchant_use(self, merchant_id, code="", bill="", paid="", offer_id="", reference="", form_key="", **_ignored):
        """Second step with a member's code: points pay a part, the rest is reported as a purchase."""
        merchant = find_merchant(merchant_id)
        user, code = request.env.user, code[:CODE_LENGTH]
        reference = self._read_form(form_key, reference)
        typed = {"bill": bill[:20], "paid": paid[:20], "reference": reference}
        offer = merchant._get_counter_offers().filtered(lambda offer: str(offer.id) == offer_id)
        try:
            amounts = [self._parse_amount(typed[name]) for name in ("bill", "paid")]
            with request.env.cr.savepoint():
                token = merchant._use_token(code, user, self._get_actors(), form_key, *amounts, offer, reference)
        except (CodeRefusedError, CodePausedError, BusyError) as error:
            return self._render_refusal(merchant, error)
        except EngineError:
            return self._render_again(merchant, code, request.env._("Type the amounts as numbers."), typed)
        except UserError as error:
            return self._render_again(merchant, code, str(error), typed)
        request.session["club_message"] = self._say_done(token)
        return private(request.redirect(f"/merchant/{merchant.id}"))

    def _render_again(self, merchant, code, error, typed):
        """The form once more with what was typed, as long as the code is good."""
        try:
            found = merchant._check_code(code, request.env.user, self._get_actors())
        except (CodeRefusedError, CodePausedError) as refusal:
            return self._render_refusal(merchant, refusal)
        return self._render_found(merchant, code, found, error, typed)

    def _parse_amount(self, typed):
        return club_text.parse_decimal(typed) if typed.strip() else lots.ZERO

    def _say_done(self, token):
        _ = request.env._
        club, words = token.club_id, []
        if token.voucher_id:
            words.append(
                _(
                    "Paid with %(points)s: %(amount)s.",
                    points=club._show_points(token.voucher_id.points),
                    amount=club._show_money(token.voucher_id.value),
                )
            )
        if token.purchase_id.state == "held":
            words.append(_("The purchase is reported; its points wait for the club's decision."))
        elif token.purchase_id:
            words.append(_("The purchase is reported."))
        return " ".join(words)

    # -- afterwards ------------------------------------------------------------------------------------

    @http.route(
        "/merchant/<int:merchant_id>/undo/<int:voucher_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def merchant_undo(self, merchant_id, voucher_id, **_ignored):
        """Undo a redemption of today, in time."""
        merchant = find_merchant(merchant_id)
        voucher = (
            request.env["club.voucher"]
            .sudo()
            .search([("id", "=", voucher_id), ("merchant_id", "=", merchant.id), ("redeemed_at", "!=", False)], limit=1)
        )
        if not voucher:
            raise NotFound
        if voucher.state != "reversed":  # a second press of the button
            try:
                with request.env.cr.savepoint():
                    voucher._undo(request.env.user)
            except UserError as error:
                return self._render_desk(merchant, str(error))
        request.session["club_message"] = request.env._(
            "Undone: %(number)s. You are owed nothing for it.", number=voucher.number
        )
        return private(request.redirect(f"/merchant/{merchant.id}"))

    @http.route(
        "/merchant/<int:merchant_id>/take-back/<int:purchase_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def merchant_take_back(self, merchant_id, purchase_id, **_ignored):
        """Take back a purchase that was reported on the phone, in time."""
        merchant = find_merchant(merchant_id)
        purchase = (
            request.env["club.merchant.purchase"]
            .sudo()
            .search([("id", "=", purchase_id), ("merchant_id", "=", merchant.id), ("token_ids", "!=", False)], limit=1)
        )
        if not purchase:
            raise NotFound
        try:
            with request.env.cr.savepoint():
                purchase._take_back_at_desk()
        except UserError as error:
            return self._render_desk(merchant, str(error))
        request.session["club_message"] = request.env._(
            "Taken back: the receipt %(reference)s. What it earned is gone.", reference=purchase.reference
        )
        return private(request.redirect(f"/merchant/{merchant.id}"))
