"""Where a cohort's points are, after they went other ways than from the sale to a reward."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.hooks import uninstall_hook
from odoo.exceptions import UserError
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import RestrictViolation

from .test_accounting_worked_life import AccountingCase


class FrozenCase(AccountingCase):
    """Records say that they were written in the frozen time, as they would have been then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(Cursor, "now", lambda cursor: fields.Datetime.now()))
        cls.startClassPatcher(patch.object(type(cls.env.cr), "now", lambda cursor: fields.Datetime.now()))


class CohortCase(FrozenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.member | cls.member_2).joined_at = "2025-12-01 12:00:00"
        cls.estimate("2026-01-01", 0.10, 0.80)
        cls.untaxed = cls.env["account.tax"]

    def sold(self, price, partner=None):
        """A sale that is billed and paid; its invoice."""
        move = self.invoice(self.buy(price, taxes=self.untaxed, partner=partner))
        self.pay(move)
        return move

    def close_on(self, day):
        with freeze_time(f"{day} 10:00:00"):
            close = self.close()
        self.assertRollsForward(close)
        return close

    def left_in_lots(self):
        return sum(self.env["club.point.lot"].search([("club_id", "=", self.club.id)]).mapped("remaining"))


@tagged("post_install", "-at_install")
class TestPointsThatPayForAnother(CohortCase):
    """Books rule 6, abuse of any way around it: what nobody has any more is never owed, what somebody has always is."""

    def test_points_given_away_before_their_sale_came_back_are_still_owed(self):
        with freeze_time("2026-01-10 10:00:00"):
            move = self.sold(100.0)
            self.member._transfer(self.member_2, 100, "gift")
            self.credit(move, 40.0)
            self.assertPoints(-40)
        close = self.close_on("2026-02-02")
        self.assertEqual(close.closing_points, 100, "a friend can spend them all; a debt is no asset")
        with freeze_time("2026-02-10 10:00:00"):
            self.post(-100, "spent", member=self.member_2)
        self.close_on("2026-03-02")
        self.assertEqual(self.liability(), 0)

    def test_points_given_away_that_expire_after_the_return_release_the_rest(self):
        with freeze_time("2026-01-10 10:00:00"):
            self.rule.expiry_months = 1
            move = self.sold(100.0)
            self.member._transfer(self.member_2, 100, "gift")
            self.credit(move, 40.0)
        self.close_on("2026-02-02")
        with freeze_time("2026-02-10 10:00:00"):
            self.expire(date(2026, 2, 10))
        close = self.close_on("2026-03-02")
        self.assertEqual(close.closing_points, 0)
        self.assertEqual(self.liability(), 0)

    def test_the_debt_of_a_merged_member_uses_the_heir_s_points(self):
        with freeze_time("2026-01-10 10:00:00"):
            move = self.sold(50.0)
            self.post(-50, "spent")
            self.credit(move, 50.0)
            self.assertPoints(-50)
            self.sold(80.0, partner=self.partner_2)
            self.member._merge_into(self.member_2, "m")
            self.assertPoints(30, member=self.member_2)
        close = self.close_on("2026-02-02")
        self.assertEqual(close.closing_points, 30)
        with freeze_time("2026-02-10 10:00:00"):
            self.post(-30, "rest", member=self.member_2)
        self.close_on("2026-03-02")
        self.assertEqual(self.liability(), 0, "nobody has a point, so nothing is owed")

    def test_a_payment_that_is_undone_after_its_points_were_spent_uses_those_of_another_sale(self):
        with freeze_time("2026-01-10 10:00:00"):
            first = self.sold(100.0)
            self.post(-100, "spent")
        with freeze_time("2026-02-10 10:00:00"):
            self.sold(50.0)
            first.line_ids.remove_move_reconcile()
            self.settle()
            self.assertPoints(50, -50)
        self.close_on("2026-02-12")
        close = self.close_on("2026-03-02")
        self.assertEqual(close.closing_points, self.left_in_lots(), "the first's wait again, the second's are gone")
        with freeze_time("2026-03-10 10:00:00"):
            self.refund(first)
            self.assertPoints(-50)
        close = self.close_on("2026-04-02")
        self.assertEqual(close.closing_points, 0)
        self.assertEqual(self.liability(), 0)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestInvoicesThatChange(CohortCase):
    def billed(self, order):
        """Points and money put aside for an order's points."""
        rows = self.env["club.deferral"].search([("entry_id.origin_id", "=", order.id)])
        return round(sum(rows.mapped("points")), 4), round(sum(rows.mapped("allocated")), 4)

    def test_an_invoice_that_moves_to_the_next_month_is_put_aside_then(self):
        with freeze_time("2026-01-10 10:00:00"):
            move = self.invoice(self.buy(100.0, taxes=self.untaxed))
            self.env["club.deferral"]._record(self.club)
        with freeze_time("2026-02-03 10:00:00"):
            move.button_draft()
            move.write({"invoice_date": "2026-02-03", "date": "2026-02-03"})
            move.action_post()
            self.settle()
            january = self.close()
            self.assertEqual((january.closing_points, self.liability()), (0, 0), "the invoice is of February")
        close = self.close_on("2026-03-02")
        self.assertEqual(close.cohort_ids.mapped(lambda row: (row.cohort, row.issued)), [(date(2026, 2, 1), 100)])
        self.assertEqual(self.liability(), 7.41)

    def test_an_invoice_of_a_closed_month_that_moves_on_keeps_its_cohort(self):
        with freeze_time("2026-01-10 10:00:00"):
            move = self.invoice(self.buy(100.0, taxes=self.untaxed))
        self.close_on("2026-02-02")
        with freeze_time("2026-02-03 10:00:00"):
            move.button_draft()
            move.write({"invoice_date": "2026-02-03", "date": "2026-02-03"})
            move.action_post()
            self.settle()
        close = self.close_on("2026-03-02")
        self.assertEqual(close.closing_points, 100)
        self.assertEqual(self.liability(), 7.41)

    def test_an_order_that_grows_after_its_first_invoice_is_put_aside_once(self):
        with freeze_time("2026-01-10 10:00:00"):
            order = self.buy(100.0, taxes=self.untaxed)
            self.pay(self.invoice(order))
        self.close_on("2026-02-02")
        with freeze_time("2026-02-10 10:00:00"):
            order.order_line.product_uom_qty = 2
            self.settle()
            self.pay(self.invoice(order))
            self.assertPoints(200)
        close = self.close_on("2026-03-02")
        self.assertEqual(self.billed(order), (200, 14.8148))
        self.assertEqual((close.closing_points, self.liability()), (200, 14.81))

    def test_two_orders_on_one_invoice_share_what_each_bills(self):
        with freeze_time("2026-01-10 10:00:00"):
            orders = self.buy(100.0, taxes=self.untaxed) | self.buy(300.0, taxes=self.untaxed)
            self.invoice(orders)
        self.close_on("2026-02-02")
        self.assertEqual([self.billed(order) for order in orders], [(100, 7.4074), (300, 22.2222)])

    def test_an_advance_is_no_sale_and_the_final_invoice_is_the_whole(self):
        with freeze_time("2026-01-10 10:00:00"):
            order = self.buy(400.0, taxes=self.untaxed)
            wizard = (
                self.env["sale.advance.payment.inv"]
                .with_context(active_model="sale.order", active_ids=order.ids)
                .create({"advance_payment_method": "percentage", "amount": 25})
            )
            self.pay(self._posted(wizard._create_invoices(order)))
        self.assertEqual(self.close_on("2026-02-02").closing_points, 0)
        with freeze_time("2026-02-10 10:00:00"):
            move = self.invoice(order, final=True)
            self.assertEqual(move.amount_total, 300)
        self.close_on("2026-03-02")
        self.assertEqual(self.billed(order), (400, 29.6296))

    def _posted(self, move):
        move.action_post()
        self.settle()
        return move

    def test_a_discount_line_lowers_what_is_shared(self):
        with freeze_time("2026-01-10 10:00:00"):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": price, "tax_ids": False})
                        for price in (100.0, -20.0)
                    ],
                }
            )
            order.action_confirm()
            self.settle()
            self.invoice(order)
            self.assertPoints(80, 0)
        self.close_on("2026-02-02")
        self.assertEqual(self.billed(order), (80, 5.9259))


@tagged("post_install", "-at_install")
class TestWhatIsPutAsideStays(CohortCase):
    def recorded(self):
        with freeze_time("2026-01-10 10:00:00"):
            self.sold(100.0)
            self.env["club.deferral"]._record(self.club)
        return self.env["club.deferral"].search([("club_id", "=", self.club.id)])

    @mute_logger("odoo.sql_db")
    def test_neither_the_orm_nor_sql_changes_it_after_any_number_of_upgrades(self):
        row = self.recorded()
        row.init()  # as each upgrade does
        row.init()
        for attempt in (lambda: row.write({"points": 1}), row.unlink, lambda: row.create({})):
            with self.assertRaises(UserError):
                attempt()
        for query in ("UPDATE club_deferral SET points = 1", "DELETE FROM club_deferral"):
            with self.assertRaises(RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(query)

    def test_uninstalling_lets_odoo_drop_it(self):
        self.recorded()
        uninstall_hook(self.env)
        self.env.cr.execute("DELETE FROM club_deferral WHERE club_id = %s", (self.club.id,))
        self.assertEqual(self.env.cr.rowcount, 1)

    def test_it_outlives_a_merge_and_the_archiving_of_the_club(self):
        row = self.recorded()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner_2
        )
        close = self.close_on("2026-02-02")
        self.assertEqual((row.exists().allocated, close.closing_points, self.liability()), (7.407407, 100, 7.41))
        self.club.active = False
        self.assertEqual(self.close_on("2026-03-02").closing_points, 100, "what is owed is owed")
