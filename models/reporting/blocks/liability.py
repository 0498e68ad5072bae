"""Liability: what the closes of the books say that members' points are worth, month by month."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series

MOVES = ("allocated", "returned", "reestimated", "released")


class ClubReportBlockLiability(models.AbstractModel):
    _name = "club.report.block.liability"
    _inherit = "club.report.block"
    _description = "Block of a Report: Liability"
    _block_sequence = 60
    _block_money = True

    @api.model
    def _get_label(self):
        return self.env._("Liability")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        closes = self.env["club.close"].search(
            [
                ("club_id", "in", clubs.ids),
                ("state", "=", "posted"),
                ("date_to", ">=", period.first),
                ("date_to", "<=", period.last),
            ],
            order="date_to, club_id, id",
        )
        sums = {
            close.id: values
            for close, *values in self.env["club.close.cohort"]._read_group(
                [("close_id", "in", closes.ids)],
                ["close_id"],
                ["opening_value:sum", *(f"{name}:sum" for name in MOVES), "closing_value:sum", "closing:sum"],
            )
        }
        rows, drill = [], {}
        for close in closes:
            currency = close.club_id.currency_id
            opening, *moves, closing, points = sums.get(close.id, [0] * 7)
            row = {
                "month": reporting.periods.format_period("month", close.date_to, close.club_id.calendar),
                "club": close.club_id.name,
                "opening": self._money(opening, currency),
                **{name: self._money(value, currency) for name, value in zip(MOVES, moves, strict=True)},
                "closing": self._money(closing, currency),
                "points": self._points(points),
            }
            drill[len(rows)] = ("club.close", [("id", "=", close.id)])
            rows.append(self._mark_currency(row, currency))
        totals = self._sum_rows(rows, clubs, (), MOVES, month=_("Whole period"))
        if totals[MOVES[0]] is not None:
            totals.update(self._get_ends(closes, rows))
        several = len(clubs.company_id.currency_id) > 1
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("month", _("Month")),
                *([reporting.Column("club", _("Club"))] if len(clubs) > 1 else []),
                *self._get_currency_columns(clubs),
                reporting.Column("opening", _("Opening"), "money"),
                reporting.Column("allocated", _("Put Aside"), "money"),
                reporting.Column("returned", _("Returned"), "money"),
                reporting.Column("reestimated", _("New Estimates"), "money"),
                reporting.Column("released", _("Released"), "money"),
                reporting.Column("closing", _("Closing"), "money"),
                reporting.Column("points", _("Points"), "points"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=None
            if several or len(clubs) > 1
            else reporting.Chart(
                "lines",
                [row["month"] for row in rows],
                [Series(_("Closing"), [row["closing"] for row in rows])],
                type="money",
            ),
            drill=drill,
            figures=[(_("Liability at the End"), totals["closing"], "money")] if rows and not several else [],
            empty=_("No month of this period is closed yet. Close it under Books."),
            note=_(
                "Of the posted closes whose month ends in the period: the same figures as the roll-forward of the "
                "books. Opening and movements add up to closing. Of the whole period, opening is that of each club's "
                "first close and closing that of its last."
            ),
        )

    @api.model
    def _get_ends(self, closes, rows):
        """Opening of each club's first close, closing of its last, added up."""
        firsts, lasts = {}, {}
        for close, row in zip(closes, rows, strict=True):
            firsts.setdefault(close.club_id.id, row)
            lasts[close.club_id.id] = row
        return {
            "opening": sum((row["opening"] for row in firsts.values()), Decimal(0)),
            "closing": sum((row["closing"] for row in lasts.values()), Decimal(0)),
            "points": sum((row["points"] for row in lasts.values()), Decimal(0)),
        }
