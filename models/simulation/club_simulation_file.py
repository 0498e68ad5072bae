"""Simulations over a file of purchases: what it says, and what of it was left out and why."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import imports, tables
from odoo.exceptions import UserError

from . import sources

#: Problems that are told one by one; of the others, how many.
SHOWN = 10


class Parsed:
    """A file that was read, for the set-ups of one run: in the context, where nobody from outside can put one."""

    __slots__ = ("found",)

    def __init__(self, found):
        self.found = found


class ClubSimulation(models.Model):
    _inherit = "club.simulation"

    left_out = fields.Json(readonly=True, copy=False, help="Rows of the file that are no purchase, without names.")
    remark = fields.Text(string="What Does Not Count", compute="_compute_remark")

    @api.depends("left_out", "source", "setup_ids.result")
    @api.depends_context("lang")
    def _compute_remark(self):
        for record in self:
            done = record.source == "file" and any(record.setup_ids.mapped("result"))
            record.remark = "\n".join(record._say_left_out()) if done and record.left_out else False

    def _say_left_out(self):
        """Why rows of the file do not count, as sentences."""
        _, found = self.env._, self.left_out
        said = []
        if found["outside"]:
            said.append(_("Purchases of days before or after the period: %(count)s.", count=found["outside"]))
        if not found["count"]:
            return said
        said.append(_("Rows that have problems and are left out: %(count)s.", count=found["count"]))
        importer = self.env["club.import"].new({})
        names = {"customer": _("customer"), "date": _("date"), "amount": _("amount"), "quantity": _("quantity")}
        said += [
            _(
                "Row %(row)s: %(field)s %(problem)s.",
                row=row,
                field=names.get(field, field),
                problem=importer._get_problem_text(reason),
            )
            for row, field, reason in found["rows"]
        ]
        if found["count"] > len(found["rows"]):
            said.append(_("And %(count)s more.", count=found["count"] - len(found["rows"])))
        return said

    def _count_left_out(self):
        """What of the file does not count: to be kept as JSON; nothing where there is no file."""
        if self.source != "file":
            return False
        purchases, problems = self._read_purchases()
        return {
            "count": len(problems),
            "outside": sum(1 for purchase in purchases if not self.date_from <= purchase.day <= self.date_to),
            "rows": [[problem.row, problem.field, problem.reason] for problem in problems[:SHOWN]],
        }

    def _open_file(self, setting):
        purchases, _problems = self._read_purchases()
        chunks, names = sources.read_purchases(setting.policy, purchases, self.date_from, self._end)
        return chunks, names, {}

    def _with_file(self):
        """These with what the file says, read once for all that follows; nothing where there is no file."""
        if self.source != "file":
            return self
        return self.with_context(club_simulation_file=Parsed(self._read_purchases()))

    def _read_purchases(self):
        """The purchases of the file, and the problems of its other rows.

        :raises UserError: no row is a purchase, or none is of the period; with a row, or the days, and what to do.
        """
        parsed = self.env.context.get("club_simulation_file")
        if isinstance(parsed, Parsed):
            return parsed.found
        table = self._read_table()
        found = {field: index for index, field in self._match(table).items()}
        purchases, problems = imports.read_purchases(table, found, self.club_id._get_today(), "auto")
        name = self.filename or self.env._("The file")
        if not purchases:
            first = problems[0]
            raise UserError(
                self.env._(
                    "%(file)s: no row is a purchase with a customer, a day and an amount. Row %(row)s: %(field)s "
                    "%(problem)s.",
                    file=name,
                    row=first.row,
                    field=first.field,
                    problem=self.env["club.import"].new({})._get_problem_text(first.reason),
                )
            )
        days = [purchase.day for purchase in purchases]
        if max(days) < self.date_from or min(days) > self.date_to:
            raise UserError(
                self.env._(
                    "%(file)s has purchases from %(first)s to %(last)s, and none of the period. Set From and Until to "
                    "these days.",
                    file=name,
                    first=self.club_id._show_day(min(days)),
                    last=self.club_id._show_day(max(days)),
                )
            )
        return purchases, problems

    def _match(self, table):
        """Fields by column; the names of the columns say which."""
        matched = tables.match_columns(table.columns, imports.PURCHASE_COLUMNS)
        missing = {"customer", "date", "amount"} - matched.keys()
        if missing:
            raise UserError(
                self.env._(
                    "%(file)s needs columns named customer, date and amount. It has: %(columns)s.",
                    file=self.filename or self.env._("The file"),
                    columns=", ".join(table.columns),
                )
            )
        return {index: name for name, index in matched.items()}

    def _read_table(self):
        if not self.file:
            raise UserError(self.env._("%(simulation)s: choose a file of purchases first.", simulation=self.name))
        content = self.with_context(bin_size=False).file
        return self.env["club.import"].new({"file": content, "filename": self.filename})._read_table()
