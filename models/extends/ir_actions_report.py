"""Prints of the club whose texts run in both directions are drawn where they belong."""

from odoo import models
from odoo.addons.customer_club.engine import print_text


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _run_wkhtmltopdf(self, bodies, report_ref=False, *args, **kwargs):
        """Of reports of the club only: a Persian name with a number would be drawn past its cell."""
        if report_ref and (self._get_report(report_ref).report_name or "").startswith("customer_club."):
            bodies = [print_text.split_texts(str(body)) for body in bodies]
        return super()._run_wkhtmltopdf(bodies, report_ref, *args, **kwargs)
