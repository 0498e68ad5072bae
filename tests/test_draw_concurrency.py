"""Twenty who play at once: the last prize is won once, the last points are spent once (abuse 22; never 21)."""

from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.draw import chance_source
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 20
GUARDED = ("club_draw_play", "club_draw_version")


@tagged("post_install", "-at_install")
class TestPlayingTogether(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_draws)  # runs before the club is removed

    @classmethod
    def _clean_draws(cls):
        draws = "draw_id IN (SELECT id FROM club_draw WHERE club_id = %s)"
        with cls.registry.cursor() as cr:
            for table in GUARDED:
                cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table in ("club_draw_play", "club_draw_chance", "club_draw_version"):
                cr.execute(f"DELETE FROM {table} WHERE {draws}", (cls.ids["club"],))
            cr.execute("UPDATE club_draw SET fallback_id = NULL WHERE club_id = %s", (cls.ids["club"],))
            cr.execute(f"DELETE FROM club_draw_prize WHERE {draws}", (cls.ids["club"],))
            cr.execute("DELETE FROM club_draw WHERE club_id = %s", (cls.ids["club"],))
            cr.execute("DELETE FROM club_redemption WHERE club_id = %s", (cls.ids["club"],))
            cr.execute("DELETE FROM club_prize WHERE club_id = %s", (cls.ids["club"],))
            for table in GUARDED:
                cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60),
            (service_model.time, "sleep", lambda _seconds: None),
            (chance_source, "random_below", lambda count: 0),  # whoever can win the first prize does
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def make_draw(self, *prizes, **values):
        def make(env):
            draw = env["club.draw"].create(
                {
                    "club_id": self.ids["club"],
                    "name": "Together",
                    "points": 10,
                    "prize_ids": [
                        *(Command.create(prize) for prize in prizes),
                        Command.create({"kind": "word", "word": "Next time"}),
                    ],
                    **values,
                }
            )
            draw.action_open()
            return draw.id

        return self.in_transaction(make)

    def give(self, points, name):
        """Set every member's balance to ``points``."""

        def work(env):
            members = env["club.member"].browse(self.member_ids)
            env["club.point.entry"]._post(
                [
                    {
                        "member_id": member.id,
                        "kind": "adjust",
                        "points": points - member.points,
                        "key": f"{name}:{member.id}",
                    }
                    for member in members
                    if points != member.points
                ]
            )

        self.in_transaction(work)

    def play(self, draw_id, number, key="together"):
        member_id = self.member_ids[number % len(self.member_ids)]
        return lambda env: (
            env["club.draw"].browse(draw_id)._play(env["club.member"].browse(member_id), f"{key} {number}").prize_id.id
        )

    def deliver(self, draw_id):
        self.in_transaction(lambda env: env["club.draw.play"].search([("draw_id", "=", draw_id)])._deliver())

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_last_prize_is_won_once(self):
        self.give(1000, "stock")
        draw = self.make_draw({"points": 7, "stock": 1})
        results, seconds = self.in_threads([self.play(draw, number) for number in range(THREADS)])
        self.assertFalse([result for result in results if isinstance(result, Exception)])
        big = self.in_transaction(lambda env: env["club.draw"].browse(draw).prize_ids[0].id)
        self.assertEqual(results.count(big), 1)
        self.deliver(draw)
        self.assertEqual(sum(self.balances(*self.member_ids)), 4 * 1000 - THREADS * 10 + 7)
        self.assertLess(seconds, 60)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_last_prize_of_the_catalogue_is_won_or_chosen_once(self):
        """Twenty who play, and one who takes the same prize from the catalogue."""
        self.give(1000, "catalogue")

        def make(env):
            return (
                env["club.prize"]
                .create(
                    {
                        "club_id": self.ids["club"],
                        "name": "One Vase",
                        "points": 100,
                        "delivery": "service",
                        "stock_kind": "own",
                        "stock": 1,
                    }
                )
                .id
            )

        prize = self.in_transaction(make)
        draw = self.make_draw({"kind": "prize", "prize_id": prize})
        works = [self.play(draw, number, "vase") for number in range(THREADS)]
        works.append(
            lambda env: (
                env["club.prize"]
                .browse(prize)
                ._redeem(env["club.member"].browse(self.member_id), "chosen", "counter")
                .id
                * 0
                - 1
            )
        )
        results, _seconds = self.in_threads(works)
        vase = self.in_transaction(lambda env: env["club.draw"].browse(draw).prize_ids[0].id)
        failed = [result for result in results if isinstance(result, Exception)]
        self.assertEqual(results.count(vase) + results.count(-1), 1, results)
        self.assertTrue(all(isinstance(error, UserError) for error in failed), failed)
        self.deliver(draw)
        given = self.in_transaction(lambda env: env["club.redemption"].search_count([("prize_id", "=", prize)]))
        self.assertEqual(given, 1)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_last_points_are_spent_once(self):
        for name, prizes in (("scarce", {"points": 3, "stock": 50}), ("plenty", {"points": 3})):
            with self.subTest(name):
                self.give(10, name)
                draw = self.make_draw(prizes)
                results, _seconds = self.in_threads(
                    [self.play(draw, 4 * number, name) for number in range(THREADS)]  # all of one member
                )
                losers = [result for result in results if isinstance(result, Exception)]
                self.assertEqual(len(losers), THREADS - 1, results)
                self.assertEqual({type(error) for error in losers}, {NotEnoughPoints})
                self.deliver(draw)
                self.assertEqual(self.balances(self.member_id), [3])
                plays = self.in_transaction(
                    lambda env, draw=draw: env["club.draw.play"].search_count([("draw_id", "=", draw)])
                )
                self.assertEqual(plays, 1)
                self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_limits_of_free_plays_hold_for_who_clicks_everywhere_at_once(self):
        draw = self.make_draw({"points": 1}, points=0, limit_day=2)
        results, _seconds = self.in_threads([self.play(draw, 4 * number, "free") for number in range(8)])
        self.assertEqual(sum(isinstance(result, UserError) for result in results), 6, results)
        total = self.make_draw({"points": 1}, points=0, limit_total=3)
        results, _seconds = self.in_threads([self.play(total, number, "total") for number in range(8)])
        self.assertEqual(sum(isinstance(result, UserError) for result in results), 5, results)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_click_sent_twenty_times_plays_once(self):
        self.give(1000, "click")
        draw = self.make_draw({"points": 1})
        results, _seconds = self.in_threads(
            [lambda env: env["club.draw"].browse(draw)._play(env["club.member"].browse(self.member_id), "one click").id]
            * THREADS
        )
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual(self.balances(self.member_id), [990])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_prize_is_given_once_however_many_try(self):
        self.give(10, "given")
        draw = self.make_draw({"points": 5})
        self.in_transaction(self.play(draw, 0, "given"))
        self.in_threads([lambda env: env["club.draw.play"].search([("draw_id", "=", draw)])._deliver()] * 6)
        self.assertEqual(self.balances(self.member_id), [5])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_who_plays_while_the_odds_change_plays_by_one_version(self):
        self.give(1000, "pause")
        draw = self.make_draw({"points": 1})

        def change(env):
            record = env["club.draw"].browse(draw)
            record.action_pause()
            record.prize_ids[0].weight = 5
            record.change_reason = "Changed"
            record.action_open()

        results, _seconds = self.in_threads([*(self.play(draw, number, "pause") for number in range(8)), change])
        self.assertFalse([result for result in results if isinstance(result, Exception)], results)
        versions = self.in_transaction(
            lambda env: [
                (play.version_id.id, play.played_at >= play.version_id.date)
                for play in env["club.draw.play"].search([("draw_id", "=", draw)])
            ]
        )
        self.assertEqual(len(versions), 8)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_who_changes_the_odds_while_another_opens_changes_them_before_or_not_at_all(self):
        for round_ in range(5):
            draw = self.make_draw({"points": 1})
            self.in_transaction(lambda env, draw=draw: env["club.draw"].browse(draw).action_pause())
            weight = 7 + round_

            def change(env, draw=draw, weight=weight):
                env["club.draw"].browse(draw).prize_ids[0].weight = weight

            def reopen(env, draw=draw):
                env["club.draw"].browse(draw).write({"change_reason": "Perhaps"})
                env["club.draw"].browse(draw).action_open()

            self.in_threads([change, reopen])

            def look(env, draw=draw):
                record = env["club.draw"].browse(draw)
                return record.state, record._get_version().terms == record._get_terms()

            self.assertEqual(self.in_transaction(look), ("open", True))
