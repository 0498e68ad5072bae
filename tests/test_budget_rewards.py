"""What rewards cost beyond the points that they took: at the points' whole worth, in the period of the reward."""

from datetime import date

from freezegun import freeze_time
from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRewardsInTheBudget(PrizeCase):
    """A prize of 100 points costs the shop 7; at 0.05 a point these are worth 5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.05}
        )
        cls.club.write({"tz": "UTC", "budget_kind": "share", "budget_share": 5, "budget_period": "month"})
        with freeze_time("2030-05-01 12:00"):
            cls.post(500, "later")

    def give(self, taken, provided):
        with freeze_time(taken):
            redemption = self.redeem(self.prizes["service"])
        with freeze_time(provided):
            redemption.action_hand_over()
        return redemption

    def read(self, month):
        return float(sum(self.club._read_budget_goods(date(2030, month, 1), date(2030, month + 1, 1)).values()))

    def test_points_that_were_spent_stand_for_their_whole_worth(self):
        """Of what is given four fifths will be spent: 125 given cost 5, of which these 100 are all that is spent."""
        ada, bob = (
            new_test_user(self.env, f"budget_{name}", groups="customer_club.group_club_accountant")
            for name in ("ada", "bob")
        )
        estimate = (
            self.env["club.estimate"]
            .with_user(ada)
            .create(
                {
                    "club_id": self.club.id,
                    "date_from": "2030-01-01",
                    "point_value": 0.05,
                    "rate": 0.8,
                    "reason": "Past cohorts",
                }
            )
        )
        estimate.action_propose()
        estimate.with_user(bob).action_approve()
        self.give("2030-06-10 12:00", "2030-06-10 13:00")
        with freeze_time("2030-06-11 12:00"):
            self.assertAlmostEqual(self.club._get_point_cost(), 0.04, 6)
            self.assertEqual(self.read(6), 2)
            self.assertEqual(self.env["club.budget"]._refresh(self.club).goods, 2)

    def test_a_prize_that_is_provided_in_the_next_period_counts_there_beyond_its_points(self):
        self.give("2030-06-30 12:00", "2030-07-02 12:00")
        self.assertEqual((self.read(6), self.read(7)), (0, 2))

    def test_the_last_moment_of_a_period_is_in_it(self):
        self.give("2030-06-10 12:00", "2030-06-30 23:59:59")
        self.give("2030-06-10 12:00", "2030-07-01 00:00:00")
        self.assertEqual((self.read(6), self.read(7)), (2, 2))

    def test_what_is_taken_back_costs_nothing_any_more(self):
        redemption = self.give("2030-06-10 12:00", "2030-06-10 13:00")
        self.env["club.redemption.close"].create(
            {"redemption_id": redemption.id, "state": "returned", "reason": "Because"}
        ).action_close()
        self.assertEqual(self.read(6), 0)

    def test_a_prize_that_costs_less_than_its_points_saves_nothing(self):
        self.prizes["service"].cost = 3
        self.give("2030-06-10 12:00", "2030-06-10 13:00")
        self.assertEqual(self.read(6), 0)
