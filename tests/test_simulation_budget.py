"""A share budget in a simulation pays for the same things as the club's own, and stops at the same purchase."""

from decimal import Decimal

from odoo.tests import tagged

from .simulation_common import SimulationCase


@tagged("post_install", "-at_install")
class TestAShareThatRunsOutInTheMiddle(SimulationCase):
    """A point costs 0.50 and the budget is 5 %: 100 sold pay for 10 points, less wallet money and dear prizes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_club.group_club_manager")
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        cls.club.write({"budget_kind": "share", "budget_share": 5, "budget_period": "month", "has_wallet": True})
        cls.prize = cls.env["club.prize"].create(
            {"club_id": cls.club.id, "name": "Wrapping", "points": 10, "cost": 9, "delivery": "service"}
        )
        cls.redeemed = 0
        cls.post(200, "to spend")
        cls.post(200, "to spend too", member=cls.member_2)

    def buy(self, amount, member=None, **delta):
        order = self.sell((self.product, 1, amount), partner=(member or self.member).partner_id)
        self.later(**(delta or {"hours": 15}))
        return order

    def take(self, member=None):
        """A prize of 10 points, worth 5, which costs 9."""
        type(self).redeemed += 1
        redemption = self.prize._redeem(member or self.member, f"taken {self.redeemed}", "counter")
        redemption.action_hand_over()
        return redemption

    def test_prizes_and_wallet_money_leave_less_for_points(self):
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 7, "sequence": 2},
            {"formula": "percent", "points": 1.5, "gives": "money", "sequence": 1},
        )
        for number in range(8):
            self.buy(100 + 10 * number)
            if number in (2, 5):
                self.take()
        self.assertSimulated(least=12)
        points = sum(
            self.env["club.point.entry"]
            .search([("rule_id.gives", "=", "points"), ("club_id", "=", self.club.id)])
            .mapped("points")
        )
        sales = Decimal("1080")
        self.assertLess(points, float(sales * 5 / 100) / 0.5, "fewer than sales alone would pay for")
        full = sum(Decimal(100 + 10 * number) // 7 for number in range(8))
        self.assertLess(points, full, "the budget did stop something")

    def test_without_them_the_simulation_would_have_given_more(self):
        """The figure of the test above does not come from sales alone: a simulation of made-up customers has none."""
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 7})
        for number in range(6):
            self.buy(100)
            if number in (1, 2):
                self.take()
        self.assertSimulated(least=4)
        record = self.simulation()
        with_goods = sum(entry.points for entry in self.simulate(record).entries)
        self.patch(type(record), "_read_goods", lambda simulation, setting: ())
        self.assertGreater(sum(entry.points for entry in self.simulate(record).entries), with_goods)

    def test_a_return_lowers_the_budget_of_its_purchase_s_period(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 8})
        first = self.buy(200)
        self.buy(300)
        first._action_cancel()
        self.later(hours=15)
        self.buy(50)
        self.buy(50)
        self.later(days=30)
        self.buy(80)
        self.assertSimulated(least=4)

    def test_the_next_period_begins_anew_at_the_club_s_own_midnight(self):
        """A Jalali month ends at 20:30 UTC in Tehran; purchases are 15 hours apart and cross it."""
        self.club.write({"tz": "Asia/Tehran", "calendar": "jalali"})
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 6, "sequence": 2},
            {"formula": "percent", "points": 1, "gives": "money", "sequence": 1},
        )
        for number in range(30):
            self.buy(60 + number, self.member_2 if number % 3 else None)
            if number == 9:
                self.take(self.member_2)
        self.assertSimulated(least=40)

    def test_a_point_that_costs_nothing_stops_everything_here_and_there(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 6})
        self.buy(60)
        record = self.simulation(point_worth=0)
        self.assertFalse(self.simulate(record).entries, "what cannot be said in points is not given")

    def test_a_set_up_with_other_money_pays_for_other_points(self):
        """Twice the wallet money leaves less for points in the draft: its own money counts, not the club's."""
        money, _points = self.rules(
            {"formula": "percent", "points": 1, "gives": "money", "sequence": 1},
            {"formula": "per_amount", "points": 1, "per_amount": 6, "sequence": 2},
        )
        for _number in range(6):
            self.buy(100)
        self.assertSimulated(least=10)
        record = self.simulation()
        draft = record.setup_ids.filtered(lambda setup: setup.kind == "draft")
        line = draft.rule_ids.filtered(lambda line: line.rule_id == money)
        line.action_change()
        line.rule_id.points = 3
        live, changed = (
            sum(entry.points for entry in self.simulate(record, kind).entries if not entry.money)
            for kind in ("live", "draft")
        )
        self.assertLess(changed, live)

    def test_the_result_says_that_the_budget_decided_and_can_do_without_it(self):
        """Two set-ups that cost the same to the cent puzzle whoever does not know why."""
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 5})
        for _number in range(4):
            self.buy(100)
        record = self.simulation()
        record.action_run()
        live = record.setup_ids[0]
        self.assertEqual(live.result["points"], 40, "5 % of 400 at 0.50")
        self.assertEqual(live.result["stopped"], 4)
        self.assertIn("less than these rules say: 4.", record.warning)
        record.use_budget = False
        self.assertFalse(live.result, "another question, another answer")
        record.action_run()
        self.assertEqual((live.result["points"], live.result["stopped"]), (80, 0))
        self.assertNotIn("used up", record.warning or "")
