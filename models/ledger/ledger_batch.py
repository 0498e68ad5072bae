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
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods

ZERO = Decimal(0)
# Lots made in this batch are newer than any lot in the database, whose order is its id.
NEWEST = 2**40
CREDIT, DEBIT, OPEN, CLOSE, GIVE_BACK = "credit", "debit", "open", "close", "give_back"

# Column, SQL type and the attribute of a Movement, in the order in which entries are inserted.
ENTRY_COLUMNS = (
    ("member_id", "int"), ("card_id", "int"), ("club_id", "int"), ("company_id", "int"), ("kind", "text"),
    ("points", "numeric"), ("available", "numeric"), ("date", "timestamp"), ("available_on", "date"),
    ("expires_on", "date"), ("key", "text"), ("event_id", "int"), ("rule_id", "int"), ("origin_model", "text"),
    ("origin_id", "int"), ("reverses_id", "int"), ("root_id", "int"), ("happened", "bool"), ("user_id", "int"),
    ("note", "text"), ("detail", "jsonb"),
)
# What must agree when a key comes a second time. Dates and words may differ: they tell when and how it was sent.
SAME_CONTENT = ("kind", "event_id", "rule_id", "origin_model", "origin_id", "reverses_id")


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
    """One entry in the making."""

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
        self.accounts = {}

    def run(self):
        """Post everything; return the entry ids in the order of the movements.

        :raises NotEnoughPoints: a spend exceeds what is available.
        :raises UserError: a key was used before with other content, or a value is impossible.
        """
        self._flush()
        unique = self._without_repeats()
        self._lock_accounts({movement.member_id for movement in unique})
        for position, movement in enumerate(unique):
            movement.order = NEWEST + position
            self._resolve(movement)
        if all(m.op == CREDIT for m in unique) and all(a.balance >= 0 for a in self.accounts.values()):
            self._post_credits(unique)
        else:
            self._post_planned(unique)
        self._invalidate()
        return [movement.entry_id for movement in self.movements]

    # -- preparing ----------------------------------------------------------

    def _flush(self):
        """Raw SQL reads and refers to these tables: what the ORM still holds back goes first, but no foreign balance."""
        self.env["loyalty.card"]._club_restore()
        for name in ("club.club", "club.member", "loyalty.card", "club.event", "club.earn.rule"):
            self.env[name].flush_model()

    def _without_repeats(self):
        """The same key twice in one list is one movement; ``entry_id`` of the second follows in ``_share_ids``."""
        first = {}
        for movement in self.movements:
            twin = first.setdefault(movement.key, movement)
            if twin is not movement and (twin.member_id, twin.kind, twin.points) != (
                movement.member_id, movement.kind, movement.points,
            ):
                raise self._conflict(movement)
        return list(first.values())

    def _lock_accounts(self, member_ids):
        """Lock the cards in id order and read balances and policies: one statement.

        NO KEY UPDATE, because plain FOR UPDATE would block whatever merely refers to the card. A card changed since
        our snapshot raises a serialization error, which Odoo retries. A merged member's points belong to the member
        it became.
        """
        rows = self.env.execute_query(SQL(
            """
            SELECT asked.id, m.id, m.card_id, m.club_id, club.company_id, card.points, club.points_digits,
                   club.expiry_policy, club.expiry_months, club.expiry_month, club.expiry_day, club.expiry_grace_months,
                   club.calendar, club.tz,
                   EXISTS (SELECT FROM loyalty_mail mail WHERE mail.program_id = card.program_id AND mail.trigger = 'points_reach')
              FROM club_member asked
              JOIN club_member m ON m.id = COALESCE(asked.merged_into_id, asked.id)
              JOIN club_club club ON club.id = m.club_id
              JOIN loyalty_card card ON card.id = m.card_id
             WHERE asked.id = ANY(%s)
             ORDER BY card.id
               FOR NO KEY UPDATE OF card
            """, sorted(member_ids),
        ))
        for asked, member, card, club, company, points, digits, policy, months, month, day, grace, calendar, tz, mail in rows:
            self.accounts[asked] = Account(
                member, card, club, company, Decimal(str(round(points or 0.0, 2))), digits,
                (policy, months, month, day, grace), calendar, tz, mail,
            )
        missing = member_ids - set(self.accounts)
        if missing:
            raise UserError(self.env._(
                "The members %(ids)s do not exist, so no points were posted. Enrol the customers first.",
                ids=", ".join(map(str, sorted(missing))),
            ))

    def _resolve(self, movement):
        account = self.accounts[movement.member_id]
        movement.member_id, movement.card_id = account.member_id, account.card_id
        movement.club_id, movement.company_id = account.club_id, account.company_id
        self.accounts.setdefault(account.member_id, account)
        try:
            movement.points = engine_lots.exact(movement.points, account.digits)
            movement.amount = engine_lots.exact(movement.amount, account.digits)
        except engine_lots.InexactPointsError as error:
            raise UserError(self.env._(
                "%(points)s points cannot be posted (%(key)s): the club counts points with %(digits)s decimals. Round them first.",
                points=movement.points, key=movement.key, digits=account.digits,
            )) from error
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
        """The lean way, for points that only come in on cards without arrears: one statement."""
        query = SQL(
            """
            WITH ins AS (%(insert)s),
            lot AS (
                INSERT INTO club_point_lot (entry_id, member_id, card_id, club_id, points, remaining, state, available_on, expires_on)
                SELECT id, member_id, card_id, club_id, points, points,
                       CASE WHEN available = 0 THEN 'pending' ELSE 'open' END, available_on, expires_on
                  FROM ins
                 ORDER BY id
            ), card AS (
                UPDATE loyalty_card card
                   SET points = round(card.points::numeric + change.available, 2)
                  FROM (SELECT card_id, SUM(available) AS available FROM ins GROUP BY card_id HAVING SUM(available) <> 0) change
                 WHERE card.id = change.card_id
            )
            SELECT key, id FROM ins
            """, insert=self._insert_entries_sql(
                movements, "key, id, member_id, card_id, club_id, points, available, available_on, expires_on",
            ),
        )
        posted = dict(self.env.execute_query(query))
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
        """Apply the movements to the book; return the expiries that give-backs to expired lots entail."""
        extra = []
        held = self._held(movements)
        for movement in movements:
            card = movement.card_id
            if movement.op == CREDIT:
                outcome = book.credit(
                    movement.key, card, movement.points, pending=movement.pending, expires_on=movement.expires_on,
                    order=movement.order,
                )
            elif movement.op == OPEN:
                outcome = self._plan_open(book, movement)
            elif movement.op == CLOSE:
                outcome = self._plan_close(book, movement)
            elif movement.op == GIVE_BACK:
                parts, vanished = engine_lots.give_back_plan(movement.undo, book.unpaid(card, movement.undo_entry), movement.points)
                outcome = book.give_back(card, parts, vanished, movement.undo_entry)
                extra += [self._expire_again(movement, lot, points, book) for lot, points in outcome.expired]
            else:
                outcome = self._plan_debit(book, movement, held.get((card, movement.origin_model, movement.origin_id), ZERO))
            movement.available = outcome.available
            movement.parts = outcome.parts
        return extra

    def _plan_debit(self, book, movement, reserved):
        try:
            return book.debit(
                movement.card_id, -movement.points, first=movement.lots, only=movement.only, happened=movement.happened,
                reserved=ZERO if movement.kind in ("expire", "reverse") else reserved, entry=movement.key,
            )
        except engine_lots.NotEnoughPointsError as error:
            member = self.env["club.member"].sudo().browse(movement.member_id)
            raise NotEnoughPoints(self.env._(
                "%(member)s can spend %(available)s points now, not %(asked)s. Nothing was taken. Use fewer points, or wait until pending points open.",
                member=member.partner_id.display_name, available=error.available, asked=error.asked,
            )) from error

    def _plan_open(self, book, movement):
        """Pending points become spendable: they leave their lot and come in again as an open one."""
        taken = book.debit(movement.card_id, movement.amount, first=movement.lots, only=True)
        source = book.lot(movement.lots[0])
        movement.expires_on = source.expires_on
        outcome = book.credit(
            movement.key, movement.card_id, movement.amount, expires_on=source.expires_on, order=movement.order,
        )
        outcome.parts = taken.parts + outcome.parts
        return outcome

    def _plan_close(self, book, movement):
        """Undo an opening: the points leave the open lots and wait in their pending lot again."""
        outcome = book.debit(movement.card_id, movement.amount, first=movement.lots, happened=True, entry=movement.key)
        back = book.give_back(movement.card_id, [engine_lots.Part(lot, points) for lot, points in movement.undo])
        outcome.parts += back.parts
        return outcome

    def _expire_again(self, movement, lot_id, points, book):
        """Points given back to a lot that has expired expire again at once, so that nothing launders an expiry."""
        again = Movement(
            movement.member_id, "expire", f"{movement.key}:expire,{lot_id}", -points, DEBIT, movement.date,
            card_id=movement.card_id, club_id=movement.club_id, company_id=movement.company_id,
        )
        outcome = book.debit(again.card_id, points, first=(lot_id,), only=True)
        again.available, again.parts = outcome.available, outcome.parts
        return again

    def _held(self, movements):
        """Points that others' unfinished payments hold, per card and asking document."""
        spends = [m for m in movements if m.op == DEBIT and not m.happened and m.kind not in ("expire", "reverse")]
        return self.model._get_held_points({(m.card_id, m.origin_model, m.origin_id) for m in spends}) if spends else {}

    # -- reading ------------------------------------------------------------

    def _load_book(self, movements):
        """Read what the plan needs: live lots, named closed lots, arrears. Two statements at the most."""
        cards = sorted({movement.card_id for movement in movements})
        named = sorted({lot for m in movements for lot in (*m.lots, *(lot for lot, _points in m.undo))})
        today = {
            a.card_id: periods.local_date(fields.Datetime.now(), a.tz) for a in self.accounts.values()
        }
        book = engine_lots.Book(today)
        for lot_id, card, remaining, state, pending, expires_on in self.env.execute_query(SQL(
            """
            SELECT lot.id, lot.card_id, lot.remaining, lot.state, entry.available = 0, lot.expires_on
              FROM club_point_lot lot
              JOIN club_point_entry entry ON entry.id = lot.entry_id
             WHERE lot.card_id = ANY(%(cards)s) AND lot.state <> 'closed'
             UNION ALL
            SELECT lot.id, lot.card_id, lot.remaining, lot.state, entry.available = 0, lot.expires_on
              FROM club_point_lot lot
              JOIN club_point_entry entry ON entry.id = lot.entry_id
             WHERE lot.id = ANY(%(named)s) AND lot.state = 'closed' AND lot.card_id = ANY(%(cards)s)
            """, cards=cards, named=named,
        )):
            book.add_lot(engine_lots.Lot(lot_id, card, engine_lots.to_decimal(remaining), pending, expires_on, order=lot_id))
        in_debt = sorted({a.card_id for a in self.accounts.values() if a.balance < 0 and a.card_id in cards})
        if in_debt:
            for card, entry, unpaid in self.env.execute_query(self.model._unpaid_sql(in_debt)):
                book.add_arrears(card, entry, engine_lots.to_decimal(unpaid))
        return book

    def _read_existing(self, keys):
        """Entries that carry one of ``keys`` already, by key."""
        columns = SQL(", ").join(SQL.identifier(name) for name in ("id", "key", "member_id", "points", "available", *SAME_CONTENT))
        rows = self.env.execute_query(SQL("SELECT %s FROM club_point_entry WHERE key = ANY(%s)", columns, keys))
        names = ("id", "key", "member_id", "points", "available", *SAME_CONTENT)
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
            movement.amount == engine_lots.to_decimal(abs(earlier["available"])) if movement.op in (OPEN, CLOSE)
            else movement.points == engine_lots.to_decimal(earlier["points"])
        )
        return amount_agrees and movement.member_id == earlier["member_id"] and all(
            (getattr(movement, name) or None) == (earlier[name] or None) for name in SAME_CONTENT
        )

    def _conflict(self, movement):
        return UserError(self.env._(
            "The key %(key)s names a movement of points that was posted before with other content. Nothing was posted. "
            "Send the first content again, or use a new key for a new movement.", key=movement.key,
        ))

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
                SQL("%s::" + sql_type + "[]", column) for (_name, sql_type), column in zip(ENTRY_COLUMNS, columns, strict=True)
            ),
            returning=SQL(returning),
        )

    def _store_lots(self, book, movements):
        """Store new lots, allocations, what is left of touched lots, and balances: four statements."""
        made = [m for m in movements if m.op in (CREDIT, OPEN)]
        ids = {}
        if made:
            rows = [
                (m.entry_id, m.member_id, m.card_id, m.club_id, m.amount if m.op == OPEN else m.points, lot.remaining,
                 self._state(lot), m.available_on, m.expires_on)
                for m in made for lot in [book.lot(m.key)]
            ]
            by_entry = dict(self.env.execute_query(SQL(
                """
                INSERT INTO club_point_lot (entry_id, member_id, card_id, club_id, points, remaining, state, available_on, expires_on)
                SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::text[], %s::date[], %s::date[])
                RETURNING entry_id, id
                """, *(list(column) for column in zip(*rows, strict=True)),
            )))
            ids = {m.key: by_entry[m.entry_id] for m in made}
        keys = {m.key: m.entry_id for m in movements}
        allocations = [
            (ids.get(part.lot, part.lot), keys.get(part.entry, part.entry) or m.entry_id, part.points)
            for m in movements for part in m.parts
        ]
        if allocations:
            self.env.execute_query(SQL(
                """
                INSERT INTO club_point_allocation (lot_id, entry_id, points)
                SELECT * FROM unnest(%s::int[], %s::int[], %s::numeric[]) RETURNING id
                """, *(list(column) for column in zip(*allocations, strict=True)),
            ))
        touched = sorted({part.lot for m in movements for part in m.parts if part.lot not in ids})
        if touched:
            left = [book.lot(lot_id) for lot_id in touched]
            self.env.execute_query(SQL(
                """
                UPDATE club_point_lot lot SET remaining = v.remaining, state = v.state
                  FROM unnest(%s::int[], %s::numeric[], %s::text[]) AS v(id, remaining, state)
                 WHERE lot.id = v.id RETURNING lot.id
                """, touched, [lot.remaining for lot in left], [self._state(lot) for lot in left],
            ))
        changes = defaultdict(Decimal)
        for movement in movements:
            changes[movement.card_id] += movement.available
        changes = {card: change for card, change in changes.items() if change}
        if changes:
            self.env.execute_query(SQL(
                """
                UPDATE loyalty_card card SET points = round(card.points::numeric + v.change, 2)
                  FROM unnest(%s::int[], %s::numeric[]) AS v(id, change)
                 WHERE card.id = v.id RETURNING card.id
                """, list(changes), list(changes.values()),
            ))

    def _state(self, lot):
        return "closed" if not lot.remaining else "pending" if lot.pending else "open"

    def _invalidate(self):
        """Forget what the ORM cached of the balances, and send Odoo's mails for milestones that were reached."""
        cards = {account.card_id: account for account in self.accounts.values()}
        records = self.env["loyalty.card"].sudo().browse(cards)
        records.invalidate_recordset(["points"], flush=False)
        self.env["club.member"].browse({a.member_id for a in self.accounts.values()}).invalidate_recordset(
            ["points", "points_pending", "points_expiring", "points_expiring_on", "entry_ids", "lot_ids"], flush=False,
        )
        milestones = records.filtered(lambda card: cards[card.id].has_milestones)
        if milestones:
            milestones._send_points_reach_communication({
                card: {"old": float(cards[card.id].balance), "new": card.points} for card in milestones
            })
