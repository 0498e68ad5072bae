"""The audit's files: its JSON lines, its CSV and the sheets of its spreadsheet."""

import bisect
import csv
import hashlib
import io
import json

from odoo import fields, models
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.models.ledger.club_ledger_seal import ALLOCATION_LINE, ENTRY_LINE
from odoo.tools import SQL

#: Rows that are read at once.
BATCH = 20_000
#: Entries that the spreadsheet lists at most; more are in the CSV file only, and the spreadsheet says so.
MOST_CELLS = 250_000
FORMAT = "customer-club-audit-1"
COLUMNS = (
    *("seal", "id", "date", "member", "kind", "points", "spendable", "available_on", "expires_on", "rule"),
    *("origin", "reverses", "root", "key", "note"),
)


class ClubBookReport(models.TransientModel):
    _inherit = "club.book.report"

    # -- files -----------------------------------------------------------------

    def _get_audit_name(self, extension):
        name = "entries" if extension == "csv" else "audit"
        return f"{name}-{self.club_id.id}-{self.date_from}-{self.date_to}.{extension}"

    def _hash(self, chunks):
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
        return digest.hexdigest()

    def _read_lines(self, table, line, low, high, where=None):
        """Lines of the rows of a table within a range of ids, in batches, as lists of texts. SQL: the text of a seal
        is what the database writes, and reading records would cost ten times as much.
        """
        last = low - 1
        while last < high:
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM %s WHERE id > %s AND id <= %s AND %s ORDER BY id LIMIT %s",
                    line,
                    SQL.identifier(table),
                    last,
                    high,
                    where or SQL("TRUE"),
                    BATCH,
                )
            )
            if not rows:
                return
            last = rows[-1][0]
            yield [text for _id, text in rows]

    def _write_audit(self):
        """The audit file in chunks of bytes: JSON lines, as ``clients/verify_audit_file.py`` says. The same ledger and
        the same seals give the same bytes.
        """
        seals, club = self._read_seals(), self.club_id
        horizon, lines = self._get_horizon(), 0

        def write(*values):
            return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()

        yield write(
            {
                "format": FORMAT,
                "club": club.id,
                "club_name": club.name,
                "company": club.company_id.name,
                "currency": club.currency_id.name,
                "time_zone": club.tz,
                "from": f"{self.date_from}",
                "to": f"{self.date_to}",
                "seals": len(seals),
                "previous": (seals[0].seal.previous_id.digest or "") if seals else "",
            }
        )
        for sealed in seals:
            seal = sealed.seal
            yield write(
                {
                    "seal": seal.id,
                    "version": seal.version,
                    "sealed_at": fields.Datetime.to_string(seal.sealed_at),
                    "previous": seal.previous_id.digest or "",
                    "digest": seal.digest,
                    "entries": [seal.from_id, seal.to_id],
                    "count": seal.count,
                    "total": f"{seal.total:.2f}",
                    "allocations": [seal.allocation_from_id, seal.allocation_to_id],
                    "allocation_count": seal.allocation_count,
                    "club_count": sealed.count,
                    "club_total": f"{sealed.total:.2f}",
                }
            )
            lines += 1
            for table, line, low, high in (
                ("club_point_entry", ENTRY_LINE, seal.from_id, seal.to_id),
                ("club_point_allocation", ALLOCATION_LINE, seal.allocation_from_id, seal.allocation_to_id),
            ):
                for texts in self._read_lines(table, line, low, high):
                    lines += len(texts)
                    yield ("\n".join(texts) + "\n").encode()
        unsealed = self._count_unsealed(seals)
        yield write({"unsealed": unsealed})
        newest = self.env["club.point.entry"].search([], limit=1, order="id desc").id or 0
        for texts in self._read_lines("club_point_entry", ENTRY_LINE, horizon + 1, newest, self._get_where()):
            lines += len(texts)
            yield ("\n".join(texts) + "\n").encode()
        yield write({"end": {"seals": len(seals), "lines": lines + 3}})

    def _get_where(self):
        first, end = self._get_bounds()
        return SQL("club_id = %s AND date >= %s AND date < %s", self.club_id.id, first, end)

    def _read_entries(self):
        """The club's entries of the period in batches, as rows of :data:`COLUMNS`, texts safe for a spreadsheet."""
        where = self._get_where()
        [(low, high)] = self.env.execute_query(
            SQL("SELECT COALESCE(MIN(id), 1), COALESCE(MAX(id), 0) FROM club_point_entry WHERE %s", where)
        )
        seals = self.env["club.ledger.seal"].sudo().search([("to_id", ">=", low)], order="id")
        ends, numbers = seals.mapped("to_id"), seals.ids
        last = low - 1
        while last < high:
            # SQL: a million rows; only what is shown of a member, which is the number.
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT e.id, to_char(e.date, 'YYYY-MM-DD HH24:MI:SS'), member.number, e.kind, round(e.points, 2),
                           round(e.available, 2), to_char(e.available_on, 'YYYY-MM-DD'),
                           to_char(e.expires_on, 'YYYY-MM-DD'), e.rule_id,
                           CASE WHEN e.origin_model IS NOT NULL THEN e.origin_model || ',' || e.origin_id END,
                           e.reverses_id, e.root_id, e.key, e.note
                      FROM (SELECT * FROM club_point_entry WHERE id > %s AND %s ORDER BY id LIMIT %s) e
                      JOIN club_member member ON member.id = e.member_id
                     ORDER BY e.id
                    """,
                    last,
                    where,
                    BATCH,
                )
            )
            if not rows:
                return
            last = rows[-1][0]
            batch = []
            for row in map(list, rows):
                row[4:6] = map(self._to_points, row[4:6])
                place = bisect.bisect_left(ends, row[0])
                seal = numbers[place] if place < len(numbers) else None
                batch.append([seal, *(club_text.safe_cell(value) for value in row)])
            yield batch

    def _write_entries(self):
        """The list of entries in chunks of bytes: CSV in UTF-8, times in UTC."""
        yield (",".join(COLUMNS) + "\r\n").encode()
        for batch in self._read_entries():
            buffer = io.StringIO()
            csv.writer(buffer).writerows(["" if value is None else value for value in row] for row in batch)
            yield buffer.getvalue().encode()

    # -- spreadsheet -----------------------------------------------------------

    def _write_more_sheets(self, book, values):
        """The entries themselves on a sheet of their own, as long as a spreadsheet bears them."""
        super()._write_more_sheets(book, values)
        if self.kind != "audit":
            return
        report = self.sudo()
        sheet = book.add_sheet(self.env._("Entries"))
        first, end = report._get_bounds()
        count = report.env["club.point.entry"].search_count(
            [("club_id", "=", report.club_id.id), ("date", ">=", first), ("date", "<", end)]
        )
        if count > MOST_CELLS:
            sheet.write(
                0,
                0,
                self.env._(
                    "%(count)s entries are more than a spreadsheet bears. The list of entries (CSV) has all of them.",
                    count=count,
                ),
            )
            return
        for column, name in enumerate(COLUMNS):
            sheet.write(0, column, name, bold=True)
        line = 0
        for batch in report._read_entries():
            for row in batch:
                line += 1
                for column, value in enumerate(row):
                    sheet.write(line, column, value)
        sheet.freeze(1, 2)
