"""The audit file: whoever has it computes every seal again, and finds one changed row."""

import csv
import hashlib
import importlib.util
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import openpyxl
from odoo import fields
from odoo.addons.customer_club.wizard.accounting import club_book_audit_files
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_accounting_reports import AUDITOR, ReportCase

VERIFIER = Path(__file__).parent.parent / "clients" / "verify_audit_file.py"
NAUGHTY = '=HYPERLINK("x") Größe\n"quoted"'


def load_verifier():
    """The program as an auditor has it: by its file, not as a part of the addon."""
    spec = importlib.util.spec_from_file_location("verify_audit_file", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AuditCase(ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.verifier = load_verifier()

    @classmethod
    def post(cls, points, key, **values):
        if "date" in values:
            values["date"] = fields.Datetime.to_datetime(values["date"])
        return super().post(points, key, **values)

    def seal(self, size=3):
        with self.jobs_in_test():
            return self.env["club.ledger.seal"]._seal(size).sorted("id")

    def live_and_seal(self):
        """Four months of entries, and some of another club of the company, under seals of three."""
        self.live()
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        stranger = other._enrol(self.partner_2)
        for number in range(4):
            self.post(10, f"tulip {number}", member=stranger)
            self.post(5, f"rose {number}", date=f"2026-04-2{number} 12:00:00", note=NAUGHTY)
        return self.seal()

    def audit(self, user=None, first="2026-01-01", last="2026-04-30"):
        return self.report("audit", first, last, user=user or self.auditor)

    def export(self, report=None):
        return b"".join((report or self.audit()).sudo()._write_audit())

    def run_verifier(self, body, *arguments, earlier=None):
        """Exit status and what the program said."""
        with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as said, redirect_stderr(said):
            path = Path(folder, "audit.jsonl")
            path.write_bytes(body)
            if earlier is not None:
                Path(folder, "earlier.jsonl").write_bytes(earlier)
                arguments = (*arguments, "--against", str(Path(folder, "earlier.jsonl")))
            status = self.verifier.main([str(path), *arguments])
        return status, said.getvalue()

    def tamper(self, statement, *values):
        """Change the ledger behind its back, as somebody with the database could."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE club_point_entry DISABLE TRIGGER USER")
        self.env.cr.execute(statement, values)
        self.env.cr.execute("ALTER TABLE club_point_entry ENABLE TRIGGER USER")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestWhatAnAuditFileProves(AuditCase):
    def test_the_file_is_computed_again_without_the_system(self):
        seals = self.live_and_seal()
        body = self.export()
        status, said = self.run_verifier(body)
        self.assertEqual(status, 0, said)
        self.assertIn("RIGHT", said)
        self.assertIn(f"under {len(seals)} seals", said)
        lines = [json.loads(line) for line in body.decode().splitlines()]
        entries = [line for line in lines if isinstance(line, list) and len(line) == 22]
        self.assertEqual(
            {row[0] for row in entries if row[3] == self.club.id},
            set(self.env["club.point.entry"].search([("club_id", "=", self.club.id)]).ids),
        )
        self.assertTrue([row for row in entries if row[3] != self.club.id], "a seal covers all clubs")
        self.assertEqual(body, self.export(), "the same ledger gives the same bytes")

    def test_it_is_complete_in_whatever_batches_it_is_read(self):
        self.live_and_seal()
        whole, listed = self.export(), b"".join(self.audit().sudo()._write_entries())
        with patch.object(club_book_audit_files, "BATCH", 2):
            self.assertEqual(self.export(), whole)
            self.assertEqual(b"".join(self.audit().sudo()._write_entries()), listed)

    def test_one_changed_row_in_the_file_is_found(self):
        self.live_and_seal()
        lines = self.export().decode().splitlines(keepends=True)
        place = next(n for n, line in enumerate(lines) if '"rose 2"' in line)
        row = json.loads(lines[place])
        forged = lines[:]
        forged[place] = lines[place].replace('"5.00"', '"6.00"', 1)
        status, said = self.run_verifier("".join(forged).encode())
        self.assertEqual(status, 1)
        self.assertIn(f"(entries {self.find_seal(row[0]).from_id} to", said)
        self.assertIn("points in all: sealed", said)
        status, said = self.run_verifier("".join(forged).encode(), earlier="".join(lines).encode())
        self.assertEqual(said.count("    was "), 1)
        self.assertIn(f"entry {row[0]}:", said)

    def find_seal(self, entry_id):
        return self.env["club.ledger.seal"].search([("from_id", "<=", entry_id), ("to_id", ">=", entry_id)])

    def test_a_row_changed_in_the_database_is_found_on_paper_and_in_the_file(self):
        self.live_and_seal()
        earlier = self.export()
        entry = self.env["club.point.entry"].search([("key", "like", "rose 1")])
        self.tamper("UPDATE club_point_entry SET note = 'nothing' WHERE id = %s", entry.id)
        sections = self.audit()._make_sections()
        rows = {row[0]: row for row in sections[1]["rows"]}
        broken = self.find_seal(entry.id)
        self.assertEqual([number for number, row in rows.items() if row[-1] == "Broken"], [str(broken.id)])
        self.assertIn("is broken", sections[1]["method"][0])
        status, said = self.run_verifier(self.export(), earlier=earlier)
        self.assertEqual(status, 1)
        self.assertIn(f"Seal {broken.id} (entries", said)
        self.assertIn(f"entry {entry.id}:", said)

    def test_a_new_chain_that_fits_is_found_by_a_digest_that_was_printed_before(self):
        seals = self.live_and_seal()
        printed = seals[-1].digest
        entry = self.env["club.point.entry"].search([("key", "like", "rose 1")])
        self.tamper("UPDATE club_point_entry SET points = 500, available = 500 WHERE id = %s", entry.id)
        self.env.cr.execute("ALTER TABLE club_ledger_seal DISABLE TRIGGER USER")
        previous = self.env["club.ledger.seal"].search([("id", "<", seals[0].id)], limit=1).digest or ""
        for seal in seals:
            count, total, _allocations, previous = seal._compute_content(seal, previous)
            self.env.cr.execute(
                "UPDATE club_ledger_seal SET digest = %s, total = %s, count = %s WHERE id = %s",
                (previous, total, count, seal.id),
            )
        self.env.cr.execute("ALTER TABLE club_ledger_seal ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(self.env["club.ledger.seal"]._verify(), [], "the forged chain fits")
        body = self.export()
        self.assertEqual(self.run_verifier(body)[0], 0)
        status, said = self.run_verifier(body, "--seal", f"{seals[-1].id}={printed}")
        self.assertEqual(status, 1)
        self.assertIn("written down was", said)

    def test_lines_taken_out_put_in_or_cut_off_are_found(self):
        self.live_and_seal()
        lines = self.export().decode().splitlines(keepends=True)
        place = next(n for n, line in enumerate(lines) if '"rose 2"' in line)
        cut = "".join(lines[:-1]).encode()
        self.assertEqual(self.run_verifier(cut)[0], 2)
        self.assertIn("cut off", self.run_verifier(cut)[1])
        self.assertEqual(self.run_verifier("".join(lines[:place] + lines[place + 1 :]).encode())[0], 2)
        end = json.loads(lines[-1])
        end["end"]["lines"] -= 1
        status, said = self.run_verifier("".join([*lines[:place], *lines[place + 1 : -1], json.dumps(end)]).encode())
        self.assertEqual(status, 1)
        self.assertIn("entries: sealed 3, found 2", said)
        self.assertEqual(self.run_verifier(b"{}\n")[0], 2)

    def test_what_no_seal_covers_yet_is_told_apart(self):
        self.live_and_seal()
        self.post(7, "late", date="2026-04-29 12:00:00")
        status, said = self.run_verifier(self.export())
        self.assertEqual(status, 0, said)
        self.assertIn("1 entries of the period have no seal yet", said)
        [row] = [row for row in self.read_csv() if row["key"].endswith("late")]
        self.assertEqual((row["seal"], row["points"]), ("", "7.00"))

    def read_csv(self, report=None):
        body = b"".join((report or self.audit()).sudo()._write_entries()).decode()
        return list(csv.DictReader(io.StringIO(body, newline="")))

    def test_the_list_has_every_entry_of_the_club_and_period_with_its_seal(self):
        self.live_and_seal()
        rows = self.read_csv(self.audit(first="2026-04-01"))
        first, end = "2026-04-01 00:00:00", "2026-05-01 00:00:00"
        entries = self.env["club.point.entry"].search(
            [("club_id", "=", self.club.id), ("date", ">=", first), ("date", "<", end)], order="id"
        )
        self.assertEqual([int(row["id"]) for row in rows], entries.ids)
        self.assertEqual(sum(Decimal(row["points"]) for row in rows), Decimal(str(sum(entries.mapped("points")))))
        for row in rows:
            self.assertEqual(int(row["seal"]), self.find_seal(int(row["id"])).id)
        self.assertTrue([row for row in rows if row["note"].startswith("'=HYPERLINK")], "abuse 21")
        self.assertNotIn(self.partner.name, str(rows), "members by number only")

    def test_the_sections_add_up_with_the_spreadsheet_and_the_files(self):
        self.live_and_seal()
        report = self.audit()
        movements, seals, digests, _files = report._make_sections()
        self.assertEqual(movements["total"][1], len(self.read_csv(report)))
        self.assertEqual(len(digests["rows"]), len(seals["rows"]))
        body = openpyxl.load_workbook(io.BytesIO(report._make_xlsx()))
        entries = list(body.worksheets[-1].iter_rows(values_only=True))
        self.assertEqual(len(entries) - 1, movements["total"][1])
        self.assertAlmostEqual(sum(row[5] for row in entries[1:]), float(movements["total"][4]), 2)
        for sheet in body.worksheets:
            for row in sheet.iter_rows():
                self.assertFalse([cell for cell in row if cell.data_type == "f"])
        files = {row[0]: row for row in body.worksheets[3].iter_rows(values_only=True) if row[0]}
        self.assertEqual(files[report._get_audit_name("jsonl")][3], hashlib.sha256(self.export(report)).hexdigest())

    def test_a_spreadsheet_that_is_too_small_says_so(self):
        self.live_and_seal()
        with patch.object(club_book_audit_files, "MOST_CELLS", 3):
            body = openpyxl.load_workbook(io.BytesIO(self.audit()._make_xlsx()))
        self.assertIn("more than a spreadsheet bears", body.worksheets[-1]["A1"].value)

    def test_the_print_says_how_many_and_the_digest_of_the_files(self):
        self.live_and_seal()
        report = self.audit()
        html = (
            self.env["ir.actions.report"]
            .with_user(self.auditor)
            ._render_qweb_html("customer_club.report_club_book", report.ids)[0]
            .decode()
        )
        self.assertIn(hashlib.sha256(self.export(report)).hexdigest(), html)
        self.assertIn(self.env["club.ledger.seal"].search([], limit=1).digest, html)

    def test_a_period_without_entries_says_so(self):
        body = self.export(self.audit(first="2020-01-01", last="2020-01-31"))
        status, said = self.run_verifier(body)
        self.assertEqual(status, 0, said)
        self.assertIn("0 entries under 0 seals", said)


@tagged("post_install", "-at_install")
class TestWhoMayHaveAnAuditFile(AuditCase, HttpCase):
    def test_what_covers_companies_of_others_is_refused_with_the_remedy(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.env["club.club"].create({"name": "Foreign", "tz": "UTC", "company_id": company.id})
        stranger = other._enrol(self.partner_2)
        self.post(5, "ours", date="2026-04-02 12:00:00")
        self.post(10, "theirs", member=stranger)
        self.post(5, "ours again", date="2026-04-03 12:00:00")
        self.seal(50)
        report = self.audit(first="2026-04-01")
        with self.assertRaisesRegex(UserError, "1 entries of companies that you do not work in"):
            report.action_export_audit()
        self.assertEqual(len(report._make_sections()[3]["rows"]), 1, "the list alone")
        rows = b"".join(report.sudo()._write_entries()).decode()
        self.assertNotIn("theirs", rows)
        self.authenticate("books_auditor", "books_auditor")
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(f"/customer_club/books/{report.id}/audit.jsonl").status_code, 200)
        self.auditor.company_ids += company
        self.assertIn("/audit.jsonl", report.action_export_audit()["url"])

    def test_both_files_are_the_readers_own_and_downloaded_whole(self):
        self.live_and_seal()
        report = self.audit()
        self.assertIn("/entries.csv", report.action_export_entries()["url"])
        urls = [f"/customer_club/books/{report.id}/{name}" for name in ("audit.jsonl", "entries.csv")]
        self.authenticate("books_auditor", "books_auditor")
        bodies = [self.url_open(url) for url in urls]
        self.assertEqual(bodies[0].content, self.export(report))
        self.assertEqual(bodies[1].content, b"".join(report.sudo()._write_entries()))
        for found in bodies:
            self.assertEqual(found.headers["Cache-Control"], "no-store")
            self.assertEqual(int(found.headers["Content-Length"]), len(found.content))
        new_test_user(self.env, "books_other", groups=AUDITOR)
        self.authenticate("books_other", "books_other")
        with mute_logger("odoo.http"):
            self.assertEqual([self.url_open(url).status_code for url in urls], [404, 404])
        user = new_test_user(self.env, "books_user", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            report.with_user(user).action_export_audit()

    def test_an_auditor_opens_the_entries_and_the_tie_outs_and_is_told_what_is_not_for_an_auditor(self):
        self.live_and_close()
        action = self.audit().action_view_entries()
        found = self.env[action["res_model"]].with_user(self.auditor).search(action["domain"])
        self.assertEqual(found.club_id, self.club)
        TieOut = self.env["club.tie.out"].with_user(self.auditor)
        page = TieOut._make_pages(self.club.with_user(self.auditor))
        self.assertEqual(page.state, "ok")
        lines = {line.name: line for line in page.line_ids}
        self.assertEqual(lines["Entries and balances"].action_open_behind()["res_model"], "club.point.entry")
        with self.assertRaisesRegex(AccessError, "not for you to read"):
            lines["Ledger value and liability account"].action_open_behind()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            page.write({"state": "red"})
