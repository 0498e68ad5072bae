"""The ledger: one immutable row per movement of points."""

import json
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError
from odoo.tools import SQL

from .immutable import make_append_only
from .ledger_batch import CLOSE, CREDIT, DEBIT, GIVE_BACK, OPEN, LedgerBatch, Movement

VALUES = frozenset(
    {
        "member_id",
        "kind",
        "points",
        "key",
        "pending",
        "date",
        "available_on",
        "expires_on",
        "event_id",
        "rule_id",
        "origin",
        "origin_model",
        "origin_id",
        "happened",
        "note",
        "detail",
        "user_id",
        "lots",
        "only",
        "root_id",
    }
)
POSTABLE = frozenset({"earn", "spend", "expire", "transfer", "adjust", "opening"})
ZERO = Decimal(0)
# The sign of the points of each kind; 0: either.
SIGN = {"earn": 1, "opening": 1, "spend": -1, "expire": -1, "transfer": 0, "adjust": 0}


class ClubPointEntry(models.Model):
    """A movement of points, written once by :meth:`_post` and never changed (a trigger in the database sees to it).

    ``points`` is what the movement does to what the member owns, ``available`` what it does to what can be spent:
    points of a sale that is not final yet are (n, 0), their opening is (0, n), a spend is (-n, -n).
    """

    _name = "club.point.entry"
    _description = "Club Point Entry"
    _order = "id desc"
    _log_access = False
    _rec_name = "key"

    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("earn", "Earned"),
            ("open", "Became spendable"),
            ("spend", "Spent"),
            ("expire", "Expired"),
            ("transfer", "Transferred"),
            ("adjust", "Adjusted"),
            ("opening", "Opening balance"),
            ("reverse", "Reversed"),
        ],
        required=True,
        readonly=True,
    )
    points = fields.Float(digits=(16, 2), required=True, readonly=True, help="Signed: what the member owns.")
    available = fields.Float(
        string="Spendable",
        digits=(16, 2),
        required=True,
        readonly=True,
        help="Signed: what it does to the points that can be spent.",
    )
    date = fields.Datetime(required=True, readonly=True)
    available_on = fields.Date(readonly=True, help="The day from which pending points may open; empty: not known yet.")
    expires_on = fields.Date(readonly=True, help="The first day on which the points can no longer be spent.")
    key = fields.Char(required=True, readonly=True)
    event_id = fields.Many2one("club.event", readonly=True, index="btree_not_null", ondelete="restrict")
    rule_id = fields.Many2one("club.earn.rule", readonly=True, index="btree_not_null", ondelete="restrict")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    reverses_id = fields.Many2one("club.point.entry", readonly=True, index="btree_not_null", ondelete="restrict")
    root_id = fields.Many2one(
        "club.point.entry",
        string="Issued By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The entry that first issued these points; empty when this one did. It carries the cohort.",
    )
    happened = fields.Boolean(
        string="Already Happened", readonly=True, help="Told to us after the fact; it may exceed what was available."
    )
    user_id = fields.Many2one("res.users", string="By", readonly=True, ondelete="restrict")
    note = fields.Char(readonly=True)
    detail = fields.Json(readonly=True, help="What an earning rule counted, line by line.")

    lot_ids = fields.One2many("club.point.lot", "entry_id", readonly=True)
    allocation_ids = fields.One2many("club.point.allocation", "entry_id", string="Paid From", readonly=True)
    reversal_ids = fields.One2many("club.point.entry", "reverses_id", string="Reversed By", readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "This movement of points is posted already.")
    _member_idx = models.Index("(member_id, id)")
    # A club's budget sums a period at every confirmation: from the index alone, however old the ledger.
    _budget_idx = models.Index("(club_id, date) INCLUDE (points, kind) WHERE rule_id IS NOT NULL")
    _origin_idx = models.Index("(origin_model, origin_id) WHERE origin_id IS NOT NULL")

    def init(self):
        """Make entries and allocations append-only in the database itself, against ORM and plain SQL alike."""
        make_append_only(self.env, "club_point_entry", "club_point_allocation")

    # -- CRUD: only _post writes ---------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._(
                "Points are posted by the club's own documents, not typed into the ledger. Make an adjustment instead."
            )
        )

    def write(self, vals):
        raise UserError(
            self.env._(
                "A ledger entry never changes. Correct it by an adjustment or by reversing the document it came from."
            )
        )

    def unlink(self):
        raise UserError(
            self.env._(
                "A ledger entry is never deleted. Correct it by an adjustment or by reversing the document it came "
                "from."
            )
        )

    # -- actions --------------------------------------------------------------

    def action_open_origin(self):
        """Open the document that this entry comes from.

        :raises UserError: it has none, or it is gone.
        """
        self.ensure_one()
        known = self.origin_model and self.origin_model in self.env
        if not known or not self.env[self.origin_model].browse(self.origin_id).exists():
            raise UserError(
                self.env._("The entry %(key)s has no document to open, or it was deleted since.", key=self.key)
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.origin_model,
            "res_id": self.origin_id,
            "views": [(False, "form")],
        }

    # -- posting --------------------------------------------------------------

    @api.model
    def _post(self, vals_list):
        """Post movements of points; the only code that creates entries, moves lots and changes club balances.

        A list costs a constant number of SQL statements; call it once with all movements. They are applied in order.

        :param list[dict] vals_list: for each movement ``member_id``, ``kind`` (earn, spend, expire, transfer, adjust,
            opening), ``points`` (signed, in the club's decimals), ``key`` (names the business fact, unique), and where
            it applies ``pending`` (owned but not spendable), ``date`` (UTC, default now), ``available_on``,
            ``expires_on`` (``False``: never; absent: the
            club's policy), ``event_id``, ``rule_id``, ``origin`` (a record),
            ``happened`` (may exceed what is available; the rest becomes arrears), ``note``, ``detail`` (JSON),
            ``lots`` (lot ids to take from first), ``only`` (and from no others), ``root_id`` (who issued the points).
        :return: the entries, in the order of ``vals_list``; for a key posted before, the entry of that time.
        :raises NotEnoughPoints: a spend exceeds what can be spent.
        :raises UserError: a key returns with other content, or a value is impossible. Nothing is posted then.
        """
        return self._run_batch([self._prepare_movement(vals) for vals in vals_list])

    def _run_batch(self, movements):
        if not movements:
            return self.browse()
        ids = LedgerBatch(self, movements).run()
        entries = self.browse(ids)
        self._after_post(entries, movements)
        return entries

    @api.model
    def _after_post(self, entries, movements):
        """Called after entries were posted (or found posted before). To be extended, without a query per entry.

        :param movements: what ``entries`` were made from, in the same order; reading them costs no query.
        """

    @api.model
    def _prepare_movement(self, vals):
        unknown = vals.keys() - VALUES
        if unknown:
            raise ValueError(f"club.point.entry._post does not know {', '.join(sorted(unknown))}")
        kind, points = vals["kind"], engine_lots.to_decimal(vals["points"])
        if kind not in POSTABLE:
            raise ValueError(f"kind {kind!r} is posted by its own method")
        if not points or points * SIGN[kind] < 0:
            raise UserError(
                self.env._(
                    "%(points)s points make no entry of kind %(kind)s (%(key)s).",
                    points=points,
                    kind=kind,
                    key=vals["key"],
                )
            )
        origin = vals.get("origin")
        return Movement(
            member_id=vals["member_id"],
            kind=kind,
            key=vals["key"],
            points=points,
            op=CREDIT if points > 0 else DEBIT,
            date=vals.get("date") or fields.Datetime.now(),
            pending=bool(vals.get("pending")),
            available_on=vals.get("available_on") or None,
            expires_on=vals.get("expires_on"),
            event_id=vals.get("event_id") or None,
            rule_id=vals.get("rule_id") or None,
            origin_model=origin._name if origin else vals.get("origin_model") or None,
            origin_id=origin.id if origin else vals.get("origin_id") or None,
            root_id=vals.get("root_id") or None,
            happened=bool(vals.get("happened")),
            user_id=vals.get("user_id") or self.env.uid,
            note=vals.get("note") or None,
            detail=json.dumps(vals["detail"]) if vals.get("detail") else None,
            lots=tuple(vals.get("lots") or ()),
            only=bool(vals.get("only")),
        )

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

    # -- reading --------------------------------------------------------------

    def _read_keys(self, keys):
        """Points of the entries that carry one of ``keys`` already."""
        rows = self.env.execute_query(
            SQL(
                "SELECT key, CASE WHEN points = 0 THEN available ELSE points END FROM club_point_entry WHERE key = "
                "ANY(%s)",
                keys,
            )
        )
        return {key: engine_lots.to_decimal(points) for key, points in rows}

    def _read_reversed(self, entries):
        """What has been reversed of each entry so far and not given back since, positive."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.reverses_id, ABS(SUM(CASE WHEN r.points = 0 THEN r.available ELSE r.points END + COALESCE(
                         (SELECT SUM(back.points) FROM club_point_entry back WHERE back.reverses_id = r.id), 0)))
                  FROM club_point_entry r
                 WHERE r.reverses_id = ANY(%s)
                 GROUP BY r.reverses_id
                """,
                entries.ids,
            )
        )
        return {entry: engine_lots.to_decimal(points) for entry, points in rows}

    def _read_expired(self, entries):
        """What of each earning's points has expired on its own day, on whosever card they were.

        What was lost otherwise, by leaving or by inactivity, is not counted: it would come back with the same fact.
        SQL as for :meth:`_read_reversed`.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(e.root_id, e.id), SUM(a.points)
                  FROM club_point_entry e
                  JOIN club_point_lot lot ON lot.entry_id = e.id
                  JOIN club_point_allocation a ON a.lot_id = lot.id
                  JOIN club_point_entry taker ON taker.id = a.entry_id AND taker.kind = 'expire'
                       -- the club's day may have begun before that of UTC
                       AND lot.expires_on <= (taker.date + interval '1 day')::date
                 WHERE e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)
                 GROUP BY 1
                """,
                ids=entries.ids,
            )
        )
        return {entry: engine_lots.to_decimal(points) for entry, points in rows}

    def _read_reopenable(self, entries):
        """By issuing entry, for openings among ``entries``: what of its points is neither taken back nor pending."""
        roots = entries.filtered(lambda entry: entry.kind == "open").root_id.ids
        if not roots:
            return {}
        return {
            root: engine_lots.to_decimal(points)
            for root, points in self.env.execute_query(
                SQL(
                    """
            SELECT root.id, root.points
                   + COALESCE((
                       SELECT SUM(r.points + COALESCE(
                                (SELECT SUM(back.points) FROM club_point_entry back WHERE back.reverses_id = r.id), 0))
                         FROM club_point_entry r WHERE r.reverses_id = root.id
                   ), 0)
                   - COALESCE((
                       SELECT SUM(lot.remaining) FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                        WHERE (e.id = root.id OR e.root_id = root.id) AND lot.state = 'pending'
                   ), 0)
              FROM club_point_entry root WHERE root.id = ANY(%s)
            """,
                    roots,
                )
            )
        }

    def _read_lots_of(self, entries):
        """The lots that hold what each positive entry brought in: pending ones first, then those opened from it."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT e.id, COALESCE(e.root_id, e.id), lot.id
              FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
             WHERE e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)
             ORDER BY lot.state = 'pending' DESC, lot.id
            """,
                ids=entries.ids,
            )
        )
        found = defaultdict(list)
        for entry, root, lot in rows:
            found[root].append(lot)
            if entry != root:
                found[entry].append(lot)
        return found

    def _read_taken_by(self, entries):
        """What each negative entry took from which lot and has not given back, in the order of taking."""
        found = defaultdict(list)
        for entry, lot, points in self.env.execute_query(
            SQL(
                """
            SELECT e.taker, a.lot_id, SUM(a.points)
              FROM (
                    SELECT id AS taker, id FROM unnest(%(ids)s::int[]) id
                     UNION ALL
                    SELECT reverses_id, id FROM club_point_entry WHERE reverses_id = ANY(%(ids)s)
                   ) e
              JOIN club_point_allocation a ON a.entry_id = e.id
             GROUP BY e.taker, a.lot_id
            HAVING SUM(a.points) > 0
             ORDER BY MIN(a.id)
            """,
                ids=entries.ids,
            )
        ):
            found[entry].append((lot, engine_lots.to_decimal(points)))
        return found

    @api.model
    def _unpaid_sql(self, card_ids):
        """Entries of these cards that lots have not fully paid: card, entry, points; oldest first.

        A reversal that let arrears vanish counts with the entry it reversed.
        """
        return SQL(
            """
            SELECT card_id, entry_id, SUM(unpaid) AS unpaid FROM (
                SELECT e.card_id, CASE WHEN e.kind = 'reverse' AND e.points > 0 THEN e.reverses_id ELSE e.id END AS
                  entry_id,
                       COALESCE(lot.points, 0) - e.points - COALESCE(paid.points, 0) AS unpaid
                  FROM club_point_entry e
                  LEFT JOIN club_point_lot lot ON lot.entry_id = e.id
                  LEFT JOIN LATERAL (
                       SELECT SUM(a.points) AS points FROM club_point_allocation a WHERE a.entry_id = e.id
                  ) paid ON TRUE
                 WHERE e.card_id = ANY(%s)
            ) movement
             GROUP BY card_id, entry_id
            HAVING SUM(unpaid) > 0
             ORDER BY entry_id
            """,
            card_ids,
        )

    @api.model
    def _get_held_points(self, asked):
        """Points of a balance that a spend by another document cannot take: unfinished payments hold them, or they have
        expired though it is not posted yet.

        :param asked: set of ``(card id, origin model, origin id)``: a document's own hold does not stand in its way.
        :return: dict by the same triples, Decimal points. To be extended by whoever holds points.
        """
        return {}

    @api.depends("kind", "points")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = (
                f"{dict(self._fields['kind']._description_selection(self.env)).get(entry.kind)} {entry.points:+g}"
            )
