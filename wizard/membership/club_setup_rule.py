"""An earning rule on the pages of the setup wizard."""

from decimal import ROUND_HALF_UP, Decimal

from odoo import fields, models


class ClubSetupRule(models.TransientModel):
    _name = "club.setup.rule"
    _description = "Earning Rule in Setup"
    _inherit = "club.bounded"

    wizard_id = fields.Many2one("club.setup.wizard", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    name = fields.Char(required=True)
    event_type = fields.Selection(
        [("purchase", "A purchase"), ("join", "Joining")], string="For", default="purchase", required=True
    )
    formula = fields.Selection(
        [("per_amount", "Points for each full"), ("fixed", "Fixed points")], default="per_amount", required=True
    )
    points = fields.Float(digits=(16, 2), default=1.0)
    per_amount = fields.Monetary(string="For Each Full")
    min_amount = fields.Monetary(string="From an Amount of")
    tuesday = fields.Boolean(string="Tuesdays Only")
    max_days_to_pay = fields.Integer(string="If Paid Within (Days)")
    use_multiplier = fields.Boolean(string="Times the Tier", default=True)

    def _is_occasional(self):
        """Whether the rule holds for some purchases only."""
        self.ensure_one()
        return bool(self.tuesday or self.max_days_to_pay or self.min_amount > self.wizard_id.typical)

    def _get_points(self, amount, multiplier):
        """Points that a purchase of ``amount`` earns by this rule, in whole points as a new club counts them.

        :rtype: Decimal
        """
        self.ensure_one()
        amount, points = Decimal(str(amount)), Decimal(str(self.points))
        if Decimal(str(self.min_amount)) > amount:
            return Decimal(0)
        if self.formula == "per_amount":
            step = Decimal(str(self.per_amount or 0))
            points = points * (amount // step) if step > 0 else Decimal(0)
        return (points * Decimal(str(multiplier if self.use_multiplier else 1))).quantize(Decimal(1), ROUND_HALF_UP)

    def _prepare_values(self, club):
        """Values of the ``club.earn.rule``."""
        self.ensure_one()
        return {
            "club_id": club.id,
            **{
                name: self[name]
                for name in (
                    "name",
                    "event_type",
                    "formula",
                    "points",
                    "min_amount",
                    "tuesday",
                    "max_days_to_pay",
                    "use_multiplier",
                )
            },
            **({"per_amount": self.per_amount} if self.formula == "per_amount" else {}),
        }
