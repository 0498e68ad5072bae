"""The nightly job: resumable, stopped by nothing, and it writes only what changed."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from odoo.addons.customer_club.models.behaviour import club_club
from odoo.addons.customer_club.models.behaviour.behaviour_night import BehaviourNight
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.tests import tagged
from odoo.tools import mute_logger

from .behaviour_common import BehaviourCase


@tagged("post_install", "-at_install")
class TestTheNightlyJobIsResumable(BehaviourCase):
    def test_a_job_that_was_killed_goes_on_where_it_stopped(self):
        members = self.people(7) | self.member | self.member_2
        self.env["club.club"].search([("id", "!=", self.club.id)]).active = False
        for member in members:
            self.buy(member, date(2026, 5, 1))
        with patch.object(club_club, "BATCH", 4), self.jobs_in_test():
            progress = patch.object(
                self.env.registry["ir.cron"],
                "_commit_progress",
                lambda cron, processed=0, **rest: 0.0 if processed > 1 else float("inf"),
            )
            with progress:
                self.env["club.club"]._cron_refresh_behaviour()
            self.assertEqual(self.env["club.behaviour"].search_count([("club_id", "=", self.club.id)]), 4)
            self.env["club.club"]._cron_refresh_behaviour()
        self.assertEqual(self.env["club.behaviour"].search_count([("club_id", "=", self.club.id)]), 9)

    def test_a_second_run_of_the_same_day_finds_nothing_to_do(self):
        self.env["club.club"].search([("id", "!=", self.club.id)]).active = False
        with self.jobs_in_test():
            self.env["club.club"]._cron_refresh_behaviour()
            self.assertEqual(BehaviourNight(self.club.sudo()).find(10, ()), [])


@tagged("post_install", "-at_install")
class TestANightSurvivesWhatGoesWrong(CommittedClubCase):
    """With real commits and roll-backs, on facts that were committed."""

    def setUp(self):
        super().setUp()
        self.in_transaction(lambda env: self._club(env).write({"behaviour_done_on": False, "behaviour_done_to": 0}))

    def _club(self, env):
        return env["club.club"].browse(self.ids["club"])

    def buy(self, member_id, key, lines=None):
        values = {
            "member_id": member_id,
            "type": "purchase",
            "key": f"{self.id()}:{key}",
            "occurred_at": datetime(2030, 5, 1),
            "amount": 10,
            "processed_at": datetime(2030, 5, 1),
            "payload": {"lines": lines} if lines else None,
        }
        self.in_transaction(lambda env: env["club.event"]._record([values]))

    def night(self, seconds_left=None):
        """Run what is left of the club's night; with ``seconds_left`` the job is told so after each batch."""
        commit = self.registry["ir.cron"]._commit_progress

        def commit_progress(cron, processed=0, **rest):
            commit(cron, processed, **rest)
            return seconds_left(processed) if seconds_left else float("inf")

        with (
            freeze_time(datetime(2030, 6, 1, 12)),
            patch.object(self.registry["ir.cron"], "_commit_progress", commit_progress),
            self.registry.cursor() as cr,
        ):
            return self._club(self._env(cr))._work_off_behaviour()

    def figures(self):
        return self.in_transaction(
            lambda env: {
                row.member_id.id: row.order_count
                for row in env["club.behaviour"].search([("club_id", "=", self.ids["club"])])
            }
        )

    @mute_logger("odoo.addons.customer_club.models.ledger.club_job", "odoo.sql_db")
    def test_a_member_whose_facts_cannot_be_read_stops_nobody_and_keeps_the_row(self):
        self.night()
        bad = self.member_ids[1]
        for member in self.member_ids:
            self.buy(member, member, [[1, "no number", 1, "1", "10", "0", "0"]] if member == bad else None)
        self.in_transaction(lambda env: self._club(env).write({"behaviour_done_on": False}))
        before = self.figures()
        done, failed = self.night()
        self.assertEqual((done, failed), (len(self.member_ids) - 1, [bad]))
        after = self.figures()
        self.assertEqual(after[bad], before[bad])
        for member in set(self.member_ids) - {bad}:
            self.assertEqual(after[member], before[member] + 1)
        self.in_transaction(lambda env: self._forget(env, bad))

    def _forget(self, env, member_id):
        env.cr.execute("DELETE FROM club_event WHERE member_id = %s AND payload ? 'lines'", [member_id])

    def test_a_night_whose_time_is_up_goes_on_where_it_stopped_and_then_has_nothing_to_do(self):
        for member in self.member_ids:
            self.buy(member, member)
        with patch.object(club_club, "BATCH", 3):
            done, _failed = self.night(seconds_left=lambda processed: 0 if processed > 1 else 10)
            self.assertEqual(done, 3)
            self.assertEqual(self.night(), (len(self.member_ids) - 3, []))
            self.assertEqual(self.night(), (0, []))
        self.assertEqual(len(self.figures()), len(self.member_ids))

    def test_a_night_leaves_no_temporary_tables(self):
        count = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'"
        with freeze_time(datetime(2030, 6, 1, 12)), self.registry.cursor() as cr:
            self._club(self._env(cr))._work_off_behaviour()
            cr.execute(count)
            self.assertEqual(cr.fetchone(), (0,))

    def test_an_unchanged_row_is_not_written(self):
        """Nobody has bought, so the next day says the same of everybody."""
        self.night()
        versions = "SELECT member_id, xmin::text FROM club_behaviour WHERE club_id = %s ORDER BY member_id"
        with self.registry.cursor() as cr:
            cr.execute(versions, [self.ids["club"]])
            before = cr.fetchall()
        self.in_transaction(lambda env: self._club(env).write({"behaviour_done_on": False}))
        self.assertEqual(self.night(), (len(self.member_ids), []))
        with self.registry.cursor() as cr:
            cr.execute(versions, [self.ids["club"]])
            self.assertEqual(cr.fetchall(), before)
