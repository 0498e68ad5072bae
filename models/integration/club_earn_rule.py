"""Which custom facts, and purchases at which partners, a rule rewards."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_integration  # noqa: F401 - registers the conditions
from odoo.exceptions import ValidationError


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    custom_fact_ids = fields.Many2many(
        "club.custom.fact", string="Facts", domain="[('club_id', '=', club_id)]", help="Empty: any fact."
    )
    merchant_ids = fields.Many2many(
        "club.merchant", string="Merchants", domain="[('club_id', '=', club_id)]", help="Empty: any merchant."
    )

    @api.constrains("club_id", "custom_fact_ids", "merchant_ids")
    def _check_integration_club(self):
        for rule in self:
            for record in [*rule.custom_fact_ids, *rule.merchant_ids]:
                if record.club_id != rule.club_id:
                    raise ValidationError(
                        self.env._(
                            "%(record)s belongs to another club than the rule %(rule)s. Choose one of %(club)s.",
                            record=record.display_name,
                            rule=rule.name,
                            club=rule.club_id.name,
                        )
                    )

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), "custom_fact_ids", "merchant_ids"})

    def _get_condition_values(self):
        custom, merchant = self.event_type == "custom", self.event_type == "merchant_purchase"
        return {
            **super()._get_condition_values(),
            "custom_codes": custom and frozenset(self.custom_fact_ids.mapped("code")) or None,
            "merchants": merchant and frozenset(self.merchant_ids._origin.ids) or None,
        }

    def _get_event_phrases(self, nth):
        phrases = super()._get_event_phrases(nth)
        _ = self.env._
        if self.event_type == "custom" and self.custom_fact_ids:
            facts = self._names(self.custom_fact_ids)
            phrases["custom"] = (
                _("every \u201c%(facts)s\u201d", facts=facts),
                _("the first \u201c%(facts)s\u201d", facts=facts),
                _("the %(nth)s \u201c%(facts)s\u201d", nth=nth, facts=facts),
                _("every %(nth)s \u201c%(facts)s\u201d", nth=nth, facts=facts),
                _("every \u201c%(facts)s\u201d from the %(nth)s on", nth=nth, facts=facts),
            )
        if self.event_type == "merchant_purchase" and self.merchant_ids:
            merchants = self._names(self.merchant_ids)
            phrases["merchant_purchase"] = (
                _("every purchase at %(merchants)s", merchants=merchants),
                _("the first purchase at %(merchants)s", merchants=merchants),
                _("the %(nth)s purchase at %(merchants)s", nth=nth, merchants=merchants),
                _("every %(nth)s purchase at %(merchants)s", nth=nth, merchants=merchants),
                _("every purchase at %(merchants)s from the %(nth)s on", nth=nth, merchants=merchants),
            )
        return phrases

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "custom_codes": lambda v: _("Only for %(facts)s.", facts=self._names(self.custom_fact_ids)),
            "merchants": lambda v: _("Only at %(merchants)s.", merchants=self._names(self.merchant_ids)),
        }
