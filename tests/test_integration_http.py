"""The client against a running server, over a network that fails at the worst moment: nothing ever counts twice."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from odoo.addons.customer_club.clients import club_client
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.addons.customer_club.tests.stub_proxy import StubProxy
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tests.common import HttpCase, get_db_name
from odoo.tools import mute_logger

QUIET = ("odoo.sql_db", "odoo.service.model", "odoo.http", "werkzeug", "odoo.addons.rpc.controllers.xmlrpc")


class ServerCase(CommittedClubCase):
    """A committed integration with its key, and the server that runs beside the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = HttpCase.http_port()
        if not port:
            cls.skipTest(cls, "no HTTP server runs beside the tests")
        cls.url = f"http://127.0.0.1:{port}"
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            integration = env["club.integration"].create(
                {
                    "name": "Committed Till",
                    "club_ids": club.ids,
                    "company_id": club.company_id.id,
                    "allow_record": True,
                    "allow_spend": True,
                    "allow_reverse": True,
                    "calls_per_minute": 100000,
                    "finds_per_minute": 100000,
                }
            )
            env["club.custom.fact"].create({"club_id": club.id, "name": "returned packaging", "code": "packaging"})
            env["club.earn.rule"].create(
                {"club_id": club.id, "name": "Packaging", "event_type": "custom", "points": 5, "use_multiplier": False}
            )
            cls.key = integration._make_key()
            cls.login = integration.user_id.login
            cls.number = env["club.member"].browse(cls.member_id).number
            cls.ids["integration"], cls.ids["user"] = integration.id, integration.user_id.id
            cls.ids["person"] = integration.user_id.partner_id.id

    @classmethod
    def _clean(cls):
        if "integration" in cls.ids:
            with cls.registry.cursor() as cr:
                of_club = "IN (SELECT id FROM club_merchant WHERE club_id = %(club)s)"
                cr.execute(f"DELETE FROM club_merchant_purchase WHERE merchant_id {of_club}", cls.ids)  # pylint: disable=sql-injection
                cr.execute("DELETE FROM club_merchant WHERE club_id = %(club)s", cls.ids)
                for table in ("club_api_request", "club_api_call"):
                    cr.execute(f"DELETE FROM {table} WHERE integration_id = %(integration)s", cls.ids)  # pylint: disable=sql-injection
                cr.execute("DELETE FROM club_custom_fact WHERE club_id = %(club)s", cls.ids)
        super()._clean()
        if "integration" in cls.ids:
            with cls.registry.cursor() as cr:
                cr.execute("DELETE FROM club_integration WHERE id = %(integration)s", cls.ids)
                cr.execute("DELETE FROM res_users WHERE id = %(user)s", cls.ids)
                cr.execute("DELETE FROM res_partner WHERE id = %(person)s", cls.ids)
            cls.registry.clear_cache()

    def setUp(self):
        super().setUp()
        self.prefix = self._testMethodName
        sleeper = patch.object(service_model.time, "sleep", lambda _seconds: None)
        sleeper.start()
        self.addCleanup(sleeper.stop)

    def client(self, url=None, protocol="json2", key=None, retries=5, timeout=20.0, **values):
        return club_client.ClubClient(
            url or self.url,
            get_db_name(),
            key or self.key,
            protocol,
            self.login,
            timeout=timeout,
            retries=retries,
            sleep=lambda _seconds: None,
            **values,
        )

    def give(self, points):
        """Bring the member to exactly so many points."""
        (left,) = self.balances(self.member_id)
        if points != left:
            change = {"member_id": self.member_id, "kind": "adjust", "points": points - left}
            self.post({**change, "key": f"{self.prefix}:give"})

    def entries(self, key):
        """What the ledger has under a key of this user."""
        full = f"api,{self.ids['user']}:{key}"
        return self.in_transaction(
            lambda env: env["club.point.entry"].search([("key", "=like", f"{full}%")]).mapped("points")
        )


@tagged("post_install", "-at_install")
class TestAnswersThatGetLost(ServerCase):
    """never.md 6, abuse.md 6."""

    @mute_logger(*QUIET)
    def test_a_dropped_late_or_half_answer_is_asked_for_again_and_counts_once(self):
        for protocol in ("json2", "xmlrpc"):
            for word, timeout in (("drop", 20), ("half", 20), ("late", 1.5)):
                with self.subTest(protocol=protocol, word=word):
                    key = self.prefix = f"lost-{protocol}-{word}"
                    self.give(100)
                    plan = ["pass", word, word] if protocol == "xmlrpc" else [word, word]
                    with StubProxy(self.url, plan, delay=4) as proxy:
                        spent = self.client(proxy.url, protocol, timeout=timeout).spend(self.number, 40, key=key)
                    self.assertEqual((spent.points, spent.balance, spent.replayed), (40, 60, True))
                    self.assertEqual(proxy.seen, len(plan) + 1)
                    self.assertEqual(self.entries(key), [-40])
                    self.assertEqual(self.balances(self.member_id), [60])
        self.assertInvariantsHold()

    @mute_logger(*QUIET)
    def test_a_server_that_restarts_is_waited_for(self):
        with StubProxy(self.url, ["502", "503", "429", "502"]) as proxy:
            fact = self.client(proxy.url).record(self.number, "custom", code="packaging", key=self.prefix)
        self.assertEqual((fact.points, fact.replayed, proxy.seen), (5, False, 5))

    @mute_logger(*QUIET)
    def test_who_gives_up_does_not_know_and_asks_later(self):
        self.give(100)
        with StubProxy(self.url, ["drop"] * 2) as proxy, self.assertRaises(club_client.Unreachable):
            self.client(proxy.url, retries=1).spend(self.number, 40, key=self.prefix)
        result = self.client().result(self.prefix)
        self.assertEqual((result["points"], result["balance"]), ("40", "60"))
        with self.assertRaises(club_client.UnknownKey):
            self.client().result(self.prefix + "-never")
        with StubProxy(self.url, ["502"] * 3) as proxy, self.assertRaises(club_client.ServerError):
            self.client(proxy.url, retries=2).spend(self.number, 40, key=self.prefix + "-2")
        self.assertEqual(self.balances(self.member_id), [60])

    @mute_logger(*QUIET)
    def test_a_client_killed_in_the_middle_of_a_call_and_started_again_counts_once(self):
        self.give(100)
        command = [sys.executable, str(Path(club_client.__file__)), "spend", self.number, "40", "--key", self.prefix]
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "CLUB_DATABASE": get_db_name(),
            "CLUB_KEY": self.key,
        }
        with StubProxy(self.url, ["late"], delay=20) as proxy:
            process = subprocess.Popen(command, env={**environment, "CLUB_URL": proxy.url}, stdout=subprocess.PIPE)
            self.assertTrue(proxy.forwarded.wait(30), "the server has done it")
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=10)
        done = subprocess.run(
            command, env={**environment, "CLUB_URL": self.url}, capture_output=True, text=True, timeout=60, check=True
        )
        self.assertTrue(json.loads(done.stdout)["replayed"])
        self.assertEqual(self.entries(self.prefix), [-40])
        self.assertEqual(self.balances(self.member_id), [60])

    @mute_logger(*QUIET)
    def test_a_journal_of_a_till_that_was_offline_counts_once_whatever_gets_lost(self):
        """never.md 6: an offline re-sync."""
        self.give(0)
        with tempfile.TemporaryDirectory() as folder, StubProxy(self.url, ["drop", "502", "drop"]) as proxy:
            path = Path(folder) / "facts.journal"
            journal = club_client.Journal(path, self.client(proxy.url, retries=0), batch=4)
            for number in range(6):
                journal.add(self.number, "custom", code="packaging", key=f"{self.prefix}-{number}")
            journal.add(self.number, "custom", code="nonsense", key=f"{self.prefix}-bad")
            self.assertEqual(
                [type(journal.send().error) for _again in range(3)],
                [club_client.Unreachable, club_client.ServerError, club_client.Unreachable],
            )
            again = club_client.Journal(path, self.client(proxy.url))  # the till was switched off and on
            delivery = again.send()
            self.assertEqual((delivery.sent, delivery.refused, delivery.waiting, delivery.error), (6, 1, 0, None))
            refused = json.loads((Path(folder) / "facts.journal.refused").read_text())
            self.assertEqual(refused["error"]["code"], "unknown_code")
        self.assertEqual(self.balances(self.member_id), [30])
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestManyAtOnce(ServerCase):
    @mute_logger(*QUIET)
    def test_twenty_parallel_retries_of_one_spend_are_one_spend(self):
        """never.md 6 and 19, abuse.md 24."""
        for protocol in ("json2", "xmlrpc"):
            with self.subTest(protocol=protocol):
                key = self.prefix = f"parallel-{protocol}"
                self.give(100)
                clients = [self.client(protocol=protocol, retries=200) for _thread in range(20)]
                with ThreadPoolExecutor(20) as pool:
                    results = list(pool.map(lambda client, key=key: client.spend(self.number, 5, key=key), clients))
                self.assertEqual({(result.points, result.balance) for result in results}, {(5, 95)})
                self.assertEqual([result.replayed for result in results].count(False), 1)
                self.assertEqual(self.entries(key), [-5])
                self.assertEqual(self.balances(self.member_id), [95])
        self.assertInvariantsHold()

    @mute_logger(*QUIET)
    def test_twenty_spends_of_the_last_points_have_one_winner(self):
        """never.md 8."""
        self.give(100)

        def spend(number):
            try:
                return self.client(retries=200).spend(self.number, 100, key=f"{self.prefix}-{number}")
            except club_client.ClubError as error:
                return error

        with ThreadPoolExecutor(20) as pool:
            results = list(pool.map(spend, range(20)))
        self.assertEqual(len([result for result in results if isinstance(result, club_client.Spent)]), 1)
        self.assertEqual(
            {type(result) for result in results}, {club_client.Spent, club_client.NotEnoughPoints}
        )
        self.assertEqual(self.balances(self.member_id), [0])
        self.assertInvariantsHold()


    @mute_logger(*QUIET)
    def test_calls_for_several_members_at_one_moment_keep_within_the_days_limit(self):
        """abuse.md 12: each member's call is alone, and together they must not exceed what the integration may move."""

        def limit(env, most):
            env["club.integration"].browse(self.ids["integration"]).points_per_day = most

        moved = self.in_transaction(
            lambda env: sum(
                env["club.api.request"].search([("integration_id", "=", self.ids["integration"])]).mapped("points")
            )
        )
        self.post(
            *(
                {"member_id": member, "kind": "adjust", "points": 100, "key": f"{self.prefix}:{member}"}
                for member in self.member_ids
            )
        )
        self.in_transaction(lambda env: limit(env, moved + 100))
        self.addCleanup(self.in_transaction, lambda env: limit(env, 0))
        numbers = self.in_transaction(lambda env: env["club.member"].browse(self.member_ids).mapped("number"))
        clients = [self.client(retries=200) for _number in numbers]
        barrier = threading.Barrier(len(numbers))

        def spend(place):
            barrier.wait(timeout=30)
            try:
                return clients[place].spend(numbers[place], 100, key=f"{self.prefix}-{place}")
            except club_client.ClubError as error:
                return error

        with patch.object(service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 30), ThreadPoolExecutor(4) as pool:
            results = list(pool.map(spend, range(len(numbers))))
        done = [result for result in results if isinstance(result, club_client.Spent)]
        self.assertEqual(len(done), 1, results)
        self.assertInvariantsHold()

    @mute_logger(*QUIET)
    def test_purchases_at_a_partner_at_one_moment_keep_within_its_limits(self):
        """abuse.md 12."""

        def prepare(env):
            club = env["club.club"].browse(self.ids["club"])
            env["club.merchant"].create(
                {
                    "partner_id": self.ids["partners"][3],
                    "club_id": club.id,
                    "code": "bakery",
                    "hold_days": 0,
                    "points_per_day": 7,
                    "integration_id": self.ids["integration"],
                }
            )
            env["club.earn.rule"].create(
                {"club_id": club.id, "name": "Partner", "event_type": "merchant_purchase", "points": 3}
            )

        self.in_transaction(prepare)
        numbers = self.in_transaction(lambda env: env["club.member"].browse(self.member_ids[:3]).mapped("number"))
        clients = [self.client(retries=200) for _thread in range(9)]

        def buy(place):
            return clients[place].record(
                numbers[place % 3], "merchant_purchase", amount=10, key=f"{self.prefix}-{place}"
            )

        with patch.object(service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 30), ThreadPoolExecutor(9) as pool:
            results = list(pool.map(buy, range(9)))
        self.assertEqual(sorted(result.state for result in results), ["held"] * 7 + ["recorded"] * 2)
        self.assertEqual(sum(result.points for result in results), 6)
        self.assertInvariantsHold()
