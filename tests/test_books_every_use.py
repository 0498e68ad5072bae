"""Random lives through every way to spend at once: no point and no cent is lost, made, or booked for nothing.

After every step the ledger's invariants hold, and each document has taken what its entries say; now and then also what
follows from it: reports, wallets, settlements, and what the books count as redeemed.
"""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.models.accounting.cohorts import read_cohorts
from odoo.addons.customer_club.tests.draw_common import draw_values, seeded
from odoo.addons.customer_club.tests.raffle_common import signature
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.exceptions import UserError
from odoo.tests import tagged

START = datetime(2026, 6, 3, 9)
#: Chance asked for something that there is not, or not enough of it: nothing happens then.
NOTHING = "nothing to do"
WEIGHTS = {
    "earn": 14,
    "order": 8,
    "change_order": 8,
    "invoice": 6,
    "credit": 3,
    "prize": 8,
    "step_prize": 10,
    "play": 6,
    "void_play": 2,
    "raffle": 6,
    "step_raffle": 4,
    "voucher": 8,
    "charge": 4,
    "step_voucher": 10,
    "buy_at_partner": 5,
    "correct_at_partner": 4,
    "settle_merchant": 5,
    "convert": 6,
    "unconvert": 3,
    "top_up": 3,
    "pay_with_wallet": 5,
    "give": 6,
    "step_gift": 6,
    "pool": 5,
    "leave_pool": 2,
    "donate": 4,
    "cancel_donation": 2,
    "wait": 8,
    "merge": 1,
    "leave": 1,
}


def exact(number):
    return Decimal(str(round(number or 0, 6)))


class EveryUseCase(SettlementCase):
    """A small club with everything switched on. ``life`` is lived in the past, so that its raffles can be drawn."""

    STEPS = 130

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_club.group_club_manager")
        cls.club.write(
            {
                "expiry_policy": "months",
                "expiry_months": 2,
                "has_wallet": True,
                "wallet_topup": True,
                "wallet_back_days": 10,
                "wallet_fee": 3,
                "gift_active": True,
                "gift_again_days": 0,
                "gift_alert_givers": 0,
                "gift_age_days": 0,
                "pool_active": True,
                "pool_per_member": 3,
                "redemption_cancel_days": 5,
            }
        )
        cls.merchant.write({"settle_issue_price": 0.012, "settle_fee": 0.07, "hold_days": 3})
        cls.offer.write({"valid_days": 12, "can_cancel": True})
        cls.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=1, merchant_ids=cls.merchant.ids)
        cls.earn_rule("purchase", 1, formula="percent", gives="money")
        partners = cls.env["res.partner"].create([{"name": name, "email": f"{name}@example.com"} for name in "cdef"])
        cls.everybody = cls.member | cls.member_2 | cls.club._enrol(partners)
        cls.everybody.joined_at = START - timedelta(days=30)
        cls.merchant.create_date = START
        cls.product.write({"list_price": 20, "type": "service"})
        cls.reward = cls.club.program_id.reward_ids[:1]
        cls.reward.write({"discount": 0.1, "required_points": 1})
        cls.vat = cls.env["account.tax"].create(
            {"name": "Use 19", "amount": 19, "type_tax_use": "sale", "price_include_override": "tax_excluded"}
        )
        cls.goods = cls.env["product.product"].create(
            {"name": "Vase", "list_price": 30, "standard_price": 12, "taxes_id": cls.vat.ids, "type": "consu"}
        )
        program = cls.env["loyalty.program"].create(
            {
                "name": "Prize Coupons",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_mode": "percent"})],
            }
        )
        Prize = cls.env["club.prize"]
        shared = {"club_id": cls.club.id, "points": 40, "cost": 7}
        cls.prizes = Prize.create(
            [
                {**shared, "name": "Vase", "delivery": "order_line", "product_id": cls.goods.id},
                {**shared, "name": "Half", "delivery": "order_line", "product_id": cls.goods.id, "money": 9.99},
                {**shared, "name": "Coupon", "delivery": "coupon", "program_id": program.id},
                {**shared, "name": "Wrapping", "delivery": "service", "stock_kind": "own", "stock": 6},
                {**shared, "name": "Trip", "delivery": "service", "needs_approval": True},
                {**shared, "name": "Song", "delivery": "code"},
            ]
        )
        cls.env["club.prize.code"].create([{"prize_id": cls.prizes[-1].id, "code": f"SONG-{n}"} for n in range(9)])
        values = draw_values(cls.club.id)
        values["prize_ids"] += [
            Command.create({"kind": "prize", "prize_id": prize.id, "weight": 2}) for prize in cls.prizes[2:4]
        ]
        cls.draw = cls.env["club.draw"].create(values)
        cls.draw.fallback_id = cls.draw.prize_ids.filtered("word")
        cls.observer = cls.env["res.partner"].create({"name": "Notary", "email": "notary@example.com"})
        cls.beacon = cls.env["club.raffle.beacon"].create(
            {"name": "Test Beacon", "chain_hash": "ab" * 32, "genesis": 1000000000, "period": 30}
        )
        owed = cls.env["account.account"].create(
            {"name": "Causes", "code": "99960", "account_type": "liability_current"}
        )
        cls.cause = cls.env["club.cause"].create(
            {
                "name": "Trees",
                "club_id": cls.club.id,
                "beneficiary_id": cls.observer.id,
                "point_value": 0.013,
                "account_id": owed.id,
            }
        )
        cls.env.flush_all()

    # -- living ------------------------------------------------------------------------

    def live(self, seed):
        self.dice, self.at, self.people = random.Random(seed), START, list(self.everybody)
        self.documents, self.done = defaultdict(list), defaultdict(int)
        self.issued_by = {}
        with freeze_time(self.at):
            self.draw.action_open()
        for number in range(self.STEPS):
            self.key = f"{seed}-{number}"
            self.at += timedelta(hours=self.dice.randint(2, 20))
            with freeze_time(self.at), seeded(number), self.jobs_in_test():
                act = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                where = f"seed {seed}, step {number}, {act}"
                try:
                    with self.env.cr.savepoint():
                        getattr(self, act)()
                        self.end_transaction()
                except UserError:
                    self.env.cr.precommit.clear()
                    self.env.invalidate_all()
                    for kind, found in self.documents.items():
                        self.documents[kind] = [document for document in found if document.exists()]
                else:
                    self.done[act] += 1
                self.env.invalidate_all()
                self.check_documents(where)
                if number % 10 == 9:
                    self.assertInvariantsHold()
                    self.check_all(where)
        with freeze_time(self.at + timedelta(days=90)), self.jobs_in_test():
            self.at += timedelta(days=90)
            self.run_jobs()
            self.end_transaction()
            self.check_documents(f"seed {seed}, the end")
            self.assertInvariantsHold()
            self.check_all(f"seed {seed}, the end")

    def end_transaction(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()

    def one(self, kind, condition=None):
        """One of the documents of a kind; a step that finds none is no step."""
        found = [document for document in self.documents[kind] if not condition or condition(document)]
        if not found:
            raise UserError(NOTHING)
        return self.dice.choice(found)

    def who(self):
        return self.dice.choice(self.people)

    def run_jobs(self):
        self.env["club.event"]._cron_process()
        self.env["club.ledger.job"]._cron_open()
        self.env["club.ledger.job"]._cron_expire()
        self.env["club.voucher"]._cron_expire()
        self.env["club.gift"]._cron_advance()
        self.env["club.draw.play"]._cron_deliver()
        self.env["club.raffle"]._cron_steps()
        self.env["club.redemption"]._cron_cancel_unpaid()

    # -- what may happen ---------------------------------------------------------------

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

    # -- what must be true -------------------------------------------------------------

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


@tagged("post_install", "-at_install")
class TestALifeOfEveryUse(EveryUseCase):
    """never 1, 2, 3, 8, 10, 13, 21 and 24, abuse 6 and 7: whatever happens in whatever order."""

    SEEDS = (4,)

    def test_every_point_and_every_cent_is_accounted_for(self):
        done = defaultdict(int)
        for seed in self.SEEDS:
            with self.subTest(seed=seed):
                with self.env.cr.savepoint() as savepoint:
                    try:
                        self.live(seed)
                    finally:
                        savepoint.rollback()
                        self.env.cr.precommit.clear()
                        self.env.invalidate_all()
                for act, times in self.done.items():
                    done[act] += times
        self.assertGreater(len(done), len(WEIGHTS) - 5, "a life without most of what may happen shows nothing")
