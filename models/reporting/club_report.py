"""Reports that people compose of blocks: which blocks, for which clubs, for which period."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, reporting
from odoo.exceptions import UserError, ValidationError

#: The reports that come with the club: their blocks, first the answer and then the reasons.
READY_MADE = {
    "club_report_dashboard": (
        "overview",
        "advice",
        "activity",
        "growth",
        "satisfaction",
        "points_flow",
        "retention",
        "cost",
    ),
    "club_report_month": ("activity", "growth", "points_flow", "earning_by_way", "spending_by_channel", "cost"),
    "club_report_members": (
        "activity",
        "satisfaction",
        "growth",
        "tier_movements",
        "stages",
        "ladder",
        "retention",
        "repeat_purchase",
        "top_members",
        "sleeping_members",
    ),
    "club_report_points": ("points_flow", "earning_by_way", "spending_by_channel", "liability", "cost", "budget"),
    "club_report_letter": ("advice", "overview", "activity", "satisfaction", "points_flow", "cost"),
    "club_report_marketing": ("campaigns", "segments", "referral", "product_segment", "weekday_hour"),
}


class ClubReport(models.Model):
    """A composition. Opening it makes a page (``club.report.page``), where its reader may choose another period."""

    _name = "club.report"
    _description = "Report"
    _inherit = ["club.bounded", "club.copied"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Char(translate=True, help="What question the report answers.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        index=True,
        copy=False,
        help="Empty: it comes with the club.",
    )
    shared = fields.Boolean(copy=False, help="Others read it too, each of them only what their own rights allow.")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, help="Empty: of all companies.")
    club_ids = fields.Many2many("club.club", string="Clubs", help="Empty: all clubs that the reader may read.")
    period_kind = fields.Selection(
        selection="_select_period_kind", string="Period", required=True, default="last_month"
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    comparison = fields.Selection(selection="_select_comparison", required=True, default="previous")
    line_ids = fields.One2many("club.report.line", "report_id", string="Blocks", copy=True)

    next_position = fields.Integer(compute="_compute_next_position", help="Where a new block stands: at the end.")
    may_compose = fields.Boolean(compute="_compute_may_compose", help="Whether the reader may change it.")

    _dates_in_order = models.Constraint("CHECK(date_from <= date_to)", "A period ends on or after the day it begins.")

    @api.model
    def _select_period_kind(self):
        _ = self.env._
        return [
            ("this_week", _("This week")),
            ("last_week", _("Last week")),
            ("this_month", _("This month")),
            ("last_month", _("Last month")),
            ("this_quarter", _("This quarter")),
            ("last_quarter", _("Last quarter")),
            ("this_year", _("This year")),
            ("last_year", _("Last year")),
            ("last_12_months", _("Last 12 months")),
            ("free", _("From … until …")),
        ]

    @api.model
    def _select_comparison(self):
        _ = self.env._
        return [
            ("previous", _("The period before")),
            ("last_year", _("The same a year ago")),
            ("none", _("Nothing")),
        ]

    @api.depends("line_ids.sequence")
    def _compute_next_position(self):
        for report in self:
            report.next_position = max(report.line_ids.mapped("sequence"), default=0) + 1

    @api.depends("user_id", "shared")
    @api.depends_context("uid")
    def _compute_may_compose(self):
        for report in self:
            report.may_compose = not report._origin or report._origin.has_access("write")

    @api.constrains("period_kind", "date_from", "date_to")
    def _check_dates(self):
        for report in self:
            if report.period_kind == "free" and not (report.date_from and report.date_to):
                raise ValidationError(
                    self.env._("Say from which day until which day %(report)s reports.", report=report.name)
                )
            if report.period_kind == "free" and reporting.Period(report.date_from, report.date_to).is_too_long:
                raise ValidationError(self._get_too_long(report.name))

    @api.constrains("club_ids", "company_id")
    def _check_companies(self):
        for report in self.sudo():
            if report.company_id and report.club_ids.company_id - report.company_id:
                raise ValidationError(
                    self.env._(
                        "%(report)s is of %(company)s, and so must be its clubs. Leave its company empty to report on "
                        "clubs of several companies.",
                        report=report.name,
                        company=report.company_id.name,
                    )
                )

    @api.constrains("company_id", "shared")
    def _check_shared_everywhere(self):
        """What somebody shares is read under the club's name; people of other companies do not know who that is."""
        # Constraints run with all rights, so these are asked of the person.
        if self.env.user.has_group("customer_club.group_club_manager"):
            return
        for report in self:
            if report.shared and not report.company_id:
                raise ValidationError(
                    self.env._(
                        "Only managers share %(report)s with all companies. Choose yours, or keep it to yourself.",
                        report=report.name,
                    )
                )

    @api.model
    def _get_too_long(self, name):
        return self.env._(
            "%(report)s would tell of more than %(years)s years. Choose fewer days.",
            report=name,
            years=reporting.MOST_YEARS,
        )

    # -- actions -----------------------------------------------------------------

    def action_open(self):
        """Open the report for its usual period; the reader can then choose another one."""
        self.ensure_one()
        page = self.env["club.report.page"].create(self._prepare_page_values())
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "club.report.page",
            "res_id": page.id,
            "views": [(False, "form")],
            "target": "current",
        }

    # -- what is shown --------------------------------------------------------------

    def _prepare_page_values(self):
        """What a page of this report begins with.

        :raises AccessError: if the report may not be read.
        """
        self.check_access("read")
        clubs = self._get_clubs()
        values = {
            "report_id": self.id,
            "club_ids": [(6, 0, clubs.ids)],
            "period_kind": self.period_kind,
            "comparison": self.comparison,
        }
        if self.period_kind == "free":
            values |= {"date_from": self.date_from, "date_to": self.date_to}
        return values

    def _get_clubs(self):
        """The report's clubs that the user may read; all of them if it names none."""
        clubs = self.env["club.club"].search([("kind", "=", "points")])
        return clubs & self.sudo().club_ids.with_env(self.env) if self.sudo().club_ids else clubs

    # -- ready-made reports --------------------------------------------------------------

    @api.model
    def _open_dashboard(self):
        """The action of the dashboard's menu: the report of that name, or the first one if somebody deleted it.

        :raises UserError: without any report to open.
        """
        report = self.env.ref("customer_club.club_report_dashboard", raise_if_not_found=False)
        report = report or self.search([("shared", "=", True)], limit=1)
        if not report:
            raise UserError(self.env._("The dashboard was deleted. Compose a report, and share it."))
        return report.with_env(self.env).action_open()

    @api.model
    def _fill_ready_made(self):
        """Give the reports that come with the club their blocks, where they have none and the block is there."""
        blocks = self.env["club.report.block"]._get_blocks()
        for name, kinds in READY_MADE.items():
            report = self.env.ref(f"customer_club.{name}", raise_if_not_found=False)
            if report and not report.line_ids:
                charts_only = name == "club_report_dashboard"  # every other report has the numbers
                lines = [
                    {"kind": kind, "sequence": place, "show_table": not charts_only or kind == "advice"}
                    for place, kind in enumerate(kinds, 1)
                    if kind in blocks
                ]
                report.write({"line_ids": [(0, 0, line) for line in lines]})

    @api.model
    def _get_period(self, kind, clubs, date_from=None, date_to=None):
        """The period of a kind today, in the calendar and time zone of the first club; ``None`` if it is not known yet.

        :rtype: engine.reporting.Period
        """
        if kind == "free":
            return reporting.Period(date_from, date_to) if date_from and date_to else None
        club = clubs[:1]
        if not club:
            return reporting.period_of(kind, fields.Date.context_today(self))
        today = periods.local_date(fields.Datetime.now(), club.tz)
        return reporting.period_of(kind, today, club.calendar, int(club.week_start))
