"""Retention: of those who first bought in a month, which share bought again one, two, three months later."""

from odoo import api, models
from odoo.addons.customer_club.engine import periods, reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: Months of cohorts that are shown at most, the latest ones.
MOST = 12


class ClubReportBlockRetention(models.AbstractModel):
    _name = "club.report.block.retention"
    _inherit = "club.report.block"
    _description = "Block of a Report: Retention by First Purchase"
    _block_sequence = 30
    _block_options = ("segment_id", "tier_id")
    #: What makes a cohort: the first purchase, or joining.
    _cohort = "purchase"

    @api.model
    def _get_label(self):
        return self.env._("Retention by First Purchase")

    @api.model
    def _get_size_label(self):
        return self.env._("New Buyers")

    @api.model
    def _get_words(self):
        """What is said in place of rows, and how it is computed."""
        _ = self.env._
        return _(
            "Nobody made a first purchase in these months. Which share comes back stands here: choose a longer period."
        ), _(
            "A row: members whose first purchase as far as is known fell into the month. +1, +2, …: the share of "
            "them who bought in the first, second, … month after it. Months to come and the one that is not over yet "
            "are empty."
        )

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        months = self._get_months(clubs, period)
        found = self._read_cohorts(clubs, months)
        today = min(club._get_today() for club in clubs)
        over = len([month for month, _name in months if month.last < today])
        rows, drill = [], {}
        for number, (month, name) in enumerate(months):
            size = found.get((number, None), 0)
            if not size:
                continue
            row = {"cohort": name, "size": size}
            for later in range(1, len(months)):
                row[f"m{later}"] = (
                    self._share(found.get((number, number + later), 0), size) if (number + later < over) else None
                )
            goal = self._get_cohort_domain(clubs, month)
            if goal and not self._is_narrowed():
                drill[len(rows)] = goal
            rows.append(row)
        shown = [later for later in range(1, len(months)) if any(row[f"m{later}"] is not None for row in rows)]
        empty, note = self._get_words()
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("cohort", _("Month")),
                reporting.Column("size", self._get_size_label(), "integer"),
                *(reporting.Column(f"m{later}", f"+{later}", "share") for later in shown),
            ],
            rows=rows,
            totals=self._make_totals(rows, shown) if rows else None,
            chart=reporting.Chart(
                "triangle",
                [f"+{later}" for later in shown],
                [
                    Series(row["cohort"], [row[f"m{later}"] for later in shown])
                    for row in rows
                    if row["m1"] is not None  # the last months have no month after them yet
                ],
                type="share",
                x_label=_("Months later"),
                y_label=self._get_cohort_label(),
            )
            if shown
            else None,
            drill=drill,
            empty=empty,
            note=note,
        )

    @api.model
    def _make_totals(self, rows, shown):
        """The average over the cohorts that are old enough, weighted by their size."""
        totals = {"cohort": self.env._("All"), "size": sum(row["size"] for row in rows)}
        for later in shown:
            old = [row for row in rows if row[f"m{later}"] is not None]
            came = sum(round(row[f"m{later}"] * row["size"]) for row in old)
            totals[f"m{later}"] = self._share(came, sum(row["size"] for row in old))
        return totals

    @api.model
    def _get_months(self, clubs, period):
        """The whole months of the period, the latest at most; of a short period those that end with it."""
        club = clubs[0]
        _first, end = periods.period_bounds("month", period.last, club.calendar)
        first, _end = periods.period_bounds("month", period.first, club.calendar)
        start = max(first, periods.add_months(end, -MOST, club.calendar))
        start = min(start, periods.add_months(end, -6, club.calendar))  # less than that is no retention
        return self._get_slices(clubs, reporting.Period(start, end - periods.ONE_DAY), "month")

    @api.model
    def _get_cohort_domain(self, clubs, month):
        """The members of a cohort, where a domain can say who they are."""

    @api.model
    def _get_cohort_label(self):
        return self.env._("Month of the first purchase")

    @api.model
    def _get_starts(self, clubs, months):
        """SQL: ``(member_id, at)`` of those who may be in a cohort."""
        return SQL("(SELECT member_id, MIN(at) AS at FROM bought GROUP BY member_id)")

    @api.model
    def _get_bought(self, clubs, windows):
        """SQL: the purchases that count; a new buyer of several clubs of a company is one."""
        return self._get_purchases(clubs, windows)

    @api.model
    def _read_cohorts(self, clubs, months):
        """Members by (cohort, month in which they bought); by (cohort, None) all of it. SQL: a join of members with
        themselves over ranges of time.
        """
        history = reporting.Period(periods.LIFETIME_FIRST, months[-1][0].last)
        rows = self._read_rows(
            SQL(
                """
                WITH bought AS MATERIALIZED (
                    SELECT DISTINCT p.member_id, p.club_id, p.at FROM %(purchases)s p WHERE p.member_id IS NOT NULL
                ), month AS MATERIALIZED (SELECT * FROM %(months)s s), cohort AS (
                    SELECT w.number, start.member_id
                      FROM %(starts)s start JOIN club_member m ON m.id = start.member_id
                      JOIN month w ON w.club_id = m.club_id AND start.at >= w.first AND start.at < w.last
                )
                SELECT c.number AS cohort, w.number AS month, COUNT(DISTINCT c.member_id) AS members
                  FROM cohort c
                  JOIN bought b ON b.member_id = c.member_id
                  JOIN month w ON w.club_id = b.club_id AND b.at >= w.first AND b.at < w.last AND w.number > c.number
                 GROUP BY c.number, w.number
             UNION ALL
                SELECT number, NULL, COUNT(*) FROM cohort GROUP BY number
                """,
                purchases=self._get_bought(clubs, self._get_windows(clubs, [(0, 0, history)])),
                months=self._get_windows(clubs, [(0, number, month) for number, (month, _name) in enumerate(months)]),
                starts=self._get_starts(clubs, months),
            )
        )
        return {(row["cohort"], row["month"]): row["members"] for row in rows}
