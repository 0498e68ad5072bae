"""Rules as values of the engine: the hooks by which another addon adds conditions and formulas."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import earning

from .club_earn_rule import AMOUNT_TYPES, SENTENCE_FIELDS, WEEKDAYS


def to_decimal(value):
    """The decimal that a float field shows: 0.1 is a tenth."""
    return Decimal(str(value or 0))


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    @api.model
    def _get_sentence_fields(self):
        """Fields that the sentence depends on; another addon adds its own."""
        return sorted(SENTENCE_FIELDS)

    @api.model
    def _get_amount_types(self):
        """Types of events that have an amount, so that products, amounts and steps make sense."""
        return AMOUNT_TYPES

    def _to_engine(self):
        """This rule as a value of the engine."""
        self.ensure_one()
        return earning.Rule(
            id=self.id,
            sequence=self.sequence,
            event_type=self.event_type,
            formula=self.formula,
            points=to_decimal(self.points),
            per_amount=to_decimal(self.per_amount),
            steps=tuple(
                earning.Step(to_decimal(step.from_amount), to_decimal(step.points), to_decimal(step.per_amount))
                for step in self.step_ids.sorted("from_amount")
            ),
            conditions={name: value for name, value in self._get_condition_values().items() if value is not None},
            min_amount=to_decimal(self.min_amount),
            min_quantity=to_decimal(self.min_quantity),
            limit_event=to_decimal(self.limit_event),
            limit_member=to_decimal(self.limit_member),
            limit_period=self.limit_period,
            limit_club=to_decimal(self.limit_club),
            group=(self.stacking_group or "").strip() if self.stacking == "best" else None,
            use_multiplier=self.use_multiplier,
            expiry_months=self.expiry_months,
            money_digits=self._get_money_digits(),
        )

    def _get_condition_values(self):
        """Names of registered conditions and line filters, with what this rule asks of each; ``None`` asks nothing.

        An override adds the name it registered in the engine.

        :rtype: dict
        """
        self.ensure_one()
        days = frozenset(number for number, name in enumerate(WEEKDAYS) if self[name])
        times = (self.date_from, self.date_to, days, self.hour_from, self.hour_to)
        return {
            "when": earning.When(
                self.date_from or None,
                self.date_to or None,
                days,
                round(self.hour_from * 60),
                round(self.hour_to * 60) % (24 * 60),
            )
            if any(times)
            else None,
            "tiers": self._get_tier_values(),
            "channel": self._get_channel_value(),
            "methods": frozenset(self.payment_method_ids.ids) or None,
            "terms": frozenset(self.payment_term_ids.ids) or None,
            "nth": (self.nth_mode, self.nth) if self.nth_mode != "no" else None,
            "within_days": self.within_days or None,
            "frequency": (self.frequency_count, self.frequency_period) if self.frequency_count else None,
            "days_to_pay": self.max_days_to_pay or None,
            "overdue": to_decimal(self.max_overdue) if self.check_overdue else None,
            "products": frozenset(self.product_ids.ids) or None,
            "categories": frozenset(self.categ_ids._origin.ids) or None,
            "tags": frozenset(self.tag_ids.ids) or None,
            "first_in_category": frozenset(self.categ_ids._origin.ids) if self.first_in_category else None,
        }

    def _get_money_digits(self):
        """Decimals of the money that the rule gives instead of points; ``None``: it gives points.

        :rtype: int or None
        """
        return

    def _get_award_worth(self):
        """What one of what the rule gives is worth, in the company's currency; 0.0 where that is not known."""
        return self.club_id._point_worth()

    def _get_tier_values(self):
        """Ids of the tiers that count, or None; changes of tiers clear the cached policies."""
        if self.tier_from_id:
            first = self.tier_from_id._origin
            above = first.club_id.tier_ids.filtered(lambda tier: tier.threshold >= first.threshold)
            return frozenset((above | first).ids)
        return frozenset(self.tier_ids._origin.ids) or None

    def _get_channel_value(self):
        """What the payload calls the channel; a visit to the web shop is not a purchase there."""
        if self.channel == "any":
            return None
        return "shop" if self.event_type == "visit" and self.channel == "website" else self.channel

    def _read_engine_rules(self, clubs):
        """Engine values of the active rules, by club id."""
        rules = {}
        for rule in self.sudo().search([("club_id", "in", clubs.ids)], order="club_id, sequence, id"):
            rules.setdefault(rule.club_id.id, []).append(rule._to_engine())
        return rules
