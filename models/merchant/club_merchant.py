"""Who may stand at a merchant's counter, and what the merchant offers."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class ClubMerchant(models.Model):
    _inherit = "club.merchant"

    user_ids = fields.Many2many(
        "res.users",
        "club_merchant_user_rel",
        string="May Redeem",
        help="Portal users who redeem vouchers on their phone and see this merchant's day. Nobody else can.",
    )
    token_required = fields.Boolean(
        string="Member's Code Needed",
        tracking=True,
        help="What this merchant's own system reports needs the short-lived code of the member as proof. "
        "On the phone page it is always needed.",
    )
    most_value_day = fields.Monetary(
        string="Most Redeemed per Day",
        tracking=True,
        help="More is refused at the counter until the next day in the club's time zone: it caps what could be "
        "redeemed without goods. 0: no limit.",
    )
    offer_ids = fields.One2many("club.merchant.offer", "merchant_id", string="Offers")
    voucher_ids = fields.One2many("club.voucher", "merchant_id", string="Vouchers")
    offer_count = fields.Integer(compute="_compute_vouchers")
    voucher_count = fields.Integer(compute="_compute_vouchers")

    _most_value_valid = models.Constraint("CHECK(most_value_day >= 0)", "A limit cannot be negative.")

    # -- computes ------------------------------------------------------------

    def _compute_vouchers(self):
        offers = dict(
            self.env["club.merchant.offer"]._read_group([("merchant_id", "in", self.ids)], ["merchant_id"], ["__count"])
        )
        vouchers = dict(
            self.env["club.voucher"]._read_group([("merchant_id", "in", self.ids)], ["merchant_id"], ["__count"])
        )
        for merchant in self:
            merchant.offer_count = offers.get(merchant, 0)
            merchant.voucher_count = vouchers.get(merchant, 0)

    # -- constrains ----------------------------------------------------------

    @api.constrains("user_ids", "company_id")
    def _check_users(self):
        for merchant in self:
            foreign = merchant.sudo().user_ids.filtered(
                lambda user, merchant=merchant: merchant.company_id not in user.company_ids
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(user)s has no access to %(company)s, so cannot redeem at %(merchant)s. Allow the company "
                        "on the user, or choose another one.",
                        user=foreign[0].name,
                        company=merchant.company_id.name,
                        merchant=merchant.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    def write(self, vals):
        if "club_id" in vals:
            bound = self.sudo().filtered(lambda merchant: merchant.club_id.id != vals["club_id"] and merchant.offer_ids)
            if bound:
                raise UserError(
                    self.env._(
                        "%(merchant)s has offers, so its club stays. Archive it and make another merchant.",
                        merchant=bound[0].name,
                    )
                )
        return super().write(vals)

    # -- actions -------------------------------------------------------------

    def action_view_offers(self):
        """Open the offers of this merchant."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_merchant_offer_action")
        return {**action, "domain": [("merchant_id", "=", self.id)], "context": {"default_merchant_id": self.id}}

    def action_view_vouchers(self):
        """Open the vouchers of this merchant."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_voucher_action")
        return {**action, "domain": [("merchant_id", "=", self.id)], "context": {}}

    # -- business ------------------------------------------------------------

    @api.model
    def _get_desk_domain(self, user):
        """The merchants at whose counter ``user`` may stand, suspended ones too (their page says so)."""
        return Domain("user_ids", "in", user.ids) & Domain("club_id.active", "=", True)

    def _is_open(self):
        """Whether offers of this merchant are sold and its vouchers redeemed."""
        self.ensure_one()
        return self.active and self.state == "active" and self.club_id.active

    def _check_most_value(self, value):
        """Refuse to redeem more than the merchant may in a day (abuse 12); two at one moment follow one another.

        :raises UserError: with the limit and what to do
        """
        self.ensure_one()
        if not self.most_value_day:
            return
        self._lock(always=True)
        if self.currency_id.compare_amounts(self._get_desk_day()["total"] + value, self.most_value_day) > 0:
            raise UserError(
                self.env._(
                    "%(merchant)s may redeem at most %(amount)s a day, and this would be more. Nothing was redeemed: "
                    "ask the club to raise the limit, or redeem it tomorrow.",
                    merchant=self.name,
                    amount=self.club_id._show_money(self.most_value_day),
                )
            )

    def _is_own(self, partner):
        """Who stands at the counter is one of the merchant's people too (abuse 12)."""
        return partner in self.sudo().user_ids.partner_id or super()._is_own(partner)
