"""A reward on the pages of the setup wizard."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError


class ClubSetupReward(models.TransientModel):
    _name = "club.setup.reward"
    _description = "Reward in Setup"
    _inherit = "club.bounded"

    wizard_id = fields.Many2one("club.setup.wizard", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    kind = fields.Selection(
        [
            ("per_point", "Pay with points"),
            ("money", "A fixed discount"),
            ("percent", "A percentage off"),
            ("product", "A free product"),
        ],
        required=True,
        default="per_point",
    )
    points = fields.Float(string="Costs Points", digits=(16, 2), default=1.0)
    amount = fields.Monetary(string="Discount")
    percent = fields.Float(string="Percent Off", digits=(6, 2))
    product_id = fields.Many2one("product.product", domain="[('type', '!=', 'combo')]")

    def _get_worth(self):
        """What one point buys by this reward, as money; a percentage is counted on a typical purchase.

        :rtype: Decimal
        """
        self.ensure_one()
        points = Decimal(str(self.points or 1))
        worths = {
            "per_point": lambda: Decimal(str(self.wizard_id.point_value)),
            "money": lambda: Decimal(str(self.amount)) / points,
            "percent": lambda: Decimal(str(self.percent)) / 100 * Decimal(str(self.wizard_id.typical)) / points,
            "product": lambda: Decimal(str(self.product_id.standard_price or self.product_id.lst_price)) / points,
        }
        return worths[self.kind]()

    def _prepare_values(self):
        """Values of the ``loyalty.reward``.

        :raise UserError: a free product without a product
        """
        self.ensure_one()
        if self.kind == "product":
            if not self.product_id:
                raise UserError(self.env._("Choose the product that is given for free, or another kind of reward."))
            return {"reward_type": "product", "reward_product_id": self.product_id.id, "required_points": self.points}
        values = {"reward_type": "discount", "discount_applicability": "order"}
        if self.kind == "per_point":
            return dict(values, discount_mode="per_point", discount=self.wizard_id.point_value, required_points=1)
        if self.kind == "money":
            return dict(values, discount_mode="per_order", discount=self.amount, required_points=self.points)
        return dict(values, discount_mode="percent", discount=self.percent, required_points=self.points)
