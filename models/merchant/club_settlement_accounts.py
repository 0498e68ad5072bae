"""The accounts, journals and taxes of settling with merchants: the club's, and a merchant's own where it differs."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

MONEY_GROUPS = "customer_club.group_club_manager,customer_club.group_club_accountant"


def make_tax_fields(table):
    """The three fields of taxes; Odoo wants a table of its own for each of several towards one model.

    :param str table: what their tables begin with.
    :return: (on commission and service, on points sold, of the merchant's goods)
    """
    return (
        fields.Many2many(
            "account.tax",
            f"{table}_settle_tax_rel",
            string="Taxes on Commission and Service",
            groups=MONEY_GROUPS,
            check_company=True,
            domain="[('type_tax_use', '=', 'sale')]",
            help="Commission and service are sold to the merchant.",
        ),
        fields.Many2many(
            "account.tax",
            f"{table}_settle_points_tax_rel",
            string="Taxes on Points Sold",
            groups=MONEY_GROUPS,
            check_company=True,
            domain="[('type_tax_use', '=', 'sale')]",
            help="Empty where points are multi-purpose vouchers: these are taxed when they are spent.",
        ),
        fields.Many2many(
            "account.tax",
            f"{table}_settle_cost_tax_rel",
            string="Taxes of the Merchant's Goods",
            groups=MONEY_GROUPS,
            check_company=True,
            domain="[('type_tax_use', '=', 'purchase')]",
            help="As a principal: the tax that the merchant charges you on the goods. A value is without this tax.",
        ),
    )


class ClubSettlementAccounts(models.AbstractModel):
    """To be inherited by ``club.club`` (for all its merchants) and ``club.merchant`` (where one differs).

    Read what is in force with ``merchant._get_settlement_account(name)``.
    """

    _name = "club.settlement.accounts"
    _description = "Accounts of Settling with Merchants"

    settle_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms of Merchants",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        help="When a merchant is paid, and pays. Empty: at once.",
    )
    settle_clearing_account_id = fields.Many2one(
        "account.account",
        string="Merchant Clearing",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]",
        help="As an agent: the bill is posted against it, and the close of the points moves their liability here. "
        "A current liability that can be reconciled.",
    )
    settle_cost_account_id = fields.Many2one(
        "account.account",
        string="Cost of Points",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="As a principal: what redeemed vouchers cost you.",
    )
    settle_commission_account_id = fields.Many2one(
        "account.account",
        string="Commission Income",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
    )
    settle_points_account_id = fields.Many2one(
        "account.account",
        string="Liability for Points Sold",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', '=', 'liability_current')]",
        help="Points that merchants give and pay for are owed to the members until these spend them.",
    )
    settle_service_account_id = fields.Many2one(
        "account.account",
        string="Service Income",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="What a merchant pays for points above their fair value. Empty: with the commission.",
    )

    @api.constrains("settle_clearing_account_id", "settle_points_account_id")
    def _check_settlement_accounts(self):
        for record in self.sudo():
            account = record.settle_clearing_account_id
            if account and not (account.account_type == "liability_current" and account.reconcile):
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot clear with merchants: choose a current liability that allows "
                        "reconciliation, or switch that on in the account.",
                        account=account.display_name,
                    )
                )
            account = record.settle_points_account_id
            if account and account.account_type != "liability_current":
                raise ValidationError(
                    self.env._(
                        "%(account)s is no current liability. Points sold to merchants are owed to the members: "
                        "choose a current liability.",
                        account=account.display_name,
                    )
                )
