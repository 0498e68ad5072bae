"""Surveys of a club: for whom they are."""

from odoo import fields, models


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    club_id = fields.Many2one(
        "club.club",
        string="Customer Club",
        index="btree_not_null",
        ondelete="restrict",
        help="Only this club gives points for it. Empty: every club whose rules name it.",
    )
    club_members_only = fields.Boolean(
        string="For Members Only", help="Only signed-in members of the customer club may answer it."
    )

    def _is_open_to(self, partner):
        """Whether a person may answer as far as the club is concerned.

        :param partner: ``res.partner`` of the signed-in user, empty for a visitor.
        :rtype: bool
        """
        self.ensure_one()
        club = self.sudo().club_id
        if not (club and self.club_members_only):
            return True
        return bool(partner and club._get_member(partner))

    def _is_worth_retaking(self, partner):
        """Whether Odoo would let a person who has finished it begin again, and the result can get better."""
        self.ensure_one()
        survey = self.sudo()
        return (
            survey.scoring_type != "no_scoring"
            and survey.is_attempts_limited
            and survey._has_attempts_left(partner, partner.email, False)
        )
