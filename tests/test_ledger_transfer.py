"""Moving points between members, and merging two of them."""

from datetime import date

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerTransfer(ClubCase):
    def test_a_transfer_moves_points_lot_by_lot(self):
        self.post(10, "a", expires_on=date(2998, 1, 1))
        self.post(10, "b", expires_on=date(2999, 1, 1))
        entries = self.member._transfer(self.member_2, 15, "t")
        self.assertEqual(entries.mapped("points"), [-15, 10, 5])
        self.assertEqual(entries.mapped("expires_on"), [False, date(2998, 1, 1), date(2999, 1, 1)])
        self.assertEqual(entries[1:].root_id.mapped("key"), ["a", "b"])
        self.assertEqual((self.member.points, self.member_2.points), (5, 15))
        self.assertInvariantsHold()

    def test_never_19_the_same_transfer_again_moves_nothing(self):
        self.post(100, "a")
        for _again in range(20):
            self.member._transfer(self.member_2, 100, "t")
        self.assertEqual((self.member.points, self.member_2.points), (0, 100))

    def test_more_than_is_there_is_refused(self):
        self.post(10, "a")
        with self.assertRaises(NotEnoughPoints):
            self.member._transfer(self.member_2, 11, "t")

    def test_a_negative_transfer_mints_nothing(self):
        self.post(10, "a", member=self.member_2)
        for points in (0, -5):
            with self.assertRaisesRegex(UserError, "positive"):
                self.member._transfer(self.member_2, points, f"t{points}")
        self.assertEqual((self.member.points, self.member_2.points), (0, 10))

    def test_a_transfer_to_oneself_is_refused(self):
        self.post(10, "a")
        with self.assertRaisesRegex(UserError, "same member"):
            self.member._transfer(self.member, 5, "t")

    def test_never_14_points_stay_within_their_club(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        stranger = other._enrol(self.partner_2)
        self.post(10, "a")
        with self.assertRaisesRegex(UserError, "different clubs"):
            self.member._transfer(stranger, 5, "t")

    def test_never_13_a_merge_loses_and_doubles_nothing(self):
        self.post(10, "a", expires_on=date(2998, 1, 1))
        self.post(20, "p", pending=True)
        self.post(-4, "s")
        self.post(7, "b", member=self.member_2)
        self.member._merge_into(self.member_2, "m")
        self.assertEqual((self.member.points, self.member.points_pending), (0, 0))
        self.assertEqual((self.member_2.points, self.member_2.points_pending), (13, 20))
        self.assertInvariantsHold()

    def test_a_merge_moves_what_was_posted_in_the_same_transaction(self):
        self.post(10, "a")
        self.assertEqual(self.member.lot_ids.mapped("remaining"), [10])
        self.post(-4, "s")
        self.member._merge_into(self.member_2, "m")
        self.assertEqual((self.member.points, self.member_2.points), (0, 6))
        self.assertInvariantsHold()

    def test_what_is_posted_for_a_merged_member_goes_to_the_surviving_one(self):
        self.member._merge_into(self.member_2, "m")
        self.post(10, "late")
        self.assertEqual((self.member.points, self.member_2.points), (0, 10))
        self.assertInvariantsHold()

    def test_members_merged_one_after_the_other_end_in_the_last(self):
        third = self.club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        entry = self.post(10, "a")
        spend = self.post(-4, "s")
        self.member._merge_into(self.member_2, "m1")
        self.member_2._merge_into(third, "m2")
        spend._reverse()
        entry._reverse(points=3)
        self.assertEqual((self.member.points, self.member_2.points, third.points), (0, 0, 7))
        self.assertInvariantsHold()

    def test_two_members_cannot_be_merged_into_each_other(self):
        self.member._merge_into(self.member_2, "m1")
        with self.assertRaisesRegex(UserError, "same member"):
            self.member_2._merge_into(self.member, "m2")
