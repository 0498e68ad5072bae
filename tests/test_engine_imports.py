"""Files become purchases and people, whatever program wrote them; what cannot be read says why."""

import csv
import io
import pathlib
import random
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import imports, tables
from odoo.addons.customer_club.engine.errors import TableError
from odoo.tests import BaseCase, tagged

CDNOW = pathlib.Path(__file__).parent / "data" / "cdnow_sample.csv"
TODAY = date(2025, 6, 1)
PURCHASE = {"customer": 0, "date": 1, "amount": 2, "quantity": 3}


def xlsx(*rows, formats=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in formats:
        book.active[place].number_format = number_format
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def purchases(*lines, today=TODAY):
    table = tables.read_table("\n".join(("customer,date,amount,quantity", *lines)).encode())
    return imports.read_purchases(table, PURCHASE, today)


@tagged("post_install", "-at_install")
class TestAFileBecomesATable(BaseCase):
    def test_every_usual_delimiter_and_encoding_gives_the_same_table(self):
        expected = None
        for delimiter in tables.DELIMITERS:
            stream = io.StringIO()
            csv.writer(stream, delimiter=delimiter).writerows(
                [["name", "amount"], ["علی; رضا", "12,5"], ["a|b\tc", "1"]]
            )
            for encoding in ("utf-8", "utf-8-sig", "utf-16"):
                table = tables.read_table(stream.getvalue().encode(encoding))
                expected = expected or table
                self.assertEqual(table, expected, (delimiter, encoding))
        self.assertEqual(expected.rows[0].values, ["علی; رضا", "12,5"])

    def test_blank_rows_count_and_short_rows_are_filled(self):
        table = tables.read_table(b"\na,b,\n\n1\n,,\n1,2,3,4\n")
        self.assertEqual(table, (["a", "b"], [(4, ["1", ""]), (6, ["1", "2"])]))

    def test_columns_without_or_with_the_same_name_are_told_apart(self):
        self.assertEqual(tables.read_table(b"a,,a\n1,2,3\n").columns, ["a", "Column 2", "a (3)"])

    def test_a_spreadsheet_keeps_dates_numbers_and_leading_zeros(self):
        content = xlsx(
            ["ref", "born", "amount", "points", "yes", "long"],
            [7, datetime(1990, 5, 17), 12.1, 100.0, True, 989123456789],
            formats=[("A2", "0000")],
        )
        self.assertEqual(
            tables.read_table(content).rows[0].values,
            ["0007", "1990-05-17", "12.1", "100", "yes", "989123456789"],
        )

    def test_what_is_no_table_is_refused_with_a_reason(self):
        cases = {
            b"": "empty",
            b" \n ": "empty",
            b"a,b\n": "no_rows",
            "نام".encode("cp1256"): "encoding",
            b"\x00\x01\x02": "encoding",
            b"PK\x03\x04broken": "spreadsheet",
        }
        for content, reason in cases.items():
            with self.assertRaises(TableError) as caught:
                tables.read_table(content)
            self.assertEqual(caught.exception.reason, reason, content)

    def test_columns_are_found_by_name_in_english_and_persian(self):
        for columns in (
            ["customer_id", "date", "quantity", "amount_usd"],
            ["کد مشتری", "تاريخ خريد", "تعداد", "مبلغ"],
            ["Customer-ID", "DATE", "Qty.", "Total"],
        ):
            self.assertEqual(
                tables.match_columns(columns, imports.PURCHASE_COLUMNS),
                {"customer": 0, "date": 1, "quantity": 2, "amount": 3},
                columns,
            )

    @settings(max_examples=100, deadline=None)
    @given(start=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe"]), content=st.binary(max_size=200))
    def test_no_content_breaks_the_reader(self, start, content):
        try:
            self.assertTrue(tables.read_table(start + content).rows)
        except TableError as error:
            self.assertTrue(error.reason)


@tagged("post_install", "-at_install")
class TestPurchasesOfThePast(BaseCase):
    def test_cdnow_has_6919_purchases_of_2357_customers(self):
        table = tables.read_table(CDNOW.read_bytes())
        found, problems = imports.read_purchases(
            table, tables.match_columns(table.columns, imports.PURCHASE_COLUMNS), TODAY
        )
        self.assertFalse(problems)
        self.assertEqual((len(found), len({purchase.customer for purchase in found})), (6919, 2357))
        self.assertEqual(len({purchase.key() for purchase in found}), 6919)
        with CDNOW.open(newline="") as stream:
            expected = Counter(
                (row["customer_id"], row["date"], Decimal(row["amount_usd"])) for row in csv.DictReader(stream)
            )
        self.assertEqual(Counter((p.customer, p.day.isoformat(), p.amount) for p in found), expected)
        self.assertEqual([p.day for p in found], sorted(p.day for p in found))

    def test_a_shuffled_file_names_the_same_purchases(self):
        head, *lines = CDNOW.read_text().splitlines()
        random.Random(7).shuffle(lines)
        keys = []
        for content in (CDNOW.read_bytes(), "\r\n".join([head, *lines]).encode()):
            table = tables.read_table(content)
            mapping = tables.match_columns(table.columns, imports.PURCHASE_COLUMNS)
            keys.append([purchase.key() for purchase in imports.read_purchases(table, mapping, TODAY)[0]])
        self.assertEqual(keys[0], keys[1])

    def test_a_longer_file_keeps_the_keys_of_the_shorter(self):
        short, _problems = purchases("A,2025-01-02,5,1", "A,2025-01-02,9,1")
        longer, _problems = purchases("A,2025-01-02,1,1", "A,2025-01-02,9,1", "A,2025-01-02,5,1", "A,2025-01-02,5.00,1")
        self.assertLess({p.key() for p in short}, {p.key() for p in longer})
        self.assertEqual(len({p.key() for p in longer}), 4)

    def test_nothing_is_an_amount_and_equal_purchases_are_separate(self):
        found, problems = purchases("A,2025-01-02,0.00,1", "A,2025-01-02,0,1")
        self.assertFalse(problems)
        self.assertEqual([(p.amount, p.nth) for p in found], [(0, 1), (0, 2)])

    def test_every_row_that_is_no_purchase_says_why(self):
        _found, problems = purchases(
            ",2025-01-02,5,1",
            "A,,5,1",
            "A,2025-01-02,,1",
            "A,2025-02-30,5,1",
            "A,2025-06-02,5,1",
            "A,2025-01-02,-5,1",
            'A,2025-01-02,"1,23,4",1',
            "A,2025-01-02,5,few",
            "A,2025-01-02,5,-1",
        )
        self.assertEqual(
            [(p.row, p.field, p.reason) for p in problems],
            [
                (2, "customer", "missing"),
                (3, "date", "missing"),
                (4, "amount", "missing"),
                (5, "date", "date:no_such_day"),
                (6, "date", "future"),
                (7, "amount", "negative"),
                (8, "amount", "number:grouping"),
                (9, "quantity", "number:unreadable"),
                (10, "quantity", "negative"),
            ],
        )

    def test_a_purchase_today_is_of_the_past(self):
        self.assertEqual(len(purchases("A,2025-06-01,5,1")[0]), 1)

    @settings(max_examples=100, deadline=None)
    @given(data=st.data())
    def test_the_order_of_a_file_never_matters(self, data):
        line = st.tuples(st.sampled_from("AB"), st.sampled_from(["2025-01-02", "2025-01-03"]), st.integers(0, 2))
        lines = data.draw(st.lists(line, min_size=1, max_size=12))
        other = data.draw(st.permutations(lines))
        one, two = ([p.key() for p in purchases(*(f"{c},{d},{a},1" for c, d, a in some))[0]] for some in (lines, other))
        self.assertEqual(one, two)
        self.assertEqual(len(set(one)), len(lines))


@tagged("post_install", "-at_install")
class TestPeopleOfAList(BaseCase):
    def people(self, header, *lines, region="IR"):
        table = tables.read_table("\n".join((header, *lines)).encode())
        mapping = tables.match_columns(table.columns, imports.MEMBER_COLUMNS)
        return imports.read_people(table, mapping, TODAY, region)

    def test_a_row_in_persian_is_understood(self):
        (person,), problems = self.people(
            "نام,موبایل,تاریخ تولد,سالگرد ازدواج,رضایت بازاریابی,مانده امتیاز,تاریخ عضویت",
            "علي كريمي,۰۹۱۲ ۳۴۵ ۶۷۸۹,۱۳۷۵/۱۲/۳۰,17/5/2010,بله,۱٬۲۵۰,1403-01-01",
        )
        self.assertFalse(problems)
        self.assertEqual((person.name, person.phone), ("علی کریمی", "+989123456789"))
        self.assertEqual(
            person.occasions,
            (
                ("birthday", date(1997, 3, 20), "jalali"),
                ("anniversary", date(2010, 5, 17), "gregorian"),
            ),
        )
        self.assertEqual((person.marketing, person.terms), (True, None))
        self.assertEqual((person.points, person.joined), (Decimal(1250), date(2024, 3, 20)))

    def test_a_person_appears_once_by_reference_phone_or_email(self):
        people, problems = self.people(
            "ref,name,phone,email",
            "1,A,09123456789,a@example.com",
            "1,B,,",
            "2,C,+98 912 345 6789,",
            "3,D,,A@Example.com",
            "4,E,,e@example.com",
        )
        self.assertEqual([person.ref for person in people], ["1", "4"])
        self.assertEqual(
            [(p.row, p.field, p.reason) for p in problems],
            [
                (3, "ref", "duplicate"),
                (4, "phone", "duplicate"),
                (5, "email", "duplicate"),
            ],
        )

    def test_every_row_that_is_no_person_says_why(self):
        _people, problems = self.people(
            "name,phone,email,birthday,marketing,points,expires",
            "A,,,,,,",
            "B,0912,,,,,",
            "C,,c@example,,,,",
            "D,,d@x.io,1404-12-30,,,",
            "E,,e@x.io,2026-01-01,,,",
            "F,,f@x.io,,maybe,,",
            "G,,g@x.io,,,-1,",
            "H,,h@x.io,,,many,",
            "I,,i@x.io,,,1,soon",
        )
        self.assertEqual(
            [(p.row, p.field, p.reason) for p in problems],
            [
                (2, "phone", "nobody"),
                (3, "phone", "phone:invalid"),
                (4, "email", "email"),
                (5, "birthday", "date:no_such_day"),
                (6, "birthday", "future"),
                (7, "marketing", "yes_no"),
                (8, "points", "negative"),
                (9, "points", "number:unreadable"),
                (10, "expires", "date:unreadable"),
            ],
        )

    def test_no_consent_is_read_from_a_blank_cell(self):
        (person,), _problems = self.people("phone,marketing,terms", "09123456789,,")
        self.assertIsNone(person.marketing)
        self.assertIsNone(person.terms)
