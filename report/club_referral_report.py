"""New customers through members, by period: visits, joins, buyers, what they bought, what it cost in points."""

from odoo import fields, models, tools
from odoo.tools import SQL


class ClubReferralReport(models.Model):
    """A line per visit, friend, purchase of a friend and movement of points, so that every sum is a plain sum."""

    _name = "club.referral.report"
    _description = "New Customers Through Members"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "referrer_id"

    date = fields.Datetime(readonly=True)
    club_id = fields.Many2one("club.club", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    referrer_id = fields.Many2one("club.member", string="Member", readonly=True)
    referral_id = fields.Many2one("club.referral", readonly=True)
    visits = fields.Integer(readonly=True, help="Visits of people, each visitor once.")
    joins = fields.Integer(readonly=True, help="Friends who joined, without those who are held back or rejected.")
    held = fields.Integer(string="Held Back", readonly=True)
    buyers = fields.Integer(readonly=True, help="Friends whose first purchase is paid and past its return period.")
    revenue = fields.Monetary(
        string="Friends' Purchases", readonly=True, help="Of purchases that count, less what came back."
    )
    points = fields.Float(
        string="Points Cost", readonly=True, digits=(16, 2), help="Points of both sides, less what was taken back."
    )

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL("CREATE OR REPLACE VIEW %s AS (%s)", SQL.identifier(self._table), self._get_view_query())
        )

    def _get_view_query(self):
        """Four sources, none of which is counted twice; the last digit of the id says which."""
        return SQL(
            """
            SELECT e.id::bigint * 5 AS id, e.occurred_at AS date, e.club_id, e.company_id, e.member_id AS referrer_id,
                   NULL::integer AS referral_id, 1 AS visits, 0 AS joins, 0 AS held, 0 AS buyers, 0::numeric AS revenue,
                   0::numeric AS points
              FROM club_event e
             WHERE e.type IN ('referral_click', 'referral_join', 'referral_purchase') AND e.type = 'referral_click'
               AND e.revises_id IS NULL
               AND NOT EXISTS (
                   SELECT FROM club_event void WHERE void.revises_id = e.id AND (void.payload->>'void')::boolean)
            UNION ALL
            SELECT r.id::bigint * 5 + 1, r.joined_at, r.club_id, r.company_id, r.referrer_id, r.id, 0,
                   (r.state IN ('joined', 'bought'))::integer, (r.state = 'held')::integer, 0, 0, 0
              FROM club_referral r WHERE r.joined_at IS NOT NULL
            UNION ALL
            SELECT r.id::bigint * 5 + 2, r.bought_at, r.club_id, r.company_id, r.referrer_id, r.id, 0, 0, 0, 1, 0, 0
              FROM club_referral r WHERE r.bought_at IS NOT NULL AND r.state NOT IN ('rejected', 'expired')
            UNION ALL
            SELECT p.id::bigint * 5 + 3, p.bought_at, p.club_id, p.company_id, r.referrer_id, r.id, 0, 0, 0, 0,
                   p.amount, 0
              FROM club_referral_purchase p JOIN club_referral r ON r.id = p.referral_id
             WHERE p.state = 'counted' AND r.state NOT IN ('rejected', 'expired')
            UNION ALL
            SELECT p.id::bigint * 5 + 4, p.date, p.club_id, e.company_id, COALESCE(r.referrer_id, p.member_id), r.id,
                   0, 0, 0, 0, 0, p.points
              FROM club_event e
              JOIN club_point_entry p ON p.event_id = e.id AND p.club_id = e.club_id AND p.kind IN ('earn', 'reverse')
         LEFT JOIN club_referral r ON e.origin_model = 'club.referral' AND r.id = e.origin_id
             WHERE e.type IN ('referral_click', 'referral_join', 'referral_purchase')
            """
        )
