"""What of a sale is put aside for the points that it gave (IFRS 15.B40, 15.74): one row per entry and invoice."""

from odoo import api, fields, models
from odoo.addons.customer_club.models.ledger.immutable import make_append_only
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClubDeferral(models.Model):
    """Append-only. An invoice that is cancelled, or posted anew with other amounts, makes a further row with the
    difference, so what was put aside is the sum of an invoice's rows.
    """

    _name = "club.deferral"
    _description = "Deferred Revenue of Points"
    _order = "id desc"
    _log_access = False
    _rec_name = "entry_id"

    entry_id = fields.Many2one("club.point.entry", required=True, index=True, readonly=True, ondelete="restrict")
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="Empty: a past purchase that was imported without its invoice.",
    )
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    estimate_id = fields.Many2one("club.estimate", required=True, readonly=True, ondelete="restrict")
    date = fields.Date(required=True, readonly=True, help="The accounting date of the invoice.")
    points = fields.Float(digits=(16, 6), required=True, readonly=True, help="What of the entry's points it bills.")
    basis = fields.Float(digits=(16, 6), required=True, readonly=True, help="Untaxed, in the company's currency.")
    allocated = fields.Float(digits=(16, 6), required=True, readonly=True, help="Of the basis, put aside for points.")
    recorded_at = fields.Datetime(required=True, readonly=True)
    generation = fields.Integer(required=True, readonly=True)

    _once = models.UniqueIndex(
        "(entry_id, COALESCE(move_id, 0), generation)", "This invoice's share was put aside for these points already."
    )
    _close_idx = models.Index("(club_id, date)")

    def init(self):
        """Append-only in the database itself."""
        make_append_only(self.env, "club_deferral")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Deferrals follow from posted invoices; they are not typed in."))

    def write(self, vals):
        raise UserError(self.env._("A deferral never changes. Correct the invoice instead: the difference is added."))

    def unlink(self):
        raise UserError(self.env._("A deferral is never deleted. Correct the invoice instead."))

    # -- recording ------------------------------------------------------------

    @api.model
    def _cron_record(self):
        """Nightly: record what the posted invoices of every club with books put aside, so that a close is quick."""
        done = set()

        def find(limit, skip):
            clubs = self.env["club.club"].sudo().search([("close_from", "!=", False)], order="id")
            ready = clubs.filtered(lambda club: club.id not in done | set(skip) and not club._get_book_gaps())
            return ready.ids[:limit]

        def work(ids):
            for club in self.env["club.club"].sudo().browse(ids):
                self.sudo()._record(club)
            done.update(ids)

        return self.env["club.job"]._work_off("put revenue of points aside", find, work, size=1)[0]

    @api.model
    def _record(self, club):
        """Record what posted invoices put aside: what it should be, less what is recorded. Safe to repeat.

        Points of an entry are spread over the lines that they were counted on, and follow the share of each line that
        an invoice bills. The invoice's untaxed amount is shared between goods and points in proportion to their
        stand-alone prices (:func:`engine.liability.allocate`, here for all invoices in one statement). Looked at are
        the invoices of months that are not closed, and those that were changed since the last close.

        :return: how many rows were recorded.
        :rtype: int
        """
        for model in ("account.move", "account.move.line", "sale.order.line", "club.point.entry", "club.estimate"):
            self.env[model].flush_model()
        scope = self._get_scope(club)
        rows = self.env.execute_query(
            SQL(
                RECORD,
                parts=SQL(" UNION ALL ").join(SQL(query, **scope) for query in self._get_part_queries()),
                company=club.company_id.id,
                now=fields.Datetime.now(),
                **scope,
            )
        )
        self.invalidate_model()
        return len(rows)

    @api.model
    def _get_scope(self, club):
        """What the queries are asked with: the club, its time zone, the first day of its books, the last day that is
        closed, since when an invoice of a closed month may have been changed, and whether an estimate is new.
        """
        last = self.env["club.close"]._get_last(club)
        [(recorded_at,)] = self.env.execute_query(
            SQL("SELECT MAX(recorded_at) FROM club_deferral WHERE club_id = %s", club.id)
        )
        return {
            "club": club.id,
            "tz": club.tz,
            "first": club.close_from,
            "closed": last.date_to or fields.Date.subtract(club.close_from, days=1),
            # A transaction may commit a good while after it began.
            "since": fields.Datetime.subtract(last.computed_at, days=1) if last else club.close_from,
            # What has no invoice changes by a new estimate only.
            "anew": not recorded_at
            or bool(
                club.estimate_ids.filtered(
                    lambda estimate: estimate.state == "approved" and estimate.approved_at >= recorded_at
                )
            ),
        }

    @api.model
    def _get_part_queries(self):
        """Queries of move_id, date, document, entry_id, points, basis, allocated; to be extended by other documents.

        What is allocated is NULL where it follows from the basis and the estimate. ``touched`` are the ids
        of the invoices to be looked at.
        """
        return [ORDERS, INVOICES, PAST]


RECORD = """
    WITH touched AS MATERIALIZED (
        SELECT id FROM account_move
         WHERE move_type = 'out_invoice' AND date >= %(first)s AND (date > %(closed)s OR write_date >= %(since)s)
         UNION
        SELECT d.move_id
          FROM club_deferral d JOIN account_move m ON m.id = d.move_id
         WHERE d.club_id = %(club)s AND (d.date > %(closed)s OR m.write_date >= %(since)s)
    ), part AS (%(parts)s),
    target AS (
        SELECT part.move_id, part.entry_id, part.date, estimate.id AS estimate_id, part.points, part.basis,
               CASE WHEN part.allocated IS NOT NULL THEN part.allocated
                    WHEN part.basis <= 0 OR part.points = 0 THEN 0 ELSE
                    part.basis * total.points * estimate.worth
                    / (part.basis + total.points * estimate.worth) * part.points / total.points
               END AS allocated
          FROM part
          JOIN (SELECT COALESCE(move_id, 0) AS move_id, document, SUM(points) AS points FROM part GROUP BY 1, 2) total
            ON total.move_id = COALESCE(part.move_id, 0) AND total.document = part.document
          JOIN (
                SELECT id, point_value * rate AS worth, date_from,
                       LEAD(date_from, 1, 'infinity') OVER (ORDER BY date_from, id) AS until
                  FROM club_estimate WHERE club_id = %(club)s AND state = 'approved'
               ) estimate ON part.date >= estimate.date_from AND part.date < estimate.until
    ), recorded AS (
        SELECT d.*, MIN(d.date) OVER (PARTITION BY d.entry_id, COALESCE(d.move_id, 0)) AS first
          FROM club_deferral d
         WHERE d.club_id = %(club)s
           AND ((d.move_id IS NULL AND d.date > %(closed)s AND %(anew)s)
                OR d.move_id IN (SELECT id FROM touched) OR d.move_id IN (SELECT move_id FROM part))
    ), known AS (
        -- an invoice that gets another day moves with its points; once closed, they stay in their cohort
        SELECT move_id, entry_id, CASE WHEN first <= %(closed)s THEN first ELSE date END AS slot,
               SUM(points) AS points, SUM(allocated) AS allocated, SUM(basis) AS basis,
               MAX(estimate_id) AS estimate_id, MAX(date) AS date
          FROM recorded
         GROUP BY 1, 2, 3
    ), due AS (
        SELECT target.*, COALESCE(old.slot, target.date) AS slot
          FROM target
          LEFT JOIN (SELECT move_id, entry_id, slot FROM known WHERE slot <= %(closed)s) old
            ON old.entry_id = target.entry_id AND COALESCE(old.move_id, 0) = COALESCE(target.move_id, 0)
    ), change AS (
        SELECT COALESCE(due.move_id, known.move_id) AS move_id, COALESCE(due.entry_id, known.entry_id) AS entry_id,
               COALESCE(due.estimate_id, known.estimate_id) AS estimate_id, COALESCE(due.date, known.date) AS date,
               round(COALESCE(due.points, 0), 6) - COALESCE(known.points, 0) AS points,
               round(COALESCE(due.basis, 0), 6) - COALESCE(known.basis, 0) AS basis,
               round(COALESCE(due.allocated, 0), 6) - COALESCE(known.allocated, 0) AS allocated
          FROM due FULL JOIN known
            ON known.entry_id = due.entry_id AND COALESCE(known.move_id, 0) = COALESCE(due.move_id, 0)
           AND known.slot = due.slot
    )
    INSERT INTO club_deferral (move_id, entry_id, club_id, company_id, estimate_id, date, points, basis, allocated,
                               recorded_at, generation)
    SELECT move_id, entry_id, %(club)s, %(company)s, estimate_id, date, points, basis, allocated, %(now)s,
           (SELECT COUNT(*) FROM club_deferral d
             WHERE d.entry_id = change.entry_id AND COALESCE(d.move_id, 0) = COALESCE(change.move_id, 0))
           + ROW_NUMBER() OVER (PARTITION BY entry_id, move_id ORDER BY date)
      FROM change
     WHERE points <> 0 OR allocated <> 0
     ORDER BY entry_id, move_id
    RETURNING id
"""
# Points of sale orders, as their invoices bill the lines that they were counted on. A line billed more than whole
# counts whole; what is billed beside (delivery, rewards) belongs to the consideration, advances do not. All invoices
# of an order are looked at together: a line that has grown since, or an earlier invoice, changes the others' shares.
ORDERS = """
    SELECT billed.move_id, billed.date, 'o' || billed.order_id AS document, earned.entry_id,
           SUM(earned.points * (LEAST(billed.upto, 1) - LEAST(billed.upto - billed.share, 1))) AS points,
           MAX(basis.amount) AS basis, NULL::numeric AS allocated
      FROM (
            SELECT e.id AS entry_id, line.key::int AS line_id,
                   e.points * line.value::numeric / NULLIF(SUM(line.value::numeric) OVER (PARTITION BY e.id), 0)
                   AS points
              FROM club_point_entry e
              JOIN club_event event ON event.id = e.event_id AND event.type = 'purchase'
             CROSS JOIN LATERAL jsonb_each_text(e.detail -> 'lines') line
             WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.origin_model = 'sale.order'
           ) earned
      JOIN (
            SELECT m.id AS move_id, m.date, sl.id AS line_id, sl.order_id,
                   SUM(ml.price_subtotal) / sl.price_subtotal AS share,
                   SUM(SUM(ml.price_subtotal) / sl.price_subtotal) OVER (PARTITION BY sl.id ORDER BY m.date, m.id)
                   AS upto
              FROM sale_order_line sl
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sl.id
              JOIN account_move_line ml ON ml.id = rel.invoice_line_id
              JOIN account_move m ON m.id = ml.move_id
             WHERE m.state = 'posted' AND m.move_type = 'out_invoice' AND m.date >= %(first)s
               AND sl.price_subtotal > 0 AND sl.is_downpayment IS NOT TRUE
             GROUP BY m.id, sl.id
           ) billed ON billed.line_id = earned.line_id
      JOIN (
            SELECT ml.move_id, sl.order_id, -SUM(ml.balance) AS amount
              FROM sale_order_line sl
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sl.id
              JOIN account_move_line ml ON ml.id = rel.invoice_line_id
             WHERE sl.is_downpayment IS NOT TRUE
             GROUP BY 1, 2
           ) basis ON basis.move_id = billed.move_id AND basis.order_id = billed.order_id
     WHERE billed.order_id IN (
            SELECT sl.order_id
              FROM touched
              JOIN account_move_line ml ON ml.move_id = touched.id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = ml.id
              JOIN sale_order_line sl ON sl.id = rel.order_line_id
           )
     GROUP BY billed.move_id, billed.date, billed.order_id, earned.entry_id
"""
# Points of invoices that have no order: the whole invoice.
INVOICES = """
    SELECT m.id, m.date, 'm' || m.id, e.id, e.points, -SUM(ml.balance), NULL::numeric
      FROM club_point_entry e
      JOIN club_event event ON event.id = e.event_id AND event.type = 'purchase'
      JOIN account_move m ON m.id = e.origin_id AND m.state = 'posted' AND m.move_type = 'out_invoice'
      JOIN account_move_line ml ON ml.move_id = m.id AND ml.display_type = 'product'
     WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.origin_model = 'account.move'
       AND m.id IN (SELECT id FROM touched)
     GROUP BY m.id, e.id
"""
# Past purchases that were imported by amount and day: there is no invoice to follow, so the day is the purchase's own.
PAST = """
    SELECT NULL::int, day.date, 'e' || event.id, e.id, e.points, event.amount, NULL::numeric
      FROM club_point_entry e
      JOIN club_event event ON event.id = e.event_id AND event.type = 'purchase' AND event.origin_model IS NULL
     CROSS JOIN LATERAL (SELECT (e.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date) day
     WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.origin_model IS NULL AND day.date >= %(first)s
       AND ((day.date > %(closed)s AND %(anew)s)
            OR NOT EXISTS (SELECT FROM club_deferral d WHERE d.entry_id = e.id))
"""
