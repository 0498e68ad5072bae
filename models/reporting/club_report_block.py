"""What a report is composed of: blocks, each of which reads one table of numbers."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: Who reads money: amounts, costs, and blocks that are about them.
MONEY_READERS = ("customer_club.group_club_manager", "customer_club.group_club_accountant")
READERS = ("customer_club.group_club_user",)
BASE = "club.report.block"
PREFIX = BASE + "."


class ClubReportBlock(models.AbstractModel):
    """Base of every block. A block inherits it, is named ``club.report.block.<kind>``, and is then offered everywhere.

    It implements :meth:`_get_label` and :meth:`_read_block`. It runs past the reader's own rights, after
    :meth:`_make_table` has checked the reader and the clubs: so it reads what is of the clubs it is given, and nothing
    else. Columns of money are left out for who may not read money.
    """

    _name = "club.report.block"
    _description = "Block of a Report"

    #: The block is about money as a whole: nothing is left of it for who may not read money.
    _block_money = False
    #: Where it stands in the list of blocks.
    _block_sequence = 50

    # -- to be implemented -----------------------------------------------------

    @api.model
    def _get_label(self):
        """The block's name for people, translated."""
        raise NotImplementedError(f"{self._name} has no label")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        """The numbers of a period.

        :param clubs: records of ``club.club``, at least one, which the reader may read (superuser mode).
        :param engine.reporting.Period period: days of the clubs' calendar.
        :param comparison: the period to compare with, or ``None``; shown as further columns.
        :rtype: engine.reporting.Table
        """
        raise NotImplementedError(f"{self._name} reads nothing")

    # -- the registry ------------------------------------------------------------

    @api.model
    def _get_blocks(self):
        """The names of all blocks by their kind, in the order of the list; an addon's blocks are among them."""
        names = [name for name in self.env.registry.descendants([BASE], "_inherit") if name != BASE]
        names.sort(key=lambda name: (self.env[name]._block_sequence, name))
        return {name.removeprefix(PREFIX): name for name in names}

    @api.model
    def _select_kinds(self):
        return [(kind, self.env[name]._get_label()) for kind, name in self._get_blocks().items()]

    @api.model
    def _get_block(self, kind):
        """The block of a kind, or ``None``: a report may name a block of an addon that is gone."""
        name = self._get_blocks().get(kind)
        return self.env[name] if name else None

    # -- reading -----------------------------------------------------------------

    @api.model
    def _may_read_money(self):
        return self.env.su or any(map(self.env.user.has_group, MONEY_READERS))

    @api.model
    def _may_read(self):
        """Whether the user may read this block at all."""
        if self.env.su:
            return True
        return (not self._block_money or self._may_read_money()) and any(map(self.env.user.has_group, READERS))

    @api.model
    def _make_table(self, clubs, period, comparison=None):
        """The block's table as the user may see it.

        :rtype: engine.reporting.Table
        :raises AccessError: with who may read it, or for a club that the user may not read.
        """
        if not self._may_read():
            raise AccessError(
                self.env._(
                    "%(block)s is read by managers and accountants of the club. Ask one of them.",
                    block=self._get_label(),
                )
            )
        if not clubs:
            raise UserError(self.env._("There is no club to report on. Set up a club first."))
        clubs.check_access("read")
        table = self.sudo()._read_block(clubs.sudo(), period, comparison).check()
        return table if self._may_read_money() else table.without(frozenset({"money"}))

    # -- helpers for blocks --------------------------------------------------------

    @api.model
    def _get_bounds_sql(self, clubs, period):
        """Each club with its instants of a period, as a table for SQL: ``(id int, first timestamp, last timestamp)``.

        ``FROM %s club`` gives the columns ``club.id``, ``club.first`` and ``club.last`` (excluded); naive UTC.
        """
        bounds = [period.bounds(club.tz) for club in clubs]
        return SQL(
            "(SELECT * FROM UNNEST(%s::int[], %s::timestamp[], %s::timestamp[]) AS bound(id, first, last))",
            clubs.ids,
            [first for first, _last in bounds],
            [last for _first, last in bounds],
        )

    @api.model
    def _get_slices(self, clubs, period, kind=""):
        """The period cut into days, weeks, months … of the first club's calendar, with their names for people.

        Those that have not begun are left out: a line that falls to zero tomorrow would tell of a loss.
        """
        club = clubs[0]
        kind = kind or period.slice_kind()
        today = periods.local_date(fields.Datetime.now(), club.tz)
        slices = period.slices(club.calendar, int(club.week_start), kind)
        begun = [piece for piece in slices if piece.first <= today] or slices[:1]
        return [(piece, self._say_slice(club, piece, kind)) for piece in begun]

    @api.model
    def _say_slice(self, club, piece, kind):
        if kind in ("day", "week"):
            _year, month, dom = periods.parts(piece.first, club.calendar)
            return f"{month:02d}-{dom:02d}"
        return periods.format_period(kind, piece.first, club.calendar)

    @api.model
    def _get_slices_sql(self, clubs, slices):
        """Each club with the instants of each slice: columns ``id``, ``place`` (of the slice), ``first``, ``last``."""
        ids, places, firsts, lasts = [], [], [], []
        for club in clubs:
            for place, piece in enumerate(slices):
                first, last = piece.bounds(club.tz)
                ids.append(club.id)
                places.append(place)
                firsts.append(first)
                lasts.append(last)
        return SQL(
            "(SELECT * FROM UNNEST(%s::int[], %s::int[], %s::timestamp[], %s::timestamp[])"
            " AS slice(id, place, first, last))",
            ids,
            places,
            firsts,
            lasts,
        )

    @api.model
    def _get_currency(self, clubs):
        """The one currency of the clubs, or none: money of several is never added."""
        currencies = clubs.company_id.currency_id
        return currencies if len(currencies) == 1 else currencies.browse()

    @api.model
    def _get_period_domain(self, clubs, period, field="date"):
        """Domain of records whose instant ``field`` lies in the period, club by club, each in its own time zone."""
        domains = []
        for club in clubs:
            first, last = period.bounds(club.tz)
            domains.append([("club_id", "=", club.id), (field, ">=", first), (field, "<", last)])
        return list(fields.Domain.OR(domains))
