"""What a member decides: profile, consents, occasions, leaving, and being forgotten."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .common import find_member, private, render_private


class ClubProfile(http.Controller):
    def _render_profile(self, member, error="", typed=None):
        return render_private(
            "customer_club.portal_club_profile",
            {
                "page_name": "club_profile",
                "member": member,
                "club": member.club_id,
                "error": error,
                "message": request.session.pop("club_message", None),
                "values": {
                    "name": member.partner_id.name or "",
                    "phone": member.partner_id.phone or "",
                    "nickname": member.nickname or "",
                    **(typed or {}),
                },
                "birthday": member._get_birthday(),
            },
        )

    def _back(self, member, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/profile"))

    @http.route("/my/club/<int:member_id>/profile", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_profile(self, member_id):
        return self._render_profile(find_member(member_id, owner=True))

    @http.route("/my/club/<int:member_id>/profile", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_profile_save(self, member_id, name="", phone="", nickname="", **_ignored):
        member = find_member(member_id, owner=True)
        typed = {"name": name[:100], "phone": phone[:40], "nickname": nickname[:40]}
        try:
            member._update_profile(**typed)
        except UserError as error:
            return self._render_profile(member, str(error), typed)
        return self._back(member, request.env._("Your profile is saved."))

    @http.route("/my/club/<int:member_id>/consents", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_consents(self, member_id, marketing=None, terms=None, **_ignored):
        member = find_member(member_id, owner=True)
        try:
            with request.env.cr.savepoint():
                if bool(marketing) != member.consent_marketing:
                    member._record_consent("marketing", bool(marketing), "portal")
                if terms and not member.consent_terms_at and member.club_id.terms:
                    member._record_consent("terms", True, "portal")
        except UserError as error:
            return self._render_profile(member, str(error))
        return self._back(member, request.env._("Your choices are saved."))

    @http.route("/my/club/<int:member_id>/birthday", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_birthday(self, member_id, day="", month="", year="", **_ignored):
        member = find_member(member_id, owner=True)
        try:
            with request.env.cr.savepoint():
                member._set_birthday(day[:4], month[:4], year[:6])
        except UserError as error:
            return self._render_profile(member, str(error))
        return self._back(member, request.env._("Your birthday is saved."))

    # -- leaving ----------------------------------------------------------------------------------------

    def _render_farewell(self, member, what, error=""):
        return render_private(
            "customer_club.portal_club_farewell",
            {
                "page_name": "club_farewell",
                "member": member,
                "club": member.club_id,
                "what": what,
                "error": error,
                "effects": member._get_farewell_effects(what),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/<any(leave,erase):what>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_farewell(self, member_id, what):
        """Show what leaving or being forgotten takes away, before anything happens."""
        return self._render_farewell(find_member(member_id, owner=True), what)

    @http.route(
        "/my/club/<int:member_id>/<any(leave,erase):what>", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_my_club_farewell_confirm(self, member_id, what, confirm=None, **_ignored):
        member = find_member(member_id, owner=True)
        _ = request.env._
        if not confirm:
            return self._render_farewell(member, what, _("Tick the box to confirm. Nothing has happened yet."))
        club = member.club_id
        try:
            with request.env.cr.savepoint():  # what refuses may come after something was done
                if what == "leave":
                    member._leave()
                else:
                    member._request_erasure()
        except UserError as error:
            return self._render_farewell(member, what, str(error))
        request.session["club_message"] = (
            _("You have left %(club)s.", club=club.name)
            if what == "leave"
            else _("%(club)s has received your request to erase your data.", club=club.name)
        )
        return private(request.redirect("/my/club"))
