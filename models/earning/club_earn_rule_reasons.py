"""Rules in words: why a rule gives points for an event, or does not."""

from odoo import models

from .club_earn_rule import WEEKDAYS


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

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
                "The budget of this rule, %(limit)s, is used up.", limit=self._points(v["limit"])
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
            "tiers": lambda v: (
                _("Only for %(tier)s and above.", tier=self.tier_from_id.display_name)
                if self.tier_from_id
                else _("Only for members of %(tiers)s.", tiers=self._names(self.tier_ids))
            ),
            "channel": lambda v: _("It counts only %(channel)s.", channel=self._get_channel_words()),
            "methods": lambda v: _("Only if paid with %(methods)s.", methods=self._names(self.payment_method_ids)),
            "terms": lambda v: _("Only on the terms %(terms)s.", terms=self._names(self.payment_term_ids)),
            "nth": lambda v: self._get_nth_sentence(v["mode"], number(v["number"]), self._ordinal(v["nth"])),
            "within_days": lambda v: _(
                "The one before is more than %(days)s days ago, or there is none.", days=v["days"]
            ),
            "frequency": lambda v: _(
                "This is number %(number)s of the period; number %(count)s counts.",
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

    def _get_nth_sentence(self, mode, number, nth):
        _ = self.env._
        return {
            "exact": _("This is number %(number)s of the member; only the %(nth)s counts.", number=number, nth=nth),
            "every": _("This is number %(number)s of the member; every %(nth)s counts.", number=number, nth=nth),
            "from": _(
                "This is number %(number)s of the member; from the %(nth)s on they count.", number=number, nth=nth
            ),
        }[mode]

    def _get_line_sentences(self):
        _ = self.env._
        return {
            "products": lambda v: _("None of its products."),
            "categories": lambda v: _("Nothing of its categories."),
            "tags": lambda v: _("Nothing with its tags."),
            "first_in_category": lambda v: _("Nothing of a category that is new to the member."),
        }
