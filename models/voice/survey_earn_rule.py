"""Rules about surveys: which, in time, with what result, how often."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_survey
from odoo.addons.customer_club.models.earning.club_earn_rule_engine import to_decimal

SURVEY_FIELDS = ("survey_ids", "survey_in_time", "survey_result", "survey_min_score", "survey_each")


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    survey_ids = fields.Many2many("survey.survey", string="Surveys", help="Empty: every survey.")
    survey_in_time = fields.Boolean(
        string="In Time Only",
        default=True,
        help="Finished before the deadline of the invitation and within the survey's time limit.",
    )
    survey_result = fields.Selection(
        [
            ("any", "Whatever the result"),
            ("passed", "Passed"),
            ("certified", "Passed, of a certification"),
            ("score", "From a score on"),
        ],
        string="Result",
        default="any",
    )
    survey_min_score = fields.Float(string="Least Score (%)", digits=(5, 2))
    survey_each = fields.Boolean(
        string="Every Attempt", help="A retake earns again. Otherwise once per member and survey."
    )

    @api.constrains("survey_result", "survey_min_score", "survey_ids", "event_type", "club_id")
    def _check_survey(self):
        self._check_conflicts()

    def _get_conflicts(self):
        return super()._get_conflicts() + (self._get_survey_conflicts() if self.event_type == "survey" else [])

    def _get_survey_conflicts(self):
        conflicts = []
        if self.survey_result == "score" and not 0 < self.survey_min_score <= 100:
            conflicts.append(
                self.env._(
                    "The least score of the rule %(rule)s is a percentage. Set more than 0 and at most 100.",
                    rule=self.name,
                )
            )
        foreign = self.survey_ids.filtered(lambda survey: survey.club_id and survey.club_id != self.club_id)
        if foreign:
            conflicts.append(
                self.env._(
                    "The survey %(survey)s is for another club, so the rule %(rule)s would never give points. "
                    "Choose surveys of %(club)s, or change the survey's club.",
                    survey=foreign[0].title,
                    rule=self.name,
                    club=self.club_id.name,
                )
            )
        return conflicts

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), *SURVEY_FIELDS})

    def _get_condition_values(self):
        values = super()._get_condition_values()
        if self.event_type == "survey":
            result = earning_survey.Result(self.survey_result or "any", to_decimal(self.survey_min_score))
            values |= {
                "survey": frozenset(self.survey_ids._origin.ids) or None,
                "survey_in_time": self.survey_in_time or None,
                "survey_result": result if result.kind != "any" else None,
                "survey_once": None if self.survey_each else self.id,
            }
        return values

    def _get_clauses(self):
        clauses = super()._get_clauses()
        if self.event_type != "survey":
            return clauses
        names = self.survey_ids and self.env._(" or ").join(f'"{survey.title}"' for survey in self.survey_ids.sudo())
        return [names, *self._get_survey_clauses(), *clauses]

    def _get_survey_clauses(self):
        _ = self.env._
        result = {
            "passed": _("passed"),
            "certified": _("passed, with a certificate"),
            "score": _("with at least %(score)s %%", score=self._number(self.survey_min_score)),
        }
        return [
            self.survey_in_time and _("in time"),
            result.get(self.survey_result),
            self._get_survey_times_words(),
        ]

    def _get_survey_times_words(self):
        _ = self.env._
        if self.survey_each:
            return _("every attempt")
        return _("once per survey") if self._is_for_member() else _("once per member and survey")

    def _get_survey_terms(self):
        """What a survey earns by this rule, as it stands beneath the survey's own name.

        :rtype: str
        """
        self.ensure_one()
        return self._join(self._get_formula_words(), *self._get_survey_clauses())

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "survey_other": lambda v: _("The rule is about other surveys."),
            "survey_late": lambda v: _("It was finished too late."),
            "survey_failed": lambda v: _("Only if the survey is passed."),
            "survey_uncertified": lambda v: _("Only if a certification is passed."),
            "survey_score": lambda v: _(
                "%(score)s %% were reached, %(least)s %% are needed.",
                score=self._number(v["score"]),
                least=self._number(v["least"]),
            ),
            "survey_again": lambda v: _("The rule has given points for this survey before."),
        }
