"""What members have reached within a club's window, and which tiers there are."""

from decimal import Decimal

from odoo import fields, models, tools
from odoo.addons.customer_club.engine import periods, tiering
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.tools import SQL

# More members than this are reviewed by the job: a button must answer within a moment.
REVIEWED_AT_ONCE = 2000


class ClubClub(models.Model):
    _inherit = "club.club"

    @tools.ormcache("self.id")
    def _get_tier_values(self):
        """This club's active tiers as the engine wants them, lowest first.

        :rtype: tuple of ``tiering.Tier``
        """
        self.ensure_one()
        domain = [("club_id", "=", self.id), ("active", "=", True)]  # cached: whatever the caller's context asks for
        tiers = self.env["club.tier"].sudo().search(domain, order="threshold, sequence, id")
        return tuple(
            tiering.Tier(tier.id, rank, Decimal(str(tier.threshold)).quantize(Decimal("0.01")))
            for rank, tier in enumerate(tiers, start=1)
        )

    def _get_tier_policy(self):
        """How members fall, as the engine wants it."""
        self.ensure_one()
        return tiering.Policy(self.tier_demotion, self.tier_grace_days, self.tier_review)

    def _get_tier_window(self, today=None):
        """The window in which tiers are earned.

        :return: first instant and first instant after it, naive, in UTC
        :rtype: tuple(datetime, datetime)
        """
        self.ensure_one()
        today = today or self._get_today()
        if self.tier_window == "rolling":
            bounds = periods.rolling_window(today, self.tier_window_months, self.calendar)
        else:
            bounds = periods.period_bounds("year" if self.tier_window == "year" else "lifetime", today, self.calendar)
        return periods.range_bounds(*bounds, self.tz)

    def _get_tier_terms(self, tier_id):
        """What a tier asks today, kept with the fact that somebody reached it: later terms are no reason to doubt it.

        :rtype: dict
        """
        self.ensure_one()
        start, _end = self._get_tier_window()
        threshold = next((tier.threshold for tier in self._get_tier_values() if tier.id == tier_id), 0)
        return {"basis": self.tier_basis, "threshold": str(threshold), "since": fields.Datetime.to_string(start)}

    def _get_tier_measures(self, members, today=None):
        """What ``members`` have within the window: one query for any number of them.

        Points count when they become spendable, on the day of the earning they came from; what was reversed does not
        count. What a merged contact's card had earned counts for the member it became.

        :return: points, amount (company currency) or number of orders, as the club's basis says
        :rtype: dict of member id to ``Decimal``
        """
        self.ensure_one()
        if not members:
            return {}
        start, end = self._get_tier_window(today)
        if self.tier_basis == "points":
            rows = self.env.execute_query(self._prepare_points_query(members, start, end))
        else:
            rows = self.env.execute_query(self._prepare_purchases_query(members, start, end))
        measures = dict.fromkeys(members.ids, Decimal(0))
        measures.update((member_id, Decimal(str(measure)).quantize(Decimal("0.01"))) for member_id, measure in rows)
        return measures

    def _prepare_points_query(self, members, start, end):
        self.env["club.point.entry"].flush_model()
        self.env["club.member"].flush_model(["merged_into_id"])
        # Reversals look at the entry they reverse, and merged members at their heir: a self-join that _read_group
        # lacks.
        return SQL(
            """SELECT COALESCE(member.merged_into_id, member.id), SUM(e.available)
                 FROM club_member member
                 JOIN club_point_entry e ON e.member_id = member.id
                 %(reverses)s
                WHERE (member.id IN %(members)s OR member.merged_into_id IN %(members)s)
                  AND (e.kind IN ('earn', 'open') OR (e.kind = 'reverse' AND reversed.kind IN ('earn', 'open')))
                  AND COALESCE(reversed.date, e.date) >= %(start)s AND COALESCE(reversed.date, e.date) < %(end)s
             GROUP BY 1""",
            reverses=REVERSED,
            members=tuple(members.ids),
            start=start,
            end=end,
        )

    def _prepare_purchases_query(self, members, start, end):
        self.env["club.event"].flush_model()
        self.env["club.member"].flush_model(["merged_into_id"])
        # Every revision of a sale records the difference: together they say what it is worth now. SQL for the inner
        # sum.
        measure = (
            SQL("SUM(sale.amount)") if self.tier_basis == "amount" else SQL("COUNT(*) FILTER (WHERE sale.amount > 0)")
        )
        return SQL(
            """SELECT sale.member_id, %(measure)s FROM (
                   SELECT COALESCE(member.merged_into_id, member.id) AS member_id,
                          SUM(event.amount) AS amount, MIN(event.occurred_at) AS occurred_at
                     FROM club_member member
                     JOIN club_event event
                       ON event.member_id = member.id AND event.type IN ('purchase', 'merchant_purchase')
                    WHERE member.id IN %(members)s OR member.merged_into_id IN %(members)s
                 GROUP BY COALESCE(member.merged_into_id, member.id), COALESCE(event.revises_id, event.id)
               ) sale
                WHERE sale.occurred_at >= %(start)s AND sale.occurred_at < %(end)s
             GROUP BY 1""",
            measure=measure,
            members=tuple(members.ids),
            start=start,
            end=end,
        )

    # -- changes of policy ---------------------------------------------------------------------------

    def _mark_tiers_for_check(self):
        """Tiers or their measure changed: the next nightly run (or Review Now) looks at every member."""
        if not self.ids:
            return
        self.env["club.member"].flush_model(["tier_check", "club_id", "active"])
        # One statement for a whole club; a club has up to a million members.
        self.env.cr.execute(
            SQL(
                "UPDATE club_member SET tier_check = TRUE WHERE club_id IN %s AND active AND tier_check IS NOT TRUE",
                tuple(self.ids),
            )
        )
        self.env["club.member"].invalidate_model(["tier_check"])

    def _reschedule_tier_reviews(self):
        """The time of review changed: every member's next one follows from today."""
        for club in self:
            following = tiering.next_review(club.tier_review, club._get_today(), club.calendar)
            self.env["club.member"].flush_model(["tier_review_on", "club_id", "active"])
            # One statement for a whole club; a club has up to a million members.
            self.env.cr.execute(
                SQL(
                    "UPDATE club_member SET tier_review_on = %s WHERE club_id = %s AND active",
                    following,
                    club.id,
                )
            )
        self.env["club.member"].invalidate_model(["tier_review_on"])

    def action_review_tiers(self):
        """Look at every member's tier: at once in a small club, by the nightly job, started now, in a large one."""
        self.check_access("write")
        self._mark_tiers_for_check()
        members = self.env["club.member"].sudo().search([("club_id", "in", self.ids)], limit=REVIEWED_AT_ONCE + 1)
        if len(members) <= REVIEWED_AT_ONCE:
            members._review_members(members.ids)
            message = self.env._("The tiers of %(count)s members were reviewed.", count=len(members))
        else:
            self.env.ref("customer_club.ir_cron_club_review_tiers").sudo()._trigger()
            message = self.env._("The members are many: their tiers are being reviewed in the background.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
