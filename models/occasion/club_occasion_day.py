"""The days themselves: finding whose day it is, and recording that it came."""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.addons.customer_club.engine import earning_occasion, periods
from odoo.tools import SQL

#: A day that no job ran on is made up for within so many days, today included; not after months.
DAYS_TO_CATCH_UP = 7


class Kept(NamedTuple):
    """A day of the year that a club keeps: in which calendar it is which day, on which date, of which year."""

    club_id: int
    calendar: str
    month: int
    day: int
    on_date: object
    year: int
    until: object  #: the end of the day in UTC


class ClubOccasion(models.Model):
    _inherit = "club.occasion"

    # -- whose day it is -----------------------------------------------------------------------------------------

    @api.model
    def _list_kept_days(self, clubs, first, last):
        """The days from ``first`` to ``last``, counted from each club's today, in both calendars.

        :rtype: list[Kept]
        """
        kept = []
        for club in clubs:
            today = club._get_today()
            for shift in range(first, last + 1):
                date = today + timedelta(days=shift)
                until = periods.day_bounds(date, club.tz)[1]
                for calendar in ("gregorian", "jalali"):
                    year, days = earning_occasion.kept_on(date, calendar)
                    kept += [Kept(club.id, calendar, month, day, date, year, until) for month, day in sorted(days)]
        return kept

    @api.model
    def _search_kept(self, kept, unless, limit, skip, kind=None):
        """Lock and return ids of active members' occasions that are kept on these days, in order.

        SQL because a day of each club, calendar and date is matched at once, and because the rows are locked.

        :param list[Kept] kept: the days; :param SQL unless: a condition on ``o`` and ``k`` that leaves some out.
        """
        columns = list(zip(*kept, strict=True))
        if not columns:
            return []
        types = ("int", "text", "int", "int", "date", "int", "timestamp")
        arrays = SQL(", ").join(
            SQL("%s::%s[]", list(column), SQL(type_)) for column, type_ in zip(columns, types, strict=True)
        )
        self.flush_model()
        self.env["club.member"].flush_model(["state", "active", "joined_at"])
        rows = self.env.execute_query(
            SQL(
                """
            SELECT o.id
              FROM unnest(%(arrays)s) AS k(club_id, calendar, month, day, on_date, year, until)
              JOIN club_occasion o ON o.calendar = k.calendar AND o.month = k.month AND o.day = k.day
                                  AND o.club_id = k.club_id AND o.active AND o.effective_from <= k.on_date
              JOIN club_member m ON m.id = o.member_id AND m.active AND m.state = 'active' AND m.joined_at < k.until
             WHERE NOT (%(unless)s) AND o.id <> ALL(%(skip)s) AND (%(kind)s IS NULL OR o.kind = %(kind)s)
             ORDER BY o.id LIMIT %(limit)s
               FOR NO KEY UPDATE OF o
                """,
                arrays=arrays,
                unless=unless,
                skip=list(skip),
                kind=kind,
                limit=limit,
            )
        )
        return [occasion_id for (occasion_id,) in rows]

    def _match_kept(self, kept):
        """The day among ``kept`` on which each of these occasions falls.

        :rtype: dict[``club.occasion``, Kept]
        """
        days = {}
        for day in kept:
            days.setdefault((day.club_id, day.calendar, day.month, day.day), day)
        found = {}
        for occasion in self:
            day = days.get((occasion.club_id.id, occasion.calendar, occasion.month, occasion.day))
            if day and occasion.effective_from <= day.on_date:
                found[occasion] = day
        return found

    # -- recording -------------------------------------------------------------------------------------------------

    @api.model
    def _cron_keep(self):
        """Record the occasions of today, and of the last days if no job ran; may stop anywhere, and records none twice.

        It runs every hour, for midnight comes to each club in its own time zone.
        """
        kept = self._list_kept_days(self._get_clubs(), 1 - DAYS_TO_CATCH_UP, 0)
        recorded = SQL("EXISTS (SELECT FROM club_event e WHERE e.key = 'club.occasion,' || o.id || ':' || k.year)")
        return self.env["club.job"]._work_off(
            "record occasions",
            find=lambda limit, skip: self._search_kept(kept, recorded, limit, skip),
            work=lambda ids: self.browse(ids)._record_kept(kept),
        )

    @api.model
    def _get_clubs(self):
        return self.env["club.club"].sudo().search([])

    def _record_kept(self, kept):
        """Tell the rules that these days have come; the year in the key makes each come once a year.

        :return: ``club.event`` records
        """
        return self.env["club.event"]._report(
            [
                {
                    "member_id": occasion.member_id.id,
                    "type": "occasion",
                    "key": f"{self._name},{occasion.id}:{day.year}",
                    "occurred_at": periods.day_bounds(day.on_date, occasion.club_id.tz)[0],
                    "origin": occasion,
                    "payload": {"occasion": occasion.kind},
                }
                for occasion, day in self._match_kept(kept).items()
            ]
        )
