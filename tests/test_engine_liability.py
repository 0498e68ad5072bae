"""Published examples of points under IFRS 15, the worked life of a shop, and what may never happen."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine.liability import (
    Cohort,
    LiabilityError,
    allocate,
    expected_points,
    posting,
    redemption_rate,
    released_to_date,
    revenue_to_date,
    rounded,
    spread,
    stand_alone_price,
)
from odoo.tests import BaseCase, tagged

ZERO = Decimal(0)
points = st.integers(0, 10**9).map(lambda number: Decimal(number).scaleb(-2))
rates = st.integers(1, 1000).map(lambda number: Decimal(number) / 1000)
money = st.integers(0, 10**12).map(lambda number: Decimal(number).scaleb(-2))


def D(text):  # noqa: N802 - short for many literals
    return Decimal(str(text).replace(",", ""))


@tagged("post_install", "-at_install")
class TestPublishedExamples(BaseCase):
    def test_ifrs_15_example_52_customer_loyalty_programme(self):
        """IE267–IE270: 8,676 to the points, then 4,110 and 3,493."""
        goods, allocated = allocate(D("100,000"), stand_alone_price(D("10,000"), D(1), D("0.95")))
        self.assertEqual((rounded(goods, 0), rounded(allocated, 0)), (D("91,324"), D("8,676")))
        allocated = rounded(allocated, 0)
        first = rounded(revenue_to_date(allocated, D(4500), D(9500)), 0)
        self.assertEqual(first, D("4,110"))
        second = posting(revenue_to_date(allocated, D(8500), D(9700)), first, 0)
        self.assertEqual(second, D("3,493"))
        self.assertEqual(allocated - first - second, D("1,073"))

    def test_kpmg_handbook_examples_10a_and_10b_from_their_rounded_allocation(self):
        """The handbook rounds 8.84 % to 9 %; from its 9,000 on, every figure is the same."""
        first = rounded(revenue_to_date(D(9000), D(4500), D(9700)), 0)
        self.assertEqual(first, D("4,175"))
        self.assertEqual(posting(revenue_to_date(D(9000), D(8500), D(9900)), first, 0), D("3,552"))
        self.assertEqual(posting(revenue_to_date(D(9000), D(8500), D(9200)), first, 0), D("4,140"))
        _goods, unrounded = allocate(D("100,000"), stand_alone_price(D(10_000), D(1), D("0.97")))
        self.assertEqual(rounded(unrounded, 2), D("8,842.30"))

    def test_grocery_retailer_of_a_review_course(self):
        """7,200,000 of sales, 10,000 points at 100, 80 % then 90 % expected: 360,000, 288,000, 72,000."""
        goods, allocated = allocate(D("7,200,000"), stand_alone_price(D(10_000), D(100), D("0.8")), D("7,200,000"))
        self.assertEqual((goods, allocated), (D("6,480,000"), D("720,000")))
        released, years = ZERO, []
        for redeemed, expected in ((4000, 8000), (8100, 9000), (9000, 9000)):
            years.append(posting(revenue_to_date(allocated, D(redeemed), D(expected)), released, 2))
            released += years[-1]
        self.assertEqual(years, [D("360,000"), D("288,000"), D("72,000")])


@tagged("post_install", "-at_install")
class TestTheWorkedLife(BaseCase):
    def test_every_close_of_the_worked_life(self):
        """January to April of a shop: allocations by cohort, releases, a new estimate, a return."""

        def share(amount, issued, rate):
            return allocate(D(amount), stand_alone_price(D(issued), D("0.10"), D(rate)))[1]

        january = share(1000, 1000, "0.8") + share(600, 600, "0.8")
        february, march = share(130, 130, "0.8"), share(100, 100, "0.72")
        april = share(195, 195, "0.72") + share(240, 240, "0.72")
        self.assertEqual([rounded(a, 2) for a in (january, february, march, april)],
                         [D("118.52"), D("9.63"), D("6.72"), D("29.22")])
        posted = ZERO
        for redeemed, expired, rate, due in (
            (400, 0, "0.8", "37.04"),  # close of February
            (400, 0, "0.72", "4.11"),  # the new rate catches up
            (500, 0, "0.72", "10.29"),  # R2
            (500, 100, "0.72", "0.00"),  # a part expires: the rest of the cohort is not released
        ):
            due_now = posting(released_to_date(Cohort(D(1600), D(redeemed), D(expired), january), D(rate)), posted, 2)
            self.assertEqual(due_now, D(due))
            posted += due_now
        # April: the return of 400 takes 40 % of S1's allocation; all of the cohort was redeemed or has expired
        returned = share(1000, 1000, "0.8") * D("0.4")
        self.assertEqual(rounded(returned, 2), D("29.63"))
        left = Cohort(D(1200), D(1100), D(100), january - returned)
        self.assertEqual(posting(released_to_date(left, D("0.72")), posted, 2), D("37.45"))
        whole = sum((rounded(a, 2) for a in (january, february, march, april)), ZERO)
        self.assertEqual(whole, D("164.09"))


@tagged("post_install", "-at_install")
class TestWhatMayNeverHappen(BaseCase):
    @given(money, points, rates)
    def test_goods_and_points_are_the_amount_exactly(self, amount, issued, rate):
        goods, part = allocate(amount, stand_alone_price(issued, D("0.1"), rate)) if amount or issued else (ZERO, ZERO)
        self.assertEqual(goods + part, amount)
        self.assertGreaterEqual(part, 0)
        self.assertLessEqual(part, amount)

    @given(points, st.integers(0, 100), st.integers(0, 100), rates, rates, money)
    def test_a_cohort_releases_what_was_allocated_no_more_no_less(self, issued, share, lapse, rate, later, allocated):
        redeemed = (issued * share / 100).quantize(D("0.01"), rounding="ROUND_DOWN")
        expired = ((issued - redeemed) * lapse / 100).quantize(D("0.01"), rounding="ROUND_DOWN")
        cohort = Cohort(issued, redeemed, expired, allocated)
        now = released_to_date(cohort, rate)
        self.assertGreaterEqual(now, 0)
        self.assertLessEqual(now, allocated)
        then = released_to_date(Cohort(issued, issued - expired, expired, allocated), later)
        self.assertEqual(then, allocated)
        self.assertLessEqual(expected_points(cohort, rate), issued - expired)

    @given(st.lists(money, min_size=1, max_size=30), st.integers(0, 3))
    def test_posted_differences_add_up_to_the_rounded_total(self, sales, digits):
        to_date = posted = ZERO
        for sale in sales:
            to_date += sale / 27
            posted += posting(to_date, posted, digits)
        self.assertEqual(posted, rounded(to_date, digits))

    @given(st.lists(money, min_size=1, max_size=30), st.integers(0, 2))
    def test_rounding_differences_are_never_lost(self, parts, digits):
        total = sum(parts, ZERO) / 7
        self.assertEqual(sum(spread(total, [part / 7 for part in parts], digits), ZERO), rounded(total, digits))

    def test_rounding_each_small_sale_alone_would_lose_what_cumulation_keeps(self):
        """¥29 sales: each alone gives 2 yen to the points, a hundred together 215."""
        _goods, part = allocate(D(29), stand_alone_price(D(29), D("0.1"), D("0.8")))
        self.assertEqual(rounded(part, 0) * 100, 200)
        self.assertEqual(rounded(part * 100, 0), 215)

    def test_what_cannot_be_is_refused(self):
        for rate in ("0", "-0.1", "1.01"):
            with self.assertRaises(LiabilityError):
                stand_alone_price(D(1), D(1), D(rate))
        for wrong in (
            lambda: stand_alone_price(D(1), D(-1), D(1)),
            lambda: allocate(D(10), D(-1)),
            lambda: allocate(D(10), ZERO, ZERO),
            lambda: revenue_to_date(D(10), D(6), D(5)),
            lambda: released_to_date(Cohort(D(10), D(8), D(3), D(5)), D(1)),
            lambda: released_to_date(Cohort(D(10), D(-1), D(3), D(5)), D(1)),
            lambda: spread(D(1), [], 2),
        ):
            with self.assertRaises(LiabilityError):
                wrong()

    def test_a_credit_note_shares_as_its_invoice_did(self):
        ssp = stand_alone_price(D(400), D("0.10"), D("0.8"))
        self.assertEqual(allocate(D(-400), ssp)[1], -allocate(D(400), ssp)[1])

    def test_the_proposed_rate_comes_from_finished_cohorts(self):
        self.assertIsNone(redemption_rate([]))
        done = [Cohort(D(1000), D(700), D(300), ZERO), Cohort(D(3000), D(2500), D(500), ZERO)]
        self.assertEqual(redemption_rate(done), D("0.8"))
