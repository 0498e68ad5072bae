"""Prints of the club: in a font that has Persian, and with texts of both directions drawn where they belong."""

import os
from pathlib import Path

from odoo import api, models
from odoo.addons.customer_club.engine import print_text
from odoo.tools.misc import file_open, file_path

SYSTEM_FONTS = Path("/etc/fonts/fonts.conf")
#: Where an operator says where fonts are; the first goes before the others.
FONT_SETTINGS = ("FONTCONFIG_FILE", "FONTCONFIG_PATH", "FONTCONFIG_SYSROOT")


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _use_club_fonts(self):
        """Tell the program that prints where the club's font is, beside the server's own, so that what it prints has
        letters and not their pictures. Where the operator says where fonts are, that stays; the page then brings the
        font along (static/src/paper)."""
        if SYSTEM_FONTS.exists() and not any(name in os.environ for name in FONT_SETTINGS):
            os.environ["FONTCONFIG_FILE"] = file_path("customer_club/static/fonts/fonts.conf")

    @api.model
    def _get_club_paper_style(self):
        """The look of the club's paper, within the page: it stays where the server cannot be asked for style sheets, as
        with an address that only its visitors reach."""
        with file_open("customer_club/static/src/paper/club_paper.css") as sheet:
            return f"<style>{sheet.read()}</style></head>"

    def _run_wkhtmltopdf(self, bodies, report_ref=False, *args, **kwargs):
        """Of reports of the club only: a Persian name with a number would be drawn past its cell."""
        if report_ref and (self._get_report(report_ref).report_name or "").startswith("customer_club."):
            self._use_club_fonts()
            style = self._get_club_paper_style()
            bodies = [print_text.split_texts(str(body).replace("</head>", style, 1)) for body in bodies]
        return super()._run_wkhtmltopdf(bodies, report_ref, *args, **kwargs)
