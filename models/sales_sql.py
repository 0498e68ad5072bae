"""SQL about sales that several rooms share, so that all of them count the same. No model: any room may import it."""

from odoo.tools import SQL

#: What is left of a line ``line`` of an order after its posted credit notes (``worth.kept``, without taxes, in the
#: currency of the order); what was credited and invoiced again counts. Lines that were never credited cost one look-up.
WHAT_IS_KEPT = SQL(
    """
    LEFT JOIN LATERAL (
         SELECT SUM(aml.price_subtotal) FILTER (WHERE am.move_type = 'out_invoice') AS invoiced,
                SUM(aml.price_subtotal) FILTER (WHERE am.move_type = 'out_refund') AS refunded
           FROM sale_order_line_invoice_rel rel
           JOIN account_move_line aml ON aml.id = rel.invoice_line_id
           JOIN account_move am ON am.id = aml.move_id AND am.state = 'posted'
          WHERE rel.order_line_id = line.id
    ) credited ON TRUE
   CROSS JOIN LATERAL (
         SELECT CASE WHEN credited.refunded IS NULL THEN line.price_subtotal
                ELSE SIGN(line.price_subtotal) * GREATEST(0, ABS(line.price_subtotal) - GREATEST(0,
                     ABS(credited.refunded)
                     - GREATEST(0, ABS(COALESCE(credited.invoiced, 0)) - ABS(line.price_subtotal)))) END AS kept
    ) worth
    """
)
