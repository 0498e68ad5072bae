from odoo import fields, models


class ClubIntegration(models.Model):
    """A merchant's own till may redeem its vouchers."""

    _inherit = "club.integration"

    allow_redeem = fields.Boolean(
        string="Redeem Vouchers", tracking=True, help="Vouchers of its own merchants; and undo that in time."
    )
