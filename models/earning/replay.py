"""What a rule would have cost: a club's recorded facts go through the rules once more, and nothing is written.

Facts are taken as they stand today: a purchase that came back in part counts for what was kept, one that came back
whole does not count. Members have the tier that they had at the time; tiers have the multiplier of today. Limits and
budgets begin empty.

A club with more facts than :data:`SAMPLE` is replayed for some of its members only, all facts of each, and the result
is scaled up: limits per member and counts of facts stay exact that way.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from odoo.addons.customer_club.engine import earning, periods
from odoo.tools import SQL

from .event_batch import EventBatch, EventRow, decimal

ZERO, ONE = Decimal(0), Decimal(1)
#: Facts that are replayed at most.
SAMPLE = 30_000
BATCH = 5_000


@dataclass(slots=True)
class ReplayState:
    """What the replayed rules have given so far, in the place of the ledger."""

    earned: dict = field(default_factory=lambda: defaultdict(dict))
    given: dict = field(default_factory=dict)
    budgets: dict = field(default_factory=dict)
    memory: dict = field(default_factory=dict)
    share: int = 1  #: one in so many members is looked at


class ReplayBatch(EventBatch):
    """A batch whose limits know only what this replay gave, and whose members have the tier of the time.

    :param state: the :class:`ReplayState` that one replay shares between its batches.
    """

    def __init__(self, env, rows, policies, state):
        self.state = state
        super().__init__(env, rows, policies=policies)
        self.tiers = self._read_tiers()
        self.budgets = state.budgets
        self.env["club.event"]._begin_replay(self.known, state.memory)

    def tier_of(self, row):
        times, tiers = self.tiers.get(row.member_id, ((), ()))
        place = bisect_right(times, row.occurred_at)
        if not times:
            return super().tier_of(row)
        return tiers[place - 1] if place else (0, ONE)

    def _read_tiers(self):
        """When each member came to which tier: member → (times, (tier, multiplier)). SQL: one read for a batch."""
        ids = list({row.member_id for row in self.rows})
        found = defaultdict(lambda: ([], []))
        for member, at, tier, multiplier in self.env.execute_query(
            SQL(
                """
            SELECT h.member_id, h.date, h.to_tier_id, t.multiplier
              FROM club_tier_history h LEFT JOIN club_tier t ON t.id = h.to_tier_id
             WHERE h.member_id = ANY(%s)
             ORDER BY h.member_id, h.date, h.id
            """,
                ids,
            )
        ):
            found[member][0].append(at)
            found[member][1].append((tier or 0, decimal(multiplier) if tier else ONE))
        return found

    def _read_earned(self):
        return self.state.earned

    def _read_given(self):
        return self.state.given

    def _read_budget(self, policy, first, last):
        if not policy.budget_share:
            return policy.budget  # divided already
        return super()._read_budget(policy, first, last) / self.state.share

    def _read_budget_used(self, policy, first, last):
        return ZERO

    def _read_overdue(self):
        return {}  # nobody knows what was overdue then

    def _read_dates(self):
        return {}  # nothing is given today: what a fact gives counts for when it occurred


@dataclass(slots=True)
class Month:
    """What a month of the replay brought: ``instead`` is what other rules would have given for the same facts."""

    points: Decimal = ZERO
    instead: Decimal = ZERO
    facts: int = 0


@dataclass(slots=True)
class Result:
    """Points, members and facts are estimates if ``share`` (of members looked at, as ``1 / share``) is more than 1."""

    share: int = 1
    looked_at: int = 0
    facts: int = 0
    points: Decimal = ZERO
    instead: Decimal = ZERO
    members: int = 0
    months: dict = field(default_factory=dict)


class Replay:
    """Replays one rule, as if it had been switched on.

    :param env: of who may read the club; :param policy: the club's :class:`Policy`; :param rule: an engine rule.
    :param first, last: days (local, last excluded) of the facts.
    """

    def __init__(self, env, policy, rule, first, last, sample=SAMPLE):
        self.env = env(su=True)
        self.policy = policy
        self.rule = rule
        self.first, self.last = first, last
        self.bounds = periods.range_bounds(first, last, policy.tz)
        self.sample = sample
        others = tuple(other for other in policy.rules if other.id != rule.id)
        #: Rules that share nothing with others can be replayed alone.
        self.alone = rule.group is None and not policy.has_budget
        self.types = [rule.event_type] if not policy.has_budget else sorted({rule.event_type, *self._types(others)})
        self.without = policy._replace(rules=others)
        self.with_rule = policy._replace(rules=(rule,) if self.alone else (*others, rule))
        self.reached = set()

    @staticmethod
    def _types(rules):
        return {rule.event_type for rule in rules}

    def run(self):
        """Replay, batch after batch.

        :rtype: Result
        """
        result = Result()
        result.facts = self._count()
        result.share = max(1, -(-result.facts // self.sample))
        with_policy, without = self._scaled(self.with_rule, result.share), self._scaled(self.without, result.share)
        states = ReplayState(share=result.share), ReplayState(share=result.share)
        for rows in self._read_batches(result.share):
            result.looked_at += len(rows)
            batch = ReplayBatch(self.env, rows, {self.policy.club_id: with_policy}, states[0])
            self._add(result, batch.evaluate(), mine=True)
            if not self.alone:
                other = ReplayBatch(self.env, rows, {self.policy.club_id: without}, states[1])
                self._add(result, other.evaluate(), mine=False)
        for month in result.months.values():
            month.points *= result.share
            month.instead = max(month.instead, ZERO) * result.share
            month.facts *= result.share
            result.points += month.points
            result.instead += month.instead
        result.members = len(self.reached) * result.share
        return result

    def _scaled(self, policy, share):
        """The policy for a share of the members: what all share is divided."""
        if share == 1:
            return policy
        return policy._replace(
            budget=policy.budget / share,
            rules=tuple(replace(rule, limit_club=rule.limit_club / share) for rule in policy.rules),
        )

    def _add(self, result, evaluations, mine):
        """Add awards of the rule; of the other rules, what they lose by it (with less, without more)."""
        for row, evaluation in evaluations:
            kept = decimal((row.payload or {}).get("kept", 1))
            day = periods.local_date(row.occurred_at, self.policy.tz)
            first, _last = periods.period_bounds("month", day, self.policy.calendar, self.policy.week_start)
            month = result.months.setdefault(first, Month())
            for award in evaluation.awards:
                digits = self.policy.digits if award.money_digits is None else award.money_digits
                points = earning.floor(award.points * kept, digits) if kept < 1 else award.points
                if award.rule_id != self.rule.id:
                    month.instead += -points if mine else points
                elif points:
                    month.points += points
                    month.facts += 1
                    self.reached.add(row.member_id)

    # -- reading ---------------------------------------------------------------

    def _where(self):
        since, until = self.bounds
        return SQL(
            """e.club_id = %s AND e.type = ANY(%s) AND e.revises_id IS NULL
               AND e.occurred_at >= %s AND e.occurred_at < %s""",
            self.policy.club_id,
            self.types,
            since,
            until,
        )

    def _count(self):
        """How many facts there are; SQL as for reading them."""
        ((count,),) = self.env.execute_query(SQL("SELECT COUNT(*) FROM club_event e WHERE %s", self._where()))
        return count

    def _read_batches(self, share):
        """Rows of facts in order of time, as they stand today. SQL because the ORM knows no lateral join."""
        mark = (self.bounds[0], 0)
        while True:
            found = self.env.execute_query(
                SQL(
                    """
                SELECT e.id, COALESCE(m.merged_into_id, m.id), e.club_id, e.type, e.occurred_at,
                       e.amount + COALESCE(rev.amount, 0), e.key, e.origin_model, e.origin_id, e.id,
                       COALESCE(rev.payload, e.payload), rev.settled, rev.void
                  FROM club_event e
                  JOIN club_member m ON m.id = e.member_id
             LEFT JOIN LATERAL (
                       SELECT SUM(r.amount) AS amount,
                              (array_agg(r.payload ORDER BY r.id DESC) FILTER (
                                   WHERE r.payload ? 'lines' AND NOT r.payload ? 'settled'))[1] AS payload,
                              MIN(r.payload->>'days_to_pay') FILTER (WHERE r.payload ? 'settled') AS settled,
                              bool_or(r.payload ? 'void') AS void
                         FROM club_event r WHERE r.revises_id = e.id
                       ) rev ON TRUE
                 WHERE %(where)s AND (e.occurred_at, e.id) > (%(at)s, %(id)s) AND MOD(e.member_id, %(share)s) = 0
                 ORDER BY e.occurred_at, e.id
                 LIMIT %(batch)s
                """,
                    where=self._where(),
                    at=mark[0],
                    id=mark[1],
                    share=share,
                    batch=BATCH,
                )
            )
            rows = [self._row(*values) for values in found]
            yield [row for row in rows if row]
            if len(found) < BATCH:
                return
            mark = (found[-1][4], found[-1][0])

    def _row(self, *values):
        *values, payload, settled, void = values
        if void:
            return None
        row = EventRow(*values, payload)
        if row.type != "purchase" and row.amount >= 0:
            return row
        if row.amount <= 0:
            return None
        payload = dict(payload or {})
        counted = sum((decimal(line[4]) for line in payload.get("lines", ())), ZERO) * decimal(payload.get("rate", 1))
        amount = decimal(row.amount)
        if counted > amount > 0:
            payload["kept"] = str(amount / counted)
        if self.rule.settles:
            # Who paid when is recorded only while a rule asks for it; else everybody counts as in time.
            payload |= {"settled": True, "days_to_pay": int(settled or 0)}
        return row._replace(payload=payload)
