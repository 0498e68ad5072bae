"""The block of the liability says what the closes say, and the points flow what the closes count."""

from datetime import date

from freezegun import freeze_time
from odoo.addons.customer_club.engine import reporting
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_accounting_worked_life import AccountingCase


@tagged("post_install", "-at_install")
class TestLiabilityInReports(AccountingCase):
    def read(self, first, last, user=None):
        self.env.flush_all()
        block, club = self.env["club.report.block.liability"], self.club
        if user:
            block, club = block.with_user(user), club.with_user(user)
        return block._make_table(club, reporting.Period(first, last))

    def live(self):
        """1,000 bought in January, 400 of its points spent in February."""
        self.member.joined_at = "2025-12-01 12:00:00"
        with freeze_time("2026-01-10 10:00:00"):
            self.pay(self.invoice(self.buy(1000.0)))
        with freeze_time("2026-02-15 10:00:00"):
            self.pay(self.invoice(self.buy(170.0, 400)))
        with freeze_time("2026-03-02 10:00:00"):
            self.estimate("2026-01-01", 0.10, 0.80)
            return self.close() + self.close()

    def test_rows_are_the_closes_and_roll_forward(self):
        closes = self.live()
        table = self.read(date(2026, 1, 1), date(2026, 3, 31))
        self.assertEqual([row["month"] for row in table.rows], ["2026-01", "2026-02"])
        for row, close in zip(table.rows, closes, strict=True):
            self.assertEqual(float(row["closing"]), round(close.closing_value, 2))
            self.assertEqual(float(row["points"]), round(close.closing_points, 2))
            moved = row["allocated"] + row["returned"] + row["reestimated"] + row["released"]
            self.assertEqual(row["opening"] + moved, row["closing"])
        totals = table.totals
        self.assertEqual((totals["opening"], totals["closing"]), (0, table.rows[-1]["closing"]))
        self.assertEqual(float(totals["closing"]), self.liability())
        model, domain = table.drill[1]
        self.assertEqual(self.env[model].search(domain), closes[1])

    def test_a_close_that_was_taken_back_is_not_in_it(self):
        last = self.live()[1]
        with freeze_time("2026-03-02 11:00:00"):
            last.with_user(self.bob).action_reverse()
        self.assertEqual([row["month"] for row in self.read(date(2026, 1, 1), date(2026, 3, 31)).rows], ["2026-01"])

    def test_only_who_reads_money_reads_it(self):
        user = new_test_user(self.env, "liability_user", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            self.read(date(2026, 1, 1), date(2026, 3, 31), user)
        self.assertFalse(self.read(date(2026, 1, 1), date(2026, 3, 31), self.ada).rows)
