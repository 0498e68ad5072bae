"""The interface for other systems: find, record, spend, take back; each once, however often it is sent."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestFinding(ApiCase):
    def test_number_phone_and_barcode_find_the_one_member_and_tell_little(self):
        """abuse.md 16: exact and masked."""
        self.partner.write({"name": "Anna Maria Schmidt", "phone": "+49 1512 3456789"})
        self.env.flush_all()
        expected = {"member": self.member.number, "name": "A*** M*** S***", "tier": "", "club": self.club.id}
        for asked in (
            {"number": self.member.number},
            {"number": f" {self.member.number[:4]}-{self.member.number[4:]} "},
            {"phone": "004915123456789"},
            {"barcode": self.member.number},
            {"barcode": self.member.card_id.code},
        ):
            with self.subTest(asked=asked):
                self.assertEqual(self.call("find_member", **asked), expected)

    def test_finding_by_telephone_reads_an_index(self):
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'res_partner'")
        self.assertTrue([index for (index,) in self.env.cr.fetchall() if "(phone_sanitized)" in index])

    def test_a_part_a_pattern_and_a_stranger_find_nobody(self):
        self.partner.phone = "+49 1512 3456789"
        for asked in (
            {"number": self.member.number[:-1]},
            {"number": "%"},
            {"number": self.member.number[:-1] + "_"},
            {"phone": "+49 1512 3456780"},
            {"barcode": self.member.card_id.code[:-1]},
            {"barcode": "%"},
        ):
            with self.subTest(asked=asked):
                self.assertRefused("unknown_member", self.call("find_member", **asked))

    def test_left_and_foreign_and_absent_members_are_the_same_answer(self):
        """abuse.md 14."""
        other = self.env["club.club"].create({"name": "Other Club", "tz": "UTC", "member_number_prefix": "OTHER"})
        foreign = other._enrol(self.partner)
        self.member_2._leave()
        numbers = (foreign.number, "99999999", self.member_2.number)
        answers = [self.call("find_member", number=number) for number in numbers]
        self.assertEqual(answers, [answers[0]] * 3)
        self.assertRefused("unknown_member", answers[0])

    def test_two_members_with_one_telephone_are_not_guessed(self):
        (self.partner | self.partner_2).write({"phone": "+49 1512 3456789"})
        self.assertRefused("ambiguous_member", self.call("find_member", phone="+4915123456789"))

    def test_exactly_one_way_to_find(self):
        self.assertRefused("bad_input", self.call("find_member"))
        self.assertRefused("bad_input", self.call("find_member", number="1", phone="2"))

    def test_a_merged_members_card_leads_to_whom_it_became(self):
        number = self.member.number
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner_2
        )
        self.assertEqual(self.call("find_member", number=number)["member"], self.member_2.number)

    def test_the_balance_is_text_without_binary_fractions(self):
        self.club.points_digits = 2
        self.post(Decimal("12.10"), "e")
        self.post(5, "p", pending=True)
        answer = self.call("get_balance", member=self.member.number)
        self.assertEqual((answer["points"], answer["pending"], answer["expiring_on"]), ("12.1", "5", ""))


@tagged("post_install", "-at_install")
class TestSpending(ApiCase):
    def setUp(self):
        super().setUp()
        self.post(250, "e")

    def test_a_spend_sent_again_is_the_first_one(self):
        """never.md 6, abuse.md 6."""
        first = self.spend()
        self.assertEqual((first["points"], first["balance"], first["replayed"]), ("100", "150", False))
        self.post(7, "later")
        for points in ("100", "100.00", 100):
            self.assertEqual(self.spend(points), {**first, "replayed": True})
        self.assertEqual(self.member.points, 157)
        self.assertEqual(self.call("get_result", key="spend-1"), {**first, "replayed": True})
        entry = self.env["club.point.entry"].search([("key", "=", f"api,{self.user.id}:spend-1")])
        self.assertEqual((entry.points, entry.user_id, entry.origin_model), (-100, self.user, "club.integration"))
        self.assertInvariantsHold()

    def test_a_key_with_other_content_is_refused_whatever_the_method(self):
        self.spend()
        for answer in (
            self.spend("99"),
            self.spend(member=self.member_2.number),
            self.record("spend-1"),
            self.call("reverse", reverses="spend-1", key="spend-1"),
        ):
            self.assertRefused("key_reused", answer)
        self.assertEqual(self.member.points, 150)

    def test_more_than_there_is_is_refused_and_the_key_may_be_used_again(self):
        self.assertRefused("not_enough_points", self.spend("251"))
        self.assertRefused("unknown_key", self.call("get_result", key="spend-1"))
        self.assertEqual(self.spend("250")["balance"], "0")

    def test_pending_points_cannot_be_spent(self):
        self.post(50, "p", pending=True)
        self.assertRefused("not_enough_points", self.spend("251"))

    def test_only_exact_positive_decimals_are_points(self):
        for points in ("0", "-5", "1.5", "1e2", "١٠٠", 1.0, 100.5, True, None, "", [100], {"a": 1}, "9" * 30, "NaN"):
            with self.subTest(points=points):
                self.assertRefused("bad_input", self.spend(points))
        self.assertEqual(self.member.points, 250)

    def test_a_key_is_a_plain_name_that_cannot_imitate_the_servers(self):
        """abuse.md 6: earnings are keyed <fact>:rule:<id>, which nobody may use up."""
        for key in (None, "", "a b", "k:rule:1", "api,1:x", "k\n", "ä", "x" * 101, 5, ["k"], "-k"):
            with self.subTest(key=key):
                self.assertRefused("bad_input", self.spend(key=key))
        self.assertEqual(self.member.points, 250)

    def test_a_spend_is_taken_back_in_parts_and_no_further(self):
        self.spend()
        part = self.call("reverse", reverses="spend-1", key="back-1", points="30")
        self.assertEqual((part["points"], part["balance"]), ("30", "180"))
        self.assertEqual(
            self.call("reverse", reverses="spend-1", key="back-1", points="30"), {**part, "replayed": True}
        )
        self.assertRefused("nothing_left", self.call("reverse", reverses="spend-1", key="back-2", points="71"))
        self.assertEqual(self.call("reverse", reverses="spend-1", key="back-2")["points"], "70")
        self.assertRefused("nothing_left", self.call("reverse", reverses="spend-1", key="back-3"))
        self.assertEqual(self.member.points, 250)
        self.assertInvariantsHold()

    def test_only_what_this_user_made_is_taken_back(self):
        """abuse.md 16."""
        other = self.integration.copy({"name": "Kiosk"})
        self.assertFalse(other.user_id)
        self.spend()
        answer = self.call("reverse", user=other._get_user(), reverses="spend-1", key="back")
        self.assertRefused("unknown_key", answer)
        self.assertRefused("unknown_key", self.call("get_result", user=other.user_id, key="spend-1"))
        self.assertEqual(self.member.points, 150)

    def test_two_users_may_use_one_key(self):
        other = self.integration.copy({"name": "Kiosk"})
        self.spend()
        self.assertFalse(self.spend(user=other._get_user())["replayed"])
        self.assertEqual(self.member.points, 50)

    def test_a_call_in_flight_about_the_member_is_busy_not_waited_for(self):
        """abuse.md 24."""
        with self.env.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (0x636C7562, self.member.id))
            for answer in (self.spend(), self.record()):
                self.assertRefused("busy", answer)
        self.assertEqual(self.spend()["balance"], "150")

    def test_limits_per_call_and_per_day(self):
        self.integration.write({"points_per_call": 60, "points_per_day": 100})
        self.assertRefused("limit_exceeded", self.spend("61"))
        self.assertEqual(self.spend("60")["balance"], "190")
        self.assertRefused("limit_exceeded", self.spend("41", key="s2"))
        self.assertEqual(self.spend("40", key="s2")["balance"], "150")
        self.assertRefused("limit_exceeded", self.spend("1", key="s3"))
        tomorrow = fields.Datetime.now() + timedelta(hours=25)
        with patch.object(fields.Datetime, "now", lambda *args: tomorrow):
            self.assertEqual(self.spend("1", key="s3")["points"], "1")


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
class TestRights(ApiCase):
    def test_the_technical_user_reads_and_writes_nothing_at_all(self):
        """abuse.md 16: an API key equals its whole user."""
        for name, Model in self.env.registry.items():
            if Model._abstract:
                continue
            model = self.env[name].with_user(self.user)
            rights = [right for right in ("read", "write", "create", "unlink") if model.has_access(right)]
            self.assertFalse(rights, f"{name}: {rights}")
        self.assertEqual(self.user.all_group_ids, self.env.ref("customer_club.group_club_api"))
        self.assertFalse(self.user.has_group("base.group_user"))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_odoos_own_calls_tell_the_technical_user_nothing(self):
        for model in ("res.partner", "club.member", "club.point.entry", "loyalty.card", "sale.order", "res.users"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search_read([], ["id"])

    def test_nobody_else_can_call(self):
        """abuse.md 15: staff and customers have other ways; a key of theirs would carry all their rights."""
        self.post(100, "e")
        users = [
            new_test_user(self.env, "api_manager", groups="customer_club.group_club_manager"),
            new_test_user(self.env, "api_portal", groups="base.group_portal"),
            new_test_user(self.env, "api_stray", groups="customer_club.group_club_api"),
            self.env.ref("base.public_user"),
        ]
        for user in users:
            with self.subTest(user=user.login):
                self.assertRefused("forbidden", self.spend(user=user))
                self.assertRefused("forbidden", self.call("find_member", user=user, number=self.member.number))
        self.assertEqual(self.member.points, 100)

    def test_what_is_not_allowed_is_forbidden(self):
        self.post(100, "e")
        self.integration.write(dict.fromkeys(("allow_find", "allow_record", "allow_spend", "allow_reverse"), False))
        for answer in (
            self.call("find_member", number=self.member.number),
            self.call("get_balance", member=self.member.number),
            self.record(),
            self.call("record_events", events=[self.fact()]),
            self.spend(),
            self.call("reverse", reverses="a", key="b"),
            self.call("correct", corrects="a", key="b", amount="1"),
        ):
            self.assertRefused("forbidden", answer)

    def test_an_archived_integration_is_cut_off(self):
        self.integration.active = False
        self.assertFalse(self.user.active)
        self.assertRefused("forbidden", self.call("find_member", number=self.member.number))

    def test_another_club_and_another_company_are_out_of_reach(self):
        """never.md 14, abuse.md 16."""
        company = self.env["res.company"].create({"name": "Another Company"})
        near = self.env["club.club"].create({"name": "Near Club", "tz": "UTC"})
        far = self.env["club.club"].create({"name": "Far Club", "tz": "UTC", "company_id": company.id})
        for club in (near, far):
            member = club._enrol(self.partner_2)
            self.post(100, f"e{club.id}", member=member)
            for answer in (
                self.spend(member=member.number, club=club.id),
                self.record(member=member.number, club=club.id),
                self.call("get_balance", member=member.number, club=club.id),
                self.call("find_member", number=member.number, club=club.id),
            ):
                self.assertRefused("forbidden", answer)
            self.assertEqual(member.points, 100)
        self.assertEqual(self.call("get_balance", member="1", club=far.id + 999)["error"]["code"], "forbidden")
        with self.assertRaises(UserError):
            self.integration.club_ids = self.club | far

    def test_with_two_clubs_one_must_be_named(self):
        near = self.env["club.club"].create({"name": "Near Club", "tz": "UTC"})
        member = near._enrol(self.partner)
        self.assertEqual(member.number, self.member.number, "numbers are a club's own")
        self.post(100, "e", member=member)
        self.integration.club_ids = self.club | near
        self.assertRefused("bad_input", self.spend())
        self.assertEqual(self.spend(club=near.id)["balance"], "0")
        self.assertEqual((self.member.points, member.points), (0, 0))

    def test_a_context_changes_nothing(self):
        """abuse.md 5."""
        self.post(100, "e")
        wild = {
            "active_test": False,
            "allowed_company_ids": [1, 2, 3],
            "lang": "xx_YY",
            "tz": "Mars/Phobos",
            "uid": 1,
            "su": True,
            "default_points": 5000,
            "default_state": "posted",
            "default_user_id": 2,
            "default_member_id": self.member_2.id,
            "default_integration_id": 1,
            "club_bypass": True,
            "tracking_disable": False,
            "loyalty_no_mail": False,
            "bin_size": True,
        }
        answer = self.api(**wild).spend(member=self.member.number, points="40", key="wild")
        self.assertEqual((answer["points"], answer["balance"]), ("40", "60"))
        self.assertEqual(self.member_2.points, 0)
        answer = self.api(**wild).record_event(**self.fact("wild-fact"))
        self.assertEqual(answer["points"], "0")
        call = self.env["club.api.call"].search([], limit=1)
        self.assertEqual((call.integration_id, call.code), (self.integration, "ok"))
        self.assertInvariantsHold()

    def test_the_rate_of_calls_and_searches_is_limited(self):
        """abuse.md 16."""
        self.integration.write({"calls_per_minute": 8, "finds_per_minute": 3})
        for _again in range(3):
            self.assertRefused("unknown_member", self.call("find_member", number="99999999"))
        for _again in range(2):
            self.assertRefused("rate_limited", self.call("find_member", number=self.member.number))
        for _again in range(5):
            self.assertIn("points", self.call("get_balance", member=self.member.number))
        self.assertRefused("rate_limited", self.call("get_balance", member=self.member.number))
        later = fields.Datetime.now() + timedelta(seconds=61)
        with patch.object(fields.Datetime, "now", lambda *args: later):
            self.assertEqual(self.call("find_member", number=self.member.number)["member"], self.member.number)

    def test_calls_are_written_down_without_personal_data_and_forgotten(self):
        self.spend("1", note="for Anna, anna@example.com")
        self.call("find_member", phone="+4915123456789")
        calls = self.env["club.api.call"].search([("integration_id", "=", self.integration.id)])
        self.assertEqual(calls.mapped("code"), ["unknown_member", "not_enough_points"])
        columns = set(self.env["club.api.call"]._fields)
        self.assertFalse(columns & {"member_id", "phone", "partner_id", "note", "key", "arguments"})
        self.assertEqual((self.integration.call_count, self.integration.refused_count), (2, 2))
        self.env["club.api.call"]._gc_calls()
        self.assertTrue(calls.exists())
        later = datetime.now() + timedelta(days=31)
        with patch.object(fields.Datetime, "now", lambda *args: later):
            self.env["club.api.call"]._gc_calls()
        self.assertFalse(calls.exists())

    def test_answers_of_keys_never_change(self):
        self.post(100, "e")
        self.spend()
        request = self.env["club.api.request"].search([("integration_id", "=", self.integration.id)])
        for change in (lambda: request.write({"points": 1}), request.unlink, lambda: request.create({})):
            with self.assertRaises(UserError):
                change()


@tagged("post_install", "-at_install")
class TestIntegration(ApiCase):
    def test_a_manager_makes_a_key_that_works_and_revokes_it(self):
        manager = new_test_user(self.env, "keys_manager", groups="customer_club.group_club_manager")
        integration = self.env["club.integration"].with_user(manager).create(
            {"name": "Kiosk", "club_ids": self.club.ids}
        )
        key = integration._make_key()
        Keys = self.env["res.users.apikeys"]
        self.assertEqual(Keys._check_credentials(scope="rpc", key=key), integration.sudo().user_id.id)
        self.assertEqual(integration.key_count, 1)
        self.assertGreater(integration.key_expires_on, fields.Datetime.now() + timedelta(days=360))
        second = integration._make_key()
        self.assertEqual(Keys._check_credentials(scope="rpc", key=key), integration.sudo().user_id.id, "for a day")
        first = Keys.sudo().search([("user_id", "=", integration.sudo().user_id.id)], order="id", limit=1)
        self.assertLessEqual(first.expiration_date, fields.Datetime.now() + timedelta(hours=24))
        integration.action_revoke_keys()
        self.assertFalse(Keys._check_credentials(scope="rpc", key=second))
        self.assertEqual(integration.key_count, 0)

    def test_a_key_on_the_screen_is_never_saved(self):
        """A browser left with the dialog open tries to; a failed INSERT would write the key into the log."""
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.env.cr.execute("SELECT 1")
            with self.assertRaisesRegex(UserError, "shown once"):
                self.env["club.integration.key"].with_context(default_key="secret").web_save({}, {"key": {}})
        self.assertNotIn("secret", str(logs.output))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_but_a_manager_touches_integrations_and_facts(self):
        for groups in ("customer_club.group_club_user", "customer_club.group_club_accountant", "base.group_portal"):
            user = new_test_user(self.env, f"no_{groups[-6:]}", groups=groups)
            integration = self.integration.with_user(user)
            for action in (
                lambda integration=integration: integration.write({"allow_spend": True}),
                integration._make_key,
                integration.action_revoke_keys,
                lambda user=user: self.packaging.with_user(user).write({"name": "x"}),
                lambda user=user: self.env["club.api.request"].with_user(user).search([]),
            ):
                with self.subTest(groups=groups), self.assertRaises(AccessError):
                    action()

    def test_an_employees_user_is_never_bound(self):
        """abuse.md 16."""
        admin = self.env.ref("base.user_admin")
        integration = self.env["club.integration"].create(
            {"name": "Bad", "club_ids": self.club.ids, "user_id": admin.id}
        )
        self.assertFalse(integration.user_id)
        with self.assertRaises(AccessError):
            integration.user_id = admin

    def test_an_integration_that_moved_points_stays(self):
        self.post(100, "e")
        self.spend()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.integration.unlink()

    def test_codes_stay_once_made(self):
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.packaging.code = "other"
        self.earn_rule("custom", 5, custom_fact_ids=self.packaging.ids)
        with self.assertRaisesRegex(UserError, "Archive the fact"):
            self.packaging.unlink()
        with self.assertRaisesRegex(UserError, "small letters"):
            self.packaging.copy({"code": "Not A Code", "club_id": self.club.id})

    def test_a_rule_takes_facts_of_its_own_club_only(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        tour = self.env["club.custom.fact"].create({"club_id": other.id, "name": "a tour", "code": "tour"})
        with self.assertRaisesRegex(UserError, "another club"):
            self.earn_rule("custom", 5, custom_fact_ids=[Command.link(tour.id)])


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
