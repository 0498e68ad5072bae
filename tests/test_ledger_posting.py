"""Posting once: keys, replays and conflicts."""

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerPosting(ClubCase):
    """Once means once (design rule 3; never.md 6)."""

    def test_an_earning_raises_the_balance_and_makes_a_lot(self):
        entry = self.post(100, "t:a")
        self.assertEqual((entry.points, entry.available, entry.kind), (100, 100, "earn"))
        self.assertEqual(self.member.points, 100)
        lot = self.env["club.point.lot"].search([("member_id", "=", self.member.id)])
        self.assertEqual((lot.id, lot.remaining, lot.state), (entry.id, 100, "open"))
        self.assertInvariantsHold()

    def test_the_same_key_returns_the_first_entry_and_moves_nothing(self):
        first = self.post(100, "t:a")
        self.assertEqual(self.post(100, "t:a"), first)
        self.assertEqual(self.member.points, 100)

    def test_the_same_spend_key_spends_once_even_when_too_little_is_left(self):
        self.post(100, "t:a")
        first = self.post(-80, "t:s")
        self.assertEqual(self.post(-80, "t:s"), first, "a replay is answered, not refused for want of points")
        self.assertEqual(self.member.points, 20)

    def test_the_same_key_with_other_points_is_refused(self):
        self.post(100, "t:a")
        with self.assertRaisesRegex(UserError, "t:a"):
            self.post(101, "t:a")
        self.assertEqual(self.member.points, 100)

    def test_the_same_key_for_another_member_is_refused(self):
        self.post(100, "t:a")
        with self.assertRaisesRegex(UserError, "other content"):
            self.post(100, "t:a", member=self.member_2)

    def test_the_same_key_with_another_origin_is_refused(self):
        self.post(100, "t:a", origin=self.partner)
        with self.assertRaisesRegex(UserError, "other content"):
            self.post(100, "t:a", origin=self.partner_2)

    def test_a_key_twice_in_one_list_is_one_movement(self):
        values = {"member_id": self.member.id, "kind": "earn", "points": 10, "key": "t:a"}
        entries = self.env["club.point.entry"]._post([values, dict(values)])
        self.assertEqual(entries[0], entries[-1])
        self.assertEqual(self.member.points, 10)
        with self.assertRaisesRegex(UserError, "other content"):
            self.env["club.point.entry"]._post([{**values, "key": "t:b"}, {**values, "key": "t:b", "points": 11}])

    def test_a_batch_with_old_and_new_keys_posts_only_the_new_ones_in_order(self):
        old = self.post(10, "t:old")
        entries = self.env["club.point.entry"]._post(
            [
                {"member_id": self.member.id, "kind": "spend", "points": -5, "key": "t:new"},
                {"member_id": self.member.id, "kind": "earn", "points": 10, "key": "t:old"},
            ]
        )
        self.assertEqual(entries.mapped("key"), ["t:new", "t:old"])
        self.assertEqual(entries[1], old)
        self.assertEqual(self.member.points, 5)

    def test_a_batch_is_all_or_nothing(self):
        self.post(10, "t:a")
        with self.assertRaises(NotEnoughPoints), self.env.cr.savepoint():
            self.env["club.point.entry"]._post(
                [
                    {"member_id": self.member.id, "kind": "earn", "points": 5, "key": "t:b"},
                    {"member_id": self.member.id, "kind": "spend", "points": -16, "key": "t:c"},
                ]
            )
        self.assertEqual(self.member.points, 10)
        self.assertFalse(self.env["club.point.entry"].search([("key", "in", ("t:b", "t:c"))]))

    def test_overspending_is_refused_and_says_what_is_there(self):
        self.post(10, "t:a")
        with self.assertRaisesRegex(NotEnoughPoints, r"Anna.*10.*11"):
            self.post(-11, "t:s")

    def test_a_spend_that_happened_leaves_arrears_that_the_next_earning_settles(self):
        self.post(10, "t:a")
        spend = self.post(-35, "t:s", happened=True)
        self.assertEqual(self.member.points, -25)
        self.assertInvariantsHold()
        earned = self.post(40, "t:b")
        self.assertEqual(self.member.points, 15)
        settled = self.env["club.point.allocation"].search([("lot_id", "=", earned.id)])
        self.assertEqual((settled.entry_id, settled.points), (spend, 25))
        self.assertInvariantsHold()

    def test_arrears_block_spending(self):
        self.post(-5, "t:s", happened=True)
        with self.assertRaises(NotEnoughPoints):
            self.post(-1, "t:s2")

    def test_the_sign_must_fit_the_kind(self):
        for kind, points in (("earn", -1), ("spend", 1), ("expire", 1), ("opening", -1), ("earn", 0)):
            with self.subTest(kind=kind), self.assertRaises(UserError):
                self.post(points, f"t:{kind}", kind=kind)

    def test_unknown_members_are_named_in_the_error(self):
        with self.assertRaisesRegex(UserError, "2147483000"):
            self.env["club.point.entry"]._post([{"member_id": 2147483000, "kind": "earn", "points": 1, "key": "t:x"}])

    def test_a_replay_after_a_merge_is_still_the_same_movement(self):
        first = self.post(100, "t:a")
        self.member._merge_into(self.member_2, "t:merge")
        self.assertEqual(self.post(100, "t:a"), first)
        self.assertEqual(self.member_2.points, 100)
