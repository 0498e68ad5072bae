"""What may happen in a life of every use: each way to spend, and the steps that follow."""

from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.tests.raffle_common import signature
from odoo.exceptions import UserError

#: Chance asked for something that there is not, or not enough of it: nothing happens then.
NOTHING = "nothing to do"


class EveryUseActs:
    """One act each; ``dice``, ``documents`` and ``people`` are the life's."""

    def earn(self):
        """Points of a purchase long ago, which can be given away, or for nothing."""
        member, points = self.who(), self.dice.randint(100, 900)
        values = {"date": self.at, "expires_on": (self.at + timedelta(days=self.dice.randint(10, 70))).date()}
        if self.dice.random() < 0.5:
            values["event_id"] = self.env["club.event"]._record(
                [{"member_id": member.id, "type": "purchase", "key": f"fact:{self.key}", "occurred_at": self.at}]
            ).id
        self.post(points, f"earn:{self.key}", member=member, **values)

    def make_order(self, member):
        return self.env["sale.order"].create(
            {
                "partner_id": member.partner_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": self.dice.randint(1, 4),
                            "tax_ids": self.dice.choice([[], self.vat.ids]),
                        }
                    )
                ],
            }
        )

    def order(self):
        member = self.who()
        pools = [pool for pool in self.documents["pool"] if pool.state == "open" and pool._get_row(member)]
        card = self.dice.choice(pools).account_id.card_id if pools and self.dice.random() < 0.4 else member.card_id
        order = self.make_order(member)
        order._club_apply_points(card, self.reward, self.dice.randint(1, 250))
        order.action_confirm()
        self.documents["order"].append(order)

    def change_order(self):
        order = self.one("order")
        if order.state == "cancel":
            order.action_draft()
        elif order.state == "draft":
            order.action_confirm()
        elif self.dice.random() < 0.6:
            order._action_cancel()
        else:
            order.order_line.filtered(lambda line: not line.is_reward_line).product_uom_qty = self.dice.randint(1, 5)

    def invoice(self):
        order = self.one("order", lambda order: order.state == "sale" and order.invoice_status == "to invoice")
        invoice = order._create_invoices(final=True)
        invoice.action_post()
        if invoice.amount_residual and invoice.move_type == "out_invoice":
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({})._create_payments()
        self.documents["invoice"].append(invoice)

    def credit(self):
        invoice = self.one("invoice", lambda move: move.move_type == "out_invoice" and not move.reversal_move_ids)
        refund = invoice._reverse_moves([{"invoice_date": self.at.date(), "date": self.at.date()}], cancel=False)
        refund.action_post()

    def prize(self):
        prize = self.dice.choice(self.prizes)
        self.documents["redemption"].append(prize._redeem(self.who(), self.key, "counter"))

    def step_prize(self):
        redemption = self.one("redemption")
        if redemption.state == "requested" and redemption.order_id and self.dice.random() < 0.5:
            redemption.order_id.action_confirm()
        elif redemption.order_id and self.dice.random() < 0.3:
            redemption.order_id._action_cancel()
        else:
            step = self.dice.choice(["approved", "delivered", "delivered", "cancelled", "refused", "returned"])
            if step == "approved":
                redemption.action_approve()
            else:
                redemption._update_state(step, "why", restock=self.dice.random() < 0.5)

    def play(self):
        play = self.draw._play(self.who(), self.key)
        self.documents["play"].append(play)
        if self.dice.random() < 0.7:
            play._deliver()

    def void_play(self):
        play = self.one("play")
        play._void("A mistake")

    def raffle(self):
        """Tickets of one of the raffles that are open; a new one where there is none."""
        going = [raffle for raffle in self.documents["raffle"] if raffle.state == "open"]
        if not going:
            raffle = self.env["club.raffle"].create(
                {
                    "club_id": self.club.id,
                    "name": f"Raffle {self.key}",
                    "opens_at": self.at,
                    "closes_at": self.at + timedelta(days=7),
                    "draws_at": self.at + timedelta(days=7, hours=2),
                    "ticket_price": 10,
                    "alternates": 1,
                    "beacon_id": self.beacon.id,
                    "observer_id": self.observer.id,
                    "prize_ids": [
                        Command.create({"name": "Bicycle", "cost": 90.01}),
                        Command.create({"name": "Wrapping", "prize_id": self.prizes[3].id}),
                    ],
                }
            )
            raffle.action_open()
            self.documents["raffle"].append(raffle)
            going = [raffle]
        for member in self.dice.sample(self.people, 2):
            going[0]._buy(member, self.dice.randint(1, 5), f"{self.key}:{member.id}")

    def step_raffle(self):
        raffle = self.one("raffle", lambda raffle: raffle.state in ("open", "frozen"))
        if self.dice.random() < 0.3:
            raffle._void("Nobody came to it")
            return
        if raffle.state == "open":
            self.at = max(self.at, raffle.closes_at + timedelta(minutes=5))
            with freeze_time(self.at):
                raffle.action_close()
                self.env.flush_all()
        if raffle.state == "frozen":
            self.at = max(self.at, raffle.round_at + timedelta(minutes=1))
            with freeze_time(self.at):
                raffle._draw_beacon(**signature(self.dice.randint(0, 99)), source="https://example.com/round")
                self.env.flush_all()

    def voucher(self):
        self.offer.write(
            {
                "expiry": self.dice.choice(["give_back", "lost"]),
                "reversal": self.dice.choice(["give_back", "keep"]),
            }
        )
        self.documents["voucher"].append(self.buy(self.who(), key=self.key))

    def charge(self):
        amount = Decimal(self.dice.randint(10, 900)) / 100
        self.documents["voucher"].append(
            self.env["club.voucher"]._charge(self.who(), self.counter_offer, amount, self.desk, self.key)
        )

    def step_voucher(self):
        voucher = self.one("voucher")
        step = self.dice.choice(["redeem", "redeem", "reverse", "cancel", "dispute", "decide"])
        if step == "redeem":
            voucher._redeem(self.desk, f"redeem:{self.key}")
        elif step == "reverse":
            voucher._reverse(self.manager, "no goods")
        elif step == "cancel":
            voucher._cancel()
        elif step == "dispute":
            claimed = round(self.dice.random() * voucher.value, 2)
            self.documents["dispute"].append(
                self.env["club.settlement.dispute"]
                .with_user(self.manager)
                .create({"voucher_id": voucher.id, "claimed": claimed, "reason": "Only half was given"})
            )
        else:
            dispute = self.one("dispute", lambda dispute: dispute.state == "open")
            getattr(dispute, self.dice.choice(["action_accept", "action_reject", "action_withdraw"]))()

    def buy_at_partner(self):
        purchase = self.env["club.merchant.purchase"].create(
            {
                "merchant_id": self.merchant.id,
                "member_id": self.who().id,
                "reference": self.key,
                "amount": round(self.dice.uniform(5, 150), 2),
            }
        )
        purchase._submit()
        self.documents["purchase"].append(purchase)

    def correct_at_partner(self):
        purchase = self.one("purchase", lambda purchase: purchase.state in ("recorded", "corrected"))
        if self.dice.random() < 0.4:
            purchase._reverse("Taken back")
        else:
            purchase._correct(round(self.dice.uniform(1, 150), 2), "Corrected")

    def settle_merchant(self):
        """The next step of the merchant's settlements, with terms that change in between."""
        last = self.env["club.settlement"].search([("merchant_id", "=", self.merchant.id)], order="id desc", limit=1)
        if not last or last.step in ("billed", "cancelled"):
            if last.step == "billed" and self.dice.random() < 0.3:
                last._cancel()
                return
            self.merchant.write(
                {
                    "settle_commission": self.dice.choice([10, 12.5, 50]),
                    "settle_issue_price": self.dice.choice([0, 0.012, 0.05]),
                    "settle_fee": self.dice.choice([0, 0.07]),
                }
            )
            today = self.club._get_today()
            following = self.env["club.settlement"].search(
                [("merchant_id", "=", self.merchant.id), ("step", "!=", "cancelled")], order="date_to desc", limit=1
            )
            first = following.date_to + timedelta(days=1) if following else date(2026, 6, 1)
            if first >= today:
                raise UserError(NOTHING)
            self.env["club.settlement"].create(
                {"merchant_id": self.merchant.id, "date_from": first, "date_to": today - timedelta(days=1)}
            )
        elif last.step == "draft":
            last._confirm()
        else:
            last._bill()
            documents = last.move_ids.filtered("amount_total")
            if documents and self.dice.random() < 0.4:
                for move in documents:
                    self.env["account.payment.register"].with_context(
                        active_model="account.move", active_ids=move.ids
                    ).create({})._create_payments()

    def convert(self):
        points = Decimal(100 * self.dice.randint(1, 3))
        self.documents["conversion"].append(
            self.env["club.wallet.conversion"]._convert(self.who(), points, self.key)
        )

    def unconvert(self):
        self.one("conversion")._undo()

    def top_up(self):
        product = self.club.wallet_topup_product_id
        order = self.env["sale.order"].create(
            {
                "partner_id": self.who().partner_id.id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": self.dice.randint(5, 30)})],
            }
        )
        order.action_confirm()
        self.documents["order"].append(order)

    def pay_with_wallet(self):
        member = self.who()
        account = member._get_wallet()
        if not account or account.card_id.points < 1:
            raise UserError(NOTHING)
        order = self.make_order(member)
        order._update_programs_and_rewards()
        money = Decimal(self.dice.randint(1, int(account.card_id.points * 100))) / 100
        wallet = self.club.wallet_club_id.program_id.reward_ids[:1]
        order._club_apply_points(account.card_id, wallet, money)
        order.action_confirm()
        self.documents["order"].append(order)

    def give(self):
        giver, other = self.dice.sample(self.people, 2)
        self.documents["gift"].append(giver._give(other, self.dice.randint(1, 60), form_key=self.key))

    def step_gift(self):
        gift = self.one("gift")
        step = self.dice.choice(["accept", "accept", "decline", "undo", "advance"])
        if step == "advance":
            self.env["club.gift"]._cron_advance()
        else:
            getattr(gift, f"_{step}")()

    def pool(self):
        member = self.who()
        pools = [pool for pool in self.documents["pool"] if pool.state == "open"]
        if not pools or self.dice.random() < 0.2:
            pools = [self.env["club.pool"]._found(member, "Family", self.key)]
            self.documents["pool"] += pools
        pool = self.dice.choice(pools)
        if not pool._get_row(member):
            pool._invite(pool.founder_id, member)._accept()
        self.env["club.pool.contribution"]._contribute(pool._get_row(member), self.dice.randint(1, 60), self.key)

    def leave_pool(self):
        pool = self.one("pool", lambda pool: pool.state == "open")
        pool._leave(self.dice.choice(pool._get_rows()))

    def donate(self):
        points = self.dice.randint(1, 60)
        self.documents["donation"].append(self.cause._give(self.who(), points, form_key=self.key))

    def cancel_donation(self):
        if self.dice.random() < 0.4:
            self.cause.action_make_bill()
        else:
            self.one("donation").action_cancel()

    def wait(self):
        self.at += timedelta(days=self.dice.randint(1, 6))
        with freeze_time(self.at):
            self.run_jobs()
            self.env.flush_all()

    def merge(self):
        if len(self.people) < 4:
            raise UserError(NOTHING)
        member, other = self.dice.sample(self.people, 2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (member.partner_id | other.partner_id).ids, dst_partner=other.partner_id
        )
        self.people.remove(member)

    def leave(self):
        if len(self.people) < 4:
            raise UserError(NOTHING)
        member = self.who()
        member._leave()
        self.people.remove(member)
