"""Random lives through every way to spend at once: no point and no cent is lost, made, or booked for nothing.

After every step the ledger's invariants hold, and each document has taken what its entries say; now and then also what
follows from it: reports, wallets, settlements, and what the books count as redeemed.
"""

import random
from collections import defaultdict
from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.tests.draw_common import draw_values, seeded
from odoo.addons.customer_club.tests.every_use_acts import NOTHING, EveryUseActs
from odoo.addons.customer_club.tests.every_use_checks import EveryUseChecks
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.exceptions import UserError
from odoo.tests import tagged

START = datetime(2026, 6, 3, 9)
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


class EveryUseCase(EveryUseActs, EveryUseChecks, SettlementCase):
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
