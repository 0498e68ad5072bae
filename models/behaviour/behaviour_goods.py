"""What members' purchases held: goods, their margin, favourites."""

from odoo.tools import SQL


def keeps_cost(reader):
    """Whether Odoo keeps the cost on an order's line (module ``sale_margin``)."""
    return "purchase_price" in reader.env["sale.order.line"]._fields


def goods(reader):
    """A row per line of a purchase of the chosen members: member_id, root_id, product_id, categ_id, sales, cost.

    The goods of a purchase are those of its last fact that names lines, scaled to what the purchase is worth now.
    """
    cost = SQL("NULLIF((product.standard_price->>%s)::numeric, 0)", str(reader.company))
    kept_join = SQL("")
    if keeps_cost(reader):
        cost = SQL("COALESCE(NULLIF(kept.purchase_price / NULLIF(kept_order.currency_rate, 0), 0), %s)", cost)
        kept_join = SQL(
            """
            LEFT JOIN sale_order_line kept ON line.origin_model = 'sale.order' AND kept.id = line.line_id
            LEFT JOIN sale_order kept_order ON kept_order.id = kept.order_id
            """
        )
    return SQL(
        """
        WITH line AS (
            SELECT p.member_id, p.root_id, p.worth, p.sales, p.origin_model,
                   NULLIF(item->>0, 'false')::integer AS line_id, NULLIF(item->>1, 'false')::integer AS product_id,
                   NULLIF(item->>2, 'false')::integer AS categ_id, (item->>3)::numeric AS quantity,
                   (item->>4)::numeric * rate.rate AS amount, whole.paid * rate.rate AS whole
              FROM %(chosen)s JOIN %(purchase)s p USING (member_id) JOIN club_event e ON e.id = p.said_id
               AND %(ours)s AND %(theirs)s
        CROSS JOIN LATERAL (SELECT COALESCE((e.payload->>'rate')::numeric, 1) AS rate) rate
        CROSS JOIN LATERAL (SELECT SUM((item->>4)::numeric) AS paid
                              FROM jsonb_array_elements(e.payload->'lines') item) whole
        CROSS JOIN LATERAL jsonb_array_elements(e.payload->'lines') item)
        SELECT line.member_id, line.root_id, product.id AS product_id, categ.id AS categ_id,
               line.sales * line.amount / line.whole AS sales,
               line.quantity * LEAST(1, line.worth / line.whole) * %(cost)s AS cost
          FROM line
     LEFT JOIN product_product product ON product.id = line.product_id
     LEFT JOIN product_category categ ON categ.id = line.categ_id
          %(kept_join)s
         WHERE line.whole > 0
        """,
        chosen=reader.table("chosen"),
        purchase=reader.table("purchase"),
        ours=reader.within(SQL("p.member_id"), reader.members),
        theirs=reader.within(SQL("e.member_id"), reader.sources),
        cost=cost,
        kept_join=kept_join,
    )


def tastes(reader):
    """Margin, the sales that it is of, favourite product and favourite category by member.

    A favourite is what most purchases held; then the most money; then the older record.
    """
    return SQL(
        """
        SELECT member_id, SUM(margin) AS margin, SUM(costed) AS costed_sales,
               SUM(product_id)::integer AS favourite_product_id, SUM(categ_id)::integer AS favourite_categ_id
          FROM (SELECT member_id, ROUND(SUM(sales - cost), %(digits)s) AS margin,
                       ROUND(SUM(sales), %(digits)s) AS costed, NULL::integer AS product_id, NULL::integer AS categ_id
                  FROM %(good)s WHERE cost IS NOT NULL GROUP BY member_id
                 UNION ALL
                SELECT member_id, NULL, NULL, record_id, NULL FROM (%(products)s) product
                 UNION ALL
                SELECT member_id, NULL, NULL, NULL, record_id FROM (%(categories)s) category) found
         GROUP BY member_id
        """,
        digits=reader.digits,
        good=reader.table("good"),
        products=_favourites(reader, "product_id"),
        categories=_favourites(reader, "categ_id"),
    )


def _favourites(reader, column):
    return SQL(
        """
        SELECT DISTINCT ON (member_id) member_id, record_id
          FROM (SELECT member_id, %(column)s AS record_id, COUNT(DISTINCT root_id) AS purchases, SUM(sales) AS sales
                  FROM %(good)s WHERE %(column)s IS NOT NULL GROUP BY 1, 2) liked
         ORDER BY member_id, purchases DESC, sales DESC, record_id
        """,
        column=SQL.identifier(column),
        good=reader.table("good"),
    )
