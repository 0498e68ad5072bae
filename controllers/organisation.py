"""Joining as an organisation: where companies are the members, a person brings theirs."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import private, render_private
from .join import ClubJoin


class ClubJoinOrganisation(ClubJoin):
    def _find_organisation_club(self, club_id):
        club = self._find_club(club_id)
        if not club._can_join_as_organisation(request.env.user.partner_id):
            raise NotFound
        return club

    def _render_organisation(self, club, error="", typed=None):
        return render_private(
            "customer_club.portal_club_join_organisation",
            {
                "page_name": "club_join",
                "club": club,
                "error": error,
                "asked": typed or {},
                "token": (typed or {}).get("token"),
            },
        )

    @http.route(
        "/club/join/<int:club_id>/organisation",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def club_join_organisation(self, club_id, token=None, **_ignored):
        return self._render_organisation(self._find_organisation_club(club_id), typed={"token": token})

    @http.route(
        "/club/join/<int:club_id>/organisation",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def club_join_organisation_submit(
        self, club_id, name="", vat="", consent_terms=None, consent_marketing=None, token=None, **_ignored
    ):
        club = self._find_organisation_club(club_id)
        typed = {"name": name[:200], "vat": vat[:60], "token": token, "consent_marketing": consent_marketing}
        if not consent_terms:
            return self._render_organisation(
                club, request.env._("Tick that your organisation wants to join. Nothing was saved yet."), typed
            )
        try:
            member = club._join_organisation(
                request.env.user.partner_id,
                name,
                vat,
                consent_terms=True,
                consent_marketing=bool(consent_marketing),
                source="portal",
                token=token,
            )
        except UserError as error:
            return self._render_organisation(club, str(error), typed)
        request.session["club_message"] = request.env._("Welcome to %(club)s!", club=club.name)
        return private(request.redirect(f"/my/club/{member.id}"))
