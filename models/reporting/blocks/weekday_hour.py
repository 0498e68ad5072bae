"""Weekday and hour: when members buy, by the club's own clock and week."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

from .options import KEY

#: Till orders have a time of day too; what was imported or invoiced only has a day.
TILL = "pos.order"


class ClubReportBlockWeekdayHour(models.AbstractModel):
    _name = "club.report.block.weekday_hour"
    _inherit = "club.report.block"
    _description = "Block of a Report: Weekday and Hour"
    _block_sequence = 46
    _block_options = ("segment_id", "tier_id", "categ_id")

    @api.model
    def _get_label(self):
        return self.env._("When Members Buy")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        names = self._get_weekdays(clubs)
        narrowed = self._is_narrowed()
        found = self._count_hours(clubs, period)
        everybody = self.with_context(**{KEY: ()})._count_hours(clubs, period) if narrowed else {}
        hours = sorted({hour for _day, hour in [*found, *everybody]}) if found else []
        hours = range(hours[0], hours[-1] + 1) if hours else []
        rows = [self._make_row(hour, names, found, everybody) for hour in hours]
        totals = self._sum_rows(rows, clubs, [*(f"d{day}" for day in names), "all"], hour=_("Total"))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("hour", _("From")),
                *(reporting.Column(f"d{day}", name, "integer") for day, name in names.items()),
                reporting.Column("all", _("All"), "integer"),
                *(
                    [
                        reporting.Column("share", _("Share"), "share"),
                        reporting.Column("others", _("Share of All Members"), "share"),
                    ]
                    if narrowed
                    else []
                ),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=self._make_comparison(names, hours, found, everybody)
            if narrowed
            else reporting.Chart(
                "heat",
                list(names.values()),
                [Series(row["hour"], [row[f"d{day}"] for day in names]) for row in rows],
                x_label=_("Weekday"),
                y_label=_("Hour"),
            ),
            figures=self._make_figures(names, found, everybody),
            empty=_("No member bought in this period. At which hours of the week they do stands here."),
            note=" ".join(
                (
                    _(
                        "Purchases of members by the weekday and the hour in which they were made, on the club's own "
                        "clock: confirmed orders, and orders of the till. Purchases of which only the day is known are "
                        "left out. The week begins as the club's does."
                    ),
                    *([self._get_comparison_note()] if narrowed else []),
                )
            ),
        )

    @api.model
    def _get_comparison_note(self):
        return self.env._(
            "Compared with all members: the chart shows which share of their purchases falls into each hour, above of "
            "those chosen, below of all. Most unlike: where the two shares are furthest apart, the chosen ones buying "
            "more."
        )

    @api.model
    def _count_hours(self, clubs, period):
        """Purchases by (weekday, hour)."""
        return {(day, hour): count for (_all, day, hour), count in self._read_hours(clubs, period).items()}

    @api.model
    def _make_row(self, hour, names, found, everybody):
        counts = {f"d{day}": found.get((day, hour), 0) for day in names}
        row = {"hour": f"{hour:02d}:00", **counts, "all": sum(counts.values())}
        if everybody:
            row["share"] = self._share(row["all"], sum(found.values()))
            row["others"] = self._share(sum(everybody.get((day, hour), 0) for day in names), sum(everybody.values()))
        return row

    @api.model
    def _make_figures(self, names, found, everybody):
        _ = self.env._

        def say(key):
            return f"{names[key[0]]}, {key[1]:02d}:00"

        def most(of):
            return max(of, key=lambda key: (of[key], -key[0], -key[1]), default=None)

        best, whole, all_of = most(found), sum(found.values()), sum(everybody.values())
        figures = [(_("Busiest Time"), say(best), "text")] if best else []
        if best and everybody:
            apart = most({key: found[key] / whole - everybody.get(key, 0) / all_of for key in found})
            figures += [
                (_("Busiest Time of All Members"), say(most(everybody)), "text"),
                (_("Most Unlike All Members"), say(apart), "text"),
            ]
        return figures

    @api.model
    def _make_comparison(self, names, hours, found, everybody):
        """The map of those chosen above that of all members; shares, so that equal shades mean the same."""
        _ = self.env._
        nothing = [None] * len(names)
        series = []
        for label, counts in ((_("Chosen"), found), (_("All members"), everybody)):
            whole = sum(counts.values())
            series.append(Series(label, nothing))
            series += [
                Series(f"{hour:02d}:00", [self._share(counts.get((day, hour), 0), whole) for day in names])
                for hour in hours
            ]
        return reporting.Chart("heat", list(names.values()), series, type="share", x_label=_("Weekday"))

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
        read = self._get_purchase_lines if groups else self._get_purchases
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
                purchases=read(clubs, self._get_windows(clubs, [(0, 0, period)])),
                groups=groups,
                till=f"{TILL}%",
            )
        )
        return {(row["group_id"], row["day"], row["hour"]): row["purchases"] for row in rows}
