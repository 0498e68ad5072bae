"""Gifts: only aged points of purchases, to one person, once; waiting prolongs and loses nothing."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestGifts(TogetherCase):
    def give(self, points=20, **values):
        return self.member._give(self.member_2, points, **values)

    # -- the way of a gift -----------------------------------------------------------------------------

    def test_a_gift_arrives_when_it_is_accepted_and_can_no_longer_be_undone(self):
        self.buy(100, "a", expires_on=date(2998, 1, 1))
        gift = self.give()
        self.assertEqual((gift.state, self.points_of(self.member, self.member_2)), ("offered", [80, 0]))
        gift._accept()
        self.assertEqual((gift.state, self.points_of(self.member_2)), ("accepted", [0]))
        self.pass_time(gift, spendable_at=1)
        gift._advance()
        self.assertEqual((gift.state, self.points_of(self.member, self.member_2)), ("done", [80, 20]))
        arrived = self.member_2.lot_ids.filtered("remaining")
        self.assertEqual(arrived.expires_on, date(2998, 1, 1), "the expiry stays")
        self.assertEqual(arrived.entry_id.root_id.key, "a", "the cohort stays")
        self.assertInvariantsHold()

    def test_the_next_gift_to_a_person_known_by_gifts_arrives_at_once(self):
        self.buy(100, "a")
        first = self.give()
        first._accept()
        self.pass_time(first, spendable_at=1)
        first._advance()
        second = self.give(10)
        second._accept()
        self.assertEqual((second.state, self.points_of(self.member_2)), ("done", [30]))

    def test_without_acceptance_and_time_to_undo_a_gift_arrives_at_once(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.buy(100, "a")
        self.assertEqual(self.give().state, "done")
        self.assertEqual(self.points_of(self.member, self.member_2), [80, 20])
        self.assertInvariantsHold()

    def test_a_declined_undone_or_unanswered_gift_returns_into_the_lots_it_came_from(self):
        first = self.buy(30, "a", expires_on=date(2998, 1, 1))
        second = self.buy(30, "b", expires_on=date(2999, 1, 1))
        before = self.cohorts()
        for step in ("decline", "undo", "late"):
            gift = self.give(40)
            self.assertEqual(first.lot_ids.remaining, 0)
            if step == "late":
                self.pass_time(gift, answer_until=1)
                gift._advance()
            else:
                gift._decline() if step == "decline" else gift._undo()
            self.assertEqual((gift.state, self.points_of(self.member, self.member_2)), ("returned", [60, 0]))
            self.env.invalidate_all()
            self.assertEqual((first.lot_ids.remaining, second.lot_ids.remaining), (30, 30))
        self.assertEqual(self.cohorts(), before)
        self.assertInvariantsHold()

    def test_a_gift_that_arrived_cannot_be_undone_nor_a_returned_one_accepted(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.buy(100, "a")
        done = self.give()
        with self.assertRaisesRegex(UserError, "arrived"):
            done._undo()
        self.club.write({"gift_accept": True})
        returned = self.give()
        returned._decline()
        returned._accept()
        self.assertEqual((returned.state, self.points_of(self.member, self.member_2)), ("returned", [80, 20]))

    def test_points_that_expire_on_the_way_neither_arrive_nor_come_back(self):
        today = self.club._get_today()
        self.buy(30, "a", expires_on=today + timedelta(days=1))
        self.buy(30, "b")
        gift = self.give(40)
        gift._accept()
        later = fields.Datetime.now() + timedelta(days=3)
        with freeze_time(later):
            gift._advance()
            self.assertEqual((gift.state, self.points_of(self.member_2)), ("done", [10]))
        self.assertInvariantsHold()

    def test_a_returned_gift_whose_points_expired_expires_at_once(self):
        today = self.club._get_today()
        self.buy(30, "a", expires_on=today + timedelta(days=1))
        gift = self.give(30)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            gift._undo()
            self.assertEqual((gift.state, self.points_of(self.member)), ("returned", [0]))
        self.assertInvariantsHold()

    # -- what may be given (abuse 10) ------------------------------------------------------------------

    def test_abuse_10_only_aged_points_of_purchases_can_be_given(self):
        self.post(50, "plain")
        self.buy(50, "joined", type="join")
        self.buy(50, "young", days=3)
        for points in (1, 50):
            with self.assertRaisesRegex(UserError, "You can give 0 Points"):
                self.give(points)
        self.buy(10, "old")
        with self.assertRaisesRegex(UserError, "You can give 10 Points"):
            self.give(11)
        self.give(10)
        self.assertEqual(self.points_of(self.member), [150])
        self.assertInvariantsHold()

    def test_abuse_10_what_was_received_cannot_be_passed_on_at_once(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.buy(50, "a")
        self.give(50)
        with self.assertRaisesRegex(UserError, "You can give 0 Points"):
            self.member_2._give(self.member_3, 1)
        self.club.gift_again_days = 0
        self.member_2._give(self.member_3, 20)
        self.assertEqual(self.points_of(self.member_2, self.member_3), [30, 20])

    def test_abuse_10_many_givers_of_one_recipient_wait_for_a_manager(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0, "gift_alert_givers": 2})
        self.buy(50, "a")
        self.buy(50, "c", member=self.member_3)
        self.assertEqual(self.give(10).state, "done")
        held = self.member_3._give(self.member_2, 10)
        self.assertEqual((held.state, self.points_of(self.member_2, self.member_3)), ("held", [10, 40]))
        self.assertNotIn(held, self.env["club.gift"].search(held._get_portal_domain(self.member_2)))
        manager = new_test_user(self.env, "gift_boss", groups="customer_club.group_club_manager")
        clerk = new_test_user(self.env, "gift_clerk", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            held.with_user(clerk).action_release()
        todo = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
        self.assertIn("1", todo["gifts_held"])
        groups = "customer_club.group_club_manager"
        receiver = new_test_user(self.env, "gift_receiver", groups=groups, partner_id=self.partner_2.id)
        with self.assertRaisesRegex(UserError, "your own"):
            held.with_user(receiver).action_release()
        held.with_user(manager).action_release()
        self.assertEqual((held.state, self.points_of(self.member_2)), ("done", [20]))
        again = self.member_3._give(self.member_2, 10)
        again.with_user(manager).action_refuse()
        self.assertEqual((again.returned_because, self.points_of(self.member_2, self.member_3)), ("refused", [20, 40]))
        self.assertInvariantsHold()

    def test_limits_of_the_day_the_month_the_gift_and_the_recipient_are_kept_to_the_point(self):
        self.buy(500, "a")
        self.club.write({"gift_most": 30})
        with self.assertRaisesRegex(UserError, "of 30 Points at most"):
            self.give(31)
        self.give(30)
        self.club.write({"gift_most": 0, "gift_most_day": 50})
        with self.assertRaisesRegex(UserError, "20 Points more today"):
            self.give(21)
        self.give(20)
        self.club.write({"gift_most_day": 0, "gift_most_received": 60})
        with self.assertRaisesRegex(UserError, "cannot be given so many"):
            self.give(11)
        self.give(10)._undo()
        self.give(10)
        self.assertEqual(self.points_of(self.member), [440])

    # -- to whom ---------------------------------------------------------------------------------------

    def test_one_answer_for_unknown_foreign_and_left_members(self):
        """abuse 14"""
        other_club = self.env["club.club"].create({"name": "Other", "tz": "UTC", "member_number_prefix": "OTHER"})
        stranger = other_club._enrol(self.env["res.partner"].create({"name": "Stranger"}))
        self.member_3._leave()
        said = set()
        for number in (stranger.number, self.member_3.number, "12345678", "", "x" * 300):
            with self.assertRaises(UserError) as caught:
                self.member._find_other_member(number)
            said.add(str(caught.exception))
        self.assertEqual(len(said), 1)
        self.assertEqual(self.member._find_other_member(f" {self.member_2.number} "), self.member_2)

    def test_abuse_13_guessing_numbers_comes_to_an_end(self):
        for _try in range(20):
            with self.assertRaisesRegex(UserError, "no member with this number"):
                self.member._find_other_member("00000000")
        with self.assertRaisesRegex(UserError, "try again in an hour"):
            self.member._find_other_member(self.member_2.number)
        self.assertEqual(self.member_3._find_other_member(self.member_2.number), self.member_2)

    def test_a_gift_to_oneself_or_ones_own_second_account_is_refused(self):
        self.buy(50, "a")
        twin = self.club._enrol(self.env["res.partner"].create({"name": "Anna 2", "email": "ANNA@example.com"}))
        with self.assertRaisesRegex(UserError, "your own membership"):
            self.member._give(twin, 5)
        with self.assertRaisesRegex(UserError, "same member"):
            self.member._give(self.member, 5)
        self.assertEqual(self.points_of(self.member, twin), [50, 0])

    def test_never_14_a_gift_stays_within_its_club(self):
        company = self.env["res.company"].create({"name": "Second"})
        other_club = self.env["club.club"].create({"name": "Other", "tz": "UTC", "company_id": company.id})
        stranger = other_club._enrol(self.env["res.partner"].create({"name": "Stranger"}))
        self.buy(50, "a")
        with self.assertRaises(UserError):
            self.member._give(stranger, 5)
        self.assertEqual(self.points_of(self.member), [50])

    def test_who_left_neither_gives_nor_gets(self):
        self.buy(50, "a")
        self.member_2._leave()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.give(5)
        self.buy(50, "c", member=self.member_3)
        self.member_3._leave()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.member_3._give(self.member, 5)

    # -- once, and not more ----------------------------------------------------------------------------

    def test_the_same_form_gives_once(self):
        self.buy(50, "a")
        gifts = {self.give(5, form_key="form-1") for _again in range(5)}
        self.assertEqual((len(gifts), self.points_of(self.member)), (1, [45]))

    def test_nonsense_is_no_number_of_points(self):
        self.buy(50, "a")
        for points in (0, -5, "x", "1e999", "nan", 1.5, float("inf")):
            with self.assertRaisesRegex(UserError, "is not a number of points"):
                self.give(points)
        self.assertEqual(self.points_of(self.member), [50])

    def test_points_that_a_payment_holds_are_not_given(self):
        """never 8"""
        self.buy(50, "a")
        Entry = type(self.env["club.point.entry"])
        with patch.object(Entry, "_get_held_points", lambda entry, asked: dict.fromkeys(asked, 40)):
            self.assertEqual(self.member._get_giveable_points(), 10)
            with self.assertRaises(UserError):
                self.give(11)

    # -- leaving, merging, being forgotten -------------------------------------------------------------

    def test_gifts_on_their_way_turn_back_when_one_of_the_two_leaves(self):
        self.buy(50, "a")
        gift = self.give(20)
        gift._accept()
        self.member_2._leave()
        self.assertEqual((gift.returned_because, self.points_of(self.member)), ("left", [50]))
        second = self.member._give(self.member_3, 20)
        self.member._leave()
        self.assertEqual((second.state, self.points_of(self.member_3)), ("returned", [0]))
        self.assertInvariantsHold()

    def test_a_gift_follows_a_recipient_that_is_merged(self):
        self.buy(50, "a")
        gift = self.give(20)
        self.member_2._absorb_into(self.member_3)
        self.assertEqual(gift.recipient_id, self.member_3)
        gift._accept()
        self.pass_time(gift, spendable_at=1)
        gift._advance()
        self.assertEqual(self.points_of(self.member, self.member_3), [30, 20])
        self.assertInvariantsHold()

    def test_a_gift_between_two_that_become_one_turns_back(self):
        self.buy(50, "a")
        gift = self.give(20)
        self.member._absorb_into(self.member_2)
        self.assertEqual((gift.state, self.points_of(self.member, self.member_2)), ("returned", [0, 50]))
        self.assertInvariantsHold()

    def test_a_gift_of_a_giver_that_was_merged_returns_to_the_heir(self):
        self.buy(50, "a")
        gift = self.give(20)
        self.member._absorb_into(self.member_3)
        gift._decline()
        self.assertEqual(self.points_of(self.member, self.member_3, self.member_2), [0, 50, 0])
        self.assertInvariantsHold()

    def test_erasing_a_member_takes_the_messages_with_it(self):
        self.buy(50, "a")
        gift = self.give(20, message="Love, Anna, +49 30 1234")
        self.assertTrue(gift.message)
        self.member._erase()
        self.assertFalse(gift.message)
        self.assertEqual(gift.state, "returned")

    # -- words -----------------------------------------------------------------------------------------

    def test_the_history_names_a_letter_of_the_other_and_no_more(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.buy(50, "a")
        self.give(20)
        mine, _next = self.member._get_history()
        theirs, _next = self.member_2._get_history()
        self.assertEqual(mine[0]["text"], "Gift to B…: −20 Points")
        self.assertEqual(theirs[0]["text"], "Gift from A…: +20 Points")

    def test_a_message_is_plain_and_short(self):
        self.buy(50, "a")
        gift = self.give(5, message="a\n\n" + "b" * 500)
        self.assertEqual(len(gift.message), 200)
        self.assertTrue(gift.message.startswith("a b"))

    def test_tiers_do_not_count_what_was_given(self):
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.club.tier_basis = "points"
        self.env["club.tier"].create({"club_id": self.club.id, "name": "Bloom", "threshold": 10})
        self.buy(50, "a")
        self.give(50)
        self.member_2._review_tiers("manual")
        self.assertFalse(self.member_2.tier_id)
        self.assertEqual(self.member_2.tier_measure, 0)
