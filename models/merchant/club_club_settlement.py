"""How a club settles with its merchants, unless one has terms of its own."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .club_settlement_accounts import MONEY_GROUPS, make_tax_fields

ROLES = [("agent", "Agent: members buy from the merchant"), ("principal", "Principal: members buy from you")]
PERIODS = [("week", "Week"), ("month", "Month"), ("quarter", "Quarter")]


class ClubClub(models.Model):
    _name = "club.club"
    _inherit = ["club.club", "club.settlement.accounts"]

    partner_apply = fields.Boolean(
        string="Merchants May Apply", help="Businesses can ask on your website to become partners of the club."
    )
    partner_terms = fields.Html(
        string="Terms for Partners", translate=True, sanitize=True, help="What an applicant accepts."
    )
    partner_applications_day = fields.Integer(
        string="Applications per Address and Day",
        default=5,
        help="More from one network address within a day are refused: robots.",
    )
    settle_role = fields.Selection(
        ROLES,
        string="Your Role",
        default="agent",
        required=True,
        groups=MONEY_GROUPS,
        help="An agent earns the commission only; a principal has the whole value as revenue and as cost.",
    )
    settle_commission = fields.Float(string="Commission (%)", digits=(5, 2), groups=MONEY_GROUPS)
    settle_fee = fields.Monetary(string="Fee per Voucher", groups=MONEY_GROUPS)
    settle_issue_price = fields.Float(
        string="Price of a Point Given",
        digits=(16, 6),
        groups=MONEY_GROUPS,
        help="What a merchant pays you for each point that it gives, without taxes. 0: you pay for the points.",
    )
    settle_period = fields.Selection(
        PERIODS, string="Settled Every", default="month", required=True, groups=MONEY_GROUPS
    )
    settle_dispute_days = fields.Integer(
        string="Days to Dispute", default=30, help="After a voucher was redeemed, or the statement sent."
    )
    settle_point_value = fields.Float(
        string="Fair Value of a Point",
        digits=(16, 6),
        groups=MONEY_GROUPS,
        help="Without taxes, and times the share of points that is ever spent. Of what a merchant pays for points this "
        "part is owed to the members.",
    )
    settle_bill_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Merchants' Bills",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'purchase')]",
    )
    settle_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Invoices to Merchants",
        groups=MONEY_GROUPS,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'sale')]",
    )

    settle_tax_ids, settle_points_tax_ids, settle_cost_tax_ids = make_tax_fields("club_club")

    @api.constrains("settle_commission", "settle_fee", "settle_issue_price", "settle_point_value")
    def _check_settlement_terms(self):
        for club in self.sudo():
            if not 0 <= club.settle_commission <= 100:
                raise ValidationError(
                    self.env._("The commission of %(name)s lies from 0 to 100 percent.", name=club.name)
                )
            if min(club.settle_fee, club.settle_issue_price, club.settle_point_value) < 0:
                raise ValidationError(
                    self.env._("Fees and prices that %(name)s asks of merchants cannot be negative.", name=club.name)
                )

    @api.constrains("settle_dispute_days", "partner_applications_day")
    def _check_partner_limits(self):
        for club in self:
            if club.settle_dispute_days < 0 or club.partner_applications_day < 1:
                raise ValidationError(
                    self.env._(
                        "%(club)s: days to dispute cannot be negative, and at least one application a day must be "
                        "possible. Switch applications off instead.",
                        club=club.name,
                    )
                )

    def _get_point_fair_value(self, day):
        """What a point is worth on a day, net of tax and times the expected redemption, in the club's currency.

        Where the books keep estimates they override this.

        :rtype: float
        """
        self.ensure_one()
        return self.sudo().settle_point_value
