"""A merchant's agreement about money: the role, the commission, the accounts, and what is missing before it is paid."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .club_club_settlement import PERIODS, ROLES
from .club_settlement_accounts import MONEY_GROUPS, make_tax_fields


class ClubMerchant(models.Model):
    _name = "club.merchant"
    _inherit = ["club.merchant", "club.settlement.accounts"]

    settle_role = fields.Selection(
        ROLES,
        string="Your Role",
        compute="_compute_settlement_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=MONEY_GROUPS,
        tracking=True,
        help="An agent earns the commission only; a principal has the whole value as revenue and as cost.",
    )
    settle_commission = fields.Float(
        string="Commission (%)",
        digits=(5, 2),
        compute="_compute_settlement_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=MONEY_GROUPS,
        tracking=True,
        help="Of each redeemed voucher's value.",
    )
    settle_fee = fields.Monetary(
        string="Fee per Voucher",
        compute="_compute_settlement_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=MONEY_GROUPS,
        tracking=True,
    )
    settle_issue_price = fields.Float(
        string="Price of a Point Given",
        digits=(16, 6),
        compute="_compute_settlement_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=MONEY_GROUPS,
        tracking=True,
        help="What the merchant pays for each point that its purchases earn, without taxes. 0: you pay for them.",
    )
    settle_period = fields.Selection(
        PERIODS,
        string="Settled Every",
        compute="_compute_settlement_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=MONEY_GROUPS,
    )
    settle_tax_ids, settle_points_tax_ids, settle_cost_tax_ids = make_tax_fields("club_merchant")
    settle_gaps = fields.Text(
        string="Missing Before the First Settlement", compute="_compute_settle_gaps", groups=MONEY_GROUPS
    )
    account_partner_ids = fields.Many2many(
        "res.partner",
        "club_merchant_account_partner_rel",
        string="May See Statements",
        help="People who are no contacts of the company: with a portal account they see its statements too.",
    )

    @api.depends("club_id")
    def _compute_settlement_terms(self):
        """A new merchant begins with the club's terms; they are its own from then on."""
        for merchant in self:
            if merchant.settle_role:
                continue
            club = merchant.club_id.sudo()
            merchant.settle_role = club.settle_role or "agent"
            merchant.settle_commission = club.settle_commission
            merchant.settle_fee = club.settle_fee
            merchant.settle_issue_price = club.settle_issue_price
            merchant.settle_period = club.settle_period or "month"

    @api.depends_context("lang")
    def _compute_settle_gaps(self):
        for merchant in self:
            merchant.settle_gaps = "\n".join(merchant._get_settlement_gaps())

    @api.constrains("settle_commission", "settle_fee", "settle_issue_price")
    def _check_settlement_terms(self):
        for merchant in self.sudo():
            if not 0 <= merchant.settle_commission <= 100:
                raise ValidationError(
                    self.env._("The commission of %(name)s lies from 0 to 100 percent.", name=merchant.name)
                )
            if min(merchant.settle_fee, merchant.settle_issue_price) < 0:
                raise ValidationError(
                    self.env._("Fees and prices that %(name)s pays cannot be negative.", name=merchant.name)
                )

    # -- what is in force ----------------------------------------------------

    def _get_settlement_account(self, name):
        """An account, tax or term by its field's name: the merchant's own, else its club's."""
        self.ensure_one()
        merchant = self.sudo()
        return merchant[name] or merchant.club_id[name]

    def _get_settlement_gaps(self):
        """What is missing before this merchant can be settled with, a sentence each with the remedy.

        :rtype: list[str]
        """
        self.ensure_one()
        merchant = self.sudo()
        club = merchant.club_id
        _ = self.env._
        gaps = []
        if not club.settle_bill_journal_id:
            gaps.append(_("Choose the journal of merchants' bills in the settings of %(club)s.", club=club.name))
        if merchant.settle_role == "principal":
            if not merchant._get_settlement_account("settle_cost_account_id"):
                gaps.append(_("Choose the account for the cost of points, of the merchant or of the club."))
        elif not merchant._get_settlement_account("settle_clearing_account_id"):
            gaps.append(_("Choose the clearing account, of the merchant or of the club."))
        if merchant.settle_commission or merchant.settle_fee or merchant.settle_issue_price:
            if not club.settle_invoice_journal_id:
                gaps.append(
                    _("Choose the journal of invoices to merchants in the settings of %(club)s.", club=club.name)
                )
            if not merchant._get_settlement_account("settle_commission_account_id"):
                gaps.append(_("Choose the account for commission income, of the merchant or of the club."))
        if merchant.settle_issue_price:
            if not merchant._get_settlement_account("settle_points_account_id"):
                gaps.append(_("Choose the liability account for points sold, of the merchant or of the club."))
            if not club._get_point_fair_value(club._get_today()):
                gaps.append(_("Write the fair value of a point in the settings of %(club)s.", club=club.name))
        return gaps + merchant._get_currency_gaps()

    def _get_currency_gaps(self):
        """Journals in another currency than the club's: amounts are owed in the club's currency."""
        club = self.club_id
        return [
            self.env._(
                "The journal %(journal)s is in %(other)s, but merchants are settled with in %(currency)s. "
                "Choose a journal without a currency of its own.",
                journal=journal.name,
                other=journal.currency_id.name,
                currency=club.currency_id.name,
            )
            for journal in club.settle_bill_journal_id | club.settle_invoice_journal_id
            if journal.currency_id and journal.currency_id != club.currency_id
        ]

    # -- whose account -------------------------------------------------------

    @api.model
    def _get_account_domain(self, user):
        """The merchants whose statements ``user`` may see: of its company, and those that name it."""
        partner = user.partner_id
        return Domain("account_partner_ids", "in", partner.ids) | Domain(
            "partner_id", "in", (partner | partner.commercial_partner_id).ids
        )
