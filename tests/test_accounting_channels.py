"""What vouchers, points sold, donations, wallet money and the till put into the books beside the points."""

from decimal import Decimal

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .settlement_common import SettlementCase
from .together_common import TogetherCase
from .wallet_common import WalletCase


class BookedCase:
    """Mixin: the small club's books, from October 2026 on, with an account for each purpose."""

    @classmethod
    def set_up_books(cls):
        Account = cls.env["account.account"]
        cls.book = {
            name: Account.create({"name": name, "code": f"9970{number}", "account_type": kind, "reconcile": reconcile})
            for number, (name, kind, reconcile) in enumerate(
                (
                    ("debt", "liability_current", False),
                    ("aside", "income", False),
                    ("revenue", "income", False),
                    ("wallet", "liability_current", False),
                    ("cashback", "expense", False),
                    ("cause", "liability_current", True),
                )
            )
        }
        journal = cls.env["account.journal"].create(
            {"name": "Points", "code": "PTX", "type": "general", "restrict_mode_hash_table": True}
        )
        cls.club.write(
            {
                "liability_account_id": cls.book["debt"].id,
                "deferral_account_id": cls.book["aside"].id,
                "revenue_account_id": cls.book["revenue"].id,
                "cashback_account_id": cls.book["cashback"].id,
                "close_journal_id": journal.id,
                "close_from": "2026-10-01",
            }
        )
        groups = "customer_club.group_club_accountant,account.group_account_manager"
        cls.ada = new_test_user(cls.env, "channel_ada", groups=groups)
        bob = new_test_user(cls.env, "channel_bob", groups=groups)
        estimate = (
            cls.env["club.estimate"]
            .with_user(cls.ada)
            .create(
                {"club_id": cls.club.id, "date_from": "2026-10-01", "point_value": 0.02, "rate": 0.5, "reason": "Past"}
            )
        )
        estimate.action_propose()
        estimate.with_user(bob).action_approve()

    def close(self, now="2026-11-20 12:00:00"):
        with freeze_time(now):
            close = self.env["club.close"].with_user(self.ada).create({"club_id": self.club.id})
            close.action_compute()
            preview = close._prepare_move_lines()
            close.action_post()
            posted = [(line.account_id.id, line.debit, line.credit) for line in close.move_id.line_ids.sorted("id")]
            self.assertEqual([(line["account_id"], line["debit"], line["credit"]) for line in preview], posted)
        return close.sudo()

    def lines(self, close):
        """The entry's lines as (debit, credit, amount)."""
        lines = close.move_id.line_ids.sorted("id")
        return [
            (debit.account_id.name, credit.account_id.name, debit.debit)
            for debit, credit in zip(lines[::2], lines[1::2], strict=True)
        ]

    def owed(self, account):
        """What an account owes: its credit balance."""
        lines = self.env["account.move.line"].search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
        return round(-sum(lines.mapped("balance")), 2)


@tagged("post_install", "-at_install")
class TestWhatPartnersAreOwed(BookedCase, SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_books()
        cls.clearing = cls.accounts["clearing"]

    def test_a_redeemed_voucher_is_owed_and_its_bill_clears_it(self):
        self.redeem()
        self.assertEqual(self.lines(self.close()), [("revenue", "Club clearing", 8)])
        self.assertEqual(self.owed(self.clearing), 8)
        self.bill(self.settled())
        self.assertEqual(self.owed(self.clearing), 0)
        self.assertInvariantsHold()

    def test_one_that_is_undone_later_comes_back_in_the_next_close(self):
        voucher = self.redeem()
        self.reverse(voucher, "2026-11-10 12:00:00")
        self.assertEqual(self.lines(self.close()), [("revenue", "Club clearing", 8)], "in October it was redeemed")
        self.assertEqual(self.lines(self.close("2026-12-20 12:00:00")), [("Club clearing", "revenue", 8)])
        self.assertEqual(self.owed(self.clearing), 0)

    def test_as_principal_the_bill_carries_the_cost(self):
        self.merchant.settle_role = "principal"
        self.redeem()
        self.assertFalse(self.close().move_id)

    def test_a_missing_clearing_account_is_named_only_where_it_is_needed(self):
        self.club.settle_clearing_account_id = False
        self.redeem(when="2026-11-10 12:00:00")
        self.close()
        with self.assertRaisesRegex(UserError, "clearing account of Corner Bakery"):
            self.close("2026-12-20 12:00:00")

    def test_another_account_later_leaves_what_was_posted_where_it_is(self):
        self.redeem()
        self.close()
        other = self.clearing.copy({"name": "Other", "code": "99799"})
        self.redeem(when="2026-11-10 12:00:00")
        self.club.settle_clearing_account_id = other
        self.assertEqual(self.lines(self.close("2026-12-20 12:00:00")), [("revenue", "Other", 8)])

    def test_a_reversed_close_posts_the_same_again(self):
        self.redeem()
        close = self.close()
        with freeze_time("2026-11-21 12:00:00"):
            close.with_user(self.ada).action_reverse()
        self.assertEqual(self.owed(self.clearing), 0)
        self.assertEqual(self.lines(self.close()), [("revenue", "Club clearing", 8)])
        self.assertEqual(self.owed(self.clearing), 8)

    def test_points_that_a_partner_paid_for_are_owed_at_what_its_invoice_says(self):
        self.merchant.write({"settle_issue_price": 0.03, "hold_days": 0})
        self.earn_rule("merchant_purchase", formula="per_amount", points=1, per_amount=1)
        self.give(100, "A1")
        self.assertEqual(self.member_2.points, 100)
        settlement = self.bill(self.settled())
        self.assertEqual(settlement.issued_liability, 1, "0.02 times a half: the estimate, not the typed value")
        close = self.close()
        self.assertEqual(self.lines(close), [("Club points", "debt", 1)])
        self.assertEqual(self.owed(self.accounts["points"]), 0)
        self.assertEqual(self.owed(self.book["debt"]), 1)
        row = close.cohort_ids.filtered(lambda row: row.nature == "merchant")
        self.assertEqual((row.issued, row.allocated, row.closing_value), (100, 1, 1))

    def test_on_the_same_account_nothing_is_posted_twice(self):
        self.club.settle_points_account_id = self.book["debt"]
        self.merchant.write({"settle_issue_price": 0.03, "hold_days": 0})
        self.earn_rule("merchant_purchase", formula="per_amount", points=1, per_amount=1)
        self.give(100, "A1")
        settlement = self.bill(self.settled())
        self.assertEqual(settlement.issued_liability, 1)
        close = self.close()
        self.assertFalse(close.move_id)
        self.assertEqual((self.owed(self.book["debt"]), close.closing_value), (1, 1))
        with freeze_time("2026-11-25 12:00:00"):
            settlement.with_user(self.accountant).action_cancel()
        close = self.close("2026-12-20 12:00:00")
        self.assertEqual((self.owed(self.book["debt"]), close.closing_value), (0, 0))

    def test_a_purchase_that_a_partner_takes_back_leaves_nothing_owed(self):
        self.merchant.write({"settle_issue_price": 0.03, "hold_days": 0})
        self.earn_rule("merchant_purchase", formula="per_amount", points=1, per_amount=1)
        purchase = self.give(100, "A1")
        self.bill(self.settled())
        self.close()
        with freeze_time("2026-11-25 12:00:00"):
            purchase._reverse("returned")
        following = self.settled("2026-11-30", now="2026-12-05 12:00:00")
        self.bill(following, now="2026-12-05 12:00:00")
        self.assertEqual(following.issued_liability, -1)
        close = self.close("2026-12-20 12:00:00")
        row = close.cohort_ids.filtered(lambda row: row.nature == "merchant")
        self.assertEqual((row.opening, row.closing, row.opening_value, row.closing_value), (100, 0, 1, 0))
        self.assertEqual((self.owed(self.book["debt"]), close.closing_value), (0, 0))
        self.assertEqual(self.owed(self.book["revenue"]), 0, "nothing of it was ever revenue from points")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestWhatCausesAreOwed(BookedCase, TogetherCase):
    def test_a_donation_is_owed_to_its_cause(self):
        self.set_up_books()
        cause = self.env["club.cause"].create(
            {
                "name": "Trees",
                "club_id": self.club.id,
                "beneficiary_id": self.partner_3.id,
                "point_value": 0.01,
            }
        )
        with freeze_time("2026-10-10 12:00:00"):
            self.post(500, "start")
            donation = self.env["club.donation"].sudo().create({"cause_id": cause.id, "member_id": self.member.id})
            donation._commit(Decimal(300), Decimal(3))
        with self.assertRaisesRegex(UserError, "owed to the cause Trees"):
            self.close()
        cause.account_id = self.book["cause"]
        self.env["club.close"].search([("club_id", "=", self.club.id)]).unlink()
        self.assertEqual(self.lines(self.close()), [("revenue", "cause", 3)])
        donation.action_cancel()
        self.assertEqual(self.lines(self.close("2026-12-20 12:00:00")), [("cause", "revenue", 3)])
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestWhatTheWalletOwes(BookedCase, WalletCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_books()
        cls.club.wallet_account_id = cls.book["wallet"]

    def convert(self, points, key="form"):
        return self.env["club.wallet.conversion"]._convert(self.member, Decimal(points), key)

    def test_points_turned_into_money_are_owed_at_face(self):
        self.club.wallet_back_days = 60
        with freeze_time("2026-10-10 12:00:00"):
            self.post(500, "start")
            conversion = self.convert(300)
        self.assertEqual(self.lines(self.close()), [("revenue", "wallet", 3)])
        with freeze_time("2026-11-25 12:00:00"):
            conversion._undo()
        self.assertEqual(self.lines(self.close("2026-12-20 12:00:00")), [("wallet", "revenue", 3)])
        self.assertEqual(self.owed(self.book["wallet"]), 0)
        self.assertInvariantsHold()

    def test_cashback_is_a_cost(self):
        self.member.joined_at = "2026-01-01 12:00:00"
        self.earn_rule("purchase", gives="money", formula="percent", points=5)
        with freeze_time("2026-10-10 12:00:00"):
            order = self.order(100.0)
            order.action_confirm()
            self.settle()
        self.assertEqual(self.money(), Decimal(5))
        self.assertIn(("cashback", "wallet", 5.0), self.lines(self.close()))
        self.assertEqual(self.owed(self.book["wallet"]), 5)

    def test_a_missing_account_is_named(self):
        self.club.wallet_account_id = False
        with freeze_time("2026-10-10 12:00:00"):
            self.post(500, "start")
            self.convert(300)
        with self.assertRaisesRegex(UserError, "accounts of the wallet"):
            self.close()

    def test_a_wallet_has_no_books_of_its_own(self):
        with self.assertRaisesRegex(UserError, "is a wallet"):
            self.env["club.close"].create({"club_id": self.wallet.id})

    def test_the_day_counts_in_the_clubs_own_time(self):
        self.club.tz = "Asia/Tehran"
        with freeze_time("2026-10-31 20:29:00"):
            self.post(500, "start")
            self.convert(100, "in")
        with freeze_time("2026-10-31 20:31:00"):
            self.convert(200, "out")
        self.assertEqual(self.lines(self.close()), [("revenue", "wallet", 1)])
        self.assertEqual(self.lines(self.close("2026-12-20 12:00:00")), [("revenue", "wallet", 2)])
