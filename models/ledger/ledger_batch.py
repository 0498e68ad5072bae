"""One batch of ledger movements: what ``club.point.entry._post`` does, step by step.

A batch locks the cards, answers what was posted before, lets :class:`~customer_club.engine.lots.Book` decide which
lots pay, and stores entries, lots, allocations and balances. The number of SQL statements does not depend on the
number of movements. It writes SQL because the ORM cannot insert ``ON CONFLICT DO NOTHING``, and because one insert of
many rows through it costs a hundred times as much. Odoo reads ``numeric`` as float: every number read passes through
:func:`~customer_club.engine.lots.to_decimal`, which gives back the decimal that was stored.
"""

from collections import defaultdict
from decimal import Decimal

from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.tools import SQL

from .ledger_movement import (
    CLOSE,
    COUNTED,
    CREDIT,
    MOST_DIGITS,
    NEWEST,
    OPEN,
    SAME_CONTENT,
    ZERO,
    Account,
)
from .ledger_plan import LedgerPlan
from .ledger_store import NEW_LOTS, RETURNED, LedgerStore


class LedgerBatch(LedgerPlan, LedgerStore):
    """Posts one list of movements. Made and run by ``club.point.entry._post`` only."""

    def __init__(self, entry_model, movements):
        """:param entry_model: ``club.point.entry``; :param movements: :class:`Movement` in posting order."""
        self.model = entry_model
        self.env = entry_model.env
        self.movements = movements
        # By (member asked for, whether to stay on its card), and by card.
        self.accounts = {}
        self.cards = {}
        # By lot: the entry that issued its points and the day on which they may open; how often it was taken from.
        self.issues = {}
        self.taken_times = {}
        self.today = {}
        # By card: what the batch does to its balance.
        self.changes = defaultdict(Decimal)
        # Whether lots that were there before are others now.
        self.lots_changed = False

    def run(self):
        """Post everything; return the entry ids in the order of the movements.

        :raises NotEnoughPoints: a spend exceeds what is available.
        :raises UserError: a key was used before with other content, or a value is impossible.
        """
        self._flush()
        unique = self._without_repeats()
        if not self._post_at_once(unique):
            self._lock_and_post(unique)
        self._invalidate()
        return [movement.entry_id for movement in self.movements]

    def _lock_and_post(self, unique):
        self._lock_accounts(unique)
        for position, movement in enumerate(unique):
            movement.order = NEWEST + position
            self._resolve(movement)
        if all(m.op == CREDIT for m in unique) and all(a.balance >= 0 for a in self.cards.values()):
            self._post_credits(unique)
        else:
            self._post_planned(unique)

    # -- preparing ----------------------------------------------------------

    def _flush(self):
        """Raw SQL reads these tables: what the ORM still holds back goes first, but no foreign balance."""
        self.env["loyalty.card"]._club_restore()
        transaction = self.env.transaction
        if not (transaction.field_dirty or transaction.tocompute):
            return
        for name in ("club.club", "club.member", "loyalty.card", "club.event", "club.earn.rule"):
            self.env[name].flush_model()

    def _without_repeats(self):
        """The same key twice in one list is one movement; ``entry_id`` of the second follows in ``_share_ids``."""
        first = {}
        for movement in self.movements:
            twin = first.setdefault(movement.key, movement)
            if twin is not movement and any(
                getattr(twin, name) != getattr(movement, name)
                for name in ("member_id", "points", "amount", *SAME_CONTENT)
            ):
                raise self._conflict(movement)
        return list(first.values())

    def _lock_accounts(self, movements):
        """Lock the cards in id order and read balances and policies: one statement.

        NO KEY UPDATE, because plain FOR UPDATE would block whatever merely refers to the card. A card changed since
        our snapshot raises a serialization error, which Odoo retries. A merged member's points belong to the member
        it became; only what returns to a lot of the old card is posted there first (see ``_forward``).

        The LATERAL look-ups keep the order of locking, and the planner from joining whole tables with each other where
        its statistics are from before a large import (seen: minutes instead of milliseconds).
        """
        wanted = {(movement.member_id, False) for movement in movements}
        wanted |= {(movement.member_id, True) for movement in movements if movement.stay}
        wanted = sorted(wanted)
        rows = self.env.execute_query(
            SQL(
                """
            SELECT wanted.id, wanted.stay, wanted.member_id, wanted.card_id, wanted.club_id, club.*, card.points
              FROM (
                   SELECT asked.id, asked.stay, m.id AS member_id, m.card_id, m.club_id
                     FROM unnest(%s::int[], %s::bool[]) AS asked(id, stay)
                    CROSS JOIN LATERAL (
                          SELECT COALESCE(merged_into_id, id) AS id FROM club_member WHERE id = asked.id LIMIT 1
                    ) became
                    CROSS JOIN LATERAL (
                          SELECT id, card_id, club_id FROM club_member
                           WHERE id = CASE WHEN asked.stay THEN asked.id ELSE became.id END LIMIT 1
                    ) m
                    ORDER BY m.card_id
              ) wanted
             CROSS JOIN LATERAL (
                   SELECT company_id, points_digits, expiry_policy, COALESCE(expiry_months, 0),
                          COALESCE(expiry_month, 0), COALESCE(expiry_day, 0), COALESCE(expiry_grace_months, 0),
                          calendar, tz,
                          EXISTS (
                              SELECT FROM loyalty_mail mail
                               WHERE mail.program_id = club_club.program_id AND mail.trigger = 'points_reach')
                     FROM club_club WHERE id = wanted.club_id LIMIT 1
             ) club
             CROSS JOIN LATERAL (SELECT points FROM loyalty_card WHERE id = wanted.card_id FOR NO KEY UPDATE) card
            """,
                [member for member, _stay in wanted],
                [stay for _member, stay in wanted],
            )
        )
        for asked, stay, member, card, club, company, digits, policy, months, month, day, grace, *rest, points in rows:
            self.accounts[asked, stay] = self.cards[card] = Account(
                member,
                card,
                club,
                company,
                engine_lots.to_decimal(round(points or 0.0, 2)),
                digits,
                (policy, months, month, day, grace),
                *rest,
            )
        missing = {member for member, _stay in set(wanted) - set(self.accounts)}
        if missing:
            raise UserError(
                self.env._(
                    "The members %(ids)s do not exist, so no points were posted. Enrol the customers first.",
                    ids=", ".join(map(str, sorted(missing))),
                )
            )

    def _resolve(self, movement):
        account = self.accounts[movement.member_id, movement.stay]
        movement.asked_id = movement.member_id
        movement.member_id, movement.card_id = account.member_id, account.card_id
        movement.club_id, movement.company_id = account.club_id, account.company_id
        digits = account.digits if movement.kind in COUNTED else MOST_DIGITS
        try:
            movement.points = engine_lots.exact(movement.points, digits)
            movement.amount = engine_lots.exact(movement.amount, digits)
        except engine_lots.InexactPointsError as error:
            raise UserError(
                self.env._(
                    "%(points)s points cannot be posted (%(key)s): the club counts points with %(digits)s decimals. "
                    "Round them first.",
                    points=movement.points,
                    key=movement.key,
                    digits=digits,
                )
            ) from error
        if movement.op == CREDIT and movement.expires_on is None:
            movement.expires_on = self._default_expiry(movement, account)
        movement.expires_on = movement.expires_on or None
        if movement.op == CREDIT:
            movement.available = ZERO if movement.pending else movement.points

    def _default_expiry(self, movement, account):
        policy, months, month, day, grace = account.expiry
        if policy in ("never", "inactivity"):
            return False
        earned_on = periods.local_date(movement.date, account.tz)
        if policy == "fixed_day":
            return periods.fixed_day_expiry(earned_on, month, day, account.calendar, grace_months=grace)
        return periods.expiry_date(policy, earned_on, months, month, day, account.calendar)

    # -- posting ------------------------------------------------------------

    def _post_at_once(self, movements):
        """The leanest way, for what one sale earns: lock, entries, lots and balance in one statement.

        The update of the card is its lock: if it changed since our snapshot, that raises a serialization error as well
        as locking first would. Taken are points for one member whose card the caller has read, and has no arrears.

        :return: whether it was posted; if not, nothing was done.
        """
        account = self._get_known_account(movements)
        if not account:
            return False
        self.accounts[account.member_id, False] = account
        given = [movement.expires_on for movement in movements]
        for movement in movements:
            self._resolve(movement)
        one = len(movements) == 1
        added = SQL("ins") if one else SQL("(SELECT card_id, SUM(available) AS available FROM ins GROUP BY card_id)")
        rows = self.env.execute_query(
            SQL(
                """
            WITH ins AS (%(insert)s),
            lot AS (%(lots)s), card AS (
                UPDATE loyalty_card card SET points = round(card.points::numeric + change.available, 2)
                  FROM %(change)s change WHERE card.id = change.card_id
                RETURNING card.points
            )
            SELECT ins.key, ins.id, card.points FROM ins, card
            """,
                insert=self._insert_solvent_sql(movements),
                lots=NEW_LOTS,
                change=added,
            )
        )
        if not rows:  # arrears, or keys that are known: the other ways look closer
            for movement, expires_on in zip(movements, given, strict=True):
                movement.expires_on = expires_on
            return False
        posted = {key: entry_id for key, entry_id, _balance in rows}
        change = sum((movement.available for movement in movements if movement.key in posted), ZERO)
        self.cards[account.card_id], self.changes[account.card_id] = account, change
        account.balance = engine_lots.to_decimal(round(rows[0][2], 2)) - change
        self._take_ids(movements, posted)
        return True

    def _get_known_account(self, movements):
        """The account of the one member of these movements as the caller and the cache know it, or ``None``.

        Its balance is not known yet.
        """
        first = movements[0]
        if not first.card_id or any(
            movement.op != CREDIT
            or movement.stay
            or (movement.member_id, movement.card_id, movement.club_id)
            != (first.member_id, first.card_id, first.club_id)
            for movement in movements
        ):
            return None
        policy = self.env["club.club"]._get_ledger_policies().get(first.club_id)
        if not policy or policy.has_milestones:
            return None
        return Account(first.member_id, first.card_id, first.club_id, policy.company_id, ZERO, *policy[1:])

    def _post_credits(self, movements):
        """The lean way, for points that only come in on cards without arrears: one statement.

        A card is written even where its balance stays as it is (pending points): whoever waits for it has counted
        limits without these points, and must start over with a new snapshot, which an unchanged row would not say.
        """
        query = SQL(
            """
            WITH ins AS (%(insert)s),
            lot AS (%(lots)s), card AS (
                UPDATE loyalty_card card
                   SET points = round(card.points::numeric + change.available, 2)
                  FROM (SELECT card_id, SUM(available) AS available FROM ins GROUP BY card_id) change
                 WHERE card.id = change.card_id
            )
            SELECT key, id FROM ins
            """,
            insert=self._insert_entries_sql(movements, RETURNED),
            lots=NEW_LOTS,
        )
        posted = dict(self.env.execute_query(query))
        for movement in movements:
            if movement.key in posted:
                self.changes[movement.card_id] += movement.available
        self._take_ids(movements, posted)

    def _post_planned(self, movements):
        """The general way: read the lots, let the engine decide, store what it decided."""
        known = self._read_existing([movement.key for movement in movements])
        new = [movement for movement in movements if movement.key not in known]
        if new:
            book = self._load_book(new)
            extra = self._plan(book, new)
            posted = dict(self.env.execute_query(SQL("%s", self._insert_entries_sql(new + extra))))
            for movement in new + extra:
                movement.entry_id = posted[movement.key]
            self._store_lots(book, new + extra)
        self._take_ids(movements, {m.key: m.entry_id for m in new}, known)

    def _take_ids(self, movements, posted, known=None):
        """Give every movement its entry id; what was not posted now must be the same movement posted before."""
        absent = [movement.key for movement in movements if movement.key not in posted]
        if absent:
            known = known if known is not None else self._read_existing(absent)
            for movement in movements:
                if movement.key in posted:
                    continue
                earlier = known[movement.key]
                if not self._same(movement, earlier):
                    raise self._conflict(movement)
                posted[movement.key] = earlier["id"]
        for movement in self.movements:
            movement.entry_id = posted[movement.key]

    def _same(self, movement, earlier):
        amount_agrees = (
            movement.amount == engine_lots.to_decimal(abs(earlier["available"]))
            if movement.op in (OPEN, CLOSE)
            else movement.points == engine_lots.to_decimal(earlier["points"])
        )
        owner = self.accounts[movement.asked_id, False].member_id
        return (
            amount_agrees
            and owner == earlier["owner_id"]
            and all((getattr(movement, name) or None) == (earlier[name] or None) for name in SAME_CONTENT)
        )

    def _conflict(self, movement):
        return UserError(
            self.env._(
                "The key %(key)s names a movement of points that was posted before with other content. Nothing was "
                "posted. "
                "Send the first content again, or use a new key for a new movement.",
                key=movement.key,
            )
        )
