"""Spending by channel: what members used their points for, and what that cost; the figures of the By Channel page."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.fields import Domain

SUMS = ("points", "uses", "provided", "cost")


class ClubReportBlockSpendingByChannel(models.AbstractModel):
    _name = "club.report.block.spending_by_channel"
    _inherit = "club.report.block"
    _description = "Block of a Report: Points Spent by Channel"
    _block_sequence = 24

    @api.model
    def _get_label(self):
        return self.env._("Points Spent by Channel")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        now = self._read_channels(clubs, period)
        before = self._read_channels(clubs, comparison) if comparison else {}
        names = dict(self.env["club.spending.report"]._fields["channel"]._description_selection(self.env))
        total = sum(row["points"] for row in now.values())
        rows, drill = [], {}
        for key in sorted(now.keys() | before.keys(), key=lambda key: (-self._get(now, key, "points"), str(key))):
            channel, currency_id = key
            currency = self.env["res.currency"].browse(currency_id)
            points = self._get(now, key, "points")
            row = {
                "channel": names.get(channel, channel),
                "points": self._points(points),
                "share": self._share(points, total),
                "uses": self._get(now, key, "uses"),
                "provided": self._get(now, key, "provided"),
                "cost": self._money(self._get(now, key, "cost"), currency),
            }
            if comparison:
                row["before"] = self._points(self._get(before, key, "points"))
            if key in now:
                conditions = [("channel", "=", channel), ("currency_id", "=", currency_id)]
                drill.update(self._get_drill(len(rows), row, [*conditions, *self._get_period_domain(clubs, period)]))
            rows.append(self._mark_currency(row, currency))
        keys = ("points", "uses", "provided", *(["before"] if comparison else []))
        totals = self._sum_rows(rows, clubs, keys, ["cost"], channel=_("Total"), share=self._share(total, total))
        if rows:
            drill.update(self._get_drill("total", totals, self._get_period_domain(clubs, period)))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("channel", _("Channel")),
                *self._get_currency_columns(clubs),
                reporting.Column("points", _("Points"), "points"),
                reporting.Column("share", _("Share"), "share"),
                reporting.Column("uses", _("Times Taken"), "integer"),
                reporting.Column("provided", _("Times Provided"), "integer"),
                reporting.Column("cost", _("Cost for the Shop"), "money"),
                *([reporting.Column("before", _("Points Before"), "points")] if comparison else []),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "hbars",
                [" ".join((row["channel"], *([row["currency"]] if totals["cost"] is None else []))) for row in rows],
                [Series(_("Points"), [row["points"] for row in rows])],
                type="points",
            ),
            drill=drill,
            figures=[
                (_("Points Spent"), self._points(total), "points", totals["before"] if comparison and rows else None),
                *([(_("Cost for the Shop"), totals["cost"], "money")] if totals["cost"] is not None else []),
            ],
            empty=_("No points were spent in this period. What members use them for stands here."),
            note=_(
                "Points by the day on which they were taken, less what was given back, by the day of that. Cost by the "
                "day on which the member got what the points were for: of an order the discount without taxes, of the "
                "rest its cost as it was known at the time. The same figures stand on the page Spending by Channel."
            ),
        )

    @api.model
    def _get_drill(self, index, row, domain):
        """What a row opens: all that its sums add up, and behind how often so many lines."""
        counts = {(index, key): [(key, "!=", 0), *domain] for key in ("uses", "provided") if row[key]}
        return {key: ("club.spending.report", goal) for key, goal in {index: domain, **counts}.items()}

    @api.model
    def _get(self, rows, key, name):
        return rows[key][name] if key in rows else 0

    @api.model
    def _read_channels(self, clubs, period):
        """Sums by (channel, currency id) in one query."""
        self.env.flush_all()
        domain = Domain(self._get_period_domain(clubs, period))
        return {
            (channel, currency.id): {
                name: value if isinstance(value, int) else self._decimal(value)
                for name, value in zip(SUMS, values, strict=True)
            }
            for channel, currency, *values in self.env["club.spending.report"]._read_group(
                domain, ["channel", "currency_id"], [f"{name}:sum" for name in SUMS]
            )
        }
