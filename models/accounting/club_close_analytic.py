"""Analytic accounts of a close: those of the invoices that put the money aside."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import liability
from odoo.tools import SQL

from .club_close_cohort import MONEY_MOVES

ZERO = Decimal(0)
HUNDRED = Decimal(100)
#: Accounts whose lines have an analytic distribution: on both sides of an entry it would cancel itself out.
GROUPS = ("income", "expense")
#: What of an invoice's positive lines each distribution has, weighted with what the invoice put aside for points.
WEIGHTS = """
    WITH begun AS (
        -- the month of a cohort (see COHORTS): an invoice that got another day moved with its points
        SELECT entry_id, MIN(date) AS first
          FROM (
                SELECT entry_id, date FROM club_deferral
                 WHERE club_id = %(club)s AND date <= %(day)s GROUP BY 1, 2 HAVING SUM(points) <> 0
               ) day
         GROUP BY 1
    ), deferral AS (
        SELECT d.move_id, d.allocated, event.type = 'merchant_purchase' AS funded,
               COALESCE(begun.first, MIN(d.date) OVER (PARTITION BY d.entry_id)) AS first
          FROM club_deferral d
          LEFT JOIN begun ON begun.entry_id = d.entry_id
          JOIN club_point_entry e ON e.id = d.entry_id
          LEFT JOIN club_event event ON event.id = e.event_id
         WHERE d.club_id = %(club)s AND d.date <= %(day)s
    ), line AS (
        SELECT ml.move_id, ABS(ml.balance) AS amount, ml.analytic_distribution AS distribution
          FROM account_move_line ml
          JOIN account_move m ON m.id = ml.move_id
         WHERE m.id IN (SELECT move_id FROM deferral) AND ml.display_type = 'product'
           -- a till's session is an entry; what lowers an invoice (a discount) belongs to the lines that it lowers
           AND (ml.price_subtotal > 0 OR (m.move_type = 'entry' AND ml.balance < 0))
    ), share AS (
        SELECT line.move_id, part.key, SUM(line.amount * part.value::numeric / 100) / whole.amount AS share
          FROM line
          JOIN (SELECT move_id, SUM(amount) AS amount FROM line GROUP BY 1) whole
            ON whole.move_id = line.move_id AND whole.amount > 0
         CROSS JOIN LATERAL jsonb_each_text(line.distribution) part
         WHERE jsonb_typeof(line.distribution) = 'object'
         GROUP BY line.move_id, part.key, whole.amount
    )
    SELECT funded, first, NULL AS key, SUM(allocated) FROM deferral GROUP BY 1, 2
     UNION ALL
    SELECT funded, first, share.key, SUM(deferral.allocated * share.share)
      FROM deferral JOIN share ON share.move_id = deferral.move_id GROUP BY 1, 2, 3
"""


class ClubClose(models.Model):
    """Revenue that is put aside and released later belongs to what was sold (IFRS 15.74 allocates the price of that
    sale). So each cohort has the mean distribution of its invoices, weighted by what they put aside, and each line of
    the entry the mean of the cohorts that moved it. What has no analytic account on the invoice has none here.
    """

    _inherit = "club.close"

    analytic = fields.Json(
        readonly=True, copy=False, help="By movement: the analytic distribution of its line, in percent."
    )

    def _compute_close(self):
        super()._compute_close()
        self._step({"analytic": self._compute_analytic() or False})

    def _compute_analytic(self):
        """Distribution of each movement's line, percent by key of Odoo's analytic distribution.

        :rtype: dict
        """
        self.ensure_one()
        cohorts = self._read_analytic()
        if not cohorts:
            return {}
        result = {}
        for name in MONEY_MOVES:
            moved = {}
            for row in self.sudo().cohort_ids:
                if row.nature != "merchant" or name not in ("allocated", "returned"):
                    moved[row.nature, row.cohort] = Decimal(str(abs(row[name])))
            whole = sum(moved.values(), ZERO)
            parts = {}
            for key, weight in moved.items():
                for account, share in cohorts.get(key, {}).items():
                    parts[account] = parts.get(account, ZERO) + weight * share * HUNDRED / (whole or 1)
            parts = {account: part for account, part in sorted(parts.items()) if part > 0}
            if parts:
                shares = liability.spread(sum(parts.values(), ZERO), list(parts.values()), 2)
                result[name] = {account: float(share) for account, share in zip(parts, shares, strict=True) if share}
        return result

    def _read_analytic(self):
        """Share of each analytic distribution in what was put aside for a cohort.

        SQL: one pass over the deferrals and the lines of their invoices, left out where nobody has analytic accounts.

        :return: dict of (nature, month of issue) → {key: share, 0 to 1}
        """
        Account = self.env["account.analytic.account"].sudo().with_context(active_test=False)
        if not Account.search_count([("company_id", "in", (False, self.company_id.id))], limit=1):
            return {}
        for model in ("account.move.line", "club.deferral"):
            self.env[model].flush_model()
        wholes, parts = {}, {}
        for funded, first, account, amount in self.env.execute_query(
            SQL(WEIGHTS, club=self.club_id.id, day=self.date_to)
        ):
            key = "merchant" if funded else "sale", self.club_id._get_period(first)[0]
            sums = wholes if account is None else parts.setdefault(key, {})
            place = key if account is None else account
            sums[place] = sums.get(place, ZERO) + Decimal(str(amount or 0))
        names = {account for found in parts.values() for account in found}
        ids = {int(number) for name in names for number in name.split(",") if number.isdigit()}
        there = set(Account.browse(ids).exists().ids)
        known = {name for name in names if {int(n) for n in name.split(",") if n.isdigit()} <= there}
        return {
            key: {
                account: max(min(amount / wholes[key], Decimal(1)), ZERO)
                for account, amount in found.items()
                if account in known and wholes[key] > 0
            }
            for key, found in parts.items()
        }

    def _get_distribution(self, account, movement):
        """The analytic distribution of a movement's line on an account; empty where it has none.

        :param movement: one of :data:`MONEY_MOVES`, or empty.
        """
        if account.internal_group not in GROUPS:
            return {}
        return (self.analytic or {}).get(movement, {})

    def _say_distribution(self, shares):
        """A distribution in words, for the preview."""
        Account = self.env["account.analytic.account"].sudo()
        return ", ".join(
            f"{' + '.join(Account.browse(map(int, key.split(','))).mapped('display_name'))} {share:g} %"
            for key, share in (shares or {}).items()
        )
