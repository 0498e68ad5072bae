"""What a simulation remembers in the place of the ledger, and the batch that asks it."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo.addons.customer_club.engine import budget, periods
from odoo.addons.customer_club.engine.earning_referral import TYPES as REFERRAL_TYPES
from odoo.tools import SQL

from ..earning.event_batch import EventBatch
from ..earning.fact_counts import FactCounts
from .values import ONE, ZERO


class MemoryCounts(FactCounts):
    """Counts facts from memory, which grows as the simulation goes on."""

    def __init__(self, env, rows, policies, memory):
        super().__init__(env, [], policies)
        self.types = {
            club_id: {rule.event_type for rule in policy.rules if self._counts(rule)}
            for club_id, policy in policies.items()
        }
        self.facts, self.days = memory.facts, memory.days

    @staticmethod
    def _counts(rule):
        return bool({"nth", "within_days", "frequency"} & rule.conditions.keys())


@dataclass(slots=True)
class Memory:
    """What the ledger and the facts would tell, as far as the simulation has come."""

    earned: dict = field(default_factory=lambda: defaultdict(dict))
    given: dict = field(default_factory=dict)
    used: dict = field(default_factory=lambda: defaultdict(Decimal))  #: points of a budget period, by its first day
    turnover: dict = field(default_factory=lambda: defaultdict(Decimal))  #: sales of a budget period
    facts: dict = field(default_factory=dict)
    days: dict = field(default_factory=dict)
    bought: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    replay: dict = field(default_factory=dict)
    sales: dict = field(default_factory=dict)
    walks: dict = field(default_factory=dict)
    money: dict = field(default_factory=lambda: defaultdict(Decimal))  #: wallet money, by the day of the entry
    goods: tuple = ()  #: what rewards cost beyond their points: (channel, day, amount)
    beyond: dict = field(default_factory=dict)  #: answers of :meth:`paid`

    def pay(self, day, amount):
        """Wallet money was given or taken back on a day."""
        self.money[day] += amount
        self.beyond = {key: found for key, found in self.beyond.items() if key[1] <= day}

    def paid(self, first, until):
        """What a share budget pays beside points from a day on, the last day excluded."""
        key = (first, until)
        if key not in self.beyond:
            goods = defaultdict(Decimal)
            for channel, day, amount in self.goods:
                if first <= day < until:
                    goods[channel] += amount
            money = sum((amount for day, amount in self.money.items() if first <= day < until), ZERO)
            self.beyond[key] = money + sum((amount for amount in goods.values() if amount > 0), ZERO)
        return self.beyond[key]


class SimulatedBatch(EventBatch):
    """A batch that knows only what the simulation gave.

    :param setting: the :class:`Setting`; :param memory: shared by the batches of a simulation.
    """

    def __init__(self, env, rows, setting, memory, times):
        self.setting = setting
        self.memory = memory
        self.times = times
        real = any(row.member_id > 0 for row in rows)
        members = None if real else dict.fromkeys({row.member_id for row in rows}, (0, ONE, 0))
        super().__init__(env, rows, policies={setting.policy.club_id: setting.policy}, members=members)
        self.history = self._read_history() if real else {}
        self.env["club.event"]._begin_replay(self.known, memory.replay)

    # -- what else the ledger would tell -----------------------------------------

    def tier_of(self, row):
        if self.setting.by_history and row.member_id > 0:
            times, tiers = self.history.get(row.member_id, ((), ()))
            # The change that a fact brought about comes after it; the first tier is there from the beginning.
            place = max(bisect_left(times, self.looked_at), 1)
            tier = tiers[place - 1] if times else self.members.get(row.member_id, (0,))[0]
        else:
            walk = self.memory.walks.get(row.member_id)
            tier = walk.tier if walk else self.setting.tiers.starter
        return tier or 0, self.setting.multipliers.get(tier, ONE)

    def _read_history(self):
        """When each member came to which tier. SQL: one read for a batch."""
        found = defaultdict(lambda: ([], []))
        for member, at, tier in self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(m.merged_into_id, m.id), h.date, h.to_tier_id
                  FROM club_tier_history h JOIN club_member m ON m.id = h.member_id
                 WHERE h.member_id = ANY(%s)
                 ORDER BY 1, h.date, h.id
                """,
                list({row.member_id for row in self.rows if row.member_id > 0}),
            )
        ):
            found[member][0].append(at)
            found[member][1].append(tier)
        return found

    def _read_facts(self):
        return MemoryCounts(self.env, self.rows, self.policies, self.memory)

    def _read_first_bought(self):
        return {}

    def _read_earned(self):
        return self.memory.earned

    def _read_given(self):
        return self.memory.given

    def _read_overdue(self):
        return {}

    def _read_dates(self):
        """A friend's purchase counts when it was final: when rules looked at it."""
        return {row.id: self.times[row.id] for row in self.rows if row.type in REFERRAL_TYPES and row.id in self.times}

    def _bought_before(self, row):
        found = self.memory.bought.get(row.member_id, {})
        return frozenset(category for category, roots in found.items() if roots - {row.root})

    def _budget(self, row, policy, day):
        if not policy.has_budget:
            return None, None
        first, end = periods.period_bounds(policy.budget_period, day, policy.calendar, policy.week_start)
        limit = policy.budget
        if policy.budget_share:
            until = min(periods.local_date(self.looked_at, policy.tz), end)
            limit = budget.points_for(
                self.memory.turnover[first],
                policy.budget_share,
                self.memory.paid(first, until),
                self.setting.point_cost,
                policy.digits,
            )
        money = {rule.id for rule in policy.rules if rule.money_digits is not None}
        own = sum((points for (_root, rule), points in self.own.items() if rule not in money), ZERO)
        return first, limit - self.memory.used[first] + own

    def _remember(self, row, policy, awards, day, budget_key):
        if awards and not self.own:
            self.env["club.event"]._remember_extra(self.known, row, awards)

    def look_at(self, row, own, at):
        """The evaluation of one row; ``own``: what its sale has given so far, by (root, rule); ``at``: when it came."""
        self.own = own
        # A sale that grows is looked at anew with the tier that the member has by then.
        self.looked_at = self.times.get(row.id) or at
        return self._evaluate_one(row, self.setting.policy)
