"""Playing a draw: what it takes, what it brings, and what stands in the way."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.draw import chance_source
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.draw_common import BIG, SMALL, WORD, DrawCase, draw_values, numbers, seeded
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import Error


class PlayingCase(DrawCase):
    def setUp(self):
        super().setUp()
        self.post(100, "start")

    def assertRefused(self, words, member=None, draw=None, terms=None):
        before = (self.member.points, self.env["club.draw.play"].search_count([]))
        with numbers(), self.assertRaisesRegex(UserError, words):
            (draw or self.draw)._play(member or self.member, "refused", terms)
        self.env.invalidate_all()
        self.assertEqual((self.member.points, self.env["club.draw.play"].search_count([])), before)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPlaying(PlayingCase):
    # -- success -------------------------------------------------------------------------------------

    def test_a_win_of_points_costs_the_play_and_brings_the_prize(self):
        play = self.play(BIG)
        self.assertEqual((play.prize_id, play.state, play.points, play.roll), (self.big, "done", 10, "0"))
        self.assertEqual(self.member.points, 100 - 10 + 50)
        self.assertTrue(play.satisfied_at and play.given_at)
        texts = [row["text"] for row in self.member._get_history()[0]]
        self.assertIn("Draw Wheel of Roses: +50 Points", texts)
        self.assertIn("Draw Wheel of Roses, spent: −10 Points", texts)
        self.assertInvariantsHold()

    def test_a_kind_word_costs_the_play_and_is_done_at_once(self):
        play = self.play(WORD, deliver=False)
        self.assertEqual((play.prize_id, play.state, play.unit_cost), (self.word, "done", 0))
        self.assertEqual(self.member.points, 90)
        self.assertEqual(play._get_result_values()["result"], "Better luck next time")
        self.assertInvariantsHold()

    def test_what_was_won_is_given_once_however_often_it_is_tried(self):
        play = self.play(SMALL)
        play._deliver()
        with self.jobs_in_test():
            self.env["club.draw.play"]._cron_deliver()
        self.assertEqual(self.member.points, 95)
        self.assertInvariantsHold()

    def test_a_win_is_a_fact_that_a_rule_may_reward(self):
        self.earn_rule("draw", 3)
        self.play(SMALL)
        self.play(WORD)
        self.assertEarned(5 + 3, "draw")

    def test_the_cost_of_what_was_won_is_recorded_as_it_was_known(self):
        self.club.program_id.reward_ids[:1].write(
            {"reward_type": "discount", "discount_mode": "per_point", "discount": 0.1}
        )
        play = self.play(SMALL)
        self.assertEqual(play.unit_cost, 0.5)

    # -- not enough, not now, not for you ------------------------------------------------------------

    def test_without_enough_points_nothing_happens(self):
        """never 21: neither a charge nor a choice."""
        self.post(-95, "gone")
        with numbers() as left, self.assertRaises(NotEnoughPoints):
            self.draw._play(self.member, "k")
        self.assertFalse(left)
        self.assertFalse(self.env["club.draw.play"].search([("draw_id", "=", self.draw.id)]))
        self.assertEqual(self.member.points, 5)
        self.assertInvariantsHold()

    def test_a_draft_a_paused_and_a_closed_draw_are_not_played(self):
        draft = self.env["club.draw"].create(draw_values(self.club.id))
        self.assertRefused("is not open", draw=draft)
        self.draw.action_pause()
        self.assertRefused("has a break")
        self.draw.action_close()
        self.assertRefused("is not open")

    def test_before_the_first_and_after_the_last_day_nobody_plays(self):
        today = self.club._get_today()
        self.draw.date_from = today + timedelta(days=1)
        self.assertRefused("begins on")
        self.draw.write({"date_from": False, "date_to": today - timedelta(days=1)})
        self.assertRefused("has ended")
        with self.jobs_in_test():
            self.env["club.draw.play"]._cron_deliver()
        self.assertEqual(self.draw.state, "closed")

    def test_a_draw_for_a_tier_or_a_group_is_for_them_only(self):
        """never 17"""
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1000})
        self.draw.audience_from_tier_id = tier
        self.assertRefused("from the tier Gold")
        self.draw.audience_from_tier_id = False
        self.draw.audience_group_ids = [Command.create({"name": "Florists"})]
        self.assertRefused("not meant for your membership")
        self.partner.category_id = self.draw.audience_group_ids
        self.play(WORD)

    def test_limits_per_day_week_month_and_member_hold(self):
        for name, words in (
            ("limit_day", "today"),
            ("limit_week", "this week"),
            ("limit_month", "this month"),
            ("limit_member", "2 times"),
        ):
            with self.subTest(name):
                draw = self.env["club.draw"].create(draw_values(self.club.id, **{name: 2}))
                draw.action_open()
                self.play(WORD, draw=draw, key=f"{name} 1")
                self.play(WORD, draw=draw, key=f"{name} 2")
                self.assertRefused(words, draw=draw)
                self.post(10, f"{name} ben", member=self.member_2)
                self.play(WORD, draw=draw, member=self.member_2, key=f"{name} ben")

    def test_the_limit_of_all_plays_holds(self):
        draw = self.env["club.draw"].create(draw_values(self.club.id, limit_total=1, points=0))
        draw.action_open()
        self.play(WORD, draw=draw, member=self.member_2)
        self.assertRefused("used up", draw=draw)

    def test_who_left_or_is_of_another_club_does_not_play(self):
        """never 14: another company's card."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = (
            self.env["club.club"]
            .with_company(company)
            .create({"name": "Other Club", "tz": "UTC", "company_id": company.id})
        )
        stranger = other._enrol(self.partner)
        self.assertRefused("not offered in this club", member=stranger)
        self.member._leave()
        self.env.flush_all()
        with numbers(), self.assertRaisesRegex(UserError, "no active member"):
            self.draw._play(self.member, "left")
        self.assertInvariantsHold()

    # -- once ----------------------------------------------------------------------------------------

    def test_the_same_click_plays_once(self):
        """abuse 1: a replayed request."""
        first = self.play(SMALL, key="click")
        with numbers():
            self.assertEqual(self.draw._play(self.member, "click"), first)
        self.assertEqual(self.member.points, 95)
        other = self.env["club.draw"].create(draw_values(self.club.id))
        other.action_open()
        self.assertRefusedKey(other)

    def assertRefusedKey(self, draw):
        with numbers(), self.assertRaisesRegex(UserError, "belongs to Wheel of Roses"):
            draw._play(self.member, "click")

    # -- stock ---------------------------------------------------------------------------------------

    def test_what_is_out_leaves_its_chance_to_the_fallback(self):
        self.post(100, "more")
        self.play(BIG)
        self.play(BIG)
        third = self.play(BIG + 1)  # the weights are now 3 and 7
        self.assertEqual(third.prize_id, self.small)
        self.assertEqual(self.play(3).prize_id, self.word)
        self.assertEqual(dict(self.draw._get_chances()), {self.small.id: 3, self.word.id: 7})
        self.assertEqual(self.draw.version_ids.mapped("cause"), ["stock", "opened"])
        self.assertEqual(third.version_id, self.draw.version_ids[0])
        self.assertInvariantsHold()

    def test_without_a_fallback_what_is_out_is_nothing(self):
        self.draw.action_pause()
        self.draw.write({"fallback_id": False, "change_reason": "Simpler"})
        self.big.stock = 1
        self.draw.action_open()
        self.play(BIG)
        play = self.play(9)
        self.assertFalse(play.prize_id)
        self.assertEqual((play.state, play._show_result()), ("done", "Nothing this time"))
        self.assertEqual(self.draw._get_odds_rows()[-1]["name"], "Nothing")

    def test_what_changed_between_looking_and_clicking_is_told_and_costs_nothing(self):
        """The last big prize goes to Ben while Anna looks at the page."""
        self.play(BIG)
        terms = self.draw._get_terms_digest()
        self.post(10, "ben", member=self.member_2)
        self.play(BIG, member=self.member_2, key="ben")
        self.assertRefused("has changed since you looked", terms=terms)
        self.play(WORD)
        with numbers(WORD):
            self.assertTrue(self.draw._play(self.member, "fresh", self.draw._get_terms_digest()))

    # -- nothing fails after the choice --------------------------------------------------------------

    def test_an_error_while_giving_keeps_the_outcome_and_the_charge(self):
        """abuse 22: an error after the choice would be a free second try."""
        play = self.play(SMALL, deliver=False)
        Play = self.env.registry["club.draw.play"]
        with (
            patch.object(Play, "_give", side_effect=RuntimeError("out of order")),
            mute_logger("odoo.addons.customer_club.models.ledger.club_job"),
            self.assertRaises(RuntimeError),
            self.env.cr.savepoint(),
        ):
            play._deliver()
        self.env.invalidate_all()
        self.assertEqual((play.state, play.prize_id, self.member.points), ("won", self.small, 90))
        self.assertIn("within minutes", play._get_result_values()["following"])
        with self.jobs_in_test():
            self.env["club.draw.play"]._cron_deliver()
        self.env.invalidate_all()
        self.assertEqual((play.state, play.prize_id, self.member.points), ("done", self.small, 95))
        self.assertInvariantsHold()

    def test_everything_that_can_fail_has_happened_before_the_number_is_drawn(self):
        """abuse 22: when it is drawn, the charge is posted, and the database has seen all that was written."""
        seen = {}

        def look(count):
            self.env.cr.execute("SELECT points FROM loyalty_card WHERE id = %s", [self.member.card_id.id])
            seen["points"] = self.env.cr.fetchone()[0]
            seen["count"] = count
            return WORD

        with patch.object(chance_source, "random_below", look):
            self.draw._play(self.member, "k")
        self.assertEqual(seen, {"points": 90, "count": 10})

    def test_after_the_number_only_the_play_is_written(self):
        """abuse 22: one statement, on a row that nobody else knows of."""
        statements = []
        execute = type(self.env.cr).execute

        def draw(count):
            patcher = patch.object(
                type(self.env.cr),
                "execute",
                lambda cr, query, *args, **kwargs: statements.append(str(query)) or execute(cr, query, *args, **kwargs),
            )
            patcher.start()
            self.addCleanup(patcher.stop)
            return SMALL

        with patch.object(chance_source, "random_below", draw):
            self.draw._play(self.member, "k")
            self.env.flush_all()
            found = list(statements)
        changing = [text for text in found if not text.lstrip().upper().startswith("SELECT")]
        self.assertTrue(changing)
        self.assertTrue(all("club_draw_play" in text for text in changing), changing)

    # -- what was decided stays ----------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_a_result_is_neither_changed_nor_deleted_nor_typed_in(self):
        play = self.play(WORD)
        for vals in ({"prize_id": self.big.id}, {"state": "won"}, {"points": 0}, {"roll": "0"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                play.write(vals)
        with self.assertRaises(UserError):
            play.unlink()
        for statement in ("UPDATE club_draw_play SET prize_id = %s", "DELETE FROM club_draw_play WHERE prize_id <> %s"):
            with self.subTest(statement), self.assertRaises(Error), self.env.cr.savepoint():
                self.env.cr.execute(statement, [self.big.id])
        forged = self.env["club.draw.play"].create(
            {"draw_id": self.draw.id, "member_id": self.member.id, "key": "x", "prize_id": self.big.id, "state": "won"}
        )
        self.assertEqual((forged.state, forged.prize_id.id), ("playing", False))
        forged._deliver()
        self.assertEqual(self.member.points, 90)

    def test_neither_a_context_nor_a_default_reaches_the_choice(self):
        """abuse 5"""
        forged = self.draw.with_context(
            default_prize_id=self.big.id, default_state="won", number=0, random_below=0, club_draw=True
        )
        with numbers(WORD):
            play = forged._play(self.member, "k")
        self.assertEqual((play.prize_id, play.state), (self.word, "done"))

    # -- taking back ---------------------------------------------------------------------------------

    def test_staff_take_a_play_back_with_its_points_and_its_prize(self):
        """The points go back to the lot they came from, and the prize can be won again."""
        play = self.play(BIG)
        lot = self.member.entry_ids.filtered(lambda entry: entry.key == "start")
        manager = new_test_user(self.env, "draw_manager", groups="customer_club.group_club_manager")
        wizard = (
            self.env["club.draw.void"]
            .with_user(manager)
            .create({"play_ids": [Command.set(play.ids)], "reason": "Machine fault"})
        )
        wizard.action_void()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((play.state, play.points, play.void_uid), ("void", 0, manager))
        self.assertEqual(self.member.points, 100)
        self.assertEqual(self.env["club.point.lot"].search([("entry_id", "=", lot.id)]).remaining, 100)
        self.assertEqual(self.big._get_left(), 2)
        self.assertIn("Machine fault", play._get_result_values()["following"])
        with self.assertRaisesRegex(UserError, "taken back before"):
            play._void("Again")
        self.assertInvariantsHold()

    def test_a_play_taken_back_before_its_prize_was_given_gives_nothing(self):
        play = self.play(SMALL, deliver=False)
        play._void("Machine fault")
        play._deliver()
        self.env.flush_all()
        self.assertEqual((play.state, self.member.points), ("void", 100))
        self.assertInvariantsHold()

    def test_taking_back_asks_for_a_reason_and_for_a_manager(self):
        play = self.play(WORD)
        with self.assertRaisesRegex(UserError, "Write why"):
            play._void("  ")
        staff = new_test_user(self.env, "draw_staff", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            play.with_user(staff).action_void()

    def test_nobody_takes_the_own_play_back_or_gives_oneself_more(self):
        """never 23"""
        boss = new_test_user(
            self.env, "draw_player", groups="customer_club.group_club_manager", partner_id=self.partner.id
        )
        play = self.play(WORD)
        chance = self.env["club.draw.chance"].create(
            {"draw_id": self.draw.id, "member_id": self.member.id, "reason": "x"}
        )
        with self.assertRaisesRegex(UserError, "own play"):
            play.with_user(boss)._void("I want another number")
        with self.assertRaisesRegex(UserError, "yourself"):
            chance.with_user(boss).number = 100

    def test_terms_that_were_changed_past_the_buttons_are_not_played(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE club_draw_prize SET weight = 0 WHERE id = %s", [self.word.id])
        self.env.invalidate_all()
        self.assertRefused("was changed and not opened since")

    # -- leaving, merging, being forgotten -----------------------------------------------------------

    def test_what_was_won_lapses_when_the_member_has_left(self):
        play = self.play(SMALL, deliver=False)
        self.member._leave()
        play._deliver()
        self.assertEqual(play.state, "lapsed")
        self.assertInvariantsHold()

    def test_merged_members_keep_their_plays_limits_and_free_plays(self):
        """never 13"""
        draw = self.env["club.draw"].create(draw_values(self.club.id, limit_member=2))
        draw.action_open()
        self.post(100, "ben", member=self.member_2)
        won = self.play(SMALL, draw=draw, member=self.member_2, deliver=False)
        self.env["club.draw.chance"].create({"draw_id": draw.id, "member_id": self.member_2.id, "reason": "x"})
        self.member_2._absorb_into(self.member)
        self.env.flush_all()
        before = self.member.points
        won._deliver()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, before + 5)
        self.assertEqual(self.member._find_plays(draw)[0], won)
        self.assertTrue(self.play(WORD, draw=draw, key="free").chance_id)
        self.play(WORD, draw=draw, key="paid")
        self.assertRefused("2 times", draw=draw)
        won._void("Machine fault")
        self.env.flush_all()
        self.assertInvariantsHold()

    def test_a_forgotten_member_leaves_the_figures_and_takes_the_data_along(self):
        self.play(SMALL)
        data = self.member._get_personal_data()["draws"]
        self.assertEqual([(row["draw"], row["result"]) for row in data], [("Wheel of Roses", "5 Points")])
        self.member._erase_one("asked")
        self.env.flush_all()
        self.assertEqual(self.draw.play_count, 1)
        self.assertInvariantsHold()

    # -- the long run --------------------------------------------------------------------------------

    def test_six_hundred_plays_agree_with_the_odds_and_every_point_is_accounted_for(self):
        """Exact over the long run: chi-square at a significance fixed beforehand, with a seeded source."""
        self.draw.action_pause()
        self.big.stock = 0
        self.draw.change_reason = "No limit"
        self.draw.action_open()
        self.post(10_000, "rich")
        with seeded(42):
            plays = [self.draw._play(self.member, f"long {number}") for number in range(600)]
        self.env["club.draw.play"].union(*plays)._deliver()
        self.env.flush_all()
        self.env.invalidate_all()
        count, statistic, freedom = self.draw._test_fairness()
        self.assertEqual((count, freedom), (600, 2))
        self.assertIn("agree with the odds", self.draw._say_fairness(count, statistic, freedom))
        won = sum(play.prize_id.points for play in plays if play.prize_id.kind == "points")
        self.assertEqual(self.member.points, 100 + 10_000 - 6000 + won)
        self.assertEqual((self.draw.points_taken, self.draw.points_won), (6000, won))
        self.assertAlmostEqual(sum(self.draw.result_ids.mapped("expected_count")), 600)
        self.assertInvariantsHold()

    def test_a_crooked_source_is_told_to_the_manager(self):
        self.draw.action_pause()
        self.draw.write({"points": 0, "change_reason": "A gift"})
        self.draw.action_open()
        with patch.object(chance_source, "random_below", lambda count: SMALL):
            for number in range(60):
                self.draw._play(self.member_2, f"crooked {number}")
        self.assertIn("do not agree with the odds", self.draw.fairness)
