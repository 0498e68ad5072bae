"""The questions that a club asks its members, one at a time."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import errors, periods, questions, text
from odoo.addons.customer_club.models.earning.fact_counts import FactCounts
from odoo.exceptions import UserError, ValidationError

TEXT_LIMIT = 500


class ClubQuestion(models.Model):
    """A question about a member: what it asks, when it comes up, and who asks it.

    Which one is due is decided by :mod:`odoo.addons.customer_club.engine.questions`; this model only reads what the
    decision needs. An answer that names an occasion becomes one that returns every year.
    """

    _name = "club.question"
    _description = "Club Question"
    _inherit = "club.owned"
    _order = "sequence, id"

    name = fields.Char(string="Question", required=True, translate=True)
    club_id = fields.Many2one(ondelete="cascade")
    sequence = fields.Integer(default=10, help="Where two questions are due, the upper one is asked.")
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("choice", "One of several"), ("boolean", "Yes or no"), ("date", "A date"), ("text", "Free text")],
        string="Answer",
        required=True,
        default="choice",
    )
    choice_ids = fields.One2many("club.question.choice", "question_id", copy=True)
    occasion_kind = fields.Selection(
        "_get_occasion_kinds",
        string="The Date Is",
        help="The date is kept as an occasion of the member and returns every year. Empty: it is just an answer.",
    )

    # When
    moment = fields.Selection(
        [
            ("sale", "At a purchase"),
            ("visit", "When the member checks in"),
            ("first_visit", "At the first visit"),
            ("purchases", "After some purchases"),
            ("days", "Every so many days"),
        ],
        string="Asked",
        required=True,
        default="sale",
    )
    min_amount = fields.Monetary(string="Of At Least", help="0: at every purchase.")
    category_ids = fields.Many2many(
        "product.category", string="Of Products In", help="Subcategories included. Empty: whatever was bought."
    )
    purchases = fields.Integer(default=3)
    every_days = fields.Integer(default=90)
    repeat = fields.Selection(
        [("once", "Once"), ("yearly", "Once a year"), ("always", "Each time")],
        required=True,
        default="once",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")

    # Who asks
    by_counter = fields.Boolean(string="At the Counter", default=True)
    by_portal = fields.Boolean(string="In the Customer's Account")
    survey_question_ids = fields.Many2many(
        "survey.question",
        string="Answered by Survey Questions",
        domain="[('is_page', '=', False), ('question_type', 'in', ('simple_choice', 'date', 'char_box', 'text_box'))]",
        help="Who answers one of these in a survey is not asked again.",
    )
    answer_count = fields.Integer(compute="_compute_answer_count")

    _positive = models.Constraint(
        "CHECK(min_amount >= 0 AND every_days >= 1 AND purchases >= 1)",
        "A question is asked after at least one purchase, every one or more days, and from an amount that is not "
        "negative.",
    )
    _period = models.Constraint(
        "CHECK(date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The last day of a question must not be before its first.",
    )

    @api.model
    def _get_occasion_kinds(self):
        return self.env["club.occasion"]._fields["kind"]._description_selection(self.env)

    def _compute_answer_count(self):
        counts = dict(
            self.env["club.question.answer"]._read_group(
                [("question_id", "in", self.ids), ("skipped", "=", False)], ["question_id"], ["__count"]
            )
        )
        for question in self:
            question.answer_count = counts.get(question, 0)

    @api.constrains("repeat", "moment")
    def _check_repeat(self):
        for question in self:
            if question.repeat == "always" and question.moment not in ("sale", "visit", "days"):
                raise ValidationError(
                    self.env._(
                        '"%(question)s" can be asked each time only at a purchase or a check-in. Choose once, or once '
                        "a year.",
                        question=question.name,
                    )
                )

    @api.constrains("kind", "choice_ids", "active")
    def _check_choices(self):
        for question in self:
            if question.active and question.kind == "choice" and len(question.choice_ids) < 2:
                raise ValidationError(
                    self.env._(
                        '"%(question)s" offers a choice: write at least two answers to choose from.',
                        question=question.name,
                    )
                )

    # -- actions -----------------------------------------------------------------------------------

    def action_view_answers(self):
        """Open what members answered."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_question_answer_action")
        return dict(action, domain=[("question_id", "=", self.id)])

    # -- which one is due --------------------------------------------------------------------------

    @api.model
    def _get_due(self, member, channel, happening="", order=None):
        """The question to ask ``member`` now, or none. Two queries where nothing is to be asked.

        :param str channel: ``counter`` or ``portal``.
        :param str happening: ``sale`` (then ``order`` is the purchase), ``visit``, or empty.
        :rtype: club.question (sudo), one or none
        """
        club = member.club_id
        defined = self.sudo().search([("club_id", "=", club.id), (f"by_{channel}", "=", True)], limit=100)
        if not defined:
            return defined
        today = club._get_today()
        by_id = {question.id: question for question in defined}
        found = questions.due(
            [question._to_engine() for question in defined],
            defined._get_situation(member, channel, happening, order, today),
            defined._get_past(member, happening, order, today),
        )
        return by_id[found.id] if found else self.sudo().browse()

    def _to_engine(self):
        """The question as the engine reads it."""
        self.ensure_one()
        return questions.Question(
            id=self.id,
            moment=self.moment,
            repeat=self.repeat,
            sequence=self.sequence,
            min_amount=Decimal(str(self.min_amount)),
            every_days=self.every_days,
            purchases=self.purchases,
            categories=frozenset(self.category_ids.ids),
            first_day=self.date_from or None,
            last_day=self.date_to or None,
            channels=frozenset(name for name in ("counter", "portal") if self[f"by_{name}"]),
        )

    def _get_situation(self, member, channel, happening, order, today):
        """What is going on, as far as these questions ask for it; counts what one of them needs, and no more."""
        moments = set(self.mapped("moment"))
        amount, categories = Decimal(0), frozenset()
        if order:
            money = order.currency_id._convert(
                order.amount_total, member.company_id.currency_id, order.company_id, order.date_order or today
            )
            amount = Decimal(str(money))
            lines = order.order_line.filtered(lambda line: line.product_id and not line.is_reward_line)
            # "1/4/12/" names a category and all above it, so that a question about flowers fits roses.
            categories = frozenset(
                int(part)
                for path in lines.product_id.categ_id.mapped("parent_path")
                for part in path.split("/")
                if part
            )
        return questions.Situation(
            channel=channel,
            today=today,
            happening=happening,
            amount=amount,
            categories=categories,
            visits=self._count_visits(member) if "first_visit" in moments and happening else 0,
            purchases=self._count_facts(member, "purchase") if "purchases" in moments else 0,
            calendar=member.club_id.calendar,
        )

    def _count_facts(self, member, kind):
        return len(self._read_facts(member, kind))

    def _read_facts(self, member, kind):
        """The member's facts of a kind that stand, as rules count them: what was taken back is none."""
        return FactCounts(self.env, (), {})._read({kind: {member.id}})[member.id, kind]

    def _count_visits(self, member):
        """Days on which the member came, now included: two channels on one day are one visit."""
        tz = member.club_id.tz
        return max(len({periods.local_date(fact.at, tz) for fact in self._read_facts(member, "visit")}), 1)

    def _get_past(self, member, happening, order, today):
        """What became of these questions before, by id. One query."""
        answers = (
            self.env["club.question.answer"]
            .sudo()
            .search([("member_id", "=", member.id), ("question_id", "in", self.ids)])
        )
        here = {question.id: question._get_occasion_key(order, today) for question in self}
        grouped = defaultdict(self.env["club.question.answer"].sudo().browse)
        for answer in answers:
            grouped[answer.question_id.id] |= answer
        tz = member.club_id.tz
        return {
            question_id: questions.Past(
                answered_on=max(
                    (periods.local_date(answer.answered_at, tz) for answer in of_question if not answer.skipped),
                    default=None,
                ),
                skipped_on=max(
                    (periods.local_date(answer.answered_at, tz) for answer in of_question if answer.skipped),
                    default=None,
                ),
                here=any(answer.occasion_key == here[question_id] for answer in of_question),
            )
            for question_id, of_question in grouped.items()
        }

    def _get_occasion_key(self, order, today):
        """What an answer is unique for: the member's life, the purchase, or the day."""
        self.ensure_one()
        if self.repeat == "once" and self.moment != "days":
            return "once"
        if order and self.moment == "sale" and self.repeat == "always":
            return f"order,{order.id}"
        return today.isoformat()

    def _show(self):
        """The question as a page asks it.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "id": self.id,
            "text": self.name,
            "kind": self.kind,
            "choices": [
                {"id": choice.id, "name": choice.name, "dated": bool(choice.occasion_kind)}
                for choice in self.choice_ids
            ]
            if self.kind == "choice"
            else [],
        }

    # -- reading an answer -------------------------------------------------------------------------

    def _read_answer(self, given, today):
        """The values of an answer, checked.

        :raise UserError: saying what is missing.
        """
        self.ensure_one()
        if self.kind == "choice":
            choice = self.choice_ids.filtered(lambda choice: str(choice.id) == str(given.get("choice_id") or ""))
            if not choice:
                raise UserError(
                    self.env._('Choose one of the answers to "%(question)s". Nothing was kept.', question=self.name)
                )
            typed = given.get("date") if choice.occasion_kind else ""
            return {"choice_id": choice.id, "value_date": self._read_day(typed)[0] if typed else False}
        if self.kind == "date":
            return {"value_date": self._read_day(given.get("date"))[0]}
        if self.kind == "boolean":
            if given.get("yes") is None:
                raise UserError(
                    self.env._('Answer "%(question)s" with yes or no. Nothing was kept.', question=self.name)
                )
            return {"value_boolean": str(given["yes"]).lower() in ("1", "true", "yes")}
        words = text.normalise(str(given.get("text") or ""))[:TEXT_LIMIT]
        if not words:
            raise UserError(self.env._('The answer to "%(question)s" is empty. Nothing was kept.', question=self.name))
        return {"value_text": words}

    def _read_day(self, typed):
        """A day as typed, and the calendar it was typed in.

        :rtype: tuple[date, str]
        """
        try:
            return periods.read_date(str(typed or "")[:40])
        except errors.EngineError:
            raise UserError(
                self.env._(
                    '"%(typed)s" is not a date. Nothing was kept: write it like 2025-03-20 or 20/3/2025.',
                    typed=str(typed or "")[:40],
                )
            ) from None
