"""What may happen in a shop's random life: sales, bills, payments, returns, gifts."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError


class RandomLifeActs:
    """One act each; ``dice`` and what was made before are the life's."""

    def pick(self, records, condition=lambda record: True):
        found = [record for record in records if condition(record)]
        return self.dice.choice(found) if found else None

    def sell(self):
        """An order, perhaps with a discount, in another currency, in parts, or paid with points; then often billed."""
        member = self.dice.choice(self.people)
        product = self.dice.choice([self.product, self.product, self.parts_product])
        foreign = self.dice.random() < 0.15
        taxes = self.vat if self.dice.random() < 0.3 else self.env["account.tax"]
        lines = [(product, self.dice.randint(1, 4), self.dice.choice(self.PRICES))]
        if self.dice.random() < 0.3:
            lines.append((self.product, 1, self.dice.choice(self.PRICES)))
        if self.dice.random() < 0.25:
            lines.append((self.product, 1, -round(lines[0][2] * self.dice.choice([0.1, 0.5, 0.33]), 2)))
        order = self.env["sale.order"].create(
            {
                "partner_id": member.partner_id.id,
                **({"pricelist_id": self.pricelist.id} if foreign else {}),
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": taxes.ids,
                        }
                    )
                    for product, quantity, price in lines
                ],
            }
        )
        points = int(member.card_id.points)
        most = int(order.amount_total / (1.2 if foreign else 0.12) / 2)
        if not foreign and min(points, most) > 0 and self.dice.random() < 0.6:
            self.pay_with_points(order, member, self.dice.randint(1, min(points, most)))
        order.action_confirm()
        self.settle()
        self.orders.append(order)
        if self.dice.random() < 0.15:
            self.pay_down(order)
        elif self.dice.random() < 0.6:
            self.bill(order)

    def pay_with_points(self, order, member, points):
        """Refused where they have expired, though the night has not said so yet."""
        try:
            with self.env.cr.savepoint():
                order._club_apply_points(member.card_id, self.reward, points)
        except UserError:
            return

    def pay_down(self, order):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": 25})
        )
        move = wizard._create_invoices(order)
        move.action_post()
        self.settle()

    def deliver(self, order, share):
        for line in order.order_line:
            if line.product_id == self.parts_product:
                line.qty_delivered = max(line.qty_delivered, round(line.product_uom_qty * share))

    def bill(self, order=None):
        """Bill what can be billed; sometimes a part, sometimes on a day of a month that is closed already."""
        order = order or self.pick(self.orders, lambda order: order.state == "sale")
        if not order:
            return
        self.deliver(order, self.dice.choice([0.5, 1, 1]))
        self.settle()
        if order.invoice_status != "to invoice":
            return
        move = self.invoice(order, final=True, post=False)
        if move.move_type == "out_invoice" and self.dice.random() < 0.15:
            day = self.at.date() - timedelta(days=self.dice.randint(5, 40))
            day = max(day, self.club.close_from)
            move.write({"invoice_date": day, "date": day})
        move.action_post()
        self.settle()
        if move.move_type == "out_invoice":
            self.moves.append(move)
            if self.dice.random() < 0.6:
                self.settle_invoice(move)

    def settle_invoice(self, move=None):
        move = move or self.pick(
            self.moves, lambda m: m.state == "posted" and m.payment_state in ("not_paid", "partial")
        )
        if move and move.amount_residual > 1:
            self.pay(move, round(move.amount_residual / 2, 2) if self.dice.random() < 0.2 else None)

    def undo_payment(self):
        move = self.pick(self.moves, lambda m: m.payment_state in ("paid", "in_payment", "partial"))
        if move:
            move.line_ids.remove_move_reconcile()

    def return_goods(self):
        """A credit note, in part or whole."""
        move = self.pick(self.moves, lambda m: m.state == "posted" and m.payment_state != "reversed")
        if not move:
            return
        refund = self.refund(move, post=False)
        lines = refund.invoice_line_ids.filtered(lambda line: line.price_unit > 0 and line.quantity > 0)
        if self.dice.random() < 0.6 and lines:
            line = lines[0]
            (refund.invoice_line_ids - line).unlink()
            line.price_unit = round(line.price_unit * self.dice.choice([0.25, 0.5, 0.8]), 2)
        if refund.amount_total <= 0:
            return
        try:
            with self.env.cr.savepoint():
                refund.action_post()
        except UserError:  # it would turn points into money: the draft is put away
            refund.unlink()

    def redraft(self):
        """An invoice is set back to draft and posted anew, perhaps with another day."""
        move = self.pick(self.moves, lambda m: m.state == "posted" and m.payment_state == "not_paid")
        if move and not move.reversal_move_ids:
            move.button_draft()
            if self.dice.random() < 0.6:
                day = self.at.date() - timedelta(days=self.dice.randint(0, 20))
                move.write({"invoice_date": max(day, self.club.close_from), "date": max(day, self.club.close_from)})
            self.settle()
            move.action_post()

    def grow(self):
        """More of a line, billed already or not."""
        order = self.pick(self.orders, lambda order: order.state == "sale" and not order.locked)
        if order:
            line = order.order_line.filtered(lambda line: line.price_unit > 0 and not line.is_downpayment)[:1]
            line.product_uom_qty += self.dice.randint(1, 3)

    def cancel(self):
        order = self.pick(self.orders, lambda order: order.state == "sale" and not order.invoice_ids)
        if order:
            order._action_cancel()

    def spend(self):
        member = self.dice.choice(self.people)
        late = timedelta(days=self.dice.choice([0, 0, 0, 25]))
        try:
            with self.env.cr.savepoint():
                entry = self.post(
                    -self.dice.randint(1, 90),
                    self.key,
                    member=member,
                    happened=self.dice.random() < 0.2,
                    date=fields.Datetime.now() - late,
                )
        except NotEnoughPoints:
            return
        self.spends.append([entry, -int(entry.points)])

    def give_back(self):
        spend = self.pick(self.spends, lambda spend: spend[1])
        if spend:
            part = self.dice.choice([spend[1], self.dice.randint(1, spend[1])])
            spend[0]._reverse(key=self.key, points=part)
            spend[1] -= part

    def gift(self):
        member, other = self.dice.sample(self.people, 2)
        try:
            with self.env.cr.savepoint():
                member._transfer(other, self.dice.randint(1, 120), self.key)
        except NotEnoughPoints:
            return

    def adjust(self):
        sign = self.dice.choice([-1, 1])
        try:
            with self.env.cr.savepoint():
                member = self.dice.choice(self.people)
                self.post(sign * self.dice.randint(1, 50), self.key, kind="adjust", member=member)
        except NotEnoughPoints:
            return

    def earn_free(self):
        self.post(self.dice.randint(1, 60), self.key, member=self.dice.choice(self.people))

    def merge(self):
        if len(self.people) > 2:
            member, other = self.dice.sample(self.people, 2)
            self.env["base.partner.merge.automatic.wizard"]._merge(
                (member.partner_id | other.partner_id).ids, dst_partner=other.partner_id
            )
            self.people.remove(member)

    def night(self):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_open()
            self.env["club.ledger.job"]._cron_expire()
            if self.dice.random() < 0.5:
                self.env["club.deferral"]._cron_record()
