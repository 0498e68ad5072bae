"""What is set up for one club: its club, and by it the company and the currency."""

from odoo import fields, models


class ClubOwned(models.AbstractModel):
    """To be inherited by what a manager sets up for a club: rules, contests, prizes, partners."""

    _name = "club.owned"
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

    def write(self, vals):
        """Nobody gives what is theirs to a club of others: rights are asked where it was, so here where it is now."""
        result = super().write(vals)
        if "club_id" in vals:
            self.check_access("write")
        return result
