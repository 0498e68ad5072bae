"""Leaving a pool and closing it: what is left goes back, nobody's expiry gets longer, nothing is lost or made."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import together
from odoo.exceptions import UserError
from odoo.tools import SQL

ZERO = Decimal(0)


class ClubPool(models.Model):
    """Whose the points of a pool are.

    * What can be spent belongs to those in the pool in proportion to what each brought, less what of it expired.
    * Who leaves takes its part first out of the lots it brought, then out of others'; every lot keeps its expiry.
    * What an unfinished payment holds stays in the pool.
    * What the pool owes (a late return) is shared in the same proportion, by all equally if nobody brought anything.
    * What comes back (a cancelled order) after somebody left belongs to who is still in the pool; in a closed pool, or
      where nobody in it brought anything, it goes to who brought the lot.
    """

    _inherit = "club.pool"

    # -- parts -----------------------------------------------------------------------------------------

    def _read_lots(self):
        """The pool's lots that can be spent: dicts of ``lot``, ``place`` (who brought it), ``points``.

        SQL: the contributor of a lot is in the entry that made it.
        """
        self.ensure_one()
        self.flush_recordset()
        return [
            {"lot": lot, "place": place, "points": engine_lots.to_decimal(points)}
            for lot, place, points in self.env.execute_query(
                SQL(
                    """
                    SELECT lot.id, c.place_id, lot.remaining
                      FROM club_point_lot lot
                      JOIN club_point_entry made ON made.id = lot.entry_id
                      LEFT JOIN club_pool_contribution c
                             ON made.origin_model = 'club.pool.contribution' AND c.id = made.origin_id
                     WHERE lot.card_id = %s AND lot.state = 'open'
                       AND (lot.expires_on IS NULL OR lot.expires_on > %s)
                     ORDER BY lot.expires_on NULLS LAST, lot.id
                    """,
                    self.sudo().account_id.card_id.id,
                    self.sudo().club_id._get_today(),
                )
            )
        ]

    def _read_brought(self):
        """By place: points brought, and how many of them expired in the pool.

        SQL for the reason of :meth:`_read_lots`.
        """
        self.ensure_one()
        self.env["club.pool.contribution"].flush_model()
        return {
            place: (engine_lots.to_decimal(points), engine_lots.to_decimal(expired))
            for place, points, expired in self.env.execute_query(
                SQL(
                    """
                    SELECT c.place_id, SUM(lot.points), COALESCE(SUM(gone.points), 0)
                      FROM club_pool_contribution c
                      JOIN club_point_entry made
                        ON made.origin_model = 'club.pool.contribution' AND made.origin_id = c.id AND made.points > 0
                      JOIN club_point_lot lot ON lot.entry_id = made.id
                      LEFT JOIN LATERAL (
                           SELECT SUM(a.points) AS points
                             FROM club_point_allocation a JOIN club_point_entry e ON e.id = a.entry_id
                            WHERE a.lot_id = lot.id AND e.kind = 'expire'
                      ) gone ON TRUE
                     WHERE c.pool_id = %s GROUP BY c.place_id
                    """,
                    self.id,
                )
            )
        }

    def _get_parts(self):
        """What each one's part is now.

        :return: by ``club.pool.member`` in the pool: ``brought``, ``expired``, ``weight`` and ``part`` (what it would
            take along, negative: what it would owe), all Decimal points.
        :rtype: dict
        """
        self.ensure_one()
        brought, rows = self._read_brought(), self.sudo()._get_rows()
        weights = {}
        for row in rows:
            points, expired = brought.get(row.id, (ZERO, ZERO))
            weights[row] = max(points - expired, ZERO)
        balance = engine_lots.to_decimal(round(self.sudo().account_id.card_id.points, 2))
        step = self.sudo().club_id._get_point_step()
        if balance < 0:
            shared = dict.fromkeys(rows, Decimal(1)) if not any(weights.values()) else weights
            parts = {row: -part for row, part in together.split(-balance, shared, step).items()}
        else:
            free = min(self._get_free_points(), sum((lot["points"] for lot in self._read_lots()), ZERO))
            parts = together.split(max(free, ZERO), weights, step)
        return {
            row: {
                "brought": brought.get(row.id, (ZERO, ZERO))[0],
                "expired": brought.get(row.id, (ZERO, ZERO))[1],
                "weight": weights[row],
                "part": parts[row],
            }
            for row in rows
        }

    # -- leaving ---------------------------------------------------------------------------------------

    def _part(self, row):
        """Give one member its part, or let it take over its part of what the pool owes."""
        part = self._get_parts()[row]["part"]
        key = f"club.pool.member,{row.id}:leave"
        if part > 0:
            lots = self._read_lots()
            own = [(lot["lot"], lot["points"]) for lot in lots if lot["place"] == row.id]
            others = [(lot["lot"], lot["points"]) for lot in lots if lot["place"] != row.id]
            taken = together.take(part, own, others, self.club_id._get_point_step())
            self.account_id._transfer_parts(row.member_id, taken, key, origin=row)
        elif part < 0:
            self.account_id._lock_cards(row.member_id)
            self.env["club.point.entry"].sudo()._post(
                [
                    {
                        "member_id": self.account_id.id,
                        "kind": "transfer",
                        "points": -part,
                        "key": f"{key}:owed",
                        "expires_on": False,
                        "origin": row,
                    },
                    {
                        "member_id": row.member_id.id,
                        "kind": "transfer",
                        "points": part,
                        "key": f"{key}:owes",
                        "happened": True,
                        "origin": row,
                    },
                ]
            )

    def _leave(self, row):
        """A member leaves with its part; when the founder leaves, who joined first of those who may spend follows.

        The last one out closes the pool.
        """
        self.ensure_one()
        pool = self._lock()
        row = row.sudo()
        if row.pool_id != pool or row.state != "active":
            return
        pool._part(row)
        founder = row.role == "founder"
        row.write({"state": "left", "left_at": fields.Datetime.now()})
        rest = pool._get_rows()
        if not rest:
            pool._end()
        elif founder:
            heir = rest.filtered(lambda other: other.role == "spender")[:1] or rest[:1]
            row.flush_recordset()
            heir.role = "founder"

    def _close(self, founder=None):
        """All leave with their parts, and the pool ends.

        :param founder: who asks for it; nobody, if a manager does.
        :raises UserError: a payment with the pool's points is under way.
        """
        for pool in self._lock().filtered(lambda pool: pool.state == "open"):
            if founder:
                pool._check_founder(founder)
            balance = engine_lots.to_decimal(round(pool.account_id.card_id.points, 2))
            due = pool._get_free_points()
            if balance > 0 and due < sum((lot["points"] for lot in pool._read_lots()), ZERO):
                raise UserError(
                    self.env._(
                        "A payment with points of %(pool)s is under way. Nothing was changed: close it when the "
                        "payment has ended.",
                        pool=pool.name,
                    )
                )
            for row in pool._get_rows().sorted(lambda row: (row.role == "founder", row.id)):
                pool._leave(row)

    def _end(self):
        """Nobody is in the pool any more."""
        self.member_ids.filtered(lambda row: row.state == "invited").write({"state": "declined"})
        self.write({"state": "closed", "closed_at": fields.Datetime.now(), "link": False})
        self._return_late()

    def _return_late(self):
        """What a closed pool still has, or got back since, goes to who brought it."""
        for pool in self.filtered(lambda pool: pool.state == "closed"):
            if pool._get_free_points() <= 0:
                continue
            lots = pool._read_lots()
            places = self.env["club.pool.member"].sudo().browse({lot["place"] for lot in lots if lot["place"]})
            left = pool._get_free_points()
            for place in places.sorted("id"):
                parts = []
                for lot in lots:
                    if lot["place"] == place.id and left > 0:
                        parts.append((lot["lot"], min(lot["points"], left)))
                        left -= parts[-1][1]
                if parts:
                    generation = max(pool.account_id.sudo().lot_ids.allocation_ids.ids or [0])
                    pool.account_id._transfer_parts(
                        place.member_id, parts, f"club.pool.member,{place.id}:late,{generation}", origin=place
                    )

    @api.model
    def _cron_return_late(self):
        """Hourly: what came back to closed pools goes to who brought it.

        :return: number of pools
        """
        done, _failed = self.env["club.job"]._work_off(
            "points that came back to closed pools",
            find=self._lock_late,
            work=lambda ids: self.sudo().browse(ids)._return_late(),
            size=20,
        )
        return done

    @api.model
    def _lock_late(self, limit, skip):
        self.flush_model(["state", "account_id"])
        # SQL: the first statement of a batch locks what it works on, in order. A pool whose points are all held or due
        # to expire would be found for ever, so each is looked at once an hour.
        now = fields.Datetime.now()
        return [
            pool
            for (pool,) in self.env.execute_query(
                SQL(
                    """UPDATE club_pool SET touched_at = %(now)s WHERE id IN (
                           SELECT p.id FROM club_pool p
                             JOIN club_member account ON account.id = p.account_id
                             JOIN loyalty_card card ON card.id = account.card_id
                            WHERE p.state = 'closed' AND card.points > 0 AND NOT p.id = ANY(%(skip)s)
                              AND p.touched_at < %(before)s
                            ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p)
                       RETURNING id""",
                    now=now,
                    before=fields.Datetime.subtract(now, minutes=30),
                    skip=list(skip),
                    limit=limit,
                )
            )
        ]
