"""Two companies in one month, currencies without decimals, lock dates of each kind, fiscal positions."""

from freezegun import freeze_time
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_accounting_ties import TieCase
from .test_accounting_worked_life import AccountingCase

GROUPS = "customer_club.group_club_accountant,account.group_account_manager"


class MonthCase(TieCase, AccountingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = "2025-12-01 12:00:00"

    def sell(self, price, day="2026-01-10", **kwargs):
        with freeze_time(f"{day} 10:00:00"):
            move = self.invoice(self.buy(price, **kwargs))
            self.pay(move)
        return move

    def close_in(self, day):
        with freeze_time(f"{day} 10:00:00"):
            close = self.close()
        self.assertRollsForward(close)
        return close


@tagged("post_install", "-at_install")
class TestTwoCompaniesCloseTheSameMonth(MonthCase):
    """Own accounts, journals and currencies; nothing of one is in the other's entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": cls.env.ref("base.CHF").id, "country_id": cls.env.ref("base.ch").id}
        )
        cls.env.ref("base.CHF").active = True
        cls.env.user.company_ids += cls.other
        cls.foreign = {
            code: cls.env["account.account"]
            .with_company(cls.other)
            .create(
                {
                    "code": f"Y{code}",
                    "name": name,
                    "account_type": kind,
                    "company_ids": [Command.set(cls.other.ids)],
                }
            )
            for code, name, kind in (
                ("251", "Point liability there", "liability_current"),
                ("410", "Deferred there", "income"),
                ("411", "Revenue there", "income"),
            )
        }
        journal = cls.env["account.journal"].create(
            {
                "name": "Points there",
                "code": "PTY",
                "type": "general",
                "company_id": cls.other.id,
                "restrict_mode_hash_table": True,
            }
        )
        cls.second = cls.env["club.club"].create(
            {
                "name": "Tulip Club",
                "tz": "UTC",
                "company_id": cls.other.id,
                "liability_account_id": cls.foreign["251"].id,
                "deferral_account_id": cls.foreign["410"].id,
                "revenue_account_id": cls.foreign["411"].id,
                "close_journal_id": journal.id,
                "close_from": "2026-01-01",
            }
        )
        cls.stranger = cls.second._enrol(cls.partner_2)
        cls.stranger.joined_at = "2025-12-01 12:00:00"
        cls.chris = new_test_user(
            cls.env, "books_chris", groups=GROUPS, company_id=cls.other.id, company_ids=[Command.set(cls.other.ids)]
        )
        dora = new_test_user(
            cls.env, "books_dora", groups=GROUPS, company_id=cls.other.id, company_ids=[Command.set(cls.other.ids)]
        )
        cls.estimate("2026-01-01", 0.10, 0.80)
        estimate = (
            cls.env["club.estimate"]
            .with_user(cls.chris)
            .create(
                {"club_id": cls.second.id, "date_from": "2026-01-01", "point_value": 0.2, "rate": 0.5, "reason": "Past"}
            )
        )
        estimate.action_propose()
        estimate.with_user(dora).action_approve()

    def sell_there(self):
        """1,000 points of a purchase of 1,000 that was imported there: 1,000 × 0.2 × 0.5 = 100 beside 1,000."""
        event = self.env["club.event"]._record(
            [
                {
                    "member_id": self.stranger.id,
                    "type": "purchase",
                    "occurred_at": "2026-01-15 12:00:00",
                    "key": "there",
                    "amount": 1000,
                }
            ]
        )
        with freeze_time("2026-01-15 12:00:00"):
            self.post(1000, "there", member=self.stranger, event_id=event.id)

    def close_there(self, day="2026-02-02"):
        with freeze_time(f"{day} 10:00:00"):
            close = self.env["club.close"].with_user(self.chris).create({"club_id": self.second.id})
            close.action_post()
        return close.sudo()

    def test_each_posts_its_own_in_its_own_books(self):
        self.sell(1000.0)
        self.sell_there()
        here, there = self.close_in("2026-02-02"), self.close_there()
        self.assertEqual(self.lines(here), [("410", "251", 74.07)])
        self.assertEqual(
            [(line.account_id, line.balance) for line in there.move_id.line_ids.sorted("id")],
            [(self.foreign["410"], 90.91), (self.foreign["251"], -90.91)],
        )
        for close, company, currency in (
            (here, self.env.company, self.env.company.currency_id),
            (there, self.other, self.env.ref("base.CHF")),
        ):
            self.assertEqual(close.company_id, company)
            self.assertEqual(close.move_id.company_id, company)
            self.assertEqual(close.move_id.journal_id.company_id, company)
            self.assertEqual(close.move_id.line_ids.currency_id, currency)
            self.assertEqual(close.currency_id, currency)
        deferrals = self.env["club.deferral"].search([("club_id", "=", self.second.id)])
        self.assertEqual(deferrals.company_id, self.other)
        self.assertInvariantsHold()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_who_works_in_one_company_neither_sees_nor_closes_the_other(self):
        self.sell(1000.0)
        self.sell_there()
        here = self.close_in("2026-02-02")
        Close = self.env["club.close"].with_user(self.chris)
        self.assertFalse(Close.search([("club_id", "=", self.club.id)]))
        for call in (
            here.with_user(self.chris).action_reverse,
            lambda: here.with_user(self.chris).read(["closing_value"]),
            lambda: Close.create({"club_id": self.club.id}),
            lambda: self.env["club.tie.out"].with_user(self.chris)._make_pages(self.club.with_user(self.chris)),
            lambda: self.env["club.deferral"]
            .search([("club_id", "=", self.club.id)])
            .with_user(self.chris)
            .read(["allocated"]),
            lambda: self.env["club.book.report"]
            .with_user(self.chris)
            .create({"club_id": self.club.id, "kind": "ageing"})
            ._make_sections(),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(here.state, "posted")
        self.assertEqual(self.close_there().state, "posted")

    def test_a_lock_of_one_company_does_not_stop_the_other(self):
        self.sell(1000.0)
        self.sell_there()
        self.other.fiscalyear_lock_date = "2026-01-31"
        self.assertEqual(self.close_in("2026-02-02").state, "posted")
        with self.assertRaisesRegex(ValidationError, "Elsewhere are locked until"):
            self.close_there()


@tagged("post_install", "-at_install")
class TestACurrencyWithoutDecimals(MonthCase):
    """never: rounding each sale loses 7 % on ¥29 sales; cumulative totals of a cohort lose nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        yen = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        yen.active = True
        cls.env.company.currency_id = yen
        cls.estimate("2026-01-01", 1, 0.05)

    def test_fourteen_sales_of_29_are_put_aside_to_the_yen(self):
        for number in range(14):
            self.sell(29.0, f"2026-01-{number + 5:02}", taxes=self.env["account.tax"])
        close = self.close_in("2026-02-02")
        # each 29 × 1.45 / 30.45 = 1.380952: 1 if rounded alone, 14 in all; together 19.333
        self.assertEqual(self.lines(close), [("410", "251", 19)])
        self.assertEqual(close.closing_value, 19)

    def test_what_is_put_aside_is_released_to_the_last_yen_whatever_the_steps(self):
        for month in (1, 2, 3):
            for number in range(3):
                self.sell(29.0, f"2026-{month:02}-{number + 5:02}", taxes=self.env["account.tax"])
        released = 0
        for month in (1, 2, 3):
            close = self.close_in(f"2026-{month + 1:02}-02")
        for number, points in enumerate((41, 53, 67, 61, 39)):
            day = f"2026-{4 + number:02}-10"
            with freeze_time(f"{day} 10:00:00"):
                self.post(-points, f"spend {number}")
            close = self.close_in(f"2026-{5 + number:02}-02")
            self.assertEqual(round(close.closing_value), close.closing_value)
            released -= sum(close.cohort_ids.mapped("released"))
        self.assertPoints(0)
        self.assertEqual((close.closing_value, self.liability()), (0, 0))
        put_aside = self.env["club.deferral"].search([("club_id", "=", self.club.id)])
        # 4.143 of each month, rounded by cohort: 4 + 4 + 4
        self.assertAlmostEqual(sum(put_aside.mapped("allocated")), 12.428571, 4)
        self.assertEqual(released, 12)
        self.assertGreen("Ledger value and liability account")


@tagged("post_install", "-at_install")
class TestLockDatesAndFiscalPositions(MonthCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.estimate("2026-01-01", 0.10, 0.80)

    def test_each_lock_of_the_books_refuses_and_those_of_sales_do_not(self):
        self.sell(1000.0)
        for name in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.env.company[name] = "2026-01-31"
                with freeze_time("2026-02-02 10:00:00"), self.assertRaisesRegex(ValidationError, "open the period"):
                    self.close()
                savepoint.rollback()
            self.env.invalidate_all()
        self.env.company.write({"sale_lock_date": "2026-01-31", "purchase_lock_date": "2026-01-31"})
        close = self.close_in("2026-02-02")
        self.assertEqual(str(close.move_id.date), "2026-01-31", "a general journal is not locked by these")

    def test_a_locked_month_cannot_be_reversed(self):
        self.sell(1000.0)
        close = self.close_in("2026-02-02")
        self.env.company.fiscalyear_lock_date = "2026-01-31"
        with freeze_time("2026-02-03 10:00:00"), self.assertRaisesRegex(ValidationError, "locked until"):
            close.with_user(self.ada).action_reverse()
        self.assertEqual(close.state, "posted")

    def test_an_exception_that_odoo_grants_opens_the_month(self):
        self.sell(1000.0)
        self.env.company.fiscalyear_lock_date = "2026-01-31"
        with freeze_time("2026-02-02 10:00:00"):
            self.env["account.lock_exception"].create(
                {
                    "company_id": self.env.company.id,
                    "user_id": self.ada.id,
                    "fiscalyear_lock_date": False,
                    "reason": "Close of the points",
                }
            )
        self.assertEqual(str(self.close_in("2026-02-02").move_id.date), "2026-01-31")

    def test_a_fiscal_position_moves_the_sales_account_and_not_the_points(self):
        """What is put aside is of the net price, whatever account and tax the customer's position has."""
        income = self.product.product_tmpl_id.get_product_accounts()["income"]
        export = self.env["account.account"].create({"code": "X499", "name": "Exports", "account_type": "income"})
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "account_ids": [Command.create({"account_src_id": income.id, "account_dest_id": export.id})],
            }
        )
        self.partner.property_account_position_id = position
        move = self.sell(1000.0, taxes=self.env["account.tax"])
        self.assertEqual(move.invoice_line_ids.account_id, export)
        self.assertFalse(move.amount_tax)
        self.sell(1000.0, "2026-01-11")
        close = self.close_in("2026-02-02")
        self.assertEqual(self.lines(close), [("410", "251", 148.15)], "twice 74.07: with tax and without")
        self.assertFalse(close.move_id.line_ids.tax_ids | close.move_id.line_ids.tax_line_id)

    def test_an_invoice_in_another_currency_is_put_aside_in_the_companys(self):
        currency = self.env.ref("base.GBP")
        currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2026-01-01", "rate": 0.5, "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Pounds", "currency_id": currency.id})
        self.partner.property_product_pricelist = pricelist
        move = self.sell(500.0)
        self.assertEqual(move.currency_id, currency)
        close = self.close_in("2026-02-02")
        deferral = self.env["club.deferral"].search([("club_id", "=", self.club.id)])
        self.assertEqual(deferral.basis, 1000, "500 pounds at two of the company's each")
        self.assertEqual(close.move_id.line_ids.currency_id, self.env.company.currency_id)
        self.assertEqual(close.closing_value, round(1000 * deferral.points * 0.08 / (1000 + deferral.points * 0.08), 2))
