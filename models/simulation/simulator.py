"""Runs a set-up of rules over facts, one after another as they became known, and writes nothing.

The points are those of the engine by which real rules earn; what the ledger would remember (limits, budgets, counts,
what was bought before, tiers) stands in memory. A fact that takes back a part of a purchase takes back its part of
what the purchase earned, line by line, as a settlement does. So where the same rules ran for real on the same facts,
the entries are the ledger's.

What cannot be known: who paid when, if nobody recorded it (it counts as paid in time), what was overdue at the time
(nothing), segments and groups of the time (those of today), and what people would have done instead.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from odoo.addons.customer_club.engine import periods, purchase, simulation
from odoo.addons.customer_club.engine.earning_referral import TYPES as REFERRAL_TYPES
from odoo.tools import SQL

from ..earning.club_club import Policy
from ..earning.event_batch import EventBatch, EventRow, decimal
from ..earning.fact_counts import Fact, FactCounts
from ..earning.sale_history import Generation

ZERO, ONE, MICRO = Decimal(0), Decimal(1), Decimal("0.000001")
#: Facts that are looked at together.
CHUNK = 5_000
BUYING = ("purchase", "merchant_purchase")


class Expiry(NamedTuple):
    """When points expire whose rule says nothing: a club's fields."""

    policy: str
    months: int = 0
    month: int = 1
    day: int = 1
    grace: int = 0


class Setting(NamedTuple):
    """A set-up as values: rules and budget, expiry, tiers with their multipliers, what a point costs.

    ``by_history``: members have the tier that they had at the time; else they climb by what the simulation gives.
    """

    policy: Policy
    expiry: Expiry
    tiers: simulation.TierRules
    basis: str
    multipliers: dict[int, Decimal]
    point_cost: Decimal = ZERO
    by_history: bool = True


class SimEntry(NamedTuple):
    """A movement as the ledger would post it: ``kind`` is ``earn`` or ``reverse``; ``money``: on the wallet.

    ``source`` is the day that the points came from: their own, or of what is taken back.
    """

    member: int
    rule: int
    fact: int
    at: datetime
    kind: str
    points: Decimal
    expires_on: date | None
    money: bool
    source: date


@dataclass(slots=True)
class Gift:
    """What one rule gave for one fact."""

    rule_id: int
    event_id: int
    award: Decimal
    basis: dict
    digits: int
    money: bool
    owned: Decimal
    day: date  #: of the fact, for limits
    source: date  #: of the entry, for budgets
    expires_on: date | None


@dataclass(slots=True)
class Sale:
    """A fact that may still change, with what it gave. ``worth`` is what each line is worth now."""

    root: EventRow
    at: datetime
    amount: Decimal
    gifts: list = field(default_factory=list)
    worth: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    stands: bool = True
    counted: bool = True  #: not from before the period

    def shares(self, gift):
        """As :meth:`Generation.shares`, without the entries."""
        bounds = self.bounds.get(gift.event_id)
        if not bounds:
            whole = decimal(self.root.amount)
            share = purchase.ratio(self.amount, whole) if self.stands else purchase.NOTHING
            return {line: share for line in gift.basis or {0: ONE}}
        return {
            line: purchase.ratio(self.worth[line] - Fraction(low), high - low)
            for line, (low, high) in bounds.items()
            if high > low and line in self.worth
        }


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
            place = max(bisect_left(times, row.occurred_at), 1)
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
        first, _last = periods.period_bounds(policy.budget_period, day, policy.calendar, policy.week_start)
        limit = policy.budget
        if policy.budget_share:
            cost = self.setting.point_cost
            limit = policy.budget_share * self.memory.turnover[first] / cost if cost else ZERO
        money = {rule.id for rule in policy.rules if rule.money_digits is not None}
        own = sum((points for (_root, rule), points in self.own.items() if rule not in money), ZERO)
        return first, limit - self.memory.used[first] + own

    def _remember(self, row, policy, awards, day, budget_key):
        if awards and not self.own:
            self.env["club.event"]._remember_extra(self.known, row, awards)

    def look_at(self, row, own=None):
        """The evaluation of one row; ``own``: what its sale has given so far, by (root, rule)."""
        self.own = own or {}
        return self._evaluate_one(row, self.setting.policy)


class Simulator:
    """Simulates one set-up. Feed it with rows in order of time, then read ``entries`` and the sums.

    :param env: of who may read the club; :param first: the day from which facts earn (those before only count).
    """

    def __init__(self, env, setting, first):
        self.env = env
        self.setting = setting
        self.policy = setting.policy
        self.first = first
        self.memory = Memory()
        self.entries = []
        self.sales = defaultdict(Decimal)
        self.purchases = defaultdict(int)
        self.active = defaultdict(list)
        self.months = defaultdict(Decimal)
        self.joined = {}
        self.times = {}
        self._number = 0
        self.counting = bool({"nth", "within_days", "frequency"} & self.policy.needs)
        self.waiting = any(rule.settles for rule in self.policy.rules)

    # -- facts ---------------------------------------------------------------------

    def feed(self, rows, times=None, tiers=None, settled=()):
        """Look at facts, in order of time.

        :param list[EventRow] rows: a fact and the facts that revise it have one ``root``.
        :param dict times: when rules looked at a fact, by its id, where that is known.
        :param dict tiers: the tier that members begin with, by member, if they climb by themselves.
        :param settled: roots of purchases whose payment is a fact of its own.
        """
        if not rows:
            return
        batch = SimulatedBatch(self.env, rows, self.setting, self.memory, times or {})
        for row in batch.rows:
            self._meet(row, (tiers or {}).get(row.member_id))
            if row.type == "tier" and not self._by_history(row):
                continue  # such facts follow from what the simulation gives
            if row.root == row.id:
                self._begin(batch, row, settled)
            elif row.root in self.memory.sales:
                self._revise(batch, row)

    def finish(self, last):
        """Hold the reviews of tiers that are due until the last day."""
        for walk in self.memory.walks.values():
            walk.advance(last)

    def _by_history(self, row):
        return self.setting.by_history and row.member_id > 0

    def _day(self, at):
        return periods.local_date(at, self.policy.tz)

    def _meet(self, row, tier):
        day = self._day(row.occurred_at)
        if row.member_id not in self.joined:
            self.joined[row.member_id] = day
        if not self._by_history(row):
            walk = self.memory.walks.get(row.member_id)
            if not walk:
                walk = self.memory.walks[row.member_id] = simulation.TierWalk(self.setting.tiers, day, tier)
            walk.advance(day)

    def _begin(self, batch, row, settled):
        payload = row.payload or {}
        sale = self.memory.sales[row.id] = Sale(row, row.occurred_at, decimal(row.amount))
        sale.counted = self._day(row.occurred_at) >= self.first
        lines = payload.get("lines") or ()
        sale.worth = {line[0]: Fraction(decimal(line[4])) for line in lines}
        self._note(sale)
        if not sale.counted:
            return
        self._turn_over(sale, sale.amount)
        self._give(batch, sale, row, row)
        if self.waiting and row.type == "purchase" and row.id not in settled and not payload.get("settled"):
            # Nobody recorded when it was paid: it counts as paid in time.
            paid = row._replace(id=self._next_id(), payload={**payload, "settled": True, "days_to_pay": 0})
            self._give(batch, sale, paid, row)
        self._climb(batch, row, sale, row.occurred_at)

    def _next_id(self):
        self._number -= 1
        return self._number - 2**40

    # -- giving --------------------------------------------------------------------

    def _give(self, batch, sale, row, record, before=None, grown=None):
        """What the rules give for ``row``; the entry is of the fact ``record``."""
        lines = (row.payload or {}).get("lines") or ()
        if lines and row.type == "purchase":
            sale.bounds[row.id] = Generation.bounds(
                {"payload": {"lines": [[*line[:5], *(line[5:7] if len(line) > 6 else (0, 0))] for line in lines]}}
            )
        own = self._own(sale)
        looked = row._replace(occurred_at=sale.at, root=sale.root.id)
        for award in batch.look_at(looked, own).awards:
            points = award.points - (before or {}).get(award.rule_id, ZERO)
            if points > 0:
                self._grant(batch, sale, row, record, award, points, grown)

    def _own(self, sale):
        own = defaultdict(Decimal)
        for gift in sale.gifts:
            own[sale.root.id, gift.rule_id] += gift.owned
        return own

    def _grant(self, batch, sale, row, record, award, points, grown):
        detail = award.detail
        if grown:
            detail = {
                line: (part * (1 - grown[line][0] / grown[line][1])).quantize(MICRO)
                for line, part in detail.items()
                if line in grown
            }
        money = award.money_digits is not None
        at = batch.dates.get(record.id, record.occurred_at)
        gift = Gift(
            award.rule_id,
            row.id,
            points,
            dict(detail),
            award.money_digits if money else self.policy.digits,
            money,
            points,
            self._day(record.occurred_at),
            self._day(at),
            None if money else self._expires_on(award.rule_id, self._day(at), self._day(sale.at)),
        )
        sale.gifts.append(gift)
        self._count_gift(sale.root.member_id, gift, points)
        self.entries.append(
            SimEntry(
                sale.root.member_id,
                gift.rule_id,
                record.id,
                at,
                "earn",
                points,
                gift.expires_on,
                money,
                gift.source,
            )
        )

    def _expires_on(self, rule_id, day, first_day):
        rule = next(rule for rule in self.policy.rules if rule.id == rule_id)
        calendar, expiry = self.policy.calendar, self.setting.expiry
        if rule.expiry_months:
            return periods.add_months(first_day, rule.expiry_months, calendar)
        if expiry.policy in ("never", "inactivity"):
            return None
        if expiry.policy == "fixed_day":
            return periods.fixed_day_expiry(day, expiry.month, expiry.day, calendar, grace_months=expiry.grace)
        return periods.expiry_date(expiry.policy, day, expiry.months, expiry.month, expiry.day, calendar)

    def _count_gift(self, member, gift, points):
        """Count what was given or taken back, for limits and budgets."""
        by_day = self.memory.earned[member, gift.rule_id]
        by_day[gift.day] = by_day.get(gift.day, ZERO) + points
        self.memory.given[gift.rule_id] = self.memory.given.get(gift.rule_id, ZERO) + points
        if self.policy.has_budget and not gift.money:
            self.memory.used[self._budget_period(gift.source)] += points

    def _budget_period(self, day):
        policy = self.policy
        return periods.period_bounds(policy.budget_period, day, policy.calendar, policy.week_start)[0]

    # -- changes -------------------------------------------------------------------

    def _revise(self, batch, row):
        sale = self.memory.sales[row.root]
        payload = row.payload or {}
        if payload.get("void"):
            self._change_amount(sale, ZERO, stands=False)
            sale.worth = {}
        else:
            self._change_amount(sale, sale.amount + decimal(row.amount))
        if not sale.counted:
            return
        if "lines" in payload and not payload.get("void"):
            self._look_again(batch, sale, row, payload)
        self._change_worth(sale, payload)
        for gift in sale.gifts:
            self._adapt(sale, gift, row)
        self._climb(batch, sale.root, sale, row.occurred_at)

    def _look_again(self, batch, sale, row, payload):
        """A sale that has grown earns for the difference; one that was paid in full, by rules that wait for that."""
        before, grown = {}, None
        if not payload.get("settled"):
            lines = [[*line[:3], line[6], line[5]] for line in payload["lines"]]
            looked = row._replace(occurred_at=sale.at, payload={**payload, "lines": lines})
            before = {award.rule_id: award.points for award in batch.look_at(looked, self._own(sale)).awards}
            grown = {
                line[0]: (decimal(line[5]), decimal(line[4]))
                for line in payload["lines"]
                if decimal(line[4]) > decimal(line[5])
            }
        self._give(batch, sale, row, row, before, grown)

    def _change_worth(self, sale, payload):
        """What each line is worth now. Facts from before this was recorded tell only the whole."""
        if "left" in payload:
            sale.worth = {int(line): Fraction(worth) for line, worth in payload["left"].items()}
        elif "lines" in payload:
            sale.worth = {line[0]: Fraction(decimal(line[4])) for line in payload["lines"]}
        elif sale.worth and "worth" in payload:
            rate = decimal((sale.root.payload or {}).get("rate", 1))
            whole = sum(sale.worth.values(), Fraction(0)) * Fraction(rate)
            part = purchase.ratio(decimal(payload["worth"]), Decimal(1)) if whole <= 0 else None
            factor = part if part is not None else Fraction(decimal(payload["worth"])) / whole
            sale.worth = {line: worth * factor for line, worth in sale.worth.items()}

    def _adapt(self, sale, gift, row):
        """Take back, or restore, in proportion to what the rule counted line by line."""
        share = purchase.proportion(gift.basis, sale.shares(gift)) if sale.stands else purchase.NOTHING
        target = purchase.part_of(gift.award, share, gift.digits)
        if target == gift.owned:
            return
        change = target - gift.owned
        gift.owned = target
        self._count_gift(sale.root.member_id, gift, change)
        self.entries.append(
            SimEntry(
                sale.root.member_id,
                gift.rule_id,
                sale.root.id,
                row.occurred_at,
                "reverse",
                change,
                gift.expires_on,
                gift.money,
                gift.source,
            )
        )

    # -- counting ------------------------------------------------------------------

    def _note(self, sale):
        """Let later facts know of this one."""
        row = sale.root
        if row.type == "purchase" and sale.amount <= 0:
            sale.stands = False
        key = (row.member_id, row.type)
        if self.counting and sale.stands:
            self._insert_fact(key, sale)
        if row.type == "purchase" and "first_in_category" in self.policy.needs:
            self._note_categories(sale)
        if row.type in BUYING and sale.stands and sale.counted:
            self.purchases[row.member_id] += 1
        self.active[row.member_id].append(self._day(row.occurred_at))

    def _insert_fact(self, key, sale):
        facts, days = self.memory.facts.setdefault(key, []), self.memory.days.setdefault(key, [])
        fact = Fact(sale.at, sale.root.id, True)
        place = bisect_left(facts, fact)
        facts.insert(place, fact)
        days.insert(place, self._day(sale.at))

    def _note_categories(self, sale):
        lines = (sale.root.payload or {}).get("lines") or ()
        for category in {line[2] for line in lines if line[2]}:
            for one in self._ancestors.get(category, frozenset((category,))):
                roots = self.memory.bought[sale.root.member_id][one]
                roots.add(sale.root.id) if sale.stands else roots.discard(sale.root.id)

    @property
    def _ancestors(self):
        if "_ancestors" not in self.memory.replay:
            self.memory.replay["_ancestors"] = {
                category: frozenset(int(part) for part in path.split("/") if part)
                for category, path in self.env(su=True).execute_query(
                    # SQL as in the batch: few rows, of which the ORM would read one by one.
                    SQL("SELECT id, parent_path FROM product_category")
                )
            }
        return self.memory.replay["_ancestors"]

    def _change_amount(self, sale, amount, stands=True):
        change = amount - sale.amount
        sale.amount = amount
        stood, row = sale.stands, sale.root
        sale.stands = stands and (row.type != "purchase" or amount > 0)
        if sale.counted:
            self._turn_over(sale, change)
        if stood == sale.stands:
            return
        if sale.counted and row.type in BUYING:
            self.purchases[row.member_id] += 1 if sale.stands else -1
        key = (row.member_id, row.type)
        if self.counting:
            if sale.stands:
                self._insert_fact(key, sale)
            else:
                place = self.memory.facts[key].index(Fact(sale.at, row.id, True))
                del self.memory.facts[key][place], self.memory.days[key][place]
        if row.type == "purchase" and "first_in_category" in self.policy.needs:
            self._note_categories(sale)

    def _turn_over(self, sale, change):
        """Sales: of the member, of the month in which it was sold, and of the budget's period."""
        if sale.root.type != "purchase" or not change:
            return
        day = self._day(sale.at)
        self.sales[sale.root.member_id] += change
        self.months[periods.period_bounds("month", day, self.policy.calendar, self.policy.week_start)[0]] += change
        if self.policy.budget_share:
            self.memory.turnover[self._budget_period(day)] += change

    # -- tiers -----------------------------------------------------------------------

    def _climb(self, batch, row, sale, at):
        """Let the member rise by what the sale has just changed, and earn for that."""
        walk = self.memory.walks.get(row.member_id)
        if walk is None or self._by_history(row):
            return
        measure = self._measure(sale)
        counted = self.memory.replay.setdefault("measures", {})
        change = measure - counted.get(row.id, ZERO)
        if not change:
            return
        counted[row.id] = measure
        risen = walk.add(self._day(sale.at), change, self._day(at))
        if risen:
            number = self._next_id()
            fact = EventRow(
                number, row.member_id, row.club_id, "tier", at, 0.0, "", None, None, number, {"tier_id": risen}
            )
            self._begin(batch, fact, ())

    def _measure(self, sale):
        """What a sale counts towards the next tier."""
        basis = self.setting.basis
        if basis == "points":
            return sum((gift.owned for gift in sale.gifts if not gift.money), ZERO)
        if sale.root.type not in BUYING:
            return ZERO
        return sale.amount if basis == "amount" else ONE if sale.amount > 0 else ZERO
