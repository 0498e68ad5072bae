"""Prizes on a member's pages, and what a member can have."""

from odoo import models
from odoo.fields import Domain
from odoo.tools import float_compare

REDEMPTIONS, PRIZES = 20, 60


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- what can be had -----------------------------------------------------------------------------

    def _get_prize_domain(self, *channels):
        """Prizes of the member's club that are chosen in these places."""
        self.ensure_one()
        return Domain("club_id", "=", self.club_id.id) & Domain("channel", "in", channels)

    def _get_affordable_prizes(self):
        """The prizes that the member can choose at the counter now, with the reader's rights."""
        self.ensure_one()
        Prize = self.env["club.prize"]
        prizes = Prize.search(self._get_prize_domain("portal", "counter"), limit=500)._filter_for_member(self)
        lefts, chosen = prizes._get_lefts(), prizes._count_chosen_by(self)
        return prizes.filtered(
            lambda prize: (
                (lefts[prize.id] is None or lefts[prize.id] > 0)
                and (not prize.limit_count or chosen[prize.id] < prize.limit_count)
                and float_compare(prize.points, self.balance, precision_digits=2) <= 0
            )
        )

    def action_open_redeem(self):
        """Redeem a prize at the counter."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Redeem a Prize"),
            "res_model": "club.redeem.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }
