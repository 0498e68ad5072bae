"""A line of a report narrows its block to a segment, a tier, a category, so many rows: everywhere alike."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
from odoo.addons.customer_club.tests.blocks import MARCH, BlockCase
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


def at(day, hour=12):
    return datetime(2026, 3, day, hour)


class OptionsCase(BlockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "options_manager", groups="customer_club.group_club_manager")
        cls.segment = cls.env["club.segment"].create(
            {"club_id": cls.club.id, "name": "Northern", "domain": [("id", "=", cls.member_2.id)]}
        )
        cls.report = cls.env["club.report"].create(
            {
                "name": "Narrow",
                "shared": True,
                "user_id": cls.manager.id,
                "club_ids": [(6, 0, cls.club.ids)],
                "period_kind": "free",
                "date_from": date(2026, 3, 1),
                "date_to": date(2026, 3, 31),
                "comparison": "none",
            }
        )

    def add(self, kind, **values):
        return self.env["club.report.line"].create({"report_id": self.report.id, "kind": kind, **values})

    def open(self):
        action = self.report.with_user(self.manager).action_open()
        self.env.flush_all()
        return self.env["club.report.page"].with_user(self.manager).browse(action["res_id"])

    def table(self, line):
        [(_line, table)] = self.open()._make_tables(line)
        return table


@tagged("post_install", "-at_install")
class TestOptions(OptionsCase):
    def test_the_composer_offers_what_the_block_has(self):
        self.assertEqual(self.add("growth").options, "")
        self.assertEqual(self.add("top_members").options, "segment_id,tier_id,categ_id,most")
        self.assertEqual(self.add("product_tier").options, "categ_id,most")

    def test_a_segment_narrows_screen_and_spreadsheet_and_stands_in_the_title(self):
        self.buy(self.partner, at(5), 3)
        self.buy(self.partner_2, at(6), 2)
        line = self.add("top_members", segment_id=self.segment.id)
        self.add("top_members")
        [(_wide, wide), (_narrow, narrow)] = sorted(self.open()._make_tables(), key=lambda found: -len(found[1].rows))
        self.assertEqual((wide.totals["sales"], narrow.totals["sales"]), (50, 20))
        self.assertIn("Northern", narrow.title)
        self.assertIn("Northern", narrow.note)
        page = self.open()
        self.assertIn("Northern", page.body)
        book = self.open()._make_xlsx(line.id)
        self.assertEqual(self.read_totals(book)["Bought For"], 20)

    def read_totals(self, book):
        rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].iter_rows(values_only=True)]
        heads = next(row for row in rows if row[0] == "Member")
        return dict(zip(heads, next(row for row in rows if row[0] == "Total"), strict=True))

    def test_a_mailed_report_is_as_narrow(self):
        self.buy(self.partner, at(5), 3)
        self.buy(self.partner_2, at(6), 2)
        self.add("top_members", segment_id=self.segment.id)
        sending = self.env["club.report.sending"].create(
            {
                "report_id": self.report.id,
                "user_id": self.manager.id,
                "date_from": date(2026, 3, 1),
                "date_to": date(2026, 3, 31),
                "state": "planned",
            }
        )
        [(_line, table)] = sending._make_page()._make_tables()
        self.assertEqual(table.totals["sales"], 20)

    def test_a_tier_narrows_repeat_purchases_to_its_members(self):
        gold = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 0})
        self.member.sudo().tier_id, self.member_2.sudo().tier_id = gold, False
        self.buy(self.partner, at(5), 3)
        self.buy(self.partner_2, at(6), 2)
        self.buy(self.env["res.partner"].create({"name": "Stranger"}), at(6), 2)
        table = self.table(self.add("repeat_purchase", tier_id=gold.id))
        self.assertEqual((len(table.rows), table.totals["buyers"], table.totals["sales"]), (1, 1, 30))
        self.assertFalse(table.drill, "a domain of the orders behind would be of other members too")

    def test_a_category_narrows_to_its_products_and_those_below(self):
        flowers = self.env["product.category"].create({"name": "Flowers"})
        tulips = self.env["product.category"].create({"name": "Tulips", "parent_id": flowers.id})
        tulip = self.env["product.product"].create(
            {"name": "Red Tulip", "categ_id": tulips.id, "list_price": 5.0, "taxes_id": False}
        )
        self.buy(self.partner, at(5), 3)
        self.buy(self.partner_2, at(6), 4, product=tulip)
        table = self.table(self.add("product_tier", categ_id=flowers.id))
        self.assertEqual(self.column(table, "product"), ["Red Tulip"])
        self.assertEqual(table.totals["all"], 20)
        self.assertEqual(self.column(self.table(self.add("top_members", categ_id=tulips.id)), "sales"), [20])

    def test_as_many_are_named_as_one_asks_for(self):
        self.buy(self.partner, at(5), 3)
        self.buy(self.partner_2, at(6), 2)
        table = self.table(self.add("top_members", most=1))
        self.assertEqual(self.column(table, "sales"), [30])
        self.assertIn("at most 1:", table.note)

    def test_a_cohort_is_of_the_segment_only(self):
        self.join(self.member | self.member_2, datetime(2026, 2, 3, 12))
        table = self.table(self.add("retention_joined", segment_id=self.segment.id))
        self.assertEqual(table.totals["size"], 1)

    def test_what_another_block_would_be_narrowed_by_changes_nothing(self):
        self.buy(self.partner, at(5), 3)
        line = self.add("top_members", segment_id=self.segment.id)
        self.assertFalse(self.table(line).rows)
        line.kind = "growth"
        self.assertNotIn("Northern", self.table(line).title)

    def test_the_reader_cannot_narrow_or_widen_by_the_context(self):
        self.buy(self.partner, at(5), 3)
        forged = (("segment_id", self.segment.id), ("categ_id", 1))
        block = self.env["club.report.block.top_members"].with_context(club_report_options=forged)
        self.assertEqual(block._make_table(self.club, MARCH).totals["sales"], 30)


@tagged("post_install", "-at_install")
class TestOptionsOfOthers(OptionsCase):
    def test_a_segment_of_a_club_that_the_report_does_not_tell_of_is_refused(self):
        other = self.env["club.club"].create({"name": "Other"})
        segment = self.env["club.segment"].create({"club_id": other.id, "name": "Theirs"})
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            self.add("top_members", segment_id=segment.id)

    def test_on_a_page_of_another_club_nobody_counts_and_it_says_why(self):
        other = self.env["club.club"].create({"name": "Other"})
        self.join(other._enrol(self.partner_2), datetime(2025, 6, 1, 12))
        self.buy(self.partner_2, at(6), 2)
        self.report.club_ids = [(5,)]
        line = self.add("top_members", segment_id=self.segment.id)
        page = self.open()
        page.club_ids = other
        [(_line, table)] = page._make_tables(line)
        self.assertFalse(table.rows)
        self.assertIn("Northern", table.empty)

    def test_a_segment_that_a_report_needs_is_not_deleted(self):
        self.add("top_members", segment_id=self.segment.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self.segment.unlink()
        self.assertIn("club_report_line", str(caught.exception))


@tagged("post_install", "-at_install")
class TestWhenASegmentBuys(OptionsCase):
    def test_its_hours_stand_above_those_of_all_members(self):
        self.club.tz = "UTC"
        self.buy(self.partner, at(2, 9), 1)  # a Monday
        self.buy(self.partner, at(9, 9), 1)
        self.buy(self.partner_2, at(6, 17), 1)  # a Friday
        self.buy(self.partner_2, at(13, 17), 1)
        table = self.table(self.add("weekday_hour", segment_id=self.segment.id))
        self.assertEqual((table.totals["all"], table.rows[-1]["d4"]), (2, 2))
        last = table.rows[-1]
        self.assertEqual((last["share"], last["others"]), (Decimal(1), Decimal("0.5")))
        names = [series.name for series in table.chart.series]
        self.assertEqual(names.count("09:00"), 2)
        theirs = table.chart.series[names.index("17:00")].values
        everybody = table.chart.series[names.index("17:00", names.index("All members"))].values
        self.assertEqual((theirs[4], everybody[4]), (Decimal(1), Decimal("0.5")))
        self.assertEqual(dict(figure[:2] for figure in table.figures)["Most Unlike All Members"], "Friday, 17:00")
        self.assertIn("<svg", self.open().body)

    def test_one_that_bought_nothing_says_so(self):
        self.buy(self.partner, at(2, 9), 1)
        table = self.table(self.add("weekday_hour", segment_id=self.segment.id))
        self.assertFalse(table.rows)
        self.assertFalse(table.figures)
        self.assertIn("No member bought", table.empty)
