"""What rules about visits and tiers ask about the member: visits in a row, earlier rises."""

from collections import defaultdict

from odoo import api, models
from odoo.addons.customer_club.engine import earning_activity, periods
from odoo.tools import SQL


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _record(self, vals_list):
        """Sales that change (returned, or returned no more) may be what a tier was reached by."""
        events = super()._record(vals_list)
        members = {
            vals["member_id"]
            for vals in vals_list
            if vals["type"] in ("purchase", "merchant_purchase")
            and (vals.get("revises_id") or not vals["key"].endswith(":1"))
        }
        self.env["club.member"].browse(sorted(members))._schedule_tier_facts()
        return events

    @api.model
    def _read_extra(self, rows, needs):
        known = super()._read_extra(rows, needs)
        readers = (
            ("visit_streak", "visit", self._read_streaks),
            ("tier_again", "tier", self._read_reaches),
        )
        for need, event_type, read in readers:
            if need in needs:
                asked = [row for row in rows if row.type == event_type and row.member_id]
                for member_id, values in (read(asked) if asked else {}).items():
                    known[member_id] = {**known.get(member_id, {}), **values}
        return known

    @api.model
    def _read_streaks(self, rows):
        """The members' visits, from which the rules count those in a row."""
        policies = self.env["club.club"].sudo()._get_policies()
        members = {row.member_id: policies[row.club_id] for row in rows if row.club_id in policies}
        visits = self._read_visits(members)
        return {
            member_id: {
                "streaks": earning_activity.Streaks(visits[member_id], policy.calendar, policy.week_start),
            }
            for member_id, policy in members.items()
        }

    @api.model
    def _read_visits(self, members):
        """Visits that stand, those before a merge included, in the club's local time; one query.

        :param dict members: policy of the club by member id.
        :return: ``earning_activity.Visit`` values by member id.
        :rtype: dict[int, list]
        """
        visits = defaultdict(list)
        self.flush_model()
        # SQL: a merged member's visits count for its heir, and a batch may hold thousands of members.
        for member_id, at, channel, number in self.env.execute_query(
            SQL(
                """SELECT COALESCE(m.merged_into_id, m.id), e.occurred_at, COALESCE(e.payload->>'channel', ''), e.id
                     FROM club_event e JOIN club_member m ON m.id = e.member_id
                    WHERE e.type = 'visit' AND e.revises_id IS NULL
                      AND NOT EXISTS (
                          SELECT FROM club_event void WHERE void.revises_id = e.id AND void.payload->'void' IS NOT NULL
                      )
                      AND (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s))""",
                members=list(members),
            )
        ):
            policy = members.get(member_id)
            if policy:
                visits[member_id].append(
                    earning_activity.Visit(periods.local_datetime(at, policy.tz).replace(tzinfo=None), channel, number)
                )
        return visits

    @api.model
    def _read_reaches(self, rows):
        """When the members got which tier before, by joining, rising or coming back; falling into it does not count,
        nor does a rise that was taken back with the sales that it was reached by.

        :return: ``reaches``: rows of the history and days by tier, by member id.
        """
        policies = self.env["club.club"].sudo()._get_policies()
        clubs = {row.member_id: policies[row.club_id] for row in rows if row.club_id in policies}
        reaches = {member_id: defaultdict(list) for member_id in clubs}
        self.env["club.tier.history"].flush_model()
        # SQL: a merged member's history counts for its heir.
        for member_id, tier_id, row_id, at in self.env.execute_query(
            SQL(
                """SELECT COALESCE(m.merged_into_id, m.id), h.to_tier_id, h.id, h.date
                     FROM club_tier_history h JOIN club_member m ON m.id = h.member_id
                    WHERE h.to_tier_id IS NOT NULL AND h.reason <> 'fall'
                      AND COALESCE((
                          SELECT NOT EXISTS (
                                 SELECT FROM club_event void
                                  WHERE void.revises_id = e.id AND void.payload->'void' IS NOT NULL)
                            FROM club_event e
                           WHERE e.origin_model = 'club.tier.history' AND e.origin_id = h.id AND e.revises_id IS NULL
                        ORDER BY e.id DESC LIMIT 1), TRUE)
                      AND (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s))
                 ORDER BY h.id""",
                members=list(clubs),
            )
        ):
            if member_id in clubs:
                reaches[member_id][tier_id].append((row_id, periods.local_date(at, clubs[member_id].tz)))
        return {member_id: {"reaches": dict(found)} for member_id, found in reaches.items()}
