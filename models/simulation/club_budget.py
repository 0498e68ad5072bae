"""A club's budget in one period: what was sold and given, where it will end, and who was warned."""

from datetime import timedelta
from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import budget, charts, periods
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: What is counted, and of which period: nobody types it.
FIGURES = frozenset(
    {
        "club_id",
        "first_on",
        "last_on",
        "elapsed",
        "sales",
        "points",
        "money",
        "goods",
        "cost",
        "budget",
        "used",
        "expected_cost",
        "expected_budget",
        "expected_used",
        "basis",
        "warned",
        "refreshed_at",
        "part_until",
        "part_sales",
        "part_cost",
        "before_sales",
        "before_cost",
        "counted_from",
        "counted_until",
        "counted_sales",
        "counted_points",
        "beyond",
        "beyond_until",
        "event_mark",
        "entry_mark",
        "next_event_mark",
        "next_entry_mark",
        "mark_number",
    }
)


class ClubBudget(models.Model):
    """Counted anew every hour, and when somebody opens it; the figures are copies, the ledger is what counts."""

    _name = "club.budget"
    _description = "Budget of a Period"
    _inherit = ["club.kept", "mail.thread", "mail.activity.mixin", "club.bounded"]
    _order = "first_on desc, club_id"
    _kept_fields = FIGURES

    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    budget_kind = fields.Selection(related="club_id.budget_kind", string="Kind of Budget")
    first_on = fields.Date(string="From", required=True, readonly=True)
    last_on = fields.Date(string="Until", readonly=True)
    elapsed = fields.Integer(string="Days Passed", readonly=True)
    sales = fields.Monetary(
        string="Members Bought",
        readonly=True,
        help="Without taxes, less what came back; without delivery and what points, gift cards and the wallet paid.",
    )
    points = fields.Float(string="Points Given", digits=(16, 2), readonly=True)
    money = fields.Monetary(string="Wallet Money Given", readonly=True)
    goods = fields.Monetary(
        string="Rewards Beyond Their Points",
        readonly=True,
        help="What prizes and other rewards cost more than the points paid for them are worth.",
    )
    cost = fields.Monetary(
        string="Cost So Far",
        readonly=True,
        help="Points given × worth × the share that will be spent, and wallet money, and what rewards cost beyond it.",
    )
    budget = fields.Monetary(readonly=True, help="Of a share of sales: of what was sold so far.")
    used = fields.Float(digits=(16, 4), readonly=True, help="0 to 1 and more.")
    expected_cost = fields.Monetary(readonly=True)
    expected_budget = fields.Monetary(readonly=True)
    expected_used = fields.Float(string="Expected Use", digits=(16, 4), readonly=True)
    basis = fields.Selection(
        [("rate", "The days so far go on"), ("season", "The season of last year"), ("done", "The period is over")],
        string="Expected By",
        readonly=True,
        help="With last year's period: as much has come by now as had by the same day then. Else by the days so far.",
    )
    warned = fields.Integer(string="Warned At (%)", readonly=True)
    refreshed_at = fields.Datetime(string="Counted On", readonly=True)
    # -- the same part of the period before: whole days against whole days
    part_until = fields.Date(string="Whole Days Until", readonly=True)
    part_sales = fields.Monetary(string="Bought by Then", readonly=True)
    part_cost = fields.Monetary(string="Cost by Then", readonly=True)
    before_sales = fields.Monetary(string="Bought in the Same Days of the Period Before", readonly=True)
    before_cost = fields.Monetary(string="Cost of the Same Days of the Period Before", readonly=True)
    # -- running figures that purchases read, see club_club_running.py
    counted_from = fields.Datetime(readonly=True, groups="base.group_system")
    counted_until = fields.Datetime(readonly=True, groups="base.group_system")
    counted_sales = fields.Float(digits=(16, 6), readonly=True, groups="base.group_system")
    counted_points = fields.Float(digits=(16, 6), readonly=True, groups="base.group_system")
    beyond = fields.Float(string="Beside Points", digits=(16, 6), readonly=True, groups="base.group_system")
    beyond_until = fields.Date(string="Beside Points Until", readonly=True, groups="base.group_system")
    event_mark = fields.Integer(readonly=True, groups="base.group_system")
    entry_mark = fields.Integer(readonly=True, groups="base.group_system")
    next_event_mark = fields.Integer(readonly=True, groups="base.group_system")
    next_entry_mark = fields.Integer(readonly=True, groups="base.group_system")
    mark_number = fields.Char(string="Marks Taken In", readonly=True, groups="base.group_system")
    sentence = fields.Char(compute="_compute_sentence")
    chart = fields.Html(compute="_compute_chart", sanitize=False)
    drivers = fields.Html(string="What Drives It", compute="_compute_chart", sanitize=False)

    _period_once = models.Constraint("UNIQUE(club_id, first_on)", "A club has one budget for a period.")

    # -- computes ------------------------------------------------------------

    @api.depends("club_id", "first_on", "last_on")
    def _compute_display_name(self):
        for row in self:
            club = row.club_id
            row.display_name = self.env._(
                "%(club)s, %(first)s – %(last)s",
                club=club.name or "",
                first=club._show_day(row.first_on) if club and row.first_on else "",
                last=club._show_day(row.last_on) if club and row.last_on else "",
            )

    @api.depends("used", "cost", "budget", "expected_used", "points", "last_on")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for row in self:
            row.sentence = row._say() if row.club_id else False

    def _say(self):
        _, club = self.env._, self.club_id
        if not club._has_budget():
            return _("This club has no budget. Points so far: %(points)s.", points=club._show_points(self.points))
        values = {
            "used": formatLang(self.env, 100 * self.used, digits=1),
            "expected": formatLang(self.env, 100 * self.expected_used, digits=1),
        }
        over = bool(self.last_on) and self.last_on < club._get_today()
        if club.budget_kind == "points":
            words = {
                "points": club._show_points(self.points),
                "budget": club._show_points(club.budget_points),
                **values,
            }
            if over:
                return _("%(points)s of %(budget)s were given, %(used)s %%.", **words)
            return _(
                "%(points)s of %(budget)s are given, %(used)s %%. By the end of the period it will be %(expected)s %%.",
                **words,
            )
        words = {
            "cost": formatLang(self.env, self.cost, currency_obj=self.currency_id),
            "budget": formatLang(self.env, self.budget, currency_obj=self.currency_id),
            **values,
        }
        if over:
            return _("%(cost)s of %(budget)s were used, %(used)s %%.", **words)
        return _(
            "%(cost)s of %(budget)s are used, %(used)s %%. By the end of the period it will be %(expected)s %%.",
            **words,
        )

    @api.depends("club_id", "first_on", "refreshed_at")
    @api.depends_context("lang")
    def _compute_chart(self):
        for row in self:
            row.chart = row._draw() if row.club_id and row.first_on and row.last_on else False
            row.drivers = row._list_drivers() if row.club_id and row.first_on and row.last_on else False

    def _draw(self):
        """Cost by week or month of the period, as a picture with its numbers beside it in the table."""
        self.ensure_one()
        club = self.club_id.sudo()
        cost = Decimal(str(club._get_point_cost())) or Decimal(1)
        labels, values, day, end = [], [], self.first_on, self.last_on + timedelta(days=1)
        total = Decimal(0)
        while day < end:
            kind = "week" if (end - self.first_on).days <= 40 else "month"
            after = min(periods.period_bounds(kind, day, club.calendar, int(club.week_start))[1], end)
            if day <= club._get_today():
                total += club._read_budget_points(day, after) * cost
                labels.append(periods.format_day(day, club.calendar)[5:] if kind == "week" else self._month(day))
                values.append(total)
            day = after
        svg = charts.bars(
            self.env._("Points given since the period began, at what they cost"),
            labels,
            [Series(self.env._("Cost"), values)],
            empty=self.env._("Nothing was given yet in this period."),
            rtl=self.env["res.lang"]._is_club_rtl(),
            show=lambda value: formatLang(self.env, float(value), digits=club.currency_id.decimal_places),
        )
        return Markup("<div class='o_club_chart'>%s</div>") % Markup(svg)

    def _month(self, day):
        return periods.format_period("month", day, self.club_id.calendar)

    def _list_drivers(self):
        """Which rules gave the points of the period."""
        self.ensure_one()
        rows = [
            {
                "name": rule.name or "",
                "points": self.club_id._show_points(points),
                "share": formatLang(self.env, 100 * points / self.points, digits=1) if self.points else "",
            }
            for rule, points in self._read_drivers()
        ]
        return self.env["ir.qweb"]._render("customer_club.club_budget_drivers", {"rows": rows})

    def _read_drivers(self):
        found = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(self._get_entry_domain(), ["rule_id"], ["points:sum"], order="points:sum desc", limit=20)
        )
        return [(rule, points) for rule, points in found if points]

    def _get_entry_domain(self):
        """The entries whose sum is the points of the period: what was given in it, and what came back of that since."""
        start, until = periods.range_bounds(self.first_on, self.last_on + timedelta(days=1), self.club_id.tz)
        start, until = start.replace(tzinfo=None), until.replace(tzinfo=None)
        in_period = [("date", ">=", start), ("date", "<", until)]
        # A give-back that is itself taken back belongs to the day of the first.
        back = [(f"reverses_id.{name}", operator, value) for name, operator, value in in_period]
        again = [(f"reverses_id.reverses_id.{name}", operator, value) for name, operator, value in in_period]
        Domain = fields.Domain
        return list(
            Domain([("club_id", "=", self.club_id.id), ("rule_id", "!=", False), ("date", ">=", start)])
            & (
                Domain([("kind", "=", "earn"), *in_period])
                | (
                    Domain("kind", "=", "reverse")
                    & (
                        Domain([("reverses_id.reverses_id", "=", False), *back])
                        | Domain([("reverses_id.reverses_id", "!=", False), *again])
                    )
                )
            )
        )

    # -- actions -------------------------------------------------------------

    def action_refresh(self):
        """Count the club's current period anew."""
        self.ensure_one()
        self.check_access("read")
        self._refresh(self.club_id)

    def action_view_entries(self):
        """The entries behind the points."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points Given"),
            "res_model": "club.point.entry",
            "view_mode": "list,graph,pivot,form",
            "views": [(False, view) for view in ("list", "graph", "pivot", "form")],
            "domain": self._get_entry_domain(),
            "context": {"group_by": ["rule_id"]},
        }

    # -- counting ------------------------------------------------------------

    @api.model
    def _refresh(self, clubs, day=None):
        """Count the current period of clubs, and warn who has to know, once per threshold and period.

        :param clubs: that the user may read; :param day: the day in each club, default today.
        :return: the rows, as the user may read them.
        """
        clubs.check_access("read")
        rows = self.sudo().browse()
        for club in clubs.sudo():
            figures = club._get_budget_figures(day or club._get_today())
            row = self.sudo()._find_row(club, figures["first_on"])
            last = figures["last_on"] + timedelta(days=1)
            row._keep(
                {
                    **{
                        name: float(value) if isinstance(value, Decimal) else value
                        for name, value in figures.items()
                        if name in self._fields and name != "first_on"
                    },
                    "used": float(figures["used"] or 0),
                    "expected_used": float(figures["expected_used"] or 0),
                    "refreshed_at": fields.Datetime.now(),
                    **club._count_running(row, figures["first_on"], last, figures["sales"], figures["points"]),
                }
            )
            if figures["last_on"] >= club._get_today():
                row._warn(figures["used"])
            rows |= row
        return rows.with_env(self.env)

    def _find_row(self, club, first):
        """The row of a period, locked: who counts at the same time waits, and finds who was warned."""
        # SQL: the ORM knows no ON CONFLICT, and its lock skips; a race raises a serialization error, which is retried.
        self.env.execute_query(
            SQL(
                """
                INSERT INTO club_budget (club_id, company_id, first_on, create_date, write_date)
                VALUES (%s, %s, %s, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC')
                ON CONFLICT (club_id, first_on) DO NOTHING RETURNING id
                """,
                club.id,
                club.company_id.id,
                first,
            )
        )
        [(row_id,)] = self.env.execute_query(
            SQL("SELECT id FROM club_budget WHERE club_id = %s AND first_on = %s FOR NO KEY UPDATE", club.id, first)
        )
        row = self.browse(row_id)
        row.invalidate_recordset()
        return row

    def _warn(self, used):
        """A task for the manager for the highest threshold reached, if it was not told of before."""
        self.ensure_one()
        club = self.club_id
        if not club._has_budget():
            return
        reached = budget.thresholds_reached(used, tuple({club.budget_warn_at or 100, 100}))
        if not reached or reached[-1] <= self.warned:
            return
        self._keep({"warned": reached[-1]})
        user = club.budget_user_id or club.create_uid
        if user and user.active and not user.share:
            self.with_context(lang=user.lang).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.with_context(lang=user.lang).env._("Budget: %(share)s %% reached", share=reached[-1]),
                note=club.with_context(lang=user.lang)._say_budget(float(100 * used)),
            )

    @api.model
    def _cron_refresh(self):
        """Hourly: count the current period of every club that has a budget, and once more the one that has ended;
        resumable, for every club stands alone.
        """
        clubs = self.env["club.club"].sudo().search([]).filtered(lambda club: club._has_budget())
        for number, club in enumerate(clubs, 1):
            self._refresh(club)
            self._finish_last(club)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(clubs) - number):
                return

    @api.model
    def _finish_last(self, club):
        """Count the last period once more when it is over: in the night before, its last day was still to come."""
        first, _end = club._get_budget_period()
        row = self.sudo().search([("club_id", "=", club.id), ("last_on", "<", first)], order="first_on desc", limit=1)
        if not row or club._get_budget_period(row.last_on)[0] != row.first_on:
            return  # none, or of another length than periods have now
        _start, end = periods.day_bounds(row.last_on, club.tz)
        if row.refreshed_at < end:
            self._refresh(club, row.last_on)
