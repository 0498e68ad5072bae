"""Cost: what the points given are worth, as a share of the members' purchases."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.tools import SQL


class ClubReportBlockCost(models.AbstractModel):
    _name = "club.report.block.cost"
    _inherit = "club.report.block"
    _description = "Block of a Report: Cost of Points"
    _block_sequence = 28
    _block_money = True

    @api.model
    def _get_label(self):
        return self.env._("Cost of Points")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        now = self._read_costs(clubs, period)
        before = self._read_costs(clubs, comparison) if comparison else {}
        rows, drill = [], {}
        for club in clubs:
            values = now[club.id]
            if not any(values.values()) and not any(before.get(club.id, {}).values()):
                continue
            row = {"club": club.name, **self._make_row(club, values)}
            if comparison:
                row["before"] = self._make_row(club, before[club.id])["share"]
            drill[len(rows)] = (
                "club.point.entry",
                [("kind", "in", ("earn", "reverse")), *self._get_period_domain(club, period)],
            )
            rows.append(self._mark_currency(row, club.currency_id))
        totals = self._sum_rows(rows, clubs, ["points"], ["sales", "cost"], club=_("Total"))
        if totals["sales"] is not None and self._is_shared(clubs):
            totals["sales"] = self._read_sales(clubs, period)
        totals["share"] = self._share(totals["cost"], totals["sales"])
        if comparison:
            cost = sum(before[club.id]["cost"] for club in clubs)
            sales = self._read_sales(clubs, comparison)
            totals["before"] = None if totals["cost"] is None else self._share(cost, sales)
        known = [row.get("before") for row in rows]
        figure = [(_("Cost as a Share of Sales"), totals["share"], "share", totals.get("before"))]
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("club", _("Club")),
                *self._get_currency_columns(clubs),
                reporting.Column("sales", _("Members' Purchases"), "money"),
                reporting.Column("points", _("Points Given"), "points"),
                reporting.Column("cost", _("Worth"), "money"),
                reporting.Column("share", _("Share of Sales"), "share"),
                *([reporting.Column("before", _("Share Before"), "share")] if comparison else []),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "hbars",
                [row["club"] for row in rows],
                [
                    Series(_("Share of sales"), [row["share"] for row in rows]),
                    *([Series(_("Share before"), known)] if any(known) else []),
                ],
                type="share",
            ),
            drill=drill,
            figures=figure if totals["cost"] is not None else [],
            empty=_("No purchases of members and no points in this period. Choose another one, or switch on a rule."),
            note=_(
                "Worth: points given in the period, less those taken back, at what a point takes off an order; 0 where "
                "points buy goods only. Members' purchases: confirmed orders without taxes, less what was credited. "
                "The budget counts more than points: see there."
            )
            + self._get_shared_note(clubs),
        )

    @api.model
    def _make_row(self, club, values):
        return {
            "sales": self._money(values["sales"], club.currency_id),
            "points": self._points(values["points"]),
            "cost": self._money(values["cost"], club.currency_id),
            "share": self._share(values["cost"], values["sales"]),
        }

    @api.model
    def _read_sales(self, clubs, period):
        """What members of all the clubs together bought, each sale once; in the clubs' one currency."""
        [row] = self._read_rows(
            SQL(
                "SELECT SUM(amount) AS sales FROM %s p WHERE member_id IS NOT NULL",
                self._get_purchases(clubs, self._get_windows(clubs, [(0, 0, period)])),
            )
        )
        return self._money(row["sales"], clubs[0].currency_id)

    @api.model
    def _read_costs(self, clubs, period):
        """Sales, points and their worth by club id."""
        costs = {club.id: dict.fromkeys(("sales", "points", "cost"), Decimal(0)) for club in clubs}
        windows = self._get_windows(clubs, [(0, 0, period)])
        for row in self._read_rows(
            SQL(
                "SELECT club_id, SUM(amount) AS sales FROM %s p WHERE member_id IS NOT NULL GROUP BY club_id",
                self._get_purchase_lines(clubs, windows),
            )
        ):
            costs[row["club_id"]]["sales"] = row["sales"]
        # SQL: a reversal counts with what it reverses, as on the home page.
        for row in self._read_rows(
            SQL(
                """
                SELECT e.club_id, SUM(e.points) AS points
                  FROM %(windows)s w
                  JOIN club_point_entry e ON e.club_id = w.club_id AND e.kind IN ('earn', 'reverse')
                   AND e.date >= w.first AND e.date < w.last
             %(reverses)s
                 WHERE COALESCE(origin.kind, reversed.kind, e.kind) = 'earn'
                 GROUP BY e.club_id
                """,
                reverses=WHAT_IT_REVERSES,
                windows=windows,
            )
        ):
            costs[row["club_id"]]["points"] = self._points(row["points"])
        for club in clubs:
            costs[club.id]["cost"] = costs[club.id]["points"] * self._decimal(club._point_worth())
        return costs
