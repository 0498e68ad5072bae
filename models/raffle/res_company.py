"""Where law forbids raffles, a company switches them off."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    club_raffles = fields.Boolean(
        string="Raffles",
        default=True,
        help="Off: nothing can be opened or entered, and no page of a raffle is shown. Many countries license raffles "
        "for points or money, or ask for a free way to enter: ask a lawyer.",
    )
