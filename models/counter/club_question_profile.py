"""A question of the club may be part of the profile: answering it anywhere may complete that."""

from odoo import api, models


class ClubQuestionAnswer(models.Model):
    _inherit = "club.question.answer"

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        answers._schedule_profile_check()
        return answers

    def write(self, vals):
        result = super().write(vals)
        self._schedule_profile_check()
        return result

    def _schedule_profile_check(self):
        if "question" in self.env["club.profile.field"]._get_watched():
            self.env["club.member"]._schedule_profile_check(members=self.sudo().member_id)
