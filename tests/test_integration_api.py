"""The interface for other systems: find, record, spend, take back; each once, however often it is sent."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.tests import tagged


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
