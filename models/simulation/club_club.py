"""What simulations ask of a club."""

from odoo import fields, models


class ClubClub(models.Model):
    _inherit = "club.club"

    simulation_ids = fields.One2many("club.simulation", "club_id")

    def _get_cheapest_reward(self):
        """Points of the cheapest reward or prize that has a price of its own; 0.0 where points buy discounts only.

        A discount for each point has no price: one point is enough.
        """
        self.ensure_one()
        rewards = self.sudo().reward_ids.filtered(
            lambda reward: (
                reward.active and not (reward.reward_type == "discount" and reward.discount_mode == "per_point")
            )
        )
        prizes = self.env["club.prize"].sudo().search([("club_id", "=", self.id), ("points", ">", 0)])
        return min([*rewards.mapped("required_points"), *prizes.mapped("points")], default=0.0)

    def _get_point_cost(self):
        """What a point given is expected to cost: its worth as a discount times the share that will be spent.

        :rtype: float, in the company's currency
        """
        self.ensure_one()
        estimate = self.sudo()._get_estimate(self._get_today())
        return self._point_worth() * (estimate.rate if estimate else 1.0)
