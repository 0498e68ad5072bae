"""The documents of a settlement: every line of every entry, agent and principal, taxes, reversal, locks."""

from datetime import date

from freezegun import freeze_time
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestBills(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner = cls.merchant.partner_id
        cls.payable = partner.property_account_payable_id.name
        cls.receivable = partner.property_account_receivable_id.name
        taxes = cls.env["account.account"].create(
            [
                {"name": "Club tax out", "code": "99910", "account_type": "liability_current"},
                {"name": "Club tax in", "code": "99911", "account_type": "asset_current"},
            ]
        )
        for tax, account in zip((cls.tax, cls.cost_tax), taxes, strict=True):
            lines = (tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids).filtered(
                lambda line: line.repartition_type == "tax"
            )
            lines.account_id = account

    def agree(self, settlement):
        """What was previewed is what was posted."""
        posted = []
        for move in settlement.move_ids.sorted("move_type"):
            rows = sorted((line.account_id.display_name, line.debit, line.credit) for line in move.line_ids)
            posted.append(rows)
        return posted

    def test_an_agents_bill_clears_and_its_commission_is_an_invoice_with_tax(self):
        self.redeem()
        self.redeem()
        settlement = self.settled()
        preview = self.previewed(settlement)
        self.bill(settlement)
        self.assertEqual(
            self.entries(settlement, "in_invoice"),
            sorted([(self.payable, 0, 16), ("Club clearing", 16, 0)]),
        )
        self.assertEqual(
            self.entries(settlement, "out_invoice"),
            sorted([(self.receivable, 1.84, 0), ("Club commission", 0, 1.6), ("Club tax out", 0, 0.24)]),
        )
        self.assertEqual([title for title, _rows in preview], ["Vendor bill", "Customer invoice"])
        self.assertEqual([rows for _title, rows in preview], self.agree(settlement))
        for move in settlement.move_ids:
            self.assertEqual(
                (move.date, move.invoice_date, move.state), (date(2026, 10, 31), date(2026, 10, 31), "posted")
            )
            self.assertEqual(move.partner_id, self.merchant.partner_id)
            self.assertEqual(move.currency_id, self.club.currency_id)
        bill = settlement.move_ids.filtered(lambda move: move.move_type == "in_invoice")
        self.assertEqual((bill.journal_id, bill.ref), (self.club.settle_bill_journal_id, "Corner Bakery 2026-10"))
        self.assertIn("No supply between", bill.narration)
        self.assertEqual(settlement.state, "billed")
        self.assertFalse(settlement._check_against_ledger())

    def test_a_principals_bill_is_cost_with_the_merchants_tax(self):
        self.club.settle_cost_tax_ids = self.cost_tax
        self.merchant.settle_role = "principal"
        self.redeem()
        settlement = self.settled()
        preview = self.previewed(settlement)
        self.bill(settlement)
        self.assertEqual(
            self.entries(settlement, "in_invoice"),
            sorted([(self.payable, 0, 9.2), ("Club cost", 8, 0), ("Club tax in", 1.2, 0)]),
        )
        self.assertEqual([rows for _title, rows in preview], self.agree(settlement))
        self.assertIn("Self-billing", settlement.move_ids.filtered(lambda move: move.is_purchase_document()).narration)
        self.assertEqual(settlement.bill_total, 9.2)

    def test_points_given_are_a_liability_at_fair_value_and_the_rest_service(self):
        """Books 9."""
        self.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=1, merchant_ids=self.merchant.ids)
        self.merchant.write({"settle_issue_price": 0.012, "hold_days": 0})
        self.give(1000, "r-1")
        settlement = self.settled()
        preview = self.previewed(settlement)
        self.bill(settlement)
        self.assertFalse(self.entries(settlement, "in_invoice"))
        self.assertEqual(
            self.entries(settlement, "out_invoice"),
            sorted(
                [
                    (self.receivable, 12.3, 0),
                    ("Club points", 0, 10),
                    ("Club service", 0, 2),
                    ("Club tax out", 0, 0.3),
                ]
            ),
        )
        self.assertEqual([rows for _title, rows in preview], self.agree(settlement))

    def test_a_merchants_own_accounts_and_terms_come_first(self):
        own = self.accounts["clearing"].copy({"name": "Bakery clearing", "code": "99920"})
        self.merchant.settle_clearing_account_id = own
        term = self.env["account.payment.term"].create(
            {"name": "30 days", "line_ids": [(0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})]}
        )
        self.club.settle_term_id = term
        self.redeem()
        settlement = self.bill(self.settled())
        self.assertEqual(
            self.entries(settlement, "in_invoice"), sorted([("Bakery clearing", 8, 0), (self.payable, 0, 8)])
        )
        bill = settlement.move_ids.filtered(lambda move: move.move_type == "in_invoice")
        self.assertEqual(bill.invoice_date_due, date(2026, 11, 30))

    def test_what_is_taken_back_later_is_a_credit_note_of_both_sides(self):
        voucher = self.redeem()
        self.bill(self.settled())
        self.reverse(voucher)
        following = self.confirm(self.settle("2026-11-30", now="2026-12-05 12:00:00"), now="2026-12-05 12:00:00")
        preview = self.previewed(following)
        self.bill(following, now="2026-12-05 12:00:00")
        self.assertEqual(self.entries(following, "in_refund"), sorted([(self.payable, 8, 0), ("Club clearing", 0, 8)]))
        self.assertEqual(
            self.entries(following, "out_refund"),
            sorted([(self.receivable, 0, 0.92), ("Club commission", 0.8, 0), ("Club tax out", 0.12, 0)]),
        )
        self.assertEqual((following.bill_total, following.invoice_total), (-8, -0.92))
        self.assertEqual([title for title, _rows in preview], ["Vendor credit note", "Customer credit note"])
        self.assertEqual([rows for _title, rows in preview], self.agree(following))
        self.assertFalse(following._check_against_ledger())

    def test_a_currency_without_decimals_posts_whole_amounts(self):
        """Never 10."""
        company = self.env["res.company"].create(
            {
                "name": "Yen Company",
                "currency_id": self.env.ref("base.JPY").id,
                "country_id": self.env.ref("base.jp").id,
            }
        )
        self.env.ref("base.JPY").active = True
        self.env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        company.currency_id = self.env.ref("base.JPY")
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        club = env["club.club"].create({"name": "Yen Club", "tz": "UTC", "company_id": company.id})
        Account = env["account.account"].with_company(company)
        clearing = Account.create(
            {"name": "Yen clearing", "code": "99930", "account_type": "liability_current", "reconcile": True}
        )
        income = Account.create({"name": "Yen income", "code": "99931", "account_type": "income"})
        journals = env["account.journal"].search([("company_id", "=", company.id)])
        club.write(
            {
                "settle_bill_journal_id": journals.filtered(lambda one: one.type == "purchase")[:1].id,
                "settle_invoice_journal_id": journals.filtered(lambda one: one.type == "sale")[:1].id,
                "settle_clearing_account_id": clearing.id,
                "settle_commission_account_id": income.id,
            }
        )
        merchant = env["club.merchant"].create(
            {
                "partner_id": env["res.partner"].create({"name": "Ramen"}).id,
                "club_id": club.id,
                "code": "ramen",
                "settle_commission": 12.5,
            }
        )
        offer = env["club.merchant.offer"].create(
            {"name": "Bowl", "merchant_id": merchant.id, "state": "open", "points": 10, "value": 7}
        )
        member = club._enrol(env["res.partner"].create({"name": "Yuki"}))
        env["club.point.entry"]._post([{"member_id": member.id, "kind": "earn", "points": 500, "key": "yen"}])
        with freeze_time("2026-10-10 12:00:00"):
            for number in range(10):
                voucher = env["club.voucher"]._buy(member, offer, f"y{number}")
                self.assertTrue(voucher._redeem(env.user, f"yen-{number}"))
        with freeze_time("2026-11-05 12:00:00"):
            settlement = env["club.settlement"].create(
                {"merchant_id": merchant.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
            )
            self.assertTrue(settlement._confirm())
            settlement._bill()
        self.assertEqual((settlement.value_total, settlement.commission_total), (70, 9))
        self.assertTrue(all(amount == int(amount) for amount in settlement.line_ids.mapped("commission")))
        self.assertEqual(settlement.move_ids.company_id, company)
        self.assertEqual(sorted(settlement.move_ids.mapped("amount_total")), [9, 70])
        self.assertFalse(self.env["club.settlement"].with_user(self.accountant).search([("id", "=", settlement.id)]))
        with self.assertRaises(AccessError):
            settlement.with_user(self.accountant).with_context(allowed_company_ids=self.env.company.ids).read(["name"])

    # -- steps ---------------------------------------------------------------

    def test_it_is_paid_when_both_documents_are(self):
        self.redeem()
        settlement = self.bill(self.settled())
        for move, state in zip(settlement.move_ids, ("billed", "paid"), strict=True):
            wizard = (
                self.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({})
            )
            wizard._create_payments()
            self.env.flush_all()
            self.assertEqual(settlement.state, state)
        with freeze_time("2026-11-06 12:00:00"), self.assertRaisesRegex(UserError, "in the state|is paid"):
            settlement._cancel()

    def test_a_locked_period_is_refused_and_never_moved(self):
        self.redeem()
        settlement = self.settled()
        self.env.company.fiscalyear_lock_date = "2026-10-31"
        with self.assertRaisesRegex(UserError, "locked up to"):
            self.bill(settlement)
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("confirmed", 0))
        with freeze_time("2026-11-05 12:00:00"):
            settlement.with_user(self.accountant).accounting_date = "2026-11-01"
        self.bill(settlement)
        self.assertEqual(set(settlement.move_ids.mapped("date")), {date(2026, 11, 1)})

    def test_it_is_billed_once(self):
        self.redeem()
        settlement = self.bill(self.settled())
        with self.assertRaisesRegex(UserError, "in the state"):
            self.bill(settlement)
        self.assertEqual(len(settlement.move_ids), 2)

    def test_cancelling_reverses_the_documents_and_frees_the_vouchers(self):
        voucher = self.redeem()
        settlement = self.bill(self.settled())
        with freeze_time("2026-11-06 12:00:00"):
            settlement.with_user(self.accountant).action_cancel()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(len(settlement.move_ids), 4)
        for account in self.accounts.values():
            lines = self.env["account.move.line"].search(
                [("account_id", "=", account.id), ("parent_state", "=", "posted")]
            )
            self.assertEqual(sum(lines.mapped("balance")), 0)
        originals = settlement.move_ids.filtered(lambda move: not move.reversed_entry_id)
        self.assertEqual(set(originals.mapped("payment_state")), {"reversed"})
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 8})
        again = self.settled()
        self.assertEqual(again.line_ids.voucher_id, voucher)
        self.bill(again)

    def test_only_the_last_settlement_is_cancelled(self):
        self.redeem()
        first = self.settled()
        self.settle("2026-11-30", now="2026-12-05 12:00:00")
        with self.assertRaisesRegex(UserError, "is followed by"):
            first._cancel()

    def test_its_documents_are_not_changed_behind_its_back(self):
        self.redeem()
        settlement = self.bill(self.settled())
        for move in settlement.move_ids:
            with self.subTest(move=move.name):
                with self.assertRaisesRegex(UserError, "belongs to the settlement"):
                    move.button_draft()
                with self.assertRaisesRegex(UserError, "belongs to the settlement"):
                    move.button_cancel()
        self.assertEqual(set(settlement.move_ids.mapped("state")), {"posted"})

    def test_no_bookkeeper_takes_a_document_out_of_its_settlement(self):
        """It could then be made a draft, and the cancelled settlement would pay its vouchers a second time."""
        self.redeem()
        settlement = self.bill(self.settled())
        clerk = new_test_user(self.env, "money_clerk", groups="account.group_account_invoice")
        for user in (clerk, self.accountant):
            for move in settlement.move_ids.with_user(user):
                with self.subTest(login=user.login, move=move.name), self.assertRaisesRegex(AccessError, "settlement"):
                    move.write({"club_settlement_id": False})
        Move = self.env["account.move"].with_user(clerk)
        with self.assertRaisesRegex(AccessError, "settlement"):
            Move.create({"move_type": "in_invoice", "club_settlement_id": settlement.id})
        with self.assertRaisesRegex(AccessError, "settlement"):
            Move.with_context(default_club_settlement_id=settlement.id).create({"move_type": "in_invoice"})
        self.assertEqual(len(settlement.move_ids), 2)

    def test_nobody_types_that_it_is_paid(self):
        self.redeem()
        settlement = self.bill(self.settled())
        for vals in ({"state": "paid"}, {"name": "Another"}, {"company_id": False}, {"club_id": False}):
            with self.subTest(vals), self.assertRaisesRegex(AccessError, "not typed in"):
                settlement.with_user(self.accountant).write(vals)
        self.assertEqual(settlement.state, "billed")

    # -- who may -------------------------------------------------------------

    def test_who_may_do_what_with_money(self):
        self.redeem()
        settlement = self.settle()
        user = new_test_user(
            self.env, "money_user", groups="customer_club.group_club_user,account.group_account_invoice"
        )
        portal = new_test_user(self.env, "money_portal", groups="base.group_portal")
        for reader in (user, portal):
            for record in (settlement, settlement.line_ids):
                with self.subTest(login=reader.login, record=record), self.assertRaises(AccessError):
                    record.with_user(reader).read(["display_name"])
            with self.assertRaises(AccessError):
                self.merchant.with_user(reader).read(["settle_commission"])
        self.assertEqual(settlement.with_user(self.manager).value_total, 8)
        for doer in (user, portal, self.manager):
            for method in ("action_collect", "action_confirm", "action_bill", "action_cancel"):
                with self.subTest(login=doer.login, method=method), self.assertRaises(AccessError):
                    getattr(settlement.with_user(doer), method)()
            with self.assertRaises(UserError):
                settlement.with_user(doer).line_ids.write({"value": 1})
            with self.assertRaises(AccessError), freeze_time("2026-12-05 12:00:00"):
                self.env["club.settlement"].with_user(doer).create({"merchant_id": self.merchant.id})
        self.assertEqual(settlement.state, "draft")

    def test_posting_needs_the_right_of_accounting_too(self):
        self.redeem()
        settlement = self.settled()
        club_only = new_test_user(self.env, "money_club", groups="customer_club.group_club_accountant")
        with freeze_time("2026-11-05 12:00:00"), self.assertRaisesRegex(AccessError, "Invoicing"):
            settlement.with_user(club_only).action_bill()
        self.assertEqual(settlement.state, "confirmed")

    def test_an_accountant_makes_previews_and_confirms_in_the_form(self):
        self.redeem()
        with freeze_time("2026-11-05 12:00:00"):
            form = Form(self.env["club.settlement"].with_user(self.accountant))
            form.merchant_id = self.merchant
            form.date_to = date(2026, 10, 31)
            settlement = form.save()
            self.assertIn("Club clearing", settlement.preview)
            self.assertIn("Debit", settlement.preview)
            settlement.action_confirm()
        self.assertEqual(settlement.state, "confirmed")
