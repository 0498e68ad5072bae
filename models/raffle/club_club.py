"""Raffles in the club's settings and on its home page."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.tools.misc import format_time, formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    raffles_allowed = fields.Boolean(
        string="Raffles",
        compute="_compute_raffles_allowed",
        inverse="_inverse_raffles_allowed",
        help="For the whole company. Off: nothing can be opened or entered, and no page of a raffle is shown.",
    )

    @api.depends("company_id.club_raffles")
    def _compute_raffles_allowed(self):
        for club in self:
            club.raffles_allowed = club.sudo().company_id.club_raffles

    def _inverse_raffles_allowed(self):
        """A club manager need not be allowed to change companies; the club itself they must be."""
        self.check_access("write")
        for club in self:
            club.sudo().company_id.club_raffles = club.raffles_allowed

    def _say_moment(self, moment):
        """A day and time in the club's calendar and time zone, in the reader's language.

        :param datetime moment: naive UTC; empty for none
        """
        self.ensure_one()
        if not moment:
            return ""
        local = periods.local_datetime(moment, self.tz)
        time = format_time(self.env, local.time().replace(tzinfo=None), time_format="HH:mm")
        return self.env._("%(day)s, %(time)s (%(zone)s)", day=self._show_day(moment), time=time, zone=self.tz)

    # -- the home page -------------------------------------------------------------------------------

    def _get_raffle_todos(self):
        """Raffles by what they wait for: dict of key → records."""
        now = fields.Datetime.now()
        running = self.env["club.raffle"].search(
            [
                ("club_id", "in", self.ids),
                "|",
                "&",
                ("state", "=", "open"),
                ("closes_at", "<=", now),
                "&",
                ("state", "=", "frozen"),
                ("round_at", "<=", now),
            ]
        )
        late = running.filtered(
            lambda raffle: now > (raffle._get_freeze_end() if raffle.state == "open" else raffle._get_draw_end())
        )
        rest = running - late
        return {
            "raffles_close": rest.filtered(lambda raffle: raffle.state == "open"),
            "raffles_draw": rest.filtered(lambda raffle: raffle.state == "frozen"),
            "raffles_late": late,
        }

    def _get_home_todos(self, figures):
        _ = self.env._
        todos = super()._get_home_todos(figures)
        raffles = self._get_raffle_todos()
        given = dict(
            self.env["club.raffle.winner"]._read_group(
                [("raffle_id.club_id", "in", self.ids), ("state", "=", "claimed")], ["raffle_id"], ["__count"]
            )
        )
        for club in self:
            counts = {
                key: len(found.filtered(lambda raffle, club=club: raffle.club_id == club))
                for key, found in raffles.items()
            }
            counts["raffle_prizes"] = sum(count for raffle, count in given.items() if raffle.club_id == club)
            numbers = {key: formatLang(self.env, count, digits=0) for key, count in counts.items() if count}
            texts = {
                "raffles_close": lambda number: _("Raffles to close now: %(count)s", count=number),
                "raffles_draw": lambda number: _("Raffles to draw now: %(count)s", count=number),
                "raffles_late": lambda number: _("Raffles that are too late and to call off: %(count)s", count=number),
                "raffle_prizes": lambda number: _("Prizes of raffles to hand over: %(count)s", count=number),
            }
            todos[club.id].update({key: texts[key](number) for key, number in numbers.items()})
        return todos

    def _get_home_action(self, key):
        if key in ("raffles_close", "raffles_draw", "raffles_late"):
            return self._prepare_home_action(
                self.env._("Raffles"), "club.raffle", [("id", "in", self._get_raffle_todos()[key].ids)]
            )
        if key == "raffle_prizes":
            return self._prepare_home_action(
                self.env._("Prizes to Hand Over"),
                "club.raffle.winner",
                [("raffle_id.club_id", "=", self.id), ("state", "=", "claimed")],
            )
        return super()._get_home_action(key)
