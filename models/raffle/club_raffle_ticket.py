"""A ticket: a number without gaps, a code that nobody can guess, and where it came from."""

import base64
import secrets

from odoo import api, fields, models
from odoo.addons.customer_club.models.ledger.immutable import make_append_only
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Five bits a letter, twelve letters: 60 random bits.
LETTERS = 12
MOST = 9_999_999


class ClubRaffleTicket(models.Model):
    """One chance. Rows are only ever inserted, by :meth:`_issue`; the database refuses everything else."""

    _name = "club.raffle.ticket"
    _description = "Raffle Ticket"
    _order = "raffle_id, number"
    _log_access = False
    _rec_name = "code"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="restrict")
    number = fields.Integer(required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    source = fields.Selection(
        [("points", "Bought with points"), ("earned", "Earned"), ("free", "Free entry")], required=True, readonly=True
    )
    at = fields.Datetime(string="Issued On", required=True, readonly=True)
    purchase_id = fields.Many2one("club.raffle.purchase", readonly=True, index="btree_not_null", ondelete="restrict")
    event_id = fields.Many2one("club.event", readonly=True, index="btree_not_null", ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Entered By", readonly=True, ondelete="restrict")
    key = fields.Char(readonly=True)
    exclusion_reason = fields.Char(string="Left Out", compute="_compute_exclusion_reason")

    _number_unique = models.Constraint("UNIQUE(raffle_id, number)", "Numbers of tickets are given once.")
    _code_unique = models.UniqueIndex('(raffle_id, code COLLATE "C")')
    _member_idx = models.Index("(member_id, raffle_id, number)")
    _key_unique = models.UniqueIndex("(raffle_id, key) WHERE key IS NOT NULL")

    def init(self):
        """Append-only, and only while the raffle is open: against the ORM and plain SQL alike."""
        make_append_only(self.env, "club_raffle_ticket")
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION club_check_raffle_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM club_raffle r WHERE r.id IN (SELECT raffle_id FROM added)
                              AND r.state <> 'open') THEN
                    RAISE EXCEPTION USING MESSAGE = 'Tickets are issued while a raffle is open, never after.',
                          ERRCODE = 'restrict_violation';
                END IF;
                RETURN NULL;
            END $$
            """
            )
        )
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE TRIGGER club_raffle_ticket_open AFTER INSERT ON club_raffle_ticket
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION club_check_raffle_tickets()
            """
            )
        )

    def _compute_exclusion_reason(self):
        exclusions = self.env["club.raffle.exclusion"].search([("ticket_id", "in", self.ids)])
        labels = dict(exclusions._fields["reason"]._description_selection(self.env))
        reasons = {exclusion.ticket_id: labels[exclusion.reason] for exclusion in exclusions}
        for ticket in self:
            ticket.exclusion_reason = reasons.get(ticket, False)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Tickets are bought, earned or entered, not typed in. Use the raffle's buttons."))

    def write(self, vals):
        raise UserError(self.env._("A ticket never changes."))

    def unlink(self):
        raise UserError(self.env._("A ticket is never deleted: its number would be missing. It can be left out."))

    # -- issuing -------------------------------------------------------------------------------------

    @api.model
    def _make_codes(self, first, count):
        """Codes of tickets from number ``first`` on: the number, then 60 random bits (0000042-K7QF-2MXP-3TRA)."""
        letters = base64.b32encode(secrets.token_bytes(10 * count)).decode()
        codes = []
        for row in range(count):
            part = letters[16 * row : 16 * row + LETTERS]
            codes.append(f"{first + row:07d}-{part[:4]}-{part[4:8]}-{part[8:]}")
        return codes

    @api.model
    def _issue(self, raffle, rows):
        """Insert tickets in one statement, with the next numbers; the caller has locked the raffle and checked.

        SQL because a million rows may come at once, and because the numbers must follow one another: the raffle's row
        is updated, so a concurrent issue is repeated by Odoo and sees these.

        :param rows: dicts of ``member_id``, ``source``, and where it applies ``count`` (default 1), ``purchase_id``,
            ``event_id``, ``user_id``, ``key`` (of a single ticket).
        :return: the number of the first ticket
        """
        counts = {source: 0 for source in ("points", "earned", "free")}
        for row in rows:
            counts[row["source"]] += row.get("count", 1)
        total = sum(counts.values())
        raffle.flush_recordset()
        found = self.env.execute_query(
            SQL(
                """
            UPDATE club_raffle SET ticket_number = ticket_number + %s, bought_number = bought_number + %s,
                   earned_number = earned_number + %s, free_number = free_number + %s
             WHERE id = %s AND state = 'open' AND ticket_number + %s <= %s
            RETURNING ticket_number
            """,
                total,
                counts["points"],
                counts["earned"],
                counts["free"],
                raffle.id,
                total,
                MOST,
            )
        )
        if not found:
            raise UserError(self.env._("No tickets of %(raffle)s are given any more.", raffle=raffle.name))
        first = found[0][0] - total + 1
        raffle.invalidate_recordset(["ticket_number", "bought_number", "earned_number", "free_number"], flush=False)
        self._insert(raffle, rows, first, total)
        self.env["club.raffle.entrant"]._count(raffle, rows)
        self.env["club.raffle.purchase"].invalidate_model(["ticket_ids"], flush=False)
        return first

    @api.model
    def _insert(self, raffle, rows, first, total):
        self.env.execute_query(
            SQL(
                """
            WITH added AS (
            INSERT INTO club_raffle_ticket
                   (raffle_id, company_id, member_id, number, code, source, at, purchase_id, event_id, user_id, key)
            SELECT %(raffle)s, %(company)s, r.member, code.nr + %(first)s - 1, code.code, r.source, %(now)s,
                   NULLIF(r.purchase, 0), NULLIF(r.event, 0), NULLIF(r.uid, 0), NULLIF(r.key, '')
              FROM unnest(%(members)s::int[], %(sources)s::text[], %(purchases)s::int[], %(events)s::int[],
                          %(users)s::int[], %(keys)s::text[], %(starts)s::int[], %(ends)s::int[])
                   AS r(member, source, purchase, event, uid, key, start, stop)
             CROSS JOIN LATERAL generate_series(r.start, r.stop) AS place(nr)
              JOIN unnest(%(codes)s::text[]) WITH ORDINALITY AS code(code, nr) ON code.nr = place.nr
            RETURNING 1) SELECT COUNT(*) FROM added
            """,
                **self._prepare_arrays(raffle, rows, first, total),
            )
        )

    @api.model
    def _prepare_arrays(self, raffle, rows, first, total):
        starts, ends, at = [], [], 0
        for row in rows:
            starts.append(at + 1)
            at += row.get("count", 1)
            ends.append(at)
        return {
            "raffle": raffle.id,
            "company": raffle.company_id.id,
            "first": first,
            "now": fields.Datetime.now(),
            "members": [row["member_id"] for row in rows],
            "sources": [row["source"] for row in rows],
            "purchases": [row.get("purchase_id") or 0 for row in rows],
            "events": [row.get("event_id") or 0 for row in rows],
            "users": [row.get("user_id") or 0 for row in rows],
            "keys": [row.get("key") or "" for row in rows],
            "starts": starts,
            "ends": ends,
            "codes": self._make_codes(first, total),
        }
