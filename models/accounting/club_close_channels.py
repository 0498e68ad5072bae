"""What the channels of spending put into the books beside the points themselves.

The close turns points that were redeemed into revenue. Where somebody else gave what they were for, that revenue is
owed on (the shop is an agent, IFRS 15.B36): to the merchant that took the voucher, to the cause that was donated to, to
the member whose points became wallet money.
"""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import liability, periods
from odoo.exceptions import UserError
from odoo.tools import SQL

ZERO = Decimal(0)
#: Channels that take from the revenue of points, and so have its analytic accounts.
OWED_ON = ("cause", "voucher", "wallet")


class ClubClose(models.Model):
    """Every channel's amount is cumulative since the books began, and posted is what it is more than in the last close:
    so what is reversed later, or comes late, falls into the next close by itself.
    """

    _inherit = "club.close"

    channels = fields.Json(
        readonly=True, copy=False, help="By channel: its amount since the books began, and what this close posts of it."
    )

    def _compute_close(self):
        super()._compute_close()
        self._compute_channels()

    def _compute_channels(self):
        """Keep what each channel comes to by the end of the month, and what of it is new.

        :raises UserError: an account is missing, with where to set it.
        """
        self.ensure_one()
        digits = self.currency_id.decimal_places
        last = (self._get_last(self.club_id).channels or {}).get("to_date", {})
        to_date, lines, gaps = {}, [], []
        facts = {fact["key"]: fact for fact in self._get_channel_facts()}
        facts.update((fact["key"], fact) for fact in self._get_gone_facts(last.keys() - facts.keys()))
        for key, fact in sorted(facts.items()):
            amount = liability.rounded(fact["amount"], digits)
            moved = amount - Decimal(last.get(key, "0"))
            to_date[key] = str(amount)
            if not moved or fact["debit"] == fact["credit"]:
                continue
            if not (fact["debit"] and fact["credit"]):
                gaps.append(fact["remedy"])
            lines.append([fact["kind"], fact["debit"].id, fact["credit"].id, str(moved)])
        if gaps:
            raise UserError(
                "\n".join(
                    [
                        self.env._("%(close)s cannot be computed yet.", close=self.display_name),
                        *dict.fromkeys(gaps),
                    ]
                )
            )
        self._step({"channels": {"to_date": to_date, "lines": lines}})

    def _get_move_lines(self):
        """The points' own lines, then a line for each channel and pair of accounts."""
        words, Account = self._get_channel_words(), self.env["account.account"]
        sums = {}
        for kind, debit, credit, amount in (self.channels or {}).get("lines", ()):
            sums[kind, debit, credit] = sums.get((kind, debit, credit), ZERO) + Decimal(amount)
        return super()._get_move_lines() + [
            (
                Account.browse(debit),
                Account.browse(credit),
                float(amount),
                words[kind],
                "released" if kind in OWED_ON else "",
            )
            for (kind, debit, credit), amount in sums.items()
            if amount
        ]

    def _get_channel_words(self):
        """What the lines of each kind of channel are called in the journal."""
        _ = self.env._
        return {
            "cause": _("Donations: owed to the causes"),
            "cashback": _("Cashback and goodwill: wallet money given"),
            "sold": _("Points that partners paid for"),
            "voucher": _("Vouchers redeemed at partners: owed to them"),
            "wallet": _("Points turned into wallet money"),
        }

    # -- facts -----------------------------------------------------------------

    def _get_channel_facts(self):
        """What each channel comes to since the books began. An addon adds its own.

        :return: dicts of ``key`` (stable; what the next close compares with), ``kind`` (of :meth:`_get_channel_words`),
            ``debit`` and ``credit`` (accounts), ``amount`` (Decimal), ``remedy`` (said if an account is missing).
        """
        self.ensure_one()
        return [
            *self._get_voucher_facts(),
            *self._get_sold_facts(),
            *self._get_cause_facts(),
            *self._get_wallet_facts(),
        ]

    def _get_gone_facts(self, keys):
        """Channels of the last close of which nothing is left: they go back to zero."""
        facts = []
        for key in keys:
            kind, record_id = key.partition(":")[::2]
            record = self.env["club.cause" if kind == "cause" else "club.merchant"].sudo().browse(int(record_id or 0))
            if kind in ("voucher", "sold", "cause") and record.exists():
                facts.append(self._prepare_fact(kind, record, ZERO))
        return facts

    def _prepare_fact(self, kind, record, amount):
        """One channel with its accounts as they are set now."""
        club, _ = self.club_id.sudo(), self.env._
        if kind == "voucher":
            debit, credit = club.revenue_account_id, record._get_settlement_account("settle_clearing_account_id")
            remedy = _("Choose the merchant clearing account of %(name)s or of the club.", name=record.name)
        elif kind == "sold":
            debit, credit = record._get_settlement_account("settle_points_account_id"), club.liability_account_id
            remedy = _("Choose the liability account for points sold, of %(name)s or of the club.", name=record.name)
        else:
            debit, credit = club.revenue_account_id, record.account_id
            remedy = _("Choose the account owed to the cause %(name)s.", name=record.name)
        return {
            "key": f"{kind}:{record.id}",
            "kind": kind,
            "debit": debit,
            "credit": credit,
            "amount": amount,
            "remedy": remedy,
        }

    def _get_bounds(self):
        """First moment of the books and of the day after this close, in UTC."""
        return periods.range_bounds(self.club_id.close_from, fields.Date.add(self.date_to, days=1), self.club_id.tz)

    def _get_voucher_facts(self):
        """Vouchers redeemed as an agent, at what the merchants are owed for them.

        SQL: one aggregate over vouchers by the role that their settlement had, or the merchant's where none is yet.
        """
        start, end = self._get_bounds()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.merchant_id,
                       SUM(CASE WHEN v.settle_overruled THEN COALESCE(v.settle_decided, 0)
                                WHEN v.state = 'redeemed' OR v.reversed_at >= %(end)s THEN COALESCE(v.value, 0)
                                ELSE 0 END)
                  FROM club_voucher v
                  JOIN club_merchant merchant ON merchant.id = v.merchant_id
                  LEFT JOIN LATERAL (
                       SELECT settlement.role FROM club_settlement_line line
                         JOIN club_settlement settlement ON settlement.id = line.settlement_id
                        WHERE line.voucher_id = v.id AND line.live ORDER BY line.id LIMIT 1
                  ) settled ON TRUE
                 WHERE v.club_id = %(club)s AND v.redeemed_at >= %(start)s AND v.redeemed_at < %(end)s
                   AND v.state IN ('redeemed', 'reversed')
                   AND COALESCE(settled.role, merchant.settle_role, 'agent') = 'agent'
                 GROUP BY v.merchant_id
                """,
                club=self.club_id.id,
                start=start,
                end=end,
            )
        )
        return self._prepare_facts("voucher", "club.merchant", rows)

    def _get_sold_facts(self):
        """Points that merchants paid for, where their invoices put them on another account than the close uses."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement.merchant_id,
                       SUM(CASE WHEN move.reversed_entry_id IS NULL THEN line.liability ELSE -line.liability END)
                  FROM club_settlement_line line
                  JOIN club_settlement settlement ON settlement.id = line.settlement_id
                  JOIN account_move move ON move.club_settlement_id = settlement.id AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                 WHERE settlement.club_id = %s AND line.kind = 'issued' AND move.date BETWEEN %s AND %s
                 GROUP BY 1
                """,
                self.club_id.id,
                self.club_id.close_from,
                self.date_to,
            )
        )
        return self._prepare_facts("sold", "club.merchant", rows)

    def _get_cause_facts(self):
        """Points given to causes, at what they were worth when they were given."""
        start, end = self._get_bounds()
        rows = (
            self.env["club.donation"]
            .sudo()
            ._read_group(
                [
                    ("club_id", "=", self.club_id.id),
                    ("state", "=", "given"),
                    ("given_at", ">=", start),
                    ("given_at", "<", end),
                ],
                ["cause_id"],
                ["value:sum"],
            )
        )
        return self._prepare_facts("cause", "club.cause", [(cause.id, value) for cause, value in rows])

    def _prepare_facts(self, kind, model, rows):
        Model = self.env[model].sudo()
        return [
            self._prepare_fact(kind, Model.browse(record_id), Decimal(str(round(amount or 0, 6))))
            for record_id, amount in rows
        ]

    def _get_wallet_facts(self):
        """Points that became wallet money, at face; and money that rules or staff gave.

        What was paid in or paid with has documents of its own, whose lines carry the wallet's account.
        """
        club = self.club_id.sudo()
        moved = club._get_wallet_movements(club.close_from, self.date_to).get(club)
        if not moved:
            return []
        _ = self.env._
        remedy = _(
            "Choose the accounts of the wallet's liability and of the cost of cashback in the settings of %(club)s.",
            club=club.name,
        )
        common = {"credit": club.wallet_account_id, "remedy": remedy}
        return [
            {
                "key": "wallet",
                "kind": "wallet",
                "debit": club.revenue_account_id,
                "amount": moved["converted"] + moved["unconverted"],
                **common,
            },
            {
                "key": "cashback",
                "kind": "cashback",
                "debit": club.cashback_account_id,
                "amount": moved["cashback"] + moved["cashback_back"] + moved["adjusted"],
                **common,
            },
        ]


class ClubDeferral(models.Model):
    _inherit = "club.deferral"

    def _get_part_queries(self):
        return [*super()._get_part_queries(), SOLD, *([TILL] if "pos.order" in self.env else [])]


# Points that partners paid for: what their invoice put on the liability, by the purchase's first entry.
SOLD = """
    SELECT move.id, move.date, 's' || move.id, given.entry_id,
           SUM(side.sign * line.points), SUM(side.sign * line.liability), SUM(side.sign * line.liability)
      FROM club_settlement settlement
      JOIN club_settlement_line line ON line.settlement_id = settlement.id AND line.kind = 'issued'
      JOIN account_move move ON move.club_settlement_id = settlement.id AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
     CROSS JOIN LATERAL (SELECT CASE WHEN move.reversed_entry_id IS NULL THEN 1 ELSE -1 END AS sign) side
      JOIN LATERAL (
           SELECT MIN(e.id) AS entry_id FROM club_point_entry e
            WHERE e.origin_model = 'club.merchant.purchase' AND e.origin_id = line.purchase_id
              AND e.club_id = %(club)s AND e.kind = 'earn' AND e.points > 0 AND e.root_id IS NULL
           ) given ON given.entry_id IS NOT NULL
     WHERE settlement.club_id = %(club)s AND move.date >= %(first)s
       AND (move.date > %(closed)s OR move.write_date >= %(since)s OR move.id IN (SELECT id FROM touched))
     GROUP BY move.id, move.date, given.entry_id
"""
# Orders of a till: on the day of their session's entry, or of their own invoice; untaxed, in the company's currency.
TILL = """
    SELECT m.id, m.date, 'p' || o.id, e.id, e.points,
           (o.amount_total - o.amount_tax)::numeric / COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric, NULL::numeric
      FROM club_point_entry e
      JOIN club_event event ON event.id = e.event_id AND event.type = 'purchase'
      JOIN pos_order o ON o.id = e.origin_id
      JOIN pos_session s ON s.id = o.session_id
      JOIN account_move m ON m.id = COALESCE(o.account_move, s.move_id) AND m.state = 'posted'
     WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.origin_model = 'pos.order'
       AND m.date >= %(first)s
       AND (m.date > %(closed)s OR m.write_date >= %(since)s OR m.id IN (SELECT id FROM touched))
"""
