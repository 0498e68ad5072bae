"""The worked life of the accountant's book posts exactly its lines, month by month."""

from freezegun import freeze_time
from odoo.tests import new_test_user, tagged

from .test_books_worked_life import BooksCase


class AccountingCase(BooksCase):
    """A club whose books are set up, with two accountants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = {
            code: cls.env["account.account"].create({"code": f"X{code}", "name": name, "account_type": kind})
            for code, name, kind in (
                ("251", "Point liability", "liability_current"),
                ("410", "Deferred for points", "income"),
                ("411", "Revenue from points", "income"),
            )
        }
        cls.journal = cls.env["account.journal"].create(
            {"name": "Points", "code": "PTS", "type": "general", "restrict_mode_hash_table": True}
        )
        cls.club.write(
            {
                "liability_account_id": cls.accounts["251"].id,
                "deferral_account_id": cls.accounts["410"].id,
                "revenue_account_id": cls.accounts["411"].id,
                "close_journal_id": cls.journal.id,
                "close_from": "2026-01-01",
            }
        )
        groups = "customer_club.group_club_accountant,account.group_account_manager"
        cls.ada = new_test_user(cls.env, "books_ada", groups=groups)
        cls.bob = new_test_user(cls.env, "books_bob", groups=groups)

    @classmethod
    def estimate(cls, day, value, rate, reason="Past cohorts"):
        """An estimate that Ada has prepared and Bob approved."""
        estimate = (
            cls.env["club.estimate"]
            .with_user(cls.ada)
            .create(
                {"club_id": cls.club.id, "date_from": day, "point_value": value, "rate": rate, "reason": reason}
            )
        )
        estimate.action_propose()
        estimate.with_user(cls.bob).action_approve()
        return estimate.sudo()

    def close(self):
        """Close the next month."""
        close = self.env["club.close"].with_user(self.ada).create({"club_id": self.club.id})
        close.action_post()
        return close.sudo()

    def lines(self, close):
        """The entry's lines as (debit code, credit code, amount), in order."""
        names = {account.id: code for code, account in self.accounts.items()}
        lines = close.move_id.line_ids.sorted("id")
        return [
            (names[debit.account_id.id], names[credit.account_id.id], debit.debit)
            for debit, credit in zip(lines[::2], lines[1::2], strict=True)
        ]

    def liability(self):
        """The balance of the liability account, credit positive."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.accounts["251"].id), ("parent_state", "=", "posted")]
        )
        return round(-sum(lines.mapped("balance")), 2)

    def assertRollsForward(self, close):
        """Opening and movements are the closing, for every cohort, in points and in money; the account agrees."""
        for row in close.cohort_ids:
            moved = row.issued + row.reversed + row.redeemed + row.expired
            self.assertAlmostEqual(row.opening + moved, row.closing, 5, row.display_name)
            value = row.allocated + row.returned + row.reestimated + row.released
            self.assertAlmostEqual(row.opening_value + value, row.closing_value, 2, row.display_name)
        self.assertAlmostEqual(close.closing_value, self.liability(), 2)


@tagged("post_install", "-at_install")
class TestTheWorkedLifeInTheBooks(AccountingCase):
    def live(self):
        """Four months of the book; see test_books_worked_life for its points."""
        self.member.joined_at = "2025-12-01 12:00:00"
        self.club.write({"expiry_policy": "fixed_day", "expiry_month": 4, "expiry_day": 30})
        with freeze_time("2026-01-10 10:00:00"):
            invoice_s1 = self.invoice(self.buy(1000.0))
        with freeze_time("2026-01-31 10:00:00"):
            self.rule.expiry_months = 2
            self.pay(self.invoice(self.buy(600.0)))
            self.rule.expiry_months = 0
        with freeze_time("2026-02-02 10:00:00"):
            self.pay(invoice_s1)
        with freeze_time("2026-02-15 10:00:00"):
            self.pay(self.invoice(self.buy(170.0, 400)))
        with freeze_time("2026-03-15 10:00:00"):
            self.pay(self.invoice(self.buy(110.0, 100)))
        with freeze_time("2026-03-31 00:30:00"):
            self.expire(None)
        with freeze_time("2026-04-10 10:00:00"):
            self.pay(self.invoice(self.buy(300.0, 1050)))
        with freeze_time("2026-04-15 10:00:00"):
            self.credit(invoice_s1, 400.0)
        with freeze_time("2026-04-20 10:00:00"):
            self.pay(self.invoice(self.buy(240.0)))
        with freeze_time("2026-04-30 00:30:00"):
            self.expire(None)

    def test_ten_lines_in_four_months(self):
        self.live()
        self.assertPoints(0)
        with freeze_time("2026-05-02 10:00:00"):
            self.estimate("2026-01-01", 0.10, 0.80)
            self.estimate("2026-03-01", 0.10, 0.72, "Fewer come back than we thought")
            expected = (
                ([("410", "251", 118.52)], 118.52, 1600),
                ([("410", "251", 9.63), ("251", "411", 37.04)], 91.11, 1330),
                ([("410", "251", 6.72), ("251", "411", 4.11), ("251", "411", 10.29)], 83.43, 1230),
                ([("410", "251", 29.22), ("251", "410", 29.63), ("251", "411", 83.02)], 0, 0),
            )
            for lines, balance, points in expected:
                close = self.close()
                self.assertEqual(self.lines(close), lines, close.display_name)
                self.assertEqual(self.liability(), balance)
                self.assertEqual(close.closing_points, points)
                self.assertRollsForward(close)
                self.assertTrue(close.move_id.inalterable_hash, "the journal secures it")
