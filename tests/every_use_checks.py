"""What must be true after every step of a life of every use."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import fields
from odoo.addons.customer_club.models.accounting.cohorts import read_cohorts


def exact(number):
    return Decimal(str(round(number or 0, 6)))


class EveryUseChecks:
    """Documents, reports, wallets, settlements and books say what the ledger says."""

    def read_documents(self):
        """Every document that takes points, of this club."""
        self.env.flush_all()
        for name in self.env["club.spending.report"]._get_spending_models():
            yield name, self.env[name].search([("club_id", "=", self.club.id)])

    def check_documents(self, where):
        """A document has taken what its entries say; one that was undone nothing, and its member has nothing."""
        undone = {
            "club.redemption": ("cancelled", "refused", "returned"),
            "club.draw.play": ("void",),
            "club.raffle.purchase": ("returned",),
            "club.voucher": ("cancelled",),
            "club.donation": ("cancelled",),
            "club.wallet.conversion": ("undone",),
        }
        for name, documents in self.read_documents():
            posted = documents._read_posted_points()
            for document in documents:
                told = (where, document, document.state)
                self.assertEqual(exact(document.points), posted.get(document.id, (Decimal(0), 0))[0], told)
                self.assertGreaterEqual(document.points, 0, told)
                if document.state in undone[name]:
                    self.assertFalse(document.points or document.satisfied_at, told)
        entries = defaultdict(Decimal)
        for entry in self.env["club.point.entry"].search(
            [("club_id", "=", self.club.id), ("kind", "in", ("spend", "reverse"))]
        ):
            if (entry.reverses_id or entry).kind == "spend":
                entries[entry.origin_model] -= exact(entry.points)
        for name, documents in self.read_documents():
            self.assertEqual(sum(map(exact, documents.mapped("points")), Decimal(0)), entries[name], (where, name))

    def check_all(self, where):
        self.check_satisfied(where)
        self.check_report(where)
        self.check_roots(where)
        self.check_wallet(where)
        self.check_settlements(where)
        self.check_books(where)

    def check_satisfied(self, where):
        """Provided exactly where the member got it, and then with what it cost."""
        for name, documents in self.read_documents():
            for document in documents:
                state = document.state
                provided = {
                    "club.redemption": state == "delivered",
                    "club.draw.play": state in ("won", "done", "lapsed"),
                    "club.raffle.purchase": state == "drawn",
                    "club.voucher": state == "redeemed"
                    or (state == "expired" and bool(document.points))
                    or (state == "reversed" and bool(document.points)),
                    "club.donation": state == "given",
                    "club.wallet.conversion": state == "done",
                }[name]
                self.assertEqual(bool(document.satisfied_at), provided, (where, document, state))
                if name == "club.voucher" and state in ("redeemed", "reversed", "expired"):
                    owed = document.value if state == "redeemed" else 0
                    self.assertEqual(document.unit_cost, owed, (where, document, state))
                if name == "club.redemption" and provided:
                    self.assertEqual(document.unit_cost, 7, (where, document))
                if name == "club.wallet.conversion":
                    self.assertEqual(document.unit_cost, document.money, (where, document))

    def check_report(self, where):
        """The report says what the ledger says, and costs what the documents cost, each once."""
        report = {
            channel: (exact(points), round(cost, 2))
            for channel, points, cost in self.env["club.spending.report"]._read_group(
                [("club_id", "=", self.club.id)], ["channel"], ["points:sum", "cost:sum"]
            )
        }
        self.assertFalse(
            self.env["club.spending.report"].search([("club_id", "=", self.club.wallet_club_id.id)]), where
        )
        for name, documents in self.read_documents():
            points, cost = report.get(name, (Decimal(0), 0))
            self.assertEqual(points, sum(map(exact, documents.mapped("points")), Decimal(0)), (where, name))
            provided = documents.filtered("satisfied_at")
            if name == "club.draw.play":
                provided = provided.filtered(lambda play: play.prize_id.kind != "prize")
            self.assertAlmostEqual(cost, sum(provided.mapped("unit_cost")), 2, (where, name))

    def check_roots(self, where):
        """What was issued is somewhere, used, or expired; moving it about prolongs nothing."""
        self.env.cr.execute(
            """SELECT root.id, root.points, SUM(lot.remaining), array_agg(DISTINCT e.expires_on)
                 FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                 JOIN club_point_entry root ON root.id = COALESCE(e.root_id, e.id)
                WHERE lot.club_id = %s GROUP BY root.id""",
            (self.club.id,),
        )
        rows = self.env.cr.fetchall()
        self.env.cr.execute(
            """SELECT COALESCE(made.root_id, made.id), SUM(a.points)
                 FROM club_point_allocation a JOIN club_point_entry taker ON taker.id = a.entry_id
                 LEFT JOIN club_point_entry undone ON undone.id = taker.reverses_id
                 JOIN club_point_lot lot ON lot.id = a.lot_id JOIN club_point_entry made ON made.id = lot.entry_id
                WHERE lot.club_id = %s AND COALESCE(undone.kind, taker.kind) NOT IN ('transfer', 'open') GROUP BY 1""",
            (self.club.id,),
        )
        used = dict(self.env.cr.fetchall())
        for root, points, remaining, days in rows:
            self.assertEqual(len(days), 1, (where, root, days))
            self.assertEqual(exact(remaining) + exact(used.get(root)), exact(points), (where, root))

    def check_wallet(self, where):
        """Wallet money: cards and entries agree; conversions put in what they say, once; nothing below zero unless
        what paid for it came back.
        """
        Entry = self.env["club.point.entry"]
        wallet = self.club.wallet_club_id
        accounts = self.env["club.member"].with_context(active_test=False).search([("club_id", "=", wallet.id)])
        entries = Entry.search([("club_id", "=", wallet.id)])
        self.assertEqual(
            sum(map(exact, accounts.card_id.mapped("points")), Decimal(0)),
            sum(map(exact, entries.mapped("points")), Decimal(0)),
            where,
        )
        for conversion in self.env["club.wallet.conversion"].search([("club_id", "=", self.club.id)]):
            money = sum(
                exact(entry.points)
                for entry in entries
                if (entry.origin_model, entry.origin_id) == (conversion._name, conversion.id)
            )
            self.assertEqual(money, exact(conversion.money) if conversion.state == "done" else 0, (where, conversion))

    def check_settlements(self, where):
        """What was settled of each voucher and purchase is what was confirmed; of the settled ones all agrees."""
        Line = self.env["club.settlement.line"]
        for settlement in self.env["club.settlement"].search([("merchant_id", "=", self.merchant.id)]):
            if settlement.step != "draft":
                found = [] if settlement.step == "cancelled" else settlement._find_wrong_totals()
                self.assertEqual(found, [], where)
            moves = settlement.move_ids
            self.assertEqual(
                round(sum(moves.mapped("amount_total_signed")), 2) if settlement.step == "cancelled" else 0, 0, where
            )
        for purchase in self.env["club.merchant.purchase"].search([("merchant_id", "=", self.merchant.id)]):
            lines = Line.search([("purchase_id", "=", purchase.id), ("live", "=", True)])
            amount, liability = round(sum(lines.mapped("amount")), 2), round(sum(lines.mapped("liability")), 2)
            self.assertGreaterEqual(amount, liability, (where, purchase))
            self.assertGreaterEqual(liability, 0, (where, purchase))
            if lines and not round(sum(lines.mapped("points")), 2):
                self.assertEqual((amount, liability), (0, 0), (where, purchase))
        for voucher in self.env["club.voucher"].search([("merchant_id", "=", self.merchant.id)]):
            lines = Line.search([("voucher_id", "=", voucher.id), ("live", "=", True)])
            value, commission = round(sum(lines.mapped("value")), 2), round(sum(lines.mapped("commission")), 2)
            self.assertLessEqual(value, voucher.value, (where, voucher))
            self.assertGreaterEqual(value, 0, (where, voucher))
            self.assertGreaterEqual(commission, 0 if value else -0.001, (where, voucher))
            if not value:
                self.assertEqual(commission, 0, (where, voucher))
        # Owed and not settled, as a plain sum.
        owed = sum(
            exact(voucher._get_settle_target())
            - sum(map(exact, voucher.settlement_line_ids.filtered("live").mapped("value")))
            for voucher in self.env["club.voucher"].search([("merchant_id", "=", self.merchant.id)])
        )
        self.assertEqual(self.merchant._get_unsettled()[self.merchant.id], owed, where)

    def check_books(self, where):
        """Of every cohort that no invoice must bill first, what is owed is what is left and what waits for its use."""
        day = max(self.club._get_today(), fields.Date.today()) + timedelta(days=400)
        rows = read_cohorts(self.env, self.club, day)
        owed = sum(
            (
                row.issued - row.reversed - row.redeemed - row.expired
                for (nature, _month), row in rows.items()
                if nature != "sale"
            ),
            Decimal(0),
        )
        self.env.cr.execute(
            """SELECT SUM(lot.remaining) FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                 JOIN club_point_entry root ON root.id = COALESCE(e.root_id, e.id)
                 LEFT JOIN club_event fact ON fact.id = root.event_id
                WHERE lot.club_id = %s AND fact.type IS DISTINCT FROM 'purchase'""",
            (self.club.id,),
        )
        left = exact(self.env.cr.fetchone()[0])
        waiting = [
            (name, document.id)
            for name, documents in self.read_documents()
            for document in documents
            if document.points and not document.satisfied_at
        ]
        for order in self.env["sale.order"].search([("state", "=", "sale"), ("company_id", "=", self.env.company.id)]):
            lines = order.order_line.filtered(lambda line: line.coupon_id and line.points_cost > 0)
            billed = sum(
                line.quantity
                for line in lines.invoice_lines
                if line.parent_state == "posted" and line.move_id.move_type == "out_invoice"
            )
            if lines and order.amount_total and not billed:
                waiting.append(("sale.order", order.id))
        self.env.cr.execute(
            """SELECT SUM(a.points) FROM club_point_allocation a
                 JOIN club_point_entry taker ON taker.id = a.entry_id
                 LEFT JOIN club_point_entry undone ON undone.id = taker.reverses_id
                 JOIN club_point_lot lot ON lot.id = a.lot_id JOIN club_point_entry e ON e.id = lot.entry_id
                 JOIN club_point_entry root ON root.id = COALESCE(e.root_id, e.id)
                 LEFT JOIN club_event fact ON fact.id = root.event_id
                WHERE lot.club_id = %s AND fact.type IS DISTINCT FROM 'purchase'
                  AND COALESCE(undone.kind, taker.kind) = 'spend'
                  AND (taker.origin_model, taker.origin_id) IN (SELECT * FROM unnest(%s::text[], %s::int[]))""",
            (self.club.id, [name for name, _id in waiting], [res_id for _name, res_id in waiting]),
        )
        expected = left + exact(self.env.cr.fetchone()[0])
        self.assertEqual(owed, expected, where)
