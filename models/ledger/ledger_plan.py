"""What a batch of movements does to lots: the engine decides which of them pay, give back, open and expire."""

from odoo import fields
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods

from .ledger_movement import (
    CLOSE,
    CREDIT,
    DEBIT,
    GIVE_BACK,
    OPEN,
    ZERO,
    Movement,
    NotEnoughPoints,
)


class LedgerPlan:
    """The planning half of a :class:`~.ledger_batch.LedgerBatch`."""

    def _plan(self, book, movements):
        """Apply the movements to the book; return the movements that they entail.

        Points whose last day has passed expire before anything is taken, though the night's job has not run yet:
        what has expired can neither be spent nor pay for a return. Points given back to an expired lot expire again.
        """
        extra = []
        held = self._held(book, movements)
        for movement in movements:
            card = movement.card_id
            extra += self._expire_due(book, movement)
            if movement.op == CREDIT:
                outcome = book.credit(
                    movement.key,
                    card,
                    movement.points,
                    pending=movement.pending,
                    expires_on=movement.expires_on,
                    order=movement.order,
                )
            elif movement.op == OPEN:
                outcome = self._plan_open(book, movement)
            elif movement.op == CLOSE:
                outcome = self._plan_close(book, movement)
            elif movement.op == GIVE_BACK:
                parts, vanished = engine_lots.give_back_plan(
                    movement.undo, book.unpaid(card, movement.undo_entry), movement.points
                )
                outcome = book.give_back(card, parts, vanished, movement.undo_entry)
                extra += [
                    self._expire(movement, lot, points, book, f"{movement.key}:expire,{lot}")
                    for lot, points in outcome.expired
                ]
                extra += self._forward(book, movement, parts)
            else:
                outcome = self._plan_debit(
                    book, movement, held.get((card, movement.origin_model, movement.origin_id), ZERO)
                )
            movement.available = outcome.available
            movement.parts = outcome.parts
        return extra

    def _plan_debit(self, book, movement, reserved):
        try:
            return book.debit(
                movement.card_id,
                -movement.points,
                first=movement.lots,
                only=movement.only,
                happened=movement.happened,
                reserved=ZERO if movement.kind in ("expire", "reverse") else reserved,
                entry=movement.key,
            )
        except engine_lots.NotEnoughPointsError as error:
            member = self.env["club.member"].sudo().browse(movement.member_id)
            raise NotEnoughPoints(
                self.env._(
                    "%(member)s can spend %(available)s points now, not %(asked)s. Nothing was taken. Use fewer "
                    "points, or wait until pending points open.",
                    member=member.partner_id.display_name,
                    available=error.available,
                    asked=error.asked,
                )
            ) from error

    def _plan_open(self, book, movement):
        """Pending points become spendable: they leave their lot and come in again as an open one."""
        taken = book.debit(movement.card_id, movement.amount, first=movement.lots, only=True)
        source = book.lot(movement.lots[0])
        movement.expires_on = source.expires_on
        outcome = book.credit(
            movement.key,
            movement.card_id,
            movement.amount,
            expires_on=source.expires_on,
            order=movement.order,
        )
        outcome.parts = taken.parts + outcome.parts
        return outcome

    def _plan_close(self, book, movement):
        """Undo an opening: the points leave the open lots and wait again, in a pending lot of their own."""
        outcome = book.debit(movement.card_id, movement.amount, first=movement.lots, happened=True, entry=movement.key)
        book.credit(
            movement.key,
            movement.card_id,
            movement.amount,
            pending=True,
            expires_on=movement.expires_on,
            order=movement.order,
        )
        return outcome

    def _expire_due(self, book, movement):
        """Expire what is due on the card before ``movement`` takes from its lots; its own named lots stay for it."""
        if movement.op not in (DEBIT, CLOSE) or movement.only or movement.kind == "expire":
            return []
        now = fields.Datetime.now()
        day = periods.local_date(min(movement.date, now) if movement.happened else now, self.cards[movement.card_id].tz)
        due = book.due(movement.card_id, day, movement.lots)
        if not due:
            return []
        return [
            self._expire(
                movement, lot.id, lot.remaining, book, f"lot,{lot.id}:expire,{self.taken_times.get(lot.id, 0)}"
            )
            for lot in due
        ]

    def _expire(self, movement, lot_id, points, book, key):
        """An expiry that ``movement`` entails, applied to the book."""
        expiry = self._entailed(movement, "expire", -points, key)
        outcome = book.debit(expiry.card_id, points, first=(lot_id,), only=True)
        expiry.available, expiry.parts = outcome.available, outcome.parts
        return expiry

    def _forward(self, book, movement, parts):
        """What returned to lots of a merged member's card moves on to the member it became, lot by lot."""
        owner = self.accounts[movement.asked_id, False]
        if owner.card_id == movement.card_id:
            return []
        moves = []
        for lot in [book.lot(part.lot) for part in parts]:
            points = lot.remaining
            if not points:
                continue
            key = f"{movement.key}:forward,{lot.id}"
            out = self._entailed(movement, "transfer", -points, key)
            outcome = book.debit(out.card_id, points, first=(lot.id,), only=True)
            out.available, out.parts = outcome.available, outcome.parts
            arrival = self._entailed(movement, "transfer", points, f"{key}:lot,{lot.id}")
            arrival.op, arrival.pending, arrival.expires_on = CREDIT, lot.pending, lot.expires_on
            arrival.root_id, arrival.available_on = self.issues[lot.id]
            arrival.member_id, arrival.card_id = owner.member_id, owner.card_id
            outcome = book.credit(
                arrival.key,
                owner.card_id,
                points,
                pending=lot.pending,
                expires_on=lot.expires_on,
                order=movement.order,
            )
            arrival.available, arrival.parts = outcome.available, outcome.parts
            moves += [out, arrival]
        return moves

    def _entailed(self, movement, kind, points, key):
        return Movement(
            movement.member_id,
            kind,
            key,
            points,
            DEBIT,
            movement.date,
            card_id=movement.card_id,
            club_id=movement.club_id,
            company_id=movement.company_id,
            user_id=movement.user_id,
            happened=True,
        )

    def _held(self, book, movements):
        """Points that others' unfinished payments hold, per card and asking document.

        What has expired is held too, but expires before a spend anyway, so it does not count twice.
        """
        spends = [m for m in movements if m.op == DEBIT and not m.happened and m.kind not in ("expire", "reverse")]
        if not spends:
            return {}
        held = self.model._get_held_points({(m.card_id, m.origin_model, m.origin_id) for m in spends})
        return {
            triple: max(points - sum((lot.remaining for lot in book.due(triple[0], self.today[triple[0]])), ZERO), ZERO)
            for triple, points in held.items()
        }
