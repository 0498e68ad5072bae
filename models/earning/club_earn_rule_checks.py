"""What is wrong with a rule: told while it is being made, and refused when it is saved."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    @api.constrains(
        "formula",
        "points",
        "per_amount",
        "step_ids",
        "date_from",
        "date_to",
        "hour_from",
        "hour_to",
        "nth_mode",
        "nth",
        "event_type",
        "product_ids",
        "categ_ids",
        "tag_ids",
        "min_amount",
        "min_quantity",
        "first_in_category",
        "max_days_to_pay",
        "club_id",
        "tier_ids",
        "tier_from_id",
        "purpose",
        "active",
    )
    def _check_conflicts(self):
        for rule in self:
            for conflict in rule._get_conflicts():
                raise ValidationError(conflict)

    def _get_conflicts(self):
        """What must be corrected before the rule can be saved, each with its remedy. An override adds its own.

        :rtype: list[str]
        """
        self.ensure_one()
        if self.purpose == "follow_up" and self.active:
            return [self.env._("The rule %(rule)s holds the conditions of a follow-up only.", rule=self._called)]
        return [
            *self._get_formula_conflicts(),
            *self._get_time_conflicts(),
            *self._get_event_conflicts(),
            *self._get_club_conflicts(),
        ]

    def _get_remarks(self):
        """What the rule may be, but is perhaps not meant to be. An override adds its own.

        :rtype: list[str]
        """
        self.ensure_one()
        _, number = self.env._, self._number
        remarks = []
        if self.date_to and self.date_to < fields.Date.context_today(self):
            remarks.append(_("It ended on %(date)s, so it gives nothing any more.", date=self._date(self.date_to)))
        if self.formula == "fixed" and self.limit_event and self.limit_event < self.points:
            remarks.append(
                _(
                    "At most %(limit)s points at a time are less than the %(points)s points it promises.",
                    limit=number(self.limit_event),
                    points=number(self.points),
                )
            )
        if self.limit_member and self.formula == "fixed" and self.limit_member < self.points:
            remarks.append(_("A member's limit is less than the points it promises."))
        if self.stacking == "best" and not self.stacking_group:
            remarks.append(_("Name the group, so that you see which rules compete."))
        if self.tier_from_id and not self.tier_from_id.active:
            remarks.append(_("The tier %(tier)s is archived.", tier=self.tier_from_id.name))
        if self.club_id and not self.club_id.active:
            remarks.append(_("The club %(club)s is archived, so no rule of it gives points.", club=self.club_id.name))
        return remarks + self._get_twin_remarks()

    def _get_twin_remarks(self):
        """A rule that is switched on and reads the same gives the points a second time."""
        if not (self.club_id and self.event_type):
            return []
        others = self.env["club.earn.rule"].search(
            [
                ("club_id", "=", self.club_id._origin.id),
                ("event_type", "=", self.event_type),
                ("formula", "=", self.formula),
                ("points", "=", self.points),
                ("id", "!=", self._origin.id),
            ],
            limit=10,
        )
        sentence = self._sentence() if others else ""
        return [
            self.env._("The rule %(rule)s reads the same: members would get both.", rule=other.name)
            for other in others
            if other._sentence() == sentence
        ][:1]

    @property
    def _called(self):
        return self.name or self.env._("(no name yet)")

    def _get_formula_conflicts(self):
        _, called = self.env._, self._called
        if self.formula and self.formula.startswith("steps"):
            return self._get_step_conflicts()
        conflicts = []
        if self.points <= 0:
            conflicts.append(_("The rule %(rule)s gives no points. Set more than 0, or archive the rule.", rule=called))
        if self.formula == "per_amount" and self.per_amount <= 0:
            conflicts.append(
                _(
                    "The rule %(rule)s gives points for each full amount, so that amount must be more than 0, "
                    "for example 10.",
                    rule=called,
                )
            )
        return conflicts

    def _get_step_conflicts(self):
        amounts = self.step_ids.mapped(lambda step: step.from_amount)
        if not amounts:
            return [
                self.env._("The rule %(rule)s counts by steps but has none. Add at least one step.", rule=self._called)
            ]
        if len(set(amounts)) != len(amounts):
            return [
                self.env._(
                    "Two steps of the rule %(rule)s begin at the same amount. Remove one of them.", rule=self._called
                )
            ]
        return []

    def _get_time_conflicts(self):
        _, called = self.env._, self._called
        conflicts = []
        if self.date_from and self.date_to and self.date_from > self.date_to:
            conflicts.append(_("The rule %(rule)s ends before it begins. Correct one of the dates.", rule=called))
        if not (0 <= self.hour_from < 24 and 0 <= self.hour_to <= 24):
            conflicts.append(_("Hours of the rule %(rule)s go from 0:00 to 24:00.", rule=called))
        if self.hour_from and self.hour_from == self.hour_to:
            conflicts.append(
                _(
                    "The hours of the rule %(rule)s begin and end at the same time. "
                    "Leave both at 0:00 for the whole day.",
                    rule=called,
                )
            )
        if self.nth_mode != "no" and self.nth < 1:
            conflicts.append(_("The rule %(rule)s counts from number 1. Set 1 or more.", rule=called))
        return conflicts

    def _get_event_conflicts(self):
        _, called = self.env._, self._called
        conflicts = []
        if self.event_type not in self._get_amount_types() and (
            self.formula != "fixed"
            or self.product_ids
            or self.categ_ids
            or self.tag_ids
            or self.min_amount
            or self.min_quantity
        ):
            conflicts.append(
                _(
                    "The rule %(rule)s is about an event without products or an amount. "
                    "Use fixed points and clear the product conditions,"
                    " or choose the event Bought.",
                    rule=called,
                )
            )
        if self.event_type != "purchase" and (self.first_in_category or self.max_days_to_pay):
            conflicts.append(
                _(
                    "Only purchases can be in a new category or be paid within days. "
                    "Clear that in the rule %(rule)s, or choose the event Bought.",
                    rule=called,
                )
            )
        return conflicts

    def _get_club_conflicts(self):
        _, called = self.env._, self._called
        conflicts = []
        tiers = self.tier_ids | self.tier_from_id
        if any(tier.club_id._origin != self.club_id._origin for tier in tiers):
            conflicts.append(
                _(
                    "A tier of the rule %(rule)s belongs to another club. Choose tiers of %(club)s.",
                    rule=called,
                    club=self.club_id.name,
                )
            )
        if self.tier_ids and self.tier_from_id:
            conflicts.append(
                _(
                    "The rule %(rule)s names tiers twice. Choose a tier from which on it counts, or single tiers.",
                    rule=called,
                )
            )
        clubs = self.club_id | self.club_id.sudo().wallet_club_id
        used = [("rule_id", "=", self._origin.id), ("club_id", "not in", clubs._origin.ids)]
        if self._origin and self.env["club.point.entry"].sudo().search_count(used, limit=1):
            conflicts.append(
                _(
                    "The rule %(rule)s has given points in another club, so it stays there. Duplicate it for %(club)s.",
                    rule=called,
                    club=self.club_id.name,
                )
            )
        return conflicts
