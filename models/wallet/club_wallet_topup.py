"""Top-ups: what was paid for becomes wallet money, once it is paid; what comes back is taken out again."""

from decimal import Decimal
from fractions import Fraction

from odoo import api, models
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.addons.customer_club.models.earning.event_batch import decimal
from odoo.addons.customer_club.models.earning.purchase_document import DocumentReader
from odoo.addons.customer_club.models.earning.till_facts import PAID_STATES
from odoo.tools import SQL

ZERO = Decimal(0)


class ClubPurchase(models.AbstractModel):
    """The hooks that mark a sale for earning mark it for its top-ups too, and the nightly sweep looks again."""

    _inherit = "club.purchase"

    @api.model
    def _settle(self, orders=None, moves=None, tills=None, **kwargs):
        entries = super()._settle(orders, moves, tills, **kwargs)
        if self.env["club.club"]._get_wallet_topups():
            self.env.flush_all()  # what follows reads SQL
            Topup = self.env["club.wallet.topup"]
            Topup._settle(*self._resolve(orders or self.env["sale.order"], moves or self.env["account.move"]))
            if tills:
                Topup._settle_tills(tills)
        return entries


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def write(self, vals):
        """An online payment that is done, undone or refunded may have paid a top-up."""
        result = super().write(vals)
        if "state" in vals:
            # A refund knows its payment only, the payment its order.
            sources = self.sudo().source_transaction_id
            transactions = self.sudo() | sources | sources.source_transaction_id
            orders = transactions.sale_order_ids
            if orders._club_topup_lines():
                self.env["club.purchase"]._mark(orders)
        return result

    def _club_read_captured(self):
        """What these payments took, and what of it was paid back since, as positive Decimals.

        A payment that was captured in parts took what its parts took.

        :rtype: tuple[Decimal, Decimal]
        """
        done = self.browse()
        for transaction in self:
            parts = transaction.child_transaction_ids.filtered(lambda child: child.operation != "refund")
            done |= (parts or transaction).filtered(lambda part: part.state == "done")
        refunds = (self | done).child_transaction_ids.filtered(
            lambda child: child.operation == "refund" and child.state == "done"
        )
        taken = sum((decimal(transaction.amount) for transaction in done), ZERO)
        return taken, -sum((decimal(refund.amount) for refund in refunds), ZERO)


class ClubWalletTopup(models.AbstractModel):
    """Odoo credits an eWallet when the order is confirmed, paid or not (never 7). Here a wallet gets what is paid.

    Like the points of a purchase it is *target − posted*: what the top-ups of a sale should have brought by now, so
    hooks may fire zero, one or many times. The entries name the order or the invoice.
    """

    _name = "club.wallet.topup"
    _description = "Wallet Top-up"

    @api.model
    def _settle(self, orders, moves):
        """Bring the wallets to what was paid for the top-ups of these sales.

        :param orders: sales orders; :param moves: invoices of their own.
        :return: the entries that credited.
        """
        products = self.env["club.club"]._get_wallet_topups()
        orders = orders.sudo().filtered(lambda order: order._club_topup_lines())
        moves = moves.sudo().filtered(
            lambda move: any(
                line.product_id.id in products and not line.sale_line_ids for line in move.invoice_line_ids
            )
        )
        if not orders and not moves:
            return self.env["club.point.entry"]
        reader = DocumentReader(self.sudo().env)
        reader.excluded = reader.excluded - products.keys()  # here they are what is sold
        documents = reader.read_orders(orders)
        reader.read_invoices_of(documents)
        documents += reader.read_moves(moves)
        found = [row for document in documents for row in self._read_targets(document, products)]
        return self._bring_to(found)

    @api.model
    def _settle_tills(self, tills):
        """The same for orders of the till: there what is sold is paid. A refund is an order of its own, with less.

        A top-up for nobody in particular has no wallet; the till's order says so to staff.
        """
        products = self.env["club.club"]._get_wallet_topups()
        found = []
        for till in tills.sudo():
            lines = till.lines.filtered(lambda line: line.product_id.id in products and not line.refunded_orderline_id)
            for product, sold in lines.grouped("product_id").items():
                club = self.env["club.club"].sudo().browse(products[product.id])
                if not till.partner_id or till.company_id != club.company_id:
                    continue
                money = ZERO
                if till.state in PAID_STATES:
                    back = sold.refund_orderline_ids.filtered(lambda line: line.order_id.state in PAID_STATES)
                    others = (till.lines - sold).filtered(
                        lambda line: line.price_subtotal_incl < 0 and not line.refunded_orderline_id
                    )
                    money = engine_wallet.topped_up(
                        [(decimal(line.price_subtotal_incl), Fraction(1)) for line in sold],
                        -sum((decimal(line.price_subtotal_incl) for line in back | others), ZERO),
                        club.currency_id.decimal_places,
                    )
                found.append((till, club, self._get_owner(club, till), money))
        refunded = tills.sudo().lines.refunded_orderline_id.order_id - tills
        return self._bring_to(found) | (self._settle_tills(refunded) if refunded else self._bring_to([]))

    def _read_targets(self, document, products):
        """``(record, club, account's partner, money)`` for each wallet that the document tops up."""
        record = self.env[document.model].sudo().browse(document.id)
        lines = record.order_line if document.model == "sale.order" else record.invoice_line_ids
        by_club = {}
        for line in lines:
            if line.id in document.totals and line.product_id.id in products:
                by_club.setdefault(products[line.product_id.id], []).append(line)
        for club_id, tops in by_club.items():
            club = self.env["club.club"].sudo().browse(club_id)
            taken_off = sum((-total for total in document.totals.values() if total < 0), ZERO)
            paid = [(document.totals[line.id], self._get_paid_share(document, record, line)) for line in tops]
            money = ZERO
            if document.alive:
                rate = document.rate
                money = engine_wallet.topped_up(
                    [(max(price, ZERO) * rate, share) for price, share in paid],
                    taken_off * rate,
                    club.currency_id.decimal_places,
                )
            yield record, club, self._get_owner(club, record), money

    def _get_paid_share(self, document, record, line):
        """Which share of a top-up is paid and was not credited, whether by invoice or online on the order.

        An online payment that was refunded paid nothing, though an invoice may still count it as paid.
        """
        final = document.final(line.id, "paid")
        if document.model != "sale.order" or not document.amount_total:
            return final
        total = Fraction(document.amount_total)
        due = sum((Fraction(price) * document.kept(of) for of, price in document.totals.items()), Fraction(0))
        if due <= 0:
            return final
        transactions = record.transaction_ids
        taken, back = transactions._club_read_captured()
        online = min(max(Fraction(taken - back) / due, Fraction(0)), Fraction(1))
        counted = transactions.filtered(lambda transaction: transaction.payment_id.reconciled_invoice_ids)
        # What was credited too is not kept anyway.
        back = max(Fraction(counted._club_read_captured()[1]) - (total - due), Fraction(0))
        return max(final * max(1 - back / due, Fraction(0)), online * document.kept(line.id))

    def _get_owner(self, club, record):
        """Whose wallet is topped up: the member who would earn for the purchase, else who buys."""
        partner = record.partner_id
        if club.earner == "company":
            return partner.commercial_partner_id
        return partner.parent_id if partner.type != "contact" and partner.parent_id else partner

    def _bring_to(self, found):
        """Post what is missing, and take back what is too much, newest first; what was spent becomes arrears."""
        Entry = self.env["club.point.entry"].sudo()
        posted = self._read_posted([record for record, _club, _owner, _money in found])
        credits = []
        for record, club, owner, money in found:
            rows = posted.get((record._name, record.id, club.wallet_club_id.id), [])
            was = sum((left for _entry, left in rows), ZERO)
            if money > was:
                account = club._get_wallet_accounts(owner, create=True)[owner.id]
                credits.append(self._prepare_credit(record, club, account, money - was, len(rows) + 1))
            excess = was - money
            for entry_id, left in reversed(rows):
                part = min(left, excess)
                if part > 0:
                    excess -= part
                    entry = Entry.browse(entry_id)
                    entry._reverse(key=f"{entry.key}:back:{left.normalize():f}:{len(entry.reversal_ids)}", points=part)
        return Entry._post(credits)

    def _prepare_credit(self, record, club, account, money, number):
        return {
            "member_id": account.id,
            "kind": "earn",
            "points": money,
            "key": f"{record._name},{record.id}:topup:{club.id}:{number}",
            "origin": record,
            "expires_on": False,
        }

    def _read_posted(self, records):
        """Top-ups posted for these documents, oldest first, with what is left of each: not reversed.

        SQL because what was taken back names the entry that it reverses.

        :rtype: dict[tuple[str, int, int], list[tuple[int, Decimal]]]
        """
        found = {}
        for model, of_model in self._group(records).items():
            for origin, club, entry, left in self.env.execute_query(
                SQL(
                    """
                    SELECT e.origin_id, e.club_id, e.id,
                           e.points + COALESCE((SELECT SUM(r.points) FROM club_point_entry r
                                                 WHERE r.reverses_id = e.id), 0)
                      FROM club_point_entry e
                     WHERE e.origin_model = %s AND e.origin_id = ANY(%s) AND e.kind = 'earn' AND e.rule_id IS NULL
                       AND e.club_id = ANY(%s)
                     ORDER BY e.id
                    """,
                    model,
                    of_model,
                    list(self.env["club.club"]._get_wallet_club_ids()),
                )
            ):
                found.setdefault((model, origin, club), []).append((entry, to_decimal(left)))
        return found

    @staticmethod
    def _group(records):
        by_model = {}
        for record in records:
            by_model.setdefault(record._name, []).append(record.id)
        return by_model

    # -- refunds -------------------------------------------------------------

    @api.model
    def _get_refundable(self, record, club):
        """What of a document's top-ups can be refunded: neither spent nor held by a payment, as a Decimal."""
        rows = self._read_posted([record]).get((record._name, record.id, club.wallet_club_id.id), [])
        if not rows:
            return ZERO
        entries = [entry for entry, _left in rows]
        # SQL: the money may have moved on with a merged contact, lot by lot.
        ((left,),) = self.env.execute_query(
            SQL(
                """
                SELECT SUM(lot.remaining) FROM club_point_entry e JOIN club_point_lot lot ON lot.entry_id = e.id
                 WHERE (e.id = ANY(%(ids)s) OR e.root_id = ANY(%(ids)s)) AND lot.state = 'open'
                """,
                ids=entries,
            )
        )
        card = self.env["club.point.entry"].sudo().browse(entries[0]).member_id
        card = (card.merged_into_id or card).card_id
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        free = to_decimal(card.points) - sum(held.values(), ZERO)
        return max(min(to_decimal(left or 0), free), ZERO)
