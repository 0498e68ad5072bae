"""What the home page says of the books."""

from odoo import fields, models

from .club_close import ACCOUNTANT


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        if not self.env.user.has_group(ACCOUNTANT):
            return todos
        _ = self.env._
        for club in self.sudo().filtered(lambda club: club.kind == "points" and club.close_from):
            last = self.env["club.close"]._get_last(club)
            begin = fields.Date.add(last.date_to, days=1) if last else club.close_from
            end = club._get_period(begin)[1]
            if end < club._get_today() and not club._get_book_gaps():
                todos[club.id]["books_due"] = _("The month until %(day)s can be closed", day=club._show_day(end))
            if last and self.env["club.tie.out"]._read_value_tie(club, last)["state"] == "red":
                todos[club.id]["books_red"] = _("The liability account does not agree with the last close. Look at it.")
        return todos

    def _get_home_action(self, key):
        if key == "books_red":
            return self.env["club.tie.out"]._open_pages(self)
        if key == "books_due":
            return self._prepare_home_action(
                self.env._("Closes"),
                "club.close",
                [("club_id", "=", self.id), ("state", "!=", "reversed")],
                context={"default_club_id": self.id},
            )
        return super()._get_home_action(key)
