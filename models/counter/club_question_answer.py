"""What a member answered, once per occasion."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import clean_context


class ClubQuestionAnswer(models.Model):
    """An answer of a member to a question, or that the member would rather not answer.

    Written by :meth:`_give` only, which knows the member; staff read it. Erasing a member removes it.
    """

    _name = "club.question.answer"
    _description = "Club Question Answer"
    _order = "answered_at desc, id desc"

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    question_id = fields.Many2one("club.question", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    order_id = fields.Many2one("sale.order", index="btree_not_null", readonly=True, ondelete="set null")
    occasion_key = fields.Char(required=True, readonly=True, help="What the answer is unique for.")
    choice_id = fields.Many2one("club.question.choice", readonly=True, ondelete="restrict")
    value_text = fields.Char(string="Words", readonly=True)
    value_date = fields.Date(string="Day", readonly=True)
    value_boolean = fields.Boolean(string="Yes", readonly=True)
    skipped = fields.Boolean(string="Not Answered", readonly=True)
    value = fields.Char(string="Answer", compute="_compute_value")
    occasion_id = fields.Many2one("club.occasion", string="Kept as Occasion", readonly=True, ondelete="set null")
    source = fields.Selection(
        [("counter", "Counter"), ("portal", "Customer's account"), ("survey", "Survey")],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="Written By", readonly=True)
    answered_at = fields.Datetime(string="On", required=True, readonly=True, default=fields.Datetime.now)

    _once = models.UniqueIndex(
        "(question_id, member_id, occasion_key)", "This question has been answered for the same occasion already."
    )

    @api.depends("question_id.kind", "choice_id.name", "value_text", "value_date", "value_boolean", "skipped")
    def _compute_value(self):
        for answer in self:
            kind = answer.question_id.kind
            if answer.skipped:
                answer.value = self.env._("Would rather not say")
            elif answer.choice_id:
                answer.value = answer.choice_id.name
            elif kind == "date" and answer.value_date:
                answer.value = answer.club_id._show_day(answer.value_date)
            elif kind == "boolean":
                answer.value = self.env._("Yes") if answer.value_boolean else self.env._("No")
            else:
                answer.value = answer.value_text

    @api.depends("question_id", "value")
    def _compute_display_name(self):
        for answer in self:
            answer.display_name = f"{answer.question_id.name} {answer.value or ''}".strip()

    # -- giving an answer ----------------------------------------------------------------------------

    @api.model
    def _give(self, member, question, given, source, order=None):
        """Keep what ``member`` answered; for the same occasion a second answer replaces the first.

        An answer that names an occasion makes it return every year; one that the member has already stays as it is.

        :param question: a question of the member's club.
        :param dict given: ``choice_id``, ``text``, ``date`` (as typed, in either calendar), ``yes``, or ``skip``.
        :param str source: ``counter``, ``portal`` or ``survey``.
        :param order: the member's sales order that it is about, if any.
        :return: the answer (sudo).
        :raise UserError: for what is no answer to this question; nothing was kept.
        """
        member, question = member.sudo(), question.sudo()
        if question.club_id != member.club_id:
            raise UserError(self.env._("The question is not one of %(club)s.", club=member.club_id.name))
        today = member.club_id._get_today()
        values = {
            "choice_id": False,
            "value_text": False,
            "value_date": False,
            "value_boolean": False,
            "skipped": bool(given.get("skip")),
            **({} if given.get("skip") else question._read_answer(given, today)),
        }
        key = question._get_occasion_key(order, today)
        # Defaults in a caller's context would say who answered, and when (abuse.md 5); so the whole context is
        # cleaned, not merged.
        Answer = self.sudo().with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        answer = Answer.search(
            [("question_id", "=", question.id), ("member_id", "=", member.id), ("occasion_key", "=", key)], limit=1
        )
        values.update(source=source, user_id=self.env.uid if source == "counter" else False)
        values["answered_at"] = fields.Datetime.now()
        if answer:
            answer.write(values)
        else:
            answer = Answer.create(
                {
                    **values,
                    "member_id": member.id,
                    "question_id": question.id,
                    "occasion_key": key,
                    "order_id": order.id if order else False,
                }
            )
        answer._keep_occasion(given, today)
        return answer

    def _keep_occasion(self, given, today):
        """Make the yearly occasion that the answer names, unless the member has it."""
        self.ensure_one()
        question = self.question_id
        kind = self.choice_id.occasion_kind or (question.occasion_kind if question.kind == "date" else False)
        if self.skipped or not kind or self.occasion_id:
            return
        calendar = self.club_id.calendar
        if self.value_date and given.get("date"):
            calendar = question._read_day(given["date"])[1]
        year, month, day = periods.parts(self.value_date or self._get_order_day() or today, calendar)
        known = self.member_id.occasion_ids.filtered(
            lambda occasion: (
                occasion.kind == kind
                and (
                    kind in ("birthday", "anniversary")
                    or (occasion.calendar, occasion.month, occasion.day) == (calendar, month, day)
                )
            )
        )[:1]
        self.occasion_id = known or self._make_occasion(
            {
                "member_id": self.member_id.id,
                "kind": kind,
                "calendar": calendar,
                "month": month,
                "day": day,
                # "Today is our anniversary" says the day, not the year in which it began.
                "year": year if question.kind == "date" and self.value_date < today else 0,
                "name": self.choice_id.name if kind in ("relative", "other") else False,
            }
        )

    def _get_order_day(self):
        """The day of the purchase that the answer is about, which the account may ask days later."""
        at = self.order_id.date_order
        return periods.local_date(at, self.club_id.tz) if at else None

    def _make_occasion(self, values):
        """A new occasion; none where the member has just removed one, for that is a change within 12 months."""
        try:
            with self.env.cr.savepoint():
                return self.env["club.occasion"].sudo().create(values)
        except ValidationError:
            return self.env["club.occasion"]
