"""What managers may do with a contest, and what nobody may."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_community_contest import ContestCase


@tagged("post_install", "-at_install")
class TestContestOfManagers(ContestCase):
    def test_an_open_contest_keeps_its_terms_but_not_its_words(self):
        self.contest.write({"name": "Renamed", "grace_days": 5, "description": "Come often"})
        for change in (
            {"date_to": date(2026, 7, 1)},
            {"measure": "days"},
            {"minimum": 5},
            {"ties": "shared"},
            {"type_ids": [Command.create({"event_type": "survey"})]},
        ):
            with self.subTest(change), self.assertRaisesRegex(UserError, "as it is"):
                self.contest.write(change)

    def test_it_goes_back_to_a_draft_only_while_nobody_takes_part(self):
        self.contest.action_reset()
        self.assertEqual(self.contest.state, "draft")
        self.contest.action_open()
        self.take_part(self.member)
        with self.assertRaises(UserError):
            self.contest.action_reset()

    def test_what_makes_no_sense_is_refused(self):
        empty = self.env["club.contest"].create({"name": "Empty", "club_id": self.club.id})
        with self.assertRaisesRegex(UserError, "counts nothing"):
            empty.action_open()
        for prize in ({"points": 0}, {"points": 0.4}, {"kind": "gift", "gift": " "}):
            with self.subTest(prize), self.assertRaises(ValidationError):
                empty.prize_ids = [Command.create(prize)]
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        rule = self.earn_rule("visit", 1, club_id=other.id)
        with self.assertRaisesRegex(ValidationError, "another club"):
            empty.rule_ids = rule

    def test_it_reads_as_a_sentence(self):
        contest = self.make_contest(("visit", "survey"), minimum=3, ties="shared")
        self.assertEqual(
            contest.sentence,
            "Who does this most often: Visited or Answered a survey, from 1 May 2026 to 31 May 2026, at least 3 times. "
            "Equals share a place.",
        )

    def test_a_copy_is_a_draft_with_the_same_terms_and_nobody_in_it(self):
        self.contest.prize_ids = [Command.create({"points": 10})]
        self.take_part()
        copy = self.contest.copy()
        self.assertEqual((copy.state, copy.type_ids.event_type, copy.prize_ids.points), ("draft", "visit", 10))
        self.assertFalse(copy.participant_ids)

    def test_the_home_page_says_what_is_to_close_and_to_hand_over(self):
        self.contest.prize_ids = [Command.create({"kind": "gift", "gift": "Rose"})]
        self.take_part()
        self.fact(self.member, (2, 12))
        todo = lambda: self.club._get_home_todos(self.club._get_home_figures())[self.club.id]  # noqa: E731
        self.assertNotIn("contests", todo())
        self.set_now(datetime(2026, 6, 1))
        self.assertIn("1", todo()["contests"])
        action = self.club.with_context(club_home="contests").action_open_home()
        self.assertEqual(self.env["club.contest"].search(action["domain"]), self.contest)
        self.close()
        self.assertNotIn("contests", todo())
        self.assertIn("1", todo()["contest_prizes"])
        action = self.club.with_context(club_home="contest_prizes").action_open_home()
        self.assertEqual(self.env["club.contest.award"].search(action["domain"]), self.contest.award_ids)

    def test_the_form_shows_who_leads_now(self):
        self.take_part()
        self.fact(self.member_2, (2, 12))
        self.assertEqual(self.contest.standing_ids.member_id, self.member_2)
        self.assertEqual((self.contest.standing_ids.rank, self.contest.standing_ids.measure), (1, 1))


@tagged("post_install", "-at_install")
class TestContestRights(ContestCase):
    """Every model of the room as each role, as another company's manager and as a customer."""

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_what(self):
        self.contest.prize_ids = [Command.create({"points": 10})]
        self.take_part()
        self.fact(self.member, (2, 12))
        self.close()
        company = self.env["res.company"].create({"name": "Other"})
        roles = {
            "user": new_test_user(self.env, "c_user", groups="customer_club.group_club_user"),
            "manager": new_test_user(self.env, "c_manager", groups="customer_club.group_club_manager"),
            "foreign": new_test_user(
                self.env,
                "c_foreign",
                groups="customer_club.group_club_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            ),
            "employee": new_test_user(self.env, "c_employee", groups="base.group_user"),
            "portal": new_test_user(self.env, "c_portal", groups="base.group_portal"),
        }
        records = (
            self.contest,
            self.contest.type_ids,
            self.contest.prize_ids,
            self.contest.participant_ids[0],
            self.contest.place_ids,
            self.contest.award_ids,
        )
        writers = {"club.contest", "club.contest.type", "club.contest.prize", "club.contest.participant"}
        for record in records:
            for role, user in roles.items():
                with self.subTest(model=record._name, role=role):
                    mine = record.with_user(user)
                    self.assertEqual(mine.has_access("read"), role in ("user", "manager"))
                    self.assertEqual(mine.has_access("write"), role == "manager" and record._name in writers)
                    self.assertFalse(role != "manager" and mine.has_access("create"))
        with self.assertRaises(AccessError):
            self.contest.with_user(roles["user"]).action_cancel()
        with self.assertRaises(AccessError):
            self.contest.with_user(roles["foreign"]).action_verify()
