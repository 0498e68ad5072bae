"""Odoo's wizard that makes cards with points: not for a club."""

from odoo import models
from odoo.exceptions import UserError


class LoyaltyGenerateWizard(models.TransientModel):
    _inherit = "loyalty.generate.wizard"

    def generate_coupons(self):
        """Refuse on a club's program: its cards come with membership, its points from the ledger."""
        for program in self.program_id._filter_club_programs():
            raise UserError(
                self.env._(
                    "%(program)s belongs to the club %(club)s: cards are made by enrolling members (contacts, "
                    "Action, Enrol in Club), "
                    "and points are given by an adjustment on the member. Nothing was generated.",
                    program=program.name,
                    club=program.sudo().club_ids[:1].name,
                )
            )
        return super().generate_coupons()
