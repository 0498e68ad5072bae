"""A club keeps its members' behaviour up to date."""

from odoo import fields, models


class ClubClub(models.Model):
    _inherit = "club.club"

    behaviour_cuts = fields.Json(
        readonly=True, copy=False, help="Where the quintiles begin: days and sums of this club."
    )

    def _refresh_behaviour(self, members=None):
        """Rebuild the behaviour of ``members`` of these clubs, default all of them; a few statements per 10,000."""
