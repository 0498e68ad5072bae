"""What a purchase asks of the club's budget: how many points are left, from running figures that it never writes.

A club may sell a million times in a period, and nothing may be added up over all of them while a customer waits. So the
hourly count keeps, on the period's row, the sums over all facts and entries up to a mark; a purchase reads that row and
adds only what came after the mark. It writes nothing there, and no lock is taken: two confirmations can never wait for
each other, nor fail, because of the budget. Two at the same time may therefore both find the last points, and the
budget ends over its limit by what the second gave. A budget is a brake; the ledger is what is owed.

A mark is an id below which nothing can appear any more: facts of transactions still under way when it was read would be
missing from the sum for good. So a mark is taken into use by a later count, once every transaction that was under way
then has ended. Rows never change, so sums up to a mark stay right.
"""

from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.addons.customer_club.engine import budget, periods
from odoo.tools import SQL

ZERO = Decimal(0)


class Running(NamedTuple):
    """Sums over a period up to marks; without a row that is of this period, the marks are 0 and nothing is summed."""

    event_mark: int = 0
    sales: Decimal = ZERO
    entry_mark: int = 0
    points: Decimal = ZERO
    beyond: Decimal = ZERO
    beyond_until: object = None


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_budget_points(self, first, last):
        """Points that the share of sales pays for, of what was sold in a period so far; a day after the last.

        Wallet money, and what rewards cost beyond the worth of their points, count until the end of yesterday: so it
        does not hang on when somebody last counted.

        :rtype: Decimal
        """
        self.ensure_one()
        club = self.sudo()
        running = club._get_running(first, last)
        return budget.points_for(
            running.sales + club._read_sales(first, last, running.event_mark),
            Decimal(str(club.budget_share)) / 100,
            club._get_beyond(first, last, running),
            Decimal(str(club._get_point_cost())),
            club.points_digits,
        )

    def _read_budget_used(self, first, last):
        """Points that rules gave in a budget period (a day after the last), net of what came back of them.

        :rtype: Decimal
        """
        self.ensure_one()
        running = self.sudo()._get_running(first, last)
        bounds = periods.range_bounds(first, last, self.tz)
        return running.points + self._read_points_given(self.id, *bounds, running.entry_mark)

    def _get_running(self, first, last):
        start, until = periods.range_bounds(first, last, self.tz)
        self.env["club.budget"].flush_model()
        # SQL: at every purchase of a club with a budget; one row by its unique key.
        found = self.env.execute_query(
            SQL(
                """
                SELECT event_mark, counted_sales, entry_mark, counted_points, beyond, beyond_until
                  FROM club_budget
                 WHERE club_id = %s AND first_on = %s AND counted_from = %s AND counted_until = %s
                """,
                self.id,
                first,
                start,
                until,
            )
        )
        if not found:
            return Running()
        event_mark, sales, entry_mark, points, beyond, beyond_until = found[0]
        return Running(
            event_mark, Decimal(str(sales)), entry_mark, Decimal(str(points)), Decimal(str(beyond)), beyond_until
        )

    def _get_beyond(self, first, last, running):
        """Costs beside those of points until the end of yesterday: as kept, where that was counted since midnight."""
        until = min(max(self._get_today(), first), last)
        if running.beyond_until == until:
            return running.beyond
        return self._read_beyond(first, until)

    def _read_beyond(self, first, until):
        if until <= first:
            return ZERO
        return self._read_budget_money(first, until) + sum(self._read_budget_goods(first, until).values(), ZERO)

    # -- counting ------------------------------------------------------------

    def _count_running(self, row, first, last, sales, points):
        """What the period's row keeps for purchases to come.

        :param row: the ``club.budget``, locked; :param sales, points: of the whole period, counted in this transaction
        :rtype: dict
        """
        self.ensure_one()
        start, until = periods.range_bounds(first, last, self.tz)
        # SQL: the ORM knows no snapshots. Our own number is higher than that of any transaction that may have taken an
        # id below those that we see.
        ((lowest, own, event, entry),) = self.env.execute_query(
            SQL(
                """
                SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_current_xact_id()::text,
                       (SELECT MAX(id) FROM club_event), (SELECT MAX(id) FROM club_point_entry)
                """
            )
        )
        marks = {"event_mark": row.event_mark, "entry_mark": row.entry_mark}
        ended = not row.mark_number or int(lowest) > int(row.mark_number)
        if ended:
            if row.mark_number:
                marks = {"event_mark": row.next_event_mark, "entry_mark": row.next_entry_mark}
            marks.update(mark_number=own, next_event_mark=event or 0, next_entry_mark=entry or 0)
        day = min(max(self._get_today(), first), last)
        return {
            **marks,
            "counted_from": start.replace(tzinfo=None),
            "counted_until": until.replace(tzinfo=None),
            "counted_sales": float(sales - self._read_sales(first, last, marks["event_mark"])),
            "counted_points": float(points - self._read_points_given(self.id, start, until, marks["entry_mark"])),
            "beyond": float(self._read_beyond(first, day)),
            "beyond_until": day,
        }
