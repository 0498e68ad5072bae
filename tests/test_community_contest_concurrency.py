"""Closing a contest twice at the same moment gives every prize once."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 6
TABLES = ("club_contest_award", "club_contest_place", "club_contest_participant")


@tagged("post_install", "-at_install")
class TestClosingTogether(CommittedClubCase):
    """abuse 22; never 6 and 8."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_contests)  # runs before the club is removed

    @classmethod
    def _clean_contests(cls):
        with cls.registry.cursor() as cr:
            for table in ("club_contest_place", "club_contest"):
                cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table in TABLES:
                cr.execute(
                    f"DELETE FROM {table} WHERE contest_id IN (SELECT id FROM club_contest WHERE club_id = %s)",
                    (cls.ids["club"],),
                )
            cr.execute("DELETE FROM club_contest WHERE club_id = %s", (cls.ids["club"],))
            for table in ("club_contest_place", "club_contest"):
                cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 30),
            (service_model.time, "sleep", lambda _seconds: None),
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.contest_id = self.in_transaction(self._make_contest)

    def _make_contest(self, env):
        today = fields.Date.today()
        contest = env["club.contest"].create(
            {
                "club_id": self.ids["club"],
                "name": "Together",
                "date_from": today - timedelta(days=1),
                "date_to": today,
                "type_ids": [Command.create({"event_type": "visit"})],
                "prize_ids": [Command.create({"points": 100})],
            }
        )
        contest.action_open()
        for number, member in enumerate(env["club.member"].browse(self.member_ids), 1):
            contest._opt_in(member, f"Nick {member.id}")
            env["club.event"]._report(
                [
                    {"member_id": member.id, "type": "visit", "key": f"together,{contest.id}:{member.id}:{count}"}
                    for count in range(number)
                ]
            )
        env.flush_all()
        env.cr.execute(
            "UPDATE club_contest SET date_from = date_from - 9, date_to = date_to - 9, grace_days = 0 WHERE id = %s",
            (contest.id,),
        )
        # The facts are of today: the period is turned back after they were counted in it, so nobody would be placed.
        env.cr.execute("UPDATE club_contest SET date_to = %s WHERE id = %s", (today - timedelta(days=1), contest.id))
        env.cr.execute(
            "UPDATE club_event SET occurred_at = occurred_at - interval '2 days' WHERE key LIKE %s",
            (f"together,{contest.id}:%",),
        )
        return contest.id

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_six_who_close_it_at_once_give_one_prize(self):
        def close(env):
            contest = env["club.contest"].browse(self.contest_id)
            contest.action_close()
            return contest.state

        results, _seconds = self.in_threads([close] * THREADS)
        self.assertEqual(results, ["done"] * THREADS)
        counts = self.in_transaction(
            lambda env: (
                len(env["club.contest"].browse(self.contest_id).place_ids),
                len(env["club.contest"].browse(self.contest_id).award_ids),
            )
        )
        self.assertEqual(counts, (4, 1))
        self.assertEqual(self.balances(*self.member_ids), [0, 0, 0, 100])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_of_closing_and_calling_off_at_once_only_one_happens(self):
        works = [
            lambda env: env["club.contest"].browse(self.contest_id).action_close(),
            lambda env: env["club.contest"].browse(self.contest_id).action_cancel(),
        ]
        before = self.balances(self.member_ids[-1])[0]
        results, _seconds = self.in_threads(works)
        self.assertEqual(sum(isinstance(result, Exception) for result in results), 1, results)
        state = self.in_transaction(lambda env: env["club.contest"].browse(self.contest_id).state)
        given = self.balances(self.member_ids[-1])[0] - before
        self.assertIn((state, given), [("done", 100), ("cancelled", 0)])
