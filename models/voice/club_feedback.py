"""A critique, a suggestion, a request or praise of a member: what it says, and who may change what of it."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import feedback as engine
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

KINDS = [("critique", "Critique"), ("suggestion", "Suggestion"), ("request", "Request"), ("praise", "Praise")]
STARS = [
    ("0", "Not rated"),
    ("1", "Hardly useful"),
    ("2", "A little useful"),
    ("3", "Useful"),
    ("4", "Very useful"),
    ("5", "A great help"),
]
SUBJECT_LENGTH, TEXT_LENGTH = 120, 4000

#: What only the steps of a piece of feedback set; never a form, a caller or a default of a context (abuse.md 5).
STEPS = {
    "state": "new",
    "accepted_at": False,
    "decided_by_id": False,
    "decided_at": False,
    "reward_event_id": False,
    "generation": 0,
    "escalation_level": 0,
    "merged_into_id": False,
    "waiting_for": "staff",
}
#: The member's own words: nobody changes them.
WORDS = {"member_id", "author_id", "subject", "text", "source", "file_ids", "priority", "escalate_on", "lead_id"}
#: What rules read: it stays as it is while points stand on it.
JUDGED = {"kind", "category_id", "usefulness"}
#: Marks our own writes in the context: an object that no caller from outside can name.
OURS = object()


class ClubFeedback(models.Model):
    """What a member told the shop, from the portal or at the counter, until it is answered.

    Its state changes through :meth:`_update_state` only (see ``club_feedback_state.py``). Acceptance is a fact of
    type ``feedback`` that rules reward; undoing it takes the points back. The judge is its supervisor or a club
    manager, and never the member who wrote it.
    """

    _name = "club.feedback"
    _description = "Club Feedback"
    _inherit = ["mail.thread", "mail.activity.mixin", "club.bounded"]
    _order = "priority desc, deadline, id"
    _rec_name = "subject"
    _rec_names_search = ["subject", "member_id"]
    _check_company_auto = True

    member_id = fields.Many2one("club.member", required=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    partner_id = fields.Many2one(related="member_id.partner_id", string="Contact")
    author_id = fields.Many2one(
        "res.partner",
        string="Written By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The member, or the person of the member's company who wrote it.",
    )
    tier_id = fields.Many2one(related="member_id.tier_id")
    member_points = fields.Float(related="member_id.balance", string="Balance", digits=(16, 2))
    point_name = fields.Char(related="member_id.point_name")
    kind = fields.Selection(KINDS, required=True, default="suggestion", tracking=True)
    category_id = fields.Many2one(
        "club.feedback.category",
        tracking=True,
        index="btree_not_null",
        ondelete="set null",
        domain="['|', ('club_id', '=', False), ('club_id', '=', club_id)]",
    )
    subject = fields.Char(help="Empty: the beginning of the text.")
    text = fields.Text()
    order_id = fields.Many2one(
        "sale.order",
        string="About the Order",
        ondelete="set null",
        index="btree_not_null",
        domain="[('partner_id', 'child_of', partner_id)]",
    )
    product_id = fields.Many2one(
        "product.product", string="About the Product", ondelete="set null", index="btree_not_null", check_company=True
    )
    file_ids = fields.Many2many("ir.attachment", string="Pictures", readonly=True, copy=False)
    source = fields.Selection(
        [("portal", "Portal"), ("staff", "Our staff"), ("api", "Other system")], default="staff", readonly=True
    )

    state = fields.Selection(
        [
            ("new", "New"),
            ("review", "In review"),
            ("accepted", "Accepted"),
            ("done", "Done"),
            ("declined", "Declined"),
            ("merged", "Merged"),
            ("withdrawn", "Withdrawn"),
        ],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        group_expand="_group_expand_state",
    )
    is_open = fields.Boolean(
        compute="_compute_is_open", store=True, help="Somebody waits: undecided, or a request not yet carried out."
    )
    waiting_for = fields.Selection(
        [("staff", "Our staff"), ("member", "The member")],
        default="staff",
        readonly=True,
        copy=False,
        help="Whose turn it is while it is open: who wrote last waits for the other.",
    )
    user_id = fields.Many2one(
        "res.users", string="Supervisor", tracking=True, index=True, domain="[('share', '=', False)]"
    )
    priority = fields.Integer(readonly=True, help="Of the member's tier on the day it was given; higher goes first.")
    deadline = fields.Date(string="Answer By", tracking=True)
    escalate_on = fields.Date(readonly=True, copy=False)
    escalation_level = fields.Integer(readonly=True, copy=False)
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    usefulness = fields.Selection(STARS, default="0", required=True, tracking=True)
    answer = fields.Text(help="What the member is told with the decision.")
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    accepted_at = fields.Datetime(string="Accepted On", readonly=True, copy=False)
    can_judge = fields.Boolean(compute="_compute_can_judge")

    merged_into_id = fields.Many2one(
        "club.feedback",
        string="Says the Same As",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    duplicate_ids = fields.One2many("club.feedback", "merged_into_id", string="Duplicates")
    duplicate_count = fields.Integer(compute="_compute_duplicate_count")
    reward_event_id = fields.Many2one(
        "club.event", string="Fact", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    generation = fields.Integer(readonly=True, copy=False, help="How often it was accepted.")
    points = fields.Float(related="reward_event_id.points", string="Points Given")
    lead_id = fields.Many2one(
        "crm.lead",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="sales_team.group_sale_salesman",
    )

    _open_idx = models.Index("(club_id, deadline) WHERE is_open")
    _escalate_idx = models.Index("(escalate_on) WHERE is_open AND escalate_on IS NOT NULL")
    _merged_state = models.Constraint(
        "CHECK((state = 'merged') = (merged_into_id IS NOT NULL))",
        "A merged piece of feedback names the one it joined.",
    )

    # -- computes ------------------------------------------------------------------------------------

    @api.model
    def _group_expand_state(self, states, domain):
        return ["new", "review", "accepted", "done", "declined"]

    @api.depends("state", "kind")
    def _compute_is_open(self):
        for feedback in self:
            feedback.is_open = feedback.state in ("new", "review") or (
                feedback.state == "accepted" and feedback.kind == "request"
            )

    @api.depends("is_open", "deadline")
    def _compute_is_overdue(self):
        for feedback in self:
            feedback.is_overdue = bool(
                feedback.is_open
                and feedback.deadline
                and feedback.club_id
                and feedback.deadline < feedback.club_id._get_today()
            )

    @api.depends("member_id", "author_id", "user_id")
    @api.depends_context("uid")
    def _compute_can_judge(self):
        for feedback in self:
            feedback.can_judge = bool(feedback.member_id) and feedback._may_judge()

    def _compute_duplicate_count(self):
        counts = dict(self._read_group([("merged_into_id", "in", self.ids)], ["merged_into_id"], ["__count"]))
        for feedback in self:
            feedback.duplicate_count = counts.get(feedback, 0)

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("subject", "text", "answer")
    def _check_lengths(self):
        for feedback in self:
            for name, most in (("subject", SUBJECT_LENGTH), ("text", TEXT_LENGTH), ("answer", TEXT_LENGTH)):
                if len(feedback[name] or "") > most:
                    raise ValidationError(
                        self.env._(
                            "%(field)s is longer than %(most)s characters. Say it in fewer words.",
                            field=feedback._fields[name]._description_string(self.env),
                            most=most,
                        )
                    )

    @api.constrains("order_id", "category_id", "member_id")
    def _check_belongings(self):
        """An order of the member's own, and a category of its club."""
        for feedback in self.sudo():
            if feedback.order_id and not feedback._is_own_order(feedback.order_id):
                raise ValidationError(
                    self.env._(
                        "The order %(order)s is not one of %(member)s. Choose an order of the member, or none.",
                        order=feedback.order_id.name,
                        member=feedback.member_id.display_name,
                    )
                )
            if feedback.category_id.club_id and feedback.category_id.club_id != feedback.club_id:
                raise ValidationError(
                    self.env._(
                        "The category %(category)s belongs to %(club)s. Choose another one.",
                        category=feedback.category_id.name,
                        club=feedback.category_id.club_id.name,
                    )
                )

    def _is_own_order(self, order):
        """Whether an order is the member's; where the company is the member, of anybody of the company."""
        self.ensure_one()
        partner = self.member_id.partner_id
        if order.company_id != self.company_id:
            return False
        if order.partner_id == partner:
            return True
        return self.club_id.earner == "company" and order.partner_id.commercial_partner_id == partner

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Take feedback in: it names a member, and says something in ``subject`` or ``text``.

        Supervisor, deadline and priority follow from the club's settings and the member's tier.

        :raise UserError: it says nothing, or the member is no active one
        """
        feedback = super().create([self._prepare_feedback_values(vals) for vals in vals_list])
        feedback._take_in()
        return feedback

    @api.model
    def _prepare_feedback_values(self, vals):
        context = self.env.context
        member = self.env["club.member"].browse(vals.get("member_id") or context.get("default_member_id"))
        if not self.env.su:
            member.check_access("read")
        member = member.sudo()
        if not member.exists() or member.state != "active":
            raise UserError(
                self.env._("Say which member gave the feedback: somebody who is in the club. Enrol the person first.")
            )
        subject = " ".join(engine.clean(vals.get("subject") or "").split())
        text = engine.clean(vals.get("text") or "") or subject
        if not text:
            raise UserError(self.env._("Write what %(member)s said. Nothing was saved.", member=member.display_name))
        kind = vals.get("kind") or context.get("default_kind") or "suggestion"
        category = self.env["club.feedback.category"].browse(vals.get("category_id") or False)
        club = member.club_id
        values = {
            **vals,
            **STEPS,
            "member_id": member.id,
            "author_id": (vals.get("author_id") if self.env.su else False) or member.partner_id.id,
            "source": (vals.get("source") if self.env.su else False) or "staff",
            "subject": subject or engine.headline(text, SUBJECT_LENGTH // 2),
            "text": text,
            "kind": kind,
            "usefulness": "0",
            "priority": member.priority,
            "file_ids": [],  # the author may open them, so only the portal adds any
        }
        if not self._may_manage() or not vals.get("user_id"):
            values["user_id"] = club._get_feedback_supervisor(kind, category.sudo(), member).id
        if not self._may_manage() or not vals.get("deadline"):
            values["deadline"] = club._get_feedback_deadline(kind, member.priority)
        values.pop("lead_id", None)
        values["escalate_on"] = engine.next_escalation(
            fields.Date.to_date(values["deadline"]), club.feedback_escalation_days, 0
        )
        return values

    def write(self, vals):
        if self.env.context.get("club_feedback") is OURS:
            return super().write(vals)
        vals = dict(vals)
        self._check_write(set(vals))
        if "deadline" in vals:
            self._check_deadline(vals)
        if vals.get("answer"):
            vals["answer"] = engine.clean(vals["answer"])
        asked = {feedback: feedback.user_id for feedback in self} if {"user_id", "deadline"} & vals.keys() else {}
        result = super().write(vals)
        for feedback, user in asked.items():
            feedback._ask_again(user)
        return result

    def _check_write(self, names):
        """Refuse what nobody may type in, and what only a judge may."""
        if names & (STEPS.keys() | WORDS):
            raise AccessError(
                self.env._(
                    "What a member said stays as it was said, and its state changes by the buttons (not: %(fields)s).",
                    fields=", ".join(sorted(names & (STEPS.keys() | WORDS))),
                )
            )
        names = {name for name in names if not name.startswith(("message_", "activity_", "website_message_", "my_"))}
        if not names:
            return
        if not self.env.su:
            self._check_judge()
        standing = self.filtered("accepted_at")
        if names & JUDGED and standing:
            raise UserError(
                self.env._(
                    "“%(subject)s” is accepted, and points were given for what it was judged to be. "
                    "Reopen it first, then judge it anew.",
                    subject=standing[0].subject,
                )
            )

    def _check_deadline(self, vals):
        """A new deadline is escalated anew."""
        deadline = fields.Date.to_date(vals["deadline"])
        if not deadline:
            raise UserError(self.env._("Every piece of feedback has a day by which it is answered. Choose one."))
        for feedback in self:
            day = engine.next_escalation(deadline, feedback.sudo().club_id.feedback_escalation_days, 0)
            feedback._set({"escalate_on": day, "escalation_level": 0})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rewarded(self):
        for feedback in self.sudo():
            if feedback.generation or feedback.duplicate_ids:
                raise UserError(
                    self.env._(
                        "“%(subject)s” was accepted or stands for others: it is part of the records. "
                        "Decline it instead.",
                        subject=feedback.subject,
                    )
                )

    def copy(self, default=None):
        raise UserError(self.env._("What a member said is said once. Record another piece of feedback instead."))

    # -- helpers -------------------------------------------------------------------------------------

    def _set(self, vals):
        """Write what only the steps write."""
        return self.sudo().with_context(club_feedback=OURS).write(vals)

    def _lock(self):
        """Lock these rows in order: of two people who decide at once, the second sees what the first decided."""
        self.flush_model()
        # The ORM's own lock skips rows and raises what Odoo does not retry.
        self.env.execute_query(
            SQL("SELECT id FROM club_feedback WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset()

    def _take_in(self):
        """The author follows the thread, the supervisor is asked to judge."""
        for feedback in self.sudo():
            feedback.message_subscribe(partner_ids=feedback.author_id.ids)
            feedback._ask(feedback.user_id, self.env._("Judge and answer"), feedback.deadline)
