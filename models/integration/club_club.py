"""What partners wait for: a line on the manager's home page."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        held = self.env["club.merchant.purchase"]._read_group(
            [("club_id", "in", self.ids), ("state", "=", "held")], ["club_id"], ["__count"]
        )
        for club, count in held:
            todos[club.id]["merchant_held"] = self.env._(
                "Purchases at partners that wait for a decision: %(count)s",
                count=formatLang(self.env, count, digits=0),
            )
        return todos

    def _get_home_action(self, key):
        if key == "merchant_held":
            domain = [("club_id", "=", self.id), ("state", "=", "held")]
            return self._prepare_home_action(
                self.env._("Purchases That Wait for a Decision"), "club.merchant.purchase", domain
            )
        return super()._get_home_action(key)
