"""A raffle that is called off: every point goes back to its lot."""

from datetime import timedelta

from odoo.addons.customer_club.tests.raffle_common import AFTER, DRAWN, DURING, signature
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_raffle_operator import RaffleOperatorCase


@tagged("post_install", "-at_install")
class TestARaffleThatIsCalledOff(RaffleOperatorCase):
    def test_a_raffle_that_is_called_off_says_why_and_gives_every_point_back_to_its_lot(self):
        """never 3: nothing is made younger by going there and back."""
        with self.at(DURING):
            self.post(50, "short", expires_on=(self.start + timedelta(days=20)).date())
        self.open()
        self.buy(10)
        self.assertEqual(self.member.points, 950)
        lot = self.env["club.point.lot"].search([("card_id", "=", self.member.card_id.id), ("expires_on", "!=", False)])
        self.assertEqual(lot.remaining, 0, "the points that expire first went first")
        self.buy(3, self.member_2)
        self.freeze()
        with self.at(DRAWN):
            form = self.env["club.raffle.void"].with_user(self.manager)
            with self.assertRaisesRegex(UserError, "Tell why"):
                form.create({"raffle_id": self.raffle.id, "reason": "no"}).action_void()
            form.create({"raffle_id": self.raffle.id, "reason": "The bicycle was stolen"}).action_void()
            self.env.invalidate_all()
            self.assertEqual((self.member.points, self.member_2.points), (1050, 1000))
            self.assertEqual(lot.remaining, 50)
        self.assertEqual((self.raffle.state, self.raffle.void_reason), ("void", "The bicycle was stolen"))
        step = self.raffle.step_ids.sorted("id")[-1:]._read_content()
        self.assertTrue(step["round_had_taken_place"], "whoever withholds a draw is seen to")
        self.assertEqual(set(self.raffle.purchase_ids.mapped("state")), {"returned"})
        self.assertFalse(any(self.raffle.purchase_ids.mapped("satisfied_at")))
        with self.at(DRAWN), self.assertRaises(UserError):
            self.raffle._void("once more")
        with self.at(DRAWN), self.assertRaises(UserError):
            self.raffle._draw_beacon(**signature(), source="")
        self.assertInvariantsHold()

    def test_many_purchases_are_given_back_by_the_job_which_may_be_stopped_at_any_time(self):
        from odoo.addons.customer_club.models.raffle import club_raffle_freezing

        self.open()
        for _number in range(5):
            self.buy(1)
        self.patch(club_raffle_freezing, "AT_ONCE", 2)
        with self.at(AFTER):
            self.raffle._void("The law was changed")
        self.assertEqual(self.member.points, 970)
        with self.at(AFTER), self.jobs_in_test():
            self.env["club.raffle"]._cron_follow()
            self.env["club.raffle"]._cron_follow()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 1000)
        self.assertInvariantsHold()

    def test_what_is_drawn_cannot_be_called_off(self):
        self.play()
        with self.assertRaisesRegex(UserError, "can be called off"):
            self.raffle._void("I do not like the winner")
