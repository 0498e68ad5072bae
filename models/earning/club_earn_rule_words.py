"""Rules in words: the sentence that a rule reads back as, and why it gives points or does not."""

from odoo import api, models
from odoo.tools import format_date, formatLang

from .club_earn_rule import WEEKDAYS


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    # -- the sentence --------------------------------------------------------

    def _sentence(self):
        """The whole rule as one sentence in the reader's language."""
        self.ensure_one()
        return self.env._(
            "%(conditions)s: %(points)s.",
            conditions=self._join(self._get_subject(), *self._get_clauses()),
            points=self._join(self._get_formula_words(), *self._get_limit_clauses()),
        )

    @api.model
    def _join(self, *clauses):
        return self.env._(", ").join(clause for clause in clauses if clause)

    def _get_subject(self):
        """What has to happen."""
        _ = self.env._
        if self.event_type != "purchase":
            return dict(self._fields["event_type"]._description_selection(self.env)).get(self.event_type, "")
        if self.nth_mode == "exact":
            return (
                _("The first purchase")
                if self.nth == 1
                else _("Purchase number %(number)s of a member", number=self.nth)
            )
        if self.nth_mode == "every":
            return _("Every %(number)s purchases of a member, the last of them", number=self.nth)
        if self.nth_mode == "from":
            return _("Every purchase from number %(number)s on", number=self.nth)
        return _("Every purchase")

    def _get_clauses(self):
        """Conditions as clauses; an override adds its own."""
        return [
            *self._get_what_clauses(),
            *self._get_who_clauses(),
            *self._get_when_clauses(),
            *self._get_how_clauses(),
        ]

    def _get_what_clauses(self):
        _ = self.env._
        return [
            self.product_ids and _("of %(products)s", products=self._names(self.product_ids)),
            self.categ_ids and _("of the category %(categories)s", categories=self._names(self.categ_ids)),
            self.tag_ids and _("with the tag %(tags)s", tags=self._names(self.tag_ids)),
            self.first_in_category and _("in a category that is new to the member"),
            self.min_amount and _("of at least %(amount)s", amount=self._money(self.min_amount)),
            self.min_quantity and _("of at least %(quantity)s units", quantity=self._number(self.min_quantity)),
        ]

    def _get_who_clauses(self):
        _ = self.env._
        return [
            self.tier_ids and _("by members of %(tiers)s", tiers=self._names(self.tier_ids)),
            self.within_days and _("within %(days)s days of the one before", days=self.within_days),
            self.frequency_count
            and _(
                "number %(count)s within the same %(period)s",
                count=self.frequency_count,
                period=self._label("frequency_period").lower(),
            ),
            self.check_overdue and _("with at most %(amount)s overdue", amount=self._money(self.max_overdue)),
        ]

    def _get_when_clauses(self):
        _ = self.env._
        clauses = []
        if self.date_from and self.date_to:
            clauses.append(
                _("from %(first)s to %(last)s", first=self._date(self.date_from), last=self._date(self.date_to))
            )
        elif self.date_from:
            clauses.append(_("from %(first)s on", first=self._date(self.date_from)))
        elif self.date_to:
            clauses.append(_("until %(last)s", last=self._date(self.date_to)))
        days = [self._fields[name]._description_string(self.env) for name in WEEKDAYS if self[name]]
        if days and len(days) < 7:
            clauses.append(_("on %(days)s", days=_(" or ").join(days)))
        if self.hour_from or self.hour_to:
            clauses.append(
                _(
                    "between %(start)s and %(end)s",
                    start=self._clock(round(self.hour_from * 60)),
                    end=self._clock(round((self.hour_to or 24) * 60)),
                )
            )
        return clauses

    def _get_how_clauses(self):
        _ = self.env._
        return [
            self.channel not in (False, "any") and self._label("channel").lower(),
            self.payment_method_ids and _("paid with %(methods)s", methods=self._names(self.payment_method_ids)),
            self.payment_term_ids and _("on the terms %(terms)s", terms=self._names(self.payment_term_ids)),
            self.max_days_to_pay and _("paid in full within %(days)s days", days=self.max_days_to_pay),
        ]

    def _get_formula_words(self):
        """How many points, in words; an override words its own formulas."""
        _ = self.env._
        points = self._points(self.points)
        if self.formula == "per_amount":
            return _("%(points)s for each full %(amount)s", points=points, amount=self._money(self.per_amount))
        if self.formula == "per_unit":
            return _("%(points)s for each unit", points=points)
        if self.formula == "steps_flat":
            return _("by the step that the amount reaches: %(steps)s", steps=self._steps_words())
        if self.formula == "steps_progressive":
            return _("by steps, each for its own part of the amount: %(steps)s", steps=self._steps_words())
        return points

    def _steps_words(self):
        return self.env._("; ").join(self._step_words(step) for step in self.step_ids.sorted("from_amount"))

    def _step_words(self, step):
        _ = self.env._
        amount, points = self._money(step.from_amount), self._points(step.points)
        if not step.per_amount:
            return _("from %(amount)s %(points)s", amount=amount, points=points)
        per = self._money(step.per_amount)
        return _("from %(amount)s %(points)s for each full %(per)s", amount=amount, points=points, per=per)

    def _get_limit_clauses(self):
        _ = self.env._
        period = {"day": _("day"), "week": _("week"), "month": _("month"), "year": _("year")}
        return [
            self.use_multiplier and self.club_id.tier_ids and _("times the multiplier of the tier"),
            self.limit_event and _("at most %(points)s at a time", points=self._number(self.limit_event)),
            self.limit_member
            and (
                _("at most %(points)s ever per member", points=self._number(self.limit_member))
                if self.limit_period == "lifetime"
                else _(
                    "at most %(points)s per member and %(period)s",
                    points=self._number(self.limit_member),
                    period=period[self.limit_period],
                )
            ),
            self.limit_club
            and _("until all members together have got %(points)s", points=self._number(self.limit_club)),
            self.stacking == "best" and _("only if no other rule of the group gives more"),
            self.expiry_months and _("valid for %(months)s months", months=self.expiry_months),
        ]

    # -- reasons -------------------------------------------------------------

    def _explain(self, why):
        """A sentence for a reason of the engine (:class:`customer_club.engine.earning.Why`).

        :rtype: str
        """
        self.ensure_one()
        sentence = self._get_reason_sentences().get(why.code)
        return sentence(why.values) if sentence else why.code

    def _get_reason_sentences(self):
        """Reason code → function of the reason's values that returns a sentence. An override adds its own codes.

        :rtype: dict
        """
        return {
            **self._get_formula_sentences(),
            **self._get_limit_sentences(),
            **self._get_refusal_sentences(),
            **self._get_line_sentences(),
        }

    def _get_formula_sentences(self):
        _, number, money = self.env._, self._number, self._money
        return {
            "fixed": lambda v: self._points(v["rule"].points),
            "per_amount": lambda v: _(
                "%(points)s for each full %(per)s of %(amount)s",
                points=self._points(v["rule"].points),
                per=money(v["rule"].per_amount),
                amount=money(v["amount"]),
            ),
            "per_unit": lambda v: _(
                "%(points)s for each of %(quantity)s units",
                points=self._points(v["rule"].points),
                quantity=number(v["quantity"]),
            ),
            "steps_flat": lambda v: _("the step reached with %(amount)s", amount=money(v["amount"])),
            "steps_progressive": lambda v: _("the steps up to %(amount)s", amount=money(v["amount"])),
            "multiplier": lambda v: _("times %(multiplier)s for the tier", multiplier=number(v["multiplier"])),
            "too_little": lambda v: _("%(amount)s is not enough for a point.", amount=money(v["amount"])),
        }

    def _get_limit_sentences(self):
        _, number = self.env._, self._number
        return {
            "limit_event": lambda v: _("at most %(limit)s at a time", limit=number(v["limit"])),
            "limit_member": lambda v: _("The member's limit of %(limit)s is reached.", limit=number(v["limit"])),
            "limit_club": lambda v: _(
                "The budget of this rule, %(limit)s points, is used up.", limit=number(v["limit"])
            ),
            "budget": lambda v: _("The club's budget of this period is used up."),
            "not_best": lambda v: _("Another rule of the group gives more."),
        }

    def _get_refusal_sentences(self):
        _, number, money, date = self.env._, self._number, self._money, self._date
        return {
            "event_type": lambda v: _("The rule is about another kind of event."),
            "counted_before": lambda v: _("The rule counted the purchase when it was made."),
            "hours": lambda v: _(
                "Only between %(start)s and %(end)s.", start=self._clock(v["start"]), end=self._clock(v["end"])
            ),
            "not_yet": lambda v: _("It begins on %(date)s.", date=date(v["date"])),
            "over": lambda v: _("It ended on %(date)s.", date=date(v["date"])),
            "weekdays": lambda v: _(
                "Not on %(weekday)s.", weekday=self._fields[WEEKDAYS[v["weekday"]]]._description_string(self.env)
            ),
            "tiers": lambda v: _("Only for members of %(tiers)s.", tiers=self._names(self.tier_ids)),
            "channel": lambda v: _("Only for purchases made %(channel)s.", channel=self._label("channel").lower()),
            "methods": lambda v: _("Only if paid with %(methods)s.", methods=self._names(self.payment_method_ids)),
            "terms": lambda v: _("Only on the terms %(terms)s.", terms=self._names(self.payment_term_ids)),
            "nth": lambda v: _("This is purchase number %(number)s of the member.", number=v["number"]),
            "within_days": lambda v: _(
                "The purchase before is more than %(days)s days ago, or there is none.", days=v["days"]
            ),
            "frequency": lambda v: _(
                "This is purchase number %(number)s of the period; number %(count)s counts.",
                number=v["number"],
                count=v["count"],
            ),
            "not_paid": lambda v: _("It counts once everything is paid within %(days)s days.", days=v["days"]),
            "paid_late": lambda v: _(
                "Paid after %(taken)s days; at most %(days)s count.", taken=v["taken"], days=v["days"]
            ),
            "overdue": lambda v: _(
                "%(overdue)s is overdue; at most %(most)s is allowed.",
                overdue=money(v["overdue"]),
                most=money(v["most"]),
            ),
            "nothing_paid": lambda v: _("Nothing is really paid for the products that count."),
            "min_amount": lambda v: _(
                "%(amount)s of at least %(least)s.", amount=money(v["amount"]), least=money(v["least"])
            ),
            "min_quantity": lambda v: _(
                "%(quantity)s of at least %(least)s units.", quantity=number(v["quantity"]), least=number(v["least"])
            ),
        }

    def _get_line_sentences(self):
        _ = self.env._
        return {
            "products": lambda v: _("None of its products."),
            "categories": lambda v: _("Nothing of its categories."),
            "tags": lambda v: _("Nothing with its tags."),
            "first_in_category": lambda v: _("Nothing of a category that is new to the member."),
        }

    # -- formats -------------------------------------------------------------

    @api.model
    def _names(self, records):
        names = records.mapped("display_name")
        more = len(names) - 3
        text = self.env._(" or ").join(names[:3])
        return self.env._("%(names)s or %(more)s more", names=text, more=more) if more > 0 else text

    def _money(self, amount):
        currency = self.currency_id or self.env.company.currency_id
        return currency.format(float(amount))

    def _points(self, number):
        if round(float(number), 4) == 1:
            return self.env._("1 point")
        return self.env._("%(points)s points", points=self._number(number))

    def _number(self, number):
        number = round(float(number), 4)
        return formatLang(
            self.env,
            number,
            digits=next(digits for digits in range(5) if digits == 4 or round(number, digits) == number),
        )

    @api.model
    def _date(self, day):
        return format_date(self.env, day)

    @api.model
    def _clock(self, minutes):
        return f"{minutes // 60}:{minutes % 60:02d}"

    def _label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")
