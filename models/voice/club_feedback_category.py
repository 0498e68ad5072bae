"""What feedback is about."""

from odoo import fields, models


class ClubFeedbackCategory(models.Model):
    """A subject that feedback is sorted by, so that a shop sees what its members complain about."""

    _name = "club.feedback.category"
    _description = "Feedback Category"
    _inherit = "club.bounded"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    club_id = fields.Many2one("club.club", index=True, ondelete="cascade", help="Empty: for every club.")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        string="Supervisor",
        domain="[('share', '=', False)]",
        help="Answers for what is filed here, before the supervisor of the kind of feedback.",
    )
    feedback_count = fields.Integer(string="Open", compute="_compute_feedback_count")

    def _compute_feedback_count(self):
        counts = dict(
            self.env["club.feedback"]._read_group(
                [("category_id", "in", self.ids), ("is_open", "=", True)], ["category_id"], ["__count"]
            )
        )
        for category in self:
            category.feedback_count = counts.get(category, 0)

    def action_open_feedback(self):
        """Open what is filed under this category."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_feedback_action")
        return dict(action, domain=[("category_id", "=", self.id)], context={"search_default_open": 1})
