"""Rules about occasions: on the day, or on something done near it."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_occasion

MOST_DAYS = 180
OCCASION_FIELDS = ("occasion_kind", "near_kind", "near_before", "near_after")


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    occasion_kind = fields.Selection(
        [
            ("any", "Any occasion"),
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("relative", "A relative's day"),
            ("other", "Other"),
        ],
        string="Which Occasions",
        default="any",
    )
    near_kind = fields.Selection(
        [
            ("any", "Any occasion"),
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("relative", "A relative's day"),
            ("other", "Other"),
        ],
        string="Near an Occasion",
        help="Only near such a day of the member. Empty: not asked.",
    )
    near_before = fields.Integer(string="Days Before", default=7)
    near_after = fields.Integer(string="Days After", default=0)

    @api.constrains("near_kind", "near_before", "near_after")
    def _check_near(self):
        self._check_conflicts()

    def _get_conflicts(self):
        conflicts = super()._get_conflicts()
        days = (self.near_before, self.near_after)
        if self.near_kind and self.event_type != "occasion" and not all(0 <= number <= MOST_DAYS for number in days):
            conflicts.append(
                self.env._(
                    "The days before and after an occasion of the rule %(rule)s go from 0 to %(most)s.",
                    rule=self.name,
                    most=MOST_DAYS,
                )
            )
        return conflicts

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), *OCCASION_FIELDS})

    def _get_condition_values(self):
        values = super()._get_condition_values()
        if self.event_type == "occasion":
            return {**values, "occasion_kind": self.occasion_kind if self.occasion_kind != "any" else None}
        if self.near_kind:
            near = earning_occasion.Near(self.near_kind, max(self.near_before, 0), max(self.near_after, 0))
            return {**values, "occasion_near": near}
        return values

    def _get_subject(self):
        """The kind of occasion where it is one: "every birthday"."""
        phrase = self._get_occasion_phrase()
        return phrase or super()._get_subject()

    def _get_occasion_phrase(self):
        if self.event_type != "occasion" or self._get_count_form() != "every":
            return None
        _ = self.env._
        return {
            "birthday": _("every birthday"),
            "anniversary": _("every anniversary"),
            "relative": _("every relative's day"),
            "other": _("every other day that you keep")
            if self._is_for_member()
            else _("every other day that the member keeps"),
        }.get(self.occasion_kind)

    def _get_clauses(self):
        clauses = super()._get_clauses()
        if self.event_type == "occasion":
            named = self.occasion_kind in (False, "any") or self._get_occasion_phrase()
            kind = not named and self._label("occasion_kind").lower()
            return [kind, self.env._("on the day itself"), *clauses]
        return [*clauses, self._get_near_clause()] if self.near_kind else clauses

    def _get_near_clause(self):
        _ = self.env._
        if self._is_for_member():
            days = {
                "any": _("a day that you keep"),
                "birthday": _("your birthday"),
                "anniversary": _("your anniversary"),
                "relative": _("the day of a relative"),
                "other": _("another day of yours"),
            }
        else:
            days = {
                "any": _("a day that the member keeps"),
                "birthday": _("the member's birthday"),
                "anniversary": _("the member's anniversary"),
                "relative": _("the day of a relative"),
                "other": _("another day of the member"),
            }
        day = days[self.near_kind]
        before, after = self.near_before, self.near_after
        if before and after:
            return _("from %(before)s days before to %(after)s days after %(day)s", before=before, after=after, day=day)
        if before:
            return _("up to %(before)s days before %(day)s", before=before, day=day)
        if after:
            return _("up to %(after)s days after %(day)s", after=after, day=day)
        return _("on %(day)s", day=day)

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "occasion_kind": lambda v: _("The rule is about another kind of occasion."),
            "occasion_near": lambda v: _("Not near a day that the member keeps."),
        }
