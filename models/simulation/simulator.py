"""Runs a set-up of rules over facts, one after another as they became known, and writes nothing.

The points are those of the engine by which real rules earn; what the ledger would remember (limits, budgets, counts,
what was bought before, tiers) stands in memory. A fact that takes back a part of a purchase takes back its part of
what the purchase earned, line by line, as a settlement does. So where the same rules ran for real on the same facts,
the entries are the ledger's.

What cannot be known: who paid when, if nobody recorded it (it counts as paid in time), what was overdue at the time
(nothing), segments and groups of the time (those of today), and what people would have done instead.
"""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from odoo.addons.customer_club.engine import periods, purchase, simulation

from ..earning.event_batch import EventRow, decimal
from ..earning.sale_history import Generation
from .bookkeeping import Bookkeeping
from .memory import Memory, SimulatedBatch
from .values import BUYING, ONE, ZERO, Gift, Sale, SimEntry

MICRO = Decimal("0.000001")


class Simulator(Bookkeeping):
    """Simulates one set-up. Feed it with rows in order of time, then read ``entries`` and the sums.

    :param env: of who may read the club; :param first: the day from which facts earn (those before only count).
    :param goods: rewards that members got, as :meth:`club.club._read_goods_by_day` has them, for a share budget.
    """

    def __init__(self, env, setting, first, goods=()):
        self.env = env
        self.setting = setting
        self.policy = setting.policy
        self.first = first
        self.memory = Memory(goods=goods)
        self.entries = []
        self.sales = defaultdict(Decimal)
        self.purchases = defaultdict(int)
        self.active = defaultdict(list)
        self.months = defaultdict(Decimal)
        self.joined = {}
        self.times = {}
        self.stopped = set()
        self._number = 0
        self.counting = bool({"nth", "within_days", "frequency"} & self.policy.needs)
        self.waiting = any(rule.settles for rule in self.policy.rules)

    # -- facts ---------------------------------------------------------------------

    def feed(self, rows, times=None, tiers=None, settled=(), untaxed=None):
        """Look at facts, in order of time.

        :param list[EventRow] rows: a fact and the facts that revise it have one ``root``.
        :param dict times: when rules looked at a fact, by its id, where that is known.
        :param dict tiers: the tier that members begin with, by member, if they climb by themselves.
        :param settled: roots of purchases whose payment is a fact of its own.
        :param dict untaxed: the share of a purchase that is no tax, by its id, where it is not all of it.
        """
        if not rows:
            return
        batch = SimulatedBatch(self.env, rows, self.setting, self.memory, times or {})
        for row in batch.rows:
            self._meet(row, (tiers or {}).get(row.member_id))
            if row.type == "tier" and not self._by_history(row):
                continue  # such facts follow from what the simulation gives
            if row.root == row.id:
                self._begin(batch, row, settled, (untaxed or {}).get(row.id, ONE))
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

    def _begin(self, batch, row, settled, untaxed=ONE):
        payload = row.payload or {}
        sale = self.memory.sales[row.id] = Sale(row, row.occurred_at, decimal(row.amount), untaxed=untaxed)
        sale.counted = self._day(row.occurred_at) >= self.first
        lines = payload.get("lines") or ()
        sale.worth = {line[0]: Fraction(decimal(line[4])) for line in lines}
        self._note(sale)
        if not sale.counted:
            return
        self._turn_over(sale, ZERO)
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
        found = batch.look_at(looked, own, row.occurred_at)
        self._note_stop(found, row)
        for award in found.awards:
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
        self._count_gift(sale.root.member_id, gift, points, gift.source)
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
            before = {
                award.rule_id: award.points for award in batch.look_at(looked, self._own(sale), row.occurred_at).awards
            }
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
        self._count_gift(sale.root.member_id, gift, change, self._day(row.occurred_at))
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
