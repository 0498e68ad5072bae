"""What is recorded about members of one club, read set by set: some ten statements for any number of members.

SQL throughout: every figure is an aggregate over facts, messages or orders of thousands of members at once, with dates
in the club's time zone, which the ORM cannot group by.
"""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

#: Days of the two windows that are compared.
WINDOW = 90
#: People who count as customers of the club, whether or not they are members today.
PERSONS = ("active", "left", "merged", "erased")


class BehaviourReader:
    """Reads the facts of one club.

    :param club: one club; everything is in its currency and time zone, read as sudo.
    :param date today: its local day, default today.
    """

    def __init__(self, club, today=None):
        self.club = club.sudo()
        self.env = self.club.env
        self.now = fields.Datetime.now()
        self.today = today or self.club._get_today()
        self.digits = self.club.currency_id.decimal_places
        self.midnight = periods.day_bounds(self.today, self.club.tz)
        since, _end = periods.day_bounds(self.today - timedelta(days=WINDOW - 1), self.club.tz)
        before, _end = periods.day_bounds(self.today - timedelta(days=2 * WINDOW - 1), self.club.tz)
        self.recent, self.before = since, before

    # -- purchases ------------------------------------------------------------------------------------

    def purchases(self, kin):
        """A line per purchase that is worth something today: member, root_id, day, at, worth, sales.

        :param SQL kin: query of (member_id, source_id): whose facts count for which member; a merged member's count for
            its heir.
        """
        return SQL(
            """
            SELECT sale.member_id, sale.root_id, sale.at, sale.worth, sale.origin_model, sale.origin_id,
                   (sale.at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   ROUND(sale.worth * %(ratio)s, %(digits)s) AS sales
              FROM (SELECT kin.member_id, COALESCE(e.revises_id, e.id) AS root_id, SUM(e.amount) AS worth,
                           MIN(e.occurred_at) AS at, MIN(e.origin_model) AS origin_model, MIN(e.origin_id) AS origin_id
                      FROM (%(kin)s) kin
                      JOIN club_event e ON e.member_id = kin.source_id AND e.type = 'purchase'
                     GROUP BY kin.member_id, COALESCE(e.revises_id, e.id)
                    HAVING SUM(e.amount) > 0) sale
              %(joins)s
            """,
            tz=self.club.tz,
            digits=self.digits,
            kin=kin,
            ratio=self._untaxed_ratio(),
            joins=self._untaxed_joins(),
        )

    def _untaxed_ratio(self):
        """What of a purchase's worth is no tax: 1 in a club that counts without taxes, and for what has no document."""
        if self.club.earn_tax == "excluded":
            return SQL("1")
        return SQL("COALESCE(ordered.ratio, billed.ratio, %s, 1)", SQL("till.ratio") if self._has_till() else SQL("1"))

    def _untaxed_joins(self):
        """Goods of a document without and with taxes; negative lines (rewards, gift cards) carry other taxes."""
        if self.club.earn_tax == "excluded":
            return SQL("")
        till = SQL("")
        if self._has_till():
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

    def _has_till(self):
        return "pos.order" in self.env

    def everybody(self, states=PERSONS):
        """Query of (member_id, source_id) for the whole club."""
        return SQL(
            """
            SELECT heir.id AS member_id, source.id AS source_id
              FROM club_member source JOIN club_member heir ON heir.id = COALESCE(source.merged_into_id, source.id)
             WHERE source.club_id = %s AND heir.state IN %s
            """,
            self.club.id,
            tuple(states),
        )

    def only(self, member_ids):
        """Query of (member_id, source_id) for these members."""
        return SQL(
            """
            SELECT id AS member_id, id AS source_id FROM club_member WHERE id = ANY(%(ids)s)
             UNION ALL
            SELECT merged_into_id, id FROM club_member WHERE merged_into_id = ANY(%(ids)s)
            """,
            ids=list(member_ids),
        )

    def read_purchases(self, member_ids):
        """Counts, sums and days of purchases by member; ``steps`` are the days of the purchases that climb the ladder.

        :rtype: dict[int, dict]
        """
        loyal, fan = self.club.behaviour_loyal, self.club.behaviour_fan
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH purchase AS MATERIALIZED (%(purchases)s),
                daily AS (SELECT member_id, day, COUNT(*) AS number, SUM(sales) AS sales FROM purchase GROUP BY 1, 2),
                steps AS (
                    SELECT member_id, (ARRAY_AGG(day ORDER BY at, root_id)) AS days FROM purchase GROUP BY 1)
                SELECT daily.member_id, SUM(daily.number)::integer AS order_count,
                       COUNT(*)::integer AS purchase_days, SUM(daily.sales) AS sales,
                       MIN(daily.day) AS first_purchase_on, MAX(daily.day) AS last_purchase_on,
                       (ARRAY_AGG(daily.day ORDER BY daily.day DESC))[2] AS previous_on,
                       (ARRAY_AGG(daily.sales ORDER BY daily.day))[1] AS first_sales,
                       ARRAY[MIN(steps.days[1]), MIN(steps.days[2]), MIN(steps.days[%(loyal)s]),
                             MIN(steps.days[%(fan)s])] AS steps
                  FROM daily JOIN steps ON steps.member_id = daily.member_id
                 GROUP BY daily.member_id
                """,
                purchases=self.purchases(self.only(member_ids)),
                loyal=loyal,
                fan=fan,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read_goods(self, member_ids):
        """Margin, favourite product and favourite category by member.

        The goods of a purchase are those of its last fact that names lines, scaled to what the purchase is worth now.
        A favourite is what most purchases held; then the most money; then the older record.

        :rtype: dict[int, dict]
        """
        kept_cost = "purchase_price" in self.env["sale.order.line"]._fields
        cost = SQL("NULLIF((product.standard_price->>%s)::numeric, 0)", str(self.club.company_id.id))
        kept_join = SQL("")
        if kept_cost:
            cost = SQL("COALESCE(NULLIF(kept.purchase_price / NULLIF(kept_order.currency_rate, 0), 0), %s)", cost)
            kept_join = SQL(
                """
                LEFT JOIN sale_order_line kept ON line.origin_model = 'sale.order' AND kept.id = line.line_id
                LEFT JOIN sale_order kept_order ON kept_order.id = kept.order_id
                """
            )
        rows = self.env.execute_query(
            SQL(
                """
                WITH purchase AS MATERIALIZED (%(purchases)s),
                said AS (
                    SELECT p.root_id, e.id, e.payload FROM purchase p JOIN club_event e ON e.id = p.root_id
                     UNION ALL
                    SELECT p.root_id, e.id, e.payload FROM purchase p JOIN club_event e ON e.revises_id = p.root_id),
                latest AS (
                    SELECT DISTINCT ON (root_id) root_id, payload FROM said WHERE payload ? 'lines'
                     ORDER BY root_id, id DESC),
                line AS (
                    SELECT p.member_id, p.root_id, p.worth, p.sales, p.origin_model, NULLIF(item->>0, 'false')::integer
                           AS line_id, NULLIF(item->>1, 'false')::integer AS product_id,
                           NULLIF(item->>2, 'false')::integer AS categ_id,
                           (item->>3)::numeric AS quantity,
                           (item->>4)::numeric * COALESCE((latest.payload->>'rate')::numeric, 1) AS amount
                      FROM purchase p JOIN latest ON latest.root_id = p.root_id
                CROSS JOIN LATERAL jsonb_array_elements(latest.payload->'lines') item),
                part AS (
                    SELECT line.*, SUM(amount) OVER (PARTITION BY root_id) AS whole FROM line),
                good AS MATERIALIZED (
                    SELECT line.member_id, line.root_id, product.id AS product_id, categ.id AS categ_id,
                           line.sales * line.amount / line.whole AS sales,
                           line.quantity * LEAST(1, line.worth / line.whole) * %(cost)s AS cost
                      FROM part line
                 LEFT JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN product_category categ ON categ.id = line.categ_id
                      %(kept_join)s
                     WHERE line.whole > 0)
                SELECT 'margin', member_id, NULL::integer, ROUND(SUM(sales - cost), %(digits)s)
                  FROM good WHERE cost IS NOT NULL GROUP BY member_id
                 UNION ALL
                (SELECT DISTINCT ON (member_id) 'favourite_product_id', member_id, product_id, 0
                   FROM good WHERE product_id IS NOT NULL GROUP BY member_id, product_id
                  ORDER BY member_id, COUNT(DISTINCT root_id) DESC, SUM(sales) DESC, product_id)
                 UNION ALL
                (SELECT DISTINCT ON (member_id) 'favourite_categ_id', member_id, categ_id, 0
                   FROM good WHERE categ_id IS NOT NULL GROUP BY member_id, categ_id
                  ORDER BY member_id, COUNT(DISTINCT root_id) DESC, SUM(sales) DESC, categ_id)
                """,
                purchases=self.purchases(self.only(member_ids)),
                cost=cost,
                kept_join=kept_join,
                digits=self.digits,
            )
        )
        found = {}
        for name, member_id, record_id, amount in rows:
            found.setdefault(member_id, {})[name] = amount if name == "margin" else record_id
        return found

    # -- people and what they do apart from buying ----------------------------------------------------

    def read_people(self, member_ids):
        """Pairs of member and partner: the member's contact, its addresses, and where companies are members, theirs.

        :return: two lists of ids of one length.
        """
        theirs = SQL("p.parent_id = m.partner_id AND p.type <> 'contact'")
        if self.club.earner == "company":
            theirs = SQL("p.commercial_partner_id = m.partner_id AND p.id <> m.partner_id")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.partner_id FROM club_member m WHERE m.id = ANY(%(ids)s)
                 UNION
                SELECT m.id, p.id FROM club_member m JOIN res_partner p ON %(theirs)s WHERE m.id = ANY(%(ids)s)
                """,
                ids=list(member_ids),
                theirs=theirs,
            )
        )
        return [member for member, _partner in rows], [partner for _member, partner in rows]

    def read_contacts(self, member_ids, people):
        """Calls, meetings and mails by member: how many, how long, and in the two windows.

        A call is a done activity of that kind on the contact, the member, a lead or an order; Odoo keeps no length of
        it. A meeting is an event of the calendar that has begun. A mail is one sent to the contact or received.

        :rtype: dict[int, dict]
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH people AS (SELECT * FROM unnest(%(members)s, %(partners)s) AS t(member_id, partner_id)),
                called AS NOT MATERIALIZED (
                    SELECT m.id, m.model, m.res_id, m.date
                      FROM mail_message m JOIN mail_activity_type kind ON kind.id = m.mail_activity_type_id
                     WHERE kind.category = 'phonecall'),
                contact AS (
                    SELECT people.member_id, 'call' AS kind, c.id, c.date AS at, 0 AS hours
                      FROM people JOIN called c ON c.model = 'res.partner' AND c.res_id = people.partner_id
                     UNION
                    SELECT people.member_id, 'call', c.id, c.date, 0
                      FROM people JOIN called c ON c.model = 'club.member' AND c.res_id = people.member_id
                     UNION
                    SELECT people.member_id, 'call', c.id, c.date, 0
                      FROM people JOIN crm_lead lead ON lead.partner_id = people.partner_id
                      JOIN called c ON c.model = 'crm.lead' AND c.res_id = lead.id
                     UNION
                    SELECT people.member_id, 'call', c.id, c.date, 0
                      FROM people JOIN sale_order so ON so.partner_id = people.partner_id
                      JOIN called c ON c.model = 'sale.order' AND c.res_id = so.id
                     UNION
                    SELECT people.member_id, 'meeting', event.id, event.start, event.duration
                      FROM people JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = people.partner_id
                      JOIN calendar_event event ON event.id = rel.calendar_event_id
                     WHERE event.active AND event.start <= %(now)s
                     UNION
                    SELECT people.member_id, 'mail', m.id, m.date, 0
                      FROM people JOIN mail_notification n ON n.res_partner_id = people.partner_id
                       AND n.notification_type = 'email' AND n.notification_status NOT IN ('canceled', 'exception')
                      JOIN mail_message m ON m.id = n.mail_message_id
                     UNION
                    SELECT people.member_id, 'mail', m.id, m.date, 0
                      FROM people JOIN mail_message m ON m.author_id = people.partner_id AND m.message_type = 'email')
                SELECT member_id,
                       COUNT(*) FILTER (WHERE kind = 'call') AS call_count,
                       COUNT(*) FILTER (WHERE kind = 'meeting') AS meeting_count,
                       COUNT(*) FILTER (WHERE kind = 'mail') AS mail_count,
                       ROUND(60 * SUM(hours))::integer AS contact_minutes,
                       COUNT(*) FILTER (WHERE kind = 'call' AND at >= %(recent)s) AS call_recent,
                       COUNT(*) FILTER (WHERE kind = 'call' AND at >= %(before)s AND at < %(recent)s) AS call_before,
                       COUNT(*) FILTER (WHERE at >= %(recent)s) AS contact_recent,
                       COUNT(*) FILTER (WHERE at >= %(before)s AND at < %(recent)s) AS contact_before
                  FROM contact GROUP BY member_id
                """,
                members=people[0],
                partners=people[1],
                now=self.now,
                recent=self.recent,
                before=self.before,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read_visits(self, member_ids, people):
        """Visits that the club recorded, in the two windows."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT kin.member_id,
                       COUNT(*) FILTER (WHERE e.occurred_at >= %(recent)s) AS visit_recent,
                       COUNT(*) FILTER (WHERE e.occurred_at < %(recent)s) AS visit_before
                  FROM (%(kin)s) kin
                  JOIN club_event e ON e.member_id = kin.source_id AND e.type = 'visit' AND e.revises_id IS NULL
                 WHERE e.occurred_at >= %(before)s
                 GROUP BY kin.member_id
                """,
                kin=self.only(member_ids),
                recent=self.recent,
                before=self.before,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read_shop(self, member_ids, people):
        """Products viewed, wishes and abandoned carts, the last as the website itself defines them."""
        wishes = SQL("")
        if "product.wishlist" in self.env:
            wishes = SQL(
                """
                 UNION ALL
                SELECT people.member_id, 0, COUNT(*), 0, 0
                  FROM people JOIN product_wishlist wish ON wish.partner_id = people.partner_id AND wish.active
                 GROUP BY people.member_id
                """
            )
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH people AS (SELECT * FROM unnest(%(members)s, %(partners)s) AS t(member_id, partner_id)),
                found (member_id, view_count, wishlist_count, cart_count, cart_amount) AS (
                    SELECT people.member_id, COUNT(*), 0, 0, 0::numeric
                      FROM people JOIN website_visitor visitor ON visitor.partner_id = people.partner_id
                      JOIN website_track track ON track.visitor_id = visitor.id AND track.product_id IS NOT NULL
                     GROUP BY people.member_id
                     UNION ALL
                    SELECT people.member_id, 0, 0, COUNT(*), SUM(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate,
                           0), 1))
                      FROM people JOIN sale_order so ON so.partner_id = people.partner_id AND so.state = 'draft'
                      JOIN website site ON site.id = so.website_id
                     WHERE so.company_id = %(company)s
                       AND so.date_order <= %(now)s - make_interval(
                           secs => 3600 * COALESCE(NULLIF(site.cart_abandoned_delay, 0), 1))
                       AND EXISTS (SELECT FROM sale_order_line line WHERE line.order_id = so.id)
                     GROUP BY people.member_id
                    %(wishes)s)
                SELECT member_id, SUM(view_count)::integer AS view_count, SUM(wishlist_count)::integer AS
                       wishlist_count, SUM(cart_count)::integer AS cart_count,
                       ROUND(SUM(cart_amount)::numeric, %(digits)s) AS cart_amount
                  FROM found GROUP BY member_id
                """,
                members=people[0],
                partners=people[1],
                company=self.club.company_id.id,
                now=self.now,
                digits=self.digits,
                wishes=wishes,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read_payments(self, member_ids, people):
        """Days from invoice to last payment, on average, of invoices paid in full."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT member_id, ROUND(AVG(days), 1) AS days_to_pay, COUNT(*)::integer AS paid_count
                  FROM (SELECT people.member_id, am.id, MAX(part.max_date) - am.invoice_date AS days
                          FROM unnest(%(members)s, %(partners)s) AS people(member_id, partner_id)
                          JOIN account_move am ON am.partner_id = people.partner_id AND am.move_type = 'out_invoice'
                           AND am.state = 'posted' AND am.payment_state IN ('paid', 'in_payment')
                           AND am.company_id = %(company)s
                          JOIN account_move_line rec ON rec.move_id = am.id AND rec.display_type = 'payment_term'
                          JOIN account_partial_reconcile part ON part.debit_move_id = rec.id
                         GROUP BY people.member_id, am.id) settled
                 GROUP BY member_id
                """,
                members=people[0],
                partners=people[1],
                company=self.club.company_id.id,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read_points(self, member_ids, people):
        """Points that can be spent now, and those of the beginning of the last window."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT m.id AS member_id, card.points::numeric AS points,
                       card.points::numeric - COALESCE(moved.available, 0) AS points_before
                  FROM club_member m JOIN loyalty_card card ON card.id = m.card_id
             LEFT JOIN LATERAL (SELECT SUM(e.available) AS available FROM club_point_entry e
                                 WHERE e.card_id = card.id AND e.date >= %(recent)s) moved ON TRUE
                 WHERE m.id = ANY(%(ids)s)
                """,
                ids=list(member_ids),
                recent=self.recent,
            )
        )
        return {row.pop("member_id"): row for row in rows}

    def read(self, member_ids):
        """Everything that is known of these members, by id; what is missing was never done.

        :rtype: dict[int, dict]
        """
        found = {member_id: {} for member_id in member_ids}
        people = self.read_people(member_ids)
        sources = [self.read_purchases(member_ids), self.read_goods(member_ids)]
        sources += [
            read(member_ids, people)
            for read in (
                self.read_contacts,
                self.read_visits,
                self.read_shop,
                self.read_payments,
                self.read_points,
            )
        ]
        for source in sources:
            for member_id, values in source.items():
                found[member_id].update(values)
        return found

    # -- the whole club -------------------------------------------------------------------------------

    def read_cuts(self):
        """Where the quintiles of active members who bought begin: as :func:`engine.behaviour.cuts`, in the database.

        :return: ``recency`` (last purchase, in days since 1970), ``frequency`` and ``monetary``; four beginnings each,
            ``None`` where nobody reaches the score.
        :rtype: dict[str, list]
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH purchase AS (%(purchases)s),
                figures AS MATERIALIZED (
                    SELECT member_id, MAX(day) AS last, COUNT(*) AS number, SUM(sales) AS sales
                      FROM purchase GROUP BY member_id),
                value (what, value) AS (
                    SELECT 'recency', (last - DATE '1970-01-01')::numeric FROM figures
                     UNION ALL SELECT 'frequency', number FROM figures
                     UNION ALL SELECT 'monetary', sales FROM figures),
                tied AS (SELECT what, value, COUNT(*) AS ties FROM value GROUP BY what, value),
                ranked AS (
                    SELECT what, value, ties, SUM(ties) OVER (PARTITION BY what ORDER BY value) - ties AS less,
                           SUM(ties) OVER (PARTITION BY what) AS total FROM tied),
                scored AS (SELECT what, value, 1 + DIV(5 * (2 * less + ties), 2 * total) AS score FROM ranked)
                SELECT what, MIN(value) FILTER (WHERE score >= 2), MIN(value) FILTER (WHERE score >= 3),
                       MIN(value) FILTER (WHERE score >= 4), MIN(value) FILTER (WHERE score >= 5)
                  FROM scored GROUP BY what
                """,
                purchases=self.purchases(self.everybody(("active",))),
            )
        )
        found = {"recency": [None] * 4, "frequency": [None] * 4, "monetary": [None] * 4}
        for what, *begins in rows:
            found[what] = [None if begin is None else float(begin) for begin in begins]
        return found

    def read_history(self, until=None, end=None):
        """What the models of lifetime need: a row per customer with the days of its purchases up to ``until``.

        :param date until: last day of the calibration, default today; :param date end: last day of all, default today.
        :return: rows of first day, last day, number of days, and money after the first day, up to ``until``; and number
            of days after it up to ``end``.
        """
        until, end = until or self.today, end or self.today
        return self.env.execute_query(
            SQL(
                """
                WITH purchase AS (%(purchases)s),
                daily AS (SELECT member_id, day, SUM(sales) AS sales FROM purchase GROUP BY member_id, day),
                begun AS (SELECT daily.*, MIN(day) OVER (PARTITION BY member_id) AS first FROM daily)
                SELECT first, MAX(day) FILTER (WHERE day <= %(until)s), COUNT(*) FILTER (WHERE day <= %(until)s),
                       COALESCE(SUM(sales) FILTER (WHERE day <= %(until)s AND day > first), 0),
                       COUNT(*) FILTER (WHERE day > %(until)s AND day <= %(end)s)
                  FROM begun WHERE first <= %(until)s GROUP BY member_id, first
                """,
                purchases=self.purchases(self.everybody()),
                until=until,
                end=end,
            )
        )

    def read_weeks(self, begin, until, weeks):
        """First purchases by day, of customers known by ``until``, and their repeat purchases by week since ``begin``.

        :return: (list of (days after ``begin``, customers), dict of week number from 0 to purchases)
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH purchase AS (%(purchases)s),
                daily AS (SELECT DISTINCT member_id, day FROM purchase),
                begun AS (SELECT daily.*, MIN(day) OVER (PARTITION BY member_id) AS first FROM daily)
                SELECT day = first, CASE WHEN day = first THEN first - %(begin)s ELSE (day - %(begin)s) / 7 END,
                       COUNT(*)
                  FROM begun WHERE first <= %(until)s GROUP BY 1, 2 ORDER BY 1, 2
                """,
                purchases=self.purchases(self.everybody()),
                begin=begin,
                until=until,
            )
        )
        firsts = [(place, count) for is_first, place, count in rows if is_first]
        return firsts, {place: count for is_first, place, count in rows if not is_first and place < weeks}
