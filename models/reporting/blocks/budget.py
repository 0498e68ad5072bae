"""Budget: what each budget period of a club allowed, what was used of it, where it will end."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series

AMOUNTS = ("sales", "cost", "budget")


class ClubReportBlockBudget(models.AbstractModel):
    _name = "club.report.block.budget"
    _inherit = "club.report.block"
    _description = "Block of a Report: Budget"
    _block_sequence = 29
    _block_money = True

    @api.model
    def _get_label(self):
        return self.env._("Budget")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        budgets = self.env["club.budget"].search(
            [
                ("club_id", "in", clubs.ids),
                ("first_on", "<=", period.last),
                ("last_on", ">=", period.first),
            ],
            order="first_on, club_id, id",
        )
        rows, drill = [], {}
        several = len(clubs) > 1
        for budget in budgets:
            club = budget.club_id
            kind = club.budget_period
            row = {
                "period": reporting.periods.format_period(kind, budget.first_on, club.calendar, int(club.week_start)),
                "club": club.name,
                "points": self._points(budget.points),
                **{name: self._money(budget[name], club.currency_id) for name in AMOUNTS},
                "used": self._get_used(budget, budget.used),
                "expected": self._get_used(budget, budget.expected_used),
            }
            drill[len(rows)] = ("club.budget", [("id", "=", budget.id)])
            rows.append(self._mark_currency(row, club.currency_id))
        totals = self._sum_rows(rows, clubs, ["points"], AMOUNTS, period=_("Whole period"))
        totals["used"] = rows[0]["used"] if len(rows) == 1 else self._share_used(budgets, totals)
        labels = [f"{row['period']} {row['club']}" if several else row["period"] for row in rows]
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("period", _("Period")),
                *([reporting.Column("club", _("Club"))] if several else []),
                *self._get_currency_columns(clubs),
                reporting.Column("sales", _("Members Bought"), "money"),
                reporting.Column("points", _("Points Given"), "points"),
                reporting.Column("cost", _("Cost"), "money"),
                reporting.Column("budget", _("Budget"), "money"),
                reporting.Column("used", _("Used"), "share"),
                reporting.Column("expected", _("Expected in the End"), "share"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "hbars" if several else "bars",
                labels,
                [
                    Series(_("Used"), [row["used"] or 0 for row in rows]),
                    Series(_("Expected in the end"), [row["expected"] or 0 for row in rows]),
                ],
                title=_("Use of the budget"),
                type="share",
            ),
            drill=drill,
            figures=[(_("Used"), totals["used"], "share")] if rows and totals["used"] is not None else [],
            empty=_("No budget was kept in this period. Give the club one under Configuration."),
            note=_(
                "The budget periods that overlap the period, as the page Budget counts them: cost is points given at "
                "their worth and the share of them that will be spent, wallet money, and what rewards cost beyond "
                "their points. Of a budget that is a share of sales: what was sold so far."
            ),
        )

    @api.model
    def _get_used(self, budget, share):
        """A share as the page Budget has it: of points where the budget is a number of them; empty without a budget."""
        return self._share(share, 1) if budget.club_id._has_budget() else None

    @api.model
    def _share_used(self, budgets, totals):
        """The share used of several periods together, where all of them are shares of sales: points are no money."""
        if set(budgets.mapped("budget_kind")) != {"share"}:
            return None
        return self._share(totals["cost"], totals["budget"])
