"""Points and money: nothing is lost by rounding, and nothing is gained by going in small parts."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import wallet
from odoo.addons.customer_club.engine.wallet import Terms, WalletError
from odoo.tests import BaseCase, tagged

D = Decimal
values = st.decimals(min_value=D("0.000001"), max_value=1000, places=6)
digits = st.sampled_from((0, 1, 2))
point_digits = st.sampled_from((0, 1, 2))
fees = st.decimals(min_value=0, max_value=D("99.99"), places=2)
counts = st.integers(min_value=1, max_value=500)


@tagged("post_install", "-at_install")
class TestConversion(BaseCase):
    @given(values, point_digits, digits, counts)
    def test_a_whole_number_of_exact_steps_is_worth_exactly_what_it_is(self, value, of_points, of_money, count):
        """Never 10."""
        step = wallet.exact_step(value, of_points, of_money)
        self.assertTrue(wallet.is_exact(value, step, of_money))
        quote = wallet.quote(step * count, Terms(value, step, digits=of_money))
        self.assertEqual(Fraction(quote.money), Fraction(value) * Fraction(step) * count)

    @given(values, point_digits, digits)
    def test_no_smaller_step_is_exact(self, value, of_points, of_money):
        step = wallet.exact_step(value, of_points, of_money)
        unit = wallet.unit(of_points)
        for smaller in (step - unit, step / 2):
            if smaller > 0 and smaller % unit == 0 and smaller != step:
                self.assertFalse(wallet.is_exact(value, smaller, of_money))

    @given(values, digits, fees, st.lists(counts, min_size=1, max_size=8))
    def test_parts_never_bring_more_than_the_whole(self, value, of_money, fee, parts):
        step = wallet.exact_step(value, 0, of_money)
        terms = Terms(value, step, fee=fee, digits=of_money)
        whole = self.money(step * sum(parts), terms)
        self.assertLessEqual(sum((self.money(step * part, terms) for part in parts), D(0)), whole)

    def money(self, points, terms):
        try:
            return wallet.quote(points, terms).money
        except WalletError as error:
            self.assertEqual(error.reason, "nothing")
            return D(0)

    @given(values, fees, counts)
    def test_money_and_fee_are_the_worth(self, value, fee, count):
        step = wallet.exact_step(value)
        try:
            quote = wallet.quote(step * count, Terms(value, step, fee=fee))
        except WalletError as error:
            self.assertEqual(error.reason, "nothing")
        else:
            self.assertEqual(quote.money + quote.fee, quote.gross)
            self.assertGreater(quote.money, 0)
            self.assertGreaterEqual(quote.fee, quote.gross * fee / 100)

    @given(st.decimals(min_value=-100, max_value=100_000, places=2), counts, counts, st.one_of(st.none(), counts))
    def test_the_most_is_a_whole_number_of_steps_that_is_there_and_allowed(self, balance, step, least, allowance):
        terms = Terms(D("0.01"), D(step), D(least))
        most = wallet.most(balance, terms, None if allowance is None else D(allowance))
        self.assertEqual(most % step, 0)
        self.assertTrue(most == 0 or (least <= most <= balance))
        if allowance is not None:
            self.assertLessEqual(most, max(allowance, 0))

    def test_words_for_what_is_refused(self):
        terms = Terms(D("0.01"), D(100), D(200))
        for points, reason in (("0", "least"), ("100", "least"), ("-200", "least"), ("250", "step")):
            with self.subTest(points=points), self.assertRaises(WalletError) as caught:
                wallet.quote(D(points), terms)
            self.assertEqual(caught.exception.reason, reason)
        with self.assertRaises(WalletError) as caught:
            wallet.exact_step(D(0))
        self.assertEqual(caught.exception.reason, "value")


@tagged("post_install", "-at_install")
class TestTopUp(BaseCase):
    @given(
        st.lists(
            st.tuples(st.decimals(min_value=0, max_value=1000, places=2), st.fractions(min_value=0, max_value=2)),
            max_size=5,
        ),
        st.decimals(min_value=0, max_value=1000, places=2),
    )
    def test_it_brings_no_more_than_what_was_paid(self, paid, taken_off):
        """Never 5."""
        money = wallet.topped_up(paid, taken_off)
        whole = sum((price for price, _share in paid), D(0))
        self.assertGreaterEqual(money, 0)
        self.assertLessEqual(money, max(whole - taken_off, D(0)) if all(s >= 1 for _p, s in paid) else whole)

    def test_three_thirds_are_the_whole(self):
        self.assertEqual(wallet.topped_up([(D("0.10"), Fraction(1, 3) * 3)], D(0)), D("0.10"))
        self.assertEqual(wallet.topped_up([(D(10), Fraction(1, 3))], D(0)), D("3.33"))
