"""Sharing in the engine: exact, conserving, whatever is split."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import together
from odoo.tests import BaseCase, tagged

STEPS = st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("0.01")])
WEIGHTS = st.dictionaries(st.integers(0, 20), st.integers(0, 10**7), min_size=1, max_size=8)


def lots(first):
    return st.lists(st.integers(0, 10**5), max_size=6).map(
        lambda points: [(first + number, Decimal(left)) for number, left in enumerate(points)]
    )


@tagged("post_install", "-at_install")
class TestSharing(BaseCase):
    @given(st.integers(0, 10**7), WEIGHTS, STEPS)
    def test_a_split_loses_and_makes_nothing_and_is_within_a_step_of_the_exact_share(self, number, weights, step):
        points, weights = number * step, {key: Decimal(weight) for key, weight in weights.items()}
        shares = together.split(points, weights, step)
        total = sum(weights.values())
        self.assertEqual(sum(shares.values()), points if total else 0)
        for key, share in shares.items():
            self.assertEqual(share % step, 0)
            self.assertGreaterEqual(share, 0)
            if total:
                self.assertLess(abs(share * total - points * weights[key]), step * total)

    @given(WEIGHTS, st.integers(0, 10**6), STEPS)
    def test_nobody_gets_more_than_was_brought_while_the_pool_holds_no_more(self, weights, spent, step):
        weights = {key: weight * step for key, weight in weights.items()}
        total = sum(weights.values())
        shares = together.split(max(total - spent * step, Decimal(0)), weights, step)
        for key, share in shares.items():
            self.assertLessEqual(share, weights[key])

    @given(lots(0), lots(100), STEPS, st.data())
    def test_a_part_is_taken_exactly_and_from_the_own_lots_first(self, own, others, step, data):
        there = sum(left for _lot, left in own + others)
        points = Decimal(data.draw(st.integers(0, int(there))))
        taken = together.take(points, own, others, step)
        left = dict(own + others)
        self.assertEqual(sum(part for _lot, part in taken), points)
        for lot, part in taken:
            self.assertLessEqual(part, left[lot])
        of_own = sum(part for lot, part in taken if lot < 100)
        self.assertEqual(of_own, min(points, sum(rest for _lot, rest in own)))

    def test_more_than_there_is_cannot_be_taken(self):
        with self.assertRaises(together.NotSharedError):
            together.take(Decimal(3), [(1, Decimal(2))], [], Decimal(1))
        with self.assertRaises(together.NotSharedError):
            together.split(Decimal(-1), {1: Decimal(1)}, Decimal(1))

    def test_thirds_come_to_a_whole(self):
        shares = together.split(Decimal(100), dict.fromkeys("abc", Decimal(1)), Decimal(1))
        self.assertEqual(sorted(shares.values()), [33, 33, 34])
