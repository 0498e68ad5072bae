"""Sales of the till, if it is installed; the club does not depend on it, so nothing here inherits its models."""

from decimal import Decimal

from odoo.addons.customer_club.engine import periods, purchase
from odoo.tools import SQL

from .event_batch import decimal
from .purchase_values import Document
from .till_facts import PAID_STATES, TILL

ZERO = Decimal(0)


def read_till_orders(reader, orders):
    """Documents of till orders. They are paid on the spot; what comes back names the line that it refunds.

    :param reader: the :class:`DocumentReader`, for rates, tax sets and excluded products.
    """
    returned = _read_returned(reader.env, orders)
    documents = []
    for order in orders:
        partner = order.partner_id
        document = Document(
            TILL,
            order.id,
            order.company_id.id,
            partner.id,
            partner.commercial_partner_id.id,
            order.date_order,
            order.state in PAID_STATES,
            decimal(order.currency_id.rounding or 0.01),
            reader.rate(order, order.date_order),
            "pos",
            amount_total=decimal(order.amount_total),
        )
        day = periods.local_date(order.date_order, "UTC")
        document.invoiced_on = document.paid_on = day
        document.days_to_pay = 0
        lines = order.lines.filtered(lambda line: not _counts_elsewhere(line))
        with_taxes = any(line.price_subtotal_incl < 0 for line in lines)
        document.shares = {}
        for line in lines:
            taxes = reader.tax_set(line.tax_ids_after_fiscal_position) if with_taxes else ()
            _add_line(document, line, taxes, reader.excluded)
            document.shares[line.id] = purchase.ONE - purchase.ratio(returned.get(line.id, ZERO), decimal(line.qty))
            document.facts[line.id] = purchase.Invoiced(paid=purchase.ONE)
        documents.append(document)
    return documents


def _counts_elsewhere(line):
    """Returns count with what they return, lines of a sales order with that order."""
    of_order = "sale_order_line_id" in line._fields and line.sale_order_line_id
    return bool(line.refunded_orderline_id or of_order)


def _add_line(document, line, taxes, excluded):
    total, subtotal = decimal(line.price_subtotal_incl), decimal(line.price_subtotal)
    kind = _kind(line, excluded)
    document.included.append(purchase.Part(line.id, kind, total, total, taxes))
    document.excluded.append(purchase.Part(line.id, kind, subtotal, total, taxes))
    document.totals[line.id] = total
    if kind == purchase.GOODS:
        document.lines[line.id] = (line.product_id.id, line.product_id.categ_id.id, decimal(line.qty))


def _kind(line, excluded):
    reward = line.reward_id if "reward_id" in line._fields else None
    if reward and reward.program_type in ("ewallet", "gift_card"):
        return purchase.MONEY
    if line.product_id.id in excluded or (reward and line.price_subtotal_incl >= 0):
        return purchase.EXCLUDED
    return purchase.DISCOUNT if line.price_subtotal_incl < 0 else purchase.GOODS


def _read_returned(env, orders):
    """Quantity that came back, by line; one query for all orders."""
    return {
        line: decimal(quantity)
        for line, quantity in env.execute_query(
            SQL(
                """
                SELECT sold.id, -SUM(back.qty)
                  FROM pos_order_line sold
                  JOIN pos_order_line back ON back.refunded_orderline_id = sold.id
                  JOIN pos_order o ON o.id = back.order_id AND o.state = ANY(%s)
                 WHERE sold.order_id = ANY(%s)
                 GROUP BY sold.id
                """,
                list(PAID_STATES),
                orders.ids,
            )
        )
    }


def resolve_till_orders(env, ids):
    """The orders that these settle: themselves, what they refund, and the sales orders that they take the money for.

    :return: till orders and sales orders
    """
    lines = env["pos.order.line"].search([("order_id", "in", ids)])
    own = lines.filtered(lambda line: not _counts_elsewhere(line)).order_id | lines.refunded_orderline_id.order_id
    known = env["club.event"].search([("origin_model", "=", TILL), ("origin_id", "in", ids)]).mapped("origin_id")
    orders = env["sale.order"]
    if "sale_order_line_id" in lines._fields:
        orders = lines.sale_order_line_id.order_id
    return own | own.browse(known), orders
