"""What a member told the club, and that it joined at the counter."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    source = fields.Selection(selection_add=[("counter", "Counter")], ondelete={"counter": "set default"})
    answer_ids = fields.One2many("club.question.answer", "member_id")

    def _erase_one(self, reason):
        """What the person answered goes with the person."""
        self.env["club.question.answer"].sudo().search([("member_id", "=", self.id)]).unlink()
        return super()._erase_one(reason)

    def _absorb_into(self, heir):
        """Answers move to the member that remains, unless it has answered for the same occasion."""
        answers = self.env["club.question.answer"].sudo().search([("member_id", "in", (self | heir).ids)])
        taken = {(answer.question_id.id, answer.occasion_key) for answer in answers if answer.member_id == heir}
        for answer in answers.filtered(lambda answer: answer.member_id != heir):
            mark = (answer.question_id.id, answer.occasion_key)
            if mark not in taken:
                taken.add(mark)
                answer.member_id = heir
        return super()._absorb_into(heir)

    def _get_personal_data(self):
        data = super()._get_personal_data()
        answers = (
            self.env["club.question.answer"]
            .sudo()
            .search([("member_id", "=", self.id), ("skipped", "=", False)], limit=1000)
        )
        return {
            **data,
            "answers": [
                {
                    "when": fields.Datetime.to_string(answer.answered_at),
                    "question": answer.question_id.name,
                    "answer": answer.value,
                }
                for answer in answers
            ],
        }
