"""A business asks to become a partner and follows what becomes of it; a partner reads its statements and disputes."""

import secrets

from odoo import http
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

from .common import private, render_private

FIELDS = ("name", "contact_name", "email", "phone", "vat", "trade", "offer")
#: What a merchant sees: not drafts, not what was cancelled.
SENT = ("confirmed", "billed")
STATEMENTS = 20
PAGE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ClubPartnerApply(http.Controller):
    def _find_clubs(self):
        return request.env["club.club"]._get_offered("portal").filtered("partner_apply")

    def _find_club(self, club_id):
        club = self._find_clubs().filtered(lambda club: club.id == club_id)
        if not club:
            raise NotFound
        return club

    def _render(self, club, error="", typed=None, form_key=None):
        user = request.env.user
        known = {} if user._is_public() else self._prefill(user.partner_id)
        return render_private(
            "customer_club.portal_partner_apply",
            {
                "page_name": "club_partner_apply",
                "club": club,
                "clubs": self._find_clubs(),
                "typed": typed or known,
                "error": error,
                "form_key": form_key or secrets.token_urlsafe(18),
            },
        )

    def _prefill(self, partner):
        company = partner.commercial_partner_id if partner.commercial_partner_id != partner else partner.browse()
        return {
            "name": company.name,
            "contact_name": partner.name,
            "email": partner.email,
            "phone": partner.phone,
            "vat": company.vat,
        }

    @http.route("/club/partner/apply", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def club_partner_apply(self, **_ignored):
        """The club that takes applications; the first one where there are several."""
        clubs = self._find_clubs()
        if not clubs:
            raise NotFound
        return private(request.redirect(f"/club/partner/apply/{clubs[0].id}"))

    @http.route(
        "/club/partner/apply/<int:club_id>", type="http", auth="public", website=True, methods=["GET"], sitemap=False
    )
    def club_partner_apply_form(self, club_id, **_ignored):
        return self._render(self._find_club(club_id))

    @http.route(
        "/club/partner/apply/<int:club_id>", type="http", auth="public", website=True, methods=["POST"], sitemap=False
    )
    def club_partner_apply_send(self, club_id, form_key="", accept=None, homepage="", **typed):
        """Send it. Whoever fills in the field that people do not see is a robot, and is thanked like everybody."""
        club = self._find_club(club_id)
        typed = {name: str(typed.get(name) or "")[:3000] for name in FIELDS}
        if homepage:
            return private(request.redirect("/club/partner/thanks"))
        user = request.env.user
        try:
            request.env["club.merchant.application"]._apply(
                club,
                typed,
                form_key[:60],
                request.httprequest.remote_addr,
                partner=None if user._is_public() else user.partner_id,
                terms=bool(accept),
            )
        except UserError as error:
            return self._render(club, str(error), typed, form_key)
        return private(request.redirect("/club/partner/thanks"))

    @http.route("/club/partner/thanks", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def club_partner_thanks(self, **_ignored):
        return render_private("customer_club.portal_partner_thanks", {"page_name": "club_partner_apply"})

    # -- what becomes of it ----------------------------------------------------------------------------

    def _find_application(self, application_id, token):
        application = request.env["club.merchant.application"]._find_by_token(application_id, token)
        if not application:
            raise NotFound
        return application

    @http.route(
        "/club/partner/application/<int:application_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def club_partner_application(self, application_id, token=None, **_ignored):
        application = self._find_application(application_id, token)
        return render_private(
            "customer_club.portal_partner_application",
            {
                "page_name": "club_partner_apply",
                "application": application,
                "club": application.club_id,
                "token": token,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route(
        "/club/partner/application/<int:application_id>/withdraw",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def club_partner_application_withdraw(self, application_id, token=None, **_ignored):
        application = self._find_application(application_id, token)
        if application.state == "submitted":
            application._withdraw()
            request.session["club_message"] = request.env._("Your application is withdrawn.")
        return private(request.redirect(f"/club/partner/application/{application.id}?token={token}"))


class ClubAccountHome(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            Merchant = request.env["club.merchant"].sudo()
            values["club_accounts"] = Merchant.search(Merchant._get_account_domain(request.env.user), limit=5)
        return values


class ClubMerchantStatements(http.Controller):
    """A merchant's statements, for the people of that merchant only; absent and another's are one 404 (abuse 14)."""

    def _find_merchant(self, merchant_id):
        Merchant = request.env["club.merchant"].sudo().with_context(active_test=False)
        domain = Merchant._get_account_domain(request.env.user) & Domain("id", "=", merchant_id)
        merchant = Merchant.search(domain, limit=1)
        if not merchant:
            raise NotFound
        return merchant.with_context(active_test=True)

    def _find_statement(self, merchant, settlement_id):
        domain = [("merchant_id", "=", merchant.id), ("step", "in", SENT), ("id", "=", settlement_id)]
        settlement = request.env["club.settlement"].sudo().search(domain, limit=1)
        if not settlement:
            raise NotFound
        return settlement

    def _prepare_values(self, merchant, title, **values):
        parent = (f"/merchant/{merchant.id}/statements", request.env._("Statements"))
        return {
            "page_name": "merchant",
            "page_title": title,
            "page_parent": parent if values.pop("below", True) else None,
            "merchant": merchant,
            "club": merchant.club_id,
            "message": request.session.pop("club_message", None),
            **values,
        }

    def _parse_id(self, value):
        value = value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    @http.route("/merchant/<int:merchant_id>/statements", type="http", auth="user", website=True, methods=["GET"])
    def merchant_statements(self, merchant_id, before=None, **_ignored):
        merchant = self._find_merchant(merchant_id)
        before = self._parse_id(before)
        Settlement = request.env["club.settlement"].sudo()
        domain = Domain("merchant_id", "=", merchant.id) & Domain("step", "in", SENT)
        if before:
            domain &= Domain("id", "<", before)
        found = Settlement.search(domain, order="id desc", limit=STATEMENTS + 1)
        disputes = (
            request.env["club.settlement.dispute"].sudo().search([("merchant_id", "=", merchant.id)], limit=STATEMENTS)
        )
        return render_private(
            "customer_club.portal_merchant_statements",
            self._prepare_values(
                merchant,
                request.env._("Statements"),
                below=False,
                statements=found[:STATEMENTS],
                following=found[STATEMENTS - 1].id if len(found) > STATEMENTS else 0,
                before=before,
                disputes=disputes if not before else disputes.browse(),
                unsettled=float(merchant._get_unsettled()[merchant.id]),
            ),
        )

    @http.route(
        "/merchant/<int:merchant_id>/statements/<int:settlement_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def merchant_statement(self, merchant_id, settlement_id, after=None, **_ignored):
        merchant = self._find_merchant(merchant_id)
        settlement = self._find_statement(merchant, settlement_id)
        after = self._parse_id(after)
        lines = settlement._get_statement_lines(after, PAGE + 1)
        return render_private(
            "customer_club.portal_merchant_statement",
            self._prepare_values(
                merchant,
                settlement._get_period_name(),
                settlement=settlement,
                lines=lines[:PAGE],
                following=lines[PAGE - 1].id if len(lines) > PAGE else 0,
                after=after,
                words=settlement._get_kind_words(),
            ),
        )

    @http.route(
        "/merchant/<int:merchant_id>/statements/<int:settlement_id>/<string:ending>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def merchant_statement_file(self, merchant_id, settlement_id, ending, **_ignored):
        """The statement as PDF or spreadsheet."""
        merchant = self._find_merchant(merchant_id)
        settlement = self._find_statement(merchant, settlement_id)
        if ending == "xlsx":
            return send_file(settlement, settlement._write_statement_xlsx(), "xlsx", XLSX)
        if ending != "pdf":
            raise NotFound
        report = request.env["ir.actions.report"].sudo()
        report = report.with_context(lang=request.env.lang)
        content, kind = report._render_qweb_pdf("customer_club.action_report_club_settlement", settlement.ids)
        return send_file(settlement, content, kind, "application/pdf" if kind == "pdf" else "text/html")

    @http.route("/club/settlement/<int:settlement_id>/xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def club_settlement_xlsx(self, settlement_id, **_ignored):
        """The spreadsheet for staff, with their own rights."""
        Settlement = request.env["club.settlement"]
        settlement = Settlement.search([("id", "=", settlement_id)]) if Settlement.has_access("read") else Settlement
        if not settlement:
            raise NotFound
        return send_file(settlement, settlement._write_statement_xlsx(), "xlsx", XLSX)

    # -- disputes --------------------------------------------------------------------------------------

    def _find_voucher(self, merchant, number):
        """A redeemed voucher of this merchant by its number."""
        number = club_text.normalise(number or "").upper()[:20]
        return (
            request.env["club.voucher"]
            .sudo()
            .search(
                [("merchant_id", "=", merchant.id), ("number", "=", number), ("redeemed_at", "!=", False)],
                limit=1,
            )
        )

    def _render_dispute(self, merchant, number, error="", typed=None):
        voucher = self._find_voucher(merchant, number)
        if number and not voucher:
            error = request.env._("No voucher with this number was redeemed here. Look at the number again.")
        return render_private(
            "customer_club.portal_merchant_dispute",
            self._prepare_values(
                merchant, request.env._("Dispute"), voucher=voucher, number=number, error=error, typed=typed or {}
            ),
        )

    @http.route("/merchant/<int:merchant_id>/dispute", type="http", auth="user", website=True, methods=["GET"])
    def merchant_dispute(self, merchant_id, number="", **_ignored):
        return self._render_dispute(self._find_merchant(merchant_id), number[:20])

    @http.route("/merchant/<int:merchant_id>/dispute", type="http", auth="user", website=True, methods=["POST"])
    def merchant_dispute_open(self, merchant_id, number="", claimed="", reason="", **_ignored):
        merchant = self._find_merchant(merchant_id)
        number, typed = number[:20], {"claimed": claimed[:30], "reason": reason[:2000]}
        voucher = self._find_voucher(merchant, number)
        if not voucher:
            return self._render_dispute(merchant, number, typed=typed)
        try:
            amount = float(club_text.parse_decimal(typed["claimed"]))
        except EngineError:
            error = request.env._("The amount cannot be read. Write it like 12.50. Nothing was sent yet.")
            return self._render_dispute(merchant, number, error, typed)
        try:
            with request.env.cr.savepoint():
                request.env["club.settlement.dispute"]._open_for_merchant(voucher, amount, typed["reason"])
        except UserError as error:
            return self._render_dispute(merchant, number, str(error), typed)
        request.session["club_message"] = request.env._(
            "We look at the voucher %(number)s and answer here. Until then it is left out of new statements.",
            number=voucher.number,
        )
        return private(request.redirect(f"/merchant/{merchant.id}/statements"))


def send_file(settlement, content, ending, mime):
    """A download that neither a browser nor a proxy keeps."""
    headers = [
        ("Content-Type", mime),
        ("Content-Disposition", content_disposition(settlement._get_file_name(ending))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return private(request.make_response(content, headers=headers))
