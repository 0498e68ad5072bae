"""Rules for whom a campaign reached, while it lasts for each of them."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_campaign  # noqa: F401 - registers the condition


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    campaign_ids = fields.Many2many(
        "club.campaign",
        "club_earn_rule_campaign_rel",
        string="Campaigns",
        domain="[('club_id', '=', club_id)]",
        help="Members whom one of these campaigns reached, while it lasts for them. Empty: everybody.",
    )

    @api.constrains("campaign_ids", "club_id")
    def _check_campaigns(self):
        self._check_conflicts()

    def _get_conflicts(self):
        conflicts = super()._get_conflicts()
        if any(campaign.club_id._origin != self.club_id._origin for campaign in self.sudo().campaign_ids):
            conflicts.append(
                self.env._(
                    "A campaign that the rule %(rule)s asks for belongs to another club. Choose campaigns of %(club)s.",
                    rule=self._called,
                    club=self.club_id.name,
                )
            )
        return conflicts

    def _get_condition_values(self):
        values = super()._get_condition_values()
        return {**values, "campaigns": frozenset(self.sudo().campaign_ids._origin.ids) or None}

    @api.model
    def _get_event_defaults(self):
        return {**super()._get_event_defaults(), "campaign": {"points": 5}}

    @api.model
    def _get_bringing_phrases(self, nth):
        _ = self.env._
        return {
            **super()._get_bringing_phrases(nth),
            "campaign": (
                _("every bonus of a campaign"),
                _("the first bonus of a campaign"),
                _("the %(nth)s bonus of a campaign", nth=nth),
                _("every %(nth)s bonus of a campaign", nth=nth),
                _("every bonus of a campaign from the %(nth)s on", nth=nth),
            ),
        }

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), "campaign_ids"})

    def _get_who_clauses(self):
        """Members are not told what a campaign is called: its name is the shop's own."""
        clauses = super()._get_who_clauses()
        campaigns = self.sudo().campaign_ids
        if not campaigns:
            return clauses
        if self._is_for_member():
            return [*clauses, self.env._("for chosen members")]
        return [*clauses, self.env._("only whom the campaign %(names)s reached", names=self._names(campaigns))]

    def _get_refusal_sentences(self):
        _ = self.env._
        return {
            **super()._get_refusal_sentences(),
            "campaigns": lambda v: (
                _("It is for chosen members.")
                if self._is_for_member()
                else _("Only for whom the campaign %(names)s reached.", names=self._names(self.sudo().campaign_ids))
            ),
        }
