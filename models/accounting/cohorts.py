"""Points and money by cohort, as they stood at the end of a day: one statement over entries, allocations, deferrals.

What a positive entry brought in is followed through transfers, pools, gifts and give-backs by the entry that issued
it (``root_id``). By root: issued, taken back by returns, expired, still there (what its lots have left, and what was
taken from them after that day), put aside. What is not there for any other reason was redeemed: spent, or taken to
pay for the return of another sale or for a merged member's debt. So what of a return was not found in the returned
sale's own lots is redeemed no longer, and may leave more points than the sale still stands for, where they had been
given away. A spend counts once the member got what it was for. Points of sales count from their invoice on, those
that were used before it first.
"""

from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL


class Row(NamedTuple):
    """Sums since the beginning. ``issued`` and ``allocated`` are gross; ``reversed``, ``returned``: what came back."""

    issued: Decimal
    reversed: Decimal
    redeemed: Decimal
    expired: Decimal
    allocated: Decimal
    returned: Decimal

    def __add__(self, other):
        return Row(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Row(*[Decimal(0)] * 6)
MICRO = Decimal("0.000001")


def read_cohorts(env, club, day):
    """Every cohort of a club at the end of a day.

    :return: dict of (nature, first day of the month of issue) → :class:`Row`.
    """
    documents = ["sale.order", *env["club.spending.report"]._get_spending_models()]
    for model in (
        *("club.point.entry", "club.point.lot", "club.point.allocation", "club.event", "sale.order.line"),
        *documents,
    ):
        env[model].flush_model()
    end = periods.day_bounds(day, club.tz)[1]
    found = {}
    for nature, issued_on, *sums in env.execute_query(
        SQL(
            COHORTS,
            club=club.id,
            day=day,
            end=end,
            tz=club.tz,
            satisfied=SQL(" UNION ALL ").join(get_satisfied_queries(env, day, end)),
            documents=documents,
        )
    ):
        key = nature, club._get_period(issued_on)[0]
        row = Row(*(Decimal(str(value)).quantize(MICRO) for value in sums))
        found[key] = found.get(key, NOTHING) + row
    return found


def get_satisfied_queries(env, day, end):
    """Queries of model, id and the share (0 to 1) of what a document's points were for that the member had got."""
    queries = [
        SQL(
            """
            SELECT 'sale.order' AS model, sl.order_id AS id,
                   CASE WHEN bool_and(o.amount_total = 0) THEN 1.0 -- nothing to invoice
                        ELSE LEAST(COALESCE(SUM(billed.quantity), 0) / NULLIF(SUM(sl.product_uom_qty), 0), 1)
                   END AS share
              FROM sale_order_line sl
              JOIN sale_order o ON o.id = sl.order_id AND o.state = 'sale'
              LEFT JOIN LATERAL (
                   SELECT SUM(ml.quantity) AS quantity
                     FROM sale_order_line_invoice_rel rel
                     JOIN account_move_line ml ON ml.id = rel.invoice_line_id
                     JOIN account_move m ON m.id = ml.move_id
                    WHERE rel.order_line_id = sl.id AND m.state = 'posted' AND m.move_type = 'out_invoice'
                      AND m.date <= %s
              ) billed ON TRUE
             WHERE sl.coupon_id IS NOT NULL AND sl.points_cost > 0
             GROUP BY sl.order_id
            """,
            day,
        )
    ]
    queries += [
        SQL(
            "SELECT %s, id, 1.0 FROM %s WHERE satisfied_at < %s",
            name,
            SQL.identifier(env[name]._table),
            fields.Datetime.to_string(end),
        )
        for name in env["club.spending.report"]._get_spending_models()
    ]
    return queries


COHORTS = """
    WITH satisfied AS (%(satisfied)s),
    returned AS (
        -- what reversals did: the first cause behind reversals of reversals
        SELECT e.id, e.points, COALESCE(twice.kind, once.kind) AS kind,
               CASE WHEN COALESCE(twice.points, once.points) > 0
                    THEN COALESCE(twice.root_id, twice.id, once.root_id, once.id) END AS root,
               COALESCE(twice.origin_model, once.origin_model) AS origin_model,
               COALESCE(twice.origin_id, once.origin_id) AS origin_id
          FROM club_point_entry e
          -- each looked up by its number, as in models/entry_sql.py
          JOIN LATERAL (
               SELECT id, kind, points, root_id, origin_model, origin_id, reverses_id
                 FROM club_point_entry WHERE id = e.reverses_id LIMIT 1
          ) once ON TRUE
          LEFT JOIN LATERAL (
               SELECT id, kind, points, root_id, origin_model, origin_id
                 FROM club_point_entry WHERE id = once.reverses_id AND once.kind = 'reverse' LIMIT 1
          ) twice ON TRUE
         WHERE e.club_id = %(club)s AND e.date < %(end)s AND e.kind = 'reverse'
    ), again AS (
        -- the same points once more: opened, closed again, or brought by a transfer; a lot has the id of its entry
        SELECT id, root_id FROM club_point_entry
         WHERE club_id = %(club)s AND date < %(end)s AND root_id IS NOT NULL
    ), taker AS (
        SELECT id, kind, origin_model, origin_id, date >= %(end)s AS later
          FROM club_point_entry
         WHERE club_id = %(club)s
           AND (date >= %(end)s OR kind IN ('expire', 'adjust')
                OR (kind = 'spend' AND origin_model = ANY(%(documents)s)))
         UNION ALL
        SELECT id, kind, origin_model, origin_id, FALSE
          FROM returned
         WHERE (kind IN ('expire', 'adjust') AND root IS NULL) OR (kind = 'spend' AND origin_model = ANY(%(documents)s))
    ), taken AS (
        SELECT COALESCE(again.root_id, a.lot_id) AS root,
               SUM(a.points) FILTER (WHERE taker.kind <> 'spend' AND NOT taker.later) AS expired,
               -- what was taken later is there still, and so is what the member has not got the worth of
               SUM(CASE WHEN taker.later THEN a.points ELSE a.points * (1 - COALESCE(satisfied.share, 0)) END)
               FILTER (WHERE taker.later OR taker.kind = 'spend') AS there
          FROM taker
          JOIN club_point_allocation a ON a.entry_id = taker.id
          LEFT JOIN again ON again.id = a.lot_id
          LEFT JOIN satisfied ON satisfied.model = taker.origin_model AND satisfied.id = taker.origin_id
         GROUP BY 1
    ), moved AS (
        SELECT again.root_id AS root, SUM(lot.remaining) AS remaining
          FROM again JOIN club_point_lot lot ON lot.id = again.id
         GROUP BY 1
    ), back AS (
        SELECT root, -SUM(points) AS points FROM returned WHERE root IS NOT NULL AND kind <> 'open' GROUP BY 1
    ), billed AS (
        SELECT entry_id, SUM(points) AS points, SUM(allocated) AS allocated, MIN(date) AS first,
               MAX(generation) > 1 AS changed
          FROM club_deferral WHERE club_id = %(club)s AND date <= %(day)s GROUP BY 1
    ), changed AS (
        -- where an invoice was changed, the first day on which anything of it is left
        SELECT entry_id, MIN(date) AS first
          FROM (
                SELECT entry_id, date
                  FROM club_deferral
                 WHERE club_id = %(club)s AND date <= %(day)s
                   AND entry_id IN (SELECT entry_id FROM club_deferral WHERE club_id = %(club)s AND generation > 1)
                 GROUP BY 1, 2 HAVING SUM(points) <> 0
               ) day
         GROUP BY 1
    ), root AS (
        SELECT CASE WHEN event.type = 'purchase' THEN 'sale' WHEN event.type = 'merchant_purchase' THEN 'merchant'
                    WHEN e.kind = 'opening' THEN 'opening' ELSE 'free' END AS nature,
               CASE WHEN event.type = 'purchase' AND billed.changed THEN changed.first
                    WHEN event.type = 'purchase' THEN billed.first
                    ELSE (e.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END AS issued_on,
               CASE WHEN event.type = 'purchase' THEN LEAST(billed.points, e.points) ELSE e.points END AS issued,
               e.points AS points, COALESCE(back.points, 0) AS back,
               COALESCE(taken.expired, 0) AS expired,
               lot.remaining + COALESCE(moved.remaining, 0) + COALESCE(taken.there, 0) AS there,
               COALESCE(billed.allocated, 0) AS allocated
          FROM club_point_entry e
          JOIN club_point_lot lot ON lot.id = e.id
          LEFT JOIN club_event event ON event.id = e.event_id
          LEFT JOIN billed ON billed.entry_id = e.id
          LEFT JOIN changed ON changed.entry_id = e.id
          LEFT JOIN taken ON taken.root = e.id
          LEFT JOIN moved ON moved.root = e.id
          LEFT JOIN back ON back.root = e.id
         WHERE e.club_id = %(club)s AND e.date < %(end)s AND e.root_id IS NULL AND e.points > 0
           -- a transfer without a root pays a merged member's debt; what of it is given back is there again
           AND e.kind IN ('earn', 'opening', 'adjust', 'transfer')
        OFFSET 0 -- here and below: each value is computed once, and not again wherever it is used
    ), net AS (
        -- what was never billed comes back first, and is what is there last
        SELECT root.*, GREATEST(back - (points - issued), 0) AS reversed,
               GREATEST(there - GREATEST(points - issued - back, 0), 0) AS closing
          FROM root WHERE issued_on IS NOT NULL AND issued > 0
        OFFSET 0
    ), lapsed AS (
        SELECT net.*, GREATEST(LEAST(expired, issued - reversed - closing), 0) AS gone FROM net
        OFFSET 0
    )
    SELECT nature, issued_on, SUM(issued), SUM(reversed), SUM(issued - reversed - closing - gone), SUM(gone),
           -- what a partner paid for points that it takes back, its next settlement pays back
           SUM(allocated), SUM(CASE WHEN nature = 'merchant' THEN 0 ELSE allocated * reversed / issued END)
      FROM lapsed
     GROUP BY 1, 2
"""
