"""Points are decimals."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerPrecision(ClubCase):
    """never.md 10: no 0.01 or 99.99 left over, whatever the currency rounds to."""

    def test_never_10_tenths_add_up_exactly(self):
        self.club.points_digits = 1
        for number in range(10):
            self.post(0.1, f"a{number}")
        self.assertEqual(self.member.card_id.points, 1.0)
        self.post(-0.3, "s")
        self.post(-0.7, "s2")
        self.assertEqual(self.member.card_id.points, 0.0)
        self.assertInvariantsHold()

    def test_binary_noise_in_a_sum_is_refused_rather_than_rounded(self):
        self.club.points_digits = 2
        with self.assertRaisesRegex(UserError, "2 decimals"):
            self.post(0.1 + 0.2, "a")
        self.post(round(0.1 + 0.2, 2), "b")
        self.assertEqual(self.member.points, 0.3)

    def test_more_decimals_than_the_club_counts_are_refused(self):
        for digits, points in ((0, 0.5), (1, 0.55), (2, 0.555)):
            self.club.points_digits = digits
            with self.subTest(digits=digits), self.assertRaisesRegex(UserError, f"{digits} decimals"):
                self.post(points, f"a{digits}")

    def test_what_is_no_number_is_refused(self):
        for points in (float("nan"), float("inf")):
            with self.subTest(points=points), self.assertRaises(ValueError):
                self.post(points, "a")

    def test_a_currency_without_decimals_rounds_no_points(self):
        self.club.points_digits = 2
        self.club.company_id.currency_id.rounding = 1.0
        self.post(99.5, "a")
        self.post(-99.49, "s")
        self.assertEqual(self.member.points, 0.01)
        self.assertInvariantsHold()

    def test_large_balances_keep_their_cents(self):
        self.club.points_digits = 2
        self.post(999999999.99, "a")
        self.post(0.01, "b")
        self.assertEqual(self.member.points, 1000000000.0)
        self.post(-999999999.99, "s")
        self.assertEqual(self.member.points, 0.01)
        self.assertInvariantsHold()
