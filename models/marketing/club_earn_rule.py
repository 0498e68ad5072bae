"""Rules for some members only: groups of contacts, and segments (never.md 17)."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_audience  # noqa: F401 - registers the conditions


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    audience_group_ids = fields.Many2many(
        "res.partner.category",
        "club_earn_rule_group_rel",
        string="Groups",
        help="Members whose contact has one of these tags when the fact is counted. Empty: everybody.",
    )
    audience_segment_ids = fields.Many2many(
        "club.segment",
        "club_earn_rule_segment_rel",
        string="Segments",
        domain="[('club_id', '=', club_id)]",
        help="Members of one of these segments when the fact is counted. Empty: everybody.",
    )

    @api.constrains("audience_segment_ids", "club_id")
    def _check_audience_segments(self):
        self._check_conflicts()

    def _get_conflicts(self):
        conflicts = super()._get_conflicts()
        if any(segment.club_id._origin != self.club_id._origin for segment in self.sudo().audience_segment_ids):
            conflicts.append(
                self.env._(
                    "A segment that the rule %(rule)s asks for belongs to another club. Choose segments of %(club)s.",
                    rule=self._called,
                    club=self.club_id.name,
                )
            )
        return conflicts

    @api.onchange("club_id")
    def _onchange_club_id_audience(self):
        """Segments belong to a club."""
        club = self.club_id._origin
        self.audience_segment_ids = self.audience_segment_ids.filtered(lambda segment: segment.club_id._origin == club)

    # -- the engine's values -------------------------------------------------

    def _get_condition_values(self):
        rule = self.sudo()
        return {
            **super()._get_condition_values(),
            "groups": frozenset(rule.audience_group_ids._origin.ids) or None,
            "segments": frozenset(rule.audience_segment_ids._origin.ids) or None,
        }

    # -- words ---------------------------------------------------------------

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), "audience_group_ids", "audience_segment_ids"})

    def _get_who_clauses(self):
        """Members are not told what their groups and segments are called: such names are the shop's own."""
        _ = self.env._
        rule = self.sudo()
        clauses = super()._get_who_clauses()
        if not (rule.audience_group_ids or rule.audience_segment_ids):
            return clauses
        if self._is_for_member():
            return [*clauses, _("for chosen members")]
        return [
            *clauses,
            rule.audience_group_ids and _("only the groups %(groups)s", groups=self._names(rule.audience_group_ids)),
            rule.audience_segment_ids
            and _("only the segments %(segments)s", segments=self._names(rule.audience_segment_ids)),
        ]

    def _get_refusal_sentences(self):
        _ = self.env._
        return {
            **super()._get_refusal_sentences(),
            "groups": lambda v: (
                _("It is for chosen members.")
                if self._is_for_member()
                else _("Only for the groups %(groups)s.", groups=self._names(self.sudo().audience_group_ids))
            ),
            "segments": lambda v: (
                _("It is for chosen members.")
                if self._is_for_member()
                else _("Only for the segments %(segments)s.", segments=self._names(self.sudo().audience_segment_ids))
            ),
        }
