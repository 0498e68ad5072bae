"""Forecast and disclosure note: what past cohorts let expect of the points that are out."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import charts, forecast, liability, periods

ZERO = Decimal(0)
MONTHS = 12
#: How far a cohort is followed to say when its revenue will come.
HORIZON = 120
#: The months after which the bands of the disclosure note end; the last one takes the rest.
BANDS = (3, 6, 12, HORIZON)


class ClubBookReport(models.TransientModel):
    _inherit = "club.book.report"

    # -- what is read ----------------------------------------------------------

    def _get_age(self, cohort, day):
        """Months of the club's calendar between two days' months."""
        first, second = (periods.parts(found, self.club_id.calendar) for found in (cohort, day))
        return (second[0] - first[0]) * 12 + second[1] - first[1]

    def _get_all_closes(self):
        """Every posted close until the end of the period, oldest first."""
        return self.env["club.close"].search(
            [("club_id", "=", self.club_id.id), ("state", "=", "posted"), ("date_to", "<=", self.date_to)],
            order="date_from",
        )

    def _read_rates(self, closes):
        """How cohorts went so far, by age. Opening balances stay out: when they were issued nobody knows."""
        steps = []
        for row in closes.cohort_ids:
            if row.nature == "opening":
                continue
            before = sum((self._exactly(row, name) for name in ("opening", "issued", "reversed")), ZERO)
            steps.append(
                forecast.Step(
                    max(self._get_age(row.cohort, row.close_id.date_from), 0),
                    before,
                    -self._exactly(row, "redeemed"),
                    -self._exactly(row, "expired"),
                )
            )
        return forecast.read_rates(steps)

    def _say_no_past(self):
        return self.env._("No month is closed until then, so there is no past to go by. Close a month first.")

    def _say_method(self):
        return [
            self.env._(
                "Method: for every age in months, the share of what cohorts of that age still had that was redeemed, "
                "and that expired, in all posted closes until %(day)s; ages that none has reached take the mean of all "
                "ages seen. These shares are applied month by month to what is left of each cohort. Points issued "
                "later, campaigns and changes of rules are not in it.",
                day=self.club_id._show_day(self.date_to),
            )
        ]

    # -- forecast --------------------------------------------------------------

    def _make_forecast(self):
        """Redemption and expiry of the points that are out, for each of the next twelve months."""
        _ = self.env._
        closes = self._get_all_closes()
        rates, last = self._read_rates(closes), closes[-1:]
        rows = self._project(last, rates) if rates and any(last.cohort_ids.mapped("closing")) else []
        months = [row[0] for row in rows]
        return [
            {
                "title": _("The next 12 months"),
                "columns": [
                    (_("Month"), "text"),
                    (_("Out when it begins"), "points"),
                    (_("Redeemed"), "points"),
                    (_("Expired"), "points"),
                    (_("Out when it ends"), "points"),
                ],
                "rows": rows,
                "total": [
                    _("Total"),
                    None,
                    sum((row[2] for row in rows), ZERO),
                    sum((row[3] for row in rows), ZERO),
                    None,
                ]
                if rows
                else [],
                "chart": charts.bars(
                    _("Points expected to be redeemed and to expire"),
                    months,
                    [
                        charts.Series(_("Redeemed"), [row[2] for row in rows]),
                        charts.Series(_("Expired"), [row[3] for row in rows]),
                    ],
                    stacked=True,
                    empty=_("Nothing to expect"),
                    rtl=self.env["res.lang"]._is_club_rtl(),
                    show=lambda value: self._show(value, "points"),
                ),
                "empty": _("At the end of the last closed month nobody had points.") if rates else self._say_no_past(),
                "method": [
                    *self._say_method(),
                    _("The ageing report shows which points must expire by their day; this one what to expect."),
                ],
            }
        ]

    def _project(self, close, rates):
        """Rows of month, opening, redeemed, expired, closing; rounded, so that they add up."""
        sums = [[ZERO, ZERO] for _month in range(MONTHS)]
        first = fields.Date.add(close.date_to, days=1)
        out = ZERO
        for row in close.cohort_ids:
            points = max(self._exactly(row, "closing"), ZERO)
            out += points
            age = self._get_age(row.cohort, first)
            for month, flow in enumerate(forecast.project(points, age, rates, MONTHS)):
                for place, value in enumerate(flow):
                    sums[month][place] += value
        rows = []
        for month, (redeemed, expired) in enumerate(sums):
            # Totals to date are rounded, and their differences shown: so nothing below zero is left by rounding.
            left = out - redeemed - expired
            begin, end = (max(liability.rounded(value, 2), ZERO) for value in (out, left))
            redeemed = min(liability.rounded(redeemed, 2), begin - end)
            name = self._show_month(periods.add_months(first, month, self.club_id.calendar))
            rows.append([name, begin, redeemed, begin - end - redeemed, end])
            out = left
        return rows

    # -- disclosure ------------------------------------------------------------

    def _make_disclosure(self):
        """What IFRS 15.116–120 ask about contract liabilities, for points."""
        closes = self._get_closes()
        return [self._make_balances(closes), self._make_timing(closes), self._make_judgements()]

    def _make_judgements(self):
        """The assumptions by which prices were allocated (IFRS 15.126(c)), and when they changed."""
        _ = self.env._
        club = self.club_id
        approved = club.estimate_ids.filtered(
            lambda estimate: estimate.state == "approved" and estimate.date_from <= self.date_to
        ).sorted("date_from")
        before = approved.filtered(lambda estimate: estimate.date_from <= self.date_from)[-1:]
        used = approved.filtered(lambda estimate: estimate.date_from > self.date_from)
        rows = [
            [
                club._show_day(estimate.date_from),
                f"{estimate.point_value:.6f}".rstrip("0").rstrip("."),
                Decimal(str(round(estimate.rate, 4))),
                estimate.reason or "",
            ]
            for estimate in before | used
        ]
        return {
            "title": _("Judgements"),
            "columns": [
                (_("In force from"), "text"),
                (_("Value of a point, net (%(currency)s)", currency=club.currency_id.name), "text"),
                (_("Expected redemption"), "share"),
                (_("Why"), "text"),
            ],
            "rows": rows,
            "total": [],
            "chart": "",
            "empty": _("No estimate was approved for this period."),
            "method": [
                _(
                    "Methods, inputs and assumptions (126(c)): the stand-alone selling price of points is their value "
                    "times the share that is expected to be redeemed (B42), and prices are allocated in proportion to "
                    "stand-alone selling prices (74). A changed share is caught up for all points that are out; a "
                    "changed value holds for points issued later (88). Every estimate is approved by a second person."
                )
            ],
        }

    def _make_balances(self, closes):
        """Opening to closing of the liability, with what of the revenue came from the opening balance."""
        _ = self.env._
        rows = self._get_balance_rows(closes) if closes else []
        return {
            "title": _("Contract balances"),
            "columns": [(_("Line"), "text"), (_("IFRS 15"), "text"), (_("Amount"), "money")],
            "rows": rows,
            "total": [],
            "chart": charts.hbars(
                _("What moved the contract liability"),
                [row[0] for row in rows[:-1]],
                [charts.Series(_("Contract liability"), [row[2] for row in rows[:-1]])],
                empty=_("Nothing to show in this period"),
                rtl=self.env["res.lang"]._is_club_rtl(),
                show=lambda value: self._show(value, "money"),
            ),
            "empty": _("No month of this period is closed yet. The note is made from posted closes."),
            "method": [
                *self._say_covered(closes),
                _(
                    "Points are a material right (15.B39–B43): part of what customers pay is put aside as a contract "
                    "liability until they redeem their points, or nobody is expected to any more (119). They pay when "
                    "they buy, before the points are redeemed (117)."
                ),
                _(
                    "Revenue from the opening balance is what was released of points issued before %(day)s, at most "
                    "what the balance held of them. The last line is part of the revenue above it, not a further "
                    "movement.",
                    day=self.club_id._show_day(closes[0].date_from if closes else self.date_from),
                ),
            ],
        }

    def _get_balance_rows(self, closes):
        """Opening + movements = closing; then how much of the revenue changed estimates brought."""
        _ = self.env._
        start, cohorts = closes[0].date_from, self._read_rows(closes)
        rolled = {key: self._roll_money(rows) for key, rows in cohorts.items()}
        opening, aside, returned, changed, released, closing = (
            [sum(values, ZERO) for values in zip(*rolled.values(), strict=True)] if rolled else [ZERO] * 6
        )
        held = sum(
            (max(min(-(row[3] + row[4]), row[0]), ZERO) for (_nature, cohort), row in rolled.items() if cohort < start),
            ZERO,
        )
        return [
            [_("Opening"), "116(a)", opening],
            [_("Put aside"), "118", aside],
            [_("Returned sales"), "118", returned],
            [_("Revenue from opening"), "116(b)", -held],
            [_("Other revenue"), "118", released + changed + held],
            [_("Closing"), "116(a)", closing],
            [_("Of the revenue: changed estimates"), "118(b)", changed],
        ]

    def _make_timing(self, closes):
        """When the closing liability is expected to become revenue."""
        _ = self.env._
        rates, last = self._read_rates(self._get_all_closes()), closes[-1:]
        names = [
            _("Within 3 months"),
            _("In 4 to 6 months"),
            _("In 7 to 12 months"),
            _("After 12 months"),
            _("Not to be told from the past"),
        ]
        parts, total = [ZERO] * len(names), ZERO
        for row in last.cohort_ids:
            value = self._exactly(row, "closing_value")
            total += value
            for place, share in enumerate(self._share_out(row, last, rates)):
                parts[place] += value * share
        amounts = liability.spread(total, parts, self.club_id.currency_id.decimal_places)
        rows = [
            [name, amount, amount / total if total else None]
            for name, amount in zip(names, amounts, strict=True)
            if amount or name != names[-1]
        ]
        return {
            "title": _("Expected timing of the remaining revenue"),
            "columns": [(_("Expected"), "text"), (_("Amount"), "money"), (_("Share"), "share")],
            "rows": rows if total else [],
            "total": [_("Total, IFRS 15.120(a)"), total, None] if total else [],
            "chart": charts.bars(
                _("When the liability is expected to become revenue"),
                [row[0] for row in rows],
                [charts.Series(_("Amount"), [row[1] for row in rows])],
                empty=_("Nothing is left to recognise"),
                rtl=self.env["res.lang"]._is_club_rtl(),
                show=lambda value: self._show(value, "money"),
                height=220,
            ),
            "empty": _("Nothing is left to recognise at the end of the period."),
            "method": [
                _(
                    "Quantitative bands (120(b)(i)): the closing liability of each cohort, in proportion to when its "
                    "points are expected to be redeemed. The exemption for contracts of a year or less (121) is not "
                    "used."
                ),
                *self._say_method(),
            ],
        }

    def _share_out(self, row, close, rates):
        """Shares of a cohort's liability by band; the last one for what the past does not tell."""
        points = self._exactly(row, "closing")
        if rates and points > 0:
            age = self._get_age(row.cohort, fields.Date.add(close.date_to, days=1))
            shares = forecast.band_shares(forecast.project(points, age, rates, HORIZON), BANDS)
            if shares:
                return [*shares, ZERO]
        return [*[ZERO] * len(BANDS), Decimal(1)]
