"""A close: what it refuses and with which remedy, what comes late, and that a month is closed once."""

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from .test_accounting_worked_life import AccountingCase


@tagged("post_install", "-at_install")
class TestWhatACloseRefuses(AccountingCase):
    def test_accounts_that_are_missing_are_named(self):
        self.club.write({"liability_account_id": False, "close_journal_id": False})
        with self.assertRaisesRegex(UserError, "(?s)Point Liability.*journal.*estimate"):
            self.close()

    def test_an_account_that_is_reconciled_cannot_carry_points(self):
        account = self.env["account.account"].create(
            {"code": "X252", "name": "Clearing", "account_type": "liability_current", "reconcile": True}
        )
        with self.assertRaisesRegex(ValidationError, "Clearing"):
            self.club.liability_account_id = account

    def test_one_account_cannot_serve_two_purposes(self):
        with self.assertRaisesRegex(ValidationError, "an account each"):
            self.club.revenue_account_id = self.accounts["410"]

    def test_without_an_approved_estimate_nothing_is_closed(self):
        estimate = self.env["club.estimate"].create(
            {"club_id": self.club.id, "date_from": "2026-01-01", "point_value": 0.1, "rate": 0.8, "reason": "Guess"}
        )
        estimate.with_user(self.ada).action_propose()
        with self.assertRaisesRegex(UserError, "approve an estimate"):
            self.close()

    def test_who_prepared_an_estimate_does_not_approve_it(self):
        estimate = self.env["club.estimate"].with_user(self.ada).create(
            {"club_id": self.club.id, "date_from": "2026-01-01", "point_value": 0.1, "rate": 0.8, "reason": "Guess"}
        )
        estimate.action_propose()
        with self.assertRaisesRegex(UserError, "Another accountant"):
            estimate.action_approve()

    def test_an_estimate_is_never_edited(self):
        estimate = self.estimate("2026-01-01", 0.1, 0.8)
        with self.assertRaisesRegex(UserError, "no longer changes"):
            estimate.rate = 0.5
        with self.assertRaises(AccessError):
            estimate.state = "draft"
        with self.assertRaises(UserError):
            estimate.unlink()

    @mute_logger("odoo.sql_db")
    def test_a_share_outside_its_bounds_is_refused(self):
        values = {"club_id": self.club.id, "date_from": "2026-01-01", "point_value": 0.1, "reason": "x"}
        for rate in (0, 1.01, -0.1):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.env["club.estimate"].create({**values, "rate": rate}).flush_recordset()

    def test_an_estimate_cannot_begin_in_a_closed_month(self):
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            self.close()
            with self.assertRaisesRegex(ValidationError, "closed until"):
                self.estimate("2026-01-31", 0.1, 0.7)

    def test_a_month_that_is_not_over_is_refused(self):
        with freeze_time("2026-01-31 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            with self.assertRaisesRegex(UserError, "when it is over"):
                self.close()

    @mute_logger("odoo.sql_db")
    def test_a_month_is_closed_once(self):
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            first = self.env["club.close"].create({"club_id": self.club.id})
            with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
                self.env["club.close"].create({"club_id": self.club.id})
            first.action_post()
            with self.assertRaisesRegex(UserError, "not possible"):
                first.action_post()
            with self.assertRaisesRegex(UserError, "when it is over"):
                self.close()

    def test_a_locked_month_is_refused_and_never_moved(self):
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            self.env.company.fiscalyear_lock_date = "2026-01-31"
            with self.assertRaisesRegex(ValidationError, "locked until"):
                self.close()

    def test_figures_are_not_typed_in(self):
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            close = self.env["club.close"].create({"club_id": self.club.id, "date_to": "2030-01-31", "state": "posted"})
            self.assertEqual((str(close.date_to), close.state), ("2026-01-31", "draft"))
            with self.assertRaises(AccessError):
                close.date_to = "2030-01-31"

    def test_a_manager_reads_and_closes_nothing(self):
        manager = new_test_user(self.env, "books_manager", groups="customer_club.group_club_manager")
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.1, 0.8)
            close = self.env["club.close"].create({"club_id": self.club.id})
            close.action_compute()
            self.assertEqual(close.with_user(manager).closing_value, 0)
            with self.assertRaises(AccessError):
                close.with_user(manager).action_post()


@tagged("post_install", "-at_install")
class TestWhatComesLate(AccountingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = "2025-12-01 12:00:00"
        cls.estimate("2026-01-01", 0.10, 0.80)

    def sell_in(self, day, price):
        with freeze_time(f"{day} 10:00:00"):
            move = self.invoice(self.buy(price))
            self.pay(move)
        return move

    def test_an_invoice_of_a_closed_month_falls_into_the_next(self):
        self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-02 10:00:00"):
            self.assertEqual(self.lines(self.close()), [("410", "251", 74.07)])
            order = self.buy(600.0)
            move = self.invoice(order, post=False)
            move.write({"invoice_date": "2026-01-20", "date": "2026-01-20"})
            move.action_post()
            self.settle()
        with freeze_time("2026-03-02 10:00:00"):
            close = self.close()
            self.assertEqual(self.lines(close), [("410", "251", 44.45)])
            self.assertEqual(self.liability(), 118.52, "rounded once, as if it had come in time")
            self.assertRollsForward(close)

    def test_an_invoice_set_back_to_draft_is_taken_out_by_a_further_row(self):
        move = self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-02 10:00:00"):
            self.close()
            move.button_draft()
            self.settle()
        with freeze_time("2026-03-02 10:00:00"):
            close = self.close()
        self.assertEqual(self.lines(close), [("251", "410", 74.07)])
        self.assertEqual(self.liability(), 0)
        rows = self.env["club.deferral"].search([("move_id", "=", move.id)], order="id")
        self.assertEqual(rows.mapped("generation"), [1, 2])
        self.assertEqual(round(sum(rows.mapped("allocated")), 6), 0)

    def test_a_reversed_close_opens_its_month_again(self):
        self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-02 10:00:00"):
            close = self.close()
            close.with_user(self.bob).action_reverse()
            self.assertEqual(self.liability(), 0)
            again = self.close()
            self.assertEqual(self.lines(again), [("410", "251", 74.07)])
            self.assertEqual(self.liability(), 74.07)

    def test_only_the_last_close_is_reversed(self):
        self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-03-02 10:00:00"):
            january, _february = self.close(), self.close()
            with self.assertRaisesRegex(UserError, "last close"):
                january.action_reverse()

    def test_points_before_their_invoice_are_issued_with_it(self):
        self.club.earn_when = "confirmed"
        with freeze_time("2026-01-10 10:00:00"):
            order = self.buy(1000.0)
            self.buy(200.0, 400)
        with freeze_time("2026-02-03 10:00:00"):
            self.assertEqual(self.close().closing_points, 0, "nothing is invoiced, so nothing is issued")
            self.invoice(order)
        with freeze_time("2026-03-02 10:00:00"):
            close = self.close()
        self.assertEqual(self.lines(close), [("410", "251", 74.07)], "the other order is not invoiced: owed still")
        self.assertEqual(close.closing_points, 1000)

    def test_a_voucher_is_redeemed_when_the_merchant_gave_something_not_when_it_was_taken(self):
        """Books 8: also as long as no voucher of anybody was ever redeemed."""
        self.sell_in("2026-01-10", 1000.0)
        merchant = self.env["club.merchant"].create(
            {"partner_id": self.partner_2.id, "club_id": self.club.id, "code": "bakery"}
        )
        offer = self.env["club.merchant.offer"].create(
            {"name": "Bread", "merchant_id": merchant.id, "state": "open", "points": 400, "value": 8, "valid_days": 60}
        )
        with freeze_time("2026-01-20 10:00:00"):
            voucher = self.env["club.voucher"]._buy(self.member, offer, "form")
        self.env.flush_all()
        self.env.cr.execute("SELECT COUNT(*) FROM club_voucher WHERE satisfied_at IS NOT NULL")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        with freeze_time("2026-02-02 10:00:00"):
            close = self.close()
        self.assertEqual(self.lines(close), [("410", "251", 74.07)], "the voucher is owed still")
        self.assertEqual(close.closing_points, 1000)
        with freeze_time("2026-02-10 10:00:00"):
            voucher._set_redeemed(self.env.user, "receipt", "use")
        self.accounts["260"] = self.env["account.account"].create(
            {"code": "X260", "name": "Clearing", "account_type": "liability_current", "reconcile": True}
        )
        self.club.settle_clearing_account_id = self.accounts["260"]
        with freeze_time("2026-03-02 10:00:00"):
            self.assertEqual(self.lines(self.close()), [("251", "411", 37.04), ("411", "260", 8)])

    def test_points_that_come_back_to_a_returned_sale_are_owed(self):
        """Books 6: the return took other points instead of those in a voucher, which the voucher then gave back."""
        sale = self.sell_in("2026-01-10", 1000.0)
        merchant = self.env["club.merchant"].create(
            {"partner_id": self.partner_2.id, "club_id": self.club.id, "code": "bakery"}
        )
        offer = self.env["club.merchant.offer"].create(
            {"name": "Bread", "merchant_id": merchant.id, "state": "open", "points": 400, "value": 8, "valid_days": 90}
        )
        with freeze_time("2026-01-12 10:00:00"):
            voucher = self.env["club.voucher"]._buy(self.member, offer, "form")
        self.sell_in("2026-01-14", 600.0)
        with freeze_time("2026-01-20 10:00:00"):
            self.refund(sale)
            self.settle()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 200)
        with freeze_time("2026-02-02 10:00:00"):
            self.assertEqual(self.close().closing_points, 600, "200 on the card, 400 in the voucher")
            voucher._cancel(force=True)
            self.env.invalidate_all()
            self.assertEqual(self.member.points, 600)
        with freeze_time("2026-03-02 10:00:00"):
            close = self.close()
        self.assertEqual(close.closing_points, 600)
        self.assertRollsForward(close)
        self.assertInvariantsHold()
