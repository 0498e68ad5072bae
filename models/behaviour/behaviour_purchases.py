"""What members bought: their purchases, what follows for each person, and where the quintiles begin."""

from odoo.tools import SQL


def purchases(reader):
    """A row per purchase that is worth something today: member_id, active, root_id, said_id, worth, sales, day.

    ``said_id`` is the last fact that names the purchase's lines; ``worth`` is what the club counts, ``sales`` the same
    without taxes.
    """
    return SQL(
        """
        SELECT sale.member_id, sale.active, sale.root_id, sale.said_id, sale.origin_model, sale.worth,
               (sale.at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
               ROUND(sale.worth * %(ratio)s, %(digits)s) AS sales
          FROM (SELECT kin.member_id, kin.active, COALESCE(e.revises_id, e.id) AS root_id, SUM(e.amount) AS worth,
                       MIN(e.occurred_at) AS at, MIN(e.origin_model) AS origin_model, MIN(e.origin_id) AS origin_id,
                       MAX(e.id) FILTER (WHERE e.payload ? 'lines') AS said_id
                  FROM %(kin)s kin
                  JOIN club_event e ON e.member_id = kin.source_id AND e.type = 'purchase'
                 GROUP BY kin.member_id, kin.active, COALESCE(e.revises_id, e.id)
                HAVING SUM(e.amount) > 0) sale
          %(joins)s
         ORDER BY sale.member_id
        """,
        kin=reader.table("kin"),
        tz=reader.club.tz,
        digits=reader.digits,
        ratio=_untaxed_ratio(reader),
        joins=_untaxed_joins(reader),
    )


def _untaxed_ratio(reader):
    """What of a purchase's worth is no tax: 1 in a club that counts without taxes, and for what has no document."""
    if reader.club.earn_tax == "excluded":
        return SQL("1")
    return SQL("COALESCE(ordered.ratio, billed.ratio, %s, 1)", SQL("till.ratio") if _has_till(reader) else SQL("1"))


def _untaxed_joins(reader):
    """Goods of a document without and with taxes; negative lines (rewards, gift cards) carry other taxes."""
    if reader.club.earn_tax == "excluded":
        return SQL("")
    till = SQL("")
    if _has_till(reader):
        till = SQL(
            """
            LEFT JOIN LATERAL (
                 SELECT (po.amount_total - po.amount_tax) / NULLIF(po.amount_total, 0) AS ratio
                   FROM pos_order po WHERE sale.origin_model = 'pos.order' AND po.id = sale.origin_id) till ON TRUE
            """
        )
    return SQL(
        """
        LEFT JOIN LATERAL (
             SELECT SUM(line.price_subtotal) / NULLIF(SUM(line.price_total), 0) AS ratio
               FROM sale_order_line line
              WHERE sale.origin_model = 'sale.order' AND line.order_id = sale.origin_id AND line.price_total > 0
                AND line.is_delivery IS NOT TRUE) ordered ON TRUE
        LEFT JOIN LATERAL (
             SELECT SUM(line.price_subtotal) / NULLIF(SUM(line.price_total), 0) AS ratio
               FROM account_move_line line
              WHERE sale.origin_model = 'account.move' AND line.move_id = sale.origin_id AND line.price_total > 0
                AND line.display_type = 'product') billed ON TRUE
        %s
        """,
        till,
    )


def _has_till(reader):
    return "pos.order" in reader.env


def persons(reader):
    """Counts, sums and days by person; ``steps`` are the days of the purchases that climb the ladder."""
    return SQL(
        """
        SELECT member_id, BOOL_OR(active) AS active, COUNT(*)::integer AS order_count,
               COUNT(DISTINCT day)::integer AS purchase_days, SUM(sales) AS sales,
               MIN(first) AS first_purchase_on, MIN(last) AS last_purchase_on,
               COALESCE(MIN(last) - MAX(day) FILTER (WHERE day < last), 0) AS gap_days,
               SUM(sales) FILTER (WHERE day = first) AS first_sales,
               ARRAY[MIN(first), (ARRAY_AGG(day ORDER BY day))[2], (ARRAY_AGG(day ORDER BY day))[%(loyal)s],
                     (ARRAY_AGG(day ORDER BY day))[%(fan)s]] AS steps
          FROM (SELECT member_id, MIN(day) AS first, MAX(day) AS last FROM %(purchase)s GROUP BY member_id) ends
          JOIN %(purchase)s purchase USING (member_id)
         GROUP BY member_id
        """,
        purchase=reader.table("purchase"),
        loyal=reader.club.behaviour_loyal,
        fan=reader.club.behaviour_fan,
    )


def read_cuts(reader):
    """Where the quintiles of active members who bought begin: as :func:`engine.behaviour.cuts`, in the database.

    :return: ``recency`` (last purchase, in days since 1970), ``frequency`` and ``monetary``; four beginnings each,
        ``None`` where nobody reaches the score.
    :rtype: dict[str, list]
    """
    rows = reader.env.execute_query(
        SQL(
            """
            WITH tied AS (
                SELECT CASE WHEN GROUPING(last_purchase_on) = 0 THEN 'recency'
                            WHEN GROUPING(order_count) = 0 THEN 'frequency' ELSE 'monetary' END AS what,
                       COALESCE(last_purchase_on - DATE '1970-01-01', order_count, sales) AS value, COUNT(*) AS ties
                  FROM %s WHERE active GROUP BY GROUPING SETS ((last_purchase_on), (order_count), (sales))),
            ranked AS (
                SELECT what, value, ties, SUM(ties) OVER (PARTITION BY what ORDER BY value) - ties AS less,
                       SUM(ties) OVER (PARTITION BY what) AS total FROM tied),
            scored AS (SELECT what, value, 1 + DIV(5 * (2 * less + ties), 2 * total) AS score FROM ranked)
            SELECT what, MIN(value) FILTER (WHERE score >= 2), MIN(value) FILTER (WHERE score >= 3),
                   MIN(value) FILTER (WHERE score >= 4), MIN(value) FILTER (WHERE score >= 5)
              FROM scored GROUP BY what
            """,
            reader.table("person"),
        )
    )
    found = {"recency": [None] * 4, "frequency": [None] * 4, "monetary": [None] * 4}
    for what, *begins in rows:
        found[what] = [None if begin is None else float(begin) for begin in begins]
    return found
