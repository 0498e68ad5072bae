"""Who answers which kind of feedback, and how soon."""

from odoo import fields, models

from .club_feedback import KINDS


class ClubFeedbackDesk(models.Model):
    """A club's word on one kind of feedback. What no desk says, the club's own settings say."""

    _name = "club.feedback.desk"
    _description = "Feedback Desk"
    _inherit = "club.bounded"
    _order = "club_id, kind"
    _rec_name = "kind"

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    kind = fields.Selection(KINDS, required=True, default="request")
    user_id = fields.Many2one("res.users", string="Supervisor", domain="[('share', '=', False)]")
    days = fields.Integer(string="Answer Within Days", required=True, default=5)
    escalation_user_id = fields.Many2one("res.users", string="When Late, Tell", domain="[('share', '=', False)]")

    _kind_unique = models.Constraint("UNIQUE(club_id, kind)", "There is a line for this kind of feedback already.")
    _days_positive = models.Constraint("CHECK(days >= 1)", "An answer takes at least one day: write 1 or more.")
