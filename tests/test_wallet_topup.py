from decimal import Decimal

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .wallet_common import WalletCase


@tagged("post_install", "-at_install")
class TestATopUpIsMoneyOnceItIsPaid(WalletCase):
    def top_up(self, money=50.0, **values):
        order = self.order(money, product=self.topup, **values)
        order.action_confirm()
        self.settle()
        return order

    def test_nothing_comes_before_it_is_paid(self):
        """Never 7."""
        order = self.top_up()
        self.assertEqual(self.money(), Decimal(0))
        invoice = self.invoice(order, pay=False)
        self.assertEqual(self.money(), Decimal(0))
        self.pay(invoice)
        self.assertEqual(self.money(), Decimal(50))
        self.settle()
        self.env["club.purchase"]._settle(orders=order)
        self.assertEqual(self.money(), Decimal(50), "once, however often it is looked at")
        self.assertInvariantsHold()

    def test_an_online_payment_that_is_done_counts(self):
        order = self.top_up()
        transaction = self.transaction(order)
        self.assertEqual(self.money(), Decimal(0))
        transaction._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(50))
        invoice = self.invoice(order)
        self.assertEqual(self.money(), Decimal(50), "invoiced too, it is still paid once")
        self.assertTrue(invoice)
        self.assertInvariantsHold()

    def test_an_online_payment_that_is_refunded_counts_no_more(self):
        """Never 5: the provider paid the money back, so the wallet does not keep it."""
        order = self.top_up()
        transaction = self.transaction(order)
        transaction._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(50))
        transaction._create_child_transaction(20.0, is_refund=True)._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(30))
        pending = transaction._create_child_transaction(30.0, is_refund=True)
        self.settle()
        self.assertEqual(self.money(), Decimal(30), "not before the provider says so")
        pending._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))
        self.assertInvariantsHold()

    def test_a_refunded_payment_counts_no_more_though_its_invoice_is_paid(self):
        order = self.top_up()
        transaction = self.transaction(order)
        invoice = order._create_invoices()
        invoice.action_post()
        transaction.invoice_ids = invoice
        transaction._set_done()
        transaction._post_process()
        self.settle()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.money(), Decimal(50))
        transaction._create_child_transaction(50.0, is_refund=True)._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))
        self.assertInvariantsHold()

    def test_goods_that_come_back_and_are_refunded_leave_the_top_up(self):
        order = self.order(50.0, product=self.topup)
        order.write({"order_line": [(0, 0, {"product_id": self.product.id, "price_unit": 50.0, "tax_ids": False})]})
        order.action_confirm()
        transaction = self.transaction(order)
        invoice = order._create_invoices()
        invoice.action_post()
        transaction.invoice_ids = invoice
        transaction._set_done()
        transaction._post_process()
        self.settle()
        self.assertEqual(self.money(), Decimal(50))
        refund = invoice._reverse_moves([{"ref": "return"}])
        refund.write(
            {"invoice_line_ids": [(2, refund.invoice_line_ids.filtered(lambda of: of.product_id == self.topup).id)]}
        )
        refund.action_post()
        transaction._create_child_transaction(50.0, is_refund=True)._set_done()
        self.settle()
        self.assertEqual(self.money(), Decimal(50))
        self.assertInvariantsHold()

    def test_of_a_payment_captured_in_part_only_that_part_counts(self):
        order = self.top_up()
        transaction = self.transaction(order)
        transaction._set_authorized()
        transaction._create_child_transaction(20.0)._set_done()
        transaction._create_child_transaction(30.0)._set_canceled()
        self.settle()
        self.assertEqual(transaction.state, "done", "for Odoo all of it is decided")
        self.assertEqual(self.money(), Decimal(20))
        self.assertInvariantsHold()

    def transaction(self, order):
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1) or self.env[
            "payment.provider"
        ].search([], limit=1)
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
                "reference": f"topup-{order.id}",
                "operation": "online_direct",
            }
        )
        self.settle()
        return transaction

    def test_a_top_up_earns_neither_points_nor_money(self):
        """Never 5."""
        self.earn_rule("purchase", formula="per_amount", points=1, per_amount=1)
        self.earn_rule("purchase", gives="money", formula="percent", points=10)
        order = self.top_up()
        self.invoice(order)
        self.assertEqual((self.member.points, self.money()), (0.0, Decimal(50)))
        self.assertInvariantsHold()

    def test_wallet_money_buys_no_wallet_money(self):
        """Never 5: the loop that made infinite money."""
        self.put(60, "w")
        order = self.order(50.0, product=self.topup)
        order._update_programs_and_rewards()
        card = self.member._get_wallet().card_id
        self.assertFalse(order._get_claimable_rewards(forced_coupons=card))
        with self.assertRaisesRegex(UserError, "only money pays"):
            order._apply_program_reward(self.reward, card)

    def test_a_discount_on_the_order_before_goes_when_a_top_up_comes(self):
        """Never 5, 22: nothing is found out only after the payment."""
        self.put(60, "w")
        order = self.pay_with_wallet(self.order(10.0))
        order.write({"order_line": [(0, 0, {"product_id": self.topup.id, "price_unit": 50.0, "tax_ids": False})]})
        order._update_programs_and_rewards()
        self.assertFalse(order.order_line.filtered("reward_id"))
        self.assertEqual(order.amount_total, 60.0)

    def test_a_discount_typed_by_hand_is_refused(self):
        order = self.order(50.0, product=self.topup)
        order.write({"order_line": [(0, 0, {"product_id": self.product.id, "price_unit": -20.0, "tax_ids": False})]})
        with self.assertRaisesRegex(UserError, "only money pays"):
            order.action_confirm()

    def test_a_lower_price_tops_up_what_is_paid(self):
        order = self.top_up(50.0)
        self.assertTrue(order)
        cheap = self.order(50.0, product=self.topup)
        cheap.order_line.discount = 20
        cheap.action_confirm()
        self.invoice(cheap)
        self.assertEqual(self.money(), Decimal(40))

    def test_a_refund_takes_back_what_was_not_spent(self):
        order = self.top_up()
        invoice = self.invoice(order)
        self.credit(invoice)
        self.assertEqual(self.money(), Decimal(0))
        self.assertInvariantsHold()

    def test_what_was_spent_is_not_refunded(self):
        """Abuse 7."""
        invoice = self.invoice(self.top_up())
        self.pay_with_wallet(self.order(20.0)).action_confirm()
        self.settle()
        with self.assertRaisesRegex(UserError, "only .*30.00.* was not spent"):
            self.credit(invoice)
        self.assertEqual(self.money(), Decimal(30))
        self.assertInvariantsHold()

    def test_a_club_may_refund_no_top_up(self):
        self.club.wallet_refundable = False
        invoice = self.invoice(self.top_up())
        with self.assertRaisesRegex(UserError, "does not refund top-ups"):
            self.credit(invoice)

    def test_a_cancelled_order_takes_the_money_back_and_what_was_spent_is_owed(self):
        order = self.top_up()
        transaction = self.transaction(order)
        transaction._set_done()
        self.settle()
        self.pay_with_wallet(self.order(20.0)).action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal(30))
        order._action_cancel()
        self.settle()
        self.assertEqual(self.money(), Decimal(-20))
        self.assertInvariantsHold()

    def test_a_payment_undone_takes_it_back_and_paid_again_brings_it_again(self):
        invoice = self.invoice(self.top_up())
        invoice.line_ids.remove_move_reconcile()
        self.settle()
        self.env["club.purchase"]._settle(moves=invoice)
        self.assertEqual(self.money(), Decimal(0))
        self.pay(invoice)
        self.env["club.purchase"]._settle(moves=invoice)
        self.assertEqual(self.money(), Decimal(50))
        self.assertInvariantsHold()

    def test_an_invoice_without_an_order_tops_up_too(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    (0, 0, {"product_id": self.topup.id, "quantity": 1, "price_unit": 30.0, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))
        self.pay(invoice)
        self.assertEqual(self.money(), Decimal(30))
        self.assertInvariantsHold()

    def test_a_customer_who_is_no_member_keeps_what_was_paid(self):
        carl = self.env["res.partner"].create({"name": "Carl"})
        self.invoice(self.top_up(partner=carl))
        account = self.club._get_wallet_accounts(carl)[carl.id]
        self.assertEqual(account.card_id.points, 50)
        self.assertFalse(self.env["club.member"].search([("partner_id", "=", carl.id)]))

    def test_it_is_booked_as_a_debt_and_never_as_income(self):
        """Never 15."""
        account = self.env["account.account"].create(
            {"name": "Wallets", "code": "251999", "account_type": "liability_current", "reconcile": False}
        )
        self.club.wallet_account_id = account
        invoice = self.invoice(self.top_up())
        self.assertEqual(invoice.invoice_line_ids.account_id, account)
        order = self.pay_with_wallet(self.order(20.0))
        order.action_confirm()
        paid = self.invoice(order, pay=False)
        line = paid.invoice_line_ids.filtered(lambda line: line.product_id == self.reward.discount_line_product_id)
        self.assertEqual((line.account_id, line.balance), (account, 20.0))
        self.assertFalse(line.tax_ids)

    def test_an_account_that_is_no_plain_debt_is_refused(self):
        """Never 15."""
        account = self.env["account.account"].create(
            {"name": "Sales", "code": "401999", "account_type": "income", "reconcile": False}
        )
        with self.assertRaisesRegex(ValidationError, "current liability"):
            self.club.wallet_account_id = account
        self.club.action_propose_wallet_account()
        self.assertEqual(self.club.wallet_account_id.account_type, "liability_current")
        proposed = self.club.wallet_account_id
        self.club.wallet_account_id = False
        self.club.action_propose_wallet_account()
        self.assertEqual(self.club.wallet_account_id, proposed)

    def test_a_taxed_product_tops_up_nothing(self):
        tax = self.env["account.tax"].create({"name": "T", "amount": 20, "amount_type": "percent"})
        product = self.env["product.product"].create({"name": "T", "type": "service", "taxes_id": [(6, 0, tax.ids)]})
        for topup in (True, False):
            with self.assertRaisesRegex(ValidationError, "without taxes"), self.env.cr.savepoint():
                self.club.write({"wallet_topup": topup, "wallet_topup_product_id": product.id})
            self.env.invalidate_all()
        self.assertEqual(product.taxes_id, tax, "a manager of the club takes no taxes off what the shop sells")
