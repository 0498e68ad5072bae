from odoo import fields, models


class ClubMerchantPurchase(models.Model):
    """A purchase says whether the member was there with a code."""

    _inherit = "club.merchant.purchase"

    token_ids = fields.One2many(
        "club.member.token", "purchase_id", string="Member's Code", readonly=True, help="The proof, if there is one."
    )
