"""Decide about feedback, one piece or many, with a word to the members."""

from odoo import api, fields, models
from odoo.addons.customer_club.models.voice.club_feedback import STARS
from odoo.exceptions import UserError


class ClubFeedbackAnswer(models.TransientModel):
    _name = "club.feedback.answer"
    _description = "Answer Feedback"
    _inherit = "club.bounded"

    feedback_ids = fields.Many2many("club.feedback")
    count = fields.Integer(compute="_compute_count")
    duplicate_count = fields.Integer(compute="_compute_count")
    decision = fields.Selection(
        [("accepted", "Accept"), ("declined", "Decline"), ("done", "Done: answered or carried out")],
        required=True,
        default="accepted",
    )
    usefulness = fields.Selection(STARS, help="For all of them; none: as each is rated.")
    answer = fields.Text(help="The members read it with the decision, in their page and by e-mail.")
    answer_all = fields.Boolean(
        string="Tell It Those Who Said the Same, Too",
        help="Only if the answer holds nothing about the person who wrote first.",
    )

    @api.depends("feedback_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.feedback_ids)
            wizard.duplicate_count = sum(wizard.feedback_ids._origin.mapped("duplicate_count"))

    def action_decide(self):
        """Decide about all of them, or about none.

        :raise UserError: nothing is chosen, or a refusal has no answer
        """
        self.ensure_one()
        feedback = self.feedback_ids
        if not feedback:
            raise UserError(self.env._("Choose at least one piece of feedback in the list."))
        if self.decision == "declined" and not (self.answer or "").strip():
            raise UserError(
                self.env._("Say why it is declined: who wrote it took the time, and reads your answer.")
            )
        feedback._check_judge()
        self._write_answers(feedback)
        feedback._update_state(self.decision)
        return {"type": "ir.actions.act_window_close"}

    def _write_answers(self, feedback):
        """The words first: what a decision tells the members holds them."""
        vals = {"answer": (self.answer or "").strip() or False}
        if self.decision == "accepted" and self.usefulness and self.usefulness != "0":
            vals["usefulness"] = self.usefulness
        feedback.write(vals)
        followers = feedback.sudo().duplicate_ids
        if followers:
            followers.write({"answer": vals["answer"] if self.answer_all else False})
