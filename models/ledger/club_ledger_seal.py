"""A range of the ledger under one hash, chained to the one before."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .immutable import make_append_only

# Entries under one seal. A seal is hashed by the database in one statement of about this many rows.
ROWS = 50_000
#: The line of an entry and of an allocation in the text of a seal of version 1; the audit file has the same lines.
ENTRY_LINE = SQL(
    """json_build_array(
         id, member_id, card_id, club_id, company_id, kind, round(points, 2)::text, round(available, 2)::text,
         to_char(date, 'YYYY-MM-DD"T"HH24:MI:SS.US'), to_char(available_on, 'YYYY-MM-DD'),
         to_char(expires_on, 'YYYY-MM-DD'), key, event_id, rule_id, origin_model, origin_id, reverses_id, root_id,
         COALESCE(happened, FALSE), user_id, note, detail::text
       )::text"""
)
ALLOCATION_LINE = SQL("json_build_array(id, lot_id, entry_id, round(points, 2)::text)::text")


class ClubLedgerSeal(models.Model):
    """A seal over the entries ``from_id``…``to_id`` and the allocations ``allocation_from_id``…``allocation_to_id``.

    **Version 1.** The digest is ``SHA-256(text)`` in hexadecimal, of this text in UTF-8, every line ended by LF:

    1. ``customer-club-seal-1``
    2. the digest of the previous seal, or nothing for the first one
    3. one line per entry, by id: a JSON array, ``", "`` between its values, of id, member, card, club, company, kind,
       points, available, date, available_on, expires_on, key, event, rule, origin_model, origin_id, reverses, root,
       happened, user, note, detail. Points are texts with two decimals; a date-time is a text like
       ``2026-01-31T23:59:59.000000`` in UTC; detail is the text of its JSON, or null.
    4. one line per allocation, by id: ``[id, lot, entry, points]`` likewise.

    Python's ``json.dumps(row, ensure_ascii=False)`` writes such a line, so anybody can verify a seal from an export. A
    lot of an allocation is named by its id, which is that of the entry that made it.

    Everything up to ``to_id`` is closed for ever: the horizon is read under a lock for which every transaction that
    could still write a lower id has been waited for. Seals are never changed or deleted.
    """

    _name = "club.ledger.seal"
    _description = "Club Ledger Seal"
    _order = "id desc"
    _log_access = False

    version = fields.Integer(required=True, readonly=True)
    sealed_at = fields.Datetime(required=True, readonly=True)
    from_id = fields.Integer(string="From Entry", required=True, readonly=True)
    to_id = fields.Integer(string="To Entry", required=True, readonly=True)
    count = fields.Integer(string="Entries", required=True, readonly=True)
    total = fields.Float(string="Sum of Points", digits=(16, 2), required=True, readonly=True)
    allocation_from_id = fields.Integer(string="From Allocation", required=True, readonly=True)
    allocation_to_id = fields.Integer(string="To Allocation", required=True, readonly=True)
    allocation_count = fields.Integer(string="Allocations", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    previous_id = fields.Many2one("club.ledger.seal", readonly=True, ondelete="restrict")

    # The chain cannot fork.
    _previous_unique = models.UniqueIndex("(COALESCE(previous_id, 0))", "Another seal follows the same one already.")

    def init(self):
        make_append_only(self.env, "club_ledger_seal")

    @api.depends("from_id", "to_id")
    def _compute_display_name(self):
        for seal in self:
            seal.display_name = self.env._("Seal of entries %(first)s to %(last)s", first=seal.from_id, last=seal.to_id)

    # -- CRUD -----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Seals are made by the nightly job or on the health page, not typed in."))

    def write(self, vals):
        raise UserError(
            self.env._("A seal never changes: it proves what the ledger was. The next seal covers what came later.")
        )

    def unlink(self):
        raise UserError(self.env._("A seal is never deleted: the seals after it are chained to it."))

    # -- actions --------------------------------------------------------------

    def action_verify(self):
        """Verify these seals and tell the result."""
        problems = self._verify()
        return self._notify_result(problems, len(self))

    @api.model
    def _notify_result(self, problems, count):
        message = "\n".join(problems[:5]) or self.env._(
            "Seals verified: %(count)s. Every entry is as it was sealed.", count=count
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The seal chain is broken") if problems else self.env._("The seal chain holds"),
                "message": message,
                "type": "danger" if problems else "success",
                "sticky": bool(problems),
            },
        }

    # -- sealing --------------------------------------------------------------

    @api.model
    def _seal(self, size=ROWS):
        """Seal all entries that no transaction can add to any more, in ranges of about ``size`` entries.

        Each range is committed by itself. Two jobs at once take turns.

        :return: the new seals.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        horizon = self._read_horizon()
        seconds_left, ids = cron._commit_progress(remaining=1), []
        while seconds_left > 0:
            seal = self._seal_next(horizon, size)
            if not seal:
                cron._commit_progress(remaining=0)
                break
            ids.append(seal)
            seconds_left = cron._commit_progress(1, remaining=1)
        return self.browse(ids)

    def _read_horizon(self):
        """The last entry and allocation below which nothing can appear any more.

        The lock is the first statement of its transaction, so the snapshot is taken after every writer in flight has
        ended; ids given out later are higher. A seal by day or by maximum alone would miss writers in flight. The lock
        is held for the time of two index look-ups.
        """
        self.env.cr.execute(SQL("LOCK TABLE club_point_entry, club_point_allocation IN SHARE MODE"))
        [horizon] = self.env.execute_query(
            SQL(
                "SELECT COALESCE((SELECT MAX(id) FROM club_point_entry), 0), COALESCE((SELECT MAX(id) FROM "
                "club_point_allocation), 0)"
            )
        )
        return horizon

    def _seal_next(self, horizon, size):
        """Seal the next range below the horizon; return the seal's id, or ``None`` if everything is sealed.

        The lock makes two sealing jobs take turns; being first, it lets the second see the first one's seals.
        """
        self.env.cr.execute(SQL("LOCK TABLE club_ledger_seal IN SHARE ROW EXCLUSIVE MODE"))
        previous = self.sudo().search([], limit=1)
        entries_after, allocations_after = previous.to_id or 0, previous.allocation_to_id or 0
        [(last, last_allocation)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE((SELECT MAX(id) FROM (
                           SELECT id FROM club_point_entry WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) e), %s),
                       COALESCE((SELECT MAX(id) FROM (
                           SELECT id FROM club_point_allocation WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) a), %s)
                """,
                entries_after,
                horizon[0],
                size,
                entries_after,
                allocations_after,
                horizon[1],
                size,
                allocations_after,
            )
        )
        if (last, last_allocation) == (entries_after, allocations_after):
            return None
        values = {
            "version": 1,
            "sealed_at": fields.Datetime.now(),
            "from_id": entries_after + 1,
            "to_id": last,
            "allocation_from_id": allocations_after + 1,
            "allocation_to_id": last_allocation,
            "previous_id": previous.id or None,
        }
        count, total, allocation_count, digest = self._compute_content(values, previous.digest or "")
        values.update(count=count, total=total, allocation_count=allocation_count, digest=digest)
        [(seal,)] = self.env.execute_query(
            SQL(
                "INSERT INTO club_ledger_seal (%s) VALUES %s RETURNING id",
                SQL(", ").join(map(SQL.identifier, values)),
                tuple(values.values()),
            )
        )
        self.invalidate_model(flush=False)
        return seal

    @api.model
    def _compute_content(self, seal, previous_digest):
        """Count, sum, number of allocations and digest of what a seal covers (see the class for the text).

        The database builds and hashes the text: reading the rows to Python would cost ten times as much.

        :param seal: a seal or a dict with its ranges.
        """
        [row] = self.env.execute_query(
            SQL(
                """
                WITH entry AS (
                    SELECT COUNT(*) AS count, COALESCE(SUM(points), 0) AS total,
                           COALESCE(string_agg(%(entry_line)s || E'\\n', '' ORDER BY id), '') AS text
                      FROM club_point_entry WHERE id BETWEEN %(from_id)s AND %(to_id)s
                ), allocation AS (
                    SELECT COUNT(*) AS count,
                           COALESCE(string_agg(%(allocation_line)s || E'\\n', '' ORDER BY id), '') AS text
                      FROM club_point_allocation WHERE id BETWEEN %(allocation_from_id)s AND %(allocation_to_id)s
                )
                SELECT entry.count, entry.total, allocation.count, encode(sha256(convert_to(
                         'customer-club-seal-1' || E'\\n' || %(previous)s || E'\\n' || entry.text || allocation.text,
                           'UTF8')), 'hex')
                  FROM entry, allocation
                """,
                previous=previous_digest,
                entry_line=ENTRY_LINE,
                allocation_line=ALLOCATION_LINE,
                **{name: seal[name] for name in ("from_id", "to_id", "allocation_from_id", "allocation_to_id")},
            )
        )
        return row

    # -- verifying ------------------------------------------------------------

    def _verify(self):
        """Compute these seals again (all, if called on none) and compare, one statement per seal.

        :return: one sentence per difference, oldest first: which seal, which range, and what differs; empty if all
        hold.
        """
        seals = (self or self.search([])).sudo().sorted("id")
        problems = []
        for seal in seals:
            problems += seal._find_differences()
        return problems

    def _find_differences(self):
        self.ensure_one()
        previous = self.previous_id
        if (self.from_id, self.allocation_from_id) != (previous.to_id + 1, previous.allocation_to_id + 1):
            return [
                self.env._(
                    "%(seal)s (no. %(id)s) does not begin where the one before it ends.",
                    seal=self.display_name,
                    id=self.id,
                )
            ]
        count, total, allocation_count, digest = self._compute_content(self, previous.digest or "")
        compared = [
            (self.env._("entries"), self.count, count),
            (self.env._("sum of points"), round(self.total, 2), round(float(total), 2)),
            (self.env._("allocations"), self.allocation_count, allocation_count),
        ]
        differences = [
            self.env._("%(what)s: sealed %(sealed)s, found %(found)s", what=what, sealed=sealed, found=found)
            for what, sealed, found in compared
            if sealed != found
        ]
        if digest == self.digest and not differences:
            return []
        return [
            self.env._(
                "%(seal)s (no. %(id)s) is broken: %(what)s.",
                seal=self.display_name,
                id=self.id,
                what="; ".join(differences)
                or self.env._("the content of an entry or allocation was changed (digest differs)"),
            )
        ]
