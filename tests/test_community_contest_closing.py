"""Closing a contest: who wins what, once, and what never changes after."""

from datetime import date, datetime
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.community import club_contest_award
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import errors

from .test_community_contest import ContestCase


@tagged("post_install", "-at_install")
class TestClosing(ContestCase):
    def prepare(self, **values):
        self.contest.prize_ids = [
            Command.create({"place_from": 1, "place_to": 1, "kind": "points", "points": 100}),
            Command.create({"place_from": 1, "place_to": 2, "kind": "gift", "gift": "A bouquet"}),
        ]
        self.contest.write(values)
        self.take_part()
        for day in (2, 3):
            self.fact(self.member, (day, 12))
        self.fact(self.member_2, (4, 12))
        self.fact(self.member_3, (5, 12))

    def test_the_winner_gets_points_through_the_ledger_once(self):
        self.prepare()
        self.close()
        self.assertEarned(100, "contest")
        entry = self.member.entry_ids
        self.assertEqual((entry.kind, entry.rule_id.id, entry.origin_id), ("earn", False, self.contest.id))
        self.assertEqual(entry.event_id.payload, {"contest": self.contest.id, "place": 1})
        self.assertEqual(entry._get_portal_sentences()[0]["text"], "Contest Visits of May: +100 Points")
        self.contest.action_close()
        self.contest.action_give_prizes()
        self.contest._close()
        self.assertEarned(100, "contest")
        self.assertEarned(0, "contest", self.member_2)
        self.assertInvariantsHold()

    def test_a_rule_about_contests_adds_to_the_prize(self):
        self.earn_rule("contest", 5)
        self.prepare()
        self.close()
        self.assertEarned(105, "contest")
        self.assertEarned(5, "contest", self.member_2)

    def test_gifts_wait_for_somebody_to_hand_them_over_and_then_it_is_done(self):
        self.prepare()
        self.close()
        gifts = self.contest.award_ids.filtered(lambda award: award.kind == "gift")
        self.assertEqual((gifts.member_id, self.contest.state), (self.member | self.member_2, "closed"))
        user = new_test_user(self.env, "contest_user", groups="customer_club.group_club_user")
        gifts[0].with_user(user).action_hand_over()
        self.assertEqual((gifts[0].state, gifts[0].given_uid), ("given", user))
        with self.assertRaises(AccessError):
            gifts[1].with_user(user).action_lapse()
        gifts[1].action_lapse()
        gifts[1].action_hand_over()
        self.assertEqual((gifts[1].state, self.contest.state), ("lapsed", "done"))

    def test_points_may_wait_for_a_manager(self):
        self.prepare(auto_prizes=False)
        self.close()
        self.assertEarned(0, "contest")
        self.contest.action_give_prizes()
        self.assertEarned(100, "contest")

    def test_who_left_before_the_points_were_given_gets_none(self):
        self.prepare(auto_prizes=False)
        self.close()
        self.member._leave()
        self.contest.action_give_prizes()
        self.assertEqual(self.contest.award_ids.filtered(lambda award: award.kind == "points").state, "lapsed")
        self.assertEarned(0, "contest")

    def test_who_was_merged_gets_it_as_the_member_it_became(self):
        """never 13"""
        self.prepare(auto_prizes=False)
        self.close()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | self.partner_4).ids, self.partner_4)
        self.contest.action_give_prizes()
        self.assertEqual(self.member_4.points, 100)
        board = self.member_4._get_contest_board(self.contest)
        self.assertEqual((board["mine"]["rank"], len(board["awards"])), (1, 2))
        self.assertInvariantsHold()

    def test_who_shares_a_place_shares_its_prize_and_skipped_places_win_nothing(self):
        contest = self.make_contest(ties="shared")
        contest.prize_ids = [
            Command.create({"place_from": place, "place_to": place, "points": points})
            for place, points in ((1, 50), (2, 20), (3, 10))
        ]
        contest.action_open()
        self.take_part(contest=contest)
        for member in (self.member, self.member_2):
            self.fact(member, (2, 12))
            self.fact(member, (3, member.id % 20))
        self.fact(self.member_3, (4, 12))
        self.close(contest)
        self.assertEqual([self.members[number].points for number in range(4)], [50, 50, 10, 0])

    def test_late_facts_and_returns_count_until_it_is_closed_and_never_after(self):
        self.prepare()
        self.set_now(datetime(2026, 6, 2))
        late = self.fact(self.member_3, (30, 12)) | self.fact(self.member_3, (31, 12))
        self.assertEqual(self.places()[0], (1, self.member_3.id))
        self.close()
        before = self.places()
        late._revoke("Not there")
        self.fact(self.member_2, (6, 12)), self.fact(self.member_2, (7, 12)), self.fact(self.member_2, (8, 12))
        self.member_3._leave()
        self.club.tz = "Asia/Tehran"
        self.assertEqual(self.places(), before)
        self.assertEqual(self.contest.action_verify()["params"]["type"], "success")

    def test_the_job_closes_after_the_grace_days_in_the_clubs_time(self):
        self.prepare(grace_days=3)
        self.club.tz = "Asia/Tehran"
        for moment, state in ((datetime(2026, 6, 3, 20, 29), "open"), (datetime(2026, 6, 3, 20, 30), "closed")):
            self.set_now(moment)
            self.env.flush_all()
            with self.jobs_in_test():
                self.env["club.contest"]._cron_close()
            self.env.invalidate_all()
            self.assertEqual(self.contest.state, state)
        self.assertEarned(100, "contest")
        with self.jobs_in_test():
            self.assertEqual(self.env["club.contest"]._cron_close(), 0, "nothing is left to do")

    def test_nothing_is_frozen_if_the_prizes_cannot_be_given(self):
        """abuse 22: whoever fails in between leaves an open contest, not half a result."""
        self.prepare()
        self.set_now(datetime(2026, 6, 10))
        self.env.flush_all()
        Award = self.env.registry["club.contest.award"]
        with (
            patch.object(Award, "_give_points", side_effect=UserError("no")),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.contest.action_close()
        self.env.invalidate_all()
        self.assertEqual((self.contest.state, len(self.contest.place_ids)), ("open", 0))

    def test_it_is_not_closed_before_its_last_day_is_over(self):
        self.prepare()
        with self.assertRaisesRegex(UserError, "runs until"):
            self.contest.action_close()
        self.set_now(datetime(2026, 5, 31, 23, 59))
        with self.assertRaises(UserError):
            self.contest.action_close()

    def test_a_contest_without_participants_closes_too(self):
        self.close()
        self.assertEqual((self.contest.state, len(self.contest.place_ids)), ("done", 0))
        self.assertEqual(self.contest.action_verify()["params"]["type"], "success")

    def test_a_cancelled_contest_gives_nothing_and_stays_cancelled(self):
        self.prepare()
        self.contest.action_cancel()
        self.set_now(datetime(2026, 6, 10))
        for action in ("action_close", "action_open", "action_give_prizes", "action_verify"):
            with self.subTest(action), self.assertRaises(UserError):
                getattr(self.contest, action)()
        self.assertEqual(self.places(), [])
        self.assertEarned(0, "contest")


@tagged("post_install", "-at_install")
class TestClosedNeverChanges(ContestCase):
    def setUp(self):
        super().setUp()
        self.contest.prize_ids = [Command.create({"points": 10}), Command.create({"kind": "gift", "gift": "Rose"})]
        self.take_part()
        self.fact(self.member, (2, 12))
        self.close()
        self.env.flush_all()

    def test_the_orm_refuses_every_change(self):
        contest, place, award = self.contest, self.contest.place_ids, self.contest.award_ids[0]
        attempts = {
            "name": lambda: contest.write({"name": "x"}),
            "period": lambda: contest.write({"date_to": date(2027, 1, 1)}),
            "state": lambda: contest.write({"state": "open"}),
            "digest": lambda: contest.write({"digest": "x"}),
            "prizes": lambda: contest.write({"prize_ids": [Command.create({"points": 5})]}),
            "a prize": lambda: contest.prize_ids[0].write({"points": 99}),
            "less prizes": lambda: contest.prize_ids.unlink(),
            "types": lambda: contest.type_ids.write({"event_type": "survey"}),
            "exclusion": lambda: contest.participant_ids[0].write({"excluded": True}),
            "place": lambda: place.write({"rank": 2}),
            "places": lambda: place.unlink(),
            "another place": lambda: place.create({"contest_id": contest.id}),
            "award": lambda: award.write({"points": 99}),
            "awards": lambda: award.unlink(),
            "another award": lambda: award.create({"contest_id": contest.id}),
            "deletion": lambda: contest.unlink(),
            "cancel": lambda: contest.action_cancel(),
            "reset": lambda: contest.action_reset(),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()

    def test_a_context_cannot_forge_what_only_the_buttons_do(self):
        """abuse 5: what we compare with is an object that no RPC can send."""
        for forged in (True, "OURS", {}, repr(club_contest_award.OURS)):
            with self.subTest(forged), self.assertRaises(UserError):
                self.contest.with_context(club_contest=forged).write({"state": "open"})
            with self.subTest(forged), self.assertRaises(UserError):
                self.contest.award_ids.with_context(club_award=forged).write({"state": "to_give"})
        draft = (
            self.env["club.contest"]
            .with_context(default_state="open", default_digest="x")
            .create({"name": "Forged", "club_id": self.club.id, "state": "closed", "digest": "y"})
        )
        self.assertEqual((draft.state, draft.digest), ("draft", False))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_it_too(self):
        """Design rule 2, for results: plain SQL is refused as well."""
        for statement in (
            "UPDATE club_contest SET date_to = '2027-01-01' WHERE id = %s",
            "UPDATE club_contest SET state = 'open' WHERE id = %s",
            "UPDATE club_contest SET digest = 'x' WHERE id = %s",
            "DELETE FROM club_contest WHERE id = %s",
            "UPDATE club_contest_place SET rank = 2 WHERE contest_id = %s",
            "DELETE FROM club_contest_place WHERE contest_id = %s",
        ):
            with self.subTest(statement), self.assertRaises(errors.RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(statement, (self.contest.id,))

    def test_archiving_is_no_change(self):
        self.contest.active = False
        self.env.flush_all()
        self.assertFalse(self.contest.active)

    def test_verifying_finds_what_a_database_owner_changed(self):
        self.env.cr.execute("ALTER TABLE club_contest_place DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE club_contest_place SET member_id = %s WHERE contest_id = %s", (self.member_2.id, self.contest.id)
        )
        self.env.cr.execute("ALTER TABLE club_contest_place ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(self.contest.action_verify()["params"]["type"], "danger")
