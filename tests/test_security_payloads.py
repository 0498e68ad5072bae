"""Names that try to act, on every output of what is known of the members (abuse 18 and 21).

Every block of the reports, every picture and page of segments, campaigns, banners, simulations, budgets and behaviour,
every sheet and every paper: swept as a whole, so that what is added later is swept too.
"""

import io
from datetime import timedelta

import openpyxl
from lxml import etree, html
from odoo.addons.customer_club.engine.reporting import Period
from odoo.addons.customer_club.tests.known_common import KnownCase
from odoo.tests import tagged

#: It breaks out of texts, of attributes and of SVG, and begins as a formula does.
PAYLOAD = "=1+1|<script>alert(7)</script>\"'><img src=x onerror=alert(7)></text></svg><svg onload=alert(7)>"
ROOMS = (
    "club.behaviour",
    "club.stage.change",
    "club.lifetime.fit",
    "club.segment",
    "club.segment.condition",
    "club.campaign",
    "club.campaign.step",
    "club.campaign.target",
    "club.banner",
    "club.banner.preview",
    "club.simulation",
    "club.simulation.setup",
    "club.simulation.customer",
    "club.budget",
    "club.report",
    "club.report.line",
    "club.report.page",
    "club.report.sending",
    "club.push.message",
)


@tagged("post_install", "-at_install")
class TestNamesCannotAct(KnownCase):
    words = PAYLOAD

    def assertHarmless(self, text, where):
        """Fail if a browser would find a script, or an attribute that acts, in a piece of a page."""
        text = str(text)
        tree = html.fragment_fromstring(text, create_parent="div") if "<html" not in text else html.fromstring(text)
        for node in tree.iter(etree.Element):
            tag = etree.QName(node).localname if isinstance(node.tag, str) else ""
            self.assertFalse(tag == "script" and "alert(7)" in (node.text or ""), where)
            acting = [
                name for name, value in node.attrib.items() if name.lower().startswith("on") and "alert(7)" in value
            ]
            self.assertFalse(acting, f"{where}: <{tag} {acting}>")
        return "alert(7)" in text

    def assertNoFormula(self, content, where):
        """Fail if a cell of a spreadsheet counts, or begins as a formula does."""
        found = False
        for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    self.assertNotEqual(cell.data_type, "f", f"{where} {cell.coordinate}")
                    self.assertFalse(str(cell.value or "").startswith("=1+1"), f"{where} {cell.coordinate}")
                    found |= "alert(7)" in str(cell.value)
        self.assertTrue(found, f"{where} tells no name: nothing was tested")

    def test_no_block_of_a_report_lets_a_name_act(self):
        self.run_campaign()
        page = self.page()
        self.assertTrue(self.assertHarmless(page.body, "screen"))
        told = set()
        for line, table in page._make_tables():
            values = page._prepare_section(line, table, page.club_ids.sudo())
            with self.subTest(block=line.kind):
                self.assertHarmless(values["svg"], "picture")
                if values["svg"]:
                    etree.fromstring(values["svg"].encode())  # the payload does not end the picture early
                if "alert(7)" in str([table.rows, values["svg"]]):
                    told.add(line.kind)
        self.assertGreaterEqual(len(told), 8, f"blocks that tell names: {sorted(told)}")

    def test_neither_paper_nor_sheet_nor_mail_lets_a_name_act(self):
        page = self.page()
        printed = self.env["ir.actions.report"].with_user(self.manager)
        printed = printed._render_qweb_html("customer_club.report_club_report", page.ids)[0].decode()
        self.assertTrue(self.assertHarmless(printed, "paper"))
        self.assertNoFormula(page._make_xlsx(), "report")
        self.assertNoFormula(self.simulation.with_user(self.manager)._make_xlsx(), "simulation")
        sending = self.send_report()
        self.assertHarmless(sending.with_user(self.manager).summary, "mail")
        template = self.env.ref("customer_club.mail_template_club_report")
        mail = template._generate_template(sending.ids, ("subject", "body_html"))[sending.id]
        self.assertTrue(self.assertHarmless(mail["body_html"], "letter"))
        self.assertNotIn("\n", mail["subject"])

    def test_no_page_of_a_room_lets_a_name_act(self):
        """Every field of HTML of every record there is, written or computed."""
        self.run_campaign()
        self.env["club.banner.preview"].create({"banner_id": self.banner.id, "member_id": self.member.id})
        self.page()
        told, swept = set(), 0
        for name in ROOMS:
            model = self.env[name]
            for record in model.search([], limit=50):
                for field in model._fields.values():
                    if field.type == "html":
                        swept += 1
                        if self.assertHarmless(record[field.name] or "", f"{name}.{field.name}"):
                            told.add(f"{name}.{field.name}")
        self.assertGreaterEqual(swept, 9)
        self.assertGreaterEqual(len(told), 4, f"told names: {sorted(told)}")
        mails = self.env["mail.mail"].search([("model", "=", "club.campaign.target")])
        self.assertTrue(mails)
        for mail in mails:
            self.assertTrue(self.assertHarmless(mail.body_html, "campaign's mail"))

    def test_a_statement_lets_no_name_act(self):
        days = Period(self.today - timedelta(days=330), self.today)
        statement = self.member._get_statement(days, rows=1000)
        self.assertNoFormula(self.member._write_statement_xlsx(statement), "statement")
        printed = self.env["ir.actions.report"]._render_qweb_html(
            "customer_club.action_report_member_statement",
            self.member.ids,
            data={"statement_period": [days.first.isoformat(), days.last.isoformat()]},
        )[0]
        self.assertTrue(self.assertHarmless(printed.decode(), "statement"))
        for row in self.member._write_statement_rows(statement):
            for cell in row:
                self.assertFalse(str(cell).startswith("=1+1"))

    def test_every_html_field_of_these_rooms_is_swept(self):
        """A room that is added with pages of its own is added here too."""
        prefixes = ("club.segment", "club.campaign", "club.banner", "club.simulation", "club.budget", "club.report.")
        with_html = {
            name
            for name, model in self.env.items()
            if name.startswith(prefixes)
            and not model._abstract
            and any(field.type == "html" for field in model._fields.values())
        }
        self.assertFalse(with_html - set(ROOMS))
