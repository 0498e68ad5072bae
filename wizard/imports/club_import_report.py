"""What an import tells: its figures, and the rows that it leaves out, on the page and as a file."""

import base64
import csv
import io

from markupsafe import Markup
from odoo import api, models
from odoo.addons.customer_club.engine import text
from odoo.tools import format_amount, formatLang

#: Figures that the report shows also when they are 0.
MAIN_FIGURES = frozenset({"purchases", "people", "members_new", "events_new", "points"})
SHOWN_PROBLEMS = 100


class ClubImport(models.AbstractModel):
    _inherit = "club.import"

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
