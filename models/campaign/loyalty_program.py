"""Coupon programs that a campaign makes for each member's own favourite product."""

from odoo import fields, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    club_campaign_id = fields.Many2one(
        "club.campaign", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    club_campaign_product_id = fields.Many2one("product.product", readonly=True, copy=False, ondelete="restrict")

    _club_campaign_unique = models.UniqueIndex(
        "(club_campaign_id, club_campaign_product_id) WHERE club_campaign_id IS NOT NULL",
        "A campaign has one coupon program for each product.",
    )
