"""Whom a campaign is for now: a query for each trigger, over all members at once.

Each yields member and period: the name of what happened, under which a member comes in once. SQL, because what is
asked are sums and latest dates over the ledger and the facts, for up to a million members in one statement.
"""

from datetime import timedelta
from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import periods, tiering
from odoo.addons.customer_club.engine.earning_occasion import kept_on
from odoo.fields import Domain
from odoo.tools import SQL

#: Days within which a trigger that no job looked at on its day still counts.
DAYS_LATE = 3


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _get_member_domain(self):
        """Active members of the club, in the segment if there is one."""
        self.ensure_one()
        domain = Domain("club_id", "=", self.club_id.id) & Domain("state", "=", "active") & Domain("active", "=", True)
        return domain & self.segment_id.sudo()._get_domain() if self.segment_id else domain

    def _select_candidates(self):
        """Whom the trigger finds now and who is in the segment, in it already or not.

        SQL of (member_id, period, since); ``since``: a younger row of this campaign answered it; empty where only the
        period counts.
        """
        self.ensure_one()
        self.env.flush_all()
        members = self.env["club.member"].sudo().with_context(active_test=False)._search(self._get_member_domain())
        found = getattr(self, f"_select_{self.trigger}")()
        return SQL(
            # The segment is asked once: of rows that PostgreSQL has counted none of yet, it would ask for each again.
            "WITH chosen(id) AS MATERIALIZED %s"
            " SELECT found.member_id, found.period, %s AS since FROM (%s) found"
            " JOIN chosen ON chosen.id = found.member_id",
            members.subselect(),
            SQL("found.since") if self.trigger == "win_back" else SQL("NULL::timestamp"),
            found,
        )

    def _find_candidates(self, limit, skip=()):
        """Members who are to come in next, with their period: at most ``limit``, in the order of their ids.

        Who was merged had it as the other contact: for the same period, or since what the period is of.
        """
        return self.env.execute_query(
            SQL(
                """
            SELECT c.member_id, c.period FROM (%(candidates)s) c
             WHERE NOT EXISTS (SELECT FROM club_campaign_target t
                    WHERE t.campaign_id = %(campaign)s AND t.member_id = c.member_id AND t.period = c.period
                      AND t.step_id IS NULL)
               AND NOT EXISTS (SELECT FROM club_member source JOIN club_campaign_target t ON t.member_id = source.id
                    WHERE source.merged_into_id = c.member_id AND t.campaign_id = %(campaign)s AND t.step_id IS NULL
                      AND t.state IN ('sent', 'control') AND (t.period = c.period OR t.starts_at >= c.since))
               AND c.member_id <> ALL(%(skip)s)
             ORDER BY c.member_id LIMIT %(limit)s
                """,
                candidates=self._select_candidates(),
                campaign=self.id,
                skip=list(skip),
                limit=limit,
            )
        )

    def _count_candidates(self):
        """How many members would come in now."""
        [(count,)] = self.env.execute_query(
            SQL("SELECT count(DISTINCT c.member_id) FROM (%s) c", self._select_candidates())
        )
        return count

    # -- the triggers --------------------------------------------------------------------------------

    def _select_once(self):
        return SQL(
            "SELECT m.id AS member_id, 'once'::varchar AS period FROM club_member m WHERE m.club_id = %s",
            self.club_id.id,
        )

    def _select_win_back(self):
        """Who bought, and then not for so many days; once for each silence. What was given back whole was no purchase,
        so it ends no silence: otherwise who buys and returns would be won back again and again.
        """
        before = fields.Datetime.now() - timedelta(days=self.trigger_days)
        return SQL(
            """
            SELECT last.member_id, 'silent:' || to_char(last.at, 'YYYYMMDDHH24MISS') AS period, last.at AS since
              FROM (SELECT COALESCE(m.merged_into_id, m.id) AS member_id, max(e.occurred_at) AS at
                      FROM club_event e JOIN club_member m ON m.id = e.member_id
                 LEFT JOIN (SELECT revises_id AS id, sum(amount) AS amount FROM club_event
                             WHERE club_id = %(club)s AND type = 'purchase' AND revises_id IS NOT NULL
                          GROUP BY revises_id) later ON later.id = e.id
                     WHERE e.club_id = %(club)s AND e.type = 'purchase' AND e.revises_id IS NULL
                       AND e.amount + COALESCE(later.amount, 0) > 0
                  GROUP BY 1) last
             WHERE last.at <= %(before)s
            """,
            club=self.club_id.id,
            before=before,
        )

    def _select_unused(self):
        """Who has so many points and spent none for so many days; once a quarter."""
        club = self.club_id
        quarter = periods.period_bounds("quarter", club._get_today(), club.calendar, int(club.week_start))[0]
        return SQL(
            """
            SELECT m.id AS member_id, %s::varchar AS period
              FROM club_member m JOIN loyalty_card c ON c.id = m.card_id
             WHERE m.club_id = %s AND c.points >= %s
               AND NOT EXISTS (SELECT FROM club_point_entry e
                                WHERE e.member_id = m.id AND e.kind = 'spend' AND e.date > %s)
            """,
            f"unused:{quarter}",
            club.id,
            self.trigger_points,
            fields.Datetime.now() - timedelta(days=self.trigger_days),
        )

    def _select_expiring(self):
        """Whose points, so many at least, expire within so many days; once for each first day."""
        today = self.club_id._get_today()
        return SQL(
            """
            SELECT l.member_id, 'expiring:' || min(l.expires_on) AS period
              FROM club_point_lot l
             WHERE l.club_id = %s AND l.state = 'open' AND l.remaining > 0
               AND l.expires_on > %s AND l.expires_on <= %s
          GROUP BY l.member_id HAVING sum(l.remaining) >= %s
            """,
            self.club_id.id,
            today,
            today + timedelta(days=self.trigger_days),
            self.trigger_points,
        )

    def _select_tier_near(self):
        """Who misses little to the next tier; once for each tier. What a tier counts is computed for all at once."""
        club = self.club_id.sudo()
        members = self.env["club.member"].sudo().search(self._get_member_domain())
        tiers, most, found = club._get_tier_values(), Decimal(str(self.trigger_distance)), []
        measures = club._get_tier_measures(members)
        for member in members:
            progress = tiering.progress(tiers, member.tier_id.id or None, measures[member.id])
            if progress.next_tier and 0 < progress.missing <= most:
                found.append((member.id, f"tier:{progress.next_tier.id}"))
        return SQL(
            "SELECT * FROM unnest(%s::int[], %s::varchar[]) AS f(member_id, period)",
            [member for member, _period in found],
            [period for _member, period in found],
        )

    def _select_occasion(self):
        """Whose occasion is so many days ahead; once for each return of each day."""
        today, rows = self.club_id._get_today(), []
        for ahead in range(max(0, self.trigger_days - DAYS_LATE), self.trigger_days + 1):
            day = today + timedelta(days=ahead)
            for calendar in periods.CALENDARS:
                year, days = kept_on(day, calendar)
                rows += [(calendar, month, dom, day, year) for month, dom in sorted(days)]
        columns = list(zip(*rows, strict=True))
        return SQL(
            """
            SELECT DISTINCT ON (o.member_id) o.member_id, 'occasion:' || o.id || ':' || k.year AS period
              FROM club_occasion o
              JOIN unnest(%s::varchar[], %s::int[], %s::int[], %s::date[], %s::int[])
                   AS k(calendar, month, dom, day, year)
                ON k.calendar = o.calendar AND k.month = o.month AND k.dom = o.day
             WHERE o.club_id = %s AND o.active AND o.effective_from <= k.day AND (%s = 'any' OR o.kind = %s)
          ORDER BY o.member_id, k.day, o.id
            """,
            *(list(column) for column in columns),
            self.club_id.id,
            self.occasion_kind or "any",
            self.occasion_kind or "any",
        )

    def _select_welcome(self):
        """Who joined since the campaign's first day, so many days ago."""
        start = periods.day_bounds(self.date_from, self.club_id.tz)[0]
        return SQL(
            "SELECT m.id AS member_id, 'welcome'::varchar AS period FROM club_member m"
            " WHERE m.club_id = %s AND m.joined_at >= %s AND m.joined_at <= %s",
            self.club_id.id,
            start,
            fields.Datetime.now() - timedelta(days=self.trigger_days),
        )
