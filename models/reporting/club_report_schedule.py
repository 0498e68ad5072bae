"""Reports that come by e-mail: every week or month, each period once for each reader."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: How often a report is sent: the kind of period that it then tells of.
KINDS = {"weekly": "last_week", "monthly": "last_month"}


class ClubReport(models.Model):
    _inherit = "club.report"

    schedule = fields.Selection(
        [("none", "Never"), ("weekly", "Every week"), ("monthly", "Every month")],
        string="Send by E-mail",
        default="none",
        required=True,
        copy=False,
        help="When a week or month of the club's calendar has ended, the night after.",
    )
    schedule_since = fields.Date(readonly=True, copy=False, help="Periods that end on or after this day are sent.")
    recipient_ids = fields.Many2many(
        "res.users",
        "club_report_recipient_rel",
        string="Send To",
        domain="[('share', '=', False)]",
        copy=False,
        help="Each of them gets what their own rights allow.",
    )
    sending_ids = fields.One2many("club.report.sending", "report_id", string="Sent")
    failed_count = fields.Integer(compute="_compute_failed_count", string="Not Sent")

    @api.depends("sending_ids.state")
    def _compute_failed_count(self):
        counts = dict(
            self.env["club.report.sending"]._read_group(
                [("report_id", "in", self.ids), ("state", "=", "failed")], ["report_id"], ["__count"]
            )
        )
        for report in self:
            report.failed_count = counts.get(report._origin, 0)

    @api.constrains("schedule", "recipient_ids", "shared", "user_id")
    def _check_recipients(self):
        for report in self:
            if report.schedule == "none":
                continue
            if not report.recipient_ids:
                raise ValidationError(
                    self.env._("Nobody would get %(report)s. Choose who gets it by e-mail.", report=report.name)
                )
            strangers = report.recipient_ids.filtered(lambda user: not user.has_group("customer_club.group_club_user"))
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(user)s may not read reports of the club. Give them the club's rights first, or send "
                        "%(report)s to somebody else.",
                        user=strangers[0].name,
                        report=report.name,
                    )
                )
            others = report.recipient_ids - report.user_id
            if others and not report.shared:
                raise ValidationError(
                    self.env._(
                        "%(report)s is not shared, so %(user)s could not read it. Share it, or send it to its owner.",
                        report=report.name,
                        user=others[0].name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("schedule", "none") != "none":
                vals["schedule_since"] = fields.Date.context_today(self)
        return super().create(vals_list)

    def write(self, vals):
        if "schedule" in vals:
            vals = {**vals, "schedule_since": vals["schedule"] != "none" and fields.Date.context_today(self)}
        return super().write(vals)

    # -- sending -----------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Plan what is due, and send it. A night that is repeated, or killed in between, sends nothing twice."""
        self._plan_sendings()
        Sending = self.env["club.report.sending"]
        self.env["club.job"]._work_off(
            "send reports", find=Sending._lock_planned, work=lambda ids: Sending.browse(ids)._send(), size=1
        )

    @api.model
    def _plan_sendings(self):
        """A row for every reader of every report whose period has ended.

        SQL, because two nights at once may plan the same: the second one leaves what is there.
        """
        rows = []
        for report in self.search([("schedule", "!=", "none"), ("recipient_ids", "!=", False)]):
            clubs = report.sudo().club_ids or self.env["club.club"].sudo().search(
                [("kind", "=", "points"), ("company_id", "in", report.company_id.ids or self.env.companies.ids)]
            )
            if not clubs:
                continue
            period = self._get_period(KINDS[report.schedule], clubs)
            today = periods.local_date(fields.Datetime.now(), clubs[0].tz)
            if report.schedule_since and period.last < report.schedule_since or period.last >= today:
                continue
            rows += [(report.id, user.id, period.first, period.last) for user in report.recipient_ids]
        if rows:
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO club_report_sending (report_id, user_id, date_from, date_to, state)
                    SELECT u.report_id, u.user_id, u.first, u.last, 'planned'
                      FROM UNNEST(%s::int[], %s::int[], %s::date[], %s::date[]) u(report_id, user_id, first, last)
                        ON CONFLICT (report_id, user_id, date_from, date_to) DO NOTHING
                 RETURNING id
                    """,
                    *([row[place] for row in rows] for place in range(4)),
                )
            )
            self.env["club.report.sending"].invalidate_model()
