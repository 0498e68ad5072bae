"""The arithmetic of points on orders: no choice breaks the policy, whatever the numbers."""

from decimal import Decimal
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine.spending import Payable, Policy, choices, share_left

MONEY = st.decimals(0, 10**7, places=2)
POINTS = st.decimals(0, 10**6, places=2)


class TestTheChoiceOfPoints(TestCase):
    @settings(max_examples=400, deadline=None)
    @given(
        least=POINTS,
        step=st.sampled_from([0, 1, 7, 10, 50, Decimal("0.5")]),
        percent=st.decimals(Decimal("0.01"), 100, places=2),
        base=MONEY,
        taken=MONEY,
        value=st.decimals(Decimal("0.001"), 60000, places=3),
        available=POINTS,
        digits=st.integers(0, 2),
        wanted=st.none() | POINTS,
    )
    def test_what_is_used_keeps_every_bound(
        self, least, step, percent, base, taken, value, available, digits, wanted
    ):
        policy = Policy(least, Decimal(step), percent)
        payable = Payable(whole=max(base - taken, Decimal(0)), base=base, taken=taken)
        found = choices(policy, payable, value, available, digits)
        used = found.fit(wanted)
        self.assertEqual(used % found.step, 0)
        self.assertLessEqual(used, available)
        self.assertEqual(used, round(used, digits), "it can be written with the club's decimals")
        if wanted is not None:
            self.assertLessEqual(used, wanted)
            self.assertEqual(found.refusal(wanted) == "", used == wanted)
        if used:
            self.assertGreaterEqual(used, least)
            self.assertLess((used - Decimal(1).scaleb(-digits)) * value, payable.whole, "no point is wasted whole")
            if percent < 100:
                self.assertLessEqual(used * value, share_left(policy, payable) + value * Decimal("1e-8"))

    def test_exact_thresholds(self):
        order = Payable(Decimal(20), Decimal(20))
        for percent, most in ((50, 200), ("49.99", 199), ("50.01", 200), (100, 400)):
            with self.subTest(percent=percent):
                found = choices(Policy(percent=Decimal(percent)), order, Decimal("0.05"), Decimal(1000))
                self.assertEqual(found.most, most)
        self.assertEqual(choices(Policy(least=Decimal(400)), order, Decimal("0.05"), Decimal(400)).most, 400)
        self.assertEqual(choices(Policy(least=Decimal(401)), order, Decimal("0.05"), Decimal(1000)).most, 0)
        self.assertEqual(choices(Policy(least=Decimal(400)), order, Decimal("0.05"), Decimal(399)).most, 0)

    def test_the_reason_is_the_bound_that_holds(self):
        order = Payable(Decimal(20), Decimal(20), limit=Decimal(5))
        found = choices(Policy(), order, Decimal(1), Decimal(100))
        self.assertEqual((found.most, found.because), (5, "limit"))
        found = choices(Policy(), order, Decimal(1), Decimal(4))
        self.assertEqual((found.most, found.because), (4, "balance"))
        found = choices(Policy(percent=Decimal(10)), order, Decimal(1), Decimal(100))
        self.assertEqual((found.most, found.because), (2, "share"))
        found = choices(Policy(), Payable(Decimal(20), Decimal(20)), Decimal(1), Decimal(100))
        self.assertEqual((found.most, found.because), (20, "order"))

    def test_no_share_of_a_large_point_is_rounded_up(self):
        """abuse 1: half of 24,999 yen is no whole point of 50,000 yen."""
        found = choices(
            Policy(percent=Decimal(50)), Payable(Decimal(24999), Decimal(24999)), Decimal(50000), Decimal(9)
        )
        self.assertEqual((found.most, found.reach), (0, 0))
