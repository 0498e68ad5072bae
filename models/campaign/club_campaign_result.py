"""What a campaign brought: counted once, when the time of every member has passed, and kept as it was then."""

from odoo import fields, models
from odoo.addons.customer_club.engine import periods, uplift
from odoo.tools import SQL

from ..behaviour.behaviour_facts import BehaviourReader

NOBODY = {"members": 0, "reached": 0, "bought": 0, "amount": 0.0, "squares": 0.0}


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
        """Rows of the members who did what the campaign was for, in their time; what was taken back does not count."""
        fact = SQL(
            "SELECT FROM club_event e WHERE e.member_id = em.id AND e.type = %s AND e.revises_id IS NULL"
            " AND e.occurred_at >= t.starts_at AND e.occurred_at < t.ends_at AND NOT EXISTS ("
            "SELECT FROM club_event void WHERE void.revises_id = e.id AND (void.payload->>'void')::boolean)",
            "visit" if self.goal_kind == "visits" else "referral_join",
        )
        others = {
            "visits": fact,
            "joins": fact,
            "redemption": SQL(
                "SELECT FROM club_point_entry e WHERE e.member_id = em.id AND e.kind = 'spend'"
                " AND e.date >= t.starts_at AND e.date < t.ends_at AND e.points + COALESCE(("
                "SELECT SUM(back.points) FROM club_point_entry back WHERE back.reverses_id = e.id), 0) < 0"
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
        arms = self._read_arms("arm")
        treated, control = arms.get("treated", NOBODY), arms.get("control", NOBODY)
        intervals = self._compare(treated, control)
        verdict = uplift.verdict(
            intervals[self.metric],
            over=True,
            control=bool(control["members"]),
            **self._get_counts(treated, control),
        )
        used = self._read_coupon_use()
        points = self._read_extra_points()
        prizes, prize_cost = self._read_prize_cost()
        cost = points * float(self.club_id._point_worth()) + used * self.unit_cost + prize_cost
        return {
            "treated": treated,
            "control": control,
            "intervals": {name: interval and list(interval) for name, interval in intervals.items()},
            "verdict": verdict,
            "points": points,
            "coupons_used": used,
            "prizes": prizes,
            "cost": cost,
            "gain": self._compute_gain(verdict, treated["members"], intervals["amount"], cost),
            "texts": self._compute_texts() if self.is_ab else None,
            "months": self._read_months() if self.trigger != "once" else [],
        }

    def _read_arms(self, column):
        """What the members of each arm, or of each text, did: counts, the sum of what they bought and of its squares.

        :param str column: ``arm`` or ``variant``.
        :rtype: dict[str, dict]
        """
        self.env.flush_all()
        return {
            name: {"members": members, "reached": reached, "bought": bought, "amount": amount, "squares": squares}
            for name, members, reached, bought, amount, squares in self.env.execute_query(
                SQL(
                    "SELECT %(column)s, count(*), count(*) FILTER (WHERE reached), count(*) FILTER (WHERE bought),"
                    " COALESCE(sum(amount), 0)::float8, COALESCE(sum(amount * amount), 0)::float8"
                    " FROM club_campaign_target WHERE campaign_id = %(campaign)s AND is_first GROUP BY %(column)s",
                    column=SQL.identifier(column),
                    campaign=self.id,
                )
            )
            if name
        }

    def _compare(self, first, second):
        """Intervals of the difference of two groups: of their shares, and of what a member spent."""
        return {
            "share": uplift.compare_shares(first["reached"], first["members"], second["reached"], second["members"]),
            "amount": uplift.compare_means(
                *(uplift.Sample(group["members"], group["amount"], group["squares"]) for group in (first, second))
            ),
        }

    def _compute_texts(self):
        """Both texts, of who was to get them, and what may be said of their difference; one more look at one measure,
        which the verdict on the campaign itself does not rest on.
        """
        texts = self._read_arms("variant")
        first, second = texts.get("a", NOBODY), texts.get("b", NOBODY)
        interval = self._compare(first, second)[self.metric]
        return {
            "a": first,
            "b": second,
            "interval": interval and list(interval),
            "verdict": uplift.verdict(interval, over=True, **self._get_counts(first, second)),
        }

    def _get_counts(self, first, second):
        """How many there are in two groups and, where their shares are compared, how many did it."""
        counts = {"members": (first["members"], second["members"])}
        if self.metric == "share":
            counts["reached"] = (first["reached"], second["reached"])
        return counts

    def _compute_gain(self, verdict, members, interval, cost):
        """What all who were to get it spent more, and what is left of its margin less the cost, each with its interval;
        nothing where nothing can be said.
        """
        if verdict in ("few", "no_control") or not interval:
            return None
        sales = [value * members for value in interval]
        rate, known = self._read_margin_rate()
        return {"sales": sales, "rate": rate, "known": known, "net": [value * rate - cost for value in sales]}

    def _read_margin_rate(self):
        """The share of its sales to members that the club keeps as margin, and of which share of them that is known.

        As behaviour knows it, of goods whose cost is known: the others are taken to leave as much. Behaviour knows
        sales without taxes; of amounts that include them the same margin is a smaller share.

        :return: both 0 to 1; the rate 0 where nothing is known
        :rtype: tuple[float, float]
        """
        [(margin, costed, sales)] = (
            self.env["club.behaviour"]
            .sudo()
            ._read_group([("club_id", "=", self.club_id.id)], [], ["margin:sum", "costed_sales:sum", "sales:sum"])
        )
        costed = costed or sales  # not told apart before the first night
        if not sales or not margin or not 0 < margin < costed:
            return 0.0, 0.0
        return margin / costed * self._read_untaxed_share(), min(costed / sales, 1.0)

    def _read_untaxed_share(self):
        """What is no tax of the amounts that the club counts, as the members of this campaign bought."""
        if self.club_id.earn_tax == "excluded":
            return 1.0
        self.env.flush_all()
        members = self.env.execute_query(
            SQL("SELECT DISTINCT member_id FROM club_campaign_target WHERE campaign_id = %s AND is_first", self.id)
        )
        reader = BehaviourReader(self.club_id)
        reader.gather([member for (member,) in members])
        [(untaxed, counted)] = self.env.execute_query(
            SQL("SELECT SUM(sales), SUM(worth) FROM %s", reader.table("purchase"))
        )
        reader.forget()
        return float(untaxed / counted) if counted else 1.0

    def _read_months(self):
        """Members of both arms by the month of the club's calendar in which they came in, and how many did it.

        :return: dicts of ``first`` (a date), ``treated`` and ``control`` (members, did it), in order.
        """
        club, months = self.club_id, {}
        for day, arm, members, reached in self.env.execute_query(
            SQL(
                "SELECT (starts_at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS day, arm, count(*),"
                " count(*) FILTER (WHERE reached) FROM club_campaign_target"
                " WHERE campaign_id = %s AND is_first GROUP BY 1, 2",
                club.tz or "UTC",
                self.id,
            )
        ):
            first = periods.period_bounds("month", day, club.calendar, int(club.week_start))[0]
            month = months.setdefault(str(first), {"first": str(first), "treated": [0, 0], "control": [0, 0]})
            month[arm] = [month[arm][0] + members, month[arm][1] + reached]
        return [month for _first, month in sorted(months.items())]

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
