"""What the home page says about prizes."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        _ = self.env._
        counts = {
            (club, state): count
            for club, state, count in self.env["club.redemption"]._read_group(
                [("club_id", "in", self.ids), ("state", "in", ("requested", "ready"))],
                ["club_id", "state"],
                ["__count"],
            )
        }
        low = self._find_low_prizes()
        for club in self:
            few = len(low.filtered(lambda prize, club=club: prize.club_id == club))
            ready, requested = (
                formatLang(self.env, counts.get((club, state), 0), digits=0) for state in ("ready", "requested")
            )
            if counts.get((club, "ready")):
                todos[club.id]["prizes_ready"] = _("Prizes to hand over: %(count)s", count=ready)
            if counts.get((club, "requested")):
                todos[club.id]["prizes_requested"] = _(
                    "Prizes that wait for a yes or a payment: %(count)s", count=requested
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
            state = key.removeprefix("prizes_")
            return self._prepare_home_action(
                _("Prizes to Hand Over") if state == "ready" else _("Prizes That Wait"),
                "club.redemption",
                [("club_id", "=", self.id), ("state", "=", state)],
            )
        if key == "prizes_low":
            return self._prepare_home_action(
                _("Prizes of Which Few Are Left"), "club.prize", [("id", "in", self._find_low_prizes().ids)]
            )
        return super()._get_home_action(key)
