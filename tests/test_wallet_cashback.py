from datetime import timedelta
from decimal import Decimal

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .wallet_common import WalletCase


@tagged("post_install", "-at_install")
class TestMoneyBackOnWhatIsReallyPaid(WalletCase):
    def rule(self, points=5, **values):
        return self.earn_rule("purchase", gives="money", formula="percent", points=points, **values)

    def buy(self, price=100.0, **values):
        order = self.order(price, **values)
        order.action_confirm()
        self.settle()
        return order

    def test_a_percentage_of_a_purchase_comes_into_the_wallet(self):
        self.rule()
        order = self.buy(99.9)
        self.assertEqual(self.money(), Decimal("4.99"))
        self.assertEqual(self.member.points, 0)
        self.assertEqual(order._get_portal_earnings()[0]["club"], self.wallet)
        self.assertIn("4.99", order._get_portal_earnings()[0]["points"])
        self.settle()
        self.env["club.purchase"]._settle(orders=order)
        self.assertEqual(self.money(), Decimal("4.99"))
        self.assertInvariantsHold()

    def test_points_and_money_for_one_purchase_are_not_added_up(self):
        self.rule()
        self.earn_rule("purchase", formula="per_amount", points=1, per_amount=1)
        order = self.buy()
        event = self.env["club.event"].search([("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)])
        self.assertEqual((self.member.points, self.money(), event.points), (100.0, Decimal(5), 100.0))
        self.assertEqual(order.club_points_earned, 100.0)

    def test_what_is_paid_with_wallet_money_brings_nothing(self):
        """Never 5, 11."""
        self.rule(points=10)
        self.put(100, "w")
        order = self.pay_with_wallet(self.order(100.0))
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))
        self.put(100, "x")
        order = self.pay_with_wallet(self.order(100.0), money=40)
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal(66), "60 were really paid, 6 come back")
        self.assertInvariantsHold()

    def test_what_is_paid_with_points_brings_nothing(self):
        """Never 11."""
        self.rule(points=10)
        self.post(10000, "p")
        order = self.order(100.0)
        order._update_programs_and_rewards()
        order._club_apply_points(self.member.card_id, self.club.program_id.reward_ids, Decimal(10000))
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))

    def test_it_waits_until_the_purchase_is_final(self):
        """Never 7."""
        self.club.write({"earn_when": "paid", "hold_days": 0})
        self.rule()
        order = self.buy()
        account = self.member._get_wallet()
        self.assertEqual((self.money(), account.points_pending), (Decimal(0), 5.0))
        self.assertEqual(self.member.points_pending, 0.0)
        self.invoice(order)
        self.assertEqual(self.money(), Decimal(5))
        self.assertInvariantsHold()

    def test_after_a_hold_it_opens_on_its_day(self):
        self.club.write({"earn_when": "paid", "hold_days": 14})
        self.rule()
        self.invoice(self.buy())
        self.assertEqual(self.money(), Decimal(0))
        release = self.env["club.earn.release"].search([("member_id", "=", self.member._get_wallet().id)])
        self.assertEqual((release.points, release.club_id), (5.0, self.wallet))
        release.due_on = fields.Date.today() - timedelta(days=1)
        with self.jobs_in_test():
            self.env["club.earn.release"]._cron_open_due()
        self.assertEqual(self.money(), Decimal(5))
        self.assertInvariantsHold()

    def test_a_return_takes_it_back_in_proportion(self):
        """Never 1, 2."""
        self.rule()
        order = self.order(50.0, quantity=2)
        order.action_confirm()
        invoice = self.invoice(order)
        self.assertEqual(self.money(), Decimal(5))
        self.credit(invoice, quantity=1)
        self.assertEqual(self.money(), Decimal("2.5"))
        self.assertInvariantsHold()

    def test_a_cancelled_order_takes_all_of_it_and_what_was_spent_is_owed(self):
        self.rule()
        order = self.buy()
        self.pay_with_wallet(self.order(3.0)).action_confirm()
        self.settle()
        order._action_cancel()
        self.settle()
        self.assertEqual(self.money(), Decimal(-3))
        self.assertInvariantsHold()

    def test_a_members_limit_counts_money(self):
        self.rule(limit_member=8, limit_period="month")
        self.buy()
        self.buy()
        self.buy()
        self.assertEqual(self.money(), Decimal(8))
        self.assertInvariantsHold()

    def test_a_rules_own_budget_holds_and_the_clubs_budget_counts_points_only(self):
        self.club.budget_points = 3
        self.rule(limit_club=7)
        self.buy()
        self.buy(partner=self.partner_2)
        self.assertEqual((self.money(), self.money(self.member_2)), (Decimal(5), Decimal(2)))

    def test_the_tier_multiplies_if_the_rule_says_so(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 0, "multiplier": 2})
        self.member.sudo().write({"tier_id": tier.id})
        self.rule(use_multiplier=True)
        self.buy()
        self.assertEqual(self.money(), Decimal(10))

    def test_steps_and_full_amounts_give_money_too(self):
        self.earn_rule("purchase", gives="money", formula="per_amount", points=0.5, per_amount=10)
        self.buy(99.0)
        self.assertEqual(self.money(), Decimal("4.5"))

    def test_money_competes_with_money_only(self):
        self.rule(stacking="best", stacking_group="g")
        self.rule(points=3, stacking="best", stacking_group="g")
        self.earn_rule("purchase", points=100, stacking="best", stacking_group="g")
        self.buy()
        self.assertEqual((self.member.points, self.money()), (100.0, Decimal(5)))

    def test_the_sentence_reads_as_money(self):
        self.assertEqual(self.rule().sentence, "5 % back as wallet money for every purchase")
        self.assertIn("2", self.earn_rule("purchase", gives="money", points=2).sentence)
        self.assertIn("of wallet money", self.earn_rule("purchase", gives="money", points=2).sentence)

    def test_a_preview_shows_money_apart(self):
        self.rule()
        self.earn_rule("purchase", points=10)
        order = self.order(100.0)
        ours = self.club | self.wallet  # the database may have clubs of its own
        shown = [row for row in order._get_portal_earnings() if row["club"] in ours]
        self.assertEqual([row["club"] for row in shown], [self.club, self.wallet])
        self.assertIn("10", shown[0]["points"])
        self.assertIn("5.00", shown[1]["points"])

    def test_impossible_rules_are_refused(self):
        for values in (
            {"gives": "points", "formula": "percent"},
            {"gives": "money", "formula": "percent", "points": 150},
            {"gives": "money", "expiry_months": 3},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.earn_rule("purchase", **values)
        other = self.env["club.club"].create({"name": "No wallet", "tz": "UTC"})
        with self.assertRaisesRegex(ValidationError, "has no wallet"):
            self.earn_rule("purchase", club_id=other.id, gives="money")

    def test_a_rule_that_gave_points_never_gives_money(self):
        rule = self.earn_rule("purchase", points=10)
        self.buy()
        with self.assertRaisesRegex(ValidationError, "has given before"):
            rule.gives = "money"

    def test_while_the_wallet_is_off_nothing_comes_in(self):
        self.rule()
        self.put(3, "w")
        self.club.has_wallet = False
        self.buy()
        self.assertEqual(self.money(), Decimal(3))

    def test_joining_may_give_money(self):
        self.earn_rule("join", gives="money", points=2)
        carl = self.club._enrol(self.env["res.partner"].create({"name": "Carl"}))
        self.assertEqual((carl.points, self.money(carl)), (0.0, Decimal(2)))
        self.assertInvariantsHold()

    def test_the_past_tells_what_such_a_rule_would_have_cost(self):
        """Try and replay know that it is money."""
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.env["club.event"]._report(
            [
                {
                    "member_id": member.id,
                    "type": "purchase",
                    "key": f"past:{member.id}",
                    "occurred_at": yesterday,
                    "amount": amount,
                }
                for member, amount in ((self.member, 100), (self.member_2, 33.33))
            ]
        )
        rule = self.rule(active=False)
        cost = self.env["club.earn.cost"].create({"rule_id": rule.id})
        self.assertEqual((cost.points, cost.value, cost.member_count), (6.66, 6.66, 2))
        order = self.order(99.9)
        Trial = self.env["club.earn.try"].with_context(**rule.action_try()["context"])
        trial = Trial.create({"source": "order", "order_id": order.id})
        line = trial.line_ids.filtered(lambda line: line.rule_id == rule)
        self.assertEqual((line.fires, line.points), (True, 4.99))
