"""Completing the profile step by step, and the light beacon by which a signed-in member's visit is noticed."""

from odoo import http
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.http import request

from .common import find_member, private, render_private

#: Longest part of an answer that is looked at.
LONGEST = 200
#: Longest list of questions to skip, as text.
MOST_IDS = 1000
PARTS = ("value", "name", "day", "month", "year")


class ClubComplete(http.Controller):
    """GET shows what is asked next; POST keeps an answer, or goes on without one."""

    def _parse_ids(self, typed):
        parts = (typed or "")[:MOST_IDS].split(",")
        return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 10]

    def _render_complete(self, member, skipped=(), step=None, error="", typed=None):
        profile = member._get_portal_profile()
        questions = member.club_id.sudo().profile_field_ids.filtered("active")
        if step is None and profile:
            waiting = profile["missing"].filtered(lambda question: question.id not in skipped)
            step = (waiting._split_steps() or [None])[0]
        return render_private(
            "customer_club.portal_club_complete",
            {
                "page_name": "club_complete",
                "page_title": request.env._("Complete your profile"),
                "member": member,
                "club": member.club_id,
                "profile": profile,
                "step": step or questions.browse(),
                "skipped": ",".join(str(number) for number in [*skipped, *(step.ids if step else ())]),
                "before": ",".join(str(number) for number in skipped),
                "typed": typed or {},
                "error": error,
                "message": request.session.pop("club_message", None),
            },
        )

    @http.route("/my/club/<int:member_id>/complete", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_complete(self, member_id, skip="", **_ignored):
        return self._render_complete(find_member(member_id, owner=True), self._parse_ids(skip))

    @http.route("/my/club/<int:member_id>/complete", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_complete_save(self, member_id, questions="", skip="", **form):
        member = find_member(member_id, owner=True)
        skipped = self._parse_ids(skip)
        # Only what is still missing may be written here: what is known is corrected on the profile's page.
        missing = member._get_profiles()[member]["missing"]
        wanted = self._parse_ids(questions)
        asked = missing.filtered(lambda question: question.id in wanted)
        typed = {
            question.id: {part: (form.get(f"{part}_{question.id}") or "")[:LONGEST] for part in PARTS}
            for question in asked
        }
        before = self._read_facts(member)
        try:
            with request.env.cr.savepoint():
                answered = [question for question in asked if member._answer(question, typed[question.id])]
        except UserError as error:
            return self._render_complete(member, skipped, asked, str(error), typed)
        passed = [question.id for question in asked if question not in answered]
        request.session["club_message"] = self._thank(member, answered, before)
        going = ",".join(str(number) for number in [*skipped, *passed])
        return private(request.redirect(f"/my/club/{member.id}/complete" + (f"?skip={going}" if going else "")))

    def _read_facts(self, member):
        domain = [("member_id", "=", member.id), ("type", "=", "profile")]
        return request.env["club.event"].sudo().search(domain)

    def _thank(self, member, answered, before):
        if not answered:
            return None
        member._check_profiles()
        points = sum((self._read_facts(member) - before).mapped("points"))
        if points > 0:
            return request.env._(
                "Saved, thank you. You have earned %(points)s.", points=member.club_id._show_points(points)
            )
        return request.env._("Saved, thank you.")


class ClubVisit(http.Controller):
    @http.route("/club/visit", type="http", auth="user", website=True, methods=["POST"], sitemap=False)
    def club_visit(self, channel="", **_ignored):
        """A page of the account or the shop was opened. The session remembers the day in the clubs' time zones, so that
        the rest of the day costs no query; the fact itself is once a day whatever the session says.
        """
        if channel in ("portal", "shop") and self._is_new(channel):
            events = request.env["club.member"]._record_own_visit(
                request.env.user, channel, request.website.company_id
            )
            self._remember(channel, set(events.club_id.mapped("tz")) or {"UTC"})
        return private(request.make_response("", status=204))

    def _is_new(self, channel):
        seen = (request.session.get("club_visits") or {}).get(channel)
        return not seen or seen["uid"] != request.env.uid or seen["days"] != self._get_days(seen["days"])

    def _remember(self, channel, zones):
        visits = request.session.get("club_visits") or {}
        mark = {"uid": request.env.uid, "days": self._get_days(zones)}
        request.session["club_visits"] = {**visits, channel: mark}

    def _get_days(self, zones):
        now = Datetime.now()
        return {zone: periods.local_date(now, zone).isoformat() for zone in zones}
