"""Codes and prices at the counter hold for whatever comes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import vouchers
from odoo.tests import BaseCase, tagged

MONEY = st.decimals(min_value="0.01", max_value="100000", places=2)
WORTH = st.decimals(min_value="0.000001", max_value="1000", places=6)


@tagged("post_install", "-at_install")
class TestCodesAndPrices(BaseCase):
    @given(secret=st.binary(min_size=1), nonce=st.text(max_size=40))
    def test_what_is_shown_can_be_typed_however_one_types(self, secret, nonce):
        code = vouchers.make(secret, "voucher", nonce)
        shown = vouchers.grouped(code)
        for typed in (shown, shown.lower(), f"  {code} ", shown.replace("0", "o").replace("1", "I")):
            self.assertEqual(vouchers.clean(typed), code)

    @given(typed=st.text(max_size=200))
    def test_what_cannot_be_a_code_is_none(self, typed):
        code = vouchers.clean(typed)
        self.assertTrue(code == "" or (len(code) == 12 and set(code) <= set(vouchers.ALPHABET)))

    @given(amount=MONEY, worth=WORTH, digits=st.integers(0, 2))
    def test_a_rounding_never_pays(self, amount, worth, digits):
        """Abuse 1: what is taken is worth at least what is paid, and at most one unit more."""
        points = vouchers.points_for(amount, worth, digits)
        unit = Decimal(1).scaleb(-digits)
        self.assertGreater(points, 0)
        self.assertGreaterEqual(points * worth, amount)
        self.assertLess((points - unit) * worth, amount)

    @given(points=st.integers(0, 10**6), worth=WORTH, decimals=st.integers(0, 3))
    def test_the_most_that_points_pay_never_asks_for_more_of_them(self, points, worth, decimals):
        amount = vouchers.amount_for(Decimal(points), worth, decimals)
        if amount > 0:
            self.assertLessEqual(vouchers.points_for(amount, worth, 0), points)

    def test_a_code_has_sixty_bits_that_are_spread_evenly(self):
        """Abuse 13: over 4,000 codes each of the 32 letters comes about equally often in every place."""
        codes = [vouchers.make(b"secret", "voucher", str(number)) for number in range(4000)]
        self.assertEqual(len(set(codes)), 4000)
        for place in range(vouchers.LENGTH):
            counts = [sum(code[place] == letter for code in codes) for letter in vouchers.ALPHABET]
            chi_square = sum((count - 125) ** 2 / 125 for count in counts)
            self.assertLess(chi_square, 70, f"place {place}")  # 31 degrees of freedom: 1 in 10,000 is beyond 66
