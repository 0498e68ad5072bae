"""What a batch reads of the database before, and writes to it after: entries, lots, allocations, balances."""

from odoo import fields
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

from .ledger_movement import (
    CLOSE,
    CREDIT,
    ENTRY_COLUMNS,
    OPEN,
    SAME_CONTENT,
)

# Written once: putting the text together anew for each sale costs more than the database needs to read it.
ENTRY_NAMES = SQL(", ".join(name for name, _type in ENTRY_COLUMNS))
ENTRY_VALUES = ", ".join(["%s"] * len(ENTRY_COLUMNS))
ENTRY_ARRAYS = ", ".join(f"%s::{sql_type}[]" for _name, sql_type in ENTRY_COLUMNS)
# What new lots need of their entries, and the lots: a lot has the id of the entry that made it, and all its points.
RETURNED = "key, id, member_id, card_id, club_id, points, available, available_on, expires_on"
NEW_LOTS = SQL(
    """
    INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state, available_on,
           expires_on)
    SELECT id, id, member_id, card_id, club_id, points, points,
           CASE WHEN available = 0 THEN 'pending' ELSE 'open' END, available_on, expires_on
      FROM ins
     ORDER BY id
    """
)


class LedgerStore:
    """The reading and writing half of a :class:`~.ledger_batch.LedgerBatch`."""

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

    # -- storing ------------------------------------------------------------

    def _insert_entries_sql(self, movements, returning="key, id"):
        """Insert the entries in order. A key that exists makes no row; a racing one raises a serialization error."""
        return SQL(
            """
            INSERT INTO club_point_entry (%(names)s)
            SELECT %(names)s
              FROM %(values)s
             ORDER BY ord
                ON CONFLICT (key) DO NOTHING
            RETURNING %(returning)s
            """,
            names=ENTRY_NAMES,
            values=self._unnest_sql(movements),
            returning=SQL(returning),
        )

    def _insert_solvent_sql(self, movements):
        """Insert the entries of one card in order, if it has no arrears. Keys as in :meth:`_insert_entries_sql`."""
        if len(movements) == 1:  # plainly: a good part of what arrays cost
            source = SQL(ENTRY_VALUES, *(getattr(movements[0], name) for name, _type in ENTRY_COLUMNS))
            order = SQL("")
        else:
            source = SQL("%s FROM %s", ENTRY_NAMES, self._unnest_sql(movements))
            order = SQL("ORDER BY ord")
        return SQL(
            """
            INSERT INTO club_point_entry (%s)
            SELECT %s WHERE (SELECT points >= 0 FROM loyalty_card WHERE id = %s) %s
                ON CONFLICT (key) DO NOTHING
            RETURNING %s
            """,
            ENTRY_NAMES,
            source,
            movements[0].card_id,
            order,
            SQL(RETURNED),
        )

    def _unnest_sql(self, movements):
        columns = [[getattr(movement, name) for movement in movements] for name, _type in ENTRY_COLUMNS]
        return SQL("unnest(%s) WITH ORDINALITY AS v(%s, ord)", SQL(ENTRY_ARRAYS, *columns), ENTRY_NAMES)

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
            self.lots_changed = True
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
        if self.lots_changed:
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
