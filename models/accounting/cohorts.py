"""Points and money by cohort, as they stood at the end of a day: one statement over entries, allocations, deferrals.

What a positive entry brought in is followed through transfers, pools, gifts and give-backs by the entry that issued it
(``root_id``). By root: issued, taken back by returns, expired, still there, put aside. What is not there for any other
reason was redeemed: spent, or taken to pay for the return of another sale or for a merged member's debt. So what of a
return was not found in the returned sale's own lots is redeemed no longer, and may leave more points than the sale
still stands for, where they had been given away. A spend counts once the member got what it was for. Points of sales
count from their invoice on, those that were used before it first.
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
    -- by name: of a kind of document none may have been satisfied yet
    documents AS (SELECT unnest(%(documents)s) AS model),
    returned AS (
        -- what reversals did: the first cause behind reversals of reversals
        SELECT e.id, e.points, COALESCE(twice.kind, once.kind) AS kind,
               CASE WHEN COALESCE(twice.points, once.points) > 0
                    THEN COALESCE(twice.root_id, twice.id, once.root_id, once.id) END AS root,
               COALESCE(twice.origin_model, once.origin_model) AS origin_model,
               COALESCE(twice.origin_id, once.origin_id) AS origin_id
          FROM club_point_entry e
          JOIN club_point_entry once ON once.id = e.reverses_id
          LEFT JOIN club_point_entry twice ON twice.id = once.reverses_id AND once.kind = 'reverse'
         WHERE e.club_id = %(club)s AND e.date < %(end)s AND e.kind = 'reverse'
    ), took AS (
        SELECT a.lot_id, a.points, taker.kind, FALSE AS back, taker.origin_model, taker.origin_id
          FROM club_point_allocation a
          JOIN club_point_entry taker ON taker.id = a.entry_id
         WHERE taker.club_id = %(club)s AND taker.date < %(end)s AND taker.kind <> 'reverse'
         UNION ALL
        SELECT a.lot_id, a.points, returned.kind, returned.root IS NOT NULL, returned.origin_model, returned.origin_id
          FROM returned JOIN club_point_allocation a ON a.entry_id = returned.id
    ), taken AS (
        -- a lot has the id of the entry that made it
        SELECT COALESCE(source.root_id, source.id) AS root, SUM(took.points) AS points,
               SUM(took.points) FILTER (WHERE took.kind IN ('expire', 'adjust') AND NOT took.back) AS expired,
               SUM(took.points * (1 - COALESCE(satisfied.share, 0)))
               FILTER (WHERE took.kind = 'spend' AND documents.model IS NOT NULL) AS promised
          FROM took
          JOIN club_point_entry source ON source.id = took.lot_id AND source.date < %(end)s
          LEFT JOIN documents ON documents.model = took.origin_model
          LEFT JOIN satisfied ON satisfied.model = took.origin_model AND satisfied.id = took.origin_id
         GROUP BY 1
    ), moved AS (
        -- the same points once more: opened, closed again, or brought by a transfer
        SELECT e.root_id AS root, SUM(lot.points) AS points
          FROM club_point_entry e
          JOIN club_point_lot lot ON lot.id = e.id
         WHERE e.club_id = %(club)s AND e.date < %(end)s AND e.root_id IS NOT NULL
         GROUP BY 1
    ), back AS (
        SELECT root, -SUM(points) AS points FROM returned WHERE root IS NOT NULL AND kind <> 'open' GROUP BY 1
    ), billed AS (
        -- where an invoice was changed, the first day on which anything of it is left
        SELECT entry_id, SUM(points) AS points, SUM(allocated) AS allocated,
               CASE WHEN MAX(generation) = 1 THEN MIN(date) ELSE (
                    SELECT MIN(day.date)
                      FROM (
                            SELECT d.date FROM club_deferral d
                             WHERE d.entry_id = club_deferral.entry_id AND d.date <= %(day)s
                             GROUP BY d.date HAVING SUM(d.points) <> 0
                           ) day
               ) END AS first
          FROM club_deferral WHERE club_id = %(club)s AND date <= %(day)s GROUP BY 1
    ), root AS (
        SELECT CASE WHEN event.type = 'purchase' THEN 'sale' WHEN event.type = 'merchant_purchase' THEN 'merchant'
                    WHEN e.kind = 'opening' THEN 'opening' ELSE 'free' END AS nature,
               CASE WHEN event.type = 'purchase' THEN billed.first
                    ELSE (e.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END AS issued_on,
               CASE WHEN event.type = 'purchase' THEN LEAST(billed.points, e.points) ELSE e.points END AS issued,
               e.points AS points, COALESCE(back.points, 0) AS back, COALESCE(taken.expired, 0) AS expired,
               e.points + COALESCE(moved.points, 0) - COALESCE(taken.points, 0) + COALESCE(taken.promised, 0) AS there,
               COALESCE(billed.allocated, 0) AS allocated
          FROM club_point_entry e
          LEFT JOIN club_event event ON event.id = e.event_id
          LEFT JOIN billed ON billed.entry_id = e.id
          LEFT JOIN taken ON taken.root = e.id
          LEFT JOIN moved ON moved.root = e.id
          LEFT JOIN back ON back.root = e.id
         WHERE e.club_id = %(club)s AND e.date < %(end)s AND e.root_id IS NULL AND e.points > 0
           AND e.kind IN ('earn', 'opening', 'adjust')
    ), net AS (
        -- what was never billed comes back first, and is what is there last
        SELECT root.*, GREATEST(back - (points - issued), 0) AS reversed,
               GREATEST(there - GREATEST(points - issued - back, 0), 0) AS closing
          FROM root WHERE issued_on IS NOT NULL AND issued > 0
    ), lapsed AS (
        SELECT net.*, GREATEST(LEAST(expired, issued - reversed - closing), 0) AS gone FROM net
    )
    SELECT nature, issued_on, SUM(issued), SUM(reversed), SUM(issued - reversed - closing - gone), SUM(gone),
           -- what a partner paid for points that it takes back, its next settlement pays back
           SUM(allocated), SUM(CASE WHEN nature = 'merchant' THEN 0 ELSE allocated * reversed / issued END)
      FROM lapsed
     GROUP BY 1, 2
"""
