"""A merchant's statements on the portal: only its own, as page, PDF and spreadsheet; disputes."""

import io
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time
from odoo import http
from odoo.addons.customer_club.controllers import merchant_account
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

PAYLOAD = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"


@tagged("post_install", "-at_install")
class TestStatementPages(SettlementCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, "boss", groups="base.group_portal", password="boss-boss", email="boss@bakery.example"
        )
        cls.merchant.account_partner_ids = cls.boss.partner_id
        cls.other = cls.env["club.merchant"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Books", "is_company": True}).id,
                "club_id": cls.club.id,
                "code": "books",
                "account_partner_ids": [
                    (
                        4,
                        new_test_user(
                            cls.env, "rival", groups="base.group_portal", password="rival-rival"
                        ).partner_id.id,
                    )
                ],
            }
        )

    def statement(self, **values):
        self.voucher = self.redeem()
        self.settlement = self.settled(**values)
        self.address = f"/merchant/{self.merchant.id}/statements"
        return self.settlement

    def get(self, path="", login="boss"):
        self.authenticate(login, f"{login}-{login}")
        return self.url_open(f"{self.address}{path}")

    def test_the_merchants_people_see_every_voucher(self):
        settlement = self.statement()
        page = self.get()
        self.assertIn("2026-10", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        page = self.get(f"/{settlement.id}").text
        for words in (self.voucher.number, "Breakfast for two", "8.00", "0.80", "7.08", f"receipt-{self.voucher.id}"):
            with self.subTest(words=words):
                self.assertIn(words, page)
        self.assertNotIn("Anna", page, "a merchant learns no names of members")

    def test_nobody_else_does_and_absent_is_like_anothers(self):
        """Abuse 14."""
        settlement = self.statement()
        paths = ("", f"/{settlement.id}", f"/{settlement.id}/pdf", f"/{settlement.id}/xlsx", "/999999")
        new_test_user(self.env, "anna1", groups="base.group_portal", password="anna1-anna1", partner_id=self.partner.id)
        with mute_logger("odoo.http"):
            for login in ("rival", "baker", "anna1"):
                for path in paths:
                    with self.subTest(login=login, path=path):
                        self.assertEqual(self.get(path, login).status_code, 404)
                page = self.url_open(f"/merchant/{self.merchant.id}/dispute?number={self.voucher.number}")
                self.assertEqual(page.status_code, 404)
            self.assertEqual(self.get("/999999").status_code, 404)
            self.assertEqual(self.get(f"/{settlement.id}/exe").status_code, 404)
            self.address = f"/merchant/{self.other.id}/statements"
            self.assertEqual(self.get(f"/{settlement.id}", "rival").status_code, 404)
            self.assertEqual(self.get("", "rival").status_code, 200)
            self.assertEqual(self.url_open(f"/club/settlement/{settlement.id}/xlsx").status_code, 404)

    def test_drafts_and_cancelled_ones_are_not_shown(self):
        settlement = self.statement()
        with freeze_time("2026-11-06"):
            settlement._cancel()
        draft = self.settle()
        page = self.get()
        self.assertIn("There is no statement yet", page.text)
        with mute_logger("odoo.http"):
            for one in (settlement, draft):
                self.assertEqual(self.get(f"/{one.id}").status_code, 404)

    def test_many_lines_are_read_page_by_page(self):
        self.redeem()
        self.redeem()
        settlement = self.statement()
        with patch.object(merchant_account, "PAGE", 2):
            page = self.get(f"/{settlement.id}").text
            self.assertEqual(page.count('name="club_statement_line"'), 2)
            last = settlement._get_statement_lines()[1].id
            self.assertIn(f"after={last}", page)
            rest = self.get(f"/{settlement.id}?after={last}").text
            self.assertEqual(rest.count('name="club_statement_line"'), 1)

    def test_the_spreadsheet_runs_nothing(self):
        """Abuse 21."""
        self.offer.name = FORMULA
        settlement = self.statement()
        answer = self.get(f"/{settlement.id}/xlsx")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        self.assertEqual(rows[1][1:5], (self.voucher.number, f"receipt-{self.voucher.id}", "'" + FORMULA, "2026-10-10"))
        self.assertEqual(rows[1][5:8], (100, 8, 0.8))
        self.assertTrue(all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row))
        self.authenticate("club_books", "club_books")
        staff = self.url_open(f"/club/settlement/{settlement.id}/xlsx")
        self.assertEqual(staff.status_code, 200)

    def test_what_people_typed_is_text_on_the_page_and_in_the_report(self):
        """Abuse 18."""
        self.offer.name = PAYLOAD
        self.merchant.partner_id.name = f"Bakery {PAYLOAD}"
        settlement = self.statement(note=PAYLOAD)
        report = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_club.action_report_club_settlement", settlement.ids)[0]
            .decode()
        )
        for page in (self.get().text, self.get(f"/{settlement.id}").text, report, settlement.preview or ""):
            self.assertNotIn("<img src=x", page)
        self.assertIn("&lt;img src=x", report)
        for words in (self.voucher.number, "Confirmed on", "How it is computed", "club_books"):
            self.assertIn(words, report)
        draft = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        self.assertNotIn("<img src=x", str(draft.preview))

    def test_a_merchant_disputes_a_voucher_once(self):
        self.statement()
        self.authenticate("boss", "boss-boss")
        url = f"/merchant/{self.merchant.id}/dispute"
        data = {"csrf_token": http.Request.csrf_token(self), "number": self.voucher.number, "reason": PAYLOAD}
        for claimed, words in (("abc", "cannot be read"), ("99", "no more than that"), ("-1", "negative")):
            with self.subTest(claimed=claimed):
                page = self.url_open(url, data={**data, "claimed": claimed}).text
                self.assertIn(words, page)
                self.assertIn("&lt;img", page)
        self.assertIn("No voucher with this number", self.url_open(f"{url}?number=V999999").text)
        self.club.settle_dispute_days = 1000
        for _again in range(2):
            page = self.url_open(url, data={**data, "claimed": "5"}).text
        self.assertIn("in dispute already", page)
        dispute = self.env["club.settlement.dispute"].search([("voucher_id", "=", self.voucher.id)])
        self.assertEqual((dispute.side, dispute.claimed, dispute.state), ("merchant", 5, "open"))
        club = self.club.with_user(self.manager)
        self.assertEqual(
            club._get_home_todos(club._get_home_figures())[club.id]["settlement_disputes"],
            "Disputes with partners to decide: 1",
        )

    def test_the_merchants_people_are_told_and_the_account_page_leads_there(self):
        with patch.object(type(self.env["mail.mail"]), "send", lambda *args, **kwargs: None):
            settlement = self.statement()
        mail = self.env["mail.mail"].search([("model", "=", "club.settlement"), ("res_id", "=", settlement.id)])
        self.assertEqual(mail.recipient_ids, self.boss.partner_id)
        self.assertIn(f"/merchant/{self.merchant.id}/statements/{settlement.id}", mail.body_html)
        self.authenticate("boss", "boss-boss")
        self.assertIn(self.address, self.url_open("/my").text)
