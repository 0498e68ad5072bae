"""The wallet that a club makes: its own club of money, product, account and program."""

from odoo import models
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.exceptions import UserError

from .club_club import _MINE, FOLLOWS


class ClubClub(models.Model):
    _inherit = "club.club"

    # -- making it -----------------------------------------------------------

    def _make_wallets(self):
        """Make the technical club with Odoo's eWallet, and the top-up product, for clubs that lack them.

        :raises UserError: the currency has more decimals than the ledger keeps.
        """
        for club in self.sudo():
            if club.currency_id.decimal_places > engine_wallet.MOST_DIGITS:
                raise UserError(
                    self.env._(
                        "%(club)s cannot have a wallet: the ledger keeps two decimals, and amounts in %(currency)s "
                        "have %(digits)s. Nothing was changed.",
                        club=club.name,
                        currency=club.currency_id.name,
                        digits=club.currency_id.decimal_places,
                    )
                )
            if not club.wallet_club_id:
                wallet = self.sudo().with_context(club_wallet=_MINE).create(club._prepare_wallet_values())
                club.with_context(club_wallet=_MINE).wallet_club_id = wallet
            if club.wallet_topup and not club.wallet_topup_product_id:
                club.wallet_topup_product_id = club.env["product.product"].create(club._prepare_topup_values())
        self._book_wallet_products()

    def _prepare_wallet_values(self):
        self.ensure_one()
        return {
            "name": self.env._("%(club)s: wallet", club=self.name),
            "kind": "wallet",
            "active": False,
            "sequence": self.sequence,
            "join_policy": "closed",
            "join_at_signup": False,
            "join_at_checkout": False,
            "point_name": self.currency_id.symbol or self.currency_id.name,
            "points_digits": self.currency_id.decimal_places,
            "expiry_policy": "never",
            "hold_days": 0,
            "adjust_limit": 0.0,  # money by hand always needs a second person
            **{name: self[name].id if name.endswith("_id") else self[name] for name in FOLLOWS},
        }

    def _prepare_topup_values(self):
        return {
            "name": self.env._("Top-up of the wallet of %(club)s", club=self.name),
            "type": "service",
            "invoice_policy": "order",
            "list_price": 50.0,
            "taxes_id": [(5,)],
            "purchase_ok": False,
            "company_id": self.company_id.id,
            "website_published": True,
        }

    def _book_wallet_products(self):
        """Let top-ups and payments with wallet money be booked as what is owed, not as income; without taxes.

        Of several purposes: what is bought with it is taxed when it is bought.
        """
        for club in self.sudo().filtered("wallet_club_id"):
            products = club.wallet_club_id.program_id.reward_ids.discount_line_product_id
            products |= club.wallet_topup_product_id
            products.taxes_id = [(5,)]
            if club.wallet_account_id:
                products.with_company(club.company_id).property_account_income_id = club.wallet_account_id

    def action_propose_wallet_account(self):
        """Take the company's wallet liability, or make one of the next free code.

        :raises UserError: the company has no chart of accounts yet.
        """
        self.ensure_one()
        self.check_access("write")
        Account = self.env["account.account"].with_company(self.company_id)
        name = self.env._("Customer Wallets")
        account = Account.search(
            [
                ("company_ids", "in", self.company_id.ids),
                ("account_type", "=", "liability_current"),
                ("reconcile", "=", False),
                ("name", "=", name),
            ],
            limit=1,
        )
        if not account:
            like = Account.search(
                [("company_ids", "in", self.company_id.ids), ("account_type", "=", "liability_current")],
                order="code",
                limit=1,
            )
            if not like:
                raise UserError(
                    self.env._(
                        "%(company)s has no chart of accounts yet. Install one under Accounting, then propose again.",
                        company=self.company_id.name,
                    )
                )
            account = Account.create(
                {
                    "name": name,
                    "code": Account._search_new_account_code(like.with_company(self.company_id).code),
                    "account_type": "liability_current",
                    "reconcile": False,
                    "company_ids": [(6, 0, self.company_id.ids)],
                }
            )
        self.wallet_account_id = account
        return True
