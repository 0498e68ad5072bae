"""Many join at the same moment: one person becomes one member, and one invitation admits one."""

from unittest.mock import patch

from odoo.addons.customer_club.models.membership.club_club_joining import JoinRefused
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 8


@tagged("post_install", "-at_install")
class TestJoiningConcurrency(CommittedClubCase):
    """Requests that race are repeated by Odoo and then see each other."""

    def setUp(self):
        super().setUp()
        for name, value in (("MAX_TRIES_ON_CONCURRENCY_FAILURE", 30),):
            patcher = patch.object(service_model, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        sleeper = patch.object(service_model.time, "sleep", lambda _seconds: None)
        sleeper.start()
        self.addCleanup(sleeper.stop)

    def partners(self, count, **values):
        ids = self.in_transaction(
            lambda env: (
                env["res.partner"].create([{"name": f"Racer {number}", **values} for number in range(count)]).ids
            )
        )
        self.ids["partners"].extend(ids)
        return ids

    def enrol(self, partner_id):
        return lambda env: env["club.club"].browse(self.ids["club"])._enrol(env["res.partner"].browse(partner_id)).id

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_contact_enrolled_by_many_is_one_member(self):
        [partner] = self.partners(1, email="racer@example.com")
        results, _seconds = self.in_threads([self.enrol(partner)] * THREADS)
        self.assertEqual(len(set(results)), 1, results)
        counts = self.in_transaction(
            lambda env: (
                env["club.member"].with_context(active_test=False).search_count([("partner_id", "=", partner)]),
                env["loyalty.card"].search_count([("partner_id", "=", partner)]),
                env["club.event"].search_count([("member_id", "=", results[0]), ("type", "=", "join")]),
            )
        )
        self.assertEqual(counts, (1, 1, 1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_contacts_with_one_email_have_one_join_event(self):
        """abuse.md 8, in parallel."""
        partners = self.partners(THREADS, email="many@example.com")
        results, _seconds = self.in_threads([self.enrol(partner) for partner in partners])
        self.assertEqual(len(set(results)), THREADS, results)
        events = self.in_transaction(
            lambda env: env["club.event"].search_count([("member_id", "in", results), ("type", "=", "join")])
        )
        self.assertEqual(events, 1)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_invitation_admits_one(self):
        def invite(env):
            club = env["club.club"].browse(self.ids["club"])
            club.join_policy = "closed"
            return env["club.invitation"]._invite(club, [None])[0][1]

        secret = self.in_transaction(invite)
        partners = self.partners(THREADS)

        def join(partner):
            return lambda env: (
                env["club.club"].browse(self.ids["club"])._join(env["res.partner"].browse(partner), token=secret).id
            )

        results, _seconds = self.in_threads([join(partner) for partner in partners])
        self.assertEqual(len([result for result in results if isinstance(result, int)]), 1, results)
        self.assertEqual({type(result) for result in results if not isinstance(result, int)}, {JoinRefused})

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_numbers_of_parallel_enrolments_differ(self):
        partners = self.partners(THREADS)
        results, _seconds = self.in_threads([self.enrol(partner) for partner in partners])
        numbers = self.in_transaction(lambda env: env["club.member"].browse(results).mapped("number"))
        self.assertEqual(len(set(numbers)), THREADS)
