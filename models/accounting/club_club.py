"""Where a club's points stand in the books: accounts, journal, and from when on."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import ValidationError

#: Fields that a close posts to, in the order of the checklist.
ACCOUNTS = ("liability_account_id", "deferral_account_id", "revenue_account_id")


class ClubClub(models.Model):
    _inherit = "club.club"

    liability_account_id = fields.Many2one(
        "account.account",
        string="Point Liability",
        check_company=True,
        ondelete="restrict",
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', False)]",
        help="What is owed to members in points: a contract liability (IFRS 15.106).",
    )
    deferral_account_id = fields.Many2one(
        "account.account",
        string="Deferred Revenue of Points",
        check_company=True,
        ondelete="restrict",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Contra-income: what of a sale is put aside for the points that it gave.",
    )
    revenue_account_id = fields.Many2one(
        "account.account",
        string="Revenue from Points",
        check_company=True,
        ondelete="restrict",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="What is released as points are redeemed, and as those that nobody will redeem are released with them.",
    )
    close_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of the Closes",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'general')]",
        help="Its entries should be secured by a hash, so that a posted close cannot be set back to draft.",
    )
    close_from = fields.Date(
        string="Books From", help="First day of the first period that is closed. Sales before it are not deferred."
    )
    estimate_ids = fields.One2many("club.estimate", "club_id")
    close_ids = fields.One2many("club.close", "club_id")

    @api.constrains(*ACCOUNTS)
    def _check_book_accounts(self):
        for club in self:
            account = club.liability_account_id
            if account and (account.reconcile or account.currency_id or account.tax_ids):
                raise ValidationError(
                    self.env._(
                        "The account %(account)s cannot carry the points of %(club)s: it must have no currency and no "
                        "taxes of its own, and must not be reconciled. Choose or make another one.",
                        account=account.display_name,
                        club=club.name,
                    )
                )
            chosen = [club[name] for name in ACCOUNTS if club[name]]
            if len(set(chosen)) < len(chosen):
                raise ValidationError(
                    self.env._(
                        "Liability, deferred revenue and revenue of the points of %(club)s need an account each.",
                        club=club.name,
                    )
                )

    def _get_period(self, day):
        """First and last day of the month of the club's calendar that a day lies in.

        :rtype: tuple[date, date]
        """
        self.ensure_one()
        first, after = periods.period_bounds("month", day, self.calendar)
        return first, fields.Date.subtract(after, days=1)

    def _get_book_gaps(self):
        """What is missing before this club's books can be closed, as sentences with the remedy; empty when ready.

        :rtype: list[str]
        """
        self.ensure_one()
        _ = self.env._
        gaps = [
            _("Choose the account: %(account)s.", account=self._fields[name]._description_string(self.env))
            for name in ACCOUNTS
            if not self[name]
        ]
        if not self.close_journal_id:
            gaps.append(_("Choose the journal of the closes."))
        if not self.close_from:
            gaps.append(_("Say from which day on the books are kept."))
        elif self._get_period(self.close_from)[0] != self.close_from:
            gaps.append(_("The books begin with a month: choose the first day of one."))
        elif not self._get_estimate(self.close_from):
            gaps.append(_("Let somebody approve an estimate of what a point is worth that is valid from then on."))
        return gaps

    def _get_estimate(self, day):
        """The approved estimate that is valid on a day, or none."""
        self.ensure_one()
        return self.env["club.estimate"].search(
            [("club_id", "=", self.id), ("state", "=", "approved"), ("date_from", "<=", day)],
            order="date_from desc, id desc",
            limit=1,
        )
