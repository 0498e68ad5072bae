"""What all imports share: the file and its columns, the dry run and the import."""

import base64
import contextlib

from odoo import api, fields, models
from odoo.addons.customer_club.engine import tables
from odoo.addons.customer_club.engine.errors import TableError
from odoo.exceptions import UserError
from odoo.fields import Command

#: More items than this do not fit into one request: they run in the background.
BACKGROUND_ITEMS = 20_000
#: What a dry run was made with: it cannot change between the dry run and the import.
FROZEN_FIELDS = frozenset({"club_id", "file", "source", "date_from", "date_to", "calendar", "reference", "column_ids"})


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
    _inherit = "club.owned"
    _order = "id desc"
    _check_company_auto = True

    club_id = fields.Many2one(ondelete="cascade")
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

    def _import_end(self, figures):
        """What is due once all items are there: expiry, within this transaction, for a dry run must not commit."""
        mark = self._get_mark()
        self.env["club.ledger.job"].sudo()._expire_now(self.club_id)
        figures["points_expired"] = abs(self._count_since(mark)[1])

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
        with contextlib.suppress(DryRun), self.env.cr.savepoint():
            result = self._run()
            raise DryRun
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
