"""What members did in the web shop, how they pay, and their points."""

from odoo.tools import SQL


def shop(reader):
    """Products viewed, wishes and abandoned carts, the last as the website itself defines them.

    Those of the company's websites, and views of visitors whom Odoo noted no website for.
    """
    wishes = SQL("")
    if "product.wishlist" in reader.env:
        wishes = SQL(
            """
             UNION ALL
            SELECT people.member_id, 0, COUNT(*), 0, 0
              FROM %(people)s people JOIN product_wishlist wish ON wish.partner_id = people.partner_id AND wish.active
              JOIN website site ON site.id = wish.website_id AND site.company_id = %(company)s
             GROUP BY people.member_id
            """,
            people=reader.table("people"),
            company=reader.company,
        )
    return SQL(
        """
        WITH found (member_id, view_count, wishlist_count, cart_count, cart_amount) AS (
            SELECT people.member_id, COUNT(*), 0, 0, 0::numeric
              FROM %(people)s people JOIN website_visitor visitor ON visitor.partner_id = people.partner_id
         LEFT JOIN website site ON site.id = visitor.website_id
              JOIN website_track track ON track.visitor_id = visitor.id AND track.product_id IS NOT NULL
             WHERE COALESCE(site.company_id, %(company)s) = %(company)s
             GROUP BY people.member_id
             UNION ALL
            SELECT people.member_id, 0, 0, COUNT(*), SUM(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1))
              FROM %(people)s people JOIN sale_order so ON so.partner_id = people.partner_id AND so.state = 'draft'
              JOIN website site ON site.id = so.website_id
             WHERE so.company_id = %(company)s
               AND so.date_order <= %(now)s - make_interval(
                   secs => 3600 * COALESCE(NULLIF(site.cart_abandoned_delay, 0), 1))
               AND EXISTS (SELECT FROM sale_order_line line WHERE line.order_id = so.id)
             GROUP BY people.member_id
            %(wishes)s)
        SELECT member_id, SUM(view_count)::integer AS view_count, SUM(wishlist_count)::integer AS wishlist_count,
               SUM(cart_count)::integer AS cart_count, ROUND(SUM(cart_amount)::numeric, %(digits)s) AS cart_amount
          FROM found GROUP BY member_id
        """,
        people=reader.table("people"),
        company=reader.company,
        now=reader.now,
        digits=reader.digits,
        wishes=wishes,
    )


def payments(reader):
    """Days from invoice to last payment, on average, of invoices paid in full."""
    return SQL(
        """
        SELECT member_id, ROUND(AVG(days), 1) AS days_to_pay, COUNT(*)::integer AS paid_count
          FROM (SELECT people.member_id, am.id, MAX(part.max_date) - am.invoice_date AS days
                  FROM %(people)s people
                  JOIN account_move am ON am.partner_id = people.partner_id AND am.move_type = 'out_invoice'
                   AND am.state = 'posted' AND am.payment_state IN ('paid', 'in_payment')
                   AND am.company_id = %(company)s
                  JOIN account_move_line rec ON rec.move_id = am.id AND rec.display_type = 'payment_term'
                  JOIN account_partial_reconcile part ON part.debit_move_id = rec.id
                 GROUP BY people.member_id, am.id) settled
         GROUP BY member_id
        """,
        people=reader.table("people"),
        company=reader.company,
    )


def points(reader):
    """Points that can be spent now, and those of the beginning of the last window."""
    return SQL(
        """
        SELECT chosen.member_id, card.points::numeric AS points,
               card.points::numeric - COALESCE(moved.available, 0) AS points_before
          FROM %(chosen)s chosen JOIN loyalty_card card ON card.id = chosen.card_id
     LEFT JOIN (SELECT e.card_id, SUM(e.available) AS available
                  FROM %(chosen)s chosen JOIN club_point_entry e ON e.card_id = chosen.card_id
                 WHERE e.date >= %(recent)s AND %(theirs)s GROUP BY e.card_id) moved ON moved.card_id = chosen.card_id
        """,
        chosen=reader.table("chosen"),
        theirs=reader.within(SQL("e.card_id"), reader.cards),
        recent=reader.recent,
    )
