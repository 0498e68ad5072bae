"""What the blocks of reports share: windows of time, purchases as SQL, rows per currency."""

from decimal import ROUND_HALF_UP, Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.addons.customer_club.models.sales_sql import WHAT_IS_KEPT
from odoo.exceptions import UserError
from odoo.tools import SQL

ZERO = Decimal(0)
CENT = Decimal("0.01")
#: Digits that a share keeps: a tenth of a percent is shown, and nothing is lost on the way there.
SHARE = Decimal("0.000001")


class ClubReportBlock(models.AbstractModel):
    _inherit = "club.report.block"

    # -- time ----------------------------------------------------------------

    @api.model
    def _get_windows(self, clubs, pieces):
        """Rows ``(part, number, club_id, first, last)`` for a FROM: instants of ranges of days in each club's zone.

        :param list pieces: (part, number, period); part 0 is what is reported, 1 what it is compared with.
        :rtype: SQL
        """
        rows = [(part, number, club.id, *period.bounds(club.tz)) for part, number, period in pieces for club in clubs]
        return SQL(
            "(SELECT * FROM UNNEST(%s::int[], %s::int[], %s::int[], %s::timestamp[], %s::timestamp[])"
            " AS u(part, number, club_id, first, last))",
            *([row[place] for row in rows] for place in range(5)),
        )

    @api.model
    def _get_parts(self, period, comparison=None):
        """The period, and what it is compared with, as pieces for :meth:`_get_windows`."""
        return [(0, 0, period), *([(1, 0, comparison)] if comparison else [])]

    # -- purchases -----------------------------------------------------------

    @api.model
    def _is_shared(self, clubs):
        """Whether two of the clubs are of one company: what both see counts in each club's part, and once in all."""
        return len(clubs) > len(clubs.company_id)

    @api.model
    def _get_shared_note(self, clubs):
        """How shared sales are counted, in words, after another sentence; empty where there are none."""
        if not self._is_shared(clubs):
            return ""
        return " " + self.env._(
            "Clubs of one company see the same orders: a sale to a member of several of them counts in each club's "
            "part, and once in what is said of all together."
        )

    @api.model
    def _get_purchases(self, clubs, windows):
        """Lines of sales as SQL, each once: of clubs of one company it is the member's who joined one of them first.

        For what is said of all clubs together; :meth:`_get_purchase_lines` has the columns, for each club's part.
        """
        lines = self._get_purchase_lines(clubs, windows)
        if not self._is_shared(clubs):
            return lines
        return SQL(
            "(SELECT DISTINCT ON (p.part, p.number, p.line) p.* FROM %s p"
            " ORDER BY p.part, p.number, p.line, p.member_id, p.club_id)",
            lines,
        )

    @api.model
    def _get_purchase_lines(self, clubs, windows):
        """Lines of sales as each club sees them, as SQL: part, number, club_id, currency_id, document, line, at,
        member_id, product_id, reward (whether it is one), buyer (partner), amount.

        Confirmed orders as the home page counts them: by the day of the order, without taxes, in the company's
        currency; less what was credited and not invoiced again; of what was given back as a whole nothing is left,
        so that nobody counts as a buyer for it. ``member_id`` is empty for other customers. What
        members bought without an order (at the till, on an invoice, imported) counts by the club's own facts, less
        their taxes; of it ``product_id`` is empty. SQL, because it sums over lines of all customers.
        """
        return SQL(
            """(
            SELECT w.part, w.number, club.id AS club_id, company.currency_id, 'o' || so.id AS document,
                   'o' || line.id AS line,
                   so.date_order AS at, m.id AS member_id, line.product_id, line.reward_id IS NOT NULL AS reward,
                   CASE WHEN club.earner = 'company' THEN p.commercial_partner_id ELSE p.id END AS buyer,
                   (worth.kept::numeric / COALESCE(NULLIF(so.currency_rate, 0), 1)::numeric) AS amount
              FROM %(windows)s w
              JOIN club_club club ON club.id = w.club_id
              JOIN res_company company ON company.id = club.company_id
              JOIN sale_order so ON so.company_id = club.company_id AND so.state = 'sale'
               AND so.date_order >= w.first AND so.date_order < w.last
              JOIN res_partner p ON p.id = so.partner_id
              JOIN sale_order_line line ON line.order_id = so.id AND line.display_type IS NULL
         LEFT JOIN club_member m ON m.club_id = club.id AND m.active AND m.state = 'active'
               AND m.partner_id = CASE WHEN club.earner = 'company' THEN p.commercial_partner_id ELSE p.id END
             %(kept)s
             WHERE worth.kept <> 0 OR NOT EXISTS (
                   SELECT 1 FROM sale_order_line returned
                     JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = returned.id
                     JOIN account_move_line aml ON aml.id = rel.invoice_line_id
                     JOIN account_move am ON am.id = aml.move_id AND am.state = 'posted' AND am.move_type = 'out_refund'
                    WHERE returned.order_id = so.id)
         UNION ALL
            SELECT w.part, w.number, w.club_id, company.currency_id, 'e' || root.id,
                   COALESCE(root.origin_model || root.origin_id, 'e' || root.id), root.occurred_at, m.id, NULL, FALSE,
                   m.partner_id, SUM(e.amount)::numeric * %(untaxed)s
              FROM %(windows)s w
              JOIN club_club club ON club.id = w.club_id
              JOIN club_event root ON root.club_id = w.club_id AND root.type = 'purchase' AND root.revises_id IS NULL
               AND root.occurred_at >= w.first AND root.occurred_at < w.last
               AND root.origin_model IS DISTINCT FROM 'sale.order'
              JOIN club_event e ON e.id = root.id OR e.revises_id = root.id
              JOIN res_company company ON company.id = root.company_id
              JOIN club_member asked ON asked.id = root.member_id
              JOIN club_member m ON m.id = COALESCE(asked.merged_into_id, asked.id) AND m.state = 'active'
             GROUP BY w.part, w.number, w.club_id, club.id, company.currency_id, root.id, m.id, m.partner_id
            HAVING NOT BOOL_OR(COALESCE((e.payload->>'void')::boolean, FALSE))
               AND (COUNT(*) = 1 OR SUM(e.amount) <> 0)
            )""",
            windows=windows,
            kept=WHAT_IS_KEPT,
            untaxed=self.env["club.club"]._get_untaxed_share(),
        )

    # -- rows ----------------------------------------------------------------

    @api.model
    def _read_rows(self, query):
        """Rows of a query as dicts, after everything that waits was written."""
        self.env.flush_all()
        return self.env.execute_query_dict(query)

    @api.model
    def _get_currency_columns(self, clubs):
        """A column that names the currency, where the clubs have several: a row is of one of them, and no total."""
        several = len(clubs.company_id.currency_id) > 1
        return [reporting.Column("currency", self.env._("Currency"))] if several else []

    @api.model
    def _mark_currency(self, row, currency):
        """``row`` with its currency, for the reader and for how its money is written."""
        row.update(currency=currency.name, _currency=currency.id)
        return row

    @api.model
    def _sum_rows(self, rows, clubs, keys=(), money=(), **values):
        """The row of totals: sums of ``keys``, and of ``money`` where there is one currency only."""
        several = len(clubs.company_id.currency_id) > 1
        sums = {key: sum((row[key] for row in rows if row[key] is not None), ZERO) for key in keys}
        sums.update({key: None if several else sum((row[key] for row in rows), ZERO) for key in money})
        return {**sums, **values}

    @api.model
    def _decimal(self, number):
        """A number of the database as the ``Decimal`` that it means; nothing is zero."""
        return to_decimal(number) if number is not None else ZERO

    @api.model
    def _points(self, number):
        return self._decimal(number).quantize(CENT).normalize() + ZERO

    @api.model
    def _money(self, number, currency):
        """An amount rounded as its currency is: yen have no decimals."""
        return self._decimal(number).quantize(Decimal(1).scaleb(-currency.decimal_places), ROUND_HALF_UP)

    @api.model
    def _share(self, part, whole):
        """``part`` of ``whole`` as a share (0 to 1); ``None`` of nothing: it cannot be said."""
        return (self._decimal(part) / self._decimal(whole)).quantize(SHARE) if whole else None

    @api.model
    def _names(self, model, ids):
        """Names of records by id, whatever their number: one query."""
        records = self.env[model].with_context(active_test=False).browse(sorted(set(filter(None, ids)))).exists()
        return {record.id: record.display_name for record in records}

    # -- segments ------------------------------------------------------------

    @api.model
    def _get_segments(self, clubs):
        """The segments of the clubs whose conditions can be read."""
        segments = self.env["club.segment"].search([("club_id", "in", clubs.ids)])
        return segments.filtered(self._is_readable)

    @api.model
    def _is_readable(self, segment):
        try:
            segment._get_members()
        except (UserError, ValueError, KeyError):
            return False
        return True

    @api.model
    def _get_segment_members(self, segments):
        """SQL ``(segment_id, member_id)``: who belongs to the segments now, all of them in one query."""
        queries = [
            SQL("SELECT %s AS segment_id, m.id AS member_id FROM (%s) m", segment.id, segment._get_members().select())
            for segment in segments
        ]
        nobody = SQL("SELECT NULL::int AS segment_id, NULL::int AS member_id WHERE FALSE")
        return SQL("(%s)", SQL(" UNION ALL ").join(queries or [nobody]))

    @api.model
    def _get_segment_groups(self, clubs):
        """Names of the segments by id, and SQL ``(group_id, member_id)``: who belongs to them now."""
        segments = self._get_segments(clubs)
        several = len(clubs) > 1
        names = {
            segment.id: f"{segment.club_id.name}: {segment.name}" if several else segment.name for segment in segments
        }
        return names, SQL("(SELECT segment_id AS group_id, member_id FROM %s s)", self._get_segment_members(segments))
