"""What all imports share: the file and its columns, the dry run, the run in batches, the report."""

import base64
import copy
import csv
import io
import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import tables, text
from odoo.addons.customer_club.engine.errors import TableError
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_amount, formatLang, split_every

_logger = logging.getLogger(__name__)

BATCH = 1000
#: More items than this do not fit into one request: they run in the background.
BACKGROUND_ITEMS = 20_000
#: Tables that an import fills.
ANALYZED = (
    "club_member",
    "loyalty_card",
    "club_event",
    "club_point_entry",
    "club_point_lot",
    "club_point_allocation",
)
#: Figures that the report shows also when they are 0.
MAIN_FIGURES = frozenset({"purchases", "people", "members_new", "events_new", "points"})
#: What a dry run was made with: it cannot change between the dry run and the import.
FROZEN_FIELDS = frozenset({"club_id", "file", "source", "date_from", "date_to", "calendar", "reference", "column_ids"})
#: Problems that are kept with the report; all are counted.
KEPT_PROBLEMS = 5_000
SHOWN_PROBLEMS = 100
RETRIES = 5


class DryRun(Exception):
    """Leaves a savepoint so that what was tried is undone."""


class ClubImport(models.AbstractModel):
    """Brings facts of the past into a club, once.

    The dry run *is* the import, undone at its end: rules, limits, tiers and expiry are the real ones, so its figures
    are exact. The import repeats it for good. Every fact has a key that the file's content gives, never its place in
    the file: the same file again adds nothing.

    A kind of import is a model that inherits this one and says, in the ``_get_…``, ``_read…`` and ``_import_…``
    methods, which columns there are, what a row means and what a batch of items does.
    """

    _name = "club.import"
    _description = "Import into a Club"
    _order = "id desc"
    _check_company_auto = True

    club_id = fields.Many2one(
        "club.club",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1),
    )
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    state = fields.Selection(
        [
            ("draft", "New"),
            ("checked", "Tried"),
            ("queued", "Running in the Background"),
            ("done", "Imported"),
            ("failed", "Stopped"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    file = fields.Binary(attachment=True, copy=False)
    filename = fields.Char(copy=False)
    calendar = fields.Selection(
        [("auto", "As each date shows"), ("gregorian", "Gregorian"), ("jalali", "Jalali")],
        string="Dates Are",
        default="auto",
        required=True,
        help="By default a year from 1300 to 1500 is Jalali and any other Gregorian.",
    )
    skip_problems = fields.Boolean(
        string="Leave Out Rows with Problems",
        help="Import the other rows. Correct the rest later and import the same file again.",
    )
    result = fields.Json(readonly=True, copy=False)
    result_html = fields.Html(string="Report", compute="_compute_result_html", sanitize=False)
    problem_count = fields.Integer(string="Rows with Problems", compute="_compute_problems")
    problem_file = fields.Binary(compute="_compute_problem_file")
    problem_filename = fields.Char(compute="_compute_problems")
    position = fields.Integer(readonly=True, copy=False, help="How many items the background run has finished.")
    done_at = fields.Datetime(string="Imported On", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", string="By", readonly=True, default=lambda self: self.env.uid, copy=False)

    # -- what a kind of import says ------------------------------------------------------------------

    @api.model
    def _get_column_names(self):
        """For each field, in order of importance, the names its column may have in a file.

        :rtype: dict of str to tuple of str
        """
        raise NotImplementedError

    @api.model
    def _get_required_fields(self):
        """The fields that must have a column, as alternatives: one of each tuple.

        :rtype: list of tuple of str
        """
        return []

    def _read_items(self):
        """What is to be imported, in the order it happened, and what cannot be.

        :return: a list of anything that :meth:`_import_batch` takes, and a list of ``engine.imports.Problem``
        """
        raise NotImplementedError

    def _import_batch(self, items):
        """Import some items, each once, with a number of queries that does not depend on how many they are.

        :return: figures by name, which add up over batches, and problems found on the way
        :rtype: tuple(dict, list)
        """
        raise NotImplementedError

    @api.model
    def _get_placeholder_name(self, ref):
        """The name of a contact of whom only the reference is known."""
        return self.env._("Customer %(ref)s", ref=ref)

    def _enrol_partners(self, partners):
        """The members that contacts are; who has left the club is not brought back by an import.

        :param partners: an iterable of ``res.partner``
        :return: member by the contact's id (the company's, if it is the member), how many are new, and the contacts
            that have left
        :rtype: tuple(dict, int, recordset)
        """
        club = self.club_id
        partners = club._get_earners(self.env["res.partner"].sudo().union(*partners))
        known = (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [("club_id", "=", club.id), ("partner_id", "in", partners.ids), ("state", "in", ("active", "left"))],
            )
        )
        active = known.filtered(lambda member: member.state == "active").partner_id
        left = known.partner_id - active
        members = club._enrol(partners - left, "import").sudo()
        return {member.partner_id.id: member for member in members}, len(members.partner_id - active), left

    def _import_counted(self, items):
        """Import a batch and count what came with it: points for joining, higher tiers.

        :return: as :meth:`_import_batch`
        """
        mark = self._get_mark()
        figures, problems = self._import_batch(items)
        self._process_waiting()
        self.env.cr.flush()  # tiers are decided before a commit; a dry run has none
        self._process_waiting()
        risen, points = self._count_since(mark)
        figures["tiers_risen"] = risen
        figures["points_other"] = points - figures["points"]
        return figures, problems

    def _process_waiting(self):
        """Let the rules look at what nobody has processed yet: joining, tiers reached."""
        waiting = [("club_id", "=", self.club_id.id), ("processed_at", "=", False)]
        self.env["club.event"].sudo().search(waiting, order="occurred_at, id")._process()

    def _import_end(self, figures):
        """What is due once all items are there: expiry, within this transaction, for a dry run must not commit."""
        mark = self._get_mark()
        self.env["club.ledger.job"].sudo()._expire_now(self.club_id)
        figures["points_expired"] = abs(self._count_since(mark)[1])

    def _get_mark(self):
        """The end of the history of tiers and of the ledger, as this transaction sees them."""
        return tuple(
            self.env[model].sudo().search([], order="id desc", limit=1).id or 0
            for model in ("club.tier.history", "club.point.entry")
        )

    def _count_since(self, mark):
        """How many of the club's members rose and how many points were posted in this transaction since a mark."""
        club_id = self.club_id.id
        history, entry = mark
        risen = (
            self.env["club.tier.history"]
            .sudo()
            .search_count(
                [("member_id.club_id", "=", club_id), ("id", ">", history), ("reason", "=", "rise")],
            )
        )
        [(points,)] = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [("club_id", "=", club_id), ("id", ">", entry)],
                [],
                ["points:sum"],
            )
        )
        return risen, points or 0.0

    def _get_figure_labels(self):
        """The figures of the report in the order to show them, with their words.

        :rtype: dict of str to str
        """
        raise NotImplementedError

    # -- computes ------------------------------------------------------------------------------------

    def _prepare_column_commands(self):
        """Commands that replace the columns by those of the file, each with the field its name suggests."""
        self.ensure_one()
        if not self.file:
            return [Command.clear()]
        try:
            table = self._read_table()
        except UserError:  # whoever chooses or tries the file is told
            return [Command.clear()]
        found = {index: field for field, index in tables.match_columns(table.columns, self._get_column_names()).items()}
        return [Command.clear()] + [
            Command.create(
                {"position": index, "name": name, "sample": " · ".join(sample)[:80], "field": found.get(index, False)}
            )
            for index, (name, sample) in enumerate(zip(table.columns, table.samples(), strict=True))
        ]

    @api.depends("result")
    def _compute_problems(self):
        for record in self:
            record.problem_count = (record.result or {}).get("problem_count", 0)
            record.problem_filename = self.env._("problems.csv") if record.problem_count else False

    @api.depends("result")
    def _compute_problem_file(self):
        """A CSV of the rows that were left out; no cell of it can run as a formula."""
        for record in self:
            problems = (record.result or {}).get("problems")
            if not problems:
                record.problem_file = False
                continue
            stream = io.StringIO()
            writer = csv.writer(stream)
            writer.writerow([self.env._("Row"), self.env._("Column"), self.env._("Content"), self.env._("Problem")])
            names = record._get_field_labels()
            writer.writerows(
                [row, names.get(field, field), text.safe_cell(value), text.safe_cell(record._get_problem_text(reason))]
                for row, field, value, reason in problems
            )
            record.problem_file = base64.b64encode(stream.getvalue().encode("utf-8-sig"))

    @api.depends("result", "state", "position")
    def _compute_result_html(self):
        for record in self:
            record.result_html = record._render_result() if record.result else False

    def _render_result(self):
        """The report: what was or would be done, then the rows that are left out, with their reasons."""
        self.ensure_one()
        result = self.result
        title = {
            "checked": self.env._("This is what the import would do. Nothing has been changed yet."),
            "queued": self.env._(
                "The import runs in the background: %(done)s of %(all)s so far.",
                done=self.position,
                all=result.get("items", 0),
            ),
            "failed": self.env._(
                "The import stopped: %(error)s. What is imported so far counts; start it again to go on.",
                error=result.get("error", ""),
            ),
        }.get(self.state, self.env._("This is what the import did."))
        figures = Markup().join(
            Markup('<tr><td>%s</td><td class="text-end fw-bold" dir="ltr">%s</td></tr>')
            % (label, self._format_figure(name, result["figures"][name]))
            for name, label in self._get_figure_labels().items()
            if result["figures"].get(name) or (name in result["figures"] and name in MAIN_FIGURES)
        )
        html = Markup('<p class="lead">%s</p><table class="table table-sm w-auto">%s</table>') % (title, figures)
        return html + self._render_problems(result)

    def _render_problems(self, result):
        if not result["problem_count"]:
            return Markup("")
        names = self._get_field_labels()
        rows = Markup().join(
            Markup('<tr><td class="text-end">%s</td><td>%s</td><td dir="auto">%s</td><td>%s</td></tr>')
            % (row or "", names.get(field, field), value, self._get_problem_text(reason))
            for row, field, value, reason in result["problems"][:SHOWN_PROBLEMS]
        )
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>") % (
            self.env._("Row"),
            self.env._("Column"),
            self.env._("Content"),
            self.env._("Problem"),
        )
        more = ""
        if result["problem_count"] > SHOWN_PROBLEMS:
            more = Markup("<p>%s</p>") % self.env._(
                "The first %(shown)s are shown; download the list for the rest.", shown=SHOWN_PROBLEMS
            )
        title = self.env._("%(count)s rows have problems and are left out", count=result["problem_count"])
        return Markup('<h4>%s</h4><table class="table table-sm">%s%s</table>%s') % (title, head, rows, more)

    def _format_figure(self, name, value):
        if name.startswith("amount"):
            return format_amount(self.env, value, self.club_id.currency_id)
        digits = self.club_id.points_digits if name.startswith("points") else 0
        return formatLang(self.env, value, digits=digits)

    def _get_field_labels(self):
        field = self.column_ids._fields.get("field")
        return dict(field._description_selection(self.env)) if field else {}

    def _get_problem_text(self, reason):
        """A problem's reason, in words that say what to do.

        :param str reason: as in ``engine.imports.Problem``
        """
        texts = {
            "missing": self.env._("is empty: fill it in"),
            "future": self.env._("lies in the future"),
            "negative": self.env._("is below zero: returns are not imported, write what was kept"),
            "yes_no": self.env._("must be yes or no"),
            "nobody": self.env._("names nobody: a reference, a phone or an e-mail is needed"),
            "duplicate": self.env._("is in an earlier row of the file already"),
            "email": self.env._("is no e-mail address, like anna@example.com"),
            "date:unreadable": self.env._("is no date: write it like 2025-03-20, 20/3/2025 or 1403-12-30"),
            "date:two_digit_year": self.env._("has a year of two digits: write four"),
            "date:year": self.env._("has a year that is not of this calendar"),
            "date:no_such_day": self.env._("is a day that does not exist"),
            "number:unreadable": self.env._("is no number: write digits only, without currency"),
            "number:grouping": self.env._("is a number whose digits are not grouped by thousands"),
            "phone:unreadable": self.env._("is no telephone number"),
            "phone:too_short": self.env._("is too short for a telephone number"),
            "phone:too_long": self.env._("is too long for a telephone number"),
            "phone:country": self.env._("has no country code, and the company has no country to assume"),
            "phone:invalid": self.env._("is no telephone number in use: are digits missing, or too many?"),
            "ambiguous": self.env._("fits several contacts: merge them, or give each a reference of its own"),
            "left": self.env._("has left the club: only the person may come back"),
            "decimals": self.env._("has more decimals than the club's points"),
            "other_person": self.env._(
                "belongs to a contact with another reference, phone or e-mail: correct one of them"
            ),
            "other_balance": self.env._(
                "differs from the opening balance that was imported before: adjust the member's points instead"
            ),
            "own": self.env._("would give points to yourself: let a colleague import this row"),
        }
        return texts.get(reason, reason)

    # -- file ----------------------------------------------------------------------------------------

    def _read_table(self):
        """The uploaded file as a table.

        :raise UserError: what is wrong with the file and what to do
        """
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            return tables.read_table(content)
        except TableError as error:
            words = {
                "empty": self.env._("It is empty. Choose another file."),
                "encoding": self.env._("It is not a text in UTF-8. Save it as “CSV UTF-8” or as XLSX."),
                "spreadsheet": self.env._(
                    "It is damaged, or not a spreadsheet. Save it again as XLSX or as “CSV UTF-8”."
                ),
                "too_large": self.env._("It has more than %(mb)s MB. Split it.", mb=tables.MAX_BYTES // 1024 // 1024),
                "too_many_rows": self.env._("It has more than %(rows)s rows. Split it.", rows=tables.MAX_ROWS),
                "no_rows": self.env._("It has no rows below the names of its columns."),
            }
            raise UserError(
                self.env._(
                    "%(file)s cannot be read. %(reason)s",
                    file=self.filename or self.env._("The file"),
                    reason=words[error.reason],
                )
            ) from error

    def _get_mapping(self):
        """Which column holds which field.

        :rtype: dict of str to int
        :raise UserError: for a field with two columns, or with none
        """
        self.ensure_one()
        labels = self._get_field_labels()
        mapping = {}
        for column in self.column_ids.filtered("field"):
            if column.field in mapping:
                raise UserError(
                    self.env._(
                        "Two columns are marked as %(field)s. Choose one.",
                        field=labels[column.field],
                    )
                )
            mapping[column.field] = column.position
        for alternatives in self._get_required_fields():
            if not any(field in mapping for field in alternatives):
                raise UserError(
                    self.env._(
                        "No column is marked as %(fields)s. Choose it in the list of columns.",
                        fields=self.env._(" or ").join(labels[field] for field in alternatives),
                    )
                )
        return mapping

    @api.onchange("file")
    def _onchange_file(self):
        """Say at once that a file cannot be read."""
        if self.file:
            try:
                self._read_table()
            except UserError as error:
                return {"warning": {"title": self.env._("This file cannot be used"), "message": str(error)}}
        return None

    # -- CRUD ----------------------------------------------------------------------------------------

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys() and any(record.state != "draft" for record in self):
            raise UserError(self.env._("This import was tried with these settings. Start over, or make a new one."))
        return super().write(vals)

    # -- actions -------------------------------------------------------------------------------------

    def action_check(self):
        """Try the import and undo it: the report says what it would do, exactly."""
        self.ensure_one()
        self._check_not_running()
        result = {}
        try:
            with self.env.cr.savepoint():
                result = self._run()
                raise DryRun
        except DryRun:
            pass
        self.write({"state": "checked", "result": result})
        return True

    def action_import(self):
        """Import for good. More than the request can carry goes to the background."""
        self.ensure_one()
        self._check_not_running()
        if self.state not in ("checked", "failed"):
            raise UserError(self.env._("Try the import first: the report shows what it would do."))
        if self.problem_count and not self.skip_problems:
            raise UserError(
                self.env._(
                    "%(count)s rows have problems. Correct them in the file, or tick “Leave Out Rows with Problems”.",
                    count=self.problem_count,
                )
            )
        if self.result.get("items", 0) > BACKGROUND_ITEMS:
            if self.state == "checked":
                self.write({"position": 0, "result": self._new_report([], [])})
            self.write({"state": "queued", "user_id": self.env.uid})
            self.env.ref("customer_club.ir_cron_club_import")._trigger()
            return True
        self.write({"result": self._run(), "state": "done", "done_at": fields.Datetime.now(), "user_id": self.env.uid})
        return True

    def action_view_members(self):
        """Open the members of the club."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Members of %(club)s", club=self.club_id.name),
            "res_model": "club.member",
            "view_mode": "list,form",
            "domain": [("club_id", "=", self.club_id.id)],
        }

    def action_reset(self):
        """Back to the beginning: another file, other columns."""
        self.ensure_one()
        if self.state != "checked":
            raise UserError(self.env._("An import that has run stays as it is. Make a new one for another file."))
        self.write({"state": "draft", "result": False})
        return True

    def _check_not_running(self):
        if self.state == "queued":
            raise UserError(
                self.env._("This import is running in the background. Reload the page to see how far it is.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if self.filtered(lambda record: record.state in ("queued", "done", "failed")):
            raise UserError(
                self.env._("An import that has run stays, with its file: it says where the points came from.")
            )

    # -- run -----------------------------------------------------------------------------------------

    def _run(self):
        """Import everything within this transaction.

        :return: the report: ``items``, ``figures``, ``problems``, ``problem_count``
        :rtype: dict
        """
        self.ensure_one()
        items, problems = self._read_items()
        report = self._new_report(items, problems)
        for number, batch in enumerate(split_every(BATCH, items, list), start=1):
            self._add_to_report(report, *self._import_counted(batch))
            if number & (number - 1) == 0:  # 1, 2, 4, 8 …: as the tables double
                self._refresh_statistics()
        self._refresh_statistics()
        self._import_end(report["figures"])
        return report

    def _refresh_statistics(self):
        """Tell the planner how large the tables have become.

        Autovacuum does so after a commit; within one long transaction PostgreSQL believes that they are empty and joins
        thousands of new rows in loops.
        """
        self.env.flush_all()
        for table in ANALYZED:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    @api.model
    def _new_report(self, items, problems):
        report = {"items": len(items), "figures": {}, "problems": [], "problem_count": 0}
        self._add_to_report(report, {}, problems)
        return report

    @api.model
    def _add_to_report(self, report, figures, problems):
        for name, value in figures.items():
            report["figures"][name] = round(report["figures"].get(name, 0) + value, 2)
        kept = [list(problem) for problem in problems[: max(0, KEPT_PROBLEMS - len(report["problems"]))]]
        report["problems"] = sorted(report["problems"] + kept, key=lambda problem: problem[0])
        report["problem_count"] += len(problems)

    @api.model
    def _cron_run(self):
        """Go on with the imports that run in the background, batch by batch; can be stopped at any point."""
        for model in ("club.history.import", "club.member.import"):
            for record in self.env[model].search([("state", "=", "queued")], order="id"):
                # As the person who asked for it: the ledger says who did it.
                if not record.with_user(record.user_id).with_company(record.company_id)._run_in_background():
                    return

    def _run_in_background(self):
        """Import batch after batch, committing each.

        :return: whether time is left for another import
        """
        try:
            items, problems = self._read_items()
            if not self.position:
                self.result = self._new_report(items, problems)
            while self.position < len(items):
                batch = items[self.position : self.position + BATCH]
                self._run_batch_with_retries(batch)
                if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(items) - self.position):
                    return False
            report = copy.deepcopy(self.result)
            self._import_end(report["figures"])
            self.write({"result": report, "state": "done", "done_at": fields.Datetime.now()})
        except Exception as error:  # the person who waits must see it, and the other imports must go on
            _logger.exception("import %s stopped at item %s", self, self.position)
            self.env.cr.rollback()
            self.write({"state": "failed", "result": dict(self.result or self._new_report([], []), error=str(error))})
        return bool(self.env["ir.cron"]._commit_progress(0))

    def _run_batch_with_retries(self, batch):
        """Crons are not retried by Odoo: a batch that met another transaction starts again."""
        for attempt in range(RETRIES):
            try:
                report = copy.deepcopy(self.result)
                self._add_to_report(report, *self._import_counted(batch))
                self.write({"result": report, "position": self.position + len(batch)})
                self.env.flush_all()
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:  # noqa: PERF203
                self.env.cr.rollback()
                if attempt == RETRIES - 1:
                    raise
