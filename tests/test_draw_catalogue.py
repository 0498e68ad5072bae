"""Winning a prize of the catalogue in a draw: kept for the winner, given afterwards, taken back."""

from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.tests.draw_common import numbers
from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

CATALOGUE, WORD = 0, 9
LOGGERS = (
    "odoo.addons.customer_club.models.prize.club_redemption_delivery",
    "odoo.addons.customer_club.models.ledger.club_job",
)


@tagged("post_install", "-at_install")
class TestDrawOfTheCatalogue(PrizeCase):
    def open_draw(self, prize, **values):
        draw = self.env["club.draw"].create(
            {
                "club_id": self.club.id,
                "name": "Lucky Box",
                "kind": "box",
                "points": 10,
                "prize_ids": [
                    Command.create({"kind": "prize", "prize_id": prize.id, "weight": 1, **values}),
                    Command.create({"kind": "word", "word": "Next time", "weight": 9}),
                ],
            }
        )
        draw.action_open()
        return draw

    def play(self, draw, number, member=None, deliver=True):
        with numbers(number):
            play = draw._play(member or self.member, f"box-{next(self.keys)}")
        if deliver:
            play._deliver()
        self.env.flush_all()
        self.env.invalidate_all()
        return play

    def test_every_kind_of_prize_is_won_for_the_cost_of_the_play_only(self):
        states = {"order_line": "ready", "coupon": "delivered", "service": "ready", "code": "delivered"}
        for kind, prize in self.prizes.items():
            with self.subTest(kind):
                before = self.member.points
                play = self.play(self.open_draw(prize), CATALOGUE)
                self.assertEqual((play.state, play.redemption_id.state), ("done", states[kind]))
                self.assertEqual((play.redemption_id.points, play.redemption_id.source), (0, "won"))
                self.assertEqual(self.member.points, before - 10)
                self.assertEqual(play.unit_cost, 7)
                play._deliver()
                self.assertEqual(self.env["club.redemption"].search_count([("origin_id", "=", play.id)]), 1)
        self.assertInvariantsHold()

    def test_what_a_prize_costs_is_reported_once(self):
        """The redemption bears the cost of what comes from the catalogue, as for a raffle; the play costs nothing."""
        play = self.play(self.open_draw(self.prizes["code"]), CATALOGUE)
        self.assertEqual((play.unit_cost, play.redemption_id.unit_cost), (7, 7))
        rows = self.env["club.spending.report"]._read_group(
            [("club_id", "=", self.club.id)], ["channel"], ["points:sum", "provided:sum", "cost:sum"]
        )
        self.assertEqual(rows, [("club.draw.play", 10, 1, 0), ("club.redemption", 0, 1, 7)])

    def test_the_last_one_is_kept_for_who_won_it_until_it_is_given(self):
        prize = self.prizes["service"]
        prize.write({"stock_kind": "own", "stock": 1})
        draw = self.open_draw(prize)
        play = self.play(draw, CATALOGUE, deliver=False)
        self.assertEqual(prize._get_left(), 0)
        self.post(200, "ben", member=self.member_2)
        with self.assertRaises(UserError):
            self.redeem(prize, member=self.member_2)
        self.assertFalse(self.play(draw, CATALOGUE, member=self.member_2).redemption_id)
        play._deliver()
        self.assertTrue(play.redemption_id)
        self.assertEqual(prize._get_left(), 0)
        self.assertInvariantsHold()

    def test_what_somebody_took_from_the_catalogue_cannot_be_won(self):
        """Out of stock between view and click: the page's odds no longer hold, and nothing is taken."""
        prize = self.prizes["code"]
        draw = self.open_draw(prize)
        terms = draw._get_terms_digest()
        self.redeem(prize)
        self.redeem(prize)
        before = self.member.points
        with numbers(), self.assertRaisesRegex(UserError, "has changed since you looked"):
            draw._play(self.member, "late", terms)
        self.assertEqual(self.member.points, before)
        self.assertEqual([chance.prize for chance in draw._get_chances()], [draw.prize_ids[1].id, None])
        self.assertInvariantsHold()

    def test_an_archived_prize_cannot_be_won(self):
        draw = self.open_draw(self.prizes["service"])
        self.prizes["service"].active = False
        self.env.invalidate_all()
        self.assertNotIn(draw.prize_ids[0].id, dict(draw._get_chances()))

    def test_the_draws_own_number_of_a_prize_limits_it_too(self):
        draw = self.open_draw(self.prizes["service"], stock=1)
        self.assertTrue(self.play(draw, CATALOGUE).redemption_id)
        self.assertFalse(self.play(draw, CATALOGUE).redemption_id)

    def test_what_cannot_be_delivered_waits_and_the_outcome_stays(self):
        """abuse 22: an error while delivering is no second try."""
        prize = self.prizes["service"]
        draw = self.open_draw(prize)
        play = self.play(draw, CATALOGUE, deliver=False)
        before = self.member.points
        with (
            patch.object(self.env.registry["club.prize"], "_award", side_effect=UserError("no paper")),
            mute_logger(*LOGGERS),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            play._deliver()
        self.env.invalidate_all()
        self.assertEqual((play.state, play.prize_id, self.member.points), ("won", draw.prize_ids[0], before))
        play.action_deliver()
        self.assertEqual((play.state, play.redemption_id.prize_id), ("done", prize))
        self.assertInvariantsHold()

    def test_taking_a_play_back_takes_the_prize_back(self):
        for kind, end in (("service", "cancelled"), ("coupon", "returned"), ("code", "returned")):
            with self.subTest(kind):
                before = self.member.points
                play = self.play(self.open_draw(self.prizes[kind]), CATALOGUE)
                play._void("Machine fault")
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual((play.state, play.redemption_id.state), ("void", end))
                self.assertEqual(self.member.points, before)
        self.assertInvariantsHold()

    def test_a_play_whose_prize_was_used_is_not_taken_back_by_half(self):
        play = self.play(self.open_draw(self.prizes["coupon"]), CATALOGUE)
        play.redemption_id.coupon_id.points = 0
        with self.assertRaisesRegex(UserError, "was used"), self.env.cr.savepoint():
            play._void("Machine fault")
        self.env.invalidate_all()
        self.assertEqual((play.state, play.points), ("done", 10))

    def test_a_prize_of_another_club_is_refused(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        prize = self.env["club.prize"].create({"club_id": other.id, "name": "Far", "points": 1, "delivery": "service"})
        with self.assertRaises(ValidationError):
            self.open_draw(prize)
