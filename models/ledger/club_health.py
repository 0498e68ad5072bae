"""The health page of the ledger."""

from odoo import models


class ClubHealth(models.TransientModel):
    _name = "club.health"
    _description = "Ledger Health"
