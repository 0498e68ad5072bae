"""Weekday and hour: when members buy, by the club's own clock and week."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: Till orders have a time of day too; what was imported or invoiced only has a day.
TILL = "pos.order"


class ClubReportBlockWeekdayHour(models.AbstractModel):
    _name = "club.report.block.weekday_hour"
    _inherit = "club.report.block"
    _description = "Block of a Report: Weekday and Hour"
    _block_sequence = 46

    @api.model
    def _get_label(self):
        return self.env._("When Members Buy")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        names = self._get_weekdays(clubs)
        days = list(names)
        found = {(day, hour): count for (_all, day, hour), count in self._read_hours(clubs, period).items()}
        hours = sorted({hour for _day, hour in found})
        hours = range(hours[0], hours[-1] + 1) if hours else []
        rows = []
        for hour in hours:
            counts = {f"d{day}": found.get((day, hour), 0) for day in days}
            rows.append({"hour": f"{hour:02d}:00", **counts, "all": sum(counts.values())})
        totals = self._sum_rows(rows, clubs, [*(f"d{day}" for day in days), "all"], hour=_("Total"))
        best = max(found, key=lambda key: (found[key], -key[0], -key[1]), default=None)
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("hour", _("From")),
                *(reporting.Column(f"d{day}", names[day], "integer") for day in days),
                reporting.Column("all", _("All"), "integer"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "heat",
                [names[day] for day in days],
                [Series(row["hour"], [row[f"d{day}"] for day in days]) for row in rows],
                x_label=_("Weekday"),
                y_label=_("Hour"),
            ),
            figures=[(_("Busiest Time"), f"{names[best[0]]}, {best[1]:02d}:00", "text")] if best else [],
            empty=_("No member bought in this period."),
            note=_(
                "Purchases of members by the weekday and the hour in which they were made, on the club's own clock: "
                "confirmed orders, and orders of the till. Purchases of which only the day is known are left out. "
                "The week begins as the club's does."
            ),
        )

    @api.model
    def _get_weekdays(self, clubs):
        """Names of the weekdays by their number, Monday is 0; in the order of the club's week."""
        _ = self.env._
        names = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
        start = int(clubs[0].week_start)
        return {day: names[day] for day in ((start + place) % 7 for place in range(7))}

    @api.model
    def _read_hours(self, clubs, period, groups=None):
        """Purchases by (group, weekday, hour). SQL: the hour on the wall clock of each club, daylight saving included.

        :param SQL groups: ``(member_id, group_id)``; a member may be in several.
        """
        groups = groups or SQL("(SELECT NULL::int AS member_id, NULL::int AS group_id WHERE FALSE)")
        rows = self._read_rows(
            SQL(
                """
                SELECT g.group_id, EXTRACT(ISODOW FROM local)::int - 1 AS day, EXTRACT(HOUR FROM local)::int AS hour,
                       COUNT(DISTINCT p.document) AS purchases
                  FROM %(purchases)s p JOIN club_club club ON club.id = p.club_id
             LEFT JOIN %(groups)s g ON g.member_id = p.member_id
            CROSS JOIN LATERAL (SELECT p.at AT TIME ZONE 'UTC' AT TIME ZONE club.tz AS local) clock
                 WHERE p.member_id IS NOT NULL AND (p.document LIKE 'o%%' OR p.line LIKE %(till)s)
                 GROUP BY 1, 2, 3
                """,
                purchases=self._get_purchases(clubs, self._get_windows(clubs, [(0, 0, period)])),
                groups=groups,
                till=f"{TILL}%",
            )
        )
        return {(row["group_id"], row["day"], row["hour"]): row["purchases"] for row in rows}
