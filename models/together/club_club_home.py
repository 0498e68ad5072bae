"""What the home page says about gifts and donations."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        held = dict(
            self.env["club.gift"]._read_group(
                [("club_id", "in", self.ids), ("state", "=", "held")], ["club_id"], ["__count"]
            )
        )
        owed = dict(
            self.env["club.donation"]._read_group(
                [("club_id", "in", self.ids), *self.env["club.donation"]._get_unpaid_domain()],
                ["club_id"],
                ["value:sum"],
            )
        )
        for club in self:
            if held.get(club):
                todos[club.id]["gifts_held"] = self.env._(
                    "Gifts that wait for a decision: %(count)s", count=formatLang(self.env, held[club], digits=0)
                )
            if owed.get(club):
                todos[club.id]["donations"] = self.env._(
                    "Donations to pay to their causes: %(money)s", money=club._show_money(owed[club])
                )
        return todos

    def _get_home_action(self, key):
        club = ("club_id", "=", self.id)
        if key == "gifts_held":
            return self._prepare_home_action(self.env._("Gifts to Decide"), "club.gift", [club, ("state", "=", "held")])
        if key == "donations":
            return self._prepare_home_action(
                self.env._("Donations to Pay"),
                "club.donation",
                [club, *self.env["club.donation"]._get_unpaid_domain()],
                group="cause_id",
            )
        return super()._get_home_action(key)
