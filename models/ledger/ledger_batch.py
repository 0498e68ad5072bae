"""One batch of ledger movements: what ``club.point.entry._post`` does, step by step.

A batch locks the cards, answers what was posted before, lets :class:`~customer_club.engine.lots.Book` decide which
lots pay, and stores entries, lots, allocations and balances. The number of SQL statements does not depend on the
number of movements. It writes SQL because the ORM cannot insert ``ON CONFLICT DO NOTHING``, and because one insert of
many rows through it costs a hundred times as much. Odoo reads ``numeric`` as float: every number read passes through
:func:`~customer_club.engine.lots.to_decimal`, which gives back the decimal that was stored.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from odoo import fields
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.tools import SQL

ZERO = Decimal(0)
# Lots made in this batch are newer than any lot in the database, whose order is its id.
NEWEST = 2**40
CREDIT, DEBIT, OPEN, CLOSE, GIVE_BACK = "credit", "debit", "open", "close", "give_back"

# Column, SQL type and the attribute of a Movement, in the order in which entries are inserted.
ENTRY_COLUMNS = (
    ("member_id", "int"),
    ("card_id", "int"),
    ("club_id", "int"),
    ("company_id", "int"),
    ("kind", "text"),
    ("points", "numeric"),
    ("available", "numeric"),
    ("date", "timestamp"),
    ("available_on", "date"),
    ("expires_on", "date"),
    ("key", "text"),
    ("event_id", "int"),
    ("rule_id", "int"),
    ("origin_model", "text"),
    ("origin_id", "int"),
    ("reverses_id", "int"),
    ("root_id", "int"),
    ("happened", "bool"),
    ("user_id", "int"),
    ("note", "text"),
    ("detail", "jsonb"),
)
# What must agree when a key comes a second time. Dates and words may differ: they tell when and how it was sent.
SAME_CONTENT = ("kind", "event_id", "rule_id", "origin_model", "origin_id", "reverses_id")
# Kinds that bring new points or use them: in the club's decimals. The others move what is there to the last hundredth,
# whatever decimals the club counted with when it came in.
COUNTED = frozenset({"earn", "spend", "adjust", "opening"})
MOST_DIGITS = 2


class NotEnoughPoints(UserError):
    """A spend asked for more points than the member can spend."""


@dataclass(slots=True)
class Account:
    """A member's locked card, with the policy of its club."""

    member_id: int
    card_id: int
    club_id: int
    company_id: int
    balance: Decimal
    digits: int
    expiry: tuple
    calendar: str
    tz: str
    has_milestones: bool


@dataclass(slots=True)
class Movement:
    """One entry in the making.

    ``stay``: on the card of the member that it names, even where that one was merged into another since.
    """

    member_id: int
    kind: str
    key: str
    points: Decimal
    op: str
    date: datetime
    card_id: int = 0
    club_id: int = 0
    company_id: int = 0
    available: Decimal = ZERO
    amount: Decimal = ZERO
    pending: bool = False
    available_on: date | None = None
    expires_on: date | None = None
    event_id: int | None = None
    rule_id: int | None = None
    origin_model: str | None = None
    origin_id: int | None = None
    reverses_id: int | None = None
    root_id: int | None = None
    happened: bool = False
    user_id: int | None = None
    note: str | None = None
    detail: str | None = None
    lots: tuple = ()
    only: bool = False
    undo: tuple = ()
    undo_entry: int | None = None
    stay: bool = False
    asked_id: int = 0
    order: int = 0
    entry_id: int | None = None
    parts: list = field(default_factory=list)


class LedgerBatch:
    """Posts one list of movements. Made and run by ``club.point.entry._post`` only."""

    def __init__(self, entry_model, movements):
        """:param entry_model: ``club.point.entry``; :param movements: :class:`Movement` in posting order."""
        self.model = entry_model
        self.env = entry_model.env
        self.movements = movements
        # By (member asked for, whether to stay on its card), and by card.
        self.accounts = {}
        self.cards = {}
        # By lot: the entry that issued its points and the day on which they may open; how often it was taken from.
        self.issues = {}
        self.taken_times = {}
        self.today = {}
        # By card: what the batch does to its balance.
        self.changes = defaultdict(Decimal)

    def run(self):
        """Post everything; return the entry ids in the order of the movements.

        :raises NotEnoughPoints: a spend exceeds what is available.
        :raises UserError: a key was used before with other content, or a value is impossible.
        """
        self._flush()
        unique = self._without_repeats()
        self._lock_accounts(unique)
        for position, movement in enumerate(unique):
            movement.order = NEWEST + position
            self._resolve(movement)
        if all(m.op == CREDIT for m in unique) and all(a.balance >= 0 for a in self.cards.values()):
            self._post_credits(unique)
        else:
            self._post_planned(unique)
        self._invalidate()
        return [movement.entry_id for movement in self.movements]

    # -- preparing ----------------------------------------------------------

    def _flush(self):
        """Raw SQL reads these tables: what the ORM still holds back goes first, but no foreign balance."""
        self.env["loyalty.card"]._club_restore()
        for name in ("club.club", "club.member", "loyalty.card", "club.event", "club.earn.rule"):
            self.env[name].flush_model()

    def _without_repeats(self):
        """The same key twice in one list is one movement; ``entry_id`` of the second follows in ``_share_ids``."""
        first = {}
        for movement in self.movements:
            twin = first.setdefault(movement.key, movement)
            if twin is not movement and any(
                getattr(twin, name) != getattr(movement, name)
                for name in ("member_id", "points", "amount", *SAME_CONTENT)
            ):
                raise self._conflict(movement)
        return list(first.values())

    def _lock_accounts(self, movements):
        """Lock the cards in id order and read balances and policies: one statement.

        NO KEY UPDATE, because plain FOR UPDATE would block whatever merely refers to the card. A card changed since
        our snapshot raises a serialization error, which Odoo retries. A merged member's points belong to the member
        it became; only what returns to a lot of the old card is posted there first (see ``_forward``).

        The LATERAL look-ups keep the order of locking, and the planner from joining whole tables with each other where
        its statistics are from before a large import (seen: minutes instead of milliseconds).
        """
        wanted = {(movement.member_id, False) for movement in movements}
        wanted |= {(movement.member_id, True) for movement in movements if movement.stay}
        wanted = sorted(wanted)
        rows = self.env.execute_query(
            SQL(
                """
            SELECT wanted.id, wanted.stay, wanted.member_id, wanted.card_id, wanted.club_id, club.*, card.points
              FROM (
                   SELECT asked.id, asked.stay, m.id AS member_id, m.card_id, m.club_id
                     FROM unnest(%s::int[], %s::bool[]) AS asked(id, stay)
                    CROSS JOIN LATERAL (
                          SELECT COALESCE(merged_into_id, id) AS id FROM club_member WHERE id = asked.id LIMIT 1
                    ) became
                    CROSS JOIN LATERAL (
                          SELECT id, card_id, club_id FROM club_member
                           WHERE id = CASE WHEN asked.stay THEN asked.id ELSE became.id END LIMIT 1
                    ) m
                    ORDER BY m.card_id
              ) wanted
             CROSS JOIN LATERAL (
                   SELECT company_id, points_digits, expiry_policy, COALESCE(expiry_months, 0),
                          COALESCE(expiry_month, 0), COALESCE(expiry_day, 0), COALESCE(expiry_grace_months, 0),
                          calendar, tz,
                          EXISTS (
                              SELECT FROM loyalty_mail mail
                               WHERE mail.program_id = club_club.program_id AND mail.trigger = 'points_reach')
                     FROM club_club WHERE id = wanted.club_id LIMIT 1
             ) club
             CROSS JOIN LATERAL (SELECT points FROM loyalty_card WHERE id = wanted.card_id FOR NO KEY UPDATE) card
            """,
                [member for member, _stay in wanted],
                [stay for _member, stay in wanted],
            )
        )
        for asked, stay, member, card, club, company, digits, policy, months, month, day, grace, *rest, points in rows:
            self.accounts[asked, stay] = self.cards[card] = Account(
                member,
                card,
                club,
                company,
                engine_lots.to_decimal(round(points or 0.0, 2)),
                digits,
                (policy, months, month, day, grace),
                *rest,
            )
        missing = {member for member, _stay in set(wanted) - set(self.accounts)}
        if missing:
            raise UserError(
                self.env._(
                    "The members %(ids)s do not exist, so no points were posted. Enrol the customers first.",
                    ids=", ".join(map(str, sorted(missing))),
                )
            )

    def _resolve(self, movement):
        account = self.accounts[movement.member_id, movement.stay]
        movement.asked_id = movement.member_id
        movement.member_id, movement.card_id = account.member_id, account.card_id
        movement.club_id, movement.company_id = account.club_id, account.company_id
        digits = account.digits if movement.kind in COUNTED else MOST_DIGITS
        try:
            movement.points = engine_lots.exact(movement.points, digits)
            movement.amount = engine_lots.exact(movement.amount, digits)
        except engine_lots.InexactPointsError as error:
            raise UserError(
                self.env._(
                    "%(points)s points cannot be posted (%(key)s): the club counts points with %(digits)s decimals. "
                    "Round them first.",
                    points=movement.points,
                    key=movement.key,
                    digits=digits,
                )
            ) from error
        if movement.op == CREDIT and movement.expires_on is None:
            movement.expires_on = self._default_expiry(movement, account)
        movement.expires_on = movement.expires_on or None
        if movement.op == CREDIT:
            movement.available = ZERO if movement.pending else movement.points

    def _default_expiry(self, movement, account):
        policy, months, month, day, grace = account.expiry
        if policy in ("never", "inactivity"):
            return False
        earned_on = periods.local_date(movement.date, account.tz)
        if policy == "fixed_day":
            return periods.fixed_day_expiry(earned_on, month, day, account.calendar, grace_months=grace)
        return periods.expiry_date(policy, earned_on, months, month, day, account.calendar)

    # -- posting ------------------------------------------------------------

    def _post_credits(self, movements):
        """The lean way, for points that only come in on cards without arrears: one statement.

        A card is written even where its balance stays as it is (pending points): whoever waits for it has counted
        limits without these points, and must start over with a new snapshot, which an unchanged row would not say.
        """
        query = SQL(
            """
            WITH ins AS (%(insert)s),
            lot AS (
                INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state,
                available_on, expires_on)
                SELECT id, id, member_id, card_id, club_id, points, points,
                       CASE WHEN available = 0 THEN 'pending' ELSE 'open' END, available_on, expires_on
                  FROM ins
                 ORDER BY id
            ), card AS (
                UPDATE loyalty_card card
                   SET points = round(card.points::numeric + change.available, 2)
                  FROM (SELECT card_id, SUM(available) AS available FROM ins GROUP BY card_id) change
                 WHERE card.id = change.card_id
            )
            SELECT key, id FROM ins
            """,
            insert=self._insert_entries_sql(
                movements,
                "key, id, member_id, card_id, club_id, points, available, available_on, expires_on",
            ),
        )
        posted = dict(self.env.execute_query(query))
        for movement in movements:
            if movement.key in posted:
                self.changes[movement.card_id] += movement.available
        self._take_ids(movements, posted)

    def _post_planned(self, movements):
        """The general way: read the lots, let the engine decide, store what it decided."""
        known = self._read_existing([movement.key for movement in movements])
        new = [movement for movement in movements if movement.key not in known]
        if new:
            book = self._load_book(new)
            extra = self._plan(book, new)
            posted = dict(self.env.execute_query(SQL("%s", self._insert_entries_sql(new + extra))))
            for movement in new + extra:
                movement.entry_id = posted[movement.key]
            self._store_lots(book, new + extra)
        self._take_ids(movements, {m.key: m.entry_id for m in new}, known)

    def _plan(self, book, movements):
        """Apply the movements to the book; return the movements that they entail.

        Points whose last day has passed expire before anything is taken, though the night's job has not run yet:
        what has expired can neither be spent nor pay for a return. Points given back to an expired lot expire again.
        """
        extra = []
        held = self._held(book, movements)
        for movement in movements:
            card = movement.card_id
            extra += self._expire_due(book, movement)
            if movement.op == CREDIT:
                outcome = book.credit(
                    movement.key,
                    card,
                    movement.points,
                    pending=movement.pending,
                    expires_on=movement.expires_on,
                    order=movement.order,
                )
            elif movement.op == OPEN:
                outcome = self._plan_open(book, movement)
            elif movement.op == CLOSE:
                outcome = self._plan_close(book, movement)
            elif movement.op == GIVE_BACK:
                parts, vanished = engine_lots.give_back_plan(
                    movement.undo, book.unpaid(card, movement.undo_entry), movement.points
                )
                outcome = book.give_back(card, parts, vanished, movement.undo_entry)
                extra += [
                    self._expire(movement, lot, points, book, f"{movement.key}:expire,{lot}")
                    for lot, points in outcome.expired
                ]
                extra += self._forward(book, movement, parts)
            else:
                outcome = self._plan_debit(
                    book, movement, held.get((card, movement.origin_model, movement.origin_id), ZERO)
                )
            movement.available = outcome.available
            movement.parts = outcome.parts
        return extra

    def _plan_debit(self, book, movement, reserved):
        try:
            return book.debit(
                movement.card_id,
                -movement.points,
                first=movement.lots,
                only=movement.only,
                happened=movement.happened,
                reserved=ZERO if movement.kind in ("expire", "reverse") else reserved,
                entry=movement.key,
            )
        except engine_lots.NotEnoughPointsError as error:
            member = self.env["club.member"].sudo().browse(movement.member_id)
            raise NotEnoughPoints(
                self.env._(
                    "%(member)s can spend %(available)s points now, not %(asked)s. Nothing was taken. Use fewer "
                    "points, or wait until pending points open.",
                    member=member.partner_id.display_name,
                    available=error.available,
                    asked=error.asked,
                )
            ) from error

    def _plan_open(self, book, movement):
        """Pending points become spendable: they leave their lot and come in again as an open one."""
        taken = book.debit(movement.card_id, movement.amount, first=movement.lots, only=True)
        source = book.lot(movement.lots[0])
        movement.expires_on = source.expires_on
        outcome = book.credit(
            movement.key,
            movement.card_id,
            movement.amount,
            expires_on=source.expires_on,
            order=movement.order,
        )
        outcome.parts = taken.parts + outcome.parts
        return outcome

    def _plan_close(self, book, movement):
        """Undo an opening: the points leave the open lots and wait again, in a pending lot of their own."""
        outcome = book.debit(movement.card_id, movement.amount, first=movement.lots, happened=True, entry=movement.key)
        book.credit(
            movement.key,
            movement.card_id,
            movement.amount,
            pending=True,
            expires_on=movement.expires_on,
            order=movement.order,
        )
        return outcome

    def _expire_due(self, book, movement):
        """Expire what is due on the card before ``movement`` takes from its lots; its own named lots stay for it."""
        if movement.op not in (DEBIT, CLOSE) or movement.only or movement.kind == "expire":
            return []
        now = fields.Datetime.now()
        day = periods.local_date(min(movement.date, now) if movement.happened else now, self.cards[movement.card_id].tz)
        due = book.due(movement.card_id, day, movement.lots)
        if not due:
            return []
        return [
            self._expire(
                movement, lot.id, lot.remaining, book, f"lot,{lot.id}:expire,{self.taken_times.get(lot.id, 0)}"
            )
            for lot in due
        ]

    def _expire(self, movement, lot_id, points, book, key):
        """An expiry that ``movement`` entails, applied to the book."""
        expiry = self._entailed(movement, "expire", -points, key)
        outcome = book.debit(expiry.card_id, points, first=(lot_id,), only=True)
        expiry.available, expiry.parts = outcome.available, outcome.parts
        return expiry

    def _forward(self, book, movement, parts):
        """What returned to lots of a merged member's card moves on to the member it became, lot by lot."""
        owner = self.accounts[movement.asked_id, False]
        if owner.card_id == movement.card_id:
            return []
        moves = []
        for lot in [book.lot(part.lot) for part in parts]:
            points = lot.remaining
            if not points:
                continue
            key = f"{movement.key}:forward,{lot.id}"
            out = self._entailed(movement, "transfer", -points, key)
            outcome = book.debit(out.card_id, points, first=(lot.id,), only=True)
            out.available, out.parts = outcome.available, outcome.parts
            arrival = self._entailed(movement, "transfer", points, f"{key}:lot,{lot.id}")
            arrival.op, arrival.pending, arrival.expires_on = CREDIT, lot.pending, lot.expires_on
            arrival.root_id, arrival.available_on = self.issues[lot.id]
            arrival.member_id, arrival.card_id = owner.member_id, owner.card_id
            outcome = book.credit(
                arrival.key,
                owner.card_id,
                points,
                pending=lot.pending,
                expires_on=lot.expires_on,
                order=movement.order,
            )
            arrival.available, arrival.parts = outcome.available, outcome.parts
            moves += [out, arrival]
        return moves

    def _entailed(self, movement, kind, points, key):
        return Movement(
            movement.member_id,
            kind,
            key,
            points,
            DEBIT,
            movement.date,
            card_id=movement.card_id,
            club_id=movement.club_id,
            company_id=movement.company_id,
            user_id=movement.user_id,
            happened=True,
        )

    def _held(self, book, movements):
        """Points that others' unfinished payments hold, per card and asking document.

        What has expired is held too, but expires before a spend anyway, so it does not count twice.
        """
        spends = [m for m in movements if m.op == DEBIT and not m.happened and m.kind not in ("expire", "reverse")]
        if not spends:
            return {}
        held = self.model._get_held_points({(m.card_id, m.origin_model, m.origin_id) for m in spends})
        return {
            triple: max(points - sum((lot.remaining for lot in book.due(triple[0], self.today[triple[0]])), ZERO), ZERO)
            for triple, points in held.items()
        }

    # -- reading ------------------------------------------------------------

    def _load_book(self, movements):
        """Read what the plan needs: live lots, named closed lots, how often lots were taken from, arrears."""
        cards = sorted({movement.card_id for movement in movements})
        named = sorted({lot for m in movements for lot in (*m.lots, *(lot for lot, _points in m.undo))})
        now = fields.Datetime.now()
        self.today = {card: periods.local_date(now, account.tz) for card, account in self.cards.items()}
        book = engine_lots.Book(self.today)
        for lot_id, card, remaining, pending, expires_on, available_on, root in self.env.execute_query(
            SQL(
                """
            SELECT lot.id, lot.card_id, lot.remaining, entry.available <= 0, lot.expires_on,
                   lot.available_on, COALESCE(entry.root_id, entry.id)
              FROM club_point_lot lot
             CROSS JOIN LATERAL (
                   SELECT id, available, root_id FROM club_point_entry WHERE id = lot.entry_id LIMIT 1
             ) entry
             WHERE lot.card_id = ANY(%(cards)s) AND lot.state <> 'closed'
             UNION ALL
            SELECT lot.id, lot.card_id, lot.remaining, entry.available <= 0, lot.expires_on,
                   lot.available_on, COALESCE(entry.root_id, entry.id)
              FROM club_point_lot lot
             CROSS JOIN LATERAL (
                   SELECT id, available, root_id FROM club_point_entry WHERE id = lot.entry_id LIMIT 1
             ) entry
             WHERE lot.id = ANY(%(named)s) AND lot.state = 'closed' AND lot.card_id = ANY(%(cards)s)
            """,
                cards=cards,
                named=named,
            )
        ):
            book.add_lot(
                engine_lots.Lot(lot_id, card, engine_lots.to_decimal(remaining), pending, expires_on, order=lot_id)
            )
            self.issues[lot_id] = (root, available_on)
        self.taken_times = self._count_taken([lot.id for card in cards for lot in book.due(card, self.today[card])])
        in_debt = [card for card in cards if self.cards[card].balance < 0]
        if in_debt:
            for card, entry, unpaid in self.env.execute_query(self.model._unpaid_sql(in_debt)):
                book.add_arrears(card, entry, engine_lots.to_decimal(unpaid))
        return book

    def _count_taken(self, lot_ids):
        """How many allocations each lot has: the generation of its expiry's key."""
        if not lot_ids:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT lot_id, COUNT(*) FROM club_point_allocation WHERE lot_id = ANY(%s) GROUP BY lot_id",
                    lot_ids,
                )
            )
        )

    def _read_existing(self, keys):
        """Entries that carry one of ``keys`` already, by key; their member is the one that it has become by now."""
        names = ("id", "key", "points", "available", *SAME_CONTENT)
        rows = self.env.execute_query(
            SQL(
                """
            SELECT %s, COALESCE(m.merged_into_id, m.id)
              FROM club_point_entry e JOIN club_member m ON m.id = e.member_id
             WHERE e.key = ANY(%s)
            """,
                SQL(", ").join(SQL.identifier("e", name) for name in names),
                keys,
            )
        )
        names = (*names, "owner_id")
        return {row[1]: dict(zip(names, row, strict=True)) for row in rows}

    def _take_ids(self, movements, posted, known=None):
        """Give every movement its entry id; what was not posted now must be the same movement posted before."""
        absent = [movement.key for movement in movements if movement.key not in posted]
        if absent:
            known = known if known is not None else self._read_existing(absent)
            for movement in movements:
                if movement.key in posted:
                    continue
                earlier = known[movement.key]
                if not self._same(movement, earlier):
                    raise self._conflict(movement)
                posted[movement.key] = earlier["id"]
        for movement in self.movements:
            movement.entry_id = posted[movement.key]

    def _same(self, movement, earlier):
        amount_agrees = (
            movement.amount == engine_lots.to_decimal(abs(earlier["available"]))
            if movement.op in (OPEN, CLOSE)
            else movement.points == engine_lots.to_decimal(earlier["points"])
        )
        owner = self.accounts[movement.asked_id, False].member_id
        return (
            amount_agrees
            and owner == earlier["owner_id"]
            and all((getattr(movement, name) or None) == (earlier[name] or None) for name in SAME_CONTENT)
        )

    def _conflict(self, movement):
        return UserError(
            self.env._(
                "The key %(key)s names a movement of points that was posted before with other content. Nothing was "
                "posted. "
                "Send the first content again, or use a new key for a new movement.",
                key=movement.key,
            )
        )

    # -- storing ------------------------------------------------------------

    def _insert_entries_sql(self, movements, returning="key, id"):
        """Insert the entries in order. A key that exists makes no row; a racing one raises a serialization error."""
        columns = [[getattr(movement, name) for movement in movements] for name, _type in ENTRY_COLUMNS]
        return SQL(
            """
            INSERT INTO club_point_entry (%(names)s)
            SELECT %(names)s
              FROM unnest(%(values)s) WITH ORDINALITY AS v(%(names)s, ord)
             ORDER BY ord
                ON CONFLICT (key) DO NOTHING
            RETURNING %(returning)s
            """,
            names=SQL(", ").join(SQL.identifier(name) for name, _type in ENTRY_COLUMNS),
            values=SQL(", ").join(
                SQL("%s::" + sql_type + "[]", column)
                for (_name, sql_type), column in zip(ENTRY_COLUMNS, columns, strict=True)
            ),
            returning=SQL(returning),
        )

    def _store_lots(self, book, movements):
        """Store new lots, allocations, what is left of touched lots, and balances: four statements."""
        # A lot has the id of the entry that made it, so that lots can be rebuilt from entries and allocations.
        made = [m for m in movements if m.op in (CREDIT, OPEN, CLOSE)]
        ids = {m.key: m.entry_id for m in made}
        if made:
            rows = [
                (
                    m.entry_id,
                    m.entry_id,
                    m.member_id,
                    m.card_id,
                    m.club_id,
                    m.points if m.op == CREDIT else m.amount,
                    lot.remaining,
                    self._state(lot),
                    m.available_on,
                    m.expires_on,
                )
                for m in made
                for lot in [book.lot(m.key)]
            ]
            self.env.execute_query(
                SQL(
                    """
                INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state,
                available_on, expires_on)
                SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::numeric[],
                  %s::numeric[], %s::text[], %s::date[], %s::date[])
                RETURNING id
                """,
                    *(list(column) for column in zip(*rows, strict=True)),
                )
            )
        keys = {m.key: m.entry_id for m in movements}
        allocations = [
            (ids.get(part.lot, part.lot), keys.get(part.entry, part.entry) or m.entry_id, part.points)
            for m in movements
            for part in m.parts
        ]
        if allocations:
            self.env.execute_query(
                SQL(
                    """
                INSERT INTO club_point_allocation (lot_id, entry_id, points)
                SELECT * FROM unnest(%s::int[], %s::int[], %s::numeric[]) RETURNING id
                """,
                    *(list(column) for column in zip(*allocations, strict=True)),
                )
            )
        touched = sorted({part.lot for m in movements for part in m.parts if part.lot not in ids})
        if touched:
            left = [book.lot(lot_id) for lot_id in touched]
            self.env.execute_query(
                SQL(
                    """
                UPDATE club_point_lot lot SET remaining = v.remaining, state = v.state
                  FROM unnest(%s::int[], %s::numeric[], %s::text[]) AS v(id, remaining, state)
                 WHERE lot.id = v.id RETURNING lot.id
                """,
                    touched,
                    [lot.remaining for lot in left],
                    [self._state(lot) for lot in left],
                )
            )
        for movement in movements:
            self.changes[movement.card_id] += movement.available
        changes = self.changes  # of every card, those whose balance stays too: see _post_credits
        if changes:
            self.env.execute_query(
                SQL(
                    """
                UPDATE loyalty_card card SET points = round(card.points::numeric + v.change, 2)
                  FROM unnest(%s::int[], %s::numeric[]) AS v(id, change)
                 WHERE card.id = v.id RETURNING card.id
                """,
                    list(changes),
                    list(changes.values()),
                )
            )

    def _state(self, lot):
        return "closed" if not lot.remaining else "pending" if lot.pending else "open"

    def _invalidate(self):
        """Bring what the ORM cached of the balances up to date, and send Odoo's mails for milestones reached."""
        cards = self.cards
        records = self.env["loyalty.card"].sudo().browse(cards)
        records.invalidate_recordset(["points", "points_display"], flush=False)
        if len(records) == 1:  # the sale of a moment: its new balance is known, and asked for next
            balance = cards[records.id].balance + self.changes[records.id]
            records._fields["points"]._update_cache(records, float(balance))
        self.env["club.point.lot"].invalidate_model(["remaining", "state"], flush=False)
        self.env["club.member"].browse({a.member_id for a in cards.values()}).invalidate_recordset(
            ["points", "points_pending", "points_expiring", "points_expiring_on", "entry_ids", "lot_ids"],
            flush=False,
        )
        milestones = records.filtered(lambda card: cards[card.id].has_milestones)
        if milestones:
            milestones._send_points_reach_communication(
                {card: {"old": float(cards[card.id].balance), "new": card.points} for card in milestones}
            )
