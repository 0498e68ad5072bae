"""What a close posts."""

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from .club_close_cohort import MONEY_MOVES


class ClubClose(models.Model):
    _inherit = "club.close"

    # -- posting -------------------------------------------------------------

    def _get_move_lines(self):
        """The lines of the entry: (debit account, credit account, amount, words, movement). Nothing for zero.

        The movement, one of :data:`MONEY_MOVES` or empty, says whose analytic distribution the line has.
        """
        self.ensure_one()
        _ = self.env._
        club, rows = self.club_id, self.cohort_ids
        aside, debt, revenue = club.deferral_account_id, club.liability_account_id, club.revenue_account_id
        sums = {name: self.currency_id.round(sum(rows.mapped(name))) for name in MONEY_MOVES}
        # What partners paid for points, their invoices have put on the liability already.
        funded = rows.filtered(lambda row: row.nature == "merchant")
        for name in ("allocated", "returned"):
            sums[name] = self.currency_id.round(sums[name] - sum(funded.mapped(name)))
        pairs = [
            (aside, debt, sums["allocated"], _("Put aside for points"), "allocated"),
            (debt, aside, -sums["returned"], _("Put aside for points of sales that came back"), "returned"),
            (debt, revenue, -sums["reestimated"], _("Points: changed estimate"), "reestimated"),
            (debt, revenue, -sums["released"], _("Points redeemed, and those that nobody will redeem"), "released"),
        ]
        return [pair for pair in pairs if not self.currency_id.is_zero(pair[2])]

    def _prepare_move_lines(self):
        """Values of the entry's lines: a debit and its credit for each of :meth:`_get_move_lines`."""
        lines = []
        for debit, credit, amount, words, movement in self._get_move_lines():
            if amount < 0:
                debit, credit, amount = credit, debit, -amount
            for account, sides in ((debit, (amount, 0)), (credit, (0, amount))):
                line = {"account_id": account.id, "name": words, "debit": sides[0], "credit": sides[1]}
                shares = self._get_distribution(account, movement)
                lines.append({**line, "analytic_distribution": shares} if shares else line)
        return lines

    def _prepare_move_values(self):
        return {
            "move_type": "entry",
            "journal_id": self.club_id.close_journal_id.id,
            "date": self.date_to,
            "ref": self.display_name,
            "company_id": self.company_id.id,
            "line_ids": [Command.create(line) for line in self._prepare_move_lines()],
        }

    def _make_move(self):
        """Post the entry on the last day of the month; nothing where nothing moved.

        :raises UserError: it would get another day.
        """
        values = self._prepare_move_values()
        Move = self.env["account.move"].sudo().with_company(self.company_id)
        if not values["line_ids"]:
            return Move
        move = Move.create(values)
        move._post(soft=False)
        if move.date != self.date_to:
            raise UserError(
                self.env._(
                    "The entry of %(close)s would be posted on %(day)s, because the books are locked. Open the period "
                    "first.",
                    close=self.display_name,
                    day=move.date,
                )
            )
        return move

    def _check_lock_dates(self):
        """Odoo moves the day of a locked entry silently; here it is refused.

        :raises ValidationError: with the lock date.
        """
        violated = self.company_id._get_violated_lock_dates(self.date_to, False, self.club_id.close_journal_id)
        if violated:
            raise ValidationError(
                self.env._(
                    "The books of %(company)s are locked until %(day)s, so the month until %(end)s cannot be posted. "
                    "Let an accountant open the period.",
                    company=self.company_id.name,
                    day=max(day for day, _field in violated),
                    end=self.date_to,
                )
            )

    def _lock(self):
        """One close of a club at a time. SQL: the club's row must change, so that a second one starts over."""
        self.env.execute_query(
            SQL("UPDATE club_club SET close_from = close_from WHERE id = %s RETURNING id", self.club_id.id)
        )
