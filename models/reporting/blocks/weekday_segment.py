"""When each segment buys: weekday and part of the day, beside all members."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series

#: A part of the day has so many hours.
HOURS = 6


class ClubReportBlockWeekdaySegment(models.AbstractModel):
    _name = "club.report.block.weekday_segment"
    _inherit = "club.report.block.weekday_hour"
    _description = "Block of a Report: When Segments Buy"
    _block_sequence = 47
    _block_options = ()

    @api.model
    def _get_label(self):
        return self.env._("When Segments Buy")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        segments, members = self._get_segment_groups(clubs)
        found = {}
        for (_all, day, hour), count in self._read_hours(clubs, period).items():
            found[None, day, hour // HOURS] = found.get((None, day, hour // HOURS), 0) + count
        for (segment, day, hour), count in self._read_hours(clubs, period, members).items():
            if segment:
                found[segment, day, hour // HOURS] = found.get((segment, day, hour // HOURS), 0) + count
        days = self._get_weekdays(clubs)
        rows = []
        for day, name in days.items():
            for part in range(24 // HOURS):
                if (None, day, part) in found:
                    cells = {f"s{segment}": found.get((segment, day, part), 0) for segment in segments}
                    hours = f"{part * HOURS:02d}:00–{(part + 1) * HOURS:02d}:00"
                    rows.append({"day": name, "hours": hours, **cells, "all": found[None, day, part]})
        totals = self._sum_rows(rows, clubs, [*(f"s{segment}" for segment in segments), "all"], day=_("Total"))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("day", _("Weekday")),
                reporting.Column("hours", _("Hours")),
                *(reporting.Column(f"s{segment}", name, "integer") for segment, name in segments.items()),
                reporting.Column("all", _("All Members"), "integer"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=self._make_chart(rows, totals, {"all": _("All members")} | {f"s{k}": v for k, v in segments.items()}),
            empty=_("No member bought in this period. When each segment does stands here."),
            note=_(
                "Purchases of the members who belong to each segment today, by the weekday and the part of the day in "
                "which they were made, on the club's own clock: confirmed orders, and orders of the till. The chart "
                "shows which share of its own purchases a segment makes at each time, so that small segments compare "
                "with large ones. A member may belong to several segments or to none, so the segments do not add up to "
                "all members."
            )
            + self._get_shared_note(clubs),
        )

    @api.model
    def _make_chart(self, rows, totals, names):
        """Shares of each segment's own purchases, beside those of all; segments that bought nothing are left out."""
        names = {key: name for key, name in names.items() if totals[key]}
        return reporting.Chart(
            "heat",
            list(names.values()),
            [
                Series(f"{row['day']} {row['hours']}", [self._share(row[key], totals[key]) for key in names])
                for row in rows
            ],
            title=self.env._("Share of each segment's purchases"),
            type="share",
        )
