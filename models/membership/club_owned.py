"""What is set up for one club: its club, and by it the company and the currency."""

from odoo import fields, models


class ClubOwned(models.AbstractModel):
    """To be inherited by what a manager sets up for a club: rules, contests, prizes, partners."""

    _name = "club.owned"
    _inherit = "club.bounded"
    _description = "Belongs to a Club"

    club_id = fields.Many2one(
        "club.club",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1),
    )
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
