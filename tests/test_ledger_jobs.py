"""Nightly work in batches: resumable, repeated on conflicts, stopped by nothing."""

from datetime import date
from unittest.mock import patch

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import errors

DAY = date(2030, 6, 2)


@tagged("post_install", "-at_install")
class TestLedgerJobs(CommittedClubCase):
    def setUp(self):
        super().setUp()
        self.prefix = f"job:{self.id()}"
        self.entries = self.post(
            *(
                {"member_id": member, "kind": "earn", "points": 10, "key": f"{self.prefix}:{member}", "expires_on": DAY}
                for member in self.member_ids
            )
        )

    def tearDown(self):
        self._expire()
        super().tearDown()

    def _expire(self, size=500):
        """Run the job as on a day far ahead, committed, for the test's own club only."""
        Job, club = self.registry["club.ledger.job"], self.ids["club"]
        get_days = Job._get_days

        def get_own_days(job, day=None, domain=()):
            return get_days(job, day, [*domain, ("id", "=", club)])

        with (
            patch.object(Job, "_get_days", get_own_days),
            patch("odoo.addons.customer_club.models.ledger.club_ledger_job.CARDS", size),
            self.registry.cursor() as cr,
        ):
            return self._env(cr)["club.ledger.job"]._cron_expire(DAY)

    def _open_lots(self):
        return self.in_transaction(
            lambda env: env["club.point.lot"].search_count([("entry_id", "in", self.entries), ("state", "=", "open")])
        )

    def test_a_job_works_batch_by_batch_and_commits_each(self):
        with patch.object(self.registry["ir.cron"], "_commit_progress", autospec=True) as commits:
            commits.side_effect = lambda cron, *args, **kwargs: cron.env.cr.commit() or float("inf")
            self.assertEqual(self._expire(size=1), len(self.member_ids))
        self.assertEqual([call.args[1:] for call in commits.call_args_list], [(), *[(1,)] * len(self.member_ids), ()])
        self.assertEqual(self._open_lots(), 0)
        self.assertInvariantsHold()

    def test_a_job_whose_time_is_up_goes_on_the_next_time(self):
        with patch.object(self.registry["ir.cron"], "_commit_progress", autospec=True) as commits:
            commits.side_effect = lambda cron, *args, **kwargs: cron.env.cr.commit() or (0 if args else 10)
            self.assertEqual(self._expire(size=2), 2)
        self.assertEqual(self._open_lots(), len(self.member_ids) - 2)
        self.assertEqual(self._expire(), len(self.member_ids) - 2)
        self.assertInvariantsHold()

    def test_a_killed_job_posts_nothing_twice(self):
        self._expire(size=1)
        self.assertEqual(self._expire(size=1), 0)
        expired = self.in_transaction(
            lambda env: (
                env["club.point.entry"]
                .search(
                    [("kind", "=", "expire"), ("key", "in", [f"lot,{entry}:expire,0" for entry in self.entries])],
                )
                .mapped("points")
            )
        )
        self.assertEqual(expired, [-10] * len(self.member_ids))

    @mute_logger("odoo.sql_db")
    def test_a_batch_that_meets_a_customer_is_repeated(self):
        """Points change between the batch's snapshot and its lock: it starts over and expires what is there then."""
        Job = self.registry["club.ledger.job"]
        lock, met = Job._lock_cards_due, []

        def meet_a_customer(job, days, due, limit, skip, behind=0):
            if not met:
                job.env.cr.execute("SELECT 1")  # the snapshot is taken
                self.post({"member_id": self.member_id, "kind": "adjust", "points": -4, "key": f"{self.prefix}:s"})
            met.append(limit)
            return lock(job, days, due, limit, skip, behind)

        with patch.object(Job, "_lock_cards_due", meet_a_customer):
            self._expire()
        self.assertEqual(len(met), 3, "failed once, repeated, and looked once more")
        expired = self.in_transaction(
            lambda env: (
                env["club.point.entry"]
                .search(
                    [("kind", "=", "expire"), ("key", "=", f"lot,{self.entries[0]}:expire,1")],
                )
                .points
            )
        )
        self.assertEqual(expired, -6)
        self.assertInvariantsHold()

    def test_a_serialization_failure_rolls_back_and_repeats_the_batch(self):
        tries = []

        def work(ids):
            tries.append(tuple(ids))
            if len(tries) < 3:
                raise errors.SerializationFailure("could not serialize access")

        with self.registry.cursor() as cr:
            env = self._env(cr)
            found = iter([[1, 2], [1, 2], [1, 2], []])
            done, failed = env["club.job"]._work_off("test", lambda limit, skip: next(found), work)
        self.assertEqual((done, failed, tries), (2, [], [(1, 2)] * 3))

    def test_repeating_is_bounded(self):
        def work(ids):
            raise errors.SerializationFailure("could not serialize access")

        with self.registry.cursor() as cr, self.assertRaises(errors.SerializationFailure):
            self._env(cr)["club.job"]._work_off("test", lambda limit, skip: [1], work)

    @mute_logger("odoo.addons.customer_club.models.ledger.club_job")
    def test_one_bad_record_stops_nobody(self):
        left, seen = {1, 2, 3, 4, 5}, []

        def find(limit, skip):
            return sorted(left - set(skip))[:limit]

        def work(ids):
            seen.append(tuple(ids))
            if 3 in ids:
                raise ValueError("three is bad")
            left.difference_update(ids)

        with self.registry.cursor() as cr:
            done, failed = self._env(cr)["club.job"]._work_off("test", find, work, count=lambda: 5)
        self.assertEqual((done, failed, left), (4, [3], {3}))
        self.assertEqual(seen[0], (1, 2, 3, 4, 5))

    @mute_logger("odoo.addons.customer_club.models.ledger.club_job")
    def test_bad_records_among_many_are_found_in_few_steps(self):
        left, tries = set(range(1, 10_001)), []

        def find(limit, skip):
            return sorted(left - set(skip))[:limit]

        def work(ids):
            tries.append(len(ids))
            if {1, 777, 10_000} & set(ids):
                raise ValueError("bad")
            left.difference_update(ids)

        with self.registry.cursor() as cr:
            done, failed = self._env(cr)["club.job"]._work_off("test", find, work, size=10_000)
        self.assertEqual((done, failed, left), (9_997, [1, 777, 10_000], {1, 777, 10_000}))
        self.assertLess(len(tries), 100)

    def test_sealing_and_checking_run_as_jobs(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            horizon = env["club.ledger.seal"]._read_horizon()
            cr.rollback()
            self.assertGreaterEqual(horizon[0], max(self.entries))
            checks = env["club.ledger.job"]._cron_check()
            self.assertEqual(set(checks.mapped("state")), {"ok"})
            cr.rollback()
