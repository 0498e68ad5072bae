"""What the ledger adds to a member: moving points to another one."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError
from odoo.tools import SQL

from .ledger_movement import DEBIT, GIVE_BACK, Movement


class ClubMember(models.Model):
    _inherit = "club.member"

    merged_into_id = fields.Many2one(
        "club.member",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The member that this one became; whatever is posted for it goes there.",
    )
    lot_ids = fields.One2many("club.point.lot", "member_id")

    def _transfer(self, to_member, points, key, note=None, origin=None, lots=None):
        """Move spendable points to another member of the same club, lot by lot: expiry and cohort stay.

        :param points: positive points.
        :param str key: names the transfer; the same key again moves nothing.
        :param lots: ids of the lots to take from, in this order, and from no others; default: as a spend would.
        :return: the entries: one that takes, one per source lot that brings.
        :raises NotEnoughPoints: this member cannot spend so much.
        """
        self.ensure_one()
        self._check_transfer(to_member, points)
        Entry = self.env["club.point.entry"]
        self._lock_cards(to_member)
        taken = Entry._post(
            [
                {
                    "member_id": self.id,
                    "kind": "transfer",
                    "points": -points,
                    "key": key,
                    "note": note,
                    "origin": origin,
                    "lots": lots,
                    "only": lots is not None,
                }
            ]
        )
        return taken | Entry._post(self._prepare_arrivals(taken, to_member, note, origin))

    def _transfer_parts(self, to_member, parts, key, note=None, origin=None):
        """Move exactly so many points out of each of these lots; otherwise as :meth:`_transfer`.

        :param parts: list of (lot id, positive points).
        :return: the entries: one per lot that takes, one per lot that brings.
        """
        self.ensure_one()
        self._check_transfer(to_member, sum((points for _lot, points in parts), Decimal(0)))
        Entry = self.env["club.point.entry"]
        self._lock_cards(to_member)
        taken = Entry._post(
            [
                {
                    "member_id": self.id,
                    "kind": "transfer",
                    "points": -points,
                    "key": f"{key}:from,{lot}",
                    "note": note,
                    "origin": origin,
                    "lots": (lot,),
                    "only": True,
                }
                for lot, points in parts
            ]
        )
        return taken | Entry._post(self._prepare_arrivals(taken, to_member, note, origin))

    def _read_arrivals(self, taken):
        """What is left here of the points that a transfer brought.

        :param taken: the entry that took them from their giver.
        :return: (lot they came from, lot they are in, points left), for each lot with any.
        """
        self.ensure_one()
        # SQL because an arrival is known by its key, which names the lot that it came from.
        return [
            (source, lot, engine_lots.to_decimal(remaining))
            for source, lot, remaining in self.env.execute_query(
                SQL(
                    """
                    SELECT a.lot_id, lot.id, lot.remaining
                      FROM club_point_entry taken
                      JOIN club_point_allocation a ON a.entry_id = taken.id
                      JOIN club_point_entry arrival ON arrival.key = taken.key || ':lot,' || a.lot_id
                      JOIN club_point_lot lot ON lot.entry_id = arrival.id
                     WHERE taken.id = %s AND lot.remaining > 0 AND lot.card_id = %s
                     ORDER BY a.id
                    """,
                    taken.id,
                    self.sudo().card_id.id,
                )
            )
        ]

    def _undo_transfer(self, taken, key, note=None):
        """Put what is left here of a transfer's points back into the very lots that they came from.

        What has expired since stays lost; what returns to a lot that has expired expires again at once.

        :param taken: the entry that took the points from their giver.
        :param str key: names the return.
        :return: the entries; none where nothing is left.
        """
        self.ensure_one()
        Entry = self.env["club.point.entry"].sudo()
        self._lock_cards(taken.sudo().member_id)
        rows = self._read_arrivals(taken)
        total = sum((points for _source, _lot, points in rows), Decimal(0))
        if not total:
            return Entry
        common = {
            "kind": "transfer",
            "date": fields.Datetime.now(),
            "origin_model": taken.sudo().origin_model or None,
            "origin_id": taken.sudo().origin_id or None,
            "user_id": self.env.uid,
            "note": note,
            "happened": True,
        }
        return Entry._run_batch(
            [
                Movement(
                    member_id=self.id,
                    key=f"{key}:out",
                    points=-total,
                    op=DEBIT,
                    lots=tuple(lot for _source, lot, _points in rows),
                    only=True,
                    **common,
                ),
                Movement(
                    member_id=taken.sudo().member_id.id,
                    key=f"{key}:back",
                    points=total,
                    op=GIVE_BACK,
                    reverses_id=taken.id,
                    undo=tuple((source, points) for source, _lot, points in rows),
                    undo_entry=taken.id,
                    expires_on=False,
                    stay=True,
                    **{**common, "kind": "reverse"},
                ),
            ]
        )

    def _check_transfer(self, to_member, points):
        source, target = self.sudo(), to_member.sudo()
        if (source.merged_into_id or source) == (target.merged_into_id or target):
            raise UserError(
                self.env._(
                    "%(member)s cannot transfer points to the same member. Choose somebody else.",
                    member=source.display_name,
                )
            )
        if source.club_id != target.club_id:
            raise UserError(
                self.env._(
                    "%(member)s and %(other)s are members of different clubs, whose points are worth different things. "
                    "Points stay within their club.",
                    member=source.display_name,
                    other=target.display_name,
                )
            )
        if points <= 0:
            raise UserError(
                self.env._(
                    "A transfer moves at least one point, not %(points)s. Give a positive number.", points=points
                )
            )

    def _merge_into(self, to_member, key):
        """Everything this member has, pending points and arrears too, becomes ``to_member``'s.

        Afterwards whatever is posted for this member (a late return, an opening) goes to ``to_member``.
        """
        self.ensure_one()
        to_member = to_member.sudo().merged_into_id.sudo(to_member.env.su) or to_member
        self._check_transfer(to_member, 1)
        Entry = self.env["club.point.entry"]
        self._lock_cards(to_member, touch=True)
        note = self.env._("Merged members")
        moves = []
        lots = (
            self.env["club.point.lot"]
            .sudo()
            .search([("card_id", "=", self.sudo().card_id.id), ("state", "!=", "closed")])
        )
        total = sum((engine_lots.to_decimal(lot.remaining) for lot in lots), Decimal(0))
        if total:
            # It may take what unfinished payments hold: the hold follows the points.
            taken = Entry._post(
                [
                    {
                        "member_id": self.id,
                        "kind": "transfer",
                        "points": -total,
                        "key": f"{key}:take",
                        "note": note,
                        "lots": lots.ids,
                        "only": True,
                        "happened": True,
                    }
                ]
            )
            moves = self._prepare_arrivals(taken, to_member, note)
        owed = -engine_lots.to_decimal(round(min(self.sudo().card_id.points, 0), 2))
        if owed > 0:
            Entry._post(
                [{"member_id": self.id, "kind": "transfer", "points": owed, "key": f"{key}:owed", "note": note}]
            )
            moves.append(
                {
                    "member_id": to_member.id,
                    "kind": "transfer",
                    "points": -owed,
                    "key": f"{key}:owes",
                    "note": note,
                    "happened": True,
                }
            )
        entries = Entry._post(moves)
        merged = self | self.sudo().search([("merged_into_id", "=", self.id), ("active", "in", (True, False))])
        merged.sudo().merged_into_id = to_member
        merged.flush_recordset(["merged_into_id"])
        return entries

    def _lock_cards(self, *others, touch=False):
        """Lock the cards of a movement between members in id order, so that two such movements cannot block each other.

        :param touch: make whoever waits for one of these cards start over with a new snapshot, even where no balance
            changes: after a merge nothing may be posted to the old card any more.
        """
        members = self.union(*others).sudo()
        members |= members.merged_into_id
        members.flush_recordset(["card_id", "merged_into_id"])
        members.card_id._club_lock(touch=touch)

    def _prepare_arrivals(self, taken, to_member, note, origin=None):
        """One positive movement per lot that a transfer took from, with that lot's expiry, cohort and state."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT taken.key, a.lot_id, a.points, lot.expires_on, lot.available_on, COALESCE(e.root_id, e.id),
                   e.available <= 0
              FROM club_point_allocation a
              JOIN club_point_entry taken ON taken.id = a.entry_id
              JOIN club_point_lot lot ON lot.id = a.lot_id
              JOIN club_point_entry e ON e.id = lot.entry_id
             WHERE a.entry_id = ANY(%s)
             ORDER BY a.id
            """,
                taken.ids,
            )
        )
        return [
            {
                "member_id": to_member.id,
                "kind": "transfer",
                "points": points,
                "key": f"{key}:lot,{lot}",
                "expires_on": expires_on or False,
                "available_on": available_on,
                "root_id": root,
                "pending": pending,
                "note": note,
                "origin": origin,
            }
            for key, lot, points, expires_on, available_on, root, pending in rows
        ]
