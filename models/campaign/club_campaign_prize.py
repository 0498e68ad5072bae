"""A campaign that gives a prize of the catalogue: a redemption that costs the member nothing, with stock and cost."""

from odoo import models
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.addons.customer_club.models.prize.club_redemption_state import UNDONE


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _get_unit(self):
        points, money = super()._get_unit()
        if self.action == "prize":
            money += to_decimal(self.prize_id.sudo()._get_unit_cost())
        return points, money

    def _keep_in_stock(self, targets):
        """Those of these for whom something is left of the prize, which is locked until they have it (abuse 22)."""
        costly = targets.filtered(lambda target: not target.step_id)
        if self.action != "prize" or not costly:
            return targets
        prize = self.prize_id.sudo()
        prize._lock()
        left = prize._get_left() if prize.active else 0
        if left is None or len(costly) <= left:
            return targets
        beyond = costly[max(0, left) :]
        beyond._note(state="skipped", reason="stock")
        return targets - beyond

    def _give(self, targets):
        res = super()._give(targets)
        if self.action == "prize" and targets:
            self._give_prizes(targets)
        return res

    def _give_prizes(self, targets):
        """A redemption for each row, under a key that names its time in the campaign, so each comes once."""
        for period, rows in targets.grouped("period").items():
            members = rows.member_id
            redemptions = self.prize_id.sudo()._award(members, self, f"club.campaign,{self.id}:{period}")
            by_member = {redemption.member_id: redemption for redemption in redemptions}
            for row in rows:
                row._note(redemption_id=by_member[row.member_id].id)

    def _get_given_prizes_domain(self):
        """Redemptions of this campaign that were not undone."""
        self.ensure_one()
        return [
            ("prize_id", "=", self.prize_id.id),
            ("origin_model", "=", self._name),
            ("origin_id", "=", self.id),
            ("state", "not in", UNDONE),
        ]

    def _read_prize_cost(self):
        """How many prizes were given and stayed, and what they cost the shop, in company currency."""
        if not self.prize_id:
            return 0, 0.0
        [(count, cost)] = (
            self.env["club.redemption"]
            .sudo()
            ._read_group(self._get_given_prizes_domain(), [], ["__count", "unit_cost:sum"])
        )
        return count, cost or 0.0
