"""The statement: what the merchant reads on the page, in the PDF and in the spreadsheet."""

from odoo import models
from odoo.addons.customer_club.engine import periods, sheets
from odoo.tools import format_amount
from odoo.tools.misc import formatLang


class ClubSettlement(models.Model):
    _inherit = "club.settlement"

    # -- what is shown -------------------------------------------------------

    def _show_money(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _show_points(self, points):
        return formatLang(self.env, points, digits=self.club_id.points_digits)

    def _show_line_day(self, line):
        """The day of a line in the club's calendar and time zone."""
        if not line.date:
            return ""
        return periods.format_day(periods.local_date(line.date, self.club_id.tz), self.club_id.calendar)

    def _get_statement_totals(self):
        """The totals as rows of (what, amount), without what is zero; the last is what is paid."""
        self.ensure_one()
        _ = self.env._
        rows = [
            (_("Vouchers redeemed"), self.value_total),
            (_("Taken back"), self.reversed_total),
            (_("From disputes"), self.disputed_total),
            (_("Taxes on it"), self.bill_total - self.value_total - self.reversed_total - self.disputed_total),
            (_("Commission"), -self.commission_total),
            (
                _("Points given: %(points)s", points=self._show_points(self.issued_points)),
                -self.issued_total,
            ),
            (_("Taxes on commission and points"), -(self.invoice_total - self.commission_total - self.issued_total)),
        ]
        rows = [(what, amount) for what, amount in rows if not self.currency_id.is_zero(amount)]
        last = _("To pay to you") if self.net_total >= 0 else _("To pay to us")
        return [*rows, (last, abs(self.net_total))]

    def _get_statement_lines(self, after=0, limit=None):
        """Lines in the order of the statement, from a line on.

        :param int after: id of the last line shown before.
        """
        self.ensure_one()
        lines = self.sudo().line_ids.sorted(lambda line: (line.kind_order, line.date or line.create_date, line.id))
        if after:
            ids = lines.ids
            lines = lines[ids.index(after) + 1 :] if after in ids else lines
        return lines[:limit] if limit else lines

    def _get_kind_words(self):
        return dict(self.env["club.settlement.line"]._fields["kind"]._description_selection(self.env))

    # -- spreadsheet ---------------------------------------------------------

    def _get_statement_table(self):
        """The statement as rows of cells; the first row are titles. No names of members are in it."""
        self.ensure_one()
        _ = self.env._
        words = self._get_kind_words()
        head = [_("What"), _("Reference"), _("Receipt"), _("Offer"), _("Day"), _("Points"), _("Value"),
                _("Commission"), _("For points"), _("Entry")]  # fmt: skip
        return [
            head,
            *(
                [
                    words[line.kind],
                    line.reference or "",
                    line.receipt or "",
                    line.offer_id.name or "",
                    self._show_line_day(line),
                    line.points,
                    line.value,
                    line.commission,
                    line.amount,
                    line.entry_id.id or "",
                ]
                for line in self._get_statement_lines()
            ),
        ]

    def _write_statement_xlsx(self):
        """The statement as a spreadsheet: texts never run as formulas (abuse 21).

        :rtype: bytes
        """
        self.ensure_one()
        settlement = self.sudo()
        book = sheets.Book(rtl=self.env["res.lang"]._is_club_rtl())
        for name, table in (
            (self.env._("Lines"), settlement._get_statement_table()),
            (self.env._("Totals"), [[self.name, ""], *(list(row) for row in settlement._get_statement_totals())]),
        ):
            heads, *rows = table
            sheet = book.add_sheet(name)
            sheet.write_table(0, heads, rows)
            sheet.set_widths(16, others=9)
        return book.to_bytes()

    def _get_file_name(self, ending):
        """A plain name for the downloaded statement."""
        self.ensure_one()
        code = self.merchant_id.code
        return f"statement-{code}-{periods.format_day(self.date_to, self.club_id.calendar)}.{ending}"
