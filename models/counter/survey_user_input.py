"""What a survey has asked, the counter does not ask again."""

from odoo import models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import UserError


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    def _mark_done(self):
        result = super()._mark_done()
        self._fill_club_answers()
        return result

    def _fill_club_answers(self):
        """Keep answers to survey questions that stand for questions of a club; a constant number of queries for one
        survey without any.
        """
        inputs = self.sudo().filtered(lambda user_input: user_input.partner_id and not user_input.test_entry)
        questions = (
            self.env["club.question"]
            .sudo()
            .search([("survey_question_ids", "in", inputs.user_input_line_ids.question_id.ids)])
            if inputs
            else ()
        )
        for user_input in inputs if questions else ():
            for question in questions:
                member = question.club_id._get_member(user_input.partner_id)
                line = user_input.user_input_line_ids.filtered(
                    lambda line, question=question: (
                        line.question_id in question.survey_question_ids and not line.skipped
                    )
                )[:1]
                if member and line:
                    line._fill_club_answer(member, question)


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    def _fill_club_answer(self, member, question):
        """Keep one answer of a survey; one that fits none of the choices is left out, and may be asked in person."""
        self.ensure_one()
        said = self.suggested_answer_id.value or self.value_char_box or self.value_text_box or self.value_date or ""
        given = {"date": str(said), "text": str(said), "yes": None}
        if question.kind == "choice":
            key = text.search_key(str(said))
            given["choice_id"] = question.choice_ids.filtered(lambda choice: text.search_key(choice.name) == key)[:1].id
        elif question.kind == "boolean":
            yes, no = text.search_key(self.env._("Yes")), text.search_key(self.env._("No"))
            given["yes"] = {yes: "yes", no: "no", "yes": "yes", "no": "no"}.get(text.search_key(str(said)))
        try:
            with self.env.cr.savepoint():
                self.env["club.question.answer"]._give(member, question, given, "survey")
        except UserError:
            return
