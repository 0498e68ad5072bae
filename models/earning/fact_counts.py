"""Which fact of its kind this is: the member's facts of a batch's types, in order of time.

A fact counts if it stands: a purchase that was not taken back whole, any other fact that was not revoked. What it
earned does not matter, so a visit that no rule rewarded is a visit all the same.

A fact that becomes known late comes after those that rules have looked at already, whatever its date: else a till that
was offline, or one that lies, could report a second "first" purchase by dating it before the first one.
"""

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

#: Conditions that ask which fact of its kind an event is.
COUNTING = frozenset({"nth", "within_days", "frequency"})


class Fact(NamedTuple):
    """A fact that stands: when, its first event, and whether rules have looked at it."""

    at: datetime
    root: int
    done: bool


class FactCounts:
    """Counts, per member and type of event, the facts before a given one.

    :param rows: events of the batch; only types that a rule of the event's club counts are read.
    :param policies: policies by club id.
    """

    def __init__(self, env, rows, policies):
        self.env = env
        self.policies = policies
        self.types = {
            club_id: {
                rule.event_type
                for rule in (*policies[club_id].rules, *policies[club_id].follow_ups)
                if COUNTING & rule.conditions.keys()
            }
            for club_id in {row.club_id for row in rows}
            if club_id in policies
        }
        wanted = defaultdict(set)
        for row in rows:
            if row.member_id and row.type in self.types.get(row.club_id, ()):
                wanted[row.type].add(row.member_id)
        self.facts = self._read(wanted) if wanted else {}
        self.days = {}

    def fill(self, history, row, rules, day):
        """Set ``history.number``, ``last_on`` and ``counts`` for ``row``, if a rule for its type counts.

        :param rules: the club's rules for the row's type; :param day: the row's day in the club's time zone.
        """
        if row.type not in self.types.get(row.club_id, ()):
            return
        policy = self.policies[row.club_id]
        key = (row.member_id, row.type)
        known = self.facts.get(key, [])
        place = self._place(row, known)
        if key not in self.days:
            self.days[key] = [periods.local_date(fact.at, policy.tz) for fact in known]
        days = self.days[key]
        seen = self._seen_after(row, known, place)
        history.number = 1 + place + len(seen)
        history.last_on = days[place - 1] if place else None
        history.counts = {}
        for rule in rules:
            if "frequency" in rule.conditions:
                period = rule.conditions["frequency"][1]
                first, end = periods.period_bounds(period, day, policy.calendar, policy.week_start)
                earlier = place - bisect_left(days, first, 0, place)
                history.counts[period] = 1 + earlier + sum(days[number] < end for number in seen)

    @staticmethod
    def _seen_after(row, known, place):
        """Places of facts that are later than ``row`` and that rules have looked at, which they have not at ``row``."""
        own = next((fact.done for fact in known[place : place + 1] if fact.root == row.root), False)
        if not row.root or row.id not in (0, row.root) or own:
            return []
        return [number for number in range(place, len(known)) if known[number].done]

    @staticmethod
    def _place(row, known):
        """How many of the ``known`` facts are before ``row``; a revision has the place of its first fact."""
        mark = (row.occurred_at, row.root or 2**62)
        place = bisect_left(known, mark)
        if not row.root or (place < len(known) and known[place].root == row.root):
            return place
        return next((number for number, fact in enumerate(known) if fact.root == row.root), place)

    def _read(self, wanted):
        """The :class:`Fact` s that stand, in order of time, by (member, type).

        SQL because a batch may ask for the facts of thousands of members; one statement for all types.
        """
        facts = defaultdict(list)
        for member, kind, root, at, done in self.env.execute_query(
            SQL(
                """
            SELECT COALESCE(m.merged_into_id, m.id) AS member, e.type, COALESCE(e.revises_id, e.id) AS root,
                   MIN(e.occurred_at) AS at, BOOL_OR(e.revises_id IS NULL AND e.processed_at IS NOT NULL) AS done
              FROM club_event e JOIN club_member m ON m.id = e.member_id
             WHERE e.type = ANY(%(types)s) AND (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s))
             GROUP BY member, e.type, root
            HAVING CASE WHEN e.type = 'purchase' THEN SUM(e.amount) > 0
                        ELSE COUNT(e.payload->'void') = 0 AND (COUNT(*) = 1 OR SUM(e.amount) > 0) END
             ORDER BY member, at, root
            """,
                types=list(wanted),
                members=list(set().union(*wanted.values())),
            )
        ):
            facts[member, kind].append(Fact(at, root, done))
        return facts
