"""Taking back what was earned, giving back what was spent."""

from datetime import date

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerReversal(ClubCase):
    """never.md 1 and 2: a refund takes back its points, once."""

    def _lots(self):
        self.env.invalidate_all()
        lots = self.env["club.point.lot"].search([("member_id", "=", self.member.id)], order="id")
        return {lot.entry_id.key: lot.remaining for lot in lots}

    def test_a_whole_return_takes_the_whole_earning_back(self):
        entry = self.post(100, "a")
        reversal = entry._reverse()
        self.assertEqual((reversal.points, reversal.available, reversal.reverses_id), (-100, -100, entry))
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_the_same_return_again_takes_nothing(self):
        entry = self.post(100, "a")
        first = entry._reverse(key="r")
        self.assertEqual(entry._reverse(key="r"), first)
        self.assertFalse(entry._reverse(key="r2"), "nothing is left to reverse")
        self.assertEqual(self.member.points, 0)

    def test_parts_never_exceed_the_whole(self):
        entry = self.post(100, "a")
        entry._reverse(key="r1", points=30)
        entry._reverse(key="r2", points=50)
        with self.assertRaisesRegex(UserError, "Only 20"):
            entry._reverse(key="r3", points=21)
        with self.assertRaisesRegex(UserError, "left to reverse"):
            entry._reverse(key="r4", points=-5)
        entry._reverse(key="r5")
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_the_same_part_key_with_another_amount_is_refused(self):
        entry = self.post(100, "a")
        entry._reverse(key="r", points=30)
        with self.assertRaisesRegex(UserError, "other content"):
            entry._reverse(key="r", points=31)

    def test_the_own_lot_pays_first_then_the_earliest_other_then_arrears(self):
        self.post(10, "early", expires_on=date(2998, 1, 1))
        entry = self.post(100, "own", expires_on=date(2999, 1, 1))
        self.post(10, "late", expires_on=False)
        self.post(-60, "s")  # 10 early, 50 own
        self.assertEqual(self._lots(), {"early": 0, "own": 50, "late": 10})
        entry._reverse()
        self.assertEqual(self._lots(), {"early": 0, "own": 0, "late": 0})
        self.assertEqual(self.member.points, -40)
        self.assertInvariantsHold()
        self.post(240, "next")
        self.assertEqual(self._lots()["next"], 200)
        self.assertEqual(self.member.points, 200)
        self.assertInvariantsHold()

    def test_a_cancelled_spend_returns_to_its_lots_last_taken_first(self):
        self.post(10, "early", expires_on=date(2998, 1, 1))
        self.post(10, "late", expires_on=date(2999, 1, 1))
        spend = self.post(-15, "s")
        spend._reverse(key="r1", points=6)
        self.assertEqual(self._lots(), {"early": 1, "late": 10})
        spend._reverse(key="r2")
        self.assertEqual(self._lots(), {"early": 10, "late": 10})
        self.assertInvariantsHold()

    def test_cancelling_a_spend_that_was_never_paid_lets_its_arrears_vanish(self):
        self.post(10, "a")
        spend = self.post(-50, "s", happened=True)
        spend._reverse(key="r1", points=15)
        self.assertEqual(self.member.points, -25)
        self.assertInvariantsHold()
        self.post(5, "b")
        self.assertInvariantsHold()
        spend._reverse(key="r2")
        self.assertEqual(self._lots(), {"a": 10, "b": 5})
        self.assertEqual(self.member.points, 15)
        self.assertInvariantsHold()

    def test_what_a_cancelled_spend_gives_back_settles_a_return(self):
        entry = self.post(100, "a")
        spend = self.post(-100, "s")
        entry._reverse()
        self.assertEqual(self.member.points, -100)
        spend._reverse()
        self.assertEqual((self.member.points, self._lots()), (0, {"a": 0}))
        self.assertInvariantsHold()

    def test_a_return_that_is_undone_gives_back_and_may_come_again(self):
        entry = self.post(100, "a")
        self.post(50, "b", expires_on=date(2999, 1, 1))
        self.post(-120, "s")  # 50 of b, 70 of a
        back = entry._reverse(key="r1")
        self.assertEqual((self.member.points, self._lots()), (-70, {"a": 0, "b": 0}))
        undone = back._reverse(key="r2")
        self.assertEqual((self.member.points, self._lots()), (30, {"a": 30, "b": 0}))
        self.assertInvariantsHold()
        with self.assertRaisesRegex(UserError, "cannot be reversed"):
            undone._reverse()
        entry._reverse(key="r3", points=60)
        with self.assertRaisesRegex(UserError, "Only 40"):
            entry._reverse(key="r4", points=41)
        self.assertEqual(self.member.points, -30)
        self.assertInvariantsHold()

    def test_a_return_of_pending_points_that_is_undone_makes_them_wait_again(self):
        entry = self.post(100, "a", pending=True, available_on=date(2999, 1, 1))
        back = entry._reverse(key="r1", points=60)
        back._reverse(key="r2", points=20)
        self.assertEqual((self.member.points, self.member.points_pending), (0, 60))
        self.assertInvariantsHold()

    def test_an_expiry_and_a_transfer_are_not_reversed(self):
        self.post(100, "a")
        expiry = self.post(-10, "x", kind="expire")
        transfer = self.member._transfer(self.member_2, 10, "t")
        for entry in (expiry, *transfer):
            with self.subTest(kind=entry.kind), self.assertRaises(UserError):
                entry._reverse()

    def test_many_entries_are_reversed_in_order_and_by_their_own_keys(self):
        entries = self.post(10, "a") | self.post(20, "b")
        reversals = entries._reverse(key=lambda entry: f"back:{entry.key}", points={entries[0].id: 4})
        self.assertEqual(reversals.mapped("key"), ["back:a", "back:b"])
        self.assertEqual(reversals.mapped("points"), [-4, -20])

    def test_a_spend_before_a_merge_is_given_back_to_the_surviving_member(self):
        """never.md 13: merged members neither lose nor double points."""
        self.post(100, "a", expires_on=date(2999, 1, 1))
        spend = self.post(-60, "s")
        self.member._merge_into(self.member_2, "m")
        spend._reverse()
        self.assertEqual((self.member.points, self.member_2.points), (0, 100))
        lots = self.env["club.point.lot"].search([("member_id", "=", self.member_2.id), ("state", "=", "open")])
        self.assertEqual(set(lots.mapped("expires_on")), {date(2999, 1, 1)}, "the points kept their expiry")
        self.assertEqual(lots.entry_id.root_id.key, "a", "and their issue")
        self.assertInvariantsHold()

    def test_a_return_after_a_merge_takes_the_moved_points(self):
        entry = self.post(100, "a", expires_on=False)
        self.post(50, "b", member=self.member_2, expires_on=date(2999, 1, 1))
        self.member._merge_into(self.member_2, "m")
        entry._reverse(points=30)
        self.assertEqual(self.member_2.points, 120)
        own = self.env["club.point.lot"].search(
            [("member_id", "=", self.member_2.id), ("entry_id.root_id", "=", entry.id)]
        )
        self.assertEqual(own.remaining, 70, "the earning's own points paid, not the ones that expire first")
        self.assertInvariantsHold()

    def test_arrears_before_a_merge_are_settled_by_the_surviving_members_earnings(self):
        spend = self.post(-30, "s", happened=True)
        self.member._merge_into(self.member_2, "m")
        self.assertEqual((self.member.points, self.member_2.points), (0, -30))
        self.post(100, "b", member=self.member_2)
        self.assertEqual(self.member_2.points, 70)
        self.assertInvariantsHold()
        spend._reverse()
        self.assertEqual((self.member.points, self.member_2.points), (0, 100))
        self.assertInvariantsHold()
