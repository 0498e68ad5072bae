"""The manager's home page: friends whose referral waits for a decision."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        held = dict(
            self.env["club.referral"]._read_group(
                [("club_id", "in", self.ids), ("state", "=", "held")], ["club_id"], ["__count"]
            )
        )
        for club, count in held.items():
            todos[club.id]["referrals"] = self.env._(
                "Referrals to decide: %(count)s", count=formatLang(self.env, count, digits=0)
            )
        return todos

    def _get_home_action(self, key):
        if key == "referrals":
            return self._prepare_home_action(
                self.env._("Referrals to Decide"),
                "club.referral",
                [("club_id", "=", self.id), ("state", "=", "held")],
            )
        return super()._get_home_action(key)
