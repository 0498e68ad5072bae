"""What was posted before, read set by set: the questions that undoing and spending ask of the ledger."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.tools import SQL

ZERO = Decimal(0)


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    # -- reading --------------------------------------------------------------

    def _read_keys(self, keys):
        """Points of the entries that carry one of ``keys`` already."""
        rows = self.env.execute_query(
            SQL(
                "SELECT key, CASE WHEN points = 0 THEN available ELSE points END FROM club_point_entry WHERE key = "
                "ANY(%s)",
                keys,
            )
        )
        return {key: engine_lots.to_decimal(points) for key, points in rows}

    def _read_reversed(self, entries):
        """What has been reversed of each entry so far and not given back since, positive."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.reverses_id, ABS(SUM(CASE WHEN r.points = 0 THEN r.available ELSE r.points END + COALESCE(
                         (SELECT SUM(back.points) FROM club_point_entry back WHERE back.reverses_id = r.id), 0)))
                  FROM club_point_entry r
                 WHERE r.reverses_id = ANY(%s)
                 GROUP BY r.reverses_id
                """,
                entries.ids,
            )
        )
        return {entry: engine_lots.to_decimal(points) for entry, points in rows}

    def _read_expired(self, entries):
        """What of each earning's points has expired on its own day, on whosever card they were.

        What was lost otherwise, by leaving or by inactivity, is not counted: it would come back with the same fact.
        SQL as for :meth:`_read_reversed`.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(e.root_id, e.id), SUM(a.points)
                  FROM club_point_entry e
                  JOIN club_point_lot lot ON lot.entry_id = e.id
                  JOIN club_point_allocation a ON a.lot_id = lot.id
                  JOIN club_point_entry taker ON taker.id = a.entry_id AND taker.kind = 'expire'
                       -- the club's day may have begun before that of UTC
                       AND lot.expires_on <= (taker.date + interval '1 day')::date
                 WHERE e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)
                 GROUP BY 1
                """,
                ids=entries.ids,
            )
        )
        return {entry: engine_lots.to_decimal(points) for entry, points in rows}

    def _read_reopenable(self, entries):
        """By issuing entry, for openings among ``entries``: what of its points is neither taken back nor pending."""
        roots = entries.filtered(lambda entry: entry.kind == "open").root_id.ids
        if not roots:
            return {}
        return {
            root: engine_lots.to_decimal(points)
            for root, points in self.env.execute_query(
                SQL(
                    """
            SELECT root.id, root.points
                   + COALESCE((
                       SELECT SUM(r.points + COALESCE(
                                (SELECT SUM(back.points) FROM club_point_entry back WHERE back.reverses_id = r.id), 0))
                         FROM club_point_entry r WHERE r.reverses_id = root.id
                   ), 0)
                   - COALESCE((
                       SELECT SUM(lot.remaining) FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                        WHERE (e.id = root.id OR e.root_id = root.id) AND lot.state = 'pending'
                   ), 0)
              FROM club_point_entry root WHERE root.id = ANY(%s)
            """,
                    roots,
                )
            )
        }

    def _read_lots_of(self, entries):
        """The lots that hold what each positive entry brought in: pending ones first, then those opened from it."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT e.id, COALESCE(e.root_id, e.id), lot.id
              FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
             WHERE e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)
             ORDER BY lot.state = 'pending' DESC, lot.id
            """,
                ids=entries.ids,
            )
        )
        found = defaultdict(list)
        for entry, root, lot in rows:
            found[root].append(lot)
            if entry != root:
                found[entry].append(lot)
        return found

    def _read_taken_by(self, entries):
        """What each negative entry took from which lot and has not given back, in the order of taking."""
        found = defaultdict(list)
        for entry, lot, points in self.env.execute_query(
            SQL(
                """
            SELECT e.taker, a.lot_id, SUM(a.points)
              FROM (
                    SELECT id AS taker, id FROM unnest(%(ids)s::int[]) id
                     UNION ALL
                    SELECT reverses_id, id FROM club_point_entry WHERE reverses_id = ANY(%(ids)s)
                   ) e
              JOIN club_point_allocation a ON a.entry_id = e.id
             GROUP BY e.taker, a.lot_id
            HAVING SUM(a.points) > 0
             ORDER BY MIN(a.id)
            """,
                ids=entries.ids,
            )
        ):
            found[entry].append((lot, engine_lots.to_decimal(points)))
        return found

    @api.model
    def _unpaid_sql(self, card_ids):
        """Entries of these cards that lots have not fully paid: card, entry, points; oldest first.

        A reversal that let arrears vanish counts with the entry it reversed.
        """
        return SQL(
            """
            SELECT card_id, entry_id, SUM(unpaid) AS unpaid FROM (
                SELECT e.card_id, CASE WHEN e.kind = 'reverse' AND e.points > 0 THEN e.reverses_id ELSE e.id END AS
                  entry_id,
                       COALESCE(lot.points, 0) - e.points - COALESCE(paid.points, 0) AS unpaid
                  FROM club_point_entry e
                  LEFT JOIN club_point_lot lot ON lot.entry_id = e.id
                  LEFT JOIN LATERAL (
                       SELECT SUM(a.points) AS points FROM club_point_allocation a WHERE a.entry_id = e.id
                  ) paid ON TRUE
                 WHERE e.card_id = ANY(%s)
            ) movement
             GROUP BY card_id, entry_id
            HAVING SUM(unpaid) > 0
             ORDER BY entry_id
            """,
            card_ids,
        )

    @api.model
    def _get_held_points(self, asked):
        """Points of a balance that a spend by another document cannot take: unfinished payments hold them, or they have
        expired though it is not posted yet.

        :param asked: set of ``(card id, origin model, origin id)``: a document's own hold does not stand in its way.
        :return: dict by the same triples, Decimal points. To be extended by whoever holds points.
        """
        return {}
