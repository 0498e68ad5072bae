"""Surveys and product reviews: which ones earn, and who may answer a survey that is for members."""

from odoo import http
from odoo.addons.survey.controllers.main import Survey
from odoo.http import request

from .common import find_member, render_private


class ClubSurveys(http.Controller):
    @http.route("/my/club/<int:member_id>/surveys", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_surveys(self, member_id):
        member = find_member(member_id, owner=True)
        return render_private(
            "customer_club.portal_club_surveys",
            {
                "page_name": "club_surveys",
                "page_title": request.env._("Surveys"),
                "member": member,
                "club": member.club_id,
                "surveys": member._get_portal_surveys(),
            },
        )


    @http.route("/my/club/<int:member_id>/reviews", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_reviews(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        before = int(before) if (before or "").isascii() and (before or "").isdigit() and len(before) < 10 else None
        rows, following = member._get_portal_reviews(before)
        return render_private(
            "customer_club.portal_club_reviews",
            {
                "page_name": "club_reviews",
                "page_title": request.env._("Product reviews"),
                "member": member,
                "club": member.club_id,
                "rules": [rule._get_member_sentence() for rule in member._get_review_rules()],
                "rows": rows,
                "following": following,
                "products": [] if before else member._get_products_to_review(),
            },
        )


class ClubSurvey(Survey):
    def _check_validity(self, survey_sudo, answer_sudo, answer_token, **kwargs):
        """A survey for members only is closed to everybody else; tests by who makes surveys are not concerned."""
        validity = super()._check_validity(survey_sudo, answer_sudo, answer_token, **kwargs)
        if validity is not True or answer_sudo.test_entry:
            return validity
        user = request.env.user
        if not survey_sudo._is_open_to(user.partner_id if not user._is_public() else user.partner_id.browse()):
            return "survey_auth" if user._is_public() else "club_members_only"
        return validity

    def _redirect_with_error(self, access_data, error_key):
        if error_key == "club_members_only":
            return request.render(
                "customer_club.survey_members_only",
                {"survey": access_data["survey_sudo"], "club": access_data["survey_sudo"].club_id},
            )
        return super()._redirect_with_error(access_data, error_key)
