"""The figures of :mod:`behaviour` in SQL, as one would write it by hand: what the club's night is measured against."""

#: Tables as the club's own, with the same indexes and foreign keys.
BARE_TABLES = """
    CREATE TABLE bare (LIKE club_behaviour INCLUDING ALL);
    ALTER TABLE bare ADD FOREIGN KEY (member_id) REFERENCES club_member (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (club_id) REFERENCES club_club (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (favourite_product_id) REFERENCES product_product (id) ON DELETE SET NULL,
      ADD FOREIGN KEY (favourite_categ_id) REFERENCES product_category (id) ON DELETE SET NULL;
    CREATE TABLE bare_change (LIKE club_stage_change INCLUDING ALL);
    ALTER TABLE bare_change ADD FOREIGN KEY (member_id) REFERENCES club_member (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (club_id) REFERENCES club_club (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE CASCADE;
"""

BARE = """
    WITH sale AS (
        SELECT member_id, COALESCE(revises_id, id) AS root, SUM(amount) AS amount,
               (MIN(occurred_at) AT TIME ZONE 'UTC' AT TIME ZONE 'UTC')::date AS day,
               MAX(id) FILTER (WHERE payload ? 'lines') AS said
          FROM club_event WHERE club_id = %(club)s AND type = 'purchase' GROUP BY 1, 2 HAVING SUM(amount) > 0),
    days AS (SELECT member_id, day, COUNT(*) AS bought, SUM(amount) AS sales FROM sale GROUP BY 1, 2),
    figures AS (
        SELECT member_id, SUM(bought) AS bought, COUNT(*) AS days, SUM(sales) AS sales, MIN(day) AS first,
               MAX(day) AS last, (ARRAY_AGG(day ORDER BY day DESC))[2] AS previous,
               (ARRAY_AGG(sales ORDER BY day))[1] AS first_sales FROM days GROUP BY 1),
    steps AS (SELECT member_id, ARRAY_AGG(day ORDER BY day) AS days FROM sale GROUP BY 1),
    ranked AS (
        SELECT member_id, NTILE(5) OVER (ORDER BY last) AS r, NTILE(5) OVER (ORDER BY bought) AS f,
               NTILE(5) OVER (ORDER BY sales) AS m FROM figures),
    line AS (
        SELECT sale.member_id, sale.root, sale.amount, (item->>1)::integer AS product, (item->>2)::integer AS categ,
               (item->>3)::numeric AS quantity, (item->>4)::numeric AS paid,
               SUM((item->>4)::numeric) OVER (PARTITION BY sale.root) AS whole
          FROM sale JOIN club_event e ON e.id = sale.said, jsonb_array_elements(e.payload->'lines') item),
    good AS (
        SELECT line.*, amount * paid / whole AS sales,
               quantity * LEAST(1, amount / whole) * (p.standard_price->>%(company_key)s)::numeric AS cost
          FROM line LEFT JOIN product_product p ON p.id = line.product),
    margins AS (SELECT member_id, ROUND(SUM(sales - cost), 2) AS margin FROM good GROUP BY 1),
    products AS (
        SELECT DISTINCT ON (member_id) member_id, product FROM good GROUP BY member_id, product
         ORDER BY member_id, COUNT(DISTINCT root) DESC, SUM(sales) DESC, product),
    categs AS (
        SELECT DISTINCT ON (member_id) member_id, categ FROM good GROUP BY member_id, categ
         ORDER BY member_id, COUNT(DISTINCT root) DESC, SUM(sales) DESC, categ),
    visits AS (
        SELECT member_id, COUNT(*) FILTER (WHERE occurred_at >= %(recent)s) AS recent,
               COUNT(*) FILTER (WHERE occurred_at < %(recent)s) AS before
          FROM club_event WHERE club_id = %(club)s AND type = 'visit' AND occurred_at >= %(before)s GROUP BY 1),
    people AS (
        SELECT m.id AS member_id, m.partner_id FROM club_member m WHERE m.club_id = %(club)s
         UNION ALL
        SELECT m.id, p.id FROM club_member m JOIN res_partner p ON p.parent_id = m.partner_id AND p.type <> 'contact'
         WHERE m.club_id = %(club)s),
    contact AS (
        SELECT people.member_id, 'call' AS kind, c.id, c.date AS at, 0 AS hours
          FROM people JOIN mail_message c ON c.model = 'res.partner' AND c.res_id = people.partner_id
          JOIN mail_activity_type t ON t.id = c.mail_activity_type_id AND t.category = 'phonecall'
         UNION
        SELECT people.member_id, 'call', c.id, c.date, 0
          FROM people JOIN mail_message c ON c.model = 'club.member' AND c.res_id = people.member_id
          JOIN mail_activity_type t ON t.id = c.mail_activity_type_id AND t.category = 'phonecall'
         UNION
        SELECT people.member_id, 'call', c.id, c.date, 0
          FROM people JOIN crm_lead lead ON lead.partner_id = people.partner_id
          JOIN mail_message c ON c.model = 'crm.lead' AND c.res_id = lead.id
          JOIN mail_activity_type t ON t.id = c.mail_activity_type_id AND t.category = 'phonecall'
         UNION
        SELECT people.member_id, 'call', c.id, c.date, 0
          FROM people JOIN sale_order so ON so.partner_id = people.partner_id
          JOIN mail_message c ON c.model = 'sale.order' AND c.res_id = so.id
          JOIN mail_activity_type t ON t.id = c.mail_activity_type_id AND t.category = 'phonecall'
         UNION
        SELECT people.member_id, 'meeting', e.id, e.start, e.duration
          FROM people JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = people.partner_id
          JOIN calendar_event e ON e.id = rel.calendar_event_id AND e.active AND e.start <= now()
         UNION
        SELECT people.member_id, 'mail', m.id, m.date, 0
          FROM people JOIN mail_notification n ON n.res_partner_id = people.partner_id
           AND n.notification_type = 'email' JOIN mail_message m ON m.id = n.mail_message_id
         UNION
        SELECT people.member_id, 'mail', m.id, m.date, 0
          FROM people JOIN mail_message m ON m.author_id = people.partner_id AND m.message_type = 'email'),
    contacts AS (
        SELECT member_id, COUNT(*) FILTER (WHERE kind = 'call') AS calls,
               COUNT(*) FILTER (WHERE kind = 'meeting') AS meetings, COUNT(*) FILTER (WHERE kind = 'mail') AS mails,
               60 * SUM(hours) AS minutes,
               COUNT(*) FILTER (WHERE kind = 'call' AND at >= %(recent)s) AS call_recent,
               COUNT(*) FILTER (WHERE kind = 'call' AND at >= %(before)s AND at < %(recent)s) AS call_before,
               COUNT(*) FILTER (WHERE at >= %(recent)s) AS recent,
               COUNT(*) FILTER (WHERE at >= %(before)s AND at < %(recent)s) AS before
          FROM contact GROUP BY 1),
    views AS (
        SELECT people.member_id, COUNT(*) AS views
          FROM people JOIN website_visitor v ON v.partner_id = people.partner_id
          JOIN website_track t ON t.visitor_id = v.id AND t.product_id IS NOT NULL GROUP BY 1),
    wishes AS (
        SELECT people.member_id, COUNT(*) AS wishes
          FROM people JOIN product_wishlist w ON w.partner_id = people.partner_id AND w.active GROUP BY 1),
    carts AS (
        SELECT people.member_id, COUNT(*) AS carts, SUM(so.amount_untaxed / so.currency_rate) AS amount
          FROM people JOIN sale_order so ON so.partner_id = people.partner_id AND so.state = 'draft'
          JOIN website w ON w.id = so.website_id
         WHERE so.date_order <= now() - interval '1 hour' * w.cart_abandoned_delay GROUP BY 1),
    payments AS (
        SELECT member_id, AVG(days) AS days, COUNT(*) AS paid
          FROM (SELECT people.member_id, am.id, MAX(part.max_date) - am.invoice_date AS days
                  FROM people JOIN account_move am ON am.partner_id = people.partner_id
                   AND am.move_type = 'out_invoice' AND am.state = 'posted'
                   AND am.payment_state IN ('paid', 'in_payment')
                  JOIN account_move_line rec ON rec.move_id = am.id AND rec.display_type = 'payment_term'
                  JOIN account_partial_reconcile part ON part.debit_move_id = rec.id GROUP BY 1, am.id) settled
         GROUP BY 1),
    moved AS (
        SELECT card_id, SUM(available) AS available FROM club_point_entry
         WHERE club_id = %(club)s AND date >= %(recent)s GROUP BY 1),
    known AS (
        SELECT m.id AS member_id, figures.bought, figures.days, figures.sales, figures.first, figures.last,
               figures.previous, figures.first_sales, steps.days AS step_days, ranked.r, ranked.f, ranked.m,
               margins.margin, products.product, categs.categ, contacts.calls, contacts.meetings, contacts.mails,
               contacts.minutes, contacts.call_recent, contacts.call_before, contacts.recent, contacts.before,
               visits.recent AS visit_recent, visits.before AS visit_before,
               views.views, wishes.wishes, carts.carts, carts.amount, payments.days AS to_pay,
               payments.paid, card.points::numeric AS points,
               card.points::numeric - COALESCE(moved.available, 0) AS points_before,
               current_date - last AS silent, current_date - first AS age, last - previous AS gap,
               CASE WHEN figures.days > 1 THEN (last - first)::float8 / (figures.days - 1) END AS every,
               CASE WHEN figures.days > 2 THEN (previous - first)::float8 / (figures.days - 2) END AS usual,
               ((COALESCE(contacts.before, 0) >= 2 AND 2 * contacts.recent <= contacts.before)::integer
               + (COALESCE(visits.before, 0) >= 2 AND 2 * visits.recent <= visits.before)::integer
               + (card.points > 0 AND 2 * card.points::numeric <= card.points::numeric - COALESCE(moved.available,
                  0))::integer) >= 2 AS fading
          FROM club_member m JOIN loyalty_card card ON card.id = m.card_id
     LEFT JOIN figures ON figures.member_id = m.id LEFT JOIN steps ON steps.member_id = m.id
     LEFT JOIN ranked ON ranked.member_id = m.id LEFT JOIN margins ON margins.member_id = m.id
     LEFT JOIN products ON products.member_id = m.id LEFT JOIN categs ON categs.member_id = m.id
     LEFT JOIN contacts ON contacts.member_id = m.id LEFT JOIN visits ON visits.member_id = m.id
     LEFT JOIN views ON views.member_id = m.id LEFT JOIN wishes ON wishes.member_id = m.id
     LEFT JOIN carts ON carts.member_id = m.id LEFT JOIN payments ON payments.member_id = m.id
     LEFT JOIN moved ON moved.card_id = m.card_id
         WHERE m.club_id = %(club)s AND m.state = 'active')
    SELECT * INTO TEMP bare_known FROM known
"""
BARE_ROWS = """
    CREATE TEMP TABLE bare_row AS
    SELECT limited.*,
           CASE WHEN last IS NULL THEN 'prospect' WHEN silent >= lapsed THEN 'lapsed' WHEN silent >= risk THEN 'at_risk'
                WHEN gap >= lapsed_then AND silent < 90 THEN 'won_back' WHEN age < 30 THEN 'new' ELSE 'active' END AS
                stage,
           CASE WHEN silent >= lapsed THEN last + lapsed WHEN silent >= risk THEN last + risk
                WHEN gap >= lapsed_then AND silent < 90 THEN last WHEN age < 30 THEN first
                WHEN gap >= lapsed_then THEN LEAST(last + 90, current_date)
                ELSE LEAST(GREATEST(first + 30, CASE WHEN gap >= risk THEN last ELSE first END), current_date) END AS
                since,
           CASE WHEN bought >= 10 THEN 'fan' WHEN bought >= 4 THEN 'loyal' WHEN bought >= 2 THEN 'repeat'
                WHEN bought = 1 THEN 'single' ELSE 'none' END AS ladder
      FROM (SELECT spaced.*, CASE WHEN fading AND age >= 30 THEN GREATEST(14, LEAST(risk_days, lapsed) / 2) ELSE
                   LEAST(risk_days, lapsed) END AS risk
              FROM (SELECT *, GREATEST(COALESCE(ROUND(2 * every)::integer, 90), 14) AS risk_days,
                           GREATEST(COALESCE(ROUND(6 * every)::integer, 365), 14) AS lapsed,
                           GREATEST(COALESCE(ROUND(6 * usual)::integer, 365), 14) AS lapsed_then
                      FROM bare_known) spaced) limited;
    INSERT INTO bare_change (member_id, club_id, company_id, field, old, new, date)
    SELECT member_id, %(club)s, %(company)s, 'stage', 'prospect', stage, since FROM bare_row WHERE stage <> 'prospect'
     UNION ALL
    SELECT member_id, %(club)s, %(company)s, 'ladder', old, new, day
      FROM bare_row, LATERAL (VALUES ('none', 'single', step_days[1]), ('single', 'repeat', step_days[2]),
           ('repeat', 'loyal', step_days[4]), ('loyal', 'fan', step_days[10])) step (old, new, day)
     WHERE day IS NOT NULL;
    INSERT INTO bare (member_id, club_id, company_id, order_count, purchase_days, sales, first_sales, gap_days, margin,
           paid_count, call_count, meeting_count, mail_count, contact_minutes, call_recent, call_before,
           contact_recent, contact_before, visit_recent, visit_before, view_count, wishlist_count, cart_count,
           cart_amount, points, points_before, average_basket, first_purchase_on, last_purchase_on, recency_days,
           interval_days, days_to_pay, favourite_product_id, favourite_categ_id, recency_score, frequency_score,
           monetary_score, rfm, rfm_cell, stage, stage_since, ladder, fading, p_alive, refreshed_at)
    SELECT member_id, %(club)s, %(company)s, COALESCE(bought, 0), COALESCE(days, 0), COALESCE(sales, 0),
           COALESCE(first_sales, 0), COALESCE(gap, 0), COALESCE(margin, 0), COALESCE(paid, 0), COALESCE(calls, 0),
           COALESCE(meetings, 0), COALESCE(mails, 0), COALESCE(minutes, 0), COALESCE(call_recent, 0),
           COALESCE(call_before, 0), COALESCE(recent, 0), COALESCE(before, 0), COALESCE(visit_recent, 0),
           COALESCE(visit_before, 0), COALESCE(views, 0), COALESCE(wishes, 0), COALESCE(carts, 0),
           COALESCE(amount, 0), points, points_before, ROUND(sales / bought, 2), first, last, silent,
           ROUND(every::numeric, 1), ROUND(to_pay, 1), product, categ, COALESCE(r, 0), COALESCE(f, 0), COALESCE(m, 0),
           r::text || f || m,
           CASE WHEN r >= 4 AND f + m >= 7 THEN 'champions' WHEN r >= 3 AND f + m >= 7 THEN 'loyal'
                WHEN r >= 4 AND f + m >= 5 THEN 'loyal' WHEN r = 5 AND f + m <= 2 THEN 'new'
                WHEN r >= 4 THEN 'promising' WHEN r = 3 THEN 'needs_attention' WHEN f + m >= 9 THEN 'cannot_lose'
                WHEN f + m >= 5 THEN 'at_risk' WHEN r = 2 THEN 'hibernating' WHEN r = 1 THEN 'lost' ELSE 'none' END,
           stage, since, ladder, fading,
           CASE WHEN days > 1 THEN 1 / (1 + EXP(LEAST(700, LN(%(a)s::float8 / (%(b)s + days - 2)) + (%(r)s + days - 1)
             * LN((%(alpha)s + age / 7::float8) / (%(alpha)s + (last - first) / 7::float8))))) WHEN days = 1 THEN 1 END,
           now()
      FROM bare_row;
"""
