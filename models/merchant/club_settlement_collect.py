"""Collecting: from vouchers, corrections and points given to the lines of a settlement."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine import settlement as engine

KIND_ORDER = {"voucher": 0, "reversal": 1, "dispute": 2, "issued": 3}
#: What a draft's preview consists of, to see whether collecting anew changed it.
CONTENT = ("kind", "voucher_id", "purchase_id", "dispute_id", "points", "value", "commission", "amount", "liability")


def exact(number):
    """A float of the database as the decimal that it stands for."""
    return engine_lots.to_decimal(round(number or 0.0, 6))


class ClubSettlement(models.Model):
    _inherit = "club.settlement"

    def _get_end(self):
        """The first instant after the period, in UTC."""
        self.ensure_one()
        last = self.date_to + periods.ONE_DAY
        return periods.range_bounds(self.date_from, last, self.club_id.tz)[1]

    def _collect(self):
        """Make the draft's lines anew from what is owed by the period's end and not settled elsewhere."""
        self.ensure_one()
        settlement = self.sudo()
        settlement._step({**settlement._prepare_terms(), "collected_at": fields.Datetime.now()})
        self.env.flush_all()
        settlement.line_ids.unlink()
        self.env["club.settlement.line"].sudo().create(
            [
                {**vals, "settlement_id": settlement.id, "kind_order": KIND_ORDER[vals["kind"]]}
                for vals in settlement._prepare_lines()
            ]
        )
        settlement.invalidate_recordset(["line_ids"])
        settlement._sum_up()

    def _prepare_terms(self):
        """The merchant's terms as they are now."""
        self.ensure_one()
        merchant = self.merchant_id
        return {
            "role": merchant.settle_role,
            "commission_percent": merchant.settle_commission,
            "fee": merchant.settle_fee,
            "issue_price": merchant.settle_issue_price,
            "point_value": round(self.club_id._get_point_fair_value(self.date_to), 6),
        }

    def _prepare_lines(self):
        """What the lines should be by now, by the terms that the settlement has."""
        return self._prepare_voucher_lines() + self._prepare_issued_lines()

    def _is_stale(self):
        """Whether collecting anew would give something else than the preview shows: terms, lines or totals."""
        self.ensure_one()
        terms = self._prepare_terms()
        if any(self[name] != value for name, value in terms.items()):
            return True
        fresh = sorted(tuple(vals.get(name) or 0 for name in CONTENT) for vals in self._prepare_lines())
        shown = sorted(
            tuple((line[name].id if name.endswith("_id") else line[name]) or 0 for name in CONTENT)
            for line in self.line_ids
        )
        if fresh != shown:
            return True
        totals = self._get_preview_totals()
        return any(self.currency_id.compare_amounts(self[name], amount) for name, amount in totals.items())

    def _sum_up(self):
        """The totals: of the lines, and of the documents with their taxes."""
        self.ensure_one()
        lines = self.line_ids
        currency = self.currency_id

        def total(field, *kinds):
            return currency.round(sum(lines.filtered(lambda line: line.kind in kinds).mapped(field)))

        self._step(
            {
                "value_total": total("value", "voucher"),
                "reversed_total": total("value", "reversal"),
                "disputed_total": total("value", "dispute"),
                "commission_total": total("commission", "voucher", "reversal", "dispute"),
                "issued_points": round(sum(lines.filtered(lambda line: line.kind == "issued").mapped("points")), 2),
                "issued_total": total("amount", "issued"),
                "issued_liability": total("liability", "issued"),
            }
        )
        self._step(self._get_preview_totals())

    def _get_preview_totals(self):
        """What the documents come to, with their taxes."""
        totals = {"bill": 0.0, "invoice": 0.0}
        for document in self._get_preview():
            totals[document["what"]] += document["total"]
        return {
            "bill_total": totals["bill"],
            "invoice_total": totals["invoice"],
            "net_total": self.currency_id.round(totals["bill"] - totals["invoice"]),
        }

    # -- vouchers ------------------------------------------------------------

    def _prepare_voucher_lines(self):
        """Vouchers redeemed and not settled, and what changed of settled ones, as lines."""
        owed = self.merchant_id._read_vouchers_owed(self._get_end())
        vouchers = self.env["club.voucher"].sudo().browse([row["voucher"] for row in owed])
        vouchers.fetch(["number", "offer_id", "reference", "redeemed_at", "reversed_at", "settle_dispute_id"])
        spends, backs = vouchers._read_settled_points()
        fresh = [row for row in owed if not row["lines"]]
        earned = engine.commissions(
            [row["target"] for row in fresh],
            exact(self.commission_percent),
            exact(self.fee),
            self.currency_id.decimal_places,
        )
        lines = [
            {
                **self._prepare_voucher_line(row, spends),
                "kind": "voucher",
                "points": float(spends.get(row["voucher"], (None, Decimal(0)))[1]),
                "value": float(row["target"]),
                "commission": float(commission),
            }
            for row, commission in zip(fresh, earned, strict=True)
        ]
        changed = [row for row in owed if row["lines"]]
        percents = self._read_settled_percents([row["voucher"] for row in changed])
        return lines + [self._prepare_changed_line(row, spends, backs, percents) for row in changed]

    def _read_settled_percents(self, voucher_ids):
        """By voucher, the commission at which it was first settled: later terms do not touch it."""
        lines = (
            self.env["club.settlement.line"]
            .sudo()
            .search([("voucher_id", "in", voucher_ids), ("live", "=", True)], order="id desc")
        )
        return {line.voucher_id.id: exact(line.settlement_id.commission_percent) for line in lines}

    def _prepare_voucher_line(self, row, spends):
        voucher = self.env["club.voucher"].sudo().browse(row["voucher"])
        return {
            "voucher_id": voucher.id,
            "offer_id": voucher.offer_id.id,
            "reference": voucher.number,
            "receipt": voucher.reference,
            "date": voucher.redeemed_at,
            "entry_id": spends.get(voucher.id, (False, None))[0],
        }

    def _prepare_changed_line(self, row, spends, backs, percents):
        """What a settled voucher is owed by now less what was settled; the commission goes back in proportion."""
        voucher = self.env["club.voucher"].sudo().browse(row["voucher"])
        value = row["target"] - row["value"]
        reversal = voucher.state == "reversed" and not row["target"]
        if row["target"]:
            commission = engine.money(value * percents[voucher.id] / 100, self.currency_id.decimal_places)
        else:
            commission = -row["commission"]
        vals = self._prepare_voucher_line(row, spends)
        if reversal:
            entry, points = backs.get(voucher.id, (False, Decimal(0)))
            vals.update({"entry_id": entry or vals["entry_id"], "points": -float(points), "date": voucher.reversed_at})
        else:
            dispute = voucher.settle_dispute_id
            vals.update({"dispute_id": dispute.id, "date": dispute.decided_at or voucher.redeemed_at})
        return {
            **vals,
            "kind": "reversal" if reversal else "dispute",
            "value": float(value),
            "commission": float(commission),
        }

    # -- points given --------------------------------------------------------

    def _prepare_issued_lines(self):
        """Points that purchases at the merchant earned, less what was settled of them before: what comes back at the
        price at which it was settled, what is new at today's.
        """
        rows = self.merchant_id._read_points_given(self._get_end())
        purchases = self.env["club.merchant.purchase"].sudo().browse([row["purchase"] for row in rows])
        purchases.fetch(["reference", "occurred_at"])
        digits = self.currency_id.decimal_places
        given = engine.split_issued(
            [max(row["points"], Decimal(0)) for row in rows], exact(self.issue_price), exact(self.point_value), digits
        )
        split = [
            now if row["points"] > 0 else engine.credit_issued(row["points"], *row["settled"], digits)
            for row, now in zip(rows, given, strict=True)
        ]
        return [
            {
                "kind": "issued",
                "purchase_id": purchase.id,
                "reference": purchase.reference,
                "date": purchase.occurred_at,
                "entry_id": row["entry"],
                "points": float(row["points"]),
                "amount": float(amount),
                "liability": float(liability),
            }
            for row, purchase, (amount, liability) in zip(rows, purchases, split, strict=True)
        ]

    # -- does it agree? ------------------------------------------------------

    def _check_against_ledger(self):
        """Compare every line with its voucher or purchase, with the ledger, and the totals with the documents.

        :return: sentences about what disagrees; empty if all does.
        :rtype: list[str]
        """
        self.ensure_one()
        settlement = self.sudo()
        self.env.flush_all()
        settlement.invalidate_recordset()
        return [
            *settlement._find_wrong_vouchers(),
            *settlement._find_wrong_purchases(),
            *settlement._find_wrong_totals(),
        ]

    def _find_wrong_vouchers(self):
        lines = self.line_ids.filtered("voucher_id")
        spends, backs = lines.voucher_id._read_settled_points()
        _ = self.env._
        found = []
        for line in lines:
            told = exact(line.points)
            if line.kind == "voucher":
                posted = spends.get(line.voucher_id.id, (None, Decimal(0)))[1]
            elif line.kind == "reversal":
                posted = -backs.get(line.voucher_id.id, (None, Decimal(0)))[1]
            else:
                posted = told
            if told != posted:
                found.append(
                    _(
                        "%(line)s: the statement says %(told)s points, the ledger %(posted)s.",
                        line=line.reference,
                        told=told.normalize(),
                        posted=posted.normalize(),
                    )
                )
        return found + self._find_wrong_values(lines)

    def _find_wrong_values(self, lines):
        """Vouchers of which more or less is settled than they are owed, with this settlement's lines."""
        settled = lines.voucher_id._read_settled_values(self)
        found = []
        for voucher in lines.voucher_id:
            owed = exact(voucher._get_settle_target())
            later = (
                self.step != "draft" and voucher.settle_changed_at and voucher.settle_changed_at >= self.confirmed_at
            )
            if settled.get(voucher.id, Decimal(0)) != owed and not later:
                found.append(
                    self.env._(
                        "%(voucher)s: settled are %(settled)s, owed are %(owed)s.",
                        voucher=voucher.number,
                        settled=settled.get(voucher.id, Decimal(0)),
                        owed=owed,
                    )
                )
        return found

    def _find_wrong_purchases(self):
        """Points given: the statement against the ledger, for drafts; later corrections are the next one's."""
        if self.step != "draft":
            return []
        lines = self.line_ids.filtered("purchase_id")
        posted = dict(
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("origin_model", "=", "club.merchant.purchase"),
                    ("origin_id", "in", lines.purchase_id.ids),
                    ("kind", "in", ("earn", "reverse")),
                ],
                ["origin_id"],
                ["points:sum"],
            )
        )
        before = dict(
            self.env["club.settlement.line"]._read_group(
                [("purchase_id", "in", lines.purchase_id.ids), ("live", "=", True)], ["purchase_id"], ["points:sum"]
            )
        )
        return [
            self.env._(
                "%(line)s: the statement says %(told)s points, the ledger %(posted)s.",
                line=line.reference,
                told=line.points,
                posted=round(posted.get(line.purchase_id.id, 0.0) - before.get(line.purchase_id, 0.0), 2),
            )
            for line in lines
            if exact(posted.get(line.purchase_id.id)) != exact(line.points) + exact(before.get(line.purchase_id))
        ]

    def _find_wrong_totals(self):
        """The totals against the lines, and against the posted documents."""
        lines, currency = self.line_ids, self.currency_id
        sums = {
            "value_total": sum(lines.filtered(lambda line: line.kind == "voucher").mapped("value")),
            "reversed_total": sum(lines.filtered(lambda line: line.kind == "reversal").mapped("value")),
            "disputed_total": sum(lines.filtered(lambda line: line.kind == "dispute").mapped("value")),
            "commission_total": sum(lines.mapped("commission")),
            "issued_total": sum(lines.mapped("amount")),
            "issued_liability": sum(lines.mapped("liability")),
        }
        if self.step == "billed":
            documents = self.move_ids.filtered(lambda move: not move.reversed_entry_id)
            bills = documents.filtered(lambda move: move.is_purchase_document())
            sums["bill_total"] = -sum(bills.mapped("amount_total_signed"))
            sums["invoice_total"] = sum((documents - bills).mapped("amount_total_signed"))
        return [
            self.env._(
                "%(name)s: the statement says %(told)s, its parts are %(parts)s.",
                name=self._fields[name]._description_string(self.env),
                told=self[name],
                parts=currency.round(parts),
            )
            for name, parts in sums.items()
            if currency.compare_amounts(self[name], parts)
        ]
