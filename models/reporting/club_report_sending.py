"""A report of one period for one reader, by e-mail."""

import logging

from markupsafe import Markup
from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.customer_club.models.ledger.club_job import RETRIED
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
#: Programs that show mails know styles at their elements only.
CELL = "padding: 4px 12px; border-bottom: 1px solid #dddddd"
HEAD = "margin: 20px 0 8px; font-size: 16px"


class ClubReportSending(models.Model):
    """Written once for a report, period and reader (a unique key): so the same is never sent twice."""

    _name = "club.report.sending"
    _description = "Report by E-mail"
    _order = "id desc"
    _rec_name = "report_id"
    _log_access = False

    report_id = fields.Many2one("club.report", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="To", required=True, readonly=True, ondelete="cascade")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("sent", "Sent"), ("failed", "Not sent")], required=True, readonly=True, index=True
    )
    sent_at = fields.Datetime(string="Sent On", readonly=True)
    error = fields.Char(string="Why Not", readonly=True)
    summary = fields.Html(compute="_compute_summary", sanitize=False, compute_sudo=True)
    period = fields.Char(compute="_compute_summary", compute_sudo=True)
    link = fields.Char(compute="_compute_link")
    direction = fields.Char(compute="_compute_direction", help="In which the reader reads.")

    _once = models.Constraint(
        "UNIQUE(report_id, user_id, date_from, date_to)", "A report is sent once for a period to the same reader."
    )

    # -- computes ------------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_summary(self):
        """What the mail says: the figures of the first blocks and what to do next, as the reader may see them.

        Made with the rights of whom it is sent to, so it is theirs alone: the report's owner may see less.
        """
        for sending in self:
            if self.env.uid != SUPERUSER_ID and sending.user_id != self.env.user:
                sending.period = sending.summary = ""
                continue
            page = sending._make_page()
            sending.period = page._say_period(page.club_ids[:1].sudo(), page._get_period()) if page.club_ids else ""
            sending.summary = sending._write_summary(page) if page.club_ids else ""

    def _compute_link(self):
        """Where the reader opens the report."""
        for sending in self:
            sending.link = f"{sending.get_base_url()}/odoo/customer-club-reports/{sending.report_id.id}"

    @api.depends("user_id.lang")
    def _compute_direction(self):
        for sending in self:
            sides = self.env["res.lang"]._get_club_sides(sending.user_id.sudo().lang or "en_US")
            sending.direction = sides["direction"]

    def _write_summary(self, page):
        clubs = page.club_ids.sudo()
        parts = []
        for line, table in page._make_tables():
            if line.kind == "advice":
                parts.append(self._write_advice(page, line, table, clubs))
            elif len(parts) < 3 and table.figures:
                parts.append(self._write_figures(page, line, table, clubs))
        return Markup("").join(parts)

    def _write_advice(self, page, line, table, clubs):
        club = Markup("<bdi>%s</bdi>: ") if len(clubs) > 1 else Markup("")
        rows = Markup("").join(
            Markup('<li style="padding-bottom: 6px">%s<bdi>%s</bdi></li>')
            % (club and club % row["club"], page._show(row["words"], "text", clubs))
            for row in table.rows
        )
        body = Markup("<ol>%s</ol>") % rows if rows else Markup("<p>%s</p>") % table.empty
        return Markup('<h3 style="%s">%s</h3>%s') % (HEAD, line.title or table.title, body)

    def _write_figures(self, page, line, table, clubs):
        currency = page._get_chart_currency(table, clubs)
        rows = []
        for label, value, kind, *before in table.figures:
            words = page._show(value, kind, clubs, currency)
            rows.append(
                Markup("<tr>%s%s%s</tr>")
                % tuple(
                    Markup('<td style="%s">%s</td>') % (CELL, cell)
                    for cell in (
                        label,
                        Markup("<b><bdi>%s</bdi></b>") % words,
                        self._write_change(page, value, kind, before[0] if before else None, clubs, currency),
                    )
                )
            )
        return Markup('<h3 style="%s">%s</h3><table style="border-collapse: collapse">%s</table>') % (
            HEAD,
            line.title or table.title,
            Markup("").join(rows),
        )

    def _write_change(self, page, value, kind, before, clubs, currency):
        """By how much a figure changed, and what it was in the period that it is compared with."""
        if before is None:
            return ""
        was = self.env._("Before: %(figure)s", figure=page._show(before, kind, clubs, currency))
        change = page._show_change(value, before) if kind != "share" else ""
        return Markup(" · ").join(Markup("<bdi>%s</bdi>") % words for words in (change, was) if words)

    # -- who may see it ----------------------------------------------------------------------

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """The row says whether a mail went out; the mail itself shows its reader's figures. So who may read the row
        may not read the mail: that takes the right to write rows, which nobody has."""
        return dict.fromkeys(self, "write")

    # -- actions ---------------------------------------------------------------------------

    def action_retry(self):
        """Let the next night try again what was not sent."""
        self.report_id.check_access("write")
        self.sudo().filtered(lambda sending: sending.state == "failed").write({"state": "planned", "error": False})

    # -- sending -----------------------------------------------------------------------------

    @api.model
    def _lock_planned(self, limit, skip):
        """Ids of the next rows to send, locked.

        SQL, because the lock must be the first statement, and a row that another night holds is waited for.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM club_report_sending WHERE state = 'planned' AND id <> ALL(%s)
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE
                """,
                list(skip),
                limit,
            )
        )
        self.invalidate_model()
        return [row_id for (row_id,) in rows]

    def _send(self):
        """Send these; what fails is written down with its reason, and shown on the home page."""
        for sending in self:
            sending.write(sending._try_to_send())

    def _try_to_send(self):
        """Send one.

        :return: what is written about it.
        :rtype: dict
        """
        try:
            with self.env.cr.savepoint():
                self._send_one()
                self.env.flush_all()
        except RETRIED:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must not wait for it
            known = isinstance(error, UserError | AccessError)
            _logger.warning("report %s was not sent: %s", self.report_id.id, error, exc_info=not known)
            words = str(error) if known else self.env._("An error of the program: ask who looks after the server.")
            return {"state": "failed", "error": words[:500]}
        return {"state": "sent", "sent_at": fields.Datetime.now(), "error": False}

    def _send_one(self):
        """The mail with the report as PDF and as spreadsheet, put into the queue of mails.

        :raises UserError: with the reason for which this reader cannot get it.
        """
        user = self.user_id
        if not user.active or not user.email:
            raise UserError(self.env._("%(user)s has no e-mail address, or left.", user=user.name))
        if not user.has_group("customer_club.group_club_user"):
            raise UserError(self.env._("%(user)s may not read reports of the club.", user=user.name))
        page = self._make_page()
        if not page.club_ids:
            raise UserError(self.env._("%(user)s may read no club of this report.", user=user.name))
        reports = page.env["ir.actions.report"]  # as the reader: the blocks show what this user may see
        printed, _kind = reports._render_qweb_pdf("customer_club.report_club_report", page.ids)
        # Of the mail: when it was sent and is deleted, these go too, for they name members.
        of_mail = {"res_model": "mail.message", "res_id": 0}
        files = self.env["ir.attachment"].create(
            [
                {**of_mail, "name": page._get_file_name("pdf"), "raw": printed, "mimetype": "application/pdf"},
                {**of_mail, "name": page._get_file_name("xlsx"), "raw": page._make_xlsx()},
            ]
        )
        template = self.env.ref("customer_club.mail_template_club_report", raise_if_not_found=False)
        if not template:
            raise UserError(self.env._("The e-mail template of reports was deleted. Update the addon to restore it."))
        template.with_context(lang=user.lang).send_mail(self.id, email_values={"attachment_ids": [(6, 0, files.ids)]})

    def _make_page(self):
        """The page of this period, as its reader opens it."""
        user = self.user_id
        report = self.report_id.with_env(
            self.env(user=user, su=False, context={"lang": user.lang, "allowed_company_ids": user.company_ids.ids})
        )
        values = report._prepare_page_values()
        return report.env["club.report.page"].create(
            {**values, "period_kind": "free", "date_from": self.date_from, "date_to": self.date_to}
        )
