"""Invitations by e-mail address: who was invited, whatever is typed later."""

from odoo import models


class SurveyInvite(models.TransientModel):
    _inherit = "survey.invite"

    def _prepare_answers(self, partners, emails):
        """Remember the address to which an invitation went: a question may overwrite the answer's own."""
        answers = super()._prepare_answers(partners, emails)
        for answer in answers.filtered(lambda answer: not answer.partner_id and answer.state == "new"):
            answer.sudo().club_email = answer.email
        return answers
