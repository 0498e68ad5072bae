"""The same interface over JSON-2 and XML-RPC, on a real server: keys, refusals, and nothing else."""

import json
import urllib.request
from decimal import Decimal
from urllib.error import HTTPError

from odoo.addons.customer_club.clients import club_client
from odoo.tests import tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from .test_integration_http import QUIET, ServerCase


@tagged("post_install", "-at_install")
class TestBothProtocols(ServerCase):
    @mute_logger(*QUIET)
    def test_every_method_over_both(self):
        for protocol in ("json2", "xmlrpc"):
            with self.subTest(protocol=protocol):
                client, key = self.client(protocol=protocol), f"every-{protocol}"
                self.prefix = key
                self.give(100)
                member = client.find(number=self.number)
                self.assertEqual((member.member, member.name[1:4]), (self.number, "***"))
                self.assertEqual(client.find(barcode=self.number), member)
                fact = client.record(self.number, "custom", code="packaging", key=key, amount=Decimal("3.50"))
                self.assertEqual((fact.points, fact.balance, fact.type), (5, 105, "custom"))
                several = client.record_many(
                    [
                        club_client.prepare_fact(self.number, "custom", code="packaging", key=f"{key}-a"),
                        club_client.prepare_fact("99999999", "visit", key=f"{key}-b"),
                    ]
                )
                self.assertEqual(several[0].points, 5)
                self.assertIsInstance(several[1], club_client.UnknownMember)
                spent = client.spend(self.number, "10", key=f"{key}-s", note="Blumen für Anna")
                self.assertEqual((spent.points, spent.balance), (10, 100))
                self.assertEqual(client.reverse(f"{key}-s", points=4, key=f"{key}-r").balance, 104)
                self.assertEqual(client.balance(self.number).points, 104)
                self.assertEqual(client.result(f"{key}-s")["points"], "10")
                for error, call in (
                    (club_client.NotEnoughPoints, lambda c=client, k=key: c.spend(self.number, 9999, key=f"{k}-n")),
                    (club_client.KeyReused, lambda c=client, k=key: c.spend(self.number, 11, key=f"{k}-s")),
                    (club_client.NothingLeft, lambda c=client, k=key: c.reverse(f"{k}-s", points=7, key=f"{k}-q")),
                    (club_client.UnknownMember, lambda c=client: c.balance("99999999")),
                    (club_client.UnknownKey, lambda c=client, k=key: c.correct("none", 1, key=f"{k}-c")),
                    (club_client.BadInput, lambda c=client: c.spend(self.number, "1,5")),
                    (club_client.UnknownCode, lambda c=client: c.record(self.number, "custom", code="nonsense")),
                    (club_client.BadInput, lambda c=client: c._call("spend", nonsense=1)),
                ):
                    with self.assertRaises(error):
                        call()

    @mute_logger(*QUIET)
    def test_wrong_and_revoked_keys_are_refused_at_once(self):
        second = self.in_transaction(
            lambda env: env["club.integration"].browse(self.ids["integration"]).copy({"name": "Short"})._make_key()
        )
        login = self.in_transaction(
            lambda env: env["club.integration"].search([("name", "=", "Short")]).user_id.login
        )
        self.addCleanup(self._forget_short)
        for protocol in ("json2", "xmlrpc"):
            client = self.client(protocol=protocol, key=second)
            client._protocol.login = login
            self.assertEqual(client.find(number=self.number).member, self.number)
        self.in_transaction(lambda env: env["club.integration"].search([("name", "=", "Short")]).action_revoke_keys())
        for protocol in ("json2", "xmlrpc"):
            for key in (second, "0" * 40, self.key[:-1] + ("0" if self.key[-1] != "0" else "1")):
                client = self.client(protocol=protocol, key=key)
                client._protocol.login = login
                with self.subTest(protocol=protocol), self.assertRaises(club_client.AuthenticationFailed):
                    client.find(number=self.number)

    def _forget_short(self):
        def forget(env):
            short = env["club.integration"].search([("name", "=", "Short")])
            user, person = short.user_id, short.user_id.partner_id
            short.unlink()
            user.unlink()
            person.unlink()

        self.in_transaction(forget)

    def raw(self, path, values, key=None):
        """A bare POST: (status, headers, body)."""
        headers = {
            "Authorization": f"bearer {key or self.key}",
            "Content-Type": "application/json",
            "X-Odoo-Database": get_db_name(),
        }
        request = urllib.request.Request(self.url + path, json.dumps(values).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, json.loads(response.read())
        except HTTPError as error:
            with error:
                return error.code, error.headers, json.loads(error.read())

    @mute_logger(*QUIET)
    def test_refusals_have_a_status_and_no_trace_of_the_servers_insides(self):
        self.give(10)
        spend = {"member": self.number, "points": "11", "key": self.prefix}
        cases = [
            (422, "not_enough_points", "spend", spend),
            (422, "bad_input", "spend", {**spend, "points": 1.5}),
            (404, "unknown_member", "spend", {**spend, "member": "99999999"}),
            (404, "unknown_key", "get_result", {"key": "nothing"}),
            (403, "forbidden", "spend", {**spend, "club": self.ids["club"] + 1000}),
        ]
        for status, code, method, values in cases:
            with self.subTest(code=code):
                got, _headers, body = self.raw(f"/json/2/club.api/{method}", values)
                self.assertEqual((got, body["error"]["code"]), (status, code))
                self.assertEqual(set(body), {"error"})
                self.assertNotIn("Traceback", json.dumps(body))
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (0x636C7562, self.member_id))
            got, headers, body = self.raw("/json/2/club.api/spend", {**spend, "points": "1"})
        self.assertEqual((got, headers["Retry-After"], body["error"]["code"]), (429, "1", "busy"))

    @mute_logger(*QUIET)
    def test_the_key_opens_nothing_else(self):
        """abuse.md 15 and 16."""
        for path, values in (
            ("/json/2/res.partner/search_read", {"domain": [], "fields": ["name"]}),
            ("/json/2/club.member/search_read", {"domain": []}),
            ("/json/2/club.club/search_read", {"domain": []}),
            ("/json/2/res.users/search_read", {"domain": []}),
            ("/json/2/club.member/write", {"ids": [self.member_id], "vals": {"note": "x"}}),
            ("/json/2/club.api/_spend", {}),
            ("/json/2/club.api/_answer", {"method": "spend", "work": "x"}),
            ("/json/2/club.point.entry/_post", {"vals_list": []}),
            ("/json/2/club.integration/action_revoke_keys", {"ids": [self.ids["integration"]]}),
            ("/json/2/club.integration/write", {"ids": [self.ids["integration"]], "vals": {"points_per_day": 0}}),
        ):
            with self.subTest(path=path):
                status, _headers, body = self.raw(path, values)
                self.assertIn(status, (403, 404, 422), body)
                self.assertNotIn(self.number, json.dumps(body))

    @mute_logger(*QUIET)
    def test_a_context_over_the_wire_changes_nothing(self):
        """abuse.md 5."""
        self.give(50)
        context = {
            "lang": "../../etc",
            "tz": 7,
            "allowed_company_ids": [99],
            "active_test": False,
            "default_points": 9999,
            "default_kind": "adjust",
            "uid": 1,
            "su": True,
        }
        values = {"member": self.number, "points": "5", "key": self.prefix, "context": context}
        status, _headers, body = self.raw("/json/2/club.api/spend", values)
        self.assertEqual((status, body.get("balance")), (200, "45"), body)
        self.assertEqual(self.entries(self.prefix), [-5])
