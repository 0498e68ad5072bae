"""Undoing what the ledger says, with new entries: reversed, given back, taken back, opened."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError
from odoo.tools import SQL

from .ledger_movement import CLOSE, DEBIT, GIVE_BACK, OPEN, Movement

ZERO = Decimal(0)


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    def _reverse(self, key=None, points=None, date=None, note=None):
        """Reverse entries in whole or in part.

        What a positive entry brought in is taken back: from its own lot, then from the member's other lots, then it
        becomes arrears. What a negative entry took returns to the lots it came from; an expired lot expires again.
        What an opening made spendable waits again, as far as the sale has not taken it back already.

        :param key: the key of the reversing entry, or a function of the entry (default: its key and ``:reverse``).
        :param points: how much of each entry's points, positive, or a dict by entry id; default: all that is left.
        :return: reversing entries, in the order of ``self`` (entries with nothing left to reverse make none).
        :raises UserError: more than what is left, or a kind that has its own way back.
        """
        entries = self.sudo()
        self._check_reversible(entries)
        undone, reopenable = self._read_reversed(entries), self._read_reopenable(entries)
        known = self._read_keys([self._reverse_key(entry, key) for entry in entries])
        lots, taken = self._read_lots_of(entries), self._read_taken_by(entries)
        movements = []
        for entry in entries:
            whole = abs(engine_lots.to_decimal(entry.available if entry.kind == "open" else entry.points))
            left = whole - undone.get(entry.id, ZERO)
            if entry.kind == "open":
                left = max(min(left, reopenable[entry.root_id.id]), ZERO)
            asked = points.get(entry.id) if isinstance(points, dict) else points
            part = engine_lots.to_decimal(asked) if asked is not None else left
            if self._reverse_key(entry, key) in known:
                part = part or abs(known[self._reverse_key(entry, key)])
            elif not 0 <= part <= left:
                raise UserError(
                    self.env._(
                        "Only %(left)s of the %(points)s points of %(key)s are left to reverse, not %(asked)s.",
                        left=left,
                        points=whole,
                        key=entry.key,
                        asked=part,
                    )
                )
            if not part:
                continue
            if entry.kind == "open":
                reopenable[entry.root_id.id] -= part
            movements.append(
                self._prepare_reversal(entry, part, self._reverse_key(entry, key), lots, taken, date, note)
            )
        return self._run_batch(movements)

    def _check_reversible(self, entries):
        refused = entries.filtered(
            lambda entry: entry.kind in ("expire", "transfer") or (entry.kind == "reverse" and entry.points >= 0)
        )
        if refused:
            raise UserError(
                self.env._(
                    "The entry %(key)s cannot be reversed. Post the movement again under a new key, make an "
                    "adjustment, or transfer the "
                    "points back.",
                    key=refused[0].key,
                )
            )

    def _give_back(self, points, key):
        """Reverse these spends, newest first, by ``points`` in all, or by as much as is left of them.

        :param points: positive points.
        :param str key: prefix of the reversing entries' keys; each gets the reversed entry's id and how often it was
        reversed.
        :return: the reversing entries.
        """
        spends = self.sudo().sorted("id", reverse=True)
        undone, left, parts = self._read_reversed(spends), engine_lots.to_decimal(points), {}
        for spend in spends:
            part = min(-engine_lots.to_decimal(spend.points) - undone.get(spend.id, ZERO), left)
            if part > 0:
                parts[spend.id] = part
                left -= part
        return spends.browse(parts)._reverse(
            key=lambda spend: f"{key}:{spend.id}:{undone.get(spend.id, ZERO).normalize():f}",
            points=parts,
        )

    def _take_back(self, key=None, note=None):
        """Reverse what these earnings brought in, except what has expired on its day: that is gone already, and would
        otherwise be taken a second time, from points that were earned by something else.

        :param key: as for :meth:`_reverse`.
        :return: the reversing entries; an earning that has expired whole makes none.
        """
        entries = self.sudo()
        undone, expired = self._read_reversed(entries), self._read_expired(entries)
        points = {
            entry.id: max(
                engine_lots.to_decimal(entry.points) - undone.get(entry.id, ZERO) - expired.get(entry.id, ZERO), ZERO
            )
            for entry in entries
        }
        return entries._reverse(key=key, points=points, note=note)

    def _reverse_key(self, entry, key):
        return key(entry) if callable(key) else key or f"{entry.key}:reverse"

    def _prepare_reversal(self, entry, part, key, lots, taken, date, note):
        own = tuple(lots.get(entry.id, ()))
        values = {
            "member_id": entry.member_id.id,
            "kind": "reverse",
            "key": key,
            "date": date or fields.Datetime.now(),
            "event_id": entry.event_id.id or None,
            "rule_id": entry.rule_id.id or None,
            "origin_model": entry.origin_model or None,
            "origin_id": entry.origin_id or None,
            "reverses_id": entry.id,
            "root_id": entry.root_id.id or None,
            "happened": True,
            "user_id": self.env.uid,
            "note": note or None,
        }
        if entry.kind == "open":
            return Movement(
                points=Decimal(0), amount=part, op=CLOSE, lots=own, expires_on=entry.expires_on or False, **values
            )
        if entry.points > 0:
            return Movement(points=-part, op=DEBIT, lots=own, **values)
        return Movement(
            points=part,
            op=GIVE_BACK,
            undo=tuple(taken.get(entry.id, ())),
            undo_entry=entry.id,
            expires_on=False,
            stay=True,
            **values,
        )

    @api.model
    def _open_lots(self, lot_ids, date=None):
        """Make all that is left in these pending lots spendable; a repeated call posts nothing twice.

        :return: the ``open`` entries, in the order of ``lot_ids`` (lots that are not pending make none).
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT lot.id, lot.member_id, lot.remaining, COALESCE(e.root_id, e.id), e.event_id, e.rule_id,
              e.origin_model, e.origin_id,
                   (SELECT COUNT(*) FROM club_point_allocation a WHERE a.lot_id = lot.id)
              FROM unnest(%s::int[]) WITH ORDINALITY AS wanted(id, ord)
              JOIN club_point_lot lot ON lot.id = wanted.id
              JOIN club_point_entry e ON e.id = lot.entry_id
             WHERE lot.state = 'pending'
             ORDER BY wanted.ord
            """,
                list(lot_ids),
            )
        )
        return self._run_batch(
            [
                Movement(
                    member_id=member,
                    kind="open",
                    key=f"lot,{lot}:open,{times}",
                    points=ZERO,
                    op=OPEN,
                    amount=engine_lots.to_decimal(remaining),
                    date=date or fields.Datetime.now(),
                    root_id=root,
                    event_id=event,
                    rule_id=rule,
                    origin_model=model,
                    origin_id=res_id,
                    user_id=self.env.uid,
                    lots=(lot,),
                    expires_on=False,
                )
                for lot, member, remaining, root, event, rule, model, res_id, times in rows
            ]
        )

    def _open(self, key_suffix="", points=None, date=None):
        """Make pending points of these entries spendable, wherever the points are now (a merge may have moved them).

        :param str key_suffix: added to ``<key>:open``; names the release where an entry opens in parts.
        :param points: how much of each entry, or a dict by entry id; default: all that is pending.
        :return: the ``open`` entries; an entry with nothing pending makes none.
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT COALESCE(e.root_id, e.id), lot.id, lot.member_id, lot.remaining
              FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
             WHERE (e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)) AND lot.state = 'pending'
             ORDER BY lot.id
            """,
                ids=self.ids,
            )
        )
        left = {entry.id: points.get(entry.id) if isinstance(points, dict) else points for entry in self}
        by_root = {(entry.root_id or entry).id: entry for entry in self.sudo()}
        movements = []
        for root, lot, member, remaining in rows:
            entry = by_root[root]
            asked = left[entry.id]
            remaining = engine_lots.to_decimal(remaining)
            amount = remaining if asked is None else min(remaining, engine_lots.to_decimal(asked))
            if amount <= 0:
                continue
            if asked is not None:
                left[entry.id] = engine_lots.to_decimal(asked) - amount
            movements.append(self._prepare_opening(entry, root, lot, member, amount, key_suffix, date))
        return self._run_batch(movements)

    def _prepare_opening(self, entry, root, lot, member, amount, key_suffix, date):
        return Movement(
            member_id=member,
            kind="open",
            key=f"{entry.key}:open{key_suffix}:lot,{lot}",
            points=Decimal(0),
            amount=amount,
            op=OPEN,
            date=date or fields.Datetime.now(),
            event_id=entry.event_id.id or None,
            rule_id=entry.rule_id.id or None,
            origin_model=entry.origin_model or None,
            origin_id=entry.origin_id or None,
            root_id=root,
            user_id=self.env.uid,
            lots=(lot,),
            expires_on=False,
        )
