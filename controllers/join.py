"""Joining a club: one page that says what is given and asked, and one button."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import private, render_private
from .referral import read_carried


class ClubJoin(http.Controller):
    def _find_club(self, club_id):
        club = request.env["club.club"]._get_offered("portal").filtered(lambda club: club.id == club_id)
        if not club:
            raise NotFound
        return club

    def _render_join(self, club, error="", token=None):
        user = request.env.user
        partner = request.env["res.partner"] if user._is_public() else user.partner_id
        member = club._get_member(partner) if partner else request.env["club.member"]
        return render_private(
            "customer_club.portal_club_join",
            {
                "page_name": "club_join",
                "club": club,
                "member": member,
                "error": error,
                "status": club._get_join_status(partner, token=token) if partner else {},
                "token": token,
                "rules": club._get_portal_rules(),
                "tiers": club.tier_ids,
                "asked": request.params if error else {},
                "signup_open": request.env["res.users"]._get_signup_invitation_scope() == "b2c",
            },
        )

    @http.route("/club/join/<int:club_id>", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def club_join(self, club_id, token=None, **_ignored):
        return self._render_join(self._find_club(club_id), token=token)

    @http.route("/club/join/<int:club_id>", type="http", auth="user", website=True, methods=["POST"], sitemap=False)
    def club_join_submit(self, club_id, consent_terms=None, consent_marketing=None, token=None, **_ignored):
        club = self._find_club(club_id)
        if not consent_terms:
            return self._render_join(
                club,
                request.env._(
                    "Tick that you accept the terms of %(club)s, then join. Nothing was saved yet.",
                    club=club.name,
                ),
                token,
            )
        try:
            member = club._join(
                request.env.user.partner_id,
                consent_terms=True,
                consent_marketing=bool(consent_marketing),
                source="portal",
                token=token,
                referral=read_carried(club),
            )
        except UserError as error:
            return self._render_join(club, str(error), token)
        request.session["club_message"] = request.env._("Welcome to %(club)s!", club=club.name)
        return private(request.redirect(f"/my/club/{member.id}"))
