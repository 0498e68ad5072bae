"""A business asks to become a partner, and follows what becomes of it."""

import secrets

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import private, render_private

FIELDS = ("name", "contact_name", "email", "phone", "vat", "trade", "offer")


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
