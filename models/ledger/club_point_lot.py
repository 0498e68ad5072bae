"""What is left of a positive entry."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL


class ClubPointLot(models.Model):
    """Points of one card that came in together, and what is left of them.

    A lot is derived: it has the id of the entry that made it, and entries and allocations say everything else
    (:meth:`_rebuild`).
    """

    _name = "club.point.lot"
    _description = "Club Point Lot"
    _order = "expires_on, id"
    _log_access = False

    entry_id = fields.Many2one("club.point.entry", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="restrict")
    points = fields.Float(digits=(16, 2), required=True, readonly=True)
    remaining = fields.Float(digits=(16, 2), required=True, readonly=True)
    state = fields.Selection(
        [("pending", "Pending"), ("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
    )
    available_on = fields.Date(readonly=True)
    expires_on = fields.Date(readonly=True)
    allocation_ids = fields.One2many("club.point.allocation", "lot_id", readonly=True)

    _entry_unique = models.Constraint("UNIQUE(entry_id)", "An entry makes one lot.")
    _card_live_idx = models.Index("(card_id) WHERE state != 'closed'")
    # What the nightly jobs look for: their conditions must be these, word for word, for the planner to see it.
    _expires_idx = models.Index("(club_id, expires_on) WHERE state IN ('open', 'pending') AND expires_on IS NOT NULL")
    _available_idx = models.Index("(club_id, available_on) WHERE state = 'pending' AND available_on IS NOT NULL")

    @api.depends("points", "remaining", "expires_on")
    def _compute_display_name(self):
        for lot in self:
            lot.display_name = self.env._(
                "Lot %(id)s: %(remaining)g of %(points)g", id=lot.id, remaining=lot.remaining, points=lot.points
            )

    @api.model
    def _get_today_by_club(self, day=None):
        """The local day of every club, archived ones too.

        :param date day: take this day for every club instead.
        :return: dict by club id.
        """
        now = fields.Datetime.now()
        clubs = self.env["club.club"].sudo().with_context(active_test=False).search([])
        return {club.id: day or periods.local_date(now, club.tz) for club in clubs}

    @api.model
    def _rebuild(self):
        """Make the table of lots again from entries and allocations, for all clubs; a repair that changes no balance.

        Call it in a fresh transaction: nobody can post while it runs. Plain SQL, because lots are written by no other
        means and the table may be large.

        :return: how many lots were wrong or missing.
        """
        self.env.cr.execute(
            SQL("LOCK TABLE club_point_entry, club_point_allocation, club_point_lot IN SHARE ROW EXCLUSIVE MODE")
        )
        names = (
            "entry_id",
            "member_id",
            "card_id",
            "club_id",
            "points",
            "remaining",
            "state",
            "available_on",
            "expires_on",
        )
        columns = SQL(", ").join(map(SQL.identifier, names))
        stored = self.env.execute_query(
            SQL(
                """
                INSERT INTO club_point_lot AS lot (id, %(columns)s) SELECT id, %(columns)s FROM (%(lots)s) derived
                    ON CONFLICT (id) DO UPDATE SET (%(columns)s) = ROW(%(new)s)
                 WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
                RETURNING lot.id
                """,
                lots=self._get_derived_lots_sql(),
                columns=columns,
                old=SQL(", ").join(SQL.identifier("lot", name) for name in names),
                new=SQL(", ").join(SQL.identifier("excluded", name) for name in names),
            )
        )
        dropped = self.env.execute_query(
            SQL(
                "DELETE FROM club_point_lot WHERE id NOT IN (SELECT id FROM (%s) derived) RETURNING id",
                self._get_derived_lots_sql(),
            )
        )
        self.invalidate_model(flush=False)
        return len(stored) + len(dropped)

    @api.model
    def _get_derived_lots_sql(self):
        """What the table must be: one lot per entry that brought points in, opened them or made them wait again."""
        return SQL(
            """
            SELECT id, entry_id, member_id, card_id, club_id, points, remaining,
                   CASE WHEN remaining = 0 THEN 'closed' WHEN available <= 0 THEN 'pending' ELSE 'open' END AS state,
                   available_on, expires_on
              FROM (
                SELECT e.id, e.id AS entry_id, e.member_id, e.card_id, e.club_id, e.available, e.available_on,
                  e.expires_on,
                       GREATEST(e.points, ABS(e.available)) AS points,
                       GREATEST(e.points, ABS(e.available)) - COALESCE(taken.points, 0) AS remaining
                  FROM club_point_entry e
                  LEFT JOIN (
                       SELECT lot_id, SUM(points) AS points FROM club_point_allocation GROUP BY lot_id
                  ) taken ON taken.lot_id = e.id
                 WHERE (e.points > 0 AND e.kind <> 'reverse') OR e.points = 0
              ) lot
            """
        )
