"""Rules in words: the sentence that a rule reads back as.

The sentence is made of whole templates with named parts, so that a translation may put them in another order:
what is earned (``%(earn)s``), when (``%(when)s``), and further details.
"""

from odoo import api, models
from odoo.tools import format_date, format_list, formatLang

from .club_earn_rule import WEEKDAYS

SATURDAY_AND_SUNDAY = {5, 6}


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    # -- the sentence --------------------------------------------------------

    def _sentence(self):
        """The whole rule as one sentence in the reader's language, what is earned first.

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        earn, when = self._get_earn_words(), self._get_when_words()
        details = self._join(*self._get_clauses(), *self._get_limit_clauses())
        if when and details:
            return _("%(earn)s %(when)s, %(details)s", earn=earn, when=when, details=details)
        if when:
            return _("%(earn)s %(when)s", earn=earn, when=when)
        if details:
            return _("%(earn)s, %(details)s", earn=earn, details=details)
        return earn

    def _get_member_sentence(self):
        """The sentence as the member reads it: "your birthday" where staff read "the member's birthday".

        :rtype: str
        """
        return self.with_context(club_member_reads=True)._sentence()

    def _is_for_member(self):
        """Whether the words are for the member, not for staff."""
        return bool(self.env.context.get("club_member_reads"))

    def _get_condition_words(self):
        """What has to happen, with all conditions, without points: "every purchase of Roses on Fridays, Gold only".

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        what, goods = self._get_subject(), self._get_goods_words()
        if goods:
            what = _("%(event)s of %(goods)s", event=what, goods=goods)
        when, details = self._get_when_words(), self._join(*self._get_clauses())
        if when and details:
            return _("%(what)s %(when)s, %(details)s", what=what, when=when, details=details)
        if when:
            return _("%(what)s %(when)s", what=what, when=when)
        if details:
            return _("%(what)s, %(details)s", what=what, details=details)
        return what

    @api.model
    def _join(self, *clauses):
        return self.env._(", ").join(clause for clause in clauses if clause)

    def _get_earn_words(self):
        """What is earned for what: "3 points for each full 10 € of Roses"."""
        _ = self.env._
        goods = self._get_goods_words()
        if self.formula in ("per_amount", "per_unit"):
            return self._get_each_words(goods)
        points, event = self._get_formula_words(), self._get_subject()
        if goods:
            return _("%(points)s for %(event)s of %(goods)s", points=points, event=event, goods=goods)
        return _("%(points)s for %(event)s", points=points, event=event)

    def _get_each_words(self, goods):
        """Points for each full amount or unit; which purchases is said only if not all of them count."""
        _ = self.env._
        points, amount = self._points(self.points), self._money(self.per_amount)
        event = self._get_subject()
        plain = self.event_type == "purchase" and self._get_count_form() == "every"
        if self.formula == "per_amount":
            if plain and goods:
                return _("%(points)s for each full %(amount)s of %(goods)s", points=points, amount=amount, goods=goods)
            if plain:
                return _("%(points)s for each full %(amount)s", points=points, amount=amount)
            if goods:
                return _(
                    "%(points)s for each full %(amount)s of %(goods)s in %(event)s",
                    points=points,
                    amount=amount,
                    goods=goods,
                    event=event,
                )
            return _("%(points)s for each full %(amount)s in %(event)s", points=points, amount=amount, event=event)
        if plain and goods:
            return _("%(points)s for each unit of %(goods)s", points=points, goods=goods)
        if plain:
            return _("%(points)s for each unit bought", points=points)
        if goods:
            return _("%(points)s for each unit of %(goods)s in %(event)s", points=points, goods=goods, event=event)
        return _("%(points)s for each unit in %(event)s", points=points, event=event)

    def _get_formula_words(self):
        """How many points, in words that "for every purchase" may follow; an override words its own formulas."""
        _ = self.env._
        own_name, steps = self._get_own_point_name(), self._steps_words()
        if self.formula == "steps_flat":
            if own_name:
                return _("%(name)s by the step that the amount reaches (%(steps)s)", name=own_name, steps=steps)
            return _("points by the step that the amount reaches (%(steps)s)", steps=steps)
        if self.formula == "steps_progressive":
            if own_name:
                return _(
                    "%(name)s by steps, each for its own part of the amount (%(steps)s)", name=own_name, steps=steps
                )
            return _("points by steps, each for its own part of the amount (%(steps)s)", steps=steps)
        return self._points(self.points)

    def _steps_words(self):
        return self.env._("; ").join(self._step_words(step) for step in self.step_ids.sorted("from_amount"))

    def _step_words(self, step):
        _ = self.env._
        amount, points = self._money(step.from_amount), self._points(step.points)
        if not step.per_amount:
            return _("from %(amount)s: %(points)s", amount=amount, points=points)
        per = self._money(step.per_amount)
        return _("from %(amount)s: %(points)s for each full %(per)s", amount=amount, points=points, per=per)

    # -- goods ---------------------------------------------------------------

    def _get_goods(self):
        """Which goods count, as phrases after "of"; the first goes into the sentence, the others are details."""
        _ = self.env._
        return [
            goods
            for goods in (
                self.product_ids and self._names(self.product_ids),
                self.categ_ids and self._names(self.categ_ids),
                self.tag_ids and _("products tagged %(tags)s", tags=self._names(self.tag_ids)),
            )
            if goods
        ]

    def _get_goods_words(self):
        return next(iter(self._get_goods()), "")

    # -- conditions ----------------------------------------------------------

    def _get_clauses(self):
        """Conditions as clauses that follow commas; an override adds its own."""
        return [*self._get_what_clauses(), *self._get_how_clauses(), *self._get_who_clauses()]

    def _get_what_clauses(self):
        _ = self.env._
        return [
            *(_("only %(goods)s", goods=goods) for goods in self._get_goods()[1:]),
            self.first_in_category
            and (
                _("in a category that is new to you")
                if self._is_for_member()
                else _("in a category that is new to the member")
            ),
            self.min_amount and _("from %(amount)s up", amount=self._money(self.min_amount)),
            self.min_quantity and _("from %(quantity)s units up", quantity=self._number(self.min_quantity)),
        ]

    def _get_who_clauses(self):
        _ = self.env._
        return [
            self.within_days and _("again within %(days)s days", days=self._number(self.within_days)),
            self.frequency_count and self._get_frequency_words(),
            self.check_overdue and _("with at most %(amount)s overdue", amount=self._money(self.max_overdue)),
            self.tier_from_id and _("%(tier)s and above", tier=self.tier_from_id.display_name),
            self.tier_ids and _("%(tiers)s only", tiers=self._names(self.tier_ids)),
        ]

    def _get_frequency_words(self):
        _ = self.env._
        nth = self._ordinal(self.frequency_count)
        return {
            "day": _("the %(nth)s of the day only", nth=nth),
            "week": _("the %(nth)s of the week only", nth=nth),
            "month": _("the %(nth)s of the month only", nth=nth),
            "quarter": _("the %(nth)s of the quarter only", nth=nth),
            "year": _("the %(nth)s of the year only", nth=nth),
        }[self.frequency_period or "month"]

    def _get_how_clauses(self):
        _ = self.env._
        return [
            self._get_channel_words(),
            self.payment_method_ids and _("paid with %(methods)s", methods=self._names(self.payment_method_ids)),
            self.payment_term_ids and _("on the terms %(terms)s", terms=self._names(self.payment_term_ids)),
            self.max_days_to_pay and _("paid in full within %(days)s days", days=self._number(self.max_days_to_pay)),
        ]

    def _get_channel_words(self):
        """Where it happens, in words; empty if anywhere."""
        _ = self.env._
        return {
            "backend": _("recorded by our staff"),
            "website": _("in the web shop"),
            "pos": _("at the till"),
            "counter": _("at the counter"),
            "portal": _("in your account") if self._is_for_member() else _("in the customer's account"),
        }.get(self.channel, "")

    # -- when ----------------------------------------------------------------

    def _get_when_words(self):
        """Days, hours and dates: "on Fridays between 18:00 and 20:00"; empty if always."""
        _ = self.env._
        days, hours, dates = self._get_day_words(), self._get_hour_words(), self._get_date_words()
        if days and hours and dates:
            return _("%(days)s %(hours)s %(dates)s", days=days, hours=hours, dates=dates)
        if days and hours:
            return _("%(days)s %(hours)s", days=days, hours=hours)
        if days and dates:
            return _("%(days)s %(dates)s", days=days, dates=dates)
        if hours and dates:
            return _("%(hours)s %(dates)s", hours=hours, dates=dates)
        return days or hours or dates

    def _get_day_words(self):
        """Weekdays, three or more in a row as a range of the club's week; empty if every day counts."""
        _ = self.env._
        days = {number for number, name in enumerate(WEEKDAYS) if self[name]}
        if not days or len(days) == 7:
            return ""
        start = int(self.club_id.week_start or 0)
        if days == SATURDAY_AND_SUNDAY and not start:
            return _("at weekends")
        names = (
            _("Mondays"),
            _("Tuesdays"),
            _("Wednesdays"),
            _("Thursdays"),
            _("Fridays"),
            _("Saturdays"),
            _("Sundays"),
        )
        ordered = sorted(days, key=lambda day: (day - start) % 7)
        first, last = ordered[0], ordered[-1]
        if len(days) > 2 and (last - first) % 7 == len(days) - 1:
            return _("on %(first)s to %(last)s", first=names[first], last=names[last])
        return _("on %(days)s", days=format_list(self.env, [names[day] for day in ordered]))

    def _get_hour_words(self):
        if not (self.hour_from or self.hour_to):
            return ""
        start, end = self._clock(round(self.hour_from * 60)), self._clock(round((self.hour_to or 24) * 60))
        return self.env._("between %(start)s and %(end)s", start=start, end=end)

    def _get_date_words(self):
        _ = self.env._
        first, last = self.date_from and self._date(self.date_from), self.date_to and self._date(self.date_to)
        if first and last:
            return _("from %(first)s to %(last)s", first=first, last=last)
        if first:
            return _("from %(first)s on", first=first)
        return _("until %(last)s", last=last) if last else ""

    # -- limits --------------------------------------------------------------

    def _get_limit_clauses(self):
        _, number = self.env._, self._number
        multiplied = self.use_multiplier and any(tier.multiplier != 1 for tier in self.club_id.tier_ids)
        return [
            multiplied
            and (
                _("times the multiplier of your tier")
                if self._is_for_member()
                else _("times the multiplier of the tier")
            ),
            self.limit_event and _("at most %(points)s at a time", points=number(self.limit_event)),
            self.limit_member and self._get_member_limit_words(),
            self.limit_club
            and _("until all members together have got %(points)s", points=self._points(self.limit_club)),
            self.stacking == "best" and _("unless another rule of the group gives more"),
            self.expiry_months and _("valid for %(months)s months", months=number(self.expiry_months)),
        ]

    def _get_member_limit_words(self):
        """What one member can get: points are always a member's, so that is not said."""
        _ = self.env._
        points = self._number(self.limit_member)
        if self._is_for_member() and self.limit_period == "lifetime":
            return _("at most %(points)s ever", points=points)
        return {
            "day": _("at most %(points)s a day", points=points),
            "week": _("at most %(points)s a week", points=points),
            "month": _("at most %(points)s a month", points=points),
            "year": _("at most %(points)s a year", points=points),
            "lifetime": _("at most %(points)s per member ever", points=points),
        }[self.limit_period or "month"]

    # -- formats -------------------------------------------------------------

    @api.model
    def _names(self, records):
        names = records.mapped(lambda record: record.display_name or "")
        if len(names) > 4:
            more = self.env._("%(number)s more", number=self._number(len(names) - 3))
            names = [*names[:3], more]
        return format_list(self.env, names, "or")

    def _money(self, amount):
        """An amount in the reader's format, whole amounts without decimals: "10 €"."""
        currency = self.currency_id or self.env.company.currency_id
        amount = float(amount)
        rounding = "units" if round(amount, 6) == round(amount) else "decimals"
        return formatLang(self.env, amount, currency_obj=currency, rounding_unit=rounding)

    def _get_own_point_name(self, number=None):
        """What the club calls points, or a single one; empty if it calls them points."""
        club = self.club_id
        if not club or (club.point_name or "").lower() in ("", "points", self.env._("Points").lower()):
            return ""
        return club._get_point_name(number)

    def _points(self, number):
        """So many points by the club's own name for them: "3 points", "1 Petal"."""
        own_name = self._get_own_point_name(number)
        if own_name:
            return self.env._("%(points)s %(name)s", points=self._number(number), name=own_name)
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

    def _date(self, day):
        """A day in the club's calendar."""
        return self.club_id._show_day(day) if self.club_id else format_date(self.env, day)

    @api.model
    def _clock(self, minutes):
        return f"{minutes // 60}:{minutes % 60:02d}"

    def _label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")
