"""The question that is due to a member: one page, one small form."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .common import find_member, private, render_private


class ClubQuestion(http.Controller):
    def _find_question(self, member_id, question_id):
        """The question due to the signed-in member, with the order it is about; 404 for every other one."""
        member = find_member(member_id, owner=True)
        question, order = member._get_portal_question()
        if question.id != question_id:
            raise request.not_found()
        return member, question, order

    def _render_question(self, member, question, order, error=""):
        return render_private(
            "customer_club.portal_club_question",
            {
                "page_name": "club_question",
                "page_title": request.env._("A question"),
                "member": member,
                "club": member.club_id,
                "question": question,
                "order": order,
                "error": error,
            },
        )

    @http.route(
        "/my/club/<int:member_id>/question/<int:question_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def portal_my_club_question(self, member_id, question_id):
        member = find_member(member_id, owner=True)
        question, order = member._get_portal_question()
        if question.id != question_id:  # answered meanwhile, on another page or at the counter
            return private(request.redirect(f"/my/club/{member.id}"))
        return self._render_question(member, question, order)

    @http.route(
        "/my/club/<int:member_id>/question/<int:question_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_question_answer(self, member_id, question_id, skip=None, **typed):
        member, question, order = self._find_question(member_id, question_id)
        given = {name: str(typed.get(name) or "")[:500] for name in ("choice_id", "text", "date")}
        given.update(yes=typed.get("yes"), skip=bool(skip))
        try:
            request.env["club.question.answer"]._give(member, question, given, "portal", order or None)
        except UserError as error:
            return self._render_question(member, question, order, str(error))
        request.session["club_message"] = (
            request.env._("You will not be asked that for a while.")
            if skip
            else request.env._("Thank you for your answer.")
        )
        return private(request.redirect(f"/my/club/{member.id}"))
