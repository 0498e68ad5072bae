"""The days that a member keeps: list, add, change, remove."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, private, render_private

LENGTHS = {"what": 20, "name": 60, "calendar": 10, "day": 4, "month": 4, "year": 6}
ROUTE = "/my/club/<int:member_id>/occasions"


class ClubOccasions(http.Controller):
    def _find_occasion(self, member, occasion_id):
        """A day of this member; the same 404 for one that is absent, removed, or another's."""
        occasion = member.occasion_ids.filtered(lambda occasion: occasion.id == occasion_id)
        if not occasion:
            raise NotFound
        return occasion

    def _read_form(self, form):
        return {name: (form.get(name) or "")[:length] for name, length in LENGTHS.items()}

    def _render_list(self, member, error="", typed=None):
        calendars = member.env["club.occasion"]._fields["calendar"]._description_selection(member.env)
        return render_private(
            "customer_club.portal_club_occasions",
            {
                "page_name": "club_occasions",
                "page_title": request.env._("My occasions"),
                "member": member,
                "club": member.club_id,
                "message": request.session.pop("club_message", None),
                "error": error,
                "rows": member._get_portal_occasions(),
                "rules": [rule._get_member_sentence() for rule in member._get_occasion_rules()],
                "choices": member._get_occasion_choices(),
                "calendars": calendars,
                "typed": {**dict.fromkeys(LENGTHS, ""), "calendar": member.club_id.calendar, **(typed or {})},
            },
        )

    def _render_occasion(self, member, occasion, error="", typed=None):
        calendars = occasion._fields["calendar"]._description_selection(member.env)
        kept = {name: occasion[name] or "" for name in ("name", "calendar", "day", "month", "year")}
        return render_private(
            "customer_club.portal_club_occasion",
            {
                "page_name": "club_occasion",
                "page_title": occasion._get_title(),
                "page_parent": (f"/my/club/{member.id}/occasions", request.env._("My occasions")),
                "member": member,
                "club": member.club_id,
                "error": error,
                "occasion": occasion,
                "title": occasion._get_title(),
                "calendars": calendars,
                "typed": {**kept, **(typed or {})},
            },
        )

    def _back(self, member, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/occasions"))

    @http.route(ROUTE, type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_occasions(self, member_id):
        return self._render_list(find_member(member_id, owner=True))

    @http.route(ROUTE, type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_occasion_add(self, member_id, **form):
        member = find_member(member_id, owner=True)
        typed = self._read_form(form)
        try:
            with request.env.cr.savepoint():
                member._save_occasion(member.env["club.occasion"], typed)
        except UserError as error:
            return self._render_list(member, str(error), typed)
        return self._back(member, request.env._("Your day is saved."))

    @http.route(f"{ROUTE}/<int:occasion_id>", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_occasion(self, member_id, occasion_id):
        member = find_member(member_id, owner=True)
        return self._render_occasion(member, self._find_occasion(member, occasion_id))

    @http.route(f"{ROUTE}/<int:occasion_id>", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_occasion_change(self, member_id, occasion_id, **form):
        member = find_member(member_id, owner=True)
        occasion = self._find_occasion(member, occasion_id)
        typed = self._read_form(form)
        try:
            with request.env.cr.savepoint():
                member._save_occasion(occasion, typed)
        except UserError as error:
            return self._render_occasion(member, occasion, str(error), typed)
        return self._back(member, request.env._("Your day is saved."))

    @http.route(f"{ROUTE}/<int:occasion_id>/remove", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_occasion_remove(self, member_id, occasion_id, **_ignored):
        member = find_member(member_id, owner=True)
        self._find_occasion(member, occasion_id).unlink()
        return self._back(member, request.env._("Your day is removed."))
