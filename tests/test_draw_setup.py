"""Setting up a draw: what is frozen while it is open, what is refused, and who may what."""

from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.draw_common import SMALL, WORD, DrawCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import Error


@tagged("post_install", "-at_install")
class TestSettingUp(DrawCase):
    def test_cost_odds_stock_and_limits_are_frozen_while_open(self):
        for change in (
            lambda: self.draw.write({"points": 1}),
            lambda: self.draw.write({"limit_day": 1}),
            lambda: self.draw.write({"fallback_id": False}),
            lambda: self.big.write({"weight": 0}),
            lambda: self.big.write({"stock": 9}),
            lambda: self.big.unlink(),
            lambda: self.draw.write({"prize_ids": [Command.update(self.big.id, {"weight": 2})]}),
            lambda: self.env["club.draw.prize"].create({"draw_id": self.draw.id, "points": 1}),
            lambda: self.env["club.draw.prize"].with_context(default_draw_id=self.draw.id).create({"points": 1}),
        ):
            with self.assertRaisesRegex(UserError, "Pause it"), self.env.cr.savepoint():
                change()
        self.draw.name = "Another name"

    def test_a_change_needs_a_reason_which_members_read_with_the_day(self):
        self.draw.action_pause()
        self.big.weight = 2
        with self.assertRaisesRegex(UserError, "Write why"):
            self.draw.action_open()
        self.assertEqual(len(self.draw.version_ids), 1)
        self.draw.change_reason = "More luck for all"
        self.draw.action_open()
        version = self.draw.version_ids[0]
        self.assertEqual(
            (version.cause, version.reason, version.user_id), ("changed", "More luck for all", self.env.user)
        )
        self.assertFalse(self.draw.change_reason)
        self.assertIn("More luck for all", version._show_change())
        self.assertIn("18.18 %", version.odds_text)
        with self.assertRaises(UserError):
            version.write({"reason": "x"})
        with self.assertRaises(UserError):
            self.env["club.draw.version"].create({"draw_id": self.draw.id})

    def test_pausing_and_opening_without_a_change_makes_no_version(self):
        self.draw.action_pause()
        self.draw.action_open()
        self.assertEqual(len(self.draw.version_ids), 1)

    def test_states_follow_from_the_buttons_only(self):
        for vals in ({"state": "closed"}, {"opened_at": fields.Datetime.now()}):
            with self.assertRaises(UserError):
                self.draw.with_context(club_draw="ours").write(vals)
        forged = self.env["club.draw"].with_context(default_state="open").create({"name": "x", "state": "open"})
        self.assertEqual(forged.state, "draft")
        self.draw.action_close()
        for step in (self.draw.action_open, self.draw.action_pause, self.draw.action_close):
            with self.assertRaises(UserError):
                step()
        with self.assertRaisesRegex(UserError, "stays as it was"):
            self.draw.points = 1

    def test_a_draw_without_anything_to_win_or_with_impossible_weights_does_not_open(self):
        word = Command.create({"kind": "word", "word": "x"})
        for prizes in ([], [word], [Command.create({"points": 5, "weight": 0}), word]):
            draw = self.env["club.draw"].create({"club_id": self.club.id, "name": "Empty", "prize_ids": prizes})
            with self.subTest(prizes), self.assertRaisesRegex(UserError, "nothing to win"):
                draw.action_open()

    @mute_logger("odoo.sql_db")
    def test_impossible_numbers_are_refused(self):
        for vals in ({"weight": -1}, {"weight": 10**9 + 1}, {"stock": -1}):
            with self.subTest(vals), self.assertRaises(Error), self.env.cr.savepoint():
                self.env["club.draw"].create(
                    {"name": "x", "club_id": self.club.id, "prize_ids": [Command.create({"points": 5, **vals})]}
                )
                self.env.flush_all()
        for vals in ({"points": 0}, {"points": 0.5}, {"kind": "word", "word": " "}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.env["club.draw"].create(
                    {"name": "x", "club_id": self.club.id, "prize_ids": [Command.create(vals)]}
                )
        with self.assertRaises(ValidationError):
            self.env["club.draw"].create({"name": "x", "club_id": self.club.id, "points": 0.5})

    def test_zero_and_huge_weights_are_exact(self):
        draw = self.env["club.draw"].create(
            {
                "club_id": self.club.id,
                "name": "Extreme",
                "prize_ids": [
                    Command.create({"points": 7, "weight": 0}),
                    Command.create({"points": 1, "weight": 10**9}),
                    Command.create({"points": 2, "weight": 10**9}),
                    Command.create({"points": 9000, "weight": 1}),
                ],
            }
        )
        draw.action_open()
        self.assertEqual(self.play(2 * 10**9, draw=draw).prize_id.points, 9000)
        self.assertEqual(self.play(0, draw=draw).prize_id.points, 1)
        self.assertEqual(self.play(10**9, draw=draw).prize_id.points, 2)
        self.assertFalse(draw.prize_ids[0].odds)

    def test_the_manager_reads_the_expected_cost_and_is_warned(self):
        self.assertEqual(self.draw.expected_points, 6.5)
        self.assertEqual(self.draw.returned_points, 65)
        self.assertEqual(self.big.odds, "1 in 10 (10.00 %)")
        self.assertFalse(self.draw.warning)
        self.assertIn("50 Points (1 in 10), 5 Points (1 in 3.3)", self.draw.sentence)
        self.draw.action_pause()
        self.big.points = 500
        self.assertEqual(self.draw.expected_points, 51.5)
        self.assertIn("whoever plays often gets richer", self.draw.warning)
        self.draw.points = 0
        self.assertEqual(self.draw.returned_points, 0)
        self.club.program_id.reward_ids[:1].write(
            {"reward_type": "discount", "discount_mode": "per_point", "discount": 0.1}
        )
        self.env.invalidate_all()
        self.assertEqual(self.draw.expected_cost, 5.15)
        self.assertIn("no limit per member", self.draw.warning)

    def test_a_prize_that_was_played_for_stays_and_a_draw_that_was_seen_is_not_deleted(self):
        self.draw.action_pause()
        with self.assertRaises(UserError):
            self.big.unlink()
        with self.assertRaises(UserError):
            self.draw.unlink()
        copy = self.draw.copy()
        self.assertEqual((copy.state, len(copy.prize_ids), copy.version_ids.ids), ("draft", 3, []))
        copy.unlink()

    def test_a_fallback_never_runs_out_and_is_of_the_same_draw(self):
        copy = self.draw.copy()
        with self.assertRaises(ValidationError):
            copy.fallback_id = copy.prize_ids[0]
        with self.assertRaises(ValidationError):
            copy.fallback_id = self.word

    def test_each_role_does_what_it_may_and_another_companys_draws_are_not_seen(self):
        """abuse 15"""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.post(10, "start")
        play = self.play(WORD)
        chance = self.env["club.draw.chance"].create(
            {"draw_id": self.draw.id, "member_id": self.member.id, "reason": "x"}
        )
        records = [self.draw, self.big, self.draw.version_ids, play, chance]
        for login, groups in (
            ("draw_portal", "base.group_portal"),
            ("draw_employee", "base.group_user"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            for record in records:
                with self.subTest(login, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).read(["id"])
        staff = new_test_user(self.env, "draw_user", groups="customer_club.group_club_user")
        manager = new_test_user(self.env, "draw_boss", groups="customer_club.group_club_manager")
        for record in records:
            self.assertTrue(record.with_user(staff).read(["display_name"]))
            with self.assertRaises(AccessError):
                record.with_user(staff).check_access("write")
        for record in (play, self.draw.version_ids):
            for operation in ("write", "create", "unlink"):
                with self.assertRaises(AccessError):
                    record.with_user(manager).check_access(operation)
        for step in ("action_open", "action_pause", "action_close"):
            with self.assertRaises(AccessError):
                getattr(self.draw.with_user(staff), step)()
        self.draw.with_user(manager).action_pause()
        elsewhere = new_test_user(
            self.env,
            "draw_elsewhere",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for record in records:
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(elsewhere).read(["id"])

    def test_the_home_page_says_what_could_not_be_given(self):
        self.post(10, "start")
        play = self.play(SMALL, deliver=False)
        self.assertNotIn("draw_prizes", self.club._get_home_todos(self.club._get_home_figures())[self.club.id])
        with patch.object(
            self.env.registry["club.club"], "_get_late_plays_domain", lambda club: [("state", "=", "won")]
        ):
            self.assertIn("draw_prizes", self.club._get_home_todos(self.club._get_home_figures())[self.club.id])
            action = self.club.with_context(club_home="draw_prizes").action_open_home()
        self.assertEqual(self.env["club.draw.play"].search(action["domain"]), play)
