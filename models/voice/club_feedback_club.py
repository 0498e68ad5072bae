"""What a club says about feedback: who judges, how soon, how much of it, and what the home page shows."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import feedback as engine
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    feedback_portal = fields.Boolean(
        string="Members Write on the Portal",
        default=True,
        help="Critiques, suggestions, requests and praise. What was written before stays readable.",
    )
    feedback_user_id = fields.Many2one(
        "res.users",
        string="Feedback Supervisor",
        domain="[('share', '=', False)]",
        default=lambda self: self._default_feedback_user_id(),
        help="Judges and answers what no desk or category assigns to somebody else.",
    )
    feedback_escalation_user_id = fields.Many2one(
        "res.users",
        string="When Feedback Is Late, Tell",
        domain="[('share', '=', False)]",
        help="Where a desk names somebody of its own, this is the second level.",
    )
    feedback_days = fields.Integer(string="Answer Feedback Within Days", default=5)
    feedback_sooner_days = fields.Integer(
        string="Days Sooner per Priority",
        default=1,
        help="For each step of the priority of the member's tier; everybody waits at least one day.",
    )
    feedback_escalation_days = fields.Integer(
        string="Second Level After Days", default=3, help="0: there is no second level."
    )
    feedback_daily_limit = fields.Integer(
        string="Most per Member and Day", default=5, help="Pieces that a member may write on the portal in a day."
    )
    feedback_merge_reward = fields.Selection(
        [("first", "Only who said it first"), ("all", "Everybody who said it")],
        string="Rewarded for Merged Feedback",
        default="first",
        required=True,
    )
    feedback_desk_ids = fields.One2many("club.feedback.desk", "club_id", string="Feedback Desks", copy=True)

    _feedback_sane = models.Constraint(
        "CHECK(feedback_days >= 1 AND feedback_sooner_days >= 0 AND feedback_escalation_days >= 0"
        " AND feedback_daily_limit >= 1)",
        "Feedback is answered within 1 day or more, and a member may write at least 1 piece a day; days cannot be "
        "negative.",
    )

    @api.model
    def _default_feedback_user_id(self):
        """Whoever makes the club answers, until it says otherwise; the system itself answers nobody."""
        user = self.env.user
        return user if user.has_group("customer_club.group_club_user") and not user._is_superuser() else False

    # -- who and when --------------------------------------------------------------------------------

    def _get_feedback_desk(self, kind):
        """The club's line for a kind of feedback; empty if there is none."""
        return self.sudo().feedback_desk_ids.filtered(lambda desk: desk.kind == kind)[:1]

    def _get_feedback_deadline(self, kind, priority):
        """The day until which feedback of today is to be answered."""
        self.ensure_one()
        days = self._get_feedback_desk(kind).days or self.sudo().feedback_days
        return engine.due_on(self._get_today(), days, priority, self.sudo().feedback_sooner_days)

    def _get_feedback_supervisor(self, kind, category, member):
        """Who judges: whom the category names, else the desk, else the club; never the member in person.

        :rtype: res.users, empty if there is nobody
        """
        self.ensure_one()
        candidates = (category.user_id, self._get_feedback_desk(kind).user_id, self.sudo().feedback_user_id)
        return next((user for user in candidates if self._may_supervise_feedback(user, member)), self.env["res.users"])

    def _may_supervise_feedback(self, user, member):
        """Whether a user can open the club's feedback and is not the member."""
        user = user.sudo()
        return bool(
            user
            and user.active
            and user.has_group("customer_club.group_club_user")
            and self.company_id in user.company_ids
            and user.partner_id != member.partner_id
        )

    # -- the home page -------------------------------------------------------------------------------

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        for key, domain in self._get_home_feedback_domains().items():
            counts = dict(
                self.env["club.feedback"]._read_group([("club_id", "in", self.ids), *domain], ["club_id"], ["__count"])
            )
            for club, count in counts.items():
                todos[club.id][key] = club._say_home_feedback(key, formatLang(self.env, count, digits=0))
        return todos

    def _get_home_feedback_domains(self):
        today = fields.Date.context_today(self)
        return {
            "feedback": [("state", "in", ("new", "review"))],
            "feedback_due": [("kind", "=", "request"), ("is_open", "=", True), ("deadline", "<=", today)],
        }

    def _say_home_feedback(self, key, number):
        if key == "feedback_due":
            return self.env._("Requests due today or late: %(count)s", count=number)
        return self.env._("Feedback to judge: %(count)s", count=number)

    def _get_home_action(self, key):
        domain = self._get_home_feedback_domains().get(key)
        if domain is None:
            return super()._get_home_action(key)
        name = self.env._("Requests Due") if key == "feedback_due" else self.env._("Feedback to Judge")
        return self._prepare_home_action(
            name, "club.feedback", [("club_id", "=", self.id), *domain], "list,kanban,form"
        )
