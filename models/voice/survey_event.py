"""Facts about surveys: what a survey has given a member before."""

from odoo import models
from odoo.tools import SQL


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _read_extra(self, rows, needs):
        """Which rules have given for which surveys, of the members who answered one. One query, if a rule asks."""
        known = super()._read_extra(rows, needs)
        answers = [row for row in rows if row.type == "survey"] if "survey_once" in needs else []
        if not answers:
            return known
        given = {row.member_id: set() for row in answers}
        # Grouped by a value within JSON, of merged members too, which the ORM cannot do. A fact that is looked at
        # again does not stand against itself.
        for member, rule, survey in self.env.execute_query(
            SQL(
                """
            SELECT COALESCE(m.merged_into_id, m.id) AS member, p.rule_id, (e.payload->>'survey')::int AS survey
              FROM club_member m
              JOIN club_point_entry p ON p.member_id = m.id AND p.rule_id IS NOT NULL
              JOIN club_event e ON e.id = p.event_id AND e.type = 'survey'
             WHERE (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s)) AND e.id <> ALL(%(own)s)
             GROUP BY 1, 2, 3
            HAVING SUM(p.points) FILTER (WHERE p.kind IN ('earn', 'reverse')) > 0
                """,
                members=list(given),
                own=[row.id for row in answers],
            )
        ):
            given.setdefault(member, set()).add((rule, survey))
        return {
            **known,
            **{member: {**known.get(member, {}), "survey_given": pairs} for member, pairs in given.items()},
        }

    def _remember_extra(self, known, row, awards):
        super()._remember_extra(known, row, awards)
        given = known.get(row.member_id, {}).get("survey_given") if row.type == "survey" else None
        if given is not None:
            survey = (row.payload or {}).get("survey")
            given.update((award.rule_id, survey) for award in awards)

    def _begin_replay(self, known, memory):
        super()._begin_replay(known, memory)
        for member, values in known.items():
            if "survey_given" in values:
                values["survey_given"] = memory.setdefault(("survey_given", member), set())
