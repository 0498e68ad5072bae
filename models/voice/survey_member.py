"""What a member sees of surveys."""

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

SURVEY_PAGE = 60


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self._get_survey_rules():
            links.append(
                {
                    "rank": 40,
                    "url": f"/my/club/{self.id}/surveys",
                    "text": self.env._("Surveys"),
                    "icon": "fa-list-alt",
                }
            )
        return links

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        waiting = [row for row in self._get_portal_surveys() if row["url"] and not row["finished"]]
        if waiting:
            steps.append(
                {
                    "rank": 35,
                    "text": self.env._("Answer a survey: %(survey)s.", survey=waiting[0]["title"]),
                    "url": f"/my/club/{self.id}/surveys",
                    "label": self.env._("See what it earns"),
                }
            )
        return steps

    def _get_survey_rules(self):
        """The rules about surveys that hold today.

        :rtype: ``club.earn.rule`` (sudo)
        """
        self.ensure_one()
        today = self.club_id._get_today()
        domain = Domain(
            [
                ("club_id", "=", self.club_id.id),
                ("event_type", "=", "survey"),
                "|",
                ("date_from", "=", False),
                ("date_from", "<=", today),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
            ]
        )
        rules = self.env["club.earn.rule"].sudo().search(domain, limit=SURVEY_PAGE)
        return rules.filtered(lambda rule: not rule.tier_ids or self.tier_id in rule.tier_ids)

    def _get_portal_surveys(self):
        """Surveys that earn something, those that wait for an answer first.

        A survey shows up if a rule names it, or if it is marked for this club and a rule counts every survey. One for
        invited people shows up for who is invited.

        :return: dicts of ``title``, ``text``, ``rules`` (what it earns, in words), ``finished`` (day as text, or
            empty), ``earned`` (points as text, or empty), ``url`` (empty: it cannot be started now), ``certification``.
        :rtype: list[dict]
        """
        self.ensure_one()
        rules = self._get_survey_rules()
        if not rules:
            return []
        rules = rules.with_context(club_member_reads=True)
        surveys = rules.survey_ids.filtered("active")
        general = rules.filtered(lambda rule: not rule.survey_ids)
        if general:
            surveys |= surveys.search([("club_id", "=", self.club_id.id)], limit=SURVEY_PAGE)
        surveys = surveys.filtered(lambda survey: survey.club_id.id in (False, self.club_id.id))[:SURVEY_PAGE]
        answers = (
            self.env["survey.user_input"]
            .sudo()
            .search(
                [("survey_id", "in", surveys.ids), ("partner_id", "=", self.partner_id.id), ("test_entry", "=", False)],
                order="id desc",
            )
        )
        earned = self._get_survey_earnings() if "done" in answers.mapped("state") else {}
        rows = []
        for survey in surveys:
            mine = answers.filtered(lambda answer, survey=survey: answer.survey_id == survey)
            if survey.access_mode == "token" and not mine:
                continue
            finished = mine.filtered(lambda answer: answer.state == "done")[:1]
            points = earned.get(survey.id, 0)
            rows.append(
                {
                    "title": survey.title,
                    "text": html2plaintext(survey.description or "").strip()[:300],
                    "rules": [
                        rule._get_survey_terms() for rule in rules if not rule.survey_ids or survey in rule.survey_ids
                    ],
                    "finished": self.club_id._show_day(finished.end_datetime) if finished else "",
                    "earned": self.club_id._show_points(points) if points > 0 else "",
                    "url": self._get_survey_url(survey, mine),
                    "certification": survey.certification,
                }
            )
        return sorted(rows, key=lambda row: bool(row["finished"]))

    def _get_survey_url(self, survey, answers):
        """Where the member goes on with a survey or begins it; empty if nothing is left to do."""
        started = answers.filtered(lambda answer: answer.state != "done" and not answer._is_over())[:1]
        if started:
            return started.get_start_url()
        if survey.access_mode == "token":
            return ""
        if answers.filtered(lambda answer: answer.state == "done") and not survey._is_worth_retaking(self.partner_id):
            return ""
        return survey.get_start_url()

    def _get_survey_earnings(self):
        """Points that surveys have given to the member, by survey id.

        :rtype: dict[int, float]
        """
        # Grouped by a value within JSON, which the ORM cannot do; a member may have answered many times.
        return {
            survey: float(points)
            for survey, points in self.env.execute_query(
                SQL(
                    """
                SELECT (e.payload->>'survey')::int, SUM(p.points)
                  FROM club_point_entry p JOIN club_event e ON e.id = p.event_id AND e.type = 'survey'
                 WHERE p.member_id = %s AND p.kind IN ('earn', 'reverse')
                 GROUP BY 1
                    """,
                    self.id,
                )
            )
        }
