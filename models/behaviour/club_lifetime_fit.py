"""One fit of the models of members' lifetimes to the club's own history."""

import itertools
from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import lifetime
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from . import behaviour_history
from .behaviour_facts import BehaviourReader

#: Of the history, one week in so many is kept back to compare the forecast with what happened.
HOLDOUT_SHARE = 3
#: Shorter histories are not split.
FEWEST_WEEKS = 12
#: The last row of the table by frequency is this often or more.
MOST = 7


#: Fewer purchases than this are forecast with a decimal.
FEW = 10


class Fitted(NamedTuple):
    """The parameters of a fit as the engine wants them."""

    purchases: lifetime.PurchaseFit
    spend: lifetime.SpendFit | None


class ClubLifetimeFit(models.Model):
    """Parameters that fitted best on a day, with what they rest on. Never changed: the next fit is a further row.

    Purchases by BG/NBD (Fader, Hardie & Lee 2005), money by Gamma-Gamma (Fader & Hardie 2013); a customer's purchases
    of one day are one. Everybody who ever bought counts, members of today or not.
    """

    _name = "club.lifetime.fit"
    _description = "Lifetime Model Fit"
    _order = "fitted_on desc, id desc"
    _log_access = False

    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    fitted_on = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("fitted", "Fitted"),
            ("few", "Too Few Customers"),
            ("failed", "No Parameters Found"),
        ],
        required=True,
        readonly=True,
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    repeat_count = fields.Integer(string="Customers Who Came Back", readonly=True)
    r = fields.Float(string="r", readonly=True, digits=(16, 6), aggregator=None)
    alpha = fields.Float(string="α (Weeks)", readonly=True, digits=(16, 6), aggregator=None)
    a = fields.Float(string="a", readonly=True, digits=(16, 6), aggregator=None)
    b = fields.Float(string="b", readonly=True, digits=(16, 6), aggregator=None)
    log_likelihood = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    at_bound = fields.Boolean(readonly=True)
    spend_p = fields.Float(string="p", readonly=True, digits=(16, 6), aggregator=None)
    spend_q = fields.Float(string="q", readonly=True, digits=(16, 6), aggregator=None)
    spend_gamma = fields.Float(string="γ", readonly=True, digits=(16, 6), aggregator=None)
    spend_log_likelihood = fields.Float(
        string="Log-Likelihood of Money", readonly=True, digits=(16, 4), aggregator=None
    )
    holdout_weeks = fields.Integer(readonly=True, help="Weeks at the end of the history that the forecast is tried on.")
    holdout = fields.Json(readonly=True, help="Forecast of those weeks from the time before them, and what happened.")
    holdout_chart = fields.Html(compute="_compute_words", sanitize=False)
    holdout_table = fields.Html(compute="_compute_words", sanitize=False)
    words = fields.Text(string="In Words", compute="_compute_words")

    @api.depends("club_id", "fitted_on")
    def _compute_display_name(self):
        for fit in self:
            fit.display_name = f"{fit.club_id.name}, {fit.club_id._show_day(fit.fitted_on)}" if fit.fitted_on else ""

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Fits are made by the nightly job and not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("A fit never changes. The next one is a further row."))

    # -- words and chart --------------------------------------------------------------------------------

    @api.depends("state", "holdout")
    @api.depends_context("lang")
    def _compute_words(self):
        for fit in self:
            fit.words = " ".join(fit._get_words())
            fit.holdout_chart = Markup(fit._get_holdout_chart()) if fit.holdout else False
            fit.holdout_table = fit._get_holdout_table() if fit.holdout else False

    def _get_words(self):
        """What the fit means, in sentences.

        :rtype: list[str]
        """
        self.ensure_one()
        _ = self.env._
        if self.state == "few":
            return [
                _(
                    "Too few customers to fit the model: %(customers)s, of whom %(repeaters)s came back. It needs "
                    "%(fewest)s, of whom %(back)s came back. Nothing is forecast until then.",
                    customers=self._number(self.customer_count),
                    repeaters=self._number(self.repeat_count),
                    fewest=self._number(lifetime.FEWEST),
                    back=self._number(lifetime.FEWEST_REPEATERS),
                )
            ]
        if self.state == "failed":
            return [
                _(
                    "The search for parameters came to no end with this history; the last fit stays in use. The next "
                    "attempt is within a week."
                )
            ]
        words = [
            _(
                "Fitted to the history of customers: %(customers)s, of whom %(repeaters)s came back.",
                customers=self._number(self.customer_count),
                repeaters=self._number(self.repeat_count),
            )
        ]
        if self.at_bound:
            words.append(
                _("The history cannot tell some parameters apart, for example because hardly anybody stays away.")
            )
        if not self.spend_p:
            words.append(_("Too little money was spent by who came back: each purchase is valued at its own average."))
        if self.holdout:
            words.append(self._get_holdout_words())
        return words

    def _number(self, value, digits=0):
        """A number as the reader writes it."""
        return formatLang(self.env, float(value), digits=digits)

    def _get_holdout_words(self):
        self.ensure_one()
        actual, expected = self.holdout["actual_total"], self.holdout["expected_total"]
        _ = self.env._
        if not actual:
            return _(
                "Weeks forecast from the time before: %(weeks)s. Purchases of known customers expected in them: "
                "%(expected)s; there was none.",
                weeks=self._number(self.holdout_weeks),
                expected=self._number(expected, 0 if expected >= FEW else 1),
            )
        error = 100 * (expected - actual) / actual
        values = {
            "weeks": self._number(self.holdout_weeks),
            "expected": self._number(expected, 0 if expected >= FEW else 1),
            "actual": self._number(actual),
            "error": self._number(abs(error), 1),
        }
        if error < 0:
            return _(
                "Weeks forecast from the time before: %(weeks)s. Purchases of known customers expected in them: "
                "%(expected)s; made: %(actual)s. The forecast was %(error)s %% too low.",
                **values,
            )
        return _(
            "Weeks forecast from the time before: %(weeks)s. Purchases of known customers expected in them: "
            "%(expected)s; made: %(actual)s. The forecast was %(error)s %% too high.",
            **values,
        )

    def _get_holdout_chart(self):
        from odoo.addons.customer_club.engine import charts  # noqa: PLC0415 - draws with a heavy library

        self.ensure_one()
        _ = self.env._
        rows = self.holdout["weekly"]
        return charts.lines(
            _("Repeat purchases, all together, by week"),
            [str(week) for week, _actual, _expected in rows],
            [
                charts.Series(_("Happened"), [actual for _week, actual, _expected in rows]),
                charts.Series(_("Expected"), [round(expected, 1) for _week, _actual, expected in rows]),
            ],
            empty=_("No purchase was repeated yet."),
            rtl=self.env["res.lang"]._is_club_rtl(),
            show=self._number,
        )

    def _get_holdout_table(self):
        """Mean purchases afterwards by purchases before, as a table of HTML."""
        self.ensure_one()
        _ = self.env._
        heads = (_("Came back before"), _("Customers"), _("Bought afterwards"), _("Expected"))
        body = [
            (f"{x}+" if x == MOST else x, self._number(count), self._number(actual, 2), self._number(expected, 2))
            for x, count, actual, expected in self.holdout["by_frequency"]
        ]
        cell, row = Markup("<%(tag)s class='text-end'><bdi>%(text)s</bdi></%(tag)s>"), Markup("<tr>%s</tr>")

        def line(tag, values):
            return row % Markup("").join(cell % {"tag": tag, "text": value} for value in values)

        return Markup("<table class='table table-sm w-auto'><thead>%s</thead><tbody>%s</tbody></table>") % (
            line("th", heads),
            Markup("").join(line("td", values) for values in body),
        )

    # -- fitting ----------------------------------------------------------------------------------------

    def _get_fitted(self):
        """The parameters, or ``None`` if there are none."""
        if not self or self.state != "fitted":
            return None
        spend = lifetime.SpendFit(self.spend_p, self.spend_q, self.spend_gamma) if self.spend_p else None
        return Fitted(lifetime.PurchaseFit(self.r, self.alpha, self.a, self.b), spend)

    @api.model
    def _fit(self, club, today=None, holdout_weeks=None, reader=None):
        """Fit both models to the whole history of ``club`` and try the forecast on its last weeks.

        :param date today: the last day that is looked at, default the club's today.
        :param int holdout_weeks: the weeks kept back for the trial, default a third of the history.
        :param BehaviourReader reader: with everybody's purchases gathered, default one of its own.
        :return: the new row, also when there were too few customers or no parameters
        """
        if reader:
            return self.create(self._prepare_fit_values(reader, holdout_weeks))
        reader = BehaviourReader(club, today)
        reader.gather()
        vals = self._prepare_fit_values(reader, holdout_weeks)
        reader.forget()
        return self.create(vals)

    @api.model
    def _prepare_fit_values(self, reader, holdout_weeks=None):
        rows = behaviour_history.read_customers(reader, reader.today)
        vals = {
            "club_id": reader.club.id,
            "company_id": reader.company,
            "fitted_on": reader.today,
            "customer_count": sum(count for _x, _t_x, _t, count, _after in rows),
            "repeat_count": sum(count for x, _t_x, _t, count, _after in rows if x > 0),
        }
        try:
            fit = lifetime.fit_purchases(self._group(rows))
        except lifetime.FitError as error:
            return {**vals, "state": error.reason}
        return {
            **vals,
            "state": "fitted",
            "r": fit.r,
            "alpha": fit.alpha,
            "a": fit.a,
            "b": fit.b,
            "log_likelihood": fit.log_likelihood,
            "at_bound": fit.at_bound,
            **self._prepare_spend_values(reader),
            **self._prepare_holdout_values(reader, holdout_weeks),
        }

    @api.model
    def _group(self, rows):
        """As the engine wants them, times in weeks."""
        return lifetime.customers([(x, t_x / 7, t / 7, count) for x, t_x, t, count, _after in rows])

    @api.model
    def _prepare_spend_values(self, reader):
        rows = behaviour_history.read_spend(reader)
        try:
            spend = lifetime.fit_spend(*([row[place] for row in rows] for place in range(3)))
        except lifetime.FitError:
            return {}
        return {
            "spend_p": spend.p,
            "spend_q": spend.q,
            "spend_gamma": spend.gamma,
            "spend_log_likelihood": spend.log_likelihood,
        }

    @api.model
    def _prepare_holdout_values(self, reader, holdout_weeks=None):
        """Fit to all but the last weeks, forecast those, and put what happened beside it. Whole weeks only."""
        begin, _customers = behaviour_history.read_begin(reader)
        weeks = ((reader.today - begin).days + 1) // 7
        holdout = holdout_weeks or weeks // HOLDOUT_SHARE
        if weeks < FEWEST_WEEKS or holdout >= weeks:
            return {}
        end = begin + timedelta(days=7 * weeks - 1)
        until = end - timedelta(days=7 * holdout)
        behaviour_history.keep_days(reader)
        import numpy as np  # noqa: PLC0415

        rows = behaviour_history.read_customers(reader, until, end)
        known, actual = self._group(rows), np.array([after for *_known, after in rows])
        try:
            fit = lifetime.fit_purchases(known)
        except lifetime.FitError:
            return {}
        firsts, repeats = behaviour_history.read_weeks(reader, begin, until, weeks)
        course = lifetime.cumulative(fit, [day / 7 for day, _count in firsts], [count for _day, count in firsts], weeks)
        happened = list(itertools.accumulate(repeats.get(week, 0) for week in range(weeks)))
        expected = lifetime.expected_purchases(fit, known, holdout)
        return {
            "holdout_weeks": holdout,
            "holdout": {
                "until": str(until),
                "calibration_weeks": weeks - holdout,
                "parameters": [fit.r, fit.alpha, fit.a, fit.b, fit.log_likelihood],
                "actual_total": round(float((known.weight * actual).sum())),
                "expected_total": float((known.weight * expected).sum()),
                "weekly": [[week + 1, happened[week], course[week]] for week in range(weeks)],
                "by_frequency": [list(row) for row in lifetime.by_frequency(fit, known, actual, holdout, MOST)],
            },
        }
