"""What a settlement collects: periods, lines, commissions, corrections, and that it agrees with the ledger."""

from datetime import date, datetime

from freezegun import freeze_time
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCollecting(SettlementCase):
    def test_a_settlement_has_every_redeemed_voucher_with_its_entry_and_commission(self):
        vouchers = self.redeem() | self.redeem("2026-10-20 09:00:00")
        self.buy()  # taken and not redeemed: nothing is owed
        settlement = self.settle()
        lines = settlement.line_ids
        self.assertEqual(lines.voucher_id, vouchers)
        self.assertEqual(lines.mapped("points"), [100, 100])
        self.assertEqual(lines.mapped("commission"), [0.8, 0.8])
        self.assertEqual(
            lines.mapped(lambda line: (line.entry_id.origin_model, line.entry_id.origin_id, line.entry_id.points)),
            [("club.voucher", voucher.id, -100) for voucher in vouchers],
        )
        self.assertEqual(
            (settlement.value_total, settlement.commission_total, settlement.bill_total, settlement.invoice_total),
            (16, 1.6, 16, 1.84),
        )
        self.assertAlmostEqual(settlement.net_total, 14.16)
        self.assertFalse(settlement._check_against_ledger())
        self.assertInvariantsHold()

    def test_the_total_equals_the_vouchers_ledger_entries(self):
        vouchers = self.redeem() | self.redeem() | self.redeem("2026-10-31 23:59:59")
        settlement = self.settled()
        entries = self.env["club.point.entry"].search(
            [("origin_model", "=", "club.voucher"), ("origin_id", "in", vouchers.ids)]
        )
        self.assertEqual(sum(settlement.line_ids.mapped("points")), -sum(entries.mapped("points")))
        self.assertEqual(settlement.line_ids.entry_id, entries)

    def test_tampering_is_found_and_nothing_is_confirmed(self):
        """Abuse 21 of the books: a statement that the ledger does not bear out."""
        voucher = self.redeem()
        settlement = self.settle()
        line = settlement.line_ids
        self.env.flush_all()
        for column, value, words in (
            ("points", 90, "the ledger 1E\\+2|the ledger 100"),
            ("value", 80, "settled are 80"),
            ("commission", 0, "Commission"),
        ):
            self.cr.execute(f"SAVEPOINT tamper; UPDATE club_settlement_line SET {column} = {value}")
            self.env.invalidate_all()
            with self.subTest(column=column):
                self.assertRegex("\n".join(settlement._check_against_ledger()), words)
            self.cr.execute("ROLLBACK TO tamper")
            self.env.invalidate_all()
        self.assertEqual(line.value, 8)
        self.confirm(settlement)
        self.env.flush_all()
        self.cr.execute("UPDATE club_voucher SET value = 9 WHERE id = %s", (voucher.id,))
        self.env.invalidate_all()
        self.assertIn("owed are 9", settlement._check_against_ledger()[0])
        with self.assertRaisesRegex(UserError, "owed are 9"):
            self.bill(settlement)

    def test_commissions_add_up_to_the_rounded_whole(self):
        """Never 10, books 7: rounding each alone would lose."""
        self.offer.write({"value": 0.29, "points": 10})
        self.merchant.settle_commission = 5
        for _number in range(3):
            self.redeem()
        settlement = self.settle()
        self.assertEqual(sorted(settlement.line_ids.mapped("commission")), [0.01, 0.01, 0.02])
        self.assertEqual(settlement.commission_total, 0.04)

    def test_the_periods_edges_are_the_clubs_midnights(self):
        self.club.tz = "Asia/Tehran"  # +03:30
        inside = self.redeem("2026-10-31 20:29:59")
        outside = self.redeem("2026-10-31 20:30:00")
        settlement = self.settle()
        self.assertEqual(settlement.line_ids.voucher_id, inside)
        self.confirm(settlement)
        following = self.settle("2026-11-30", now="2026-12-02 12:00:00")
        self.assertEqual((following.date_from, following.line_ids.voucher_id), (date(2026, 11, 1), outside))

    def test_periods_are_those_of_the_clubs_calendar(self):
        self.club.write({"calendar": "jalali", "tz": "Asia/Tehran"})
        mehr = (periods.from_jalali(1405, 7, 1), periods.from_jalali(1405, 7, 30))
        with freeze_time("2026-11-05 12:00:00"):
            settlement = self.env["club.settlement"].create({"merchant_id": self.merchant.id, "date_from": mehr[0]})
        self.assertEqual((settlement.date_from, settlement.date_to), mehr)
        self.assertEqual(settlement.name, "Corner Bakery 1405-07")
        for kind, last in (("week", date(2026, 11, 1)), ("quarter", periods.from_jalali(1405, 6, 31))):
            self.merchant.settle_period = kind
            settlement.unlink()
            with freeze_time("2026-11-05 12:00:00"):
                settlement = self.env["club.settlement"].create(
                    {"merchant_id": self.merchant.id, "date_from": "2026-01-01"}
                )
            with self.subTest(kind=kind):
                self.assertEqual(settlement.date_to, last)

    def test_periods_have_neither_gap_nor_overlap(self):
        first = self.settled()
        for date_from in ("2026-10-01", "2026-11-02", "2026-10-31"):
            with (
                self.subTest(date_from=date_from),
                self.assertRaisesRegex(ValidationError, "begins the day after"),
                self.cr.savepoint(),
            ):
                self.settle("2026-11-30", date_from=date_from, now="2026-12-05 12:00:00")
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        self.assertEqual(following.date_from, date(2026, 11, 1))
        with self.assertRaisesRegex(ValidationError, "not confirmed yet"), self.cr.savepoint():
            self.settle("2026-12-31", date_from="2026-12-01", now="2027-01-05 12:00:00")
        with self.assertRaisesRegex(UserError, "last complete period"), self.cr.savepoint():
            self.settle("2026-11-15", now="2026-12-05 12:00:00")
        self.assertEqual(first.state, "confirmed")

    def test_a_period_that_is_not_over_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "not over yet"):
            self.settle("2026-11-05", now="2026-11-05 23:00:00")

    def test_what_is_redeemed_after_the_preview_shows_before_it_is_confirmed(self):
        self.redeem()
        settlement = self.settle()
        late = self.redeem("2026-10-30 10:00:00")
        with freeze_time("2026-11-05 12:00:00"):
            answer = settlement.with_user(self.accountant).action_confirm()
            self.assertIn("Nothing was confirmed yet", answer["params"]["message"])
            self.assertEqual((settlement.state, len(settlement.line_ids)), ("draft", 2))
            self.assertIn(late, settlement.line_ids.voucher_id)
            settlement.with_user(self.accountant).action_confirm()
        self.assertEqual((settlement.state, settlement.confirmed_by_id), ("confirmed", self.accountant))

    def test_terms_and_taxes_that_changed_show_before_it_is_confirmed(self):
        self.redeem()
        settlement = self.settle()
        for change, total in (
            (lambda: self.merchant.write({"settle_commission": 20}), 1.84),
            (lambda: self.tax.write({"amount": 20}), 1.92),
        ):
            change()
            with freeze_time("2026-11-05 12:00:00"):
                self.assertFalse(settlement.with_user(self.accountant)._confirm())
            self.assertEqual((settlement.state, settlement.invoice_total), ("draft", total))
        self.confirm(settlement)

    def test_confirmed_lines_never_change(self):
        self.redeem()
        settlement = self.settled()
        with self.assertRaisesRegex(UserError, "never change"):
            settlement.line_ids.sudo().write({"value": 1})
        with self.assertRaisesRegex(UserError, "never change"):
            settlement.line_ids.sudo().unlink()
        with self.assertRaisesRegex(UserError, "stays"):
            settlement.unlink()
        with self.assertRaisesRegex(UserError, "no longer changes"):
            settlement.note = "x"
        for vals in ({"step": "draft"}, {"net_total": 1}, {"date_from": "2020-01-01"}, {"confirmed_at": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                settlement.write(vals)
        with freeze_time("2026-11-05 12:00:00"), self.assertRaisesRegex(UserError, "in the state"):
            settlement.action_collect()

    def test_a_voucher_is_settled_once(self):
        """Never 6."""
        self.redeem()
        self.settled()
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        self.assertFalse(following.line_ids)
        self.confirm(following, now="2026-12-05 12:00:00")
        self.assertEqual(following.net_total, 0)
        self.bill(following, now="2026-12-05 12:00:00")
        self.assertEqual((following.state, len(following.move_ids)), ("paid", 0))

    def test_undone_before_it_is_settled_it_is_not_on_the_statement(self):
        voucher = self.redeem()
        self.reverse(voucher, "2026-11-01 12:00:00")
        self.assertFalse(self.settle().line_ids)
        self.assertInvariantsHold()

    def test_undone_after_it_was_settled_it_is_a_negative_line(self):
        """Never 1: what comes back is taken back, once."""
        voucher = self.redeem()
        self.settled()
        self.reverse(voucher)
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        line = following.line_ids
        self.assertEqual((line.kind, line.value, line.commission, line.points), ("reversal", -8, -0.8, -100))
        self.assertEqual(line.entry_id.reverses_id.origin_id, voucher.id)
        self.confirm(following, now="2026-12-05 12:00:00")
        last = self.settle("2026-12-31", now="2027-01-05 12:00:00")
        self.assertFalse(last.line_ids)
        self.assertEqual(sum(voucher.settlement_line_ids.filtered("live").mapped("value")), 0)
        self.assertInvariantsHold()

    def test_points_that_stay_spent_are_not_taken_back_on_the_statement(self):
        self.offer.reversal = "keep"
        voucher = self.redeem()
        self.settled()
        self.reverse(voucher)
        line = self.confirm(self.settle("2026-11-30", now="2026-12-05 12:00:00"), now="2026-12-05 12:00:00").line_ids
        self.assertEqual((line.kind, line.value, line.points), ("reversal", -8, 0))

    def test_fees_are_per_voucher_and_go_back_with_it(self):
        self.merchant.settle_fee = 0.25
        voucher = self.redeem()
        self.redeem()
        settlement = self.settled()
        self.assertEqual(settlement.commission_total, 2.1)
        self.reverse(voucher)
        self.assertEqual(self.settle("2026-11-30", now="2026-12-05 12:00:00").commission_total, -1.05)

    def test_what_is_owed_is_what_is_not_settled(self):
        """For the tie-out: merchants' payables are the unsettled vouchers."""
        vouchers = self.redeem() | self.redeem()
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 16})
        self.assertEqual(self.merchant._get_unsettled(until=datetime(2026, 10, 1)), {self.merchant.id: 0})
        self.settled()
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 0})
        self.reverse(vouchers[0])
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: -8})

    def test_points_used_at_the_counter_are_settled_like_vouchers(self):
        with freeze_time("2026-10-11 12:00:00"):
            voucher = self.env["club.voucher"]._charge(self.member, self.counter_offer, 5, self.desk, "charge-1", "r-9")
        settlement = self.settle()
        line = settlement.line_ids
        self.assertEqual((line.voucher_id, line.value, line.points, line.receipt), (voucher, 5, 100, "r-9"))
        self.assertFalse(settlement._check_against_ledger())

    def test_vouchers_of_another_merchant_are_not_collected(self):
        other = self.env["club.merchant"].create(
            {"partner_id": self.env["res.partner"].create({"name": "Books"}).id, "club_id": self.club.id, "code": "b"}
        )
        self.redeem()
        self.assertFalse(self.settle(merchant=other, date_from="2026-10-01").line_ids)

    def test_nothing_is_confirmed_before_the_accounts_are_there(self):
        self.redeem()
        settlement = self.settle()
        for name, words in (
            ("settle_bill_journal_id", "journal of merchants' bills"),
            ("settle_invoice_journal_id", "journal of invoices"),
            ("settle_clearing_account_id", "clearing account"),
            ("settle_commission_account_id", "commission income"),
        ):
            kept = self.club[name]
            self.club[name] = False
            with self.subTest(name=name), self.assertRaisesRegex(UserError, words):
                self.confirm(settlement)
            self.env.invalidate_all()
            self.assertIn(words, self.merchant.settle_gaps)
            self.club[name] = kept
        self.merchant.settle_issue_price = 0.02
        self.club.settle_point_value = 0
        self.env.invalidate_all()
        self.assertIn("fair value", self.merchant.settle_gaps)
        self.merchant.settle_issue_price = 0
        self.env.invalidate_all()
        self.assertFalse(self.merchant.settle_gaps)
        self.club.settle_bill_journal_id.currency_id = self.env["res.currency"].create({"name": "XQX", "symbol": "x"})
        with self.assertRaisesRegex(UserError, "is in XQX"):
            self.confirm(settlement)

    def test_accounts_that_cannot_serve_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "allows reconciliation"), self.cr.savepoint():
            self.club.settle_clearing_account_id = self.accounts["points"]
        with self.assertRaisesRegex(ValidationError, "no current liability"), self.cr.savepoint():
            self.club.settle_points_account_id = self.accounts["cost"]
        with self.assertRaisesRegex(ValidationError, "0 to 100"):
            self.merchant.settle_commission = 101

    def test_the_job_proposes_what_is_over_and_only_that(self):
        self.redeem("2026-10-10 12:00:00")
        Settlement = self.env["club.settlement"]
        with self.jobs_in_test():
            with freeze_time("2026-10-31 23:00:00"):
                Settlement._cron_propose()
            self.assertFalse(Settlement.search([("merchant_id", "=", self.merchant.id)]))
            self.env.flush_all()
            self.cr.execute("UPDATE club_merchant SET create_date = '2026-10-01'")
            self.env.invalidate_all()
            with freeze_time("2026-11-01 01:00:00"):
                Settlement._cron_propose()
                Settlement._cron_propose()
        settlement = Settlement.search([("merchant_id", "=", self.merchant.id)])
        self.assertEqual((settlement.date_from, settlement.date_to), (date(2026, 10, 1), date(2026, 10, 31)))
        self.assertEqual((settlement.state, settlement.value_total), ("draft", 8))
        club = self.club.with_user(self.accountant)
        self.assertEqual(
            club._get_home_todos(club._get_home_figures())[club.id]["settlements"],
            "Settlements with partners to confirm: 1",
        )

    def test_idle_periods_are_covered_by_the_next_draft(self):
        self.redeem()
        self.settled()
        self.redeem("2027-01-20 12:00:00")
        with self.jobs_in_test(), freeze_time("2027-02-01 01:00:00"):
            self.assertEqual(self.env["club.settlement"]._cron_propose(), 1)
        draft = self.merchant.settlement_ids.filtered(lambda settlement: settlement.state == "draft")
        self.assertEqual((draft.date_from, draft.date_to), (date(2026, 11, 1), date(2027, 1, 31)))
        self.assertEqual(draft.value_total, 8)


@tagged("post_install", "-at_install")
class TestPointsGiven(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=1, merchant_ids=cls.merchant.ids)
        cls.merchant.write({"settle_issue_price": 0.012, "hold_days": 14})

    def test_points_given_are_owed_by_the_merchant_at_its_price(self):
        purchase = self.give(100, "r-1")
        self.give(50, "r-2", when="2026-11-02 10:00:00")
        settlement = self.settle()
        line = settlement.line_ids
        self.assertEqual((line.kind, line.points, line.amount, line.liability), ("issued", 100, 1.2, 1.0))
        self.assertEqual((line.entry_id.origin_model, line.entry_id.origin_id), (purchase._name, purchase.id))
        self.assertEqual((settlement.issued_points, settlement.issued_total), (100, 1.2))
        self.assertEqual((settlement.bill_total, settlement.invoice_total, settlement.net_total), (0, 1.23, -1.23))
        self.assertFalse(settlement._check_against_ledger())
        self.assertInvariantsHold()

    def test_what_is_taken_back_or_corrected_later_is_the_difference(self):
        one, two = self.give(100, "r-1"), self.give(60, "r-2")
        self.settled()
        one._reverse("returned")
        two._correct(90, "one more")
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        by_purchase = {line.purchase_id: (line.points, line.amount) for line in following.line_ids}
        self.assertEqual(by_purchase, {one: (-100, -1.2), two: (30, 0.36)})
        self.assertFalse(following._check_against_ledger())
        self.confirm(following, now="2026-12-05 12:00:00")
        self.assertFalse(self.settle("2026-12-31", now="2027-01-05 12:00:00").line_ids)
        self.assertInvariantsHold()

    def test_points_that_come_back_are_credited_at_the_price_they_were_settled_at(self):
        """Loss of money: a price that rose since would credit more than the merchant ever owed."""
        whole, part = self.give(100, "r-1"), self.give(50, "r-2")
        self.settled()
        self.merchant.settle_issue_price = 0.05
        self.club.settle_point_value = 0.03
        whole._reverse("returned")
        part._correct(20, "less")
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        by_purchase = {line.purchase_id: (line.amount, line.liability) for line in following.line_ids}
        self.assertEqual(by_purchase, {whole: (-1.2, -1.0), part: (-0.36, -0.3)})
        self.assertFalse(following._check_against_ledger())

    def test_points_that_were_not_asked_for_are_not_credited(self):
        self.merchant.settle_issue_price = 0
        purchase = self.give(100, "r-1")
        self.settled()
        self.merchant.settle_issue_price = 0.05
        purchase._reverse("returned")
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        self.assertEqual(following.line_ids.mapped("points"), [-100])
        self.assertEqual((following.issued_total, following.issued_liability), (0, 0))

    def test_a_club_that_pays_for_the_points_asks_nothing_for_them(self):
        self.merchant.settle_issue_price = 0
        self.give(100, "r-1")
        settlement = self.settled()
        self.assertEqual((settlement.issued_points, settlement.invoice_total), (100, 0))
        self.merchant.settle_issue_price = 1
        self.assertFalse(self.settle("2026-11-30", now="2026-12-05 12:00:00").line_ids, "not asked for afterwards")

    def test_tampered_points_are_found(self):
        purchase = self.give(100, "r-1")
        settlement = self.settle()
        self.env.flush_all()
        self.cr.execute("UPDATE club_settlement_line SET points = 90 WHERE purchase_id = %s", (purchase.id,))
        self.env.invalidate_all()
        self.assertIn("the statement says 90", settlement._check_against_ledger()[0])
