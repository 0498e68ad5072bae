"""How the shop and its members met: calls, meetings, mails, visits."""

from odoo.tools import SQL


def contacts(reader):
    """Calls, meetings and mails by member: how many, how long, and in the two windows.

    A call is a done activity of that kind on the contact, the member, a lead or an order; Odoo keeps no length of it. A
    meeting is an event of the calendar that has begun. A mail is one sent to the contact or received. What belongs to
    another company does not count: by its lead or order, by the company that Odoo noted on the message, and of meetings
    by their opportunity or by the companies of who called them. What belongs to no company counts.
    """
    return SQL(
        """
        WITH called AS NOT MATERIALIZED (
            SELECT m.id, m.model, m.res_id, m.date, m.record_company_id AS company_id
              FROM mail_message m JOIN mail_activity_type kind ON kind.id = m.mail_activity_type_id
             WHERE kind.category = 'phonecall'),
        contact AS (
            SELECT people.member_id, 'call' AS kind, c.id, c.date AS at, 0 AS hours
              FROM %(people)s people JOIN called c ON c.model = 'res.partner' AND c.res_id = people.partner_id
             WHERE COALESCE(c.company_id, %(company)s) = %(company)s
             UNION
            SELECT chosen.member_id, 'call', c.id, c.date, 0
              FROM %(chosen)s chosen JOIN called c ON c.model = 'club.member' AND c.res_id = chosen.member_id
             UNION
            SELECT people.member_id, 'call', c.id, c.date, 0
              FROM %(people)s people JOIN crm_lead lead ON lead.partner_id = people.partner_id
              JOIN called c ON c.model = 'crm.lead' AND c.res_id = lead.id
             WHERE COALESCE(lead.company_id, c.company_id, %(company)s) = %(company)s
             UNION
            SELECT people.member_id, 'call', c.id, c.date, 0
              FROM %(people)s people JOIN sale_order so ON so.partner_id = people.partner_id
               AND so.company_id = %(company)s
              JOIN called c ON c.model = 'sale.order' AND c.res_id = so.id
             UNION
            SELECT people.member_id, 'meeting', event.id, event.start, event.duration
              FROM %(people)s people
              JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = people.partner_id
              JOIN calendar_event event ON event.id = rel.calendar_event_id
         LEFT JOIN crm_lead lead ON lead.id = event.opportunity_id
             WHERE event.active AND event.start <= %(now)s
               AND CASE WHEN lead.company_id IS NOT NULL THEN lead.company_id = %(company)s
                        ELSE event.user_id IS NULL OR EXISTS (
                             SELECT FROM res_company_users_rel allowed
                              WHERE allowed.user_id = event.user_id AND allowed.cid = %(company)s) END
             UNION
            SELECT people.member_id, 'mail', m.id, m.date, 0
              FROM %(people)s people JOIN mail_notification n ON n.res_partner_id = people.partner_id
               AND n.notification_type = 'email' AND n.notification_status NOT IN ('canceled', 'exception')
              JOIN mail_message m ON m.id = n.mail_message_id
             WHERE COALESCE(m.record_company_id, %(company)s) = %(company)s
             UNION
            SELECT people.member_id, 'mail', m.id, m.date, 0
              FROM %(people)s people JOIN mail_message m ON m.author_id = people.partner_id
               AND m.message_type = 'email'
             WHERE COALESCE(m.record_company_id, %(company)s) = %(company)s)
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
        people=reader.table("people"),
        chosen=reader.table("chosen"),
        company=reader.company,
        now=reader.now,
        recent=reader.recent,
        before=reader.before,
    )


def visits(reader):
    """Visits that the club recorded and did not take back, in the two windows."""
    return SQL(
        """
        SELECT kin.member_id,
               COUNT(*) FILTER (WHERE e.occurred_at >= %(recent)s) AS visit_recent,
               COUNT(*) FILTER (WHERE e.occurred_at < %(recent)s) AS visit_before
          FROM %(chosen)s JOIN %(kin)s kin USING (member_id)
          JOIN club_event e ON e.member_id = kin.source_id AND e.type = 'visit' AND e.revises_id IS NULL
         WHERE e.occurred_at >= %(before)s AND %(theirs)s
           AND NOT EXISTS (SELECT FROM club_event void WHERE void.revises_id = e.id AND void.payload ? 'void')
         GROUP BY kin.member_id
        """,
        chosen=reader.table("chosen"),
        kin=reader.table("kin"),
        theirs=reader.within(SQL("e.member_id"), reader.sources),
        recent=reader.recent,
        before=reader.before,
    )
