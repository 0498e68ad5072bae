"""Draws as a member's browser sees them: what is told before playing, what a click does, and who sees what."""

import re
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.draw import chance_source
from odoo.addons.customer_club.tests.draw_common import BIG, SMALL, WORD, draw_values, numbers
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestDrawPages(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw = cls.env["club.draw"].create(draw_values(cls.club.id, description="Turn it"))
        cls.big, cls.small, cls.word = cls.draw.prize_ids
        cls.draw.fallback_id = cls.word
        cls.draw.action_open()
        cls.page = f"/my/club/{cls.member.id}/draws/{cls.draw.id}"
        cls.post(100, "start")

    def look(self, page=None):
        """The fields of the form that plays."""
        text = self.get(page or self.page).text
        return {name: re.search(rf'name="{name}" value="([^"]*)"', text).group(1) for name in ("key", "terms")}

    def play(self, number, fields=None, status=200):
        fields = fields or self.look()
        with numbers(number):
            return self.submit(f"{self.page}/play", status=status, **fields)

    # -- before playing ------------------------------------------------------------------------------

    def test_the_page_says_what_a_play_takes_what_is_left_and_how_likely_each_prize_is(self):
        page = self.get(self.page).text
        self.assertRegex(page, r"A play takes <strong>10 Points</strong>, and you keep <strong>90 Points</strong>")
        self.assertRegex(page, r"(?s)50 Points</bdi>.*?1 in 10.*?10\.00 %.*?5 Points.*?1 in 3\.3.*?30\.00 %")
        self.assertIn("Turn it", page)
        self.assertNotIn(">Left<", page)
        self.assertIn("You have not played yet", page)
        self.draw.show_left = True
        self.assertRegex(self.get(self.page).text, r"(?s)>Left<.*<td>2</td>")

    def test_the_overview_leads_to_the_draws_and_the_rewards_name_them(self):
        overview = self.get("/my/club").text
        self.assertIn(f"{self.url()}/draws", overview)
        self.assertIn("Wheel of Roses", self.get(self.url("/rewards")).text)
        self.assertIn("Wheel of Roses", self.get(self.url("/draws")).text)
        chance = self.env["club.draw.chance"].create(
            {"draw_id": self.draw.id, "member_id": self.member.id, "number": 3, "reason": "x"}
        )
        self.assertIn("You have 3 free plays of Wheel of Roses", self.get("/my/club").text)
        self.assertIn("Free plays: 3", self.get(self.url("/draws")).text)
        self.assertIn("this one takes no points", self.get(self.page).text)
        chance.number = 0
        self.draw.action_close()
        self.assertIn("There is no draw at the moment", self.get(self.url("/draws")).text)

    def test_without_enough_points_the_page_says_how_many_are_missing(self):
        self.post(-95, "gone")
        page = self.get(self.page).text
        self.assertRegex(page, r"You need <strong>5 Points</strong> more")
        self.assertNotIn('name="key"', page)

    def test_what_changed_is_told_with_its_day_and_reason(self):
        self.draw.action_pause()
        self.assertIn("has a break", self.get(self.page).text)
        self.big.weight = 2
        self.draw.change_reason = "More <b>luck</b>"
        self.draw.action_open()
        page = self.get(self.page).text
        self.assertIn("The odds changed", page)
        self.assertIn("More &lt;b&gt;luck&lt;/b&gt;", page)

    # -- playing -------------------------------------------------------------------------------------

    def test_a_win_is_decided_given_and_shown_the_same_however_often_the_page_is_loaded(self):
        answer = self.play(BIG)
        play = self.env["club.draw.play"].search([("draw_id", "=", self.draw.id)])
        self.assertEqual((play.prize_id, play.state, len(answer.history)), (self.big, "done", 2))
        self.assertEqual([step.status_code for step in answer.history], [307, 303])
        self.assertTrue(answer.url.endswith(f"/plays/{play.id}"))
        self.assertIn("You have won: <bdi>50 Points</bdi>", answer.text)
        self.assertIn("o_club_draw_fresh", answer.text, "the first time it moves")
        self.assertIn("You can spend 140 Points", answer.text)
        again = self.get(f"{self.page}/plays/{play.id}")
        self.assertIn("You have won: <bdi>50 Points</bdi>", again.text)
        self.assertNotIn("o_club_draw_fresh", again.text, "later it stands still")
        self.assertEqual(again.headers["Cache-Control"], "no-store")
        self.assertEqual(len(self.draw.play_ids), 1)
        self.assertIn("50 Points", self.get(self.page).text)
        self.assertInvariantsHold()

    def test_the_wheel_stops_where_the_result_is(self):
        self.play(SMALL)
        play = self.draw.play_ids
        wheel = self.draw._get_wheel(play.version_id, play.prize_id.id)
        self.assertEqual(len(wheel["segments"]), 3)
        turned = (36 + 108 / 2 + wheel["stop"]) % 360  # the middle of 3 in 10, after 1 in 10
        self.assertAlmostEqual(min(turned, 360 - turned), 0, places=1)
        self.assertIn(f"--club-stop: {wheel['stop']}deg", self.get(f"{self.page}/plays/{play.id}").text)

    def test_every_kind_of_picture_says_the_result_in_words(self):
        for kind in ("wheel", "scratch", "box"):
            self.draw.kind = kind
            answer = self.play(WORD)
            self.assertIn(f"o_club_draw_{kind}", answer.text)
            self.assertRegex(answer.text, r'(?s)aria-live="polite".*Better luck next time')

    def test_the_same_form_twice_plays_once(self):
        """abuse 1 and 24: a replayed request."""
        fields = self.look()
        first = self.play(SMALL, fields)
        with numbers():
            second = self.submit(f"{self.page}/play", **fields)
        self.assertEqual(first.url, second.url)
        self.assertEqual(len(self.draw.play_ids), 1)
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 95)

    def test_the_last_prize_gone_between_view_and_click_takes_nothing(self):
        fields = self.look()
        for number in range(2):
            with numbers(BIG):
                self.draw._play(self.member, f"other {number}")
        before = self.member.points
        with numbers():
            page = self.submit(f"{self.page}/play", **fields).text
        self.assertIn("has changed since you looked", page)
        self.env.invalidate_all()
        self.assertEqual(self.member.points, before)
        self.assertInvariantsHold()

    def test_a_form_without_its_name_or_with_a_false_one_plays_nothing(self):
        self.look()
        with numbers():
            for fields in ({}, {"key": "k"}, {"key": "k" * 65}, {"key": "k", "terms": "x" * 10_000}):
                with self.subTest(fields):
                    page = self.submit(f"{self.page}/play", **fields).text
                    self.assertIn("alert-danger", page)
        self.assertFalse(self.draw.play_ids)

    def test_reading_changes_nothing_and_a_form_needs_its_token(self):
        """abuse 19"""
        fields = self.look()
        with numbers():
            self.assertIn(self.url_open(f"{self.page}/play").status_code, (404, 405))
            self.assertEqual(self.url_open(f"{self.page}/play", data=fields).status_code, 400)
        self.assertFalse(self.draw.play_ids)
        self.assertEqual(len(self.draw.version_ids), 1)

    def test_who_plays_twice_at_once_is_told_to_wait(self):
        """abuse 24: one spend in flight per member."""
        fields = self.look()
        with numbers(), patch.object(self.env.registry["club.member"], "_lock_spending", lambda member: False):
            answer = self.submit(f"{self.page}/play", status=429, **fields)
        self.assertEqual(answer.headers["Retry-After"], "2")
        self.assertFalse(self.draw.play_ids)

    @mute_logger("odoo.addons.customer_club.controllers.draw")
    def test_an_error_while_giving_shows_the_result_and_a_button_to_try_again(self):
        """abuse 22"""
        with patch.object(self.env.registry["club.draw.play"], "_give", side_effect=RuntimeError("out of order")):
            answer = self.play(SMALL)
        play = self.draw.play_ids
        self.assertEqual((play.state, play.prize_id), ("won", self.small))
        self.assertIn("You have won: <bdi>5 Points</bdi>", answer.text)
        self.assertIn("within minutes", answer.text)
        answer = self.submit(f"{self.page}/plays/{play.id}/collect")
        self.assertIn("on your account already", answer.text)
        self.env.invalidate_all()
        self.assertEqual((play.state, self.member.points), ("done", 95))
        self.assertInvariantsHold()

    # -- who sees what -------------------------------------------------------------------------------

    def test_another_member_sees_and_plays_nothing_of_it(self):
        self.play(SMALL)
        play = self.draw.play_ids
        fields = self.look()
        self.authenticate("club_ben", "club_ben")
        for path in (self.page, f"{self.page}/plays/{play.id}", self.url("/draws"), f"{self.page}/image"):
            with self.subTest(path):
                self.assertEqual(self.url_open(path).status_code, 404)
        own = self.url(f"/draws/{self.draw.id}", self.member_2)
        self.assertEqual(self.url_open(own).status_code, 200)
        self.assertEqual(self.url_open(f"{own}/plays/{play.id}").status_code, 404)
        token = Request.csrf_token(self)
        with numbers():
            for path in (f"{self.page}/play", f"{own}/plays/{play.id}/collect"):
                answer = self.url_open(path, data={"csrf_token": token, **fields})
                self.assertEqual(answer.status_code, 404, path)
        self.assertEqual(self.draw.play_ids, play)

    def test_drafts_other_clubs_and_closed_draws_are_not_there(self):
        draft = self.env["club.draw"].create(draw_values(self.club.id, name="Secret Draft"))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other_club = self.env["club.club"].create({"name": "Other", "tz": "UTC", "company_id": company.id})
        other = self.env["club.draw"].create(draw_values(other_club.id, name="Other Draw"))
        other.action_open()
        closed = self.env["club.draw"].create(draw_values(self.club.id, name="Old Draw"))
        closed.action_open()
        closed.action_close()
        for draw in (draft, other, closed):
            self.get(self.url(f"/draws/{draw.id}"), status=404)
        self.get(self.url("/draws/999999999"), status=404)
        page = self.get(self.url("/draws")).text
        for name in ("Secret Draft", "Other Draw", "Old Draw"):
            self.assertNotIn(name, page)

    def test_a_draw_of_a_higher_tier_is_told_but_not_played(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1000})
        self.draw.audience_from_tier_id = tier
        self.assertIn("from the tier Gold", self.get(self.url("/draws")).text)
        page = self.get(self.page).text
        self.assertIn("from the tier Gold", page)
        self.assertNotIn('name="key"', page)
        with numbers():
            self.assertIn("from the tier Gold", self.submit(f"{self.page}/play", key="k", terms="t").text)
        self.assertNotIn("Wheel of Roses", self.get(self.url("/rewards")).text)

    def test_nothing_that_people_typed_becomes_markup(self):
        """abuse 18"""
        draw = self.env["club.draw"].create(
            {
                "club_id": self.club.id,
                "name": PAYLOAD,
                "description": PAYLOAD,
                "image_1920": PIXEL,
                "prize_ids": [
                    Command.create({"points": 5}),
                    Command.create({"kind": "word", "word": PAYLOAD}),
                ],
            }
        )
        draw.action_open()
        page = self.url(f"/draws/{draw.id}")
        fields = self.look(page)
        with numbers(1):
            result = self.submit(f"{page}/play", **fields).text
        draw.play_ids._void(PAYLOAD)
        for text in (
            result,
            self.get(page).text,
            self.get(self.url("/draws")).text,
            self.get(self.url("/rewards")).text,
            self.get(f"{page}/plays/{draw.play_ids.id}").text,
            self.get("/my/club").text,
        ):
            self.assertNotIn("<svg onload", text)
        self.assertEqual(self.get(f"{page}/image").headers["Content-Type"], "image/png")

    def test_plays_and_draws_are_paged_by_what_they_end_with(self):
        with patch.object(chance_source, "random_below", lambda count: WORD):
            self.post(200, "more")
            for number in range(12):
                self.draw._play(self.member, f"page {number}")
        page = self.get(self.page).text
        self.assertEqual(page.count('name="club_draw_played"'), 10)
        following = re.search(r"before=(\d+)", page).group(1)
        self.assertEqual(self.get(f"{self.page}?before={following}").text.count('name="club_draw_played"'), 2)
        for before in ("x", "-1", "9" * 30, "²"):
            self.get(f"{self.page}?before={before}")

    def test_a_page_costs_the_same_however_many_plays_there_are(self):
        self.get(self.page)
        self.env.invalidate_all()
        with self.assertQueryCount(60), patch.object(chance_source, "random_below", lambda count: WORD):
            self.member._get_draw_values(self.draw)
