"""How the tables of reports are written for people: the same words on screen, on paper and in charts."""

import base64
from datetime import date

from odoo import api, models
from odoo.addons.customer_club.engine import charts, reporting, text
from odoo.tools.misc import formatLang

#: From so many times more on, percents say nothing.
MANIFOLD = 10


class ClubReportShow(models.AbstractModel):
    """What shows a table: cells as the reader writes numbers, and its chart."""

    _name = "club.report.show"
    _description = "How Reports Are Shown"

    @api.model
    def _show(self, value, kind, clubs, currency=None):
        """A cell as people read it.

        :param str kind: a type of :data:`engine.reporting.TYPES`.
        :param currency: a record of ``res.currency`` for money; without one, a number with two decimals.
        """
        if value is None or value is False:
            return "–" if kind in reporting.NUMBERS else ""
        if kind == "money":
            if currency:
                return text.keep_sign(formatLang(self.env, float(value), currency_obj=currency))
            return formatLang(self.env, float(value), digits=2)
        if kind == "points":
            digits = max(clubs.mapped("points_digits"), default=0)
            return formatLang(self.env, round(float(value), digits) or 0.0, digits=digits)
        if kind == "share":
            return self.env._("%(number)s %%", number=formatLang(self.env, float(value) * 100, digits=1))
        if kind == "integer":
            return formatLang(self.env, int(value), digits=0)
        if kind == "decimal":
            return formatLang(self.env, float(value), digits=2)
        if kind == "date" and isinstance(value, date):
            return clubs[:1]._show_day(value)
        return str(value)

    @api.model
    def _show_change(self, now, before):
        """By how much a figure grew, in words for a tile; empty where there is nothing to compare with."""
        share = reporting.change(now, before)
        if share is None:
            return ""
        number = formatLang(self.env, abs(float(share)) * 100, digits=0)
        if share >= MANIFOLD:
            return self.env._("%(number)s times as much", number=formatLang(self.env, float(share) + 1, digits=0))
        if share and not round(abs(share) * 100):
            return self.env._("hardly changed")
        if share > 0:
            return self.env._("+%(number)s %%", number=number)
        return self.env._("−%(number)s %%", number=number) if share else self.env._("unchanged")

    @api.model
    def _draw(self, table, clubs, uid=""):
        """The chart of a table as SVG text; empty if it has none."""
        chart = table.chart
        if not chart:
            return ""
        currency = self._get_chart_currency(table, clubs)

        def show(value):
            if chart.type == "integer" and float(value) != int(value):
                return ""  # a mark of an axis between two counts
            return self._show(value, chart.type, clubs, currency)

        options = {
            "empty": table.empty or self.env._("Nothing to show in this period"),
            "rtl": self.env["res.lang"]._is_club_rtl(),
            "show": show,
            "uid": uid,
            "more": self.env._("Only the first ones: the table has the rest"),
        }
        kind = chart.kind
        if kind in ("shares", "funnel"):
            options["percent"] = lambda share: self._show(share, "share", clubs)
        if kind == "stacked":
            kind, options["stacked"] = "bars", True
        if kind in ("heat", "triangle"):
            options |= {"x_label": chart.x_label, "y_label": chart.y_label}
        return getattr(charts, kind)(chart.title or table.title, chart.x, chart.series, **options)

    @api.model
    def _get_chart_currency(self, table, clubs):
        if table.currency:
            return self.env["res.currency"].browse(table.currency)
        return self.env["club.report.block"]._get_currency(clubs.sudo())

    @api.model
    def _get_row_currency(self, row, table, clubs):
        """The currency of the money in a row: its own, else the table's, else the clubs' one."""
        own = row.get("_currency")
        return self.env["res.currency"].browse(own) if own else self._get_chart_currency(table, clubs)

    @api.model
    def _show_picture(self, svg):
        """A chart as the address of a picture: nothing in it can act on the page that shows it."""
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
