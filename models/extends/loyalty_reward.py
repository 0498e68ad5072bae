"""Rewards of a club's points program: the club's managers look after them, without rights on other programs."""

from odoo import api, models
from odoo.exceptions import AccessError

# What Odoo writes on a reward's discount product as well.
KEPT_ON_PRODUCT = {"description", "active"}


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

    @api.model_create_multi
    def create(self, vals_list):
        """The technical product of a reward is made by the system; only who may change products chooses one."""
        if not self._may_choose_product():
            vals_list = [{**vals, "discount_line_product_id": False} for vals in vals_list]
        return super().create(vals_list)

    @api.model
    def _may_choose_product(self):
        return self.env.su or self.env["product.product"].has_access("write")

    def write(self, vals):
        """Odoo writes the reward's discount product too, on which a club manager has no rights of their own.

        Only the two fields that it copies there are written by the system; commands on other records (the products
        that a discount is for) stay within the manager's own rights.
        """
        if self.env.su or not self or self - self.sudo()._club_rewards().with_env(self.env):
            return super().write(vals)
        self.check_access("write")
        if "discount_line_product_id" in vals and not self._may_choose_product():
            raise AccessError(
                self.env._("The technical product of a reward cannot be exchanged. Make another reward instead.")
            )
        kept = {name: value for name, value in vals.items() if name in KEPT_ON_PRODUCT}
        own = {name: value for name, value in vals.items() if name not in KEPT_ON_PRODUCT}
        if own:
            super().write(own)
        if kept:
            super(LoyaltyReward, self.sudo()).write(kept)
        self.check_access("write")  # also where it belongs now
        return True

    def _create_missing_discount_line_products(self):
        """The technical product of a club's reward is made by the system (see :meth:`write`)."""
        club_rewards = self._club_rewards()
        if club_rewards:
            super(LoyaltyReward, club_rewards.sudo())._create_missing_discount_line_products()
        if self - club_rewards:
            super(LoyaltyReward, self - club_rewards)._create_missing_discount_line_products()
