"""What the home page says about prizes."""

from odoo import models
from odoo.tools.misc import formatLang

from .club_redemption import OPEN


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        _ = self.env._
        counts = {
            (club, state): count
            for club, state, count in self.env["club.redemption"]._read_group(
                [("club_id", "in", self.ids), ("state", "in", OPEN)],
                ["club_id", "state"],
                ["__count"],
            )
        }
        low = self._find_low_prizes()
        for club in self:
            few = len(low.filtered(lambda prize, club=club: prize.club_id == club))
            ready = counts.get((club, "ready"), 0)
            waiting = counts.get((club, "requested"), 0) + counts.get((club, "approved"), 0)
            if ready:
                todos[club.id]["prizes_ready"] = _(
                    "Prizes to hand over: %(count)s", count=formatLang(self.env, ready, digits=0)
                )
            if waiting:
                todos[club.id]["prizes_requested"] = _(
                    "Prizes that wait for a yes or a payment: %(count)s", count=formatLang(self.env, waiting, digits=0)
                )
            if few:
                todos[club.id]["prizes_low"] = _(
                    "Prizes of which few are left: %(count)s", count=formatLang(self.env, few, digits=0)
                )
        return todos

    def _find_low_prizes(self):
        """Prizes that are offered now and nearly gone."""
        prizes = self.env["club.prize"].search([("club_id", "in", self.ids)])
        lefts = prizes._get_lefts()
        return prizes.filtered(
            lambda prize: (
                lefts[prize.id] is not None
                and lefts[prize.id] <= prize.low_stock
                and not (prize.date_to and prize.date_to < prize.club_id._get_today())
            )
        )

    def _get_home_action(self, key):
        _ = self.env._
        if key in ("prizes_ready", "prizes_requested"):
            states = ["ready"] if key == "prizes_ready" else ["requested", "approved"]
            return self._prepare_home_action(
                _("Prizes to Hand Over") if key == "prizes_ready" else _("Prizes That Wait"),
                "club.redemption",
                [("club_id", "=", self.id), ("state", "in", states)],
            )
        if key == "prizes_low":
            return self._prepare_home_action(
                _("Prizes of Which Few Are Left"), "club.prize", [("id", "in", self._find_low_prizes().ids)]
            )
        return super()._get_home_action(key)
