"""Digits, names, phones, amounts and member numbers as people type them."""

import contextlib
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import text
from odoo.addons.customer_club.engine.errors import EngineError, MemberNumberError, NumberError, PhoneError
from odoo.tests import BaseCase, tagged

fast = settings(max_examples=300, deadline=None)


@tagged("post_install", "-at_install")
class TestOneSpellingOfNamesAndDigits(BaseCase):
    def test_digits_of_three_scripts_are_one(self):
        self.assertEqual(text.digits("۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 0123456789"), "0123456789 0123456789 0123456789")

    def test_arabic_and_persian_keyboards_write_one_name(self):
        self.assertEqual(text.normalise("كريمي"), text.normalise("کریمی"))
        self.assertEqual(text.normalise("  \u200fعلي\u200e "), "علی")

    def test_a_search_ignores_half_spaces_case_and_vowel_signs(self):
        for one, other in (("علي\u200cرضا", "علیرضا"), ("مُحَمَّد", "محمد"), ("STRASSE", "straße"), ("a   b", "A B")):
            self.assertEqual(text.search_key(one), text.search_key(other))
        self.assertNotEqual(text.search_key("آرش"), text.search_key("ارس"))

    def test_the_half_space_stays_in_what_is_stored(self):
        self.assertIn("\u200c", text.normalise("می\u200cخواهم"))

    @fast
    @given(typed=st.text(max_size=40))
    def test_normalising_twice_changes_nothing(self, typed):
        once = text.normalise(typed)
        self.assertEqual(text.normalise(once), once)
        key = text.search_key(typed)
        self.assertEqual(text.search_key(key), key)
        self.assertEqual(text.search_key(once), key)


@tagged("post_install", "-at_install")
class TestOnePersonPerPhone(BaseCase):
    def test_every_way_to_write_an_iranian_mobile_is_one_person(self):
        for typed in (
            "۰۹۱۲۳۴۵۶۷۸۹",
            "٠٩١٢٣٤٥٦٧٨٩",
            "09123456789",
            "0912 345 6789",
            "0912-345-6789",
            "(0912) 345 67 89",
            "9123456789",
            "00989123456789",
            "0098 912 345 6789",
            "+989123456789",
            "+98 (0) 912 345 6789",
            "989123456789",
            "\u200e+989123456789",
        ):
            self.assertEqual(text.phone_e164(typed, "IR"), "+989123456789", typed)

    def test_a_foreign_number_is_read_the_same_in_any_country(self):
        for region in ("IR", "DE", "US", ""):
            for typed in ("00989123456789", "+989123456789"):
                self.assertEqual(text.phone_e164(typed, region), "+989123456789", (typed, region))

    def test_a_number_that_cannot_be_says_why(self):
        cases = {
            "": "empty",
            "  ": "empty",
            "call me": "unreadable",
            "Ali 09123456789": "unreadable",
            "+98912": "too_short",
            "091234567890123456": "too_long",
            "+9991234567": "country",
            "0912345678": "invalid",
        }
        for typed, reason in cases.items():
            with self.assertRaises(PhoneError) as caught:
                text.phone_e164(typed, "IR")
            self.assertEqual(caught.exception.reason, reason, typed)
            self.assertIn(repr(typed), str(caught.exception))

    def test_a_local_number_without_a_country_is_not_guessed(self):
        with self.assertRaises(PhoneError) as caught:
            text.phone_e164("09123456789")
        self.assertEqual(caught.exception.reason, "country")
        self.assertEqual(text.phone_candidates("09123456789"), [])

    @fast
    @given(typed=st.text(max_size=24), region=st.sampled_from(["IR", "DE", "US", "", "XX"]))
    def test_no_text_breaks_the_reader(self, typed, region):
        try:
            number = text.phone_e164(typed, region)
        except PhoneError as error:
            self.assertTrue(error.reason)
        else:
            self.assertEqual(text.phone_e164(number, ""), number)


@tagged("post_install", "-at_install")
class TestTypedNumbers(BaseCase):
    def test_numbers_as_people_and_programs_write_them(self):
        cases = {
            "0": "0",
            "0.00": "0.00",
            "12": "12",
            "12.5": "12.5",
            "12,5": "12.5",
            "1,234": "1234",
            "0,125": "0.125",
            "1.234": "1.234",
            "1,234.56": "1234.56",
            "1.234,56": "1234.56",
            "1.234.567": "1234567",
            "1,234,567": "1234567",
            "12,34,567": "1234567",
            "1 234 567": "1234567",
            "1\u00a0234,50": "1234.50",
            "1\u202f234": "1234",
            "1'234.50": "1234.50",
            "۱۲۳": "123",
            "۱٬۲۳۴٬۵۶۷": "1234567",
            "۱٬۲۳۴٫۵": "1234.5",
            "٣٫١٤": "3.14",
            "۱۲۳۴٬۵۶۷٫۵": None,
            "-5": "-5",
            "5-": "-5",
            "(5.00)": "-5.00",
            "\u22125": "-5",
            "+5": "5",
            ".5": "0.5",
            "5.": "5",
            "1234,5678": "1234.5678",
        }
        for typed, expected in cases.items():
            if expected is None:
                with self.assertRaises(NumberError):
                    text.parse_decimal(typed)
            else:
                self.assertEqual(str(text.parse_decimal(typed)), expected, typed)

    def test_what_is_no_number_is_refused_with_a_reason(self):
        cases = {
            "": "empty",
            "abc": "unreadable",
            "12 €": "unreadable",
            "1e3": "unreadable",
            "nan": "unreadable",
            "--5": "unreadable",
            "1,23,4": "grouping",
            "12,34.5": "grouping",
            "1,234.5,6": "unreadable",
            "1.2,3.4": "unreadable",
            "Infinity": "unreadable",
        }
        for typed, reason in cases.items():
            with self.assertRaises(NumberError) as caught:
                text.parse_decimal(typed)
            self.assertEqual(caught.exception.reason, reason, typed)

    @fast
    @given(value=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
    def test_a_plain_number_comes_back_exactly(self, value):
        self.assertEqual(text.parse_decimal(f"{value:f}"), value)
        self.assertEqual(text.parse_decimal(f"{value:,f}"), value)

    @fast
    @given(typed=st.text(max_size=20))
    def test_no_text_breaks_the_reader(self, typed):
        with contextlib.suppress(EngineError):
            self.assertTrue(text.parse_decimal(typed).is_finite())


@tagged("post_install", "-at_install")
class TestMemberNumbers(BaseCase):
    def test_the_check_digits_are_those_of_iso_7064_mod_97_10(self):
        # The example of ISO 13616's algorithm: an IBAN, moved to the front, leaves remainder 1.
        self.assertTrue(text.check_member_number("WEST12345698765432GB82".replace("GB82", "161182")))
        self.assertEqual(text.member_number(794), "00079444")  # 794 · 100 + 44 = 79,444 = 819 · 97 + 1

    def test_a_number_typed_in_any_way_is_the_number(self):
        number = text.member_number(1234567, "rose")
        for typed in (
            number,
            number.lower(),
            f" {number[:4]}-{number[4:]} ",
            number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
        ):
            self.assertTrue(text.check_member_number(typed), typed)
            self.assertEqual(text.compact_member_number(typed), number)

    def test_nothing_and_nonsense_are_no_numbers(self):
        for typed in ("", "1", "01", "ROSE", "ROSE-", "00000000", "گل۱۲۳۴۵۶۷۸"):
            self.assertFalse(text.check_member_number(typed), typed)

    def test_parts_that_make_no_number_are_refused(self):
        for sequence, prefix in ((0, ""), (-1, ""), (True, ""), (1, "گل"), (1, "TOOLONGPREFIX"), (1, "A-B")):
            with self.assertRaises(MemberNumberError):
                text.member_number(sequence, prefix)

    @fast
    @given(sequence=st.integers(1, 10**9), prefix=st.sampled_from(["", "ROSE", "C7"]), data=st.data())
    def test_every_wrong_digit_and_every_swap_is_found(self, sequence, prefix, data):
        number = text.member_number(sequence, prefix)
        self.assertTrue(text.check_member_number(number))
        place = data.draw(st.integers(len(prefix), len(number) - 1))
        digit = data.draw(st.sampled_from("0123456789"))
        if digit != number[place]:
            self.assertFalse(text.check_member_number(number[:place] + digit + number[place + 1 :]))
        if place + 1 < len(number) and number[place] != number[place + 1]:
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            self.assertFalse(text.check_member_number(swapped))

    @fast
    @given(one=st.integers(1, 10**9), other=st.integers(1, 10**9))
    def test_two_members_never_share_a_number(self, one, other):
        self.assertEqual(text.member_number(one) == text.member_number(other), one == other)


@tagged("post_install", "-at_install")
class TestNoFormulaReachesASpreadsheet(BaseCase):
    def test_a_text_that_begins_like_a_formula_is_only_text(self):
        for value in ("=1+1", "+98", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1"):
            self.assertEqual(text.safe_cell(value), "'" + value)

    def test_numbers_dates_and_words_stay(self):
        for value in (-5, Decimal("-5.5"), None, "", "Rose", "a=b", False):
            self.assertIs(text.safe_cell(value), value)

    @fast
    @given(value=st.text(max_size=20))
    def test_no_text_begins_a_formula_any_more(self, value):
        cell = text.safe_cell(value)
        self.assertNotIn(cell.lstrip()[:1] or "x", "=+-@")
        self.assertEqual(text.safe_cell(cell), cell)
