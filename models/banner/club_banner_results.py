"""What became of a banner: how often it was seen, by how many, and how many followed it."""

import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import charts
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Days that the chart of a banner shows.
CHART_DAYS = 28


class ClubBanner(models.Model):
    _inherit = "club.banner"

    view_count = fields.Integer(string="Views", compute="_compute_results", help="Visits that saw it, one a day each.")
    people_count = fields.Integer(
        string="People",
        compute="_compute_results",
        help="Members, and others as often as they came: who is no member is another one every day.",
    )
    click_count = fields.Integer(string="Clicks", compute="_compute_results", help="Visits that followed its link.")
    click_share = fields.Float(string="Share", compute="_compute_results", help="Clicks of views.")
    chart = fields.Html(compute="_compute_chart", sanitize=False)

    def _compute_results(self):
        """One statement for all banners: distinct members and others at once are beyond the ORM."""
        rows = {}
        if self.ids:
            rows = {
                row[0]: row[1:]
                for row in self.env.execute_query(
                    SQL(
                        """
                        SELECT banner_id, COUNT(*) FILTER (WHERE kind = 'view'),
                               COUNT(*) FILTER (WHERE kind = 'click'),
                               COUNT(DISTINCT member_id) + COUNT(*) FILTER (WHERE kind = 'view' AND member_id IS NULL)
                          FROM club_banner_hit WHERE banner_id IN %s GROUP BY banner_id
                        """,
                        tuple(self.ids),
                    )
                )
            }
        for banner in self:
            views, clicks, people = rows.get(banner.id, (0, 0, 0))
            banner.view_count, banner.click_count, banner.people_count = views, clicks, people
            banner.click_share = clicks / views if views else 0.0

    @api.depends_context("lang")
    def _compute_chart(self):
        _ = self.env._
        rtl = self.env["res.lang"]._is_club_rtl()
        for banner in self:
            if not banner.ids:
                banner.chart = False
                continue
            days, views, clicks = banner._read_days()
            svg = charts.bars(
                _("The last %(count)s days", count=CHART_DAYS),
                [banner.club_id._show_mark(day) for day in days],
                [charts.Series(_("Views"), views), charts.Series(_("Clicks"), clicks)],
                empty=_("Nobody has seen it in these days."),
                rtl=rtl,
                show=lambda value: formatLang(self.env, float(value), digits=0),
            )
            banner.chart = self.env["ir.qweb"]._render(
                "customer_club.club_banner_chart",
                {"picture": "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()},
            )

    def _read_days(self):
        """The last days with their views and clicks, days without any included."""
        self.ensure_one()
        today = self.club_id._get_today()
        days = [today - timedelta(days=back) for back in reversed(range(CHART_DAYS))]
        counts = {
            (day, kind): count
            for day, kind, count in self.env["club.banner.hit"]._read_group(
                [("banner_id", "=", self.id), ("date", ">=", days[0])], ["date:day", "kind"], ["__count"]
            )
        }
        return days, [counts.get((day, "view"), 0) for day in days], [counts.get((day, "click"), 0) for day in days]

    def action_view_hits(self):
        """What was counted, as the reader may see it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_banner_hit_action")
        return {**action, "domain": [("banner_id", "=", self.id)], "context": {}}

    def action_preview(self):
        """See it as a member of one's choice would."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": "club.banner.preview",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_banner_id": self.id},
        }
