"""Forecast and what happened: the newest fit of the lifetime model, tried on the weeks it did not know."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.behaviour.club_lifetime_fit import FEW


class ClubReportBlockHoldout(models.AbstractModel):
    _name = "club.report.block.holdout"
    _inherit = "club.report.block"
    _description = "Block of a Report: Forecast and What Happened"
    _block_sequence = 80

    @api.model
    def _get_label(self):
        return self.env._("Forecast of Purchases and What Happened")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        """Of each club the newest fit by the end of the period that was tried; the chart is the first one's."""
        _ = self.env._
        fits = self._get_fits(clubs, period)
        rows, drill = [], {}
        for fit in fits:
            for x, customers, actual, expected in fit.holdout["by_frequency"]:
                drill[len(rows)] = ("club.lifetime.fit", [("id", "=", fit.id)])
                rows.append(
                    {
                        "club": fit.club_id.name,
                        "x": f"{x}+" if x == 7 else str(x),
                        "customers": customers,
                        "actual": self._round(actual),
                        "expected": self._round(expected),
                        "error": self._round(expected) - self._round(actual),
                    }
                )
        return reporting.Table(
            title=self._get_label(),
            columns=[
                *([reporting.Column("club", _("Club"))] if len(fits) > 1 else []),
                reporting.Column("x", _("Came Back Before")),
                reporting.Column("customers", _("Customers"), "integer"),
                reporting.Column("actual", _("Bought Afterwards, Mean"), "decimal"),
                reporting.Column("expected", _("Expected, Mean"), "decimal"),
                reporting.Column("error", _("Difference"), "decimal"),
            ],
            rows=rows,
            chart=self._make_chart(fits[0], len(fits) > 1) if fits else None,
            drill=drill,
            figures=self._get_figures(fits) if len(fits) == 1 else (),
            empty=_(
                "No model was tried by the end of this period. Once a week one is fitted to the club's history, and "
                "the last third of the weeks is forecast from the time before."
            ),
            note=" ".join(
                [
                    _(
                        "BG/NBD (Fader, Hardie and Lee, 2005), fitted to the weeks before those that are forecast. "
                        "Purchases of one day are one. The chart counts repeat purchases of all customers known by "
                        "then, from the first week on."
                    ),
                    *(
                        _("%(club)s: %(words)s", club=fit.club_id.name, words=fit._get_holdout_words())
                        if len(fits) > 1
                        else fit._get_holdout_words()
                        for fit in fits
                    ),
                ]
            ),
        )

    @api.model
    def _get_fits(self, clubs, period):
        """The newest tried fit of each club by the end of the period."""
        Fit = self.env["club.lifetime.fit"]
        fits = Fit
        for club in clubs:  # a handful
            fits |= Fit.search(
                [
                    ("club_id", "=", club.id),
                    ("state", "=", "fitted"),
                    ("holdout_weeks", ">", 0),
                    ("fitted_on", "<=", period.last),
                ],
                limit=1,
            )
        return fits

    @api.model
    def _get_figures(self, fit):
        _ = self.env._
        actual, expected = fit.holdout["actual_total"], fit.holdout["expected_total"]
        figures = [
            (_("Weeks forecast"), fit.holdout_weeks, "integer"),
            (_("Purchases expected"), round(expected), "integer")
            if expected >= FEW
            else (_("Purchases expected"), self._round(expected), "decimal"),
            (_("Purchases made"), actual, "integer"),
        ]
        if actual:
            figures.append((_("Error"), self._round((expected - actual) / actual, "0.0001"), "share"))
        return tuple(figures)

    @api.model
    def _make_chart(self, fit, several):
        _ = self.env._
        title = _("Repeat purchases since the first week, week by week")
        weekly = fit.holdout["weekly"]
        return reporting.Chart(
            "lines",
            [str(week) for week, _actual, _expected in weekly],
            [
                Series(_("Made"), [actual for _week, actual, _expected in weekly]),
                Series(_("Expected"), [self._round(expected) for _week, _actual, expected in weekly]),
            ],
            title=_("%(words)s: %(club)s", words=title, club=fit.club_id.name) if several else title,
        )

    @api.model
    def _round(self, number, digits="0.01"):
        return Decimal(str(number)).quantize(Decimal(digits))
