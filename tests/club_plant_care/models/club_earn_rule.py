"""A condition: how long the plant has lived."""

from odoo import fields, models
from odoo.addons.customer_club.engine import earning


def _plant_age(value, event, history, context):
    age = event.values.get("plant_age", 0)
    return None if age >= value else earning.Why("plant_age", {"age": age, "least": value})


earning.register_condition("plant_age", _plant_age)


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    min_plant_age = fields.Integer(string="Least Age of the Plant (Years)")

    def _get_condition_values(self):
        return {**super()._get_condition_values(), "plant_age": self.min_plant_age or None}
