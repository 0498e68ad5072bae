"""The client by itself: what it sends again and what not, and a journal that a crash cannot hurt."""

import contextlib
import doctest
import io
import json
import multiprocessing
import os
import tempfile
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo.addons.customer_club.clients import club_client as cc
from odoo.tests import BaseCase, tagged


class FakeProtocol:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def call(self, method, values, timeout):
        self.asked.append((method, json.loads(json.dumps(values))))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(values) if callable(answer) else answer


def make_client(*answers, **options):
    client = cc.ClubClient("http://localhost:1", "db", "key", sleep=lambda _seconds: None, **options)
    client._protocol = FakeProtocol(*answers)
    return client


def recorded(values):
    """A server that records everything."""
    return {
        "results": [
            {"key": fact["key"], "type": fact["type"], "member": fact["member"], "points": "1", "pending": "0",
             "balance": "1", "replayed": False}
            for fact in values["events"]
        ]
    }


LOST = cc.Again(cc.Unreachable("no answer"))
SPENT = {"key": "k", "member": "1", "points": "5", "balance": "0", "replayed": False}


def add_many(path, who, count):
    """In another process: add to the same journal."""
    journal = cc.Journal(path, make_client())
    for number in range(count):
        journal.add("1", "visit", key=f"{who}-{number}")


@tagged("post_install", "-at_install")
class TestRetries(BaseCase):
    def test_the_examples_in_the_docstrings_are_true(self):
        self.assertEqual(doctest.testmod(cc).failed, 0)

    def test_one_key_is_made_for_a_call_and_goes_out_with_every_attempt(self):
        client = make_client(LOST, LOST, {"error": {"code": "busy", "message": "wait"}}, SPENT)
        self.assertEqual(client.spend("1", 5).points, 5)
        sent = [values for _method, values in client._protocol.asked]
        self.assertEqual(len(sent), 4)
        self.assertEqual(sent, [sent[0]] * 4)
        self.assertEqual(len(sent[0]["key"]), 32)

    def test_a_refusal_is_final(self):
        for code, error in cc.ERRORS.items():
            if code in ("busy", "rate_limited", "unreachable"):
                continue
            client = make_client({"error": {"code": code, "message": "no", "left": "3"}})
            with self.subTest(code=code), self.assertRaises(error) as caught:
                client.spend("1", 5)
            self.assertEqual((caught.exception.code, caught.exception.details), (code, {"left": "3"}))
        with self.assertRaises(cc.ClubError) as caught:
            make_client({"error": {"code": "brand_new", "message": "no"}}).balance("1")
        self.assertEqual(caught.exception.code, "brand_new")

    def test_after_all_retries_the_last_reason_is_told(self):
        client = make_client(*[LOST] * 3, retries=2)
        with self.assertRaises(cc.Unreachable):
            client.spend("1", 5)
        self.assertEqual(len(client._protocol.asked), 3)
        busy = {"error": {"code": "busy", "message": "wait"}}
        with self.assertRaises(cc.Busy):
            make_client(busy, busy, retries=1).spend("1", 5)

    def test_waiting_grows_and_heeds_what_the_server_asks(self):
        waits = []
        client = cc.ClubClient("http://localhost:1", "db", "key", retries=3, sleep=waits.append)
        client._protocol = FakeProtocol(cc.Again(cc.ServerError("503"), wait=7), LOST, LOST, SPENT)
        client.spend("1", 5)
        self.assertEqual(len(waits), 3)
        self.assertGreaterEqual(waits[0], 7)
        self.assertTrue(all(0 <= wait <= 15 for wait in waits[1:]))

    def test_binary_fractions_and_moments_without_a_zone_are_refused_before_sending(self):
        client = make_client()
        for call in (lambda: client.spend("1", 0.1), lambda: client.correct("k", 1.5), lambda: client.spend("1", True)):
            with self.assertRaises(TypeError):
                call()
        with self.assertRaises(ValueError):
            client.record("1", "visit", occurred_at=datetime(2026, 5, 1))
        self.assertFalse(client._protocol.asked)

    def test_the_key_goes_over_no_open_line(self):
        for url in ("http://shop.example.com", "ftp://localhost", "shop.example.com", "https://"):
            with self.subTest(url=url), self.assertRaises(ValueError):
                cc.ClubClient(url, "db", "key")
        cc.ClubClient("http://10.0.0.5", "db", "key", insecure=True)
        with self.assertRaises(ValueError):
            cc.ClubClient("https://shop.example.com", "db", "key", "xmlrpc")

    def test_a_strange_answer_is_an_error_and_no_crash(self):
        for answer in ([], "x", None, {}, {"points": "many"}, {**SPENT, "points": None}):
            with self.subTest(answer=answer), self.assertRaises(cc.ServerError):
                make_client(answer).spend("1", 5)
        with self.assertRaises(cc.ServerError):
            make_client({"results": []}).record_many([cc.prepare_fact("1", "visit")])


@tagged("post_install", "-at_install")
class TestJournal(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "facts.journal"

    def journal(self, *answers, **options):
        return cc.Journal(self.path, make_client(*answers, retries=0), **options)

    def fill(self, count=5, **options):
        journal = self.journal(**options)
        for number in range(count):
            journal.add("1", "visit", key=f"k{number}")
        return journal

    def keys(self):
        return [fact["key"] for fact in self.journal().waiting()]

    def test_a_fact_is_kept_with_its_key_and_its_moment(self):
        before = datetime.now(timezone.utc).replace(microsecond=0)
        key = self.journal().add("1", "custom", code="packaging", amount=Decimal("2.50"))
        (fact,) = self.journal().waiting()
        self.assertEqual((fact["key"], fact["code"], fact["amount"]), (key, "packaging", "2.50"))
        self.assertGreaterEqual(datetime.fromisoformat(fact["occurred_at"]), before)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_it_is_on_the_disk_when_add_returns(self):
        with patch.object(os, "fsync", wraps=os.fsync) as synced:
            self.journal().add("1", "visit")
        self.assertGreaterEqual(synced.call_count, 1)

    def test_facts_go_out_in_order_and_in_batches(self):
        self.fill(5)
        journal = self.journal(recorded, recorded, recorded, batch=2)
        self.assertEqual(journal.send(), cc.Delivery(5, 0, 0))
        sent = [[fact["key"] for fact in values["events"]] for _method, values in journal.client._protocol.asked]
        self.assertEqual(sent, [["k0", "k1"], ["k2", "k3"], ["k4"]])
        self.assertEqual(self.keys(), [])

    def test_without_an_answer_everything_waits_on(self):
        self.fill(5)
        delivery = self.journal(recorded, LOST, batch=2).send()
        self.assertEqual((delivery.sent, delivery.waiting, type(delivery.error)), (2, 3, cc.Unreachable))
        self.assertEqual(self.keys(), ["k2", "k3", "k4"])

    def test_a_crash_after_sending_sends_the_same_keys_again(self):
        self.fill(3)
        journal = self.journal(recorded)
        with patch.object(journal, "_settle", side_effect=SystemExit), self.assertRaises(SystemExit):
            journal.send()
        again = self.journal(recorded)
        again.send()
        self.assertEqual(again.client._protocol.asked, journal.client._protocol.asked)

    def test_a_crash_while_replacing_the_file_loses_nothing(self):
        self.fill(3)
        journal = self.journal(recorded, batch=2)
        with patch.object(os, "replace", side_effect=OSError("no power")), self.assertRaises(OSError):
            journal.send()
        self.assertEqual(self.keys(), ["k0", "k1", "k2"])
        left = {path.name for path in self.path.parent.iterdir()}
        self.assertEqual(left, {"facts.journal", "facts.journal.lock", "facts.journal.sending"})

    def test_a_line_that_a_crash_left_unfinished_is_cut_off(self):
        self.fill(2)
        with open(self.path, "ab") as file:
            file.write(b'{"member": "1", "type": "vis')
        self.assertEqual(self.keys(), ["k0", "k1"])
        self.journal().add("1", "visit", key="k2")
        self.assertEqual(self.keys(), ["k0", "k1", "k2"])

    def test_a_damaged_line_is_named_and_nothing_is_dropped(self):
        self.fill(2)
        damaged = self.path.read_bytes().replace(b'{"member"', b'{"mem\x00ber', 1)
        self.path.write_bytes(damaged)
        with self.assertRaisesRegex(cc.JournalDamaged, "line 1"):
            self.journal(recorded).send()
        self.assertEqual(self.path.read_bytes(), damaged)

    def test_what_is_refused_stands_aside_with_its_reason(self):
        self.fill(3)

        def refuse_second(values):
            answer = recorded(values)
            answer["results"][1] = {"key": "k1", "error": {"code": "unknown_member", "message": "nobody"}}
            return answer

        self.assertEqual(self.journal(refuse_second).send(), cc.Delivery(2, 1, 0))
        refused = json.loads((self.path.parent / "facts.journal.refused").read_text())
        self.assertEqual((refused["key"], refused["error"]["code"]), ("k1", "unknown_member"))

    def test_a_limit_halves_the_batch_and_stops_at_one(self):
        self.fill(4)
        limit = {"error": {"code": "limit_exceeded", "message": "too many"}}
        journal = self.journal(limit, recorded, limit, limit, batch=4)
        delivery = journal.send()
        self.assertEqual((delivery.sent, delivery.waiting, type(delivery.error)), (2, 2, cc.LimitExceeded))
        self.assertEqual(self.keys(), ["k2", "k3"])

    def test_facts_added_while_sending_are_kept(self):
        journal = self.fill(2)
        other = self.journal()

        def add_meanwhile(values):
            other.add("1", "visit", key="late")
            return recorded(values)

        journal.client._protocol = FakeProtocol(add_meanwhile, recorded)
        self.assertEqual(journal.send(), cc.Delivery(3, 0, 0))
        self.assertEqual(journal.client._protocol.asked[1][1]["events"][0]["key"], "late")

    def test_several_programs_may_add_at_once(self):
        context = multiprocessing.get_context("fork")
        programs = [context.Process(target=add_many, args=(self.path, who, 20)) for who in "abc"]
        for program in programs:
            program.start()
        for program in programs:
            program.join(60)
        keys = self.keys()
        self.assertEqual(sorted(keys), sorted(f"{who}-{number}" for who in "abc" for number in range(20)))
        self.assertEqual([key for key in keys if key[0] == "a"], [f"a-{number}" for number in range(20)])


@tagged("post_install", "-at_install")
class TestCommandLine(BaseCase):
    def run_main(self, *arguments, answers=(), environment=None):
        out, err = io.StringIO(), io.StringIO()
        protocol = FakeProtocol(*answers)
        given = {"CLUB_DATABASE": "db", "CLUB_KEY": "secret", "CLUB_URL": "http://localhost:1"}
        with (
            patch.dict(os.environ, given if environment is None else environment),
            patch.dict(cc.PROTOCOLS, {"json2": lambda *args: protocol}),
            patch.object(cc.time, "sleep", lambda _seconds: None),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                status = cc.main(["--retries", "0", *arguments])
            except SystemExit as stop:
                status = stop.code
        return status, out.getvalue(), err.getvalue(), protocol

    def test_results_are_json_and_refusals_have_a_status(self):
        status, out, err, protocol = self.run_main("spend", "1", "5", answers=[SPENT])
        self.assertEqual((status, json.loads(out)["points"]), (0, "5"))
        self.assertEqual(err.split()[1], protocol.asked[0][1]["key"], "a key made here is told before it is used")
        refusal = {"error": {"code": "not_enough_points", "message": "no"}}
        status, out, err, _protocol = self.run_main("spend", "1", "5", "--key", "k", answers=[refusal])
        self.assertEqual((status, out, json.loads(err)["error"]["code"]), (3, "", "not_enough_points"))
        status, _out, err, _protocol = self.run_main("balance", "1", answers=[LOST])
        self.assertEqual((status, json.loads(err)["error"]["code"]), (4, "unreachable"))

    def test_the_key_is_no_argument(self):
        self.assertEqual(self.run_main("--help")[0], 0)
        self.assertNotIn("--api-key", self.run_main("--help")[1])
        self.assertEqual(self.run_main("balance", "1", environment={"CLUB_DATABASE": "db", "CLUB_KEY": ""})[0], 2)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "key"
            file.write_text("secret\n")
            answer = {"member": "1", "points": "1", "pending": "0", "expiring": "0", "expiring_on": "", "tier": ""}
            status, out, _err, _protocol = self.run_main(
                "--key-file", str(file), "balance", "1", answers=[answer], environment={"CLUB_DATABASE": "db"}
            )
        self.assertEqual((status, json.loads(out)["expiring_on"]), (0, None))

    def test_facts_wait_in_a_journal_and_are_sent(self):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "facts")
            status, out, _err, _protocol = self.run_main("queue", "1", "visit", "--key", "k1", "--journal", path)
            self.assertEqual((status, json.loads(out)), (0, {"key": "k1"}))
            status, out, _err, _protocol = self.run_main("send", "--journal", path, answers=[recorded])
            self.assertEqual((status, json.loads(out)["sent"]), (0, 1))
