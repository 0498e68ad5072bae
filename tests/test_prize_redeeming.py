"""Choosing a prize: what it takes, what it brings, and what it takes nothing for."""

from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.models.prize.club_prize_offer import OutOfStock
from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.exceptions import UserError
from odoo.tests import tagged

KINDS = ("order_line", "coupon", "service", "code")


@tagged("post_install", "-at_install")
class TestPrizeRedeeming(PrizeCase):
    def test_every_kind_takes_its_points_and_reaches_its_first_state(self):
        states = {"order_line": "ready", "coupon": "delivered", "service": "ready", "code": "delivered"}
        for spent, kind in enumerate(KINDS, 1):
            redemption = self.redeem(self.prizes[kind])
            self.assertEqual(redemption.state, states[kind], kind)
            self.assertEqual(redemption.points, 100)
            self.assertEqual(self.member.points, 500 - 100 * spent)
            self.assertEqual(bool(redemption.satisfied_at), redemption.state == "delivered", "books, rule 8")
        self.assertInvariantsHold()

    def test_what_it_cost_is_known_when_it_is_handed_over(self):
        redemption = self.redeem(self.prizes["service"])
        self.prizes["service"].cost = 9
        redemption.action_hand_over()
        self.assertEqual((redemption.state, redemption.unit_cost), ("delivered", 9))
        self.assertTrue(redemption.satisfied_at)
        self.assertInvariantsHold()

    def test_not_enough_points_take_nothing(self):
        for kind in KINDS:
            with self.assertRaises(NotEnoughPoints):
                self.redeem(self.prizes[kind], member=self.member_2)
        self.assertFalse(self.env["club.redemption"].search([("member_id", "=", self.member_2.id)]))
        self.assertEqual(self.prizes["code"]._get_left(), 2)
        self.assertInvariantsHold()

    def test_the_same_request_twice_takes_once(self):
        for kind in KINDS:
            first = self.redeem(self.prizes[kind], key="again" + kind)
            self.assertEqual(self.redeem(self.prizes[kind], key="again" + kind), first)
        self.assertEqual(self.member.points, 100)
        with self.assertRaisesRegex(UserError, "used for Song already"):
            self.redeem(self.prizes["service"], key="againcode")
        self.assertInvariantsHold()

    def test_what_is_gone_between_view_and_click_takes_nothing(self):
        for kind in ("order_line", "coupon", "service"):
            prize = self.prizes[kind]
            prize.write({"stock_kind": "own", "stock": 1})
            self.post(100, "more" + kind, member=self.member_2)
            self.redeem(prize, member=self.member_2)
            before = self.member.points
            with self.assertRaises(OutOfStock):
                self.redeem(prize)
            self.assertEqual(self.member.points, before)
        self.assertInvariantsHold()

    def test_a_list_of_codes_runs_out_and_each_code_is_given_once(self):
        given = [self.redeem(self.prizes["code"]).sudo().code_ids.code for _index in range(2)]
        self.assertEqual(given, ["SONG-0001", "SONG-0002"])
        with self.assertRaises(OutOfStock):
            self.redeem(self.prizes["code"])
        self.assertEqual(self.member.points, 300)
        self.assertInvariantsHold()

    def test_a_win_costs_nothing_and_counts_against_the_stock(self):
        prize = self.prizes["service"]
        prize.write({"stock_kind": "own", "stock": 3, "channel": "won", "points": 0})
        won = prize._award(self.member | self.member_2, self.club, "raffle,7")
        self.assertEqual(won.member_id, self.member | self.member_2)
        self.assertEqual(won.mapped("points"), [0, 0])
        self.assertEqual(prize._get_left(), 1)
        self.assertEqual(prize._award(self.member | self.member_2, self.club, "raffle,7"), won)
        with self.assertRaises(OutOfStock):
            prize._award(self.member | self.member_2, self.club, "raffle,8")
        self.assertEqual((prize._get_left(), self.member.points), (1, 500))
        self.assertInvariantsHold()

    def test_a_win_that_cannot_be_delivered_waits_for_the_staff(self):
        """abuse 22: nothing may fail after the random choice."""
        self.goods.active = False
        self.goods.sale_ok = False
        prize = self.prizes["order_line"]
        with (
            self.assertLogs("odoo.addons.customer_club.models.prize.club_redemption_delivery", "ERROR"),
            self.breaking(),
        ):
            won = prize._award(self.member, self.club, "play,1")
        self.assertEqual(won.state, "requested")
        won.action_approve()
        self.assertEqual(won.state, "ready")
        self.assertInvariantsHold()

    def breaking(self):
        return patch.object(
            self.registry["sale.order"], "action_confirm", lambda order: (_ for _ in ()).throw(UserError("broken"))
        )
