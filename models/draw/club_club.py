"""What the home page says about draws."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        waiting = dict(
            self.env["club.draw.play"]._read_group(
                [("club_id", "in", self.ids), *self._get_late_plays_domain()], ["club_id"], ["__count"]
            )
        )
        for club in self:
            if waiting.get(club):
                todos[club.id]["draw_prizes"] = self.env._(
                    "Prizes of draws that could not be given yet: %(count)s",
                    count=formatLang(self.env, waiting[club], digits=0),
                )
        return todos

    def _get_late_plays_domain(self):
        """Plays whose prize should have been given by now."""
        return [("state", "=", "won"), ("played_at", "<", fields.Datetime.now() - timedelta(hours=1))]

    def _get_home_action(self, key):
        if key == "draw_prizes":
            return self._prepare_home_action(
                self.env._("Prizes of Draws to Give"),
                "club.draw.play",
                [("club_id", "=", self.id), *self._get_late_plays_domain()],
            )
        return super()._get_home_action(key)
