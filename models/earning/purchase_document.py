"""Sales orders and invoices as the settlement sees them, read in few queries."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from odoo.addons.customer_club.engine import purchase
from odoo.tools import SQL

from .event_batch import decimal
from .purchase_values import Document
from .till_facts import read_settled_at_till

ZERO = Decimal(0)
PAID_STATES = ("paid", "in_payment", "reversed")
#: Parts of a line are rounded one by one: an amount this many units of the currency off is what the quantity says.
ROUNDING = 2
#: Payments of an invoice ``am`` that have no journal entry (their method has no account): the residual leaves them out.
BARE_PAYMENTS = SQL(
    """
    SELECT SUM(p.amount) FILTER (WHERE p.currency_id = am.currency_id) AS amount, MAX(p.date) AS on_date
      FROM account_move__account_payment rel JOIN account_payment p ON p.id = rel.payment_id
     WHERE rel.invoice_id = am.id AND p.move_id IS NULL
       AND (p.state = 'in_process' OR (p.state = 'paid' AND am.amount_residual = am.amount_total))
    """
)
#: When the last payment, credit note or other settlement of an invoice ``am`` was made.
SETTLED_ON = SQL(
    """
    SELECT MAX(part.max_date) AS on_date
      FROM account_move_line rec JOIN account_partial_reconcile part ON part.debit_move_id = rec.id
     WHERE rec.move_id = am.id
    """
)
#: What settles an invoice's line out of a credit note that was made by hand: it names neither invoice nor order.
BARE_CREDITS = SQL(
    """
    SELECT rec.move_id, part.debit_amount_currency AS amount
      FROM account_move_line rec
      JOIN account_partial_reconcile part ON part.debit_move_id = rec.id
      JOIN account_move_line other ON other.id = part.credit_move_id
      JOIN account_move refund ON refund.id = other.move_id AND refund.move_type = 'out_refund'
                              AND refund.state = 'posted' AND refund.reversed_entry_id IS NULL
     WHERE NOT EXISTS (
           SELECT FROM account_move_line line JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
            WHERE line.move_id = refund.id)
    """
)


class DocumentReader:
    """Reads documents of many sales with a constant number of queries."""

    def __init__(self, env, needs=frozenset()):
        self.env = env(su=True)
        self.needs = needs
        self.excluded = self.env["loyalty.program"]._get_club_excluded_products()

    # -- sales orders ------------------------------------------------------------

    def read_orders(self, orders):
        methods = self._read_methods(orders) if "methods" in self.needs else {}
        documents = []
        for order in orders:
            company = order.company_id
            document = Document(
                "sale.order",
                order.id,
                company.id,
                order.partner_id.id,
                order.partner_id.commercial_partner_id.id,
                order.date_order,
                order.state == "sale",
                decimal(order.currency_id.rounding or 0.01),
                self.rate(order, order.date_order),
                order._get_club_channel(),
                order.payment_term_id.id,
                methods.get(order.id, ()),
                amount_total=decimal(order.amount_total),
            )
            # A down payment is worth nothing on the order itself; a line below zero that says it is one is a discount.
            lines = order.order_line.filtered(
                lambda line: not line.display_type and not (line.is_downpayment and line.price_total >= 0)
            )
            with_taxes = any(line.price_total < 0 for line in lines)
            for line in lines:
                self._add_line(
                    document, line, line._get_club_kind(self.excluded), self.tax_set(line.tax_ids) if with_taxes else ()
                )
            documents.append(document)
        return documents

    def _add_line(self, document, line, kind, taxes):
        total, subtotal = decimal(line.price_total), decimal(line.price_subtotal)
        document.included.append(purchase.Part(line.id, kind, total, total, taxes))
        document.excluded.append(purchase.Part(line.id, kind, subtotal, total, taxes))
        document.totals[line.id] = total
        if kind == purchase.GOODS:
            quantity = line._get_club_quantity()
            document.lines[line.id] = (line.product_id.id, line.product_id.categ_id.id, decimal(quantity))

    def tax_set(self, taxes):
        """The taxes that tell one set from another, as Odoo's own dispatch of global discounts takes them."""
        return tuple(sorted(taxes.flatten_taxes_hierarchy().filtered(lambda tax: tax._can_be_discounted()).ids))

    def rate(self, record, day):
        """Company currency per document currency, at the document's date."""
        currency, company = record.currency_id, record.company_id
        if currency == company.currency_id:
            return Decimal(1)
        return decimal(self.env["res.currency"]._get_conversion_rate(currency, company.currency_id, company, day))

    def _read_methods(self, orders):
        """Payment methods of online payments that went through; SQL: one query instead of reading every transaction."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
            SELECT rel.sale_order_id, array_agg(DISTINCT tx.payment_method_id)
              FROM sale_order_transaction_rel rel JOIN payment_transaction tx ON tx.id = rel.transaction_id
             WHERE rel.sale_order_id = ANY(%s) AND tx.state IN ('authorized', 'done')
             GROUP BY rel.sale_order_id
            """,
                    orders.ids,
                )
            )
        )

    def read_invoices_of(self, documents):
        """Fill ``facts`` of orders from the invoices of their lines; two queries. All refunds of the lines count.

        What a credit note takes back of an invoice's line was not paid, however much of the invoice's rest was. A
        credit note that names no line takes its share of all of them.
        """
        by_id = {document.id: document for document in documents}
        if not by_id:
            return
        lines = defaultdict(lambda: [purchase.NOTHING] * 3)
        rows = self.env.execute_query_dict(self._invoice_query(list(by_id)))
        loose = self._read_loose_credits({row["move_id"] for row in rows if row["move_type"] == "out_invoice"})
        credited, missing = defaultdict(Fraction), {}
        for row in rows:
            row["amount"] = self._amount(by_id[row["order_id"]], row)
            if row["move_type"] == "out_refund":
                credited[row["reversed_entry_id"], row["line_id"]] += row["amount"]
        for row in rows:
            document, amount = by_id[row["order_id"]], row["amount"]
            share, bare = loose.get(row["move_id"], (purchase.NOTHING, ZERO))
            row["credited"] = decimal(row["credited"]) + bare
            if row["is_downpayment"]:
                if row["move_type"] == "out_invoice" and amount > 0:
                    document.unpaid_advance += amount * (1 - self._paid_share(row))
                continue
            facts = lines[row["line_id"]]
            if row["move_type"] == "out_refund":
                facts[2] += amount
            else:
                paid = self._paid_share(row)
                back = credited[row["move_id"], row["line_id"]]
                quantity = row["quantity"] if row["uom"] == row["ordered_uom"] else 0
                missing[row["line_id"]] = missing.get(row["line_id"], decimal(row["ordered"])) - decimal(quantity)
                facts[0] += amount
                facts[1] += amount * paid + min(back + amount * share, amount) * (1 - paid)
                facts[2] += amount * share
            self._take_dates(document, row)
        for line, (amount, day) in read_settled_at_till(self.env, list(by_id)).items():
            lines[line][0] += Fraction(amount)
            lines[line][1] += Fraction(amount)
            document = next(document for document in documents if line in document.totals)
            document.invoiced_on = max(document.invoiced_on or day, day)
            document.paid_on = max(document.paid_on or day, day)
        for document in documents:
            document.facts = {
                line: purchase.Invoiced(*lines[line], complete=missing.get(line, 1) <= 0)
                for line in document.totals
                if line in lines
            }

    def _amount(self, document, row):
        """The amount of an invoice's line in the order's currency.

        Where it differs from what the quantity says by its own rounding only, the quantity says it: the parts of a line
        then add up to the line.
        """
        amount, ordered = Fraction(decimal(row["amount"])), decimal(row["ordered"])
        foreign = row["move_currency"] != row["order_currency"] and row["quantity"]
        if row["is_downpayment"] and not foreign:
            return amount
        whole = Fraction(document.totals.get(row["line_id"], ZERO))
        by_quantity = whole * Fraction(decimal(row["quantity"])) / Fraction(ordered) if ordered else purchase.NOTHING
        if foreign or (ordered and abs(by_quantity - amount) <= ROUNDING * Fraction(document.unit)):
            return by_quantity
        return amount

    def _read_loose_credits(self, move_ids):
        """What credits of invoices of orders name no line of an order, by invoice: its share of the invoice, and what
        of it is credit notes made by hand.

        These are lines that somebody added to an invoice's credit note, discounts added to the invoice itself, and
        credit notes made by hand that settle the invoice. An invoice with goods of its own keeps the first two for
        them. SQL, because no field leads from an invoice to them.
        """
        if not move_ids:
            return {}
        linked = SQL("EXISTS (SELECT FROM sale_order_line_invoice_rel rel WHERE rel.invoice_line_id = aml.id)")
        rows = self.env.execute_query(
            SQL(
                """
            SELECT credit.move_id, SUM(credit.amount), SUM(credit.amount) FILTER (WHERE credit.bare), MAX(whole.amount)
              FROM (
                SELECT COALESCE(am.reversed_entry_id, am.id) AS move_id, FALSE AS bare,
                       CASE WHEN am.move_type = 'out_refund' THEN aml.price_total ELSE -aml.price_total END AS amount
                  FROM account_move am
                  JOIN account_move_line aml ON aml.move_id = am.id AND aml.display_type = 'product' AND NOT %(linked)s
                 WHERE am.state = 'posted'
                   AND ((am.move_type = 'out_refund' AND am.reversed_entry_id = ANY(%(ids)s))
                        OR (am.id = ANY(%(ids)s) AND aml.price_total < 0))
                   AND NOT EXISTS (
                       SELECT FROM account_move_line aml
                        WHERE aml.move_id = COALESCE(am.reversed_entry_id, am.id) AND aml.display_type = 'product'
                          AND aml.price_total > 0 AND NOT %(linked)s)
                 UNION ALL
                SELECT move_id, TRUE, amount FROM (%(bare)s) bare WHERE move_id = ANY(%(ids)s)
              ) credit
         LEFT JOIN LATERAL (
                SELECT SUM(aml.price_total) AS amount
                  FROM account_move_line aml
                 WHERE aml.move_id = credit.move_id AND aml.display_type = 'product' AND EXISTS (
                       SELECT FROM sale_order_line_invoice_rel rel
                         JOIN sale_order_line sol ON sol.id = rel.order_line_id
                        WHERE rel.invoice_line_id = aml.id AND sol.is_downpayment IS NOT TRUE)
                   ) whole ON TRUE
             GROUP BY credit.move_id
            """,
                ids=list(move_ids),
                linked=linked,
                bare=BARE_CREDITS,
            )
        )
        return {
            move: (purchase.ratio(decimal(amount), decimal(whole)), decimal(bare)) for move, amount, bare, whole in rows
        }

    def _paid_share(self, row):
        residual, bare = decimal(row["residual"]), decimal(row["bare"])
        if row["payment_state"] in PAID_STATES and (residual <= 0 or not bare):
            return purchase.ONE
        return purchase.paid_share(decimal(row["total"]), residual - bare, decimal(row["credited"]))

    def _take_dates(self, document, row):
        if row["move_type"] != "out_invoice":
            return
        document.invoiced_on = max(document.invoiced_on or row["invoice_date"], row["invoice_date"])
        if row["payment_state"] in PAID_STATES:
            paid_on = row["paid_on"] or row["invoice_date"]
            document.paid_on = max(document.paid_on or paid_on, paid_on)
            days = (paid_on - row["invoice_date"]).days
            document.days_to_pay = max(document.days_to_pay or 0, days)

    def _invoice_query(self, order_ids):
        """Posted invoice lines of order lines. SQL: the ORM would read every invoice line and its move one by one."""
        return SQL(
            """
            SELECT sol.order_id, sol.id AS line_id, sol.is_downpayment, sol.product_uom_qty AS ordered,
                   sol.currency_id AS order_currency, aml.price_total AS amount, aml.quantity,
                   aml.product_uom_id AS uom, sol.product_uom_id AS ordered_uom,
                   am.currency_id AS move_currency, am.move_type, am.payment_state, am.amount_total AS total,
                   am.amount_residual AS residual, COALESCE(am.invoice_date, am.date) AS invoice_date,
                   am.id AS move_id, am.reversed_entry_id, COALESCE(credit.amount, 0) AS credited,
                   bare.amount AS bare, GREATEST(paid.on_date, bare.on_date) AS paid_on
              FROM sale_order_line sol
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
              JOIN account_move_line aml ON aml.id = rel.invoice_line_id
              JOIN account_move am ON am.id = aml.move_id AND am.state = 'posted'
                                  AND am.move_type IN ('out_invoice', 'out_refund')
         LEFT JOIN LATERAL (
                   SELECT SUM(refund.amount_total) AS amount FROM account_move refund
                    WHERE refund.reversed_entry_id = am.id AND refund.state = 'posted'
                   ) credit ON am.move_type = 'out_invoice'
         LEFT JOIN LATERAL (%(settled_on)s) paid ON am.move_type = 'out_invoice'
         LEFT JOIN LATERAL (%(bare)s) bare ON am.move_type = 'out_invoice'
             WHERE sol.order_id = ANY(%(ids)s)
            """,
            ids=order_ids,
            settled_on=SETTLED_ON,
            bare=BARE_PAYMENTS,
        )

    # -- invoices without an order -------------------------------------------------

    def read_moves(self, moves):
        """Customer invoices; only lines that come from no sales order are counted."""
        refunds = self._read_refunds(moves)
        documents = []
        for move in moves:
            day = move.invoice_date or move.date
            document = Document(
                "account.move",
                move.id,
                move.company_id.id,
                move.partner_id.id,
                move.commercial_partner_id.id,
                datetime.combine(day, datetime.min.time().replace(hour=12)),
                move.state == "posted",
                decimal(move.currency_id.rounding or 0.01),
                self.rate(move, day),
                "backend",
                move.invoice_payment_term_id.id,
                amount_total=decimal(move.amount_total),
                invoiced_on=day,
                day=day,
            )
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product" and not line.sale_line_ids
            )
            with_taxes = any(line.price_total < 0 for line in lines)
            for line in lines:
                self._add_line(
                    document, line, line._get_club_kind(self.excluded), self.tax_set(line.tax_ids) if with_taxes else ()
                )
            self._settle_move(document, move, *refunds[move.id])
            documents.append(document)
        return documents

    def _settle_move(self, document, move, credits, paid_on, bare):
        amounts = {
            line: (product, document.totals[line]) for line, (product, _categ, _quantity) in document.lines.items()
        }
        document.shares = purchase.refund_shares(amounts, credits)
        paid = self._paid_share(
            {
                "payment_state": move.payment_state,
                "total": move.amount_total,
                "residual": move.amount_residual,
                "bare": bare,
                "credited": sum((amount for _product, amount in credits), ZERO),
            }
        )
        if move.payment_state in PAID_STATES:
            document.paid_on = paid_on or document.invoiced_on
            document.days_to_pay = max((document.paid_on - document.invoiced_on).days, 0)
        document.facts = {line: purchase.Invoiced(paid=paid) for line in document.lines}

    def _read_refunds(self, moves):
        """By invoice: what credit notes took back as (product, amount), the day of the last payment, and what was paid
        without a journal entry. Credit notes made by hand count against the invoice that they settle.
        """
        result = {move: ([], None, ZERO) for move in moves.ids}
        for move, product, amount in self.env.execute_query(
            SQL(
                """
            SELECT refund.reversed_entry_id, COALESCE(aml.product_id, 0), aml.price_total
              FROM account_move refund
              JOIN account_move_line aml ON aml.move_id = refund.id AND aml.display_type = 'product'
             WHERE refund.reversed_entry_id = ANY(%(ids)s) AND refund.state = 'posted'
               AND NOT EXISTS (SELECT 1 FROM sale_order_line_invoice_rel rel WHERE rel.invoice_line_id = aml.id)
             UNION ALL
            SELECT move_id, 0, amount FROM (%(bare)s) bare WHERE move_id = ANY(%(ids)s)
            """,
                ids=moves.ids,
                bare=BARE_CREDITS,
            )
        ):
            result[move][0].append((product, decimal(amount)))
        for move, paid_on, bare in self.env.execute_query(
            SQL(
                """
            SELECT am.id, GREATEST(paid.on_date, bare.on_date), bare.amount
              FROM account_move am
         LEFT JOIN LATERAL (%(settled_on)s) paid ON TRUE
         LEFT JOIN LATERAL (%(bare)s) bare ON TRUE
             WHERE am.id = ANY(%(ids)s)
            """,
                ids=moves.ids,
                settled_on=SETTLED_ON,
                bare=BARE_PAYMENTS,
            )
        ):
            result[move] = (result[move][0], paid_on, decimal(bare))
        return result
