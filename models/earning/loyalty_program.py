"""Products that stand for money: buying them earns nothing, spending them would earn twice."""

from odoo import api, models
from odoo.tools import ormcache


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    @api.model
    @ormcache()
    def _get_club_excluded_products(self):
        """Ids of products that never earn: gift cards, wallet top-ups, delivery. Cached.

        :rtype: frozenset[int]
        """
        programs = (
            self.sudo().with_context(active_test=False).search([("program_type", "in", ("gift_card", "ewallet"))])
        )
        carriers = self.env["delivery.carrier"].sudo().with_context(active_test=False).search([])
        return frozenset(programs.rule_ids.product_ids.ids + carriers.product_id.ids)

    def write(self, vals):
        result = super().write(vals)
        if "program_type" in vals:
            self.env.registry.clear_cache()
        return result


class LoyaltyRule(models.Model):
    _inherit = "loyalty.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        if any(rule.product_ids for rule in rules):
            self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if "product_ids" in vals:
            self.env.registry.clear_cache()
        return result
