"""What the home page says about contests."""

from odoo import fields, models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        over = self.env["club.contest"].search(self._get_contests_over_domain())
        awards = dict(
            self.env["club.contest.award"]._read_group(
                [("club_id", "in", self.ids), ("state", "=", "to_give")], ["club_id"], ["__count"]
            )
        )
        for club in self:
            count = len(over.filtered(lambda contest, club=club: contest.club_id == club and contest._is_over()))
            if count:
                todos[club.id]["contests"] = self.env._(
                    "Contests that are over and to close: %(count)s", count=formatLang(self.env, count, digits=0)
                )
            if awards.get(club):
                todos[club.id]["contest_prizes"] = self.env._(
                    "Prizes of contests to hand over: %(count)s",
                    count=formatLang(self.env, awards[club], digits=0),
                )
        return todos

    def _get_contests_over_domain(self):
        """Open contests that may be over; the club's time zone says which are."""
        return [
            ("club_id", "in", self.ids),
            ("state", "=", "open"),
            ("date_to", "<=", fields.Date.add(fields.Date.today(), days=1)),
        ]

    def _get_home_action(self, key):
        if key == "contests":
            over = self.env["club.contest"].search(self._get_contests_over_domain())
            return self._prepare_home_action(
                self.env._("Contests to Close"),
                "club.contest",
                [("id", "in", over.filtered(lambda contest: contest._is_over()).ids)],
            )
        if key == "contest_prizes":
            return self._prepare_home_action(
                self.env._("Prizes to Hand Over"),
                "club.contest.award",
                [("club_id", "=", self.id), ("state", "=", "to_give")],
            )
        return super()._get_home_action(key)
