"""Referrals: visits through members' links, friends who joined and bought, what they bought, what it cost in points."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

COUNTS = ("visits", "joins", "held", "buyers")


class ClubReportBlockReferral(models.AbstractModel):
    _name = "club.report.block.referral"
    _inherit = "club.report.block"
    _description = "Block of a Report: Referrals"
    _block_sequence = 40

    @api.model
    def _get_label(self):
        return self.env._("New Customers Through Members")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        kind = "month" if period.days > 45 else ""
        slices = self._get_slices(clubs, period, kind) if period.days > 31 else [(period, _("Whole period"))]
        pieces = [(0, number, piece) for number, (piece, _name) in enumerate(slices)]
        found = self._read_friends(clubs, [*pieces, *([(1, 0, comparison)] if comparison else [])])
        rows, drill = [], {}
        for number, (piece, name) in enumerate(slices):
            for currency in clubs.company_id.currency_id:
                values = found.get((0, number, currency.id))
                if not values:
                    continue
                mine = clubs.filtered(lambda club, own=currency: club.currency_id == own)
                drill[len(rows)] = ("club.referral.report", self._get_period_domain(mine, piece))
                rows.append(self._mark_currency({"slice": name, **self._make_row(values, currency)}, currency))
        totals = self._sum_rows(rows, clubs, (*COUNTS, "points"), ["revenue"], slice=_("Total"))
        before = [values for (part, *_key), values in found.items() if part == 1]
        old = {name: sum(values[name] for values in before) for name in (*COUNTS, "points")} if comparison else {}
        if rows:
            drill["total"] = ("club.referral.report", self._get_period_domain(clubs, period))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("slice", _("Period")),
                *self._get_currency_columns(clubs),
                reporting.Column("visits", _("Visits"), "integer"),
                reporting.Column("joins", _("Joined"), "integer"),
                reporting.Column("held", _("Held Back"), "integer"),
                reporting.Column("buyers", _("Bought"), "integer"),
                reporting.Column("revenue", _("Friends' Purchases"), "money"),
                reporting.Column("points", _("Points Cost"), "points"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "funnel",
                [_("Visits"), _("Joined"), _("Bought")],
                [Series(_("Friends"), [totals["visits"], totals["joins"], totals["buyers"]])],
                title=_("From a visit to a purchase"),
            ),
            drill=drill,
            figures=[
                (_("Friends Who Joined"), totals["joins"], "integer", old.get("joins")),
                (_("Friends Who Bought"), totals["buyers"], "integer", old.get("buyers")),
                (_("Points Cost"), totals["points"], "points", self._points(old["points"]) if old else None),
            ],
            empty=_(
                "No friends came through members' links in this period. Who comes stands here: reward members for it "
                "with a rule under Earning."
            ),
            note=_(
                "Each visitor, friend and purchase on the day on which it happened, so a friend may join in one month "
                "and buy in the next. Bought: the first purchase is paid and past its return period. Points: of both "
                "sides, less what was taken back. The same figures stand on the page New Customers Through Members."
            ),
        )

    @api.model
    def _make_row(self, values, currency):
        return {
            **{name: int(values[name]) for name in COUNTS},
            "revenue": self._money(values["revenue"], currency),
            "points": self._points(values["points"]),
        }

    @api.model
    def _read_friends(self, clubs, pieces):
        """Sums by (part, piece, currency): of the house's own view, cut by the clubs' own days, so by SQL."""
        rows = self._read_rows(
            SQL(
                """
                SELECT w.part, w.number, company.currency_id, SUM(r.visits) AS visits, SUM(r.joins) AS joins,
                       SUM(r.held) AS held, SUM(r.buyers) AS buyers, SUM(r.revenue) AS revenue, SUM(r.points) AS points
                  FROM %s w
                  JOIN club_referral_report r ON r.club_id = w.club_id AND r.date >= w.first AND r.date < w.last
                  JOIN res_company company ON company.id = r.company_id
                 GROUP BY w.part, w.number, company.currency_id
                """,
                self._get_windows(clubs, pieces),
            )
        )
        return {(row["part"], row["number"], row["currency_id"]): row for row in rows}
