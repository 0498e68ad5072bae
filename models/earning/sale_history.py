"""What was recorded and posted for sales before: their generations and what rules gave to them.

A *generation* is one life of a sale in one club, from confirmation to cancellation. A *group* is what one rule gave
for one event of it: ``award`` points on the ``basis`` of some lines. An event says for each line from which worth up to
which it counted; what is worth less now takes its part of the award back, last counted first.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from odoo.addons.customer_club.engine import purchase
from odoo.tools import SQL

from .event_batch import decimal

ZERO = Decimal(0)


@dataclass(slots=True)
class Entry:
    """An entry as far as a settlement needs it. ``left`` was not reversed yet, ``pending`` is not spendable yet,
    ``waiting`` of that waits for the end of a hold, ``expired`` is gone for good; ``expires_on``: from when."""

    id: int
    key: str
    points: Decimal
    available: Decimal = ZERO
    reverses: int | None = None
    left: Decimal = ZERO
    pending: Decimal = ZERO
    waiting: Decimal = ZERO
    expired: Decimal = ZERO
    expires_on: date | None = None
    reversals: int = 0


@dataclass(slots=True)
class Group:
    """What one rule gave for one event; ``by_date``: the ledger's own night job opens it."""

    rule_id: int
    event_id: int
    award: Decimal = ZERO
    basis: dict[int, Decimal] = field(default_factory=dict)
    digits: int | None = None  #: decimals of the money that the rule gave instead of points
    by_date: bool = False
    owned: Decimal = ZERO
    available: Decimal = ZERO
    earned: list[Entry] = field(default_factory=list)
    taken: list[Entry] = field(default_factory=list)
    opened: list[Entry] = field(default_factory=list)

    @property
    def gone(self):
        """Points that have expired."""
        return sum((entry.expired for entry in self.earned), ZERO)

    @property
    def waiting(self):
        return sum((entry.waiting for entry in self.earned), ZERO)

    def add(self, kind, entry, row):
        """Take in an entry of the ledger, oldest first."""
        self.owned += entry.points
        self.available += entry.available
        if kind == "earn":
            detail = row["detail"] or {}
            self.award = decimal(detail.get("award", entry.points))
            self.basis = {int(line): decimal(part) for line, part in detail.get("lines", {}).items()}
            self.digits = detail.get("digits")
            self.by_date = bool(row["available_on"])
            self.earned.append(entry)
            return
        if kind == "open":
            self.opened.append(entry)
            return
        known = {other.id: other for other in (*self.earned, *self.taken, *self.opened)}
        original = known.get(entry.reverses)
        if original:
            original.left -= entry.left
            original.reversals += 1
        if original in self.taken and original.reverses in known:
            known[original.reverses].left += entry.left  # a return that was undone
        if entry.points < 0:
            self.taken.append(entry)


@dataclass(slots=True)
class Generation:
    """One life of a sale in one club; ``root`` is the row of its first event."""

    root: dict
    events: dict[int, dict] = field(default_factory=dict)
    groups: dict[tuple[int, int], Group] = field(default_factory=dict)
    void: bool = False
    settled: bool = False

    def add_event(self, event):
        payload = event["payload"] or {}
        self.events[event["id"]] = event
        self.void = self.void or bool(payload.get("void"))
        self.settled = self.settled or bool(payload.get("settled"))

    @property
    def amount(self):
        """What the sale is worth according to its events, in company currency."""
        return sum((decimal(event["amount"]) for event in self.events.values()), ZERO)

    @property
    def given(self):
        """Points that each rule gave and that were not taken back."""
        given = defaultdict(lambda: ZERO)
        for group in self.groups.values():
            given[group.rule_id] += group.owned
        return given

    @property
    def levels(self):
        """Up to which worth (in the document's currency) and quantity each line was ever counted."""
        levels = {}
        for event in self.events.values():
            for line in (event["payload"] or {}).get("lines", ()):
                level = (decimal(line[4]), decimal(line[3]))
                levels[line[0]] = max(levels.get(line[0], level), level)
        return levels

    @staticmethod
    def bounds(event):
        """From which worth up to which an event counted each line."""
        lines = (event["payload"] or {}).get("lines", ())
        return {line[0]: (decimal(line[5]), decimal(line[4])) for line in lines}

    def shares(self, group, worth):
        """Which share of each line that a group counted stands, now that the lines are worth ``worth``.

        What grew later was counted by a later event, so it goes first.
        """
        bounds = self.bounds(self.events[group.event_id])
        if not bounds:  # a person's data was erased: what is left of the sale stands
            return {line: purchase.ONE for line, amount in worth.items() if amount > 0}
        shares = {}
        for line, (low, high) in bounds.items():
            if high > low and line in worth:
                shares[line] = purchase.ratio(worth[line] - Fraction(low), high - low)
        return shares


def read_generations(env, records):
    """Generations by (model, id) and club, oldest first. SQL because it joins six tables for many sales.

    One query for sales that were never recorded, which is what a confirmation usually meets, two for others: planning
    the joins costs more than looking.

    :rtype: dict[tuple[str, int], dict[int, list[Generation]]]
    """
    events = [event for (event,) in env.execute_query(_events_query(records))]
    sales, generations = {}, {}
    for row in env.execute_query_dict(_history_query(events)) if events else ():
        generation = generations.get(row["id"]) or generations.get(row["revises_id"])
        if not generation:
            generation = Generation(row)
            clubs = sales.setdefault((row["origin_model"], row["origin_id"]), defaultdict(list))
            clubs[row["club_id"]].append(generation)
        if row["id"] not in generations:
            generations[row["id"]] = generation
            generation.add_event(row)
        if row["entry_id"]:
            _add_entry(generation, row)
    return sales


def _add_entry(generation, row):
    points, available = decimal(row["points"]), decimal(row["available"])
    entry = Entry(
        row["entry_id"],
        row["entry_key"],
        points,
        available,
        row["reverses_id"],
        abs(points or available),
        decimal(row["pending"]),
        decimal(row["waiting"]),
        decimal(row["expired"]),
        row["expires_on"],
    )
    key = (row["rule_id"], row["id"])
    group = generation.groups.setdefault(key, Group(*key))
    group.add(row["kind"], entry, row)


def _events_query(records):
    origins = SQL(" OR ").join(
        SQL("(origin_model = %s AND origin_id = ANY(%s))", model, found.ids) for model, found in records.items()
    )
    return SQL("SELECT id FROM club_event WHERE type = 'purchase' AND (%s)", origins)


def _history_query(events):
    return SQL(
        """
        SELECT e.id, e.origin_model, e.origin_id, e.club_id, e.member_id, e.key, e.amount, e.revises_id, e.payload,
               e.occurred_at, p.id AS entry_id, p.kind, p.points, p.available, p.rule_id, p.key AS entry_key,
               p.available_on, p.expires_on, p.reverses_id, p.detail,
               (SELECT SUM(r.points) FROM club_earn_release r
                 WHERE r.entry_id = p.id AND r.done IS NOT TRUE) AS waiting,
               (SELECT SUM(lot.remaining)
                  FROM club_point_entry x JOIN club_point_lot lot ON lot.entry_id = x.id
                 WHERE (x.id = p.id OR x.root_id = p.id) AND lot.state = 'pending' AND p.kind = 'earn') AS pending,
               (SELECT SUM(a.points)
                  FROM club_point_entry x JOIN club_point_lot lot ON lot.entry_id = x.id
                  JOIN club_point_allocation a ON a.lot_id = lot.id
                  JOIN club_point_entry taker ON taker.id = a.entry_id AND taker.kind = 'expire'
                 WHERE (x.id = p.id OR x.root_id = p.id) AND p.kind = 'earn') AS expired
          FROM club_event e
     LEFT JOIN club_point_entry p ON p.event_id = e.id AND p.kind IN ('earn', 'open', 'reverse')
         WHERE e.id = ANY(%(events)s)
         ORDER BY e.id, p.id
        """,
        events=events,
    )
