"""The lines of a close carry the analytic accounts of the invoices that put the money aside."""

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from .test_accounting_worked_life import AccountingCase


@tagged("post_install", "-at_install")
class TestTheAnalyticAccountsOfAClose(AccountingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = "2025-12-01 12:00:00"
        plan = cls.env["account.analytic.plan"].create({"name": "Branches"})
        Account = cls.env["account.analytic.account"]
        cls.north, cls.south = (Account.create({"name": name, "plan_id": plan.id}) for name in ("North", "South"))
        cls.estimate("2026-01-01", 0.10, 0.80)

    def sell(self, price, distribution=None, points=0, day="2026-01-10"):
        with freeze_time(f"{day} 10:00:00"):
            order = self.buy(price, points)
            lines = order.order_line.filtered(lambda line: line.price_unit > 0)
            lines.analytic_distribution = distribution and {str(a.id): share for a, share in distribution.items()}
            move = self.invoice(order)
            self.pay(move)
        return move

    def shares(self, close, code):
        """Distribution by analytic account's name of the lines of an account, in order."""
        lines = close.move_id.line_ids.filtered(lambda line: line.account_id == self.accounts[code]).sorted("id")
        Account = self.env["account.analytic.account"]
        return [
            {Account.browse(int(key)).name: share for key, share in (line.analytic_distribution or {}).items()}
            for line in lines
        ]

    def analysed(self, account, code):
        lines = self.env["account.analytic.line"].search(
            [(account.plan_id._column_name(), "=", account.id), ("general_account_id", "=", self.accounts[code].id)]
        )
        return round(sum(lines.mapped("amount")), 2)

    def close_in(self, day):
        with freeze_time(f"{day} 10:00:00"):
            close = self.close()
        self.assertRollsForward(close)
        self.assertAlmostEqual(sum(close.move_id.line_ids.mapped("balance")), 0, 2)
        self.assertFalse(close.move_id.line_ids.partner_id, "no partner on any line")
        self.assertFalse([shares for shares in self.shares(close, "251") if shares], "or they would cancel out")
        return close

    def test_two_accounts_and_an_invoice_without(self):
        # put aside: 74.074074 north, 44.444444 half and half, 74.074074 nowhere; 192.59 in all
        self.sell(1000.0, {self.north: 100})
        self.sell(600.0, {self.north: 50, self.south: 50})
        self.sell(1000.0)
        close = self.close_in("2026-02-02")
        self.assertEqual(self.lines(close), [("410", "251", 192.59)])
        self.assertEqual(self.shares(close, "410"), [{"North": 50.0, "South": 11.54}])
        self.assertEqual(self.analysed(self.north, "410"), -96.3, "half of 192.59: less revenue in the north")
        self.sell(500.0, points=520, day="2026-02-10")
        close = self.close_in("2026-03-02")
        put_aside, released = close.move_id.line_ids.filtered(lambda line: line.account_id.code in ("X410", "X411"))
        self.assertFalse(put_aside.analytic_distribution, "February's invoice has no account")
        self.assertEqual(self.shares(close, "411"), [{"North": 50.0, "South": 11.54}])
        self.assertEqual(self.analysed(self.north, "411"), round(released.credit * 0.5, 2))
        self.assertIn("North 50 %", str(close.preview))

    def test_a_return_goes_back_to_the_account_that_it_came_from(self):
        move = self.sell(1000.0, {self.south: 100})
        self.close_in("2026-02-02")
        with freeze_time("2026-02-10 10:00:00"):
            self.refund(move)
        close = self.close_in("2026-03-02")
        self.assertEqual(self.lines(close), [("251", "410", 74.07)])
        self.assertEqual(self.shares(close, "410"), [{"South": 100.0}])
        self.assertEqual(self.analysed(self.south, "410"), 0, "nothing is left of it")

    def test_thirds_add_up_to_a_whole(self):
        east = self.north.copy({"name": "East"})
        for account in (self.north, self.south, east):
            self.sell(100.0, {account: 100})
        [shares] = self.shares(self.close_in("2026-02-02"), "410")
        self.assertEqual(round(sum(shares.values()), 2), 100)

    def test_a_reversed_close_takes_its_analytic_lines_back(self):
        self.sell(1000.0, {self.north: 100})
        close = self.close_in("2026-02-02")
        with freeze_time("2026-02-02 10:00:00"):
            close.with_user(self.ada).action_reverse()
        self.assertEqual(self.analysed(self.north, "410"), 0)

    def test_without_analytic_accounts_nothing_is_asked_or_written(self):
        self.sell(1000.0)
        close = self.close_in("2026-02-02")
        self.assertFalse(close.analytic)
        self.assertEqual(self.shares(close, "410"), [{}])

    def test_an_account_that_was_deleted_is_left_out(self):
        move = self.sell(1000.0, {self.north: 100})
        gone = self.south.id
        self.env.flush_all()
        line = move.invoice_line_ids[0]
        self.south.unlink()
        self.env.cr.execute(
            "UPDATE account_move_line SET analytic_distribution = jsonb_build_object(%s, 50, %s, 50) WHERE id = %s",
            (str(self.north.id), str(gone), line.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self.shares(self.close_in("2026-02-02"), "410"), [{"North": 50.0}])

    def test_an_invoice_of_two_lines_is_weighted_by_them(self):
        with freeze_time("2026-01-10 10:00:00"):
            order = self.buy(750.0)
            order.order_line.analytic_distribution = {str(self.north.id): 100}
            order.order_line = [
                Command.create({"product_id": self.product.id, "price_unit": 250.0, "tax_ids": self.vat.ids})
            ]
            order.order_line[-1].analytic_distribution = {str(self.south.id): 100}
            self.pay(self.invoice(order))
        self.assertEqual(self.shares(self.close_in("2026-02-02"), "410"), [{"North": 75.0, "South": 25.0}])

    def test_an_invoice_that_got_a_day_of_the_next_month_takes_its_account_there(self):
        """It was put aside in January's preview first; what is posted for it in February is the north's."""
        with freeze_time("2026-01-10 10:00:00"):
            order = self.buy(1000.0)
            order.order_line.analytic_distribution = {str(self.north.id): 100}
            move = self.invoice(order)
        with freeze_time("2026-02-06 10:00:00"):
            january = self.env["club.close"].with_user(self.ada).create({"club_id": self.club.id})
            january.action_compute()
            move.button_draft()
            move.write({"invoice_date": "2026-02-05", "date": "2026-02-05"})
            move.action_post()
            self.settle()
            january.action_post()
        february = self.close_in("2026-03-02")
        self.assertEqual(self.lines(february), [("410", "251", 74.07)])
        self.assertEqual(self.shares(february, "410"), [{"North": 100.0}])
