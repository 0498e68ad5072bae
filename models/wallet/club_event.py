"""What a fact brought: points are not added to money."""

from odoo import models


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _compute_points(self):
        """Points only; the money that a rule gave for the same fact stands in the wallet."""
        wallets = self.env["club.club"]._get_wallet_club_ids()
        if not wallets:
            return super()._compute_points()
        points = dict(
            self.env["club.point.entry"]._read_group(
                [
                    ("event_id", "in", self.ids),
                    ("kind", "in", ("earn", "reverse")),
                    ("club_id", "not in", list(wallets)),
                ],
                ["event_id"],
                ["points:sum"],
            )
        )
        for event in self:
            event.points = points.get(event, 0.0)
        return None
