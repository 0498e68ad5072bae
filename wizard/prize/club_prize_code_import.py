"""Codes for a prize, pasted or from a file: one a line, or the first column of a CSV."""

import base64
import csv
import io

from odoo import fields, models
from odoo.addons.customer_club.models.prize.club_prize_code import CODE_LENGTH
from odoo.exceptions import UserError

MOST_CODES = 20_000
MOST_BYTES = 5_000_000


class ClubPrizeCodeImport(models.TransientModel):
    _name = "club.prize.code.import"
    _description = "Add Codes"
    _inherit = "club.bounded"

    prize_id = fields.Many2one("club.prize", required=True, readonly=True)
    text = fields.Text(string="Codes", help="One a line.")
    file = fields.Binary(help="Text or CSV; the first column counts.")
    filename = fields.Char()
    has_header = fields.Boolean(string="The First Line Is a Title")

    def action_import(self):
        """Add the codes that are not on the list yet; what was pasted is forgotten."""
        self.ensure_one()
        prize = self.prize_id
        prize.check_access("write")
        codes = self._read_codes()
        known = set(
            self.env["club.prize.code"].search([("prize_id", "=", prize.id), ("code", "in", codes)]).mapped("code")
        )
        new = [code for code in codes if code not in known]
        self.env["club.prize.code"].create([{"prize_id": prize.id, "code": code} for code in new])
        self.write({"text": False, "file": False})
        prize.message_post(
            body=self.env._(
                "%(count)s codes were added; %(known)s were there already.", count=len(new), known=len(codes) - len(new)
            )
        )
        return {"type": "ir.actions.act_window_close"}

    def _read_codes(self):
        """The codes in their order, each once.

        :raises UserError: there is none, or too much, or a line that can be no code.
        """
        lines = [*(self.text or "").splitlines(), *self._read_file()]
        codes = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if not codes:
            raise UserError(self.env._("There is no code yet. Paste codes, one a line, or choose a file."))
        if len(codes) > MOST_CODES:
            raise UserError(
                self.env._(
                    "These are %(count)s codes. Add at most %(most)s at once.", count=len(codes), most=MOST_CODES
                )
            )
        for code in codes:
            if len(code) > CODE_LENGTH:
                raise UserError(
                    self.env._(
                        "A line has more than %(most)s characters: that is no code. Nothing was added.",
                        most=CODE_LENGTH,
                    )
                )
        return codes

    def _read_file(self):
        if not self.file:
            return []
        content = base64.b64decode(self.file)
        if len(content) > MOST_BYTES:
            raise UserError(self.env._("This file is too large. Split it, and add the codes part by part."))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UserError(
                self.env._("%(file)s is no UTF-8 text. Save it as CSV (UTF-8).", file=self.filename or "")
            ) from error
        first = text.splitlines()[0] if text else ""
        delimiter = next((mark for mark in (";", "\t", ",") if mark in first), ",")
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
        return [row[0] for row in rows[1 if self.has_header else 0 :]]
