"""The same visit, and the last answers of a profile, told by many at the same moment earn once (never 6, never 19)."""

from unittest.mock import patch

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 8


@tagged("post_install", "-at_install")
class TestActivityConcurrency(CommittedClubCase):
    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 30),
            (service_model.time, "sleep", lambda _seconds: None),
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def make_rule(self, event_type):
        def make(env):
            club = env["club.club"].browse(self.ids["club"])
            values = {"club_id": club.id, "event_type": event_type, "name": event_type, "points": 5}
            env["club.earn.rule"].create({**values, "use_multiplier": False})
            club.profile_field_ids.filtered(lambda question: question.kind not in ("name", "phone", "city")).unlink()

        self.in_transaction(make)

    def read(self, event_type):
        """How many facts of a type the member has, and what they gave."""
        return self.in_transaction(
            lambda env: (
                env["club.event"].search_count([("member_id", "=", self.member_id), ("type", "=", event_type)]),
                sum(
                    env["club.point.entry"]
                    .search([("member_id", "=", self.member_id), ("event_id.type", "=", event_type)])
                    .mapped("points")
                ),
            )
        )

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_visit_told_by_many_is_one(self):
        self.make_rule("visit")
        results, _seconds = self.in_threads(
            [lambda env: env["club.member"].browse(self.member_id)._record_visit("counter").id] * THREADS
        )
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual(self.read("visit"), (1, 5))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_profile_completed_by_many_is_complete_once(self):
        self.make_rule("profile")

        def complete(number):
            def work(env):
                partner = env["club.member"].browse(self.member_id).partner_id
                partner.write({"phone": f"+4930123{number:03d}", "city": "Berlin"})
                env.cr.flush()
                return True

            return work

        results, _seconds = self.in_threads([complete(number) for number in range(THREADS)])
        self.assertEqual(results, [True] * THREADS)
        self.assertEqual(self.read("profile"), (1, 5))
