"""A block of a report: which one, and how much of it is shown."""

from odoo import api, fields, models

ROWS = 50


class ClubReportLine(models.Model):
    _name = "club.report.line"
    _description = "Block of a Report, Chosen"
    _order = "sequence, id"

    report_id = fields.Many2one("club.report", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection="_select_kind", string="Block", required=True)
    title = fields.Char(translate=True, help="Empty: the block's own name.")
    show_chart = fields.Boolean(string="Chart", default=True)
    show_table = fields.Boolean(string="Table", default=True)
    row_limit = fields.Integer(
        string="Rows", default=ROWS, help="Rows of the table on screen and paper; the spreadsheet has all of them."
    )

    _row_limit_positive = models.Constraint("CHECK(row_limit > 0)", "A block shows at least one row of its table.")

    @api.model
    def _select_kind(self):
        return self.env["club.report.block"]._select_kinds()
