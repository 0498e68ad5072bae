"""Points that wait: pending, opened, closed again, in parts."""

from datetime import date

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerPending(ClubCase):
    """Points of a sale that is not final are visible and not spendable (never.md 7)."""

    def setUp(self):
        super().setUp()
        self.earned = self.post(100, "e", pending=True, expires_on=date(2999, 1, 1))

    def _balances(self, member=None):
        member = member or self.member
        return member.points, member.points_pending

    def test_pending_points_cannot_be_spent(self):
        self.assertEqual(self._balances(), (0, 100))
        with self.assertRaises(NotEnoughPoints):
            self.post(-1, "s")

    def test_opening_makes_them_spendable_and_keeps_their_expiry(self):
        opened = self.earned._open()
        self.assertEqual((opened.points, opened.available, opened.expires_on), (0, 100, date(2999, 1, 1)))
        self.assertEqual(self._balances(), (100, 0))
        self.assertInvariantsHold()

    def test_opening_twice_opens_once(self):
        self.earned._open()
        self.assertFalse(self.earned._open(), "nothing is pending any more")
        self.assertEqual(self._balances(), (100, 0))

    def test_opening_in_parts(self):
        self.earned._open(":1", points=30)
        self.assertEqual(self._balances(), (30, 70))
        self.earned._open(":2", points=50)
        self.assertEqual(self._balances(), (80, 20))
        self.earned._open(":3")
        self.assertEqual(self._balances(), (100, 0))
        self.assertInvariantsHold()

    def test_an_undone_payment_closes_what_it_opened_and_a_new_one_opens_it_again(self):
        opened = self.earned._open(":1")
        closed = opened._reverse()
        self.assertEqual((closed.points, closed.available), (0, -100))
        self.assertEqual(self._balances(), (0, 100))
        self.earned._open(":2")
        self.assertEqual(self._balances(), (100, 0))
        self.assertInvariantsHold()

    def test_closing_in_parts_never_closes_more_than_was_opened(self):
        opened = self.earned._open(":1", points=60)
        opened._reverse(key="c1", points=20)
        self.assertEqual(self._balances(), (40, 60))
        with self.assertRaisesRegex(UserError, "Only 40"):
            opened._reverse(key="c2", points=41)
        opened._reverse(key="c3")
        self.assertEqual(self._balances(), (0, 100))
        self.assertInvariantsHold()

    def test_closing_points_that_were_spent_meanwhile_leaves_arrears(self):
        opened = self.earned._open()
        self.post(-70, "s")
        opened._reverse()
        self.assertEqual(self._balances(), (-70, 100))
        self.assertInvariantsHold()
        self.earned._open(":again")
        self.assertEqual(self._balances(), (30, 0))
        self.assertInvariantsHold()

    def test_after_a_return_only_the_rest_of_the_sale_is_closed(self):
        opened = self.earned._open()
        self.earned._reverse(points=40)
        opened._reverse()
        self.assertEqual(self._balances(), (0, 60))
        self.assertInvariantsHold()

    def test_a_return_takes_pending_points_before_opened_ones(self):
        self.earned._open(":1", points=50)
        self.earned._reverse(points=60)
        self.assertEqual(self._balances(), (40, 0))
        self.assertInvariantsHold()

    def test_points_pending_at_a_merge_open_for_the_surviving_member(self):
        self.member._merge_into(self.member_2, "m")
        self.assertEqual(self._balances(self.member_2), (0, 100))
        self.earned._open()
        self.assertEqual(self._balances(self.member_2), (100, 0))
        self.assertEqual(self._balances(), (0, 0))
        self.assertInvariantsHold()

    def test_an_opening_is_undone_for_the_surviving_member_of_a_merge(self):
        opened = self.earned._open()
        self.member._merge_into(self.member_2, "m")
        opened._reverse()
        self.assertEqual(self._balances(self.member_2), (0, 100))
        self.assertInvariantsHold()
        self.earned._open(":2")
        self.assertEqual(self._balances(self.member_2), (100, 0))
        self.assertInvariantsHold()
