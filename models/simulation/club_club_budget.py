"""A club's budget: a number of points, or a share of sales; with warnings, and a stop if the manager wants it."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import budget, periods
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class ClubClub(models.Model):
    _inherit = "club.club"

    budget_kind = fields.Selection(
        [("points", "A number of points"), ("share", "A share of sales")],
        string="Budget",
        default="points",
        required=True,
    )
    budget_share = fields.Float(
        string="Share of Sales (%)",
        digits=(16, 2),
        help="What points and rewards may cost, as a share of what members buy, without taxes (0: no limit).",
    )
    budget_stop = fields.Boolean(
        string="Stop When Used Up",
        default=True,
        help="Rules give nothing more until the next period. What members do is recorded all the same.",
    )
    budget_warn_at = fields.Integer(
        string="Warn at (%)", default=80, help="Of the budget. You are warned at 100 % too, once each in a period."
    )
    budget_user_id = fields.Many2one(
        "res.users",
        string="Warn",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="Who gets a task when the budget runs out. Empty: who set up the club.",
    )
    budget_ids = fields.One2many("club.budget", "club_id", string="Budgets by Period")

    @api.constrains("budget_share", "budget_warn_at", "budget_kind")
    def _check_budget(self):
        for club in self:
            if not 0 <= club.budget_share <= 100:
                raise ValidationError(
                    self.env._("The budget of %(club)s is a share of sales between 0 and 100 %%.", club=club.name)
                )
            if not 0 <= club.budget_warn_at <= 100:
                raise ValidationError(
                    self.env._("%(club)s: warn between 0 (never before it is used up) and 100 %%.", club=club.name)
                )
            if club.budget_kind == "share" and club.budget_share and not club._point_worth():
                raise ValidationError(
                    self.env._(
                        "%(club)s: a share of sales needs to know what a point is worth. Add a reward that gives a "
                        "discount for each point, or write the budget as a number of points.",
                        club=club.name,
                    )
                )

    # -- the engine's values -------------------------------------------------

    def _get_budget_values(self):
        """The budget at which rules stop, as the policy has it; nothing where they do not."""
        self.ensure_one()
        stops, share = self.budget_stop, self.budget_kind == "share"
        return {
            "budget": Decimal(str(self.budget_points or 0)) if stops and not share else Decimal(0),
            "budget_period": self.budget_period,
            "budget_share": Decimal(str(self.budget_share or 0)) / 100 if stops and share else Decimal(0),
        }

    # -- figures -------------------------------------------------------------

    def _has_budget(self):
        self.ensure_one()
        return bool(self.budget_share if self.budget_kind == "share" else self.budget_points)

    def _get_budget_period(self, day=None):
        """First day of the budget's period of ``day`` (default: today in the club), and the day after its last."""
        self.ensure_one()
        return periods.period_bounds(self.budget_period, day or self._get_today(), self.calendar, int(self.week_start))

    def _read_sales(self, first, end, after=0):
        """What members bought between two days (the last excluded) without taxes, less what of it came back, whenever
        that was.

        So a return lowers the sales, and the budget, of the period of its purchase: it makes no other period poorer.
        Taxes are none of the shop's money, so they pay for nothing, whatever amount the club's rules look at.

        :param int after: only facts with a greater id: the others were counted before.
        :rtype: Decimal, company currency
        """
        self.ensure_one()
        start, until = periods.range_bounds(first, end, self.tz)
        # SQL: one sum over facts; a revision counts on the day of its purchase. Of a purchase with all its revisions so
        # far the part without taxes is rounded once: what comes back whole leaves nothing, not a cent.
        amount, change = SQL("root.amount"), SQL("r.amount")
        if self.earn_tax == "included":
            share, digits = self._get_untaxed_share(orders=True), self.currency_id.decimal_places
            before = SQL(
                "(root.amount + COALESCE((SELECT SUM(b.amount) FROM club_event b"
                " WHERE b.revises_id = root.id AND b.id < r.id), 0))"
            )
            amount = SQL("ROUND((root.amount * %s)::numeric, %s)", share, digits)
            change = SQL(
                "ROUND(((%(before)s + r.amount) * %(share)s)::numeric, %(digits)s)"
                " - ROUND((%(before)s * %(share)s)::numeric, %(digits)s)",
                before=before,
                share=share,
                digits=digits,
            )
        ((sales,),) = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(%(amount)s), 0) + COALESCE((
                       SELECT SUM(%(change)s)
                         FROM club_event r
                         JOIN club_event root ON root.id = r.revises_id
                         JOIN club_club club ON club.id = root.club_id
                        WHERE r.club_id = %(club)s AND r.type = 'purchase' AND r.occurred_at >= %(start)s
                          %(later)s
                          AND root.occurred_at >= %(start)s AND root.occurred_at < %(until)s), 0)
                  FROM club_event root
                  JOIN club_club club ON club.id = root.club_id
                 WHERE root.club_id = %(club)s AND root.type = 'purchase' AND root.revises_id IS NULL
                   %(new)s
                   AND root.occurred_at >= %(start)s AND root.occurred_at < %(until)s
                """,
                amount=amount,
                change=change,
                club=self.id,
                later=SQL("AND r.id > %s", after) if after else SQL(),
                new=SQL("AND root.id > %s", after) if after else SQL(),
                start=start,
                until=until,
            )
        )
        return Decimal(str(sales))

    def _read_budget_points(self, first, end):
        """Points that rules gave between two days, net."""
        return self._read_points_given(self.id, *periods.range_bounds(first, end, self.tz))

    def _read_budget_money(self, first, end):
        """Wallet money that rules gave between two days, less what came back of it in that time."""
        self.ensure_one()
        rules = self.env["club.earn.rule"].sudo().with_context(active_test=False)
        money = rules.search([("club_id", "=", self.id), ("gives", "=", "money")])
        start, until = periods.range_bounds(first, end, self.tz)
        [(given,)] = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("rule_id", "in", money.ids),
                    ("kind", "in", ("earn", "reverse")),
                    ("date", ">=", start),
                    ("date", "<", until),
                ],
                [],
                ["points:sum"],
            )
        )
        return Decimal(str(given or 0))

    def _read_budget_goods(self, first, end):
        """What rewards cost beyond the worth of the points that they took, by channel.

        The worth of a point was counted when it was given; so a prize counts only with what it costs more, one that
        took no points with all of it. These points were spent, so each stands for its whole worth: the share that will
        be spent is of all that are given. Both count on the day on which the member got the reward, for points are
        often taken in the period before. Discounts on orders are the worth of a point itself.

        :rtype: dict[str, Decimal]
        """
        worth, beyond = Decimal(str(self._point_worth())), defaultdict(Decimal)
        for name, _day, points, cost in self._read_goods_by_day(first, end):
            beyond[name] += cost - points * worth
        return {name: more for name, more in beyond.items() if more > 0}

    def _read_goods_by_day(self, first, end):
        """Points and cost of the rewards that members got between two days, by channel and day of the club.

        :rtype: list[tuple[str, date, Decimal, Decimal]]
        """
        self.ensure_one()
        start, until = periods.range_bounds(first, end, self.tz)
        names = set(self.env["club.spending.report"]._get_spending_models()) - {"club.wallet.conversion"}
        for name in names:
            self.env[name].flush_model()
        # SQL: one sum over the documents of all channels, whose cost the report of spending has as SQL.
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    """
                    SELECT %(name)s, (doc.satisfied_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
                           SUM(COALESCE(doc.points, 0)), SUM(COALESCE(%(cost)s, 0))
                      FROM %(table)s doc
                     WHERE doc.club_id = %(club)s AND doc.satisfied_at >= %(start)s AND doc.satisfied_at < %(until)s
                     GROUP BY 2
                    """,
                    name=name,
                    tz=self.tz,
                    cost=self.env[name]._get_reported_cost(),
                    table=SQL.identifier(self.env[name]._table),
                    club=self.id,
                    start=start,
                    until=until,
                )
                for name in sorted(names)
            )
        )
        return [(name, day, Decimal(str(points)), Decimal(str(cost))) for name, day, points, cost in rows]

    def _get_budget_figures(self, day):
        """Sales, points, cost, budget and forecast of the period of a day, as far as it has come by then.

        :rtype: dict
        """
        self.ensure_one()
        first, end = self._get_budget_period(day)
        cost = Decimal(str(self._get_point_cost()))
        days = (end - first).days
        elapsed = min((day - first).days + 1, days)
        # A day that is not over would stand beside whole days: only the first, which has nothing else, counts as it is.
        passed = elapsed - 1 if elapsed > 1 and day >= self._get_today() else elapsed
        now = self._read_budget_sums(first, end)
        part = now if passed == days else self._read_budget_sums(first, first + timedelta(days=passed))
        last_year = self._read_part(first, end, passed, 12)
        expected = {name: self._forecast(now[name], part[name], passed, days, last_year[name]) for name in now}
        before_first, before_end = self._get_budget_period(first - timedelta(days=1))
        before = self._read_budget_sums(before_first, min(before_first + timedelta(days=passed), before_end))
        figures = {
            "first_on": first,
            "last_on": end - timedelta(days=1),
            "elapsed": elapsed,
            **now,
            **self._weigh_budget(now, cost),
            "basis": expected["points"].basis,
            "part_until": first + timedelta(days=passed - 1),
            "part_sales": part["sales"],
            "part_cost": self._weigh_budget(part, cost)["cost"],
            "before_sales": before["sales"],
            "before_cost": self._weigh_budget(before, cost)["cost"],
        }
        ahead = self._weigh_budget({name: found.amount for name, found in expected.items()}, cost)
        return {**figures, **{f"expected_{name}": value for name, value in ahead.items()}}

    def _forecast(self, now, part, passed, days, last_year):
        """From the whole days that have passed; never less than there is already."""
        found = budget.forecast(part, passed, days, last_year)
        return found._replace(amount=max(found.amount, now))

    def _read_part(self, first, end, passed, months):
        """The same days of a period some months before, and all of that period, by name."""
        first = periods.add_months(first, -months, self.calendar)
        end = periods.add_months(end, -months, self.calendar)
        whole = self._read_budget_sums(first, end)
        part = self._read_budget_sums(first, min(first + timedelta(days=passed), end))
        return {name: (part[name], whole[name]) for name in whole}

    def _read_budget_sums(self, first, end):
        return {
            "sales": self._read_sales(first, end),
            "points": self._read_budget_points(first, end),
            "money": self._read_budget_money(first, end),
            "goods": sum(self._read_budget_goods(first, end).values(), Decimal(0)),
        }

    def _weigh_budget(self, sums, cost):
        """Cost, budget and the share used of it; of points where the budget is a number of them."""
        spent = sums["points"] * cost + sums["money"] + sums["goods"]
        if self.budget_kind == "share":
            whole = sums["sales"] * Decimal(str(self.budget_share)) / 100
            share = budget.used_share(spent, whole) if self.budget_share else None
        else:
            points = Decimal(str(self.budget_points or 0))
            whole = points * cost
            share = budget.used_share(sums["points"], points) if points else None
        return {"cost": spent, "budget": max(whole, Decimal(0)), "used": share}

    # -- the home page ---------------------------------------------------------

    def _get_home_figures(self):
        figures = super()._get_home_figures()
        rows = self._get_current_budgets()
        for club in self:
            row = rows.get(club.id)
            if club.budget_kind == "share":
                figures[club.id]["budget_share"] = 100 * row.used if row and club.budget_share else None
        return figures

    def _get_current_budgets(self):
        """The row of the current period, by club id."""
        rows = self.env["club.budget"].sudo().search([("club_id", "in", self.ids)])
        current = {club.id: club._get_budget_period()[0] for club in self}
        return {row.club_id.id: row for row in rows if row.first_on == current[row.club_id.id]}

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        for club in self:
            share = figures[club.id].get("budget_share")
            if share is not None and share >= min(club.budget_warn_at or 100, 100):
                todos[club.id]["budget"] = club._say_budget(share)
        return todos

    def _say_budget(self, share):
        """How much of the budget is used, and what that means."""
        self.ensure_one()
        _ = self.env._
        shown = self._show_percent(share)
        day = self._show_day(self._get_budget_period()[1])
        if share < 100:
            return _("%(share)s of the budget is used; a new period begins on %(day)s.", share=shown, day=day)
        if self.budget_stop:
            return _("The budget is used up (%(share)s): rules give nothing until %(day)s.", share=shown, day=day)
        return _("The budget is used up (%(share)s). Rules go on giving, as you chose.", share=shown)

    def _get_home_action(self, key):
        if key == "budget":
            return self.action_view_budget()
        return super()._get_home_action(key)

    def action_view_budget(self):
        """The budget of the current period, counted anew."""
        self.ensure_one()
        self.env["club.budget"].check_access("read")
        row = self.env["club.budget"]._refresh(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Budget of %(club)s", club=self.name),
            "res_model": "club.budget",
            "res_id": row.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
