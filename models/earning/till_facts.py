"""What the till took for sales orders, if it is installed."""

from odoo.tools import SQL

from .event_batch import decimal

TILL = "pos.order"
PAID_STATES = ("paid", "done", "invoiced")


def read_settled_at_till(env, order_ids):
    """What the till took for lines of sales orders, by line; one query, none where tills do not sell orders.

    :return: line → (amount, day)
    """
    if TILL not in env or "sale_order_line_id" not in env["pos.order.line"]._fields:
        return {}
    rows = env.execute_query(
        SQL(
            """
            SELECT taken.sale_order_line_id, SUM(taken.price_subtotal_incl), MAX(o.date_order)::date
              FROM sale_order_line sol
              JOIN pos_order_line taken ON taken.sale_order_line_id = sol.id
              JOIN pos_order o ON o.id = taken.order_id AND o.state = ANY(%s)
             WHERE sol.order_id = ANY(%s)
             GROUP BY taken.sale_order_line_id
            """,
            list(PAID_STATES),
            order_ids,
        )
    )
    return {line: (decimal(amount), day) for line, amount, day in rows}
