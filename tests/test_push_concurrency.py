"""Twenty requests at once switch a browser on once, and twenty workers send a notification once."""

from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.models.push.push_service import PushSession
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.addons.customer_club.tests.push_common import Browser, Service
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 20


@tagged("post_install", "-at_install")
class TestNotificationsTogether(CommittedClubCase):
    """abuse 22: lock, then look."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_push)  # runs before the club is removed
        cls.service = Service()
        cls.addClassCleanup(cls.service.stop)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            env["club.club"].browse(cls.ids["club"]).write({"push_active": True, "quiet_from": 0, "quiet_to": 0})
            partner = env["club.member"].browse(cls.member_id).partner_id
            cls.user_id = (
                env["res.users"]
                .create(
                    {
                        "name": "Together",
                        "login": "push_together",
                        "partner_id": partner.id,
                        "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                    }
                )
                .id
            )

    @classmethod
    def _clean_push(cls):
        with cls.registry.cursor() as cr:
            for table in ("club_push_message", "club_push_device", "club_consent"):
                cr.execute(f"DELETE FROM {table} WHERE member_id = ANY(%s)", (cls.member_ids,))  # pylint: disable=sql-injection
            cls._env(cr)["res.users"].search([("login", "=", "push_together")]).unlink()

    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60),
            (service_model.time, "sleep", lambda _seconds: None),
            (self.registry["club.push.message"], "_make_session", lambda _self: PushSession((), True)),
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def add(self, browser):
        def work(env):
            member = env["club.member"].browse(self.member_id)
            return member._add_push_device(env["res.users"].browse(self.user_id), **browser.subscription).id

        return work

    def devices(self):
        return self.in_transaction(lambda env: env["club.push.device"].search([("member_id", "=", self.member_id)]).ids)

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_the_same_browser_is_switched_on_once(self):
        results, _seconds = self.in_threads([self.add(Browser(self.service, "/once"))] * THREADS)
        self.assertEqual(len(set(results)), 1, results)
        self.assertIn(results[0], self.devices())

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_never_more_than_five_are_on(self):
        works = [self.add(Browser(self.service, f"/many{number}")) for number in range(THREADS)]
        results, _seconds = self.in_threads(works)
        self.assertTrue(all(isinstance(found, int) for found in results), results)
        self.assertEqual(len(self.devices()), 5)

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_twenty_workers_send_it_once(self):
        self.in_transaction(self.add(Browser(self.service, "/sent")))

        def queue(env):
            env["club.push.message"].search([("member_id", "=", self.member_id)]).unlink()
            devices = env["club.push.device"].search([("member_id", "=", self.member_id)])
            devices.filtered(lambda device: not device.endpoint.endswith("/sent")).unlink()
            env["club.push.message"]._queue(
                [
                    {
                        "member": env["club.member"].browse(self.member_id),
                        "topic": "prize",
                        "key": "together",
                        "title": "Rose Club",
                        "body": "Ready",
                        "path": "/my/club",
                        "until": fields.Datetime.add(fields.Datetime.now(), days=1),
                    }
                ]
            )

        self.in_transaction(queue)

        def send(env):
            Message = env["club.push.message"]
            ids = Message._lock_due(10, ())
            if ids:
                Message._deliver(ids)
            return len(ids)

        results, _seconds = self.in_threads([send] * THREADS)
        self.assertEqual(sorted(results)[-2:], [0, 1], results)
        self.assertEqual([path for path, *_rest in self.service.requests], ["/sent"])
        state = self.in_transaction(
            lambda env: env["club.push.message"].search([("member_id", "=", self.member_id)]).state
        )
        self.assertEqual(state, "sent")
