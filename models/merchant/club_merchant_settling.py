"""What a merchant and the club still owe each other, and which period comes next."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

from .club_settlement_collect import exact


class ClubMerchant(models.Model):
    _inherit = "club.merchant"

    settlement_ids = fields.One2many("club.settlement", "merchant_id", groups="customer_club.group_club_accountant")

    def _get_next_period(self):
        """The first and last day of the period to settle next.

        It begins the day after the last settlement, or in the period in which the merchant was made, and ends with the
        last complete period; the last day lies before the first if there is none.

        :rtype: tuple(date, date)
        """
        self.ensure_one()
        club = self.club_id
        today, week = club._get_today(), int(club.week_start)
        current = periods.period_bounds(self.settle_period, today, club.calendar, week)[0]
        last = self.env["club.settlement"].search(
            [("merchant_id", "=", self.id), ("step", "!=", "cancelled")], order="date_to desc", limit=1
        )
        if last:
            return last.date_to + periods.ONE_DAY, current - periods.ONE_DAY
        made = periods.local_date(self.create_date or fields.Datetime.now(), club.tz)
        first = periods.period_bounds(self.settle_period, made, club.calendar, week)[0]
        return min(first, current - periods.ONE_DAY), current - periods.ONE_DAY

    @api.model
    def _find_settlements_due(self, limit, skip):
        """Merchants whose period is over, who have no draft, and with whom there is something to settle; locked."""
        found = self.sudo().with_context(active_test=False).search([("id", "not in", list(skip))], order="id")
        drafts = self.env["club.settlement"].sudo().search([("step", "=", "draft")]).merchant_id
        due = []
        for merchant in found - drafts:
            first, last = merchant._get_next_period()
            if first > last:
                continue
            end = periods.range_bounds(first, last + periods.ONE_DAY, merchant.club_id.tz)[1]
            if merchant._read_vouchers_owed(end, limit=1) or merchant._read_points_given(end, limit=1):
                due.append(merchant.id)
            if len(due) == limit:
                break
        self.browse(due)._lock(always=True)
        return due

    def _get_unsettled(self, until=None):
        """What is owed for redeemed vouchers and not settled, before commission: what the payables must be.

        Vouchers in dispute are in it: they are owed until decided otherwise.

        :param until: an instant in UTC; what was redeemed before it counts. Empty: everything.
        :return: dict of merchant id → Decimal, in the club's currency.
        :rtype: dict[int, Decimal]
        """
        unsettled = dict.fromkeys(self.ids, Decimal(0))
        for row in self._read_vouchers_owed(until, disputed=True):
            unsettled[row["merchant"]] += row["target"] - row["value"]
        return unsettled

    def _read_vouchers_owed(self, until=None, disputed=False, limit=None):
        """Vouchers of these merchants of which more or less is owed than settled, in the order of their use.

        SQL: target and settled meet in one set-based comparison, which a domain cannot say.

        :return: dicts of ``merchant``, ``voucher``, ``target``, ``value``, ``commission`` (settled), ``lines``.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT owed.merchant_id, owed.id, owed.target, COALESCE(done.value, 0), COALESCE(done.commission, 0),
                   COALESCE(done.lines, 0)
              FROM (
                    SELECT id, merchant_id, redeemed_at, state, settle_overruled,
                           CASE WHEN settle_overruled THEN COALESCE(settle_decided, 0)
                                WHEN state = 'redeemed' THEN COALESCE(value, 0) ELSE 0 END AS target
                      FROM club_voucher
                     WHERE merchant_id = ANY(%(merchants)s) AND redeemed_at IS NOT NULL
                       AND state IN ('redeemed', 'reversed')
                       AND (%(until)s::timestamp IS NULL OR redeemed_at < %(until)s::timestamp)
                       AND (%(disputed)s OR disputed IS NOT TRUE)
                   ) owed
              LEFT JOIN (
                    SELECT voucher_id, SUM(value) AS value, SUM(commission) AS commission, COUNT(*) AS lines
                      FROM club_settlement_line
                     WHERE live AND merchant_id = ANY(%(merchants)s) AND voucher_id IS NOT NULL
                     GROUP BY voucher_id
                   ) done ON done.voucher_id = owed.id
             WHERE owed.target <> COALESCE(done.value, 0)
                OR (done.lines IS NULL AND owed.state = 'redeemed' AND owed.settle_overruled IS NOT TRUE)
             ORDER BY owed.redeemed_at, owed.id
             LIMIT %(limit)s
            """,
                merchants=self.ids,
                until=until,
                disputed=disputed,
                limit=limit,
            )
        )
        names = ("merchant", "voucher", "target", "value", "commission", "lines")
        return [
            {
                name: exact(value) if name in ("target", "value", "commission") else value
                for name, value in zip(names, row, strict=True)
            }
            for row in rows
        ]

    def _read_points_given(self, until, limit=None):
        """Purchases of these merchants whose points differ from those settled, in the order of their recording.

        SQL for the same reason as above.

        :return: dicts of ``purchase``, ``points`` (the difference, Decimal), ``entry`` (its newest), ``settled``
            (points, amount, of it liability).
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT purchase.id, purchase.points - COALESCE(done.points, 0),
                   (SELECT MAX(entry.id) FROM club_point_entry entry
                     WHERE entry.origin_model = 'club.merchant.purchase' AND entry.origin_id = purchase.id),
                   done.points, done.amount, done.liability
              FROM club_merchant_purchase purchase
              LEFT JOIN (
                    SELECT purchase_id, SUM(points) AS points, SUM(amount) AS amount, SUM(liability) AS liability
                      FROM club_settlement_line
                     WHERE live AND merchant_id = ANY(%(merchants)s) AND purchase_id IS NOT NULL
                     GROUP BY purchase_id
                   ) done ON done.purchase_id = purchase.id
             WHERE purchase.merchant_id = ANY(%(merchants)s) AND purchase.recorded_at < %(until)s
               AND purchase.state IN ('recorded', 'corrected', 'reversed')
               AND COALESCE(purchase.points, 0) <> COALESCE(done.points, 0)
             ORDER BY purchase.recorded_at, purchase.id
             LIMIT %(limit)s
            """,
                merchants=self.ids,
                until=until,
                limit=limit,
            )
        )
        return [
            {
                "purchase": purchase,
                "points": exact(points),
                "entry": entry,
                "settled": tuple(exact(number) for number in settled),
            }
            for purchase, points, entry, *settled in rows
        ]

    def _get_account_partners(self):
        """Who may see the merchant's statements and is told of them."""
        self.ensure_one()
        merchant = self.sudo()
        people = merchant.account_partner_ids | merchant.partner_id.commercial_partner_id.child_ids.filtered("user_ids")
        return people or merchant.partner_id
