"""After the draw: prizes are confirmed or go on; members leave, merge, are forgotten; everybody is told once."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.addons.customer_club.tests.raffle_common import AFTER, DRAWN, DURING, LATER, RaffleCase
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRaffleClaiming(RaffleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.members = cls.member | cls.member_2 | cls.enrol(3)

    def play_all(self, **values):
        raffle = self.make_raffle(**values)
        self.open(raffle)
        for member in self.members:
            self.buy(2, member, raffle)
        self.freeze(raffle)
        self.draw(raffle)
        return raffle

    def claim(self, winner, when=DRAWN, member=None):
        with self.at(when):
            return winner.raffle_id._claim(member or winner.member_id, winner.place)

    def test_a_winner_confirms_once_and_staff_hand_the_prize_over(self):
        raffle = self.play_all()
        first = raffle.winner_ids[0]
        self.claim(first)
        claimed_at = first.claimed_at
        self.claim(first, when=DRAWN + timedelta(hours=1))
        self.assertEqual((first.state, first.claimed_at), ("claimed", claimed_at))
        clerk = new_test_user(self.env, "raffle_counter", groups="customer_club.group_club_user")
        first.with_user(clerk).action_hand_over()
        self.assertEqual((first.state, first.given_uid), ("given", clerk))
        with self.assertRaisesRegex(UserError, "not waiting"):
            first.with_user(clerk).action_hand_over()
        self.assertEqual(len(raffle.step_ids.filtered(lambda step: step.kind == "claim")), 1)

    def test_the_raffle_ends_when_every_prize_is_settled(self):
        raffle = self.play_all()
        for winner in raffle.winner_ids.filtered(lambda winner: winner.state == "called"):
            self.assertEqual(raffle.state, "drawn")
            self.claim(winner)
        self.assertEqual(raffle.state, "done")
        self.assertEqual(raffle.step_ids.sorted("id")[-1:].kind, "close")
        self.assertTrue(raffle.step_ids._is_chained())

    def test_nobody_confirms_anothers_prize_or_a_place_among_the_alternates(self):
        raffle = self.play_all()
        first, alternate = raffle.winner_ids[0], raffle.winner_ids[3]
        for winner, member in ((first, raffle.winner_ids[1].member_id), (alternate, alternate.member_id)):
            with self.assertRaisesRegex(UserError, "no prize"):
                self.claim(winner, member=member)

    def test_the_deadline_is_the_end_of_the_last_day_in_the_clubs_time_zone(self):
        self.club.tz = "Asia/Tehran"  # UTC+3:30
        raffle = self.play_all(claim_days=3)
        winner = raffle.winner_ids[0]
        local = self.start + DRAWN + timedelta(hours=3, minutes=30)
        midnight = datetime(local.year, local.month, local.day) + timedelta(days=4)
        self.assertEqual(winner.deadline, midnight - timedelta(hours=3, minutes=30))
        edge = winner.deadline - self.start
        with self.assertRaisesRegex(UserError, "had to be confirmed before"):
            self.claim(winner, when=edge)
        self.claim(winner, when=edge - timedelta(seconds=1))
        self.assertEqual(winner.state, "claimed")

    def test_what_is_not_confirmed_goes_to_the_alternates_in_order(self):
        raffle = self.play_all()
        first, second, third, fourth, fifth = raffle.winner_ids.sorted("place")
        self.claim(second)
        self.claim(third)
        with self.jobs_in_test(), self.at(first.deadline - self.start - timedelta(seconds=1)):
            self.env["club.raffle"]._cron_steps()
            self.assertEqual(first.state, "called")
        with self.jobs_in_test(), self.at(first.deadline - self.start):
            self.env["club.raffle"]._cron_steps()
            self.env["club.raffle"]._cron_steps()
        self.assertEqual((first.state, fourth.state, fourth.prize_id), ("lapsed", "called", first.prize_id))
        self.assertEqual(fifth.state, "waiting")
        self.assertEqual(raffle.state, "drawn")
        with self.jobs_in_test(), self.at(fourth.deadline - self.start):
            self.env["club.raffle"]._cron_steps()
        self.assertEqual((fourth.state, fifth.state), ("lapsed", "called"))
        with self.jobs_in_test(), self.at(fifth.deadline - self.start):
            self.env["club.raffle"]._cron_steps()
        self.assertEqual((fifth.state, raffle.state), ("lapsed", "done"))
        kinds = raffle.step_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds[-6:], ["lapse", "call", "lapse", "call", "lapse", "close"])
        self.assertTrue(raffle.step_ids._is_chained())
        self.assertFalse(raffle._find_problem())

    def test_a_prize_of_the_catalogue_is_delivered_as_it_is_there_and_costs_nothing_twice(self):
        prize = self.env["club.prize"].create(
            {"club_id": self.club.id, "name": "Wrapping", "points": 100, "cost": 7, "delivery": "service"}
        )
        raffle = self.play_all(prize_ids=[Command.create({"name": "Wrapping", "prize_id": prize.id, "cost": 7})])
        winner = raffle.winner_ids[0]
        balance = winner.member_id.points
        self.claim(winner)
        redemption = self.env["club.redemption"].search([("member_id", "=", winner.member_id.id)])
        self.assertEqual((redemption.prize_id, redemption.points), (prize, 0))
        self.assertEqual((winner.state, winner.member_id.points), ("given", balance))
        self.claim(winner)
        self.assertEqual(self.env["club.redemption"].search_count([("prize_id", "=", prize.id)]), 1)
        self.assertFalse(sum(raffle.purchase_ids.mapped("unit_cost")), "the redemption bears the cost")
        self.assertInvariantsHold()

    def test_what_is_sold_out_when_it_is_claimed_is_owed_and_waits_for_staff(self):
        prize = self.env["club.prize"].create(
            {"club_id": self.club.id, "name": "Vase", "points": 10, "stock_kind": "own", "stock": 0}
        )
        raffle = self.play_all(prize_ids=[Command.create({"name": "Vase", "prize_id": prize.id})])
        self.claim(raffle.winner_ids[0])
        self.assertEqual(raffle.winner_ids[0].state, "claimed")
        self.assertIn("could not be delivered", raffle.message_ids[:1].body)

    # -- members -------------------------------------------------------------------------------------

    def test_a_winner_who_leaves_makes_room_for_an_alternate(self):
        raffle = self.play_all()
        first, fourth = raffle.winner_ids[0], raffle.winner_ids[3]
        with self.at(DRAWN):
            first.member_id._leave()
        self.assertEqual((first.state, fourth.state, fourth.prize_id), ("lapsed", "called", first.prize_id))
        with self.at(DRAWN):
            first.member_id._rejoin()
        with self.assertRaisesRegex(UserError, "no prize"):
            self.claim(first)

    def test_an_alternate_who_left_is_passed_over(self):
        raffle = self.play_all()
        first, fourth, fifth = raffle.winner_ids[0], raffle.winner_ids[3], raffle.winner_ids[4]
        with self.at(DRAWN):
            fourth.member_id._leave()
            first.member_id._leave()
        self.assertEqual((fourth.state, fifth.state), ("lapsed", "called"))

    def test_who_left_before_the_closing_takes_no_part_and_the_points_are_gone_with_the_membership(self):
        self.open()
        self.buy(2)
        self.buy(2, self.member_2)
        with self.at(DURING):
            self.member_2._leave()
        self.freeze()
        self.assertEqual((self.raffle.list_count, set(self.raffle.exclusion_ids.mapped("reason"))), (2, {"left"}))
        self.draw()
        self.assertEqual(self.raffle.winner_ids.member_id, self.member)
        self.assertInvariantsHold()

    def test_merged_members_keep_their_tickets_win_once_and_confirm_as_who_remains(self):
        """never 13"""
        self.open()
        self.buy(3)
        self.buy(3, self.member_2)
        self.buy(1, self.members[2])
        with self.at(DURING):
            self.env["club.member"]._merge_partners(self.partner_2, self.partner)
        self.assertEqual(self.member_2.merged_into_id, self.member)
        self.assertEqual(self.raffle._count_own(self.member)["points"], 6)
        self.assertEqual(len(self.member._get_raffle_tickets(self.raffle)[0]), 6)
        self.freeze()
        self.assertEqual(self.raffle.list_count, 7)
        self.draw()
        self.assertEqual(len(self.raffle.winner_ids), 2)
        self.assertEqual(self.raffle.winner_ids.member_id, self.member | self.members[2])
        self.claim(self.raffle.winner_ids.filtered(lambda winner: winner.member_id == self.member))
        self.assertInvariantsHold()

    def test_a_winner_merged_after_the_draw_confirms_as_who_remains(self):
        raffle = self.play_all()
        first = raffle.winner_ids[0]
        heir = raffle.winner_ids[4].member_id
        with self.at(DRAWN):
            self.env["club.member"]._merge_partners(first.member_id.partner_id, heir.partner_id)
        self.assertIn("merged", (first.member_id | heir).mapped("state"))
        remaining = first.member_id.merged_into_id or first.member_id
        self.claim(first, member=remaining)
        self.assertEqual(first.state, "claimed")

    def test_points_of_a_merged_member_come_back_to_who_remains_or_to_their_lots(self):
        self.open()
        self.buy(10)
        self.buy(10, self.member_2)
        with self.at(DURING):
            self.env["club.member"]._merge_partners(self.partner_2, self.partner)
        self.assertEqual(self.member.points, 1800)
        with self.at(AFTER):
            self.raffle._void("The law was changed")
        self.env.invalidate_all()
        self.assertEqual(self.member.points + self.member_2.points, 2000)
        self.assertEqual(self.member.points, 2000, "who remains has them")
        self.assertInvariantsHold()

    def test_of_who_is_erased_only_the_numbers_stay(self):
        raffle = self.play_all()
        winner = raffle.winner_ids[0]
        member = winner.member_id
        member.nickname = "Rosie"
        raffle.entrant_ids.filtered(lambda entrant: entrant.member_id == member)._set({"show_nickname": True})
        with self.at(DRAWN):
            member._erase("asked for it")
        self.assertEqual((member.state, winner.state), ("erased", "lapsed"))
        self.assertFalse(any(raffle.entrant_ids.mapped("show_nickname")))
        self.assertFalse(raffle._find_problem(), "the proof still holds")
        self.assertInvariantsHold()

    # -- telling -------------------------------------------------------------------------------------

    def mails_to(self, *partners):
        return self.env["mail.mail"].search([("recipient_ids", "in", [partner.id for partner in partners])])

    def test_members_are_told_once_before_the_round_with_hash_and_round(self):
        """abuse 23"""
        self.open()
        self.buy(2)
        self.freeze()
        for _again in range(2):
            with self.at(AFTER), self.jobs_in_test():
                self.env["club.raffle"]._cron_follow()
        mails = self.mails_to(self.partner)
        self.assertEqual(len(mails), 1)
        self.assertIn(self.raffle.list_hash, mails.body_html)
        self.assertIn(str(self.raffle.round_no), mails.body_html)
        self.assertFalse(self.mails_to(self.partner_2), "who has no ticket is not told")
        self.draw()
        for _again in range(2):
            with self.at(DRAWN), self.jobs_in_test():
                self.env["club.raffle"]._cron_follow()
        texts = self.mails_to(self.partner).mapped("subject")
        self.assertEqual(len(texts), 3, "frozen, won, result")
        self.assertTrue(any("You have won" in text for text in texts))

    def test_what_people_typed_is_never_run_as_a_template(self):
        """abuse 17"""
        payload = "{{ 1234 * 1111 }}<t t-out='1234 * 1111'/>${1234 * 1111}"
        self.partner.name = payload
        raffle = self.make_raffle(name=payload, description=payload, legal_note=payload)
        self.play(raffle, ben=0)
        with self.at(LATER), self.jobs_in_test():
            self.env["club.raffle"]._cron_follow()
        mails = self.mails_to(self.partner, self.observer)
        self.assertGreater(len(mails), 3)
        for mail in mails:
            text = f"{mail.subject} {mail.body_html}"
            self.assertIn("1234 * 1111", text)
            self.assertNotIn("1370974", text)
