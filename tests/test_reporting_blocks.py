"""Every block of reports keeps the contract: what the registry finds is tested, whoever wrote it."""

import re
from datetime import date

from odoo import fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

NOBODY = reporting.Period(date(1990, 1, 1), date(1990, 1, 31))
BEFORE = reporting.Period(date(1989, 12, 1), date(1989, 12, 31))


class BlockCase(ClubCase):
    def read(self, kind, period, comparison=None, clubs=None, user=None):
        """The table of a block as a user may see it (default: the superuser)."""
        self.env.flush_all()
        block = self.env["club.report.block"]._get_block(kind)
        clubs = clubs or self.club
        if user:
            block, clubs = block.with_user(user), clubs.with_user(user)
        return block._make_table(clubs, period, comparison)


@tagged("post_install", "-at_install")
class TestEveryBlock(BlockCase):
    def test_each_has_a_label_of_its_own(self):
        kinds = self.env["club.report.block"]._select_kinds()
        self.assertIn("growth", dict(kinds))
        self.assertEqual(len({label for _kind, label in kinds}), len(kinds))

    def test_without_any_data_each_says_what_will_be_there(self):
        for kind in self.env["club.report.block"]._get_blocks():
            with self.subTest(block=kind):
                table = self.read(kind, NOBODY, BEFORE)
                self.assertTrue(table.title)
                self.assertTrue(table.note)
                self.assertTrue(table.empty)

    def test_where_it_sends_a_reader_is_a_menu_of_the_club(self):
        root = self.env.ref("customer_club.club_menu_root")
        names = set(root.with_context(active_test=False).child_id.mapped("name"))
        for kind in self.env["club.report.block"]._get_blocks():
            with self.subTest(block=kind):
                sent = re.findall(r"under ([A-Z]\w+)", self.read(kind, NOBODY).empty)
                self.assertLessEqual(set(sent), names)

    def test_who_may_not_read_money_sees_no_column_of_it(self):
        user = new_test_user(self.env, "block_user", groups="customer_club.group_club_user")
        for kind, name in self.env["club.report.block"]._get_blocks().items():
            with self.subTest(block=kind):
                if self.env[name]._block_money:
                    with self.assertRaises(AccessError):
                        self.read(kind, NOBODY, user=user)
                else:
                    table = self.read(kind, NOBODY, user=user)
                    self.assertNotIn("money", {column.type for column in table.columns})

    def test_a_club_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Far", "company_id": company.id})
        manager = new_test_user(self.env, "block_manager", groups="customer_club.group_club_manager")
        for kind in self.env["club.report.block"]._get_blocks():
            with self.subTest(block=kind), self.assertRaises(AccessError):
                self.read(kind, NOBODY, clubs=club, user=manager)


@tagged("post_install", "-at_install")
class TestGrowth(BlockCase):
    def test_joined_left_and_members_at_the_end_are_counted_by_the_clubs_days(self):
        self.club.tz = "Asia/Tehran"
        Member = self.env["club.member"].with_context(active_test=False)
        Member.search([("club_id", "=", self.club.id)]).write({"joined_at": "2026-01-31 20:29:59"})
        self.member_2.write({"joined_at": "2026-01-31 20:30:00"})  # midnight in Tehran: February
        partner = self.env["res.partner"].create({"name": "Cleo"})
        cleo = self.club._enrol(partner)
        cleo.write({"joined_at": "2026-01-05 08:00:00", "left_at": "2026-02-10 08:00:00", "state": "left"})
        cleo.active = False
        january = reporting.Period(date(2026, 1, 1), date(2026, 1, 31))
        february = reporting.Period(date(2026, 2, 1), date(2026, 2, 28))
        table = self.read("growth", february, january)
        totals = table.totals
        self.assertEqual((totals["joined"], totals["left"], totals["net"], totals["members"]), (1, 1, 0, 2))
        self.assertEqual([figure[3] for figure in table.figures], [2, 0, 2])
        self.assertEqual(sum(row["joined"] for row in table.rows), 1)
        model, domain = table.drill["total"]
        self.assertEqual(self.env[model].with_context(active_test=False).search(domain), self.member_2)
        self.assertEqual(self.read("growth", january).totals["joined"], 2)

    def test_every_row_opens_as_many_records_as_it_counts(self):
        today = fields.Date.today()
        table = self.read("growth", reporting.period_of("this_month", today))
        for (index, key), (model, domain) in ((k, v) for k, v in table.drill.items() if k != "total"):
            self.assertEqual(self.env[model].search_count(domain), table.rows[index][key])
