"""Everything that the club prints is set in a font that ships with it, so that no server prints boxes for Persian."""

import os
from io import BytesIO
from unittest import skipUnless
from unittest.mock import patch

import pypdf
from fontTools.ttLib import TTFont
from lxml import etree
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.addons.customer_club.models.extends import ir_actions_report
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.tests import tagged
from odoo.tools.misc import file_open, file_path

FONTS = ("Vazirmatn-Regular.ttf", "Vazirmatn-Bold.ttf")
HALF_SPACE, ASKED_INSTEAD = 0x200C, 0x200B


@tagged("post_install", "-at_install")
class TestFontOfPrints(ClubPortalCase):
    def print(self, report, record):
        """The names of the fonts of a printed document, and its text."""
        pdf, _type = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(f"customer_club.{report}", record.ids)
        )
        pages = pypdf.PdfReader(BytesIO(pdf)).pages
        fonts = [font.get_object() for page in pages for font in page["/Resources"].get("/Font", {}).values()]
        words = " ".join(page.extract_text() for page in pages).split()
        return {str(font["/BaseFont"]) for font in fonts}, " ".join(words)

    @skipUnless(_wkhtml().state == "ok", "prints with wkhtmltopdf")
    def test_a_persian_statement_has_the_font_in_it(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.partner.write({"lang": "fa_IR", "name": "علی‌اکبر گلستانی"})
        self.post(100, "a")
        fonts, _text = self.print("action_report_member_statement", self.member)
        for weight in ("Regular", "Bold"):
            self.assertTrue(any(f"Vazirmatn-{weight}" in font for font in fonts), fonts)

    @skipUnless(_wkhtml().state == "ok", "prints with wkhtmltopdf")
    def test_a_persian_name_in_an_english_statement_has_it_too(self):
        self.partner.write({"lang": "en_US", "name": "علی‌اکبر"})
        fonts, text = self.print("action_report_member_statement", self.member)
        self.assertTrue(any("Vazirmatn-Regular" in font for font in fonts), fonts)
        self.assertIn("Statement of Points", text, "it stands there as letters that can be searched")

    def test_the_font_ships_with_its_licence_and_is_small(self):
        with file_open("customer_club/static/fonts/OFL.txt") as licence:
            self.assertIn("SIL Open Font License, Version 1.1", licence.read())
        sizes = [os.path.getsize(file_path(f"customer_club/static/fonts/{name}")) for name in FONTS]
        self.assertLess(sum(sizes), 300_000)

    def test_half_spaces_part_letters(self):
        """wkhtmltopdf asks for another character instead; a font that has that one joins the letters."""
        for name in FONTS:
            letters = TTFont(file_path(f"customer_club/static/fonts/{name}")).getBestCmap()
            self.assertIn(HALF_SPACE, letters)
            self.assertNotIn(ASKED_INSTEAD, letters)
            for char in "﷼۰۱۲۳۴۵۶۷۸۹پچژگکی٫٬":
                self.assertIn(ord(char), letters)

    def test_every_print_is_on_the_common_paper(self):
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "customer_club.%"), ("report_type", "=", "qweb-pdf")]
        )
        self.assertGreaterEqual(len(reports), 9)
        for report in reports:
            tree = etree.fromstring(self.env.ref(report.report_name).get_combined_arch())
            called = [self.env.ref(name) for name in tree.xpath("//@t-call") if name.startswith("customer_club.")]
            trees = [tree, *(etree.fromstring(view.get_combined_arch()) for view in called)]
            classes = {name for each in trees for name in " ".join(each.xpath("//@class")).split()}
            self.assertIn("o_club_paper", classes, report.report_name)
            layouts = {name for each in trees for name in each.xpath("//@t-call")}
            self.assertTrue(
                "article" in classes or "web.basic_layout" in layouts,
                f"{report.report_name}: outside an article Odoo forgets the encoding, and names come out as nonsense",
            )
            self.assertFalse([s for each in trees for s in each.xpath("//@style") if "font-family" in s], report.name)

    def test_only_prints_load_it(self):
        css = {
            name: self.env["ir.qweb"]._get_asset_bundle(name, js=False, debug_assets=False).css().raw.decode()
            for name in ("web.report_assets_common", "web.assets_frontend")
        }
        self.assertIn("/customer_club/static/fonts/Vazirmatn-Bold.ttf", css["web.report_assets_common"])
        self.assertRegex(css["web.report_assets_common"], r"\.o_club_paper\[dir=.?ltr.?\]\s*{\s*text-align:\s*left")
        self.assertNotIn("Vazirmatn", css["web.assets_frontend"])

    def test_an_operators_own_fonts_stay(self):
        report = self.env["ir.actions.report"]
        with patch.dict(os.environ, {"FONTCONFIG_FILE": "/srv/fonts.conf"}):
            report._use_club_fonts()
            self.assertEqual(os.environ["FONTCONFIG_FILE"], "/srv/fonts.conf")
        with patch.dict(os.environ, {"FONTCONFIG_PATH": "/srv/fonts"}):
            os.environ.pop("FONTCONFIG_FILE", None)
            report._use_club_fonts()
            self.assertNotIn("FONTCONFIG_FILE", os.environ, "a file would go before the operator's folder")
        with patch.dict(os.environ), patch.object(ir_actions_report, "SYSTEM_FONTS", ir_actions_report.Path("/no")):
            os.environ.pop("FONTCONFIG_FILE", None)
            report._use_club_fonts()
            self.assertNotIn("FONTCONFIG_FILE", os.environ, "a system that keeps its list elsewhere keeps its fonts")
