"""An answer that a question offers."""

from odoo import api, fields, models


class ClubQuestionChoice(models.Model):
    """One of the answers to choose from; the choice carries the kind of occasion that it makes, if any."""

    _name = "club.question.choice"
    _description = "Club Question Choice"
    _inherit = "club.bounded"
    _order = "sequence, id"

    question_id = fields.Many2one("club.question", required=True, index=True, ondelete="cascade")
    name = fields.Char(string="Choice", required=True, translate=True)
    sequence = fields.Integer(default=10)
    occasion_kind = fields.Selection(
        "_get_occasion_kinds",
        string="Makes a Yearly Occasion",
        help='Who chooses "our anniversary" has it kept, and is reminded next year. Empty: it is just an answer.',
    )

    @api.model
    def _get_occasion_kinds(self):
        return self.env["club.question"]._get_occasion_kinds()
