"""Many at once on the same points."""

from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 20


@tagged("post_install", "-at_install")
class TestLedgerConcurrency(CommittedClubCase):
    """never.md 8 and 19: the same points are never given twice, however many ask at the same moment."""

    def setUp(self):
        super().setUp()
        self.prefix = f"thread:{self.id()}"
        # Odoo sleeps up to two seconds before it tries again, and gives up after five tries; 20 on one card need more.
        for name, value in (("MAX_TRIES_ON_CONCURRENCY_FAILURE", 30),):
            patcher = patch.object(service_model, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        sleeper = patch.object(service_model.time, "sleep", lambda _seconds: None)
        sleeper.start()
        self.addCleanup(sleeper.stop)

    def _empty(self, *members):
        """Bring the members back to a known balance of zero."""
        for member, points in zip(members, self.balances(*members), strict=True):
            if points:
                kind = "adjust"
                self.post(
                    {"member_id": member, "kind": kind, "points": -points, "key": f"{self.prefix}:empty:{member}"}
                )

    def _give(self, member, points, key="give"):
        self._empty(member)
        self.post({"member_id": member, "kind": "earn", "points": points, "key": f"{self.prefix}:{key}"})

    def _spend(self, points, key):
        values = {"member_id": self.member_id, "kind": "spend", "points": -points, "key": f"{self.prefix}:{key}"}
        return lambda env: env["club.point.entry"]._post([values]).id

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_twenty_threads_spend_the_last_hundred_points_and_one_wins(self):
        self._give(self.member_id, 100)
        results, seconds = self.in_threads([self._spend(100, number) for number in range(THREADS)])
        winners = [result for result in results if isinstance(result, int)]
        self.assertEqual(len(winners), 1)
        losers = [result for result in results if not isinstance(result, int)]
        self.assertEqual({type(error) for error in losers}, {NotEnoughPoints})
        self.assertEqual(self.balances(self.member_id), [0])
        self.assertInvariantsHold()
        self.assertLess(seconds, 60)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_twenty_threads_that_all_fit_lose_nothing(self):
        self._give(self.member_id, 100)
        results, _seconds = self.in_threads([self._spend(5, number) for number in range(THREADS)])
        self.assertEqual([error for error in results if not isinstance(error, int)], [])
        self.assertEqual(self.balances(self.member_id), [0])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_key_twice_at_once_spends_once(self):
        """never.md 6"""
        self._give(self.member_id, 100)
        results, _seconds = self.in_threads([self._spend(60, "same")] * 6)
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual(self.balances(self.member_id), [40])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_key_at_once_for_two_members_moves_one(self):
        """Keys squat nothing: the second is told of the conflict and its card is unchanged."""
        self._empty(self.member_id, self.other_id)
        works = [
            lambda env, member=member: (
                env["club.point.entry"]
                ._post(
                    [
                        {"member_id": member, "kind": "earn", "points": 10, "key": f"{self.prefix}:squat"},
                    ]
                )
                .id
            )
            for member in (self.member_id, self.other_id)
        ]
        results, _seconds = self.in_threads(works)
        self.assertEqual(sorted(type(result).__name__ for result in results), ["UserError", "int"])
        self.assertEqual(sum(self.balances(self.member_id, self.other_id)), 10)
        self.assertTrue(any(isinstance(result, UserError) for result in results))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_transfers_in_both_directions_block_nobody(self):
        self._give(self.member_id, 100, "a")
        self._give(self.other_id, 100, "b")
        pairs = [(self.member_id, self.other_id), (self.other_id, self.member_id)] * 5
        works = [
            lambda env, source=source, target=target, number=number: (
                env["club.member"]
                .browse(source)
                ._transfer(
                    env["club.member"].browse(target),
                    10,
                    f"{self.prefix}:t{number}",
                )
                .ids
            )
            for number, (source, target) in enumerate(pairs)
        ]
        results, _seconds = self.in_threads(works)
        self.assertEqual([error for error in results if isinstance(error, Exception)], [])
        self.assertEqual(self.balances(self.member_id, self.other_id), [100, 100])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_never_19_twenty_parallel_gifts_from_100_points_credit_100(self):
        self._give(self.member_id, 100)
        self._empty(self.other_id)
        works = [
            lambda env, number=number: (
                env["club.member"]
                .browse(self.member_id)
                ._transfer(
                    env["club.member"].browse(self.other_id),
                    100,
                    f"{self.prefix}:g{number}",
                )
                .ids
            )
            for number in range(THREADS)
        ]
        results, _seconds = self.in_threads(works)
        self.assertEqual(sum(isinstance(result, list) for result in results), 1)
        self.assertEqual(self.balances(self.member_id, self.other_id), [0, 100])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_an_earning_during_a_merge_ends_with_the_surviving_member(self):
        member, other = self.member_ids[2:]
        works = [
            lambda env: (
                env["club.member"].browse(member)._merge_into(env["club.member"].browse(other), f"{self.prefix}:m").ids
            ),
            *(
                lambda env, number=number: (
                    env["club.point.entry"]
                    ._post(
                        [
                            {"member_id": member, "kind": "earn", "points": 10, "key": f"{self.prefix}:e{number}"},
                        ]
                    )
                    .ids
                )
                for number in range(6)
            ),
        ]
        results, _seconds = self.in_threads(works)
        self.assertEqual([error for error in results if isinstance(error, Exception)], [])
        self.assertEqual(self.balances(member, other), [0, 60])
        self.assertInvariantsHold()

    def _earn_at_once(self, member, points, key, **more):
        """Earn as a sale does, in one statement: the member's card was read in the same transaction."""

        def work(env):
            found = env["club.member"].browse(member)
            values = {"member_id": member, "kind": "earn", "points": points, "key": f"{self.prefix}:{key}", **more}
            if not found.merged_into_id:
                values.update(club_id=found.club_id.id, card_id=found.card_id.id)
            return env["club.point.entry"]._post([values]).id

        return work

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_sales_in_one_statement_lose_nothing_beside_spending(self):
        """never.md 8: the update of the card is the lock of what is posted at once."""
        self._give(self.member_id, 100)
        works = [self._earn_at_once(self.member_id, 7, f"sale:{number}") for number in range(10)]
        works += [self._spend(10, f"spent:{number}") for number in range(10)]
        results, _seconds = self.in_threads(works)
        self.assertEqual([error for error in results if not isinstance(error, int)], [])
        self.assertEqual(self.balances(self.member_id), [70])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_sale_twice_at_once_earns_once(self):
        """never.md 6"""
        self._empty(self.member_id)
        results, _seconds = self.in_threads([self._earn_at_once(self.member_id, 60, "sale")] * 6)
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual(self.balances(self.member_id), [60])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_sales_in_one_statement_find_a_card_whose_points_were_spent_into_arrears(self):
        """Whoever read the card before it owed points starts over: arrears are settled first, and once."""
        self._give(self.member_id, 10)
        owed = {
            "member_id": self.member_id,
            "kind": "spend",
            "points": -50,
            "key": f"{self.prefix}:owed",
            "happened": True,
        }
        works = [lambda env: env["club.point.entry"]._post([owed]).id]
        works += [self._earn_at_once(self.member_id, 10, f"sale:{number}") for number in range(8)]
        results, _seconds = self.in_threads(works)
        self.assertEqual([error for error in results if not isinstance(error, int)], [])
        self.assertEqual(self.balances(self.member_id), [40])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_sale_that_read_the_card_before_a_merge_starts_over(self):
        """Nothing is posted to a card whose member is another's now, not even what leaves its balance as it is."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            partners = env["res.partner"].create([{"name": f"Merged {number}"} for number in range(2)])
            self.ids["partners"] += partners.ids
            source, heir = [env["club.club"].browse(self.ids["club"])._enrol(partner).id for partner in partners]
        tries = []
        earn = self._earn_at_once(source, 10, "sale", pending=True)

        def work(env):
            env.cr.execute("SELECT 1 FROM club_member LIMIT 1")  # its snapshot is from before the merge
            if not tries:
                self.in_transaction(
                    lambda other: (
                        other["club.member"].browse(source)._merge_into(other["club.member"].browse(heir), "m").ids
                    )
                )
            tries.append(1)
            return earn(env)

        entry = self.in_transaction(work)
        self.assertEqual(len(tries), 2)
        owner = self.in_transaction(lambda env: env["club.point.entry"].browse(entry).member_id.id)
        self.assertEqual(owner, heir)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_seal_waits_for_writers_in_flight(self):
        """An entry with a lower id than the horizon never appears after it was sealed."""
        with self.registry.cursor() as slow:
            env = self._env(slow)
            env["club.point.entry"]._post(
                [
                    {"member_id": self.member_id, "kind": "earn", "points": 1, "key": f"{self.prefix}:slow"},
                ]
            )
            with self.registry.cursor() as sealing:
                sealing.execute("SET LOCAL lock_timeout = '300ms'")
                with self.assertRaises(Exception) as caught:
                    self._env(sealing)["club.ledger.seal"]._read_horizon()
                self.assertEqual(type(caught.exception).__name__, "LockNotAvailable")
                sealing.rollback()
        horizon = self.in_transaction(lambda env: env["club.ledger.seal"]._read_horizon())
        self.assertGreaterEqual(
            horizon[0],
            self.in_transaction(lambda env: env["club.point.entry"].search([("key", "=", f"{self.prefix}:slow")]).id),
        )
