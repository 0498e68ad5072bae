"""Facts about surveys: what a survey has given a member before."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _read_extra(self, rows, needs):
        """Which rules have given for which surveys, of the members who answered one. One query, if a rule asks."""
        known = super()._read_extra(rows, needs)
        members = list({row.member_id for row in rows if row.type == "survey"}) if "survey_once" in needs else []
        if not members:
            return known
        given = defaultdict(set)
        # Grouped by a value within JSON, of merged members too, which the ORM cannot do.
        for member, rule, survey in self.env.execute_query(
            SQL(
                """
            SELECT COALESCE(m.merged_into_id, m.id) AS member, p.rule_id, (e.payload->>'survey')::int AS survey
              FROM club_member m
              JOIN club_point_entry p ON p.member_id = m.id AND p.rule_id IS NOT NULL
              JOIN club_event e ON e.id = p.event_id AND e.type = 'survey'
             WHERE m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s)
             GROUP BY 1, 2, 3
            HAVING SUM(p.points) FILTER (WHERE p.kind IN ('earn', 'reverse')) > 0
                """,
                members=members,
            )
        ):
            given[member].add((rule, survey))
        return {
            **known,
            **{member: {**known.get(member, {}), "survey_given": frozenset(pairs)} for member, pairs in given.items()},
        }

    def _process(self):
        """Answers of one member to one survey are looked at one after another, so that only one of them earns."""
        again = self._find_repeated_answers()
        if not again:
            return super()._process()
        return super(ClubEvent, self - again)._process() | again._process()

    def _find_repeated_answers(self):
        """All but the first of the unprocessed answers of a member to a survey; asks only if a rule does."""
        policies = self.env["club.club"]._get_policies()
        if len(self) < 2 or not any("survey_once" in policy.needs for policy in policies.values()):
            return self.browse()
        seen, again = set(), self.browse()
        waiting = self.search(
            [("id", "in", self.ids), ("type", "=", "survey"), ("processed_at", "=", False)], order="occurred_at, id"
        )
        for event in waiting:
            pair = (event.member_id.id, (event.payload or {}).get("survey"))
            if pair in seen:
                again |= event
            seen.add(pair)
        return again
