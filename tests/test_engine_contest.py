"""Places of a contest: the same results always give the same places, whatever order they come in."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine.contest import TIES, ContestError, Place, Result, bar, digest, rank
from odoo.tests import BaseCase, tagged

NOON = datetime(2026, 5, 1, 12)
results = st.lists(
    st.builds(
        Result,
        member=st.integers(1, 30),
        measure=st.integers(0, 5).map(Decimal),
        reached=st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    unique_by=lambda result: result.member,
    max_size=20,
)


@tagged("post_install", "-at_install")
class TestRanking(BaseCase):
    @given(results, st.sampled_from(TIES), st.integers(0, 4), st.randoms())
    def test_places_follow_the_rules_whatever_the_order(self, found, ties, minimum, random):
        places = rank(found, ties, Decimal(minimum))
        shuffled = list(found)
        random.shuffle(shuffled)
        self.assertEqual(places, rank(shuffled, ties, Decimal(minimum)))
        self.assertEqual(
            {place.member for place in places},
            {result.member for result in found if result.measure > 0 and result.measure >= minimum},
        )
        self.assertEqual([place.position for place in places], list(range(1, len(places) + 1)))
        for place in places:
            better = [
                other
                for other in places
                if other.measure > place.measure
                or (ties == "first" and other.measure == place.measure and other.reached < place.reached)
            ]
            self.assertEqual(place.rank, 1 + len(better), "a place is one more than how many are really better")

    @given(results, st.sampled_from(TIES))
    def test_bars_are_full_steps_and_never_longer_than_the_first(self, found, ties):
        places = rank(found, ties)
        for place in places:
            for hidden in (False, True):
                length = bar(place.measure, places[0].measure, place.rank, places[-1].rank, hidden)
                self.assertTrue(5 <= length <= 100 and length % 5 == 0)

    def test_a_bar_of_money_tells_the_place_only(self):
        lengths = {bar(Decimal(amount), Decimal(1000), 2, 4, hidden=True) for amount in (1, 500, 999)}
        self.assertEqual(len(lengths), 1, "abuse 25: nobody works out what another spent")

    def test_impossible_contests_are_refused(self):
        with self.assertRaises(ContestError):
            rank([], "coin")
        with self.assertRaises(ContestError):
            rank([Result(1, Decimal(1), NOON), Result(1, Decimal(2), NOON)])

    def test_the_digest_changes_with_every_thing_it_covers(self):
        place = Place(1, 1, 7, Decimal(3), NOON)
        first = digest({"contest": 1}, [place])
        others = [
            digest({"contest": 2}, [place]),
            digest({"contest": 1}, []),
            digest({"contest": 1}, [place._replace(member=8)]),
            digest({"contest": 1}, [place._replace(measure=Decimal(4))]),
            digest({"contest": 1}, [place._replace(reached=NOON + timedelta(microseconds=1))]),
        ]
        self.assertEqual(len({first, *others}), 6)
        self.assertEqual(len(first), 64)
