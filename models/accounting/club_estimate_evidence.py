"""What an estimate rests on: the cohorts so far, kept with it as they stood when the rate was proposed."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import forecast, liability, periods
from odoo.exceptions import AccessError, UserError

ZERO = Decimal(0)


class ClubEstimate(models.Model):
    _inherit = "club.estimate"

    evidence = fields.Json(readonly=True, copy=False, help="The cohorts, as they stood when the rate was proposed.")
    triangle = fields.Html(compute="_compute_triangle", sanitize=False)

    @api.depends("evidence")
    @api.depends_context("lang")
    def _compute_triangle(self):
        """The cohorts as a table: month of issue × age, the share redeemed so far."""
        for estimate in self:
            estimate.triangle = (
                self.env["ir.qweb"]._render("customer_club.club_estimate_triangle", estimate._get_triangle_values())
                if estimate.evidence
                else False
            )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "evidence": False} for vals in vals_list])

    def write(self, vals):
        if "evidence" in vals:
            raise AccessError(self.env._("The evidence of an estimate is read from posted closes, not typed in."))
        return super().write(vals)

    # -- actions -------------------------------------------------------------

    def action_suggest_rate(self):
        """Set the rate that past cohorts support, and keep the cohorts with the estimate.

        :raises UserError: nothing of the past can tell, or the estimate was proposed already.
        """
        self._check_group()
        for estimate in self:
            if estimate.state != "draft":
                raise UserError(
                    self.env._(
                        "The estimate from %(day)s was proposed and no longer changes. Make a further one instead.",
                        day=estimate.date_from,
                    )
                )
            evidence = estimate._get_evidence()
            vals = {"evidence": evidence}
            if evidence["rate"]:
                vals["rate"] = float(evidence["rate"])
            super(ClubEstimate, estimate.sudo()).write(vals)

    # -- evidence ------------------------------------------------------------

    def _get_evidence(self):
        """The rate and the cohorts it rests on, for JSON: numbers are texts.

        :raises UserError: no month is closed before the estimate begins.
        """
        histories, last = self._read_histories()
        if not last:
            raise UserError(
                self.env._(
                    "No month of %(club)s is closed before %(day)s, so there is no past to propose a rate from. Until "
                    "there is, 100 %% is the careful estimate.",
                    club=self.club_id.name,
                    day=self.date_from,
                )
            )
        chosen = forecast.choose_finished(histories)
        rate = liability.redemption_rate([history.cohort for history in chosen])
        counted = {history.month for history in chosen}
        return {
            "read_until": str(last.date_to),
            "rate": str(min(liability.rounded(rate, 4), Decimal(1))) if rate and rate >= Decimal("0.00005") else None,
            "cohorts": [
                {
                    "month": history.month,
                    "issued": str(history.cohort.issued),
                    "redeemed": str(history.cohort.redeemed),
                    "expired": str(history.cohort.expired),
                    "counted": history.month in counted,
                    "shares": [None if share is None else str(share) for share in history.shares],
                }
                for history in histories
            ],
        }

    def _read_histories(self):
        """Cohorts of points from sales as posted closes before this estimate show them, oldest first.

        :return: list of :class:`forecast.History` (shares by age, ``None`` where the cohort was not seen at an age),
            and the last of these closes.
        """
        self.ensure_one()
        club = self.club_id
        closes = (
            self.env["club.close"]
            .sudo()
            .search(
                [("club_id", "=", club.id), ("state", "=", "posted"), ("date_to", "<", self.date_from)],
                order="date_from",
            )
        )
        totals = {}
        for row in closes.cohort_ids.filtered(lambda row: row.nature == "sale"):
            totals.setdefault(row.cohort, {})[row.close_id.id] = [Decimal(value) for value in row.exact["row"]]
        histories = []
        for cohort, by_close in sorted(totals.items()):
            shares, found = [], None
            for close in closes:
                found = by_close.get(close.id, found)
                age = self._count_months(cohort, close.date_from)
                if found and age >= 0:
                    shares += [None] * (age - len(shares))
                    issued = found[0] - found[1]
                    shares.append(liability.rounded(found[2] / issued, 4) if issued > 0 else None)
            issued, redeemed, expired = found[0] - found[1], found[2], found[3]
            if issued > 0:
                name = periods.format_period("month", cohort, club.calendar)
                histories.append(
                    forecast.History(name, liability.Cohort(issued, redeemed, expired, ZERO), tuple(shares))
                )
        return histories, closes[-1:]

    def _count_months(self, first, last):
        """Months of the club's calendar from one day's month to another's."""
        one, two = (periods.parts(day, self.club_id.calendar) for day in (first, last))
        return (two[0] - one[0]) * 12 + two[1] - one[1]

    def _get_triangle_values(self):
        """What the template of the triangle expects. The darker a cell, the more was redeemed; its number says it."""
        cohorts = []
        for cohort in self.evidence["cohorts"]:
            shares = [None if share is None else float(share) for share in cohort["shares"]]
            cohorts.append({**cohort, "issued": float(cohort["issued"]), "shares": shares})
        club = self.club_id.sudo()
        return {
            "estimate": self,
            "club": club,
            "cohorts": cohorts,
            "ages": range(max((len(cohort["shares"]) for cohort in cohorts), default=0)),
            "rate": self.evidence["rate"] and float(self.evidence["rate"]),
            "until": club._show_day(fields.Date.to_date(self.evidence["read_until"])),
        }
