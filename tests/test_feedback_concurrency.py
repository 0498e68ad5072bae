"""Several people decide about one piece at the same moment: it is decided once, and earns once."""

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 4


@tagged("post_install", "-at_install")
class TestFeedbackConcurrency(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._forget)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            env["club.earn.rule"].create(
                {
                    "club_id": cls.ids["club"],
                    "name": "Ideas",
                    "event_type": "feedback",
                    "points": 20,
                    "use_multiplier": False,
                }
            )
            cls.piece_id = env["club.feedback"].create({"member_id": cls.member_id, "text": "Open on Sundays"}).id
        cls.registry.clear_cache()

    @classmethod
    def _forget(cls):
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            pieces = env["club.feedback"].search([("club_id", "=", cls.ids["club"])])
            pieces._set({"reward_event_id": False, "generation": 0})
            pieces.unlink()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_of_many_who_accept_at_once_one_succeeds_and_one_reward_is_given(self):
        def accept(env):
            env["club.feedback"].browse(self.piece_id).action_accept()
            return True

        results, _seconds = self.in_threads([accept] * THREADS)
        self.assertEqual(results.count(True), 1, results)
        self.assertEqual({type(result) for result in results if result is not True}, {UserError})
        self.assertEqual(self.balances(self.member_id), [20])
        events = self.in_transaction(
            lambda env: env["club.event"].search_count(
                [("member_id", "=", self.member_id), ("type", "=", "feedback")]
            )
        )
        self.assertEqual(events, 1)
        self.assertInvariantsHold()
