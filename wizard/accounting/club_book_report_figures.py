"""Roll-forward and ageing: what posted closes and the ledger say, without any estimate."""

from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.addons.customer_club.engine import charts, periods
from odoo.addons.customer_club.models.accounting.club_close_cohort import MONEY_MOVES, POINT_MOVES
from odoo.tools import SQL

ZERO = Decimal(0)


class ClubBookReport(models.TransientModel):
    _inherit = "club.book.report"

    # -- what is read ----------------------------------------------------------

    def _get_closes(self):
        """Posted closes that lie in the period, oldest first."""
        return self.env["club.close"].search(
            [
                ("club_id", "=", self.club_id.id),
                ("state", "=", "posted"),
                ("date_from", ">=", self.date_from),
                ("date_to", "<=", self.date_to),
            ],
            order="date_from",
        )

    def _read_rows(self, closes):
        """The cohorts' rows of these closes by (nature, cohort), each oldest first."""
        rows = defaultdict(list)
        for row in closes.cohort_ids.sorted(lambda row: row.close_id.date_from):
            rows[row.nature, row.cohort].append(row)
        return dict(sorted(rows.items(), key=lambda item: (item[0][1], item[0][0])))

    def _exactly(self, row, name):
        digits = 6 if row._fields[name].type == "float" else self.club_id.currency_id.decimal_places
        return Decimal(str(round(row[name], digits)))

    def _get_nature(self, nature):
        return dict(self.env["club.close.cohort"]._fields["nature"]._description_selection(self.env))[nature]

    # -- roll-forward ----------------------------------------------------------

    def _make_roll_forward(self):
        """Opening, movements and closing of every cohort over the period: in points, and in money."""
        _ = self.env._
        closes = self._get_closes()
        points, money = [], []
        for (nature, cohort), rows in self._read_rows(closes).items():
            name = [self._show_month(cohort), self._get_nature(nature)]
            points.append([*name, *self._roll_points(rows)])
            money.append([*name, *self._roll_money(rows)])
        name = [(_("Issued in"), "text"), (_("Points"), "text")]
        empty = _("No month of this period is closed yet. The roll-forward is made from posted closes.")
        covered = self._say_covered(closes)
        return [
            {
                "title": _("Roll-forward in points"),
                "columns": [
                    *name,
                    *(
                        (heading, "points")
                        for heading in (
                            _("Opening"),
                            _("Issued"),
                            _("Issued late"),
                            _("Returned"),
                            _("Redeemed"),
                            _("Expired"),
                            _("Transferred"),
                            _("Closing"),
                        )
                    ),
                ],
                "rows": points,
                "total": self._add_up(points, 2),
                "chart": self._draw_closes(closes, "closing", _("Points at the end of each month"), "points"),
                "empty": empty,
                "method": [
                    *covered,
                    _(
                        "Opening and all movements are the closing, for every cohort: the points of one kind that were "
                        "issued in one month. Points of a sale count from its invoice on."
                    ),
                    _(
                        "Issued late: points of an earlier month that became known after that month was closed. "
                        "Redeemed: the member got what they were for. Transfers between members (gross %(points)s "
                        "points in the period) stay in their cohort, so their effect on each is zero.",
                        points=self._show(self._sum_transfers(), "points"),
                    ),
                ],
            },
            {
                "title": _("Roll-forward in money"),
                "columns": [
                    *name,
                    *(
                        (heading, "money")
                        for heading in (
                            _("Opening"),
                            _("Put aside"),
                            _("Returned"),
                            _("Re-estimated"),
                            _("Released"),
                            _("Closing"),
                        )
                    ),
                ],
                "rows": money,
                "total": self._add_up(money, 2),
                "chart": self._draw_closes(closes, "closing_value", _("Liability at the end of each month"), "money"),
                "empty": empty,
                "method": [
                    *covered,
                    _(
                        "Put aside: the part of invoices that paid for points, by relative stand-alone selling prices "
                        "(IFRS 15.74, 15.B42). Released: revenue in proportion to the points redeemed of those "
                        "expected to be redeemed (15.B46). Re-estimated: what a new estimate changed of what was there "
                        "before. The closing is the balance of the liability account."
                    ),
                ],
            },
        ]

    def _roll_points(self, rows):
        sums = {name: sum((self._exactly(row, name) for row in rows), ZERO) for name in POINT_MOVES}
        late = sum((self._exactly(row, "issued") for row in rows if row.cohort < row.close_id.date_from), ZERO)
        return [
            self._exactly(rows[0], "opening"),
            sums["issued"] - late,
            late,
            sums["reversed"],
            sums["redeemed"],
            sums["expired"],
            ZERO,
            self._exactly(rows[-1], "closing"),
        ]

    def _roll_money(self, rows):
        moved = [sum((self._exactly(row, name) for row in rows), ZERO) for name in MONEY_MOVES]
        return [self._exactly(rows[0], "opening_value"), *moved, self._exactly(rows[-1], "closing_value")]

    def _add_up(self, rows, texts):
        """The row of totals: sums after the columns of text."""
        if not rows:
            return []
        columns = list(zip(*rows, strict=True))[texts:]
        return [self.env._("Total"), *[None] * (texts - 1), *(sum(column, ZERO) for column in columns)]

    def _say_covered(self, closes):
        """Which of the period is closed, as sentences."""
        if not closes:
            return []
        club = self.club_id
        return [
            self.env._(
                "From %(count)s posted closes, %(first)s – %(last)s.",
                count=len(closes),
                first=club._show_day(closes[0].date_from),
                last=club._show_day(closes[-1].date_to),
            )
        ]

    def _draw_closes(self, closes, name, title, kind):
        sums = dict.fromkeys(closes.ids, ZERO)
        for row in closes.cohort_ids:
            sums[row.close_id.id] += self._exactly(row, name)
        return charts.bars(
            title,
            [self._show_month(close.date_from) for close in closes],
            [charts.Series(title, list(sums.values()))],
            empty=self.env._("Nothing to show in this period"),
            rtl=self.env["res.lang"]._is_club_rtl(),
            show=lambda value: self._show(value, kind),
        )

    def _sum_transfers(self):
        """Points that came to a member from another one. SQL: a sum over the ledger, which may be large."""
        first, end = self._get_bounds()
        [[points]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(points), 0) FROM club_point_entry
                 WHERE club_id = %s AND kind = 'transfer' AND points > 0 AND date >= %s AND date < %s
                """,
                self.club_id.id,
                first,
                end,
            )
        )
        return Decimal(str(points))

    def _get_bounds(self):
        """The period as instants: the first of its first day, and the first after its last day, in UTC."""
        tz = self.club_id.tz
        return periods.day_bounds(self.date_from, tz)[0], periods.day_bounds(self.date_to, tz)[1]

    # -- ageing ----------------------------------------------------------------

    def _make_ageing(self):
        """What members had at the end of the period's last day, by the month in which it expires."""
        _ = self.env._
        by_month, never, overdue, owned = self._read_ageing()
        rows = [[self._show_month(month), *values, sum(values)] for month, values in sorted(by_month.items())]
        if any(overdue):
            rows.insert(0, [_("Due, not taken out yet"), *overdue, sum(overdue)])
        if any(never):
            rows.append([_("Never expires"), *never, sum(never)])
        held = sum((row[-1] for row in rows), ZERO)
        arrears = held - owned
        if arrears:
            rows.append([_("Arrears of members"), ZERO, ZERO, -arrears])
        rows = [[*row, row[-1] / held if held and row[-1] > 0 else None] for row in rows]
        total = self._add_up([row[:-1] for row in rows], 1)
        months = [row for row in rows if row[-1] is not None]
        return [
            {
                "title": _("Points by the month in which they expire"),
                "columns": [
                    (_("Expires in"), "text"),
                    (_("Spendable"), "points"),
                    (_("Pending"), "points"),
                    (_("Together"), "points"),
                    (_("Share"), "share"),
                ],
                "rows": rows,
                "total": [*total, None] if total else [],
                "chart": charts.bars(
                    _("Points by the month in which they expire"),
                    [row[0] for row in months],
                    [
                        charts.Series(_("Spendable"), [row[1] for row in months]),
                        charts.Series(_("Pending"), [row[2] for row in months]),
                    ],
                    stacked=True,
                    empty=_("Nobody has points"),
                    rtl=self.env["res.lang"]._is_club_rtl(),
                    show=lambda value: self._show(value, "points"),
                ),
                "empty": _("Nobody had points at the end of %(day)s.", day=self.club_id._show_day(self.date_to)),
                "method": [
                    _(
                        "As the ledger stood at the end of %(day)s: what is left of every lot, by the month of the "
                        "first day on which it can no longer be spent. Entries that came later are left out.",
                        day=self.club_id._show_day(self.date_to),
                    ),
                    _(
                        "Pending points can be spent once their purchase is final. Arrears are what members spent or "
                        "gave back beyond what they had; they are no asset, and the next points settle them. The total "
                        "is the sum of all balances. Shares are of all points before arrears."
                    ),
                ],
            }
        ]

    def _read_ageing(self):
        """Open and pending points at the end of the period, by month of expiry, and what all members own.

        SQL: one pass over the ledger as it was on a day, which no stored field tells.

        :return: dict of month → [open, pending]; [open, pending] that never expire; the same of those due; the sum.
        """
        club, end = self.club_id, self._get_bounds()[1]
        for model in ("club.point.entry", "club.point.allocation"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.expires_on, e.available <= 0 AS pending,
                       SUM(GREATEST(e.points, ABS(e.available)) - COALESCE(taken.points, 0))
                  FROM club_point_entry e
                  LEFT JOIN (
                       SELECT a.lot_id, SUM(a.points) AS points
                         FROM club_point_allocation a
                         JOIN club_point_entry taker ON taker.id = a.entry_id
                        WHERE taker.club_id = %(club)s AND taker.date < %(end)s
                        GROUP BY a.lot_id
                  ) taken ON taken.lot_id = e.id
                 WHERE e.club_id = %(club)s AND e.date < %(end)s
                   AND ((e.points > 0 AND e.kind <> 'reverse') OR e.points = 0)
                 GROUP BY 1, 2
                """,
                club=club.id,
                end=end,
            )
        )
        [[owned]] = self.env.execute_query(
            SQL("SELECT COALESCE(SUM(points), 0) FROM club_point_entry WHERE club_id = %s AND date < %s", club.id, end)
        )
        by_month, never, overdue = defaultdict(lambda: [ZERO, ZERO]), [ZERO, ZERO], [ZERO, ZERO]
        for expires_on, pending, left in rows:
            left = Decimal(str(left)).quantize(Decimal("0.01"))
            if not left:
                continue
            if not expires_on:
                never[pending] += left
            elif expires_on <= self.date_to:
                overdue[pending] += left
            else:
                by_month[club._get_period(expires_on)[0]][pending] += left
        return by_month, never, overdue, Decimal(str(owned)).quantize(Decimal("0.01"))
