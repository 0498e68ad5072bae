"""Setting up the books of a club: accounts and journal proposed from the chart, and what is missing until the first
close.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .club_club import ACCOUNTS

#: By field: the type of the account that is proposed.
PROPOSED = {
    "liability_account_id": "liability_current",
    "deferral_account_id": "income",
    "revenue_account_id": "income",
}


class ClubClub(models.Model):
    _inherit = "club.club"

    cashback_account_id = fields.Many2one(
        "account.account",
        string="Cost of Cashback",
        check_company=True,
        ondelete="restrict",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="What wallet money costs that rules or staff give to members.",
    )
    book_checklist = fields.Html(
        string="Checklist", compute="_compute_book_checklist", compute_sudo=True, sanitize=False
    )

    @api.depends(*ACCOUNTS, "close_journal_id", "close_from", "cashback_account_id", "estimate_ids.state", "close_ids")
    @api.depends_context("lang")
    def _compute_book_checklist(self):
        for club in self:
            club.book_checklist = self.env["ir.qweb"]._render(
                "customer_club.club_book_checklist", {"steps": club._get_book_steps()}
            )

    @api.constrains(*ACCOUNTS, "cashback_account_id", "close_journal_id")
    def _check_book_archived(self):
        """What is archived takes no postings."""
        for club in self:
            chosen = [club[name] for name in (*ACCOUNTS, "cashback_account_id", "close_journal_id")]
            for record in chosen:
                if record and not record.active:
                    raise ValidationError(
                        self.env._(
                            "%(account)s is archived, so the books of %(club)s cannot use it. Restore it, or choose "
                            "another one.",
                            account=record.display_name,
                            club=club.name,
                        )
                    )

    # -- actions -------------------------------------------------------------

    def action_propose_books(self):
        """Fill what is empty: accounts of the chart that this addon made before, else new ones with free codes; a
        journal whose entries are secured by a hash. What is chosen already stays.

        :raises AccessError: the user may not change the club, or make accounts where some are missing.
        :raises UserError: the company has no chart of accounts.
        """
        self.ensure_one()
        self.check_access("write")
        # A liability account is one club's, so that it ties out.
        others = self.sudo().with_context(active_test=False).search([("id", "!=", self.id)])
        taken = others.liability_account_id.union(*(self[name] for name in ACCOUNTS))
        for name, kind in PROPOSED.items():
            if not self[name]:
                self[name] = self._propose_account(name, kind, taken)
                taken |= self[name]
        if not self.close_journal_id:
            self.close_journal_id = self._propose_journal()
        if not self.close_from:
            self.close_from = self._get_period(self._get_today())[0]
        return True

    # -- helpers -------------------------------------------------------------

    def _propose_account(self, field, kind, taken):
        """An account of the field's own name, or a new one beside the first of its type."""
        Account = self.env["account.account"].with_company(self.company_id)
        name = self._fields[field]._description_string(self.env)
        ours = [
            ("company_ids", "in", self.company_id.ids),
            ("account_type", "=", kind),
            ("reconcile", "=", False),
            ("id", "not in", taken.ids),
        ]
        found = Account.search([*ours, ("name", "=", name)], limit=1)
        if found and not (found.currency_id or found.tax_ids):
            return found
        like = Account.search(
            [("company_ids", "in", self.company_id.ids), ("account_type", "=", kind)], order="code", limit=1
        )
        if not like:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet. Install one under Accounting, then propose again.",
                    company=self.company_id.name,
                )
            )
        return Account.create(
            {
                "name": name,
                "code": Account._search_new_account_code(like.with_company(self.company_id).code),
                "account_type": kind,
                "reconcile": False,
                "tax_ids": [(5,)],
                "company_ids": [(6, 0, self.company_id.ids)],
            }
        )

    def _propose_journal(self):
        """A general journal with a hash that an earlier proposal made for this company, or a new one."""
        Journal = self.env["account.journal"].with_company(self.company_id)
        name = self.env._("Points of Members")
        found = Journal.search(
            [
                ("company_id", "=", self.company_id.id),
                ("type", "=", "general"),
                ("name", "=", name),
                ("restrict_mode_hash_table", "=", True),
            ],
            limit=1,
        )
        if found:
            return found
        used = Journal.with_context(active_test=False).search([("company_id", "=", self.company_id.id)])
        codes = set(used.mapped("code"))
        code = next(code for code in ("PTS", *(f"PT{number}" for number in range(1, 1000))) if code not in codes)
        return Journal.create(
            {
                "name": name,
                "code": code,
                "type": "general",
                "company_id": self.company_id.id,
                "restrict_mode_hash_table": True,
            }
        )

    def _get_book_gaps(self):
        """A wallet has no points, so no books of its own; an archived account or journal is a gap."""
        if self.kind == "wallet":
            return [
                self.env._(
                    "%(club)s is a wallet: its money is closed with the books of the club that it belongs to.",
                    club=self.name,
                )
            ]
        archived = [self[name] for name in (*ACCOUNTS, "close_journal_id") if self[name] and not self[name].active]
        return super()._get_book_gaps() + [
            self.env._("%(account)s is archived. Restore it, or choose another one.", account=record.display_name)
            for record in archived
        ]

    def _get_book_warnings(self):
        """What does not stop a close, but an accountant should know; sentences.

        :rtype: list[str]
        """
        self.ensure_one()
        if not self.close_journal_id or self.close_journal_id.restrict_mode_hash_table:
            return []
        return [
            self.env._(
                "The journal %(journal)s does not secure its entries by a hash, so a posted close could be set back "
                "to draft. Switch on “Secure Posted Entries with Hash” in the journal.",
                journal=self.close_journal_id.display_name,
            )
        ]

    def _get_book_steps(self):
        """The checklist: what is done, what is missing, what to know, and the first close.

        :return: dicts of ``state`` (``done``, ``todo``, ``warning``) and ``words``.
        """
        self.ensure_one()
        _ = self.env._
        if not self.id and not self._origin:
            return []
        gaps = self._get_book_gaps()
        steps = [{"state": "todo", "words": words} for words in gaps]
        if all(self[name] for name in ACCOUNTS):
            steps.append({"state": "done", "words": _("The accounts are chosen.")})
        if self.close_journal_id:
            steps.append({"state": "done", "words": _("The journal is chosen.")})
        steps += [{"state": "warning", "words": words} for words in self._get_book_warnings()]
        if not gaps:
            steps.append({"state": "done", "words": _("An estimate of what a point is worth is approved.")})
            last = self.env["club.close"]._get_last(self._origin or self)
            words = (
                _("Closed until %(day)s.", day=self._show_day(last.date_to))
                if last
                else _("Ready: look at the preview of the first month under Books, and post it.")
            )
            steps.append({"state": "done" if last else "todo", "words": words})
        return steps

    def _get_point_fair_value(self, day):
        """What the approved estimate of the day says; before there is one, what is typed in for settlements."""
        estimate = self.sudo()._get_estimate(day)
        return estimate.point_value * estimate.rate if estimate else super()._get_point_fair_value(day)
