"""What a campaign brought: counted once, when the time of every member has passed, and kept as it was then."""

from odoo import fields, models
from odoo.addons.customer_club.engine import uplift
from odoo.tools import SQL


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _finish(self):
        """Count what both arms did, give the one verdict, and keep it.

        The measure and the time were fixed when the campaign began, so this is the only look at the result.
        """
        self._update_state("done", ended_at=fields.Datetime.now())
        self._measure()
        self._keep(result=self._compute_result())
        self._close_action()

    def _select_buyers(self, condition):
        """What members bought in the time that the campaign had for them, by row: a purchase counts with everything
        that came back since, and what a merged contact did counts for the member it became.
        """
        return SQL(
            """
            SELECT t.id, sum(root.amount + COALESCE(later.amount, 0)) AS amount
              FROM club_campaign_target t
              JOIN club_member tm ON tm.id = t.member_id
              JOIN club_member em ON em.id = COALESCE(tm.merged_into_id, tm.id)
                                  OR em.merged_into_id = COALESCE(tm.merged_into_id, tm.id)
              JOIN club_event root ON root.member_id = em.id AND root.type = 'purchase' AND root.revises_id IS NULL
                                  AND root.occurred_at >= t.starts_at AND root.occurred_at < t.ends_at
         LEFT JOIN LATERAL (SELECT sum(e.amount) AS amount FROM club_event e WHERE e.revises_id = root.id) later ON TRUE
             WHERE %s
          GROUP BY t.id HAVING sum(root.amount + COALESCE(later.amount, 0)) > 0
            """,
            condition,
        )

    def _find_buyers(self, targets):
        """Those of these who have bought since they came in."""
        if not targets:
            return targets
        self.env.flush_all()
        rows = self.env.execute_query(self._select_buyers(SQL("t.id = ANY(%s)", targets.ids)))
        return targets.browse([target for target, _amount in rows])

    def _select_reached(self):
        """Rows of the members who did what the campaign was for, in their time."""
        others = {
            "visits": SQL(
                "SELECT FROM club_event e WHERE e.member_id = em.id AND e.type = 'visit' AND e.revises_id IS NULL"
                " AND e.occurred_at >= t.starts_at AND e.occurred_at < t.ends_at"
            ),
            "joins": SQL(
                "SELECT FROM club_event e WHERE e.member_id = em.id AND e.type = 'referral_join'"
                " AND e.revises_id IS NULL AND e.occurred_at >= t.starts_at AND e.occurred_at < t.ends_at"
            ),
            "redemption": SQL(
                "SELECT FROM club_point_entry e WHERE e.member_id = em.id AND e.kind = 'spend'"
                " AND e.date >= t.starts_at AND e.date < t.ends_at"
            ),
        }
        return SQL(
            """
            SELECT DISTINCT t.id FROM club_campaign_target t
              JOIN club_member tm ON tm.id = t.member_id
              JOIN club_member em ON em.id = COALESCE(tm.merged_into_id, tm.id)
                                  OR em.merged_into_id = COALESCE(tm.merged_into_id, tm.id)
             WHERE t.campaign_id = %s AND t.is_first AND EXISTS (%s)
            """,
            self.id,
            others[self.goal_kind],
        )

    def _measure(self):
        """Write down what each member of both arms did; SQL, for a million rows in two statements."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign_target t SET bought = (b.id IS NOT NULL), amount = COALESCE(b.amount, 0),"
                " reached = (b.id IS NOT NULL)"
                " FROM club_campaign_target x LEFT JOIN (%s) b ON b.id = x.id"
                " WHERE x.id = t.id AND t.campaign_id = %s AND t.is_first RETURNING t.id",
                self._select_buyers(SQL("t.campaign_id = %s AND t.is_first", self.id)),
                self.id,
            )
        )
        if self.goal_kind != "purchases":
            self.env.execute_query(
                SQL(
                    "UPDATE club_campaign_target t SET reached = (t.id IN (%s)) WHERE t.campaign_id = %s AND t.is_first"
                    " RETURNING t.id",
                    self._select_reached(),
                    self.id,
                )
            )
        self.env["club.campaign.target"].invalidate_model(flush=False)

    def _compute_result(self):
        """The numbers of both arms, the interval and the verdict, as they stay.

        :rtype: dict
        """
        self.ensure_one()
        self.env.flush_all()
        arms = {
            arm: {"members": members, "reached": reached, "bought": bought, "amount": amount, "squares": squares}
            for arm, members, reached, bought, amount, squares in self.env.execute_query(
                SQL(
                    "SELECT arm, count(*), count(*) FILTER (WHERE reached), count(*) FILTER (WHERE bought),"
                    " COALESCE(sum(amount), 0)::float8, COALESCE(sum(amount * amount), 0)::float8"
                    " FROM club_campaign_target WHERE campaign_id = %s AND is_first GROUP BY arm",
                    self.id,
                )
            )
        }
        nobody = {"members": 0, "reached": 0, "bought": 0, "amount": 0.0, "squares": 0.0}
        treated, control = arms.get("treated", nobody), arms.get("control", nobody)
        intervals = {
            "share": uplift.compare_shares(
                treated["reached"], treated["members"], control["reached"], control["members"]
            ),
            "amount": uplift.compare_means(
                *(uplift.Sample(a["members"], a["amount"], a["squares"]) for a in (treated, control))
            ),
        }
        verdict = uplift.verdict(
            intervals[self.metric],
            over=True,
            control=bool(control["members"]),
            members=(treated["members"], control["members"]),
        )
        used = self._read_coupon_use()
        points = self._read_extra_points()
        return {
            "treated": treated,
            "control": control,
            "intervals": {name: interval and list(interval) for name, interval in intervals.items()},
            "verdict": verdict,
            "points": points,
            "coupons_used": used,
            "cost": points * float(self.club_id._point_worth()) + used * self.unit_cost,
        }

    def _read_funnel(self):
        """How far the message came: counts of first messages, and reasons of what was not sent.

        :rtype: dict
        """
        self.ensure_one()
        self.env.flush_all()
        [(members, control, sent, opened, visited)] = self.env.execute_query(
            SQL(
                "SELECT count(*), count(*) FILTER (WHERE state = 'control'), count(*) FILTER (WHERE state = 'sent'),"
                " count(*) FILTER (WHERE state = 'sent' AND opened_at IS NOT NULL),"
                " count(*) FILTER (WHERE state = 'sent' AND visited_at IS NOT NULL)"
                " FROM club_campaign_target WHERE campaign_id = %s AND step_id IS NULL",
                self.id,
            )
        )
        skipped = (
            self.env["club.campaign.target"]
            .sudo()
            ._read_group(
                [("campaign_id", "=", self.id), ("state", "=", "skipped"), ("step_id", "=", False)],
                ["reason"],
                ["__count"],
            )
        )
        return {
            "members": members,
            "control": control,
            "sent": sent,
            "opened": opened,
            "visited": visited,
            "skipped": dict(skipped),
        }
