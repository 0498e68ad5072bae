"""What the home page says about applications and settlements of partners."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        for key, (model, domain, _name) in self._get_partner_todos().items():
            if not self.env[model].has_access("read"):
                continue
            counts = dict(self.env[model]._read_group([("club_id", "in", self.ids), *domain], ["club_id"], ["__count"]))
            for club in self:
                if counts.get(club):
                    todos[club.id][key] = club._say_partner_todo(key, counts[club])
        return todos

    def _get_partner_todos(self):
        """By key: the model, the domain of what waits, and the name of its list."""
        return {
            "partner_applications": (
                "club.merchant.application",
                [("state", "=", "submitted")],
                self.env._("Applications to Decide"),
            ),
            "settlements": ("club.settlement", [("state", "=", "draft")], self.env._("Settlements to Confirm")),
            "settlement_disputes": (
                "club.settlement.dispute",
                [("state", "=", "open")],
                self.env._("Disputes to Decide"),
            ),
        }

    def _say_partner_todo(self, key, count):
        _ = self.env._
        return {
            "partner_applications": _("Applications of partners to decide: %(count)s", count=self._count_todo(count)),
            "settlements": _("Settlements with partners to confirm: %(count)s", count=self._count_todo(count)),
            "settlement_disputes": _("Disputes with partners to decide: %(count)s", count=self._count_todo(count)),
        }[key]

    def _count_todo(self, count):
        return formatLang(self.env, count, digits=0)

    def _get_home_action(self, key):
        found = self._get_partner_todos().get(key)
        if found:
            model, domain, name = found
            return self._prepare_home_action(name, model, [("club_id", "=", self.id), *domain])
        return super()._get_home_action(key)
