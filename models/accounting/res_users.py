"""Who reads a club's books without its people."""

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _sees_no_club_people(self):
        """Is this an auditor, and nothing in the club besides?"""
        return self.has_group("customer_club.group_club_auditor") and not self.has_group(
            "customer_club.group_club_user"
        )
