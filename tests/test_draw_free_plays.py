"""Plays that cost nothing: who gets them, and which is used first."""

from datetime import timedelta

from odoo import Command
from odoo.addons.customer_club.tests.draw_common import WORD, draw_values
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_draw_playing import PlayingCase


@tagged("post_install", "-at_install")
class TestFreePlays(PlayingCase):
    def test_a_free_play_is_used_before_points_and_beside_the_limits(self):
        draw = self.env["club.draw"].create(draw_values(self.club.id, limit_member=1))
        draw.action_open()
        chance = self.env["club.draw.chance"].create(
            {"draw_id": draw.id, "member_id": self.member.id, "number": 2, "reason": "Sorry"}
        )
        plays = [self.play(WORD, draw=draw, key=f"free {number}") for number in range(3)]
        self.assertEqual([play.chance_id for play in plays], [chance, chance, chance.browse()])
        self.assertEqual([play.points for play in plays], [0, 0, 10])
        self.assertRefused("1 times", draw=draw)
        self.assertEqual((chance.used, chance.left), (2, 0))
        plays[0]._void("Machine fault")
        self.env.invalidate_all()
        self.assertEqual(chance.left, 1, "it can be used again")
        with self.assertRaisesRegex(UserError, "used already"):
            chance.number = 0
        with self.assertRaises(UserError):
            chance.unlink()

    def test_a_free_play_ends_with_its_last_day_and_the_one_that_ends_first_is_used_first(self):
        today = self.club._get_today()
        chances = self.env["club.draw.chance"].create(
            [
                {"draw_id": self.draw.id, "member_id": self.member.id, "reason": "x", "date_to": day}
                for day in (False, today - timedelta(days=1), today + timedelta(days=3), today)
            ]
        )
        used = [self.play(WORD, key=f"ends {number}").chance_id for number in range(4)]
        self.assertEqual(used, [chances[3], chances[2], chances[0], chances.browse()])

    def test_free_plays_go_to_members_and_segments_once_each_and_never_to_oneself(self):
        manager = new_test_user(
            self.env, "draw_giver", groups="customer_club.group_club_manager", partner_id=self.partner_2.id
        )
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Anna", "domain": repr([("partner_id.name", "=", "Anna")])}
        )
        wizard = (
            self.env["club.draw.give"]
            .with_user(manager)
            .create(
                {
                    "draw_id": self.draw.id,
                    "segment_id": segment.id,
                    "member_ids": [Command.set(self.member.ids)],
                    "number": 2,
                    "reason": "Birthday",
                }
            )
        )
        wizard.action_give()
        self.assertEqual(self.draw.chance_ids.mapped("number"), [2])
        wizard.member_ids = self.member_2
        with self.assertRaisesRegex(UserError, "yourself"):
            wizard.action_give()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.member._leave()
            self.env["club.draw.chance"].create({"draw_id": self.draw.id, "member_id": self.member.id, "reason": "x"})
