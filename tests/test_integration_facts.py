"""Facts from other systems and by hand: each once, in their own time, and what each may give."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRecording(ApiCase):
    def setUp(self):
        super().setUp()
        self.rule = self.earn_rule("custom", 5, custom_fact_ids=self.packaging.ids)

    def test_a_custom_fact_earns_by_its_rule_once(self):
        """Way 22; never.md 6."""
        first = self.record()
        self.assertEqual((first["points"], first["balance"], first["replayed"]), ("5", "5", False))
        self.assertEqual(self.record(), {**first, "replayed": True})
        self.assertEarned(5, "custom")
        event = self.env["club.event"].search([("key", "=", f"api,{self.user.id}:fact-1")])
        self.assertEqual((event.payload, event.origin_model), ({"code": "packaging"}, "club.integration"))

    def test_another_fact_earns_nothing_and_the_rule_says_why(self):
        self.env["club.custom.fact"].create({"club_id": self.club.id, "name": "a tour", "code": "tour"})
        self.assertEqual(self.record(code="tour")["points"], "0")
        self.assertIn("returned packaging", self.rule.sentence)
        reason = self.rule._get_reason_sentences()["custom_codes"]({"code": "tour"})
        self.assertIn("returned packaging", reason)

    def test_an_unknown_code_is_refused_with_the_remedy(self):
        answer = self.record(code="nonsense")
        self.assertRefused("unknown_code", answer)
        self.assertIn("Custom Facts", answer["error"]["message"])
        self.packaging.active = False
        self.assertRefused("unknown_code", self.record())
        self.assertFalse(self.env["club.event"].search([("key", "=like", "api,%")]))

    def test_a_code_of_another_club_is_unknown(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        self.env["club.custom.fact"].create({"club_id": other.id, "name": "a tour", "code": "tour"})
        self.assertRefused("unknown_code", self.record(code="tour"))

    def test_amount_and_quantity_count(self):
        self.rule.write({"formula": "per_amount", "points": 1, "per_amount": 10})
        self.assertEqual(self.record(amount="29.99")["points"], "2")
        self.rule.write({"formula": "per_unit", "points": 2})
        self.assertEqual(self.record("fact-2", quantity="3")["points"], "6")
        self.assertRefused("key_reused", self.record(amount="30"))

    def test_times_have_a_zone_and_lie_in_reach(self):
        now = fields.Datetime.now()
        self.env.cr.execute(
            "UPDATE club_member SET joined_at = %s WHERE id = %s", (now - timedelta(days=20), self.member.id)
        )
        self.member.invalidate_recordset()

        def stamp(moment):
            return moment.isoformat() + "Z"

        for wrong in (
            "2026-05-01 12:00:00",
            "2026-05-01T12:00:00",
            "yesterday",
            20260501,
            stamp(now + timedelta(hours=1)),
            stamp(now - timedelta(days=31)),
            stamp(now - timedelta(days=25)),  # before the member joined
        ):
            with self.subTest(occurred_at=wrong):
                self.assertRefused("bad_input", self.record(occurred_at=wrong))
        moment = (now - timedelta(days=3)).replace(microsecond=0)
        self.assertEqual(self.record(occurred_at=stamp(moment))["points"], "5")
        self.assertTrue(self.record(occurred_at=stamp(now))["replayed"], "the first time that was told stays")
        self.assertEqual(self.env["club.event"].search([], order="id desc", limit=1).occurred_at, moment)

    def test_unknown_fields_types_and_foreign_fields_are_refused(self):
        for wrong in (
            {"type": "purchase"},
            {"type": "join"},
            {"type": None},
            {"type": "visit", "code": "packaging"},
            {"type": "visit", "amount": "5"},
            {"amount": "-5"},
            {"amount": 5.5},
            {"amount": "5.123"},
            {"currency": "XXX", "amount": "5"},
            {"member": 7},
            {"member": None},
            {"club": "1"},
            {"code": "Packaging!"},
            {"code": None},
        ):
            with self.subTest(wrong=wrong):
                code, values = "bad_input", {**self.fact(), **wrong}
                if wrong.get("type") == "visit":
                    values = {**{k: v for k, v in self.fact().items() if k != "code"}, **wrong}
                self.assertRefused(code, self.call("record_event", **values))
        answer = self.call("record_events", events=[{**self.fact(), "points": 1000000}])
        self.assertRefused("bad_input", answer["results"][0])
        self.assertFalse(self.env["club.event"].search([("key", "=like", "api,%")]))

    def test_a_list_records_what_is_right_and_says_what_is_wrong(self):
        self.record("known")
        answer = self.call(
            "record_events",
            events=[
                self.fact("a"),
                self.fact("b", member="99999999"),
                self.fact("known"),
                self.fact("a"),
                self.fact("a", code="packaging", amount="3"),
                "nonsense",
                self.fact("c", member=self.member_2.number),
            ],
        )["results"]
        self.assertEqual(
            [result.get("error", {}).get("code", result.get("replayed")) for result in answer],
            [False, "unknown_member", True, True, "key_reused", "bad_input", False],
        )
        self.assertEqual([result["key"] for result in answer], ["a", "b", "known", "a", "a", "", "c"])
        self.assertEqual(self.member.points, 10)
        self.assertEqual(self.member_2.points, 5)

    def test_an_offline_list_sent_again_counts_once(self):
        """never.md 6: an offline re-sync."""
        events = [self.fact(f"offline-{number}") for number in range(20)]
        first = self.call("record_events", events=events[:12])["results"]
        again = self.call("record_events", events=events)["results"]
        self.assertEqual([result["replayed"] for result in again], [True] * 12 + [False] * 8)
        self.assertEqual([{**result, "replayed": False} for result in again[:12]], first)
        self.assertEarned(100, "custom")
        self.assertInvariantsHold()

    def test_the_number_of_queries_hardly_grows_with_the_list(self):
        self.call("record_events", events=[self.fact("warm")])
        counts = []
        for size in (10, 100):
            before = self.cr.sql_log_count
            self.call("record_events", events=[self.fact(f"q-{size}-{number}") for number in range(size)])
            counts.append(self.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 10)

    def test_a_list_has_a_size(self):
        for events in (None, [], {}, "x", [self.fact(f"n{number}") for number in range(201)]):
            self.assertRefused("bad_input", self.call("record_events", events=events))

    def test_what_one_call_may_give_is_limited_and_nothing_is_given_beyond(self):
        self.integration.points_per_call = 12
        answer = self.call("record_events", events=[self.fact(f"n{number}") for number in range(3)])
        self.assertRefused("limit_exceeded", answer)
        self.assertFalse(self.env["club.event"].search([("key", "=like", "api,%")]))
        self.assertEqual(self.member.points, 0)

    def test_a_visit_counts_once_a_day_whoever_saw_the_member(self):
        """never.md 6."""
        self.earn_rule("visit", 3)
        visit = {"member": self.member.number, "type": "visit"}
        self.assertEqual(self.call("record_event", **visit, key="v1")["points"], "3")
        self.assertEqual(self.call("record_event", **visit, key="v2")["points"], "0")
        self.member._record_visit("counter")
        self.assertEqual(self.member.points, 3)
        self.assertRefused("nothing_left", self.call("reverse", reverses="v2", key="back-2"))
        self.assertEqual(self.call("reverse", reverses="v1", key="back-1")["points"], "-3")
        several = self.call("record_events", events=[{**visit, "key": key} for key in ("v3", "v4")])["results"]
        self.assertEqual([result["points"] for result in several], ["3", "0"])
        self.assertEarned(3, "visit")
        self.member_2._record_visit("counter")
        answer = self.call("record_event", member=self.member_2.number, type="visit", key="v5")
        self.assertEqual((answer["points"], answer["balance"]), ("0", "3"))
        self.assertRefused("nothing_left", self.call("reverse", reverses="v5", key="back-5"))
        self.assertInvariantsHold()

    def test_a_fact_taken_back_takes_its_points_back_once(self):
        self.record()
        answer = self.call("reverse", reverses="fact-1", key="back")
        self.assertEqual((answer["points"], answer["balance"]), ("-5", "0"))
        self.assertTrue(self.call("reverse", reverses="fact-1", key="back")["replayed"])
        self.assertRefused("nothing_left", self.call("reverse", reverses="fact-1", key="again"))
        self.assertRefused("bad_input", self.call("reverse", reverses="fact-1", key="part", points="1"))
        self.assertTrue(self.record()["replayed"], "the fact stays, and is not counted anew")
        self.assertEarned(0, "custom")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestFactsByHand(ApiCase):
    def report(self, user, **values):
        return (
            self.env["club.custom.fact.wizard"]
            .with_user(user)
            .create({"member_id": self.member.id, "fact_id": self.packaging.id, **values})
        )

    def test_a_manager_reports_a_fact_once_per_reference(self):
        """Way 22, by hand."""
        self.earn_rule("custom", 5)
        manager = new_test_user(self.env, "facts_manager", groups="customer_club.group_club_manager")
        wizard = self.report(manager, reference="slip 7")
        wizard.action_report()
        wizard.action_report()
        self.report(manager, reference="slip 7").action_report()
        self.assertEarned(5, "custom")
        self.report(manager).action_report()
        self.assertEarned(10, "custom")

    def test_not_about_oneself_another_club_the_future_or_a_member_who_left(self):
        manager = new_test_user(self.env, "facts_manager", groups="customer_club.group_club_manager")
        own = self.club._enrol(manager.partner_id)
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        tour = self.env["club.custom.fact"].create({"club_id": other.id, "name": "a tour", "code": "tour"})
        for values in (
            {"member_id": own.id},
            {"fact_id": tour.id},
            {"occurred_at": fields.Datetime.now() + timedelta(days=1)},
            {"occurred_at": fields.Datetime.now() - timedelta(days=9)},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.report(manager, **values).action_report()
        user = new_test_user(self.env, "facts_user", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            self.report(user)
