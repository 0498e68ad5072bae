"""Rewards of a club's points program: the club's managers look after them, without rights on other programs."""

from odoo import api, models


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    @api.model
    def default_get(self, fields):
        """From the club's own menu a new reward belongs to the (first) club."""
        values = super().default_get(fields)
        if self.env.context.get("club_reward") and "program_id" in fields and not values.get("program_id"):
            club = self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1)
            values["program_id"] = club.program_id.id
        return values

    def _club_rewards(self):
        """Those of these rewards that a club's points buy."""
        programs = self.env["loyalty.program"]._get_club_program_ids()
        return self.filtered(lambda reward: reward.program_id.id in programs)

    def write(self, vals):
        """Odoo writes the reward's discount product too, on which a club manager has no rights of their own."""
        if self.env.su or not self or self - self.sudo()._club_rewards().with_env(self.env):
            return super().write(vals)
        self.check_access("write")
        result = super(LoyaltyReward, self.sudo()).write(vals)
        self.check_access("write")  # also where it belongs now
        return result

    def _create_missing_discount_line_products(self):
        """The technical product of a club's reward is made by the system (see :meth:`write`)."""
        club_rewards = self._club_rewards()
        if club_rewards:
            super(LoyaltyReward, club_rewards.sudo())._create_missing_discount_line_products()
        if self - club_rewards:
            super(LoyaltyReward, self - club_rewards)._create_missing_discount_line_products()
