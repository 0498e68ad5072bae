"""What a rule asks of accepted feedback: its kind, its category, how useful it was."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import feedback  # noqa: F401 - registers the conditions

from .club_feedback import KINDS, STARS

#: Field of the rule → kind of feedback.
KIND_FIELDS = {f"feedback_{kind}": kind for kind, _label in KINDS}


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    feedback_critique = fields.Boolean(string="Critiques")
    feedback_suggestion = fields.Boolean(string="Suggestions")
    feedback_request = fields.Boolean(string="Requests")
    feedback_praise = fields.Boolean(string="Praise")
    feedback_category_ids = fields.Many2many(
        "club.feedback.category", string="Feedback Categories", help="Empty: about anything."
    )
    feedback_usefulness = fields.Selection(
        STARS, string="Least Usefulness", default="0", help="Stars that the judge gave. None: not asked."
    )

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), *KIND_FIELDS, "feedback_category_ids", "feedback_usefulness"})

    def _get_feedback_kinds(self):
        return [kind for name, kind in KIND_FIELDS.items() if self[name]]

    def _get_condition_values(self):
        asked = self.event_type in ("feedback", "feedback_sent")
        return {
            **super()._get_condition_values(),
            "feedback_kinds": frozenset(self._get_feedback_kinds()) or None if asked else None,
            "feedback_categories": frozenset(self.feedback_category_ids._origin.ids) or None if asked else None,
            "feedback_usefulness": (int(self.feedback_usefulness or 0) or None)
            if self.event_type == "feedback"
            else None,
        }

    def _get_event_phrases(self, nth):
        phrases = super()._get_event_phrases(nth)
        if self.event_type == "feedback":
            _, kinds = self.env._, self._feedback_kind_words()
            phrases["feedback"] = (
                _("every accepted %(kinds)s", kinds=kinds),
                _("the first accepted %(kinds)s", kinds=kinds),
                _("the %(nth)s accepted %(kinds)s", nth=nth, kinds=kinds),
                _("every %(nth)s accepted %(kinds)s", nth=nth, kinds=kinds),
                _("every accepted %(kinds)s from the %(nth)s on", nth=nth, kinds=kinds),
            )
        return phrases

    def _feedback_kind_words(self):
        _ = self.env._
        words = {
            "critique": _("critique"),
            "suggestion": _("suggestion"),
            "request": _("request"),
            "praise": _("praise"),
        }
        return _(" or ").join(words[kind] for kind in self._get_feedback_kinds()) or _("piece of feedback")

    def _get_clauses(self):
        clauses = super()._get_clauses()
        if self.event_type not in ("feedback", "feedback_sent"):
            return clauses
        accepted = self.event_type == "feedback"
        _, stars = self.env._, int(accepted and self.feedback_usefulness or 0)
        return [
            self.feedback_category_ids
            and _("about %(categories)s", categories=self._names(self.feedback_category_ids)),
            stars and _("judged useful with at least %(stars)s of 5 stars", stars=stars),
            *clauses,
        ]

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "feedback_kinds": lambda v: _("Only for a %(kinds)s.", kinds=self._feedback_kind_words()),
            "feedback_categories": lambda v: _(
                "Only about %(categories)s.", categories=self._names(self.feedback_category_ids)
            ),
            "feedback_usefulness": lambda v: _(
                "Judged with %(stars)s stars; at least %(least)s are asked.", stars=v["stars"], least=v["least"]
            ),
        }
