"""The tie-outs: green when all agrees, red with the records and the remedy when something does not."""

from decimal import Decimal

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .prize_common import PrizeCase
from .settlement_common import SettlementCase
from .test_accounting_channels import BookedCase
from .test_accounting_worked_life import AccountingCase
from .wallet_common import WalletCase


class TieCase:
    """Mixin: look at the page as an accountant."""

    def look(self, user=None):
        page = self.env["club.tie.out"].with_user(user or self.ada)._make_pages(self.club.with_user(user or self.ada))
        return {line.name: line for line in page.line_ids}

    def assertGreen(self, name):
        line = self.look()[name]
        self.assertEqual(line.state, "ok", f"{line.left} / {line.right}")
        return line

    def assertRed(self, name, difference):
        line = self.look()[name]
        self.assertEqual(line.state, "red", f"{line.left} / {line.right}")
        self.assertIn(difference, line.difference)
        self.assertTrue(line.remedy)
        action = line.action_open_behind()
        return self.env[action["res_model"]].search(action["domain"])


@tagged("post_install", "-at_install")
class TestPointsAndTheLiability(TieCase, AccountingCase):
    VALUE = "Ledger value and liability account"
    LATE = "Came late for a closed month: the next close takes it up"
    UNBILLED = "Points of sales that no invoice bills yet"

    def setUp(self):
        super().setUp()
        self.member.joined_at = "2025-12-01 12:00:00"
        self.estimate("2026-01-01", 0.10, 0.80)
        with freeze_time("2026-01-10 10:00:00"):
            self.move = self.invoice(self.buy(1000.0))
            self.pay(self.move)

    def close_january(self):
        with freeze_time("2026-02-02 10:00:00"):
            return self.close()

    def test_nothing_is_closed_and_nothing_is_red(self):
        lines = self.look()
        self.assertEqual(lines[self.VALUE].state, "note")
        self.assertNotIn("red", [line.state for line in lines.values()])

    def test_all_is_green_after_a_close(self):
        self.close_january()
        line = self.assertGreen(self.VALUE)
        self.assertIn("74.07", line.left)
        self.assertIn("74.07", line.right)
        for name in ("Entries and balances", "Lots and balances", self.LATE, self.UNBILLED):
            self.assertGreen(name)

    def test_something_else_on_the_account_is_red_with_its_line_alone(self):
        self.close_january()
        stray = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-20",
                "line_ids": [
                    Command.create({"account_id": self.accounts["251"].id, "name": "Stray", "credit": 5}),
                    Command.create({"account_id": self.accounts["411"].id, "name": "Stray", "debit": 5}),
                ],
            }
        )
        stray.action_post()
        self.assertEqual(self.assertRed(self.VALUE, "5.00").mapped("name"), ["Stray"])
        todo = self.club.with_user(self.ada)._get_home_todos(self.club._get_home_figures())[self.club.id]
        self.assertIn("does not agree", todo["books_red"])

    def test_a_balance_that_was_tampered_with_is_red_with_its_member(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE loyalty_card SET points = points + 7 WHERE id = %s", (self.member.card_id.id,))
        self.env.invalidate_all()
        self.assertEqual(self.assertRed("Entries and balances", "-7"), self.member)
        self.assertEqual(self.assertRed("Lots and balances", "-7"), self.member)

    def test_two_errors_that_cancel_out_are_red_all_the_same(self):
        self.post(10, "two", member=self.member_2)
        self.env.flush_all()
        self.env.cr.execute("UPDATE loyalty_card SET points = points + 7 WHERE id = %s", (self.member.card_id.id,))
        self.env.cr.execute("UPDATE loyalty_card SET points = points - 7 WHERE id = %s", (self.member_2.card_id.id,))
        self.env.invalidate_all()
        self.assertEqual(self.assertRed("Entries and balances", "0"), self.member | self.member_2)

    def test_what_comes_late_is_listed_until_the_next_close(self):
        self.close_january()
        with freeze_time("2026-02-03 10:00:00"):
            order = self.buy(600.0)
            move = self.invoice(order, post=False)
            move.write({"invoice_date": "2026-01-20", "date": "2026-01-20"})
            move.action_post()
            self.settle()
            self.env["club.deferral"]._record(self.club)
        line = self.look()[self.LATE]
        self.assertEqual(line.state, "note")
        action = line.action_open_behind()
        self.assertEqual(self.env["club.deferral"].search(action["domain"]).move_id, move)
        with freeze_time("2026-03-02 10:00:00"):
            self.close()
        self.assertGreen(self.LATE)
        self.assertGreen(self.VALUE)

    def test_points_that_no_invoice_bills_are_listed(self):
        self.club.earn_when = "confirmed"
        with freeze_time("2026-01-12 10:00:00"):
            order = self.buy(50.0)
        line = self.look()[self.UNBILLED]
        self.assertEqual(line.state, "note")
        entries = self.env["club.point.entry"].search(line.action_open_behind()["domain"])
        self.assertIn(order.id, entries.mapped("origin_id"))
        with freeze_time("2026-01-13 10:00:00"):
            self.invoice(order)
            self.env["club.deferral"]._record(self.club)
        entries = self.env["club.point.entry"].search(self.look()[self.UNBILLED].action_open_behind()["domain"])
        self.assertNotIn(order.id, entries.mapped("origin_id"))

    def test_the_home_page_says_that_a_month_can_be_closed(self):
        def todo(now):
            with freeze_time(now):
                return self.club.with_user(self.ada)._get_home_todos(self.club._get_home_figures())[self.club.id]

        self.assertNotIn("books_due", todo("2026-01-31 10:00:00"))
        self.assertIn("books_due", todo("2026-02-02 10:00:00"))
        self.assertEqual(self.club._get_home_action("books_due")["res_model"], "club.close")
        self.close_january()
        self.assertNotIn("books_due", todo("2026-02-02 10:00:00"))

    def test_who_may_look(self):
        for group in ("accountant", "manager"):
            user = new_test_user(self.env, f"tie_{group}", groups=f"customer_club.group_club_{group}")
            action = self.env["club.tie.out"].with_user(user).action_open_page()
            self.assertEqual(action["res_model"], "club.tie.out")
        staff = new_test_user(self.env, "tie_staff", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            self.env["club.tie.out"].with_user(staff).action_open_page()
        page = self.env["club.tie.out"].with_user(self.ada)._make_pages(self.club.with_user(self.ada))
        with self.assertRaises(AccessError):
            page.line_ids[0].with_user(self.bob).action_open_behind()

    def test_a_club_of_another_company_is_not_shown(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.env["club.club"].create({"name": "Elsewhere", "company_id": company.id})
        with self.assertRaises(AccessError):
            self.env["club.tie.out"].with_user(self.ada)._make_pages(other.with_user(self.ada))

    def test_from_the_account_to_the_purchase_and_back(self):
        close = self.close_january().with_user(self.ada)
        lines = self.env["account.move.line"].with_user(self.ada).search(close.action_view_liability()["domain"])
        self.assertEqual(lines.move_id.club_close_id, close)
        self.assertEqual(lines.move_id.action_view_club_close()["res_id"], close.id)
        action = close.cohort_ids.action_view_deferrals()
        deferral = self.env["club.deferral"].with_user(self.ada).search(action["domain"])
        self.assertEqual(deferral.move_id, self.move)
        entries = self.env["club.point.entry"].search(close.cohort_ids.action_view_entries()["domain"])
        self.assertEqual(entries, deferral.entry_id.sudo())
        self.assertEqual(entries.origin_model, "sale.order")
        move = self.move.with_user(self.ada)
        self.assertEqual(move.club_deferral_count, 1)
        back = self.env["club.deferral"].with_user(self.ada).search(move.action_view_club_deferrals()["domain"])
        self.assertEqual(back, deferral)


@tagged("post_install", "-at_install")
class TestVouchersAndClearing(TieCase, BookedCase, SettlementCase):
    NAME = "Vouchers not billed and merchant clearing"

    def test_it_holds_at_every_step(self):
        self.set_up_books()
        self.assertGreen(self.NAME)
        voucher = self.redeem()
        self.redeem(when="2026-11-03 12:00:00")
        self.assertIn("16.00", self.assertGreen(self.NAME).left)
        self.close()
        self.assertGreen(self.NAME)
        settlement = self.settled()
        self.assertGreen(self.NAME)
        self.bill(settlement)
        self.assertIn("8.00", self.assertGreen(self.NAME).left)
        self.reverse(voucher, "2026-11-10 12:00:00")
        self.assertIn("0.00", self.assertGreen(self.NAME).left)
        self.close("2026-12-20 12:00:00")
        self.assertGreen(self.NAME)

    def test_something_else_on_clearing_is_red(self):
        self.set_up_books()
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-10-20",
                "line_ids": [
                    Command.create({"account_id": self.accounts["clearing"].id, "name": "Stray", "credit": 3}),
                    Command.create({"account_id": self.book["revenue"].id, "name": "Stray", "debit": 3}),
                ],
            }
        ).action_post()
        self.assertEqual(self.assertRed(self.NAME, "3.00").mapped("name"), ["Stray"])

    def test_a_credit_note_made_by_hand_for_a_settlements_bill_is_red_with_its_line(self):
        """The vouchers count as settled by the bill; whoever credits it by hand is told to cancel the settlement."""
        self.set_up_books()
        self.redeem()
        self.close()
        bill = self.bill(self.settled()).move_ids.filtered(lambda move: move.move_type == "in_invoice")
        self.assertGreen(self.NAME)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({"journal_id": bill.journal_id.id})
        )
        wizard.reverse_moves()
        refund = wizard.new_move_ids
        self.assertFalse(refund.club_settlement_id, "it is none of the settlement's documents")
        if refund.state == "draft":
            refund.action_post()
        self.assertEqual(self.assertRed(self.NAME, "8.00").move_id, refund)
        self.assertIn("cancel the settlement", self.look()[self.NAME].remedy)


@tagged("post_install", "-at_install")
class TestPrizesTakenBack(TieCase, BookedCase, PrizeCase):
    NAME = "Prizes taken back whose part in money no credit note gives back"

    def test_the_points_come_back_and_the_money_waits_for_its_credit_note(self):
        """Books 8: points come back by the ledger, money by a credit note."""
        self.set_up_books()
        prize = self.prizes["order_line"]
        prize.money = 20
        self.goods.invoice_policy = "order"
        with freeze_time("2026-10-10 12:00:00"):
            redemption = self.redeem(prize)
            order = redemption.order_id
            order.action_confirm()
            move = order._create_invoices()
            move.action_post()
            redemption.action_hand_over()
            self.env.flush_all()
        self.assertGreen(self.NAME)
        with freeze_time("2026-10-20 12:00:00"):
            self.env["club.redemption.close"].create(
                {"redemption_id": redemption.id, "state": "returned", "reason": "Broken"}
            ).action_close()
        self.assertEqual((redemption.state, redemption.points), ("returned", 0))
        line = self.look()[self.NAME]
        self.assertEqual(line.state, "note")
        self.assertEqual(self.env["club.redemption"].search(line.action_open_behind()["domain"]), redemption)
        self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids).create(
            {"journal_id": move.journal_id.id}
        ).refund_moves()
        order.invoice_ids.filtered(lambda found: found.state == "draft").action_post()
        self.env.invalidate_all()
        self.assertGreen(self.NAME)


@tagged("post_install", "-at_install")
class TestWalletsAndTheirAccount(TieCase, BookedCase, WalletCase):
    NAME = "Wallets and their account"

    def test_it_holds_from_points_to_a_paid_order(self):
        self.set_up_books()
        self.club.wallet_account_id = self.book["wallet"]
        with freeze_time("2026-10-10 12:00:00"):
            self.post(500, "start")
            self.env["club.wallet.conversion"]._convert(self.member, Decimal(300), "form")
        self.assertIn("3.00", self.assertGreen(self.NAME).left)
        self.close()
        self.assertGreen(self.NAME)
        order = self.pay_with_wallet(self.order(10.0))
        order.action_confirm()
        self.settle()
        self.assertIn("0.00", self.assertGreen(self.NAME).left, "not billed yet")
        self.invoice(order)
        self.assertEqual(self.owed(self.book["wallet"]), 0)
        self.assertGreen(self.NAME)

    def test_money_from_nowhere_is_red(self):
        self.set_up_books()
        self.club.wallet_account_id = self.book["wallet"]
        self.put(4, "gift")
        self.assertRed(self.NAME, "4.00")
