from decimal import Decimal

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .wallet_common import WalletCase


@tagged("post_install", "-at_install")
class TestTheWalletIsKeptInTheLedgerOfPoints(WalletCase):
    def test_switching_it_on_makes_odoos_ewallet_under_an_archived_club(self):
        self.assertEqual(self.wallet.kind, "wallet")
        self.assertFalse(self.wallet.active)
        self.assertEqual(self.wallet.points_digits, self.club.currency_id.decimal_places)
        program = self.wallet.program_id
        self.assertEqual((program.program_type, program.active), ("ewallet", True))
        self.assertEqual(self.reward.discount_mode, "per_point")
        self.assertFalse(self.reward.discount_line_product_id.taxes_id)
        self.assertEqual(self.topup.taxes_id.ids, [])
        self.club.write({"has_wallet": False})
        self.club.write({"has_wallet": True})
        self.assertEqual(self.club.wallet_club_id, self.wallet, "the same wallet again")

    def test_no_list_of_clubs_or_members_shows_it(self):
        self.put(5, "w")
        self.assertNotIn(self.wallet, self.env["club.club"].search([]))
        account = self.member._get_wallet()
        self.assertNotIn(account, self.env["club.member"].search([]))
        self.assertNotIn(self.wallet.id, self.env["club.club"]._get_policies())
        self.assertEqual(account.state, "account")
        self.assertEqual(self.club.member_count, 2)
        self.assertFalse(account.tier_id)
        self.assertFalse(account.event_ids)

    def test_nobody_joins_it(self):
        with self.assertRaises(ValidationError):
            self.wallet._enrol(self.env["res.partner"].create({"name": "Carl"}))

    def test_a_cart_paid_with_it_posts_one_spend_and_the_rest_stays(self):
        self.put(25, "w")
        order = self.pay_with_wallet(self.order(10.0))
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal("15"))
        spends = self.env["club.point.entry"].search(
            [("origin_model", "=", "sale.order"), ("origin_id", "=", order.id), ("kind", "=", "spend")]
        )
        self.assertEqual(spends.mapped("points"), [-10.0])
        self.assertInvariantsHold()

    def test_the_customer_chooses_how_much(self):
        """Never 12: cents are no obstacle."""
        self.put("7.25", "w")
        order = self.pay_with_wallet(self.order(10.0), money="3.15")
        self.assertAlmostEqual(order.amount_total, 6.85)
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal("4.10"))
        self.assertInvariantsHold()

    def test_points_and_money_on_one_order_keep_their_own_amounts(self):
        self.post(1000, "p")
        self.put(5, "w")
        order = self.order(10.0)
        order._update_programs_and_rewards()
        order._club_apply_points(self.member.card_id, self.club.program_id.reward_ids, Decimal(200))
        self.pay_with_wallet(order, money=3)
        self.assertAlmostEqual(order.amount_total, 5.0)
        order._update_programs_and_rewards()
        self.assertAlmostEqual(order.amount_total, 5.0)
        order.action_confirm()
        self.settle()
        self.assertEqual((self.member.points, self.money()), (800.0, Decimal(2)))
        self.assertInvariantsHold()

    def test_two_quotations_cannot_promise_the_same_money(self):
        """Never 8, 21."""
        self.put(10, "w")
        first, second = (self.pay_with_wallet(self.order(8.0)) for _number in range(2))
        first.action_confirm()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            second.action_confirm()
        self.assertEqual(self.money(), Decimal(2))
        self.assertInvariantsHold()

    def test_a_cancelled_order_gives_the_money_back(self):
        self.put(10, "w")
        order = self.pay_with_wallet(self.order(8.0))
        order.action_confirm()
        order._action_cancel()
        self.settle()
        self.assertEqual(self.money(), Decimal(10))
        self.assertInvariantsHold()

    def test_a_returned_order_gives_the_money_back_in_proportion_and_never_as_cash(self):
        """Abuse 7."""
        self.put(10, "w")
        order = self.pay_with_wallet(self.order(5.0, quantity=2), money=4)
        order.action_confirm()
        invoice = self.invoice(order)
        self.assertEqual(self.money(), Decimal(6))
        self.credit(invoice)
        self.assertEqual(self.money(), Decimal(10))
        self.assertInvariantsHold()

    def test_another_customers_wallet_pays_nothing(self):
        """Abuse 4, never 14."""
        self.put(10, "w")
        order = self.pay_with_wallet(self.order(8.0))
        order.partner_id = self.partner_2
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.action_confirm()
        self.assertEqual(self.money(), Decimal(10))

    def test_a_salesperson_mints_no_money(self):
        """Abuse 3, never 23."""
        self.put(10, "w")
        seller = new_test_user(self.env, "wallet_seller", groups="sales_team.group_sale_manager")
        card = self.member._get_wallet().card_id
        order = self.pay_with_wallet(self.order(8.0))
        order.action_confirm()
        with self.assertRaises(ValidationError):
            order.order_line.filtered("coupon_id").with_user(seller).points_cost = -500
        order.order_line.filtered("coupon_id").with_user(seller).points_cost = 0
        self.settle()
        self.assertLessEqual(self.money(), Decimal(10))
        with self.assertRaises(AccessError):
            card.with_user(seller).write({"points": 999})
            self.settle()

    def test_nobody_makes_a_wallets_club_by_hand(self):
        """Abuse 5: neither by values nor by a context."""
        manager = new_test_user(self.env, "wallet_manager", groups="customer_club.group_club_manager")
        club = (
            self.env["club.club"]
            .with_user(manager)
            .with_context(default_kind="wallet", club_wallet=True)
            .create({"name": "X", "kind": "wallet", "tz": "UTC"})
        )
        self.assertEqual(club.kind, "points")
        with self.assertRaises(AccessError):
            self.wallet.with_user(manager).write({"points_digits": 0})
        with self.assertRaises(AccessError):
            self.club.with_user(manager).with_context(club_wallet=True).write({"wallet_club_id": False})

    def test_spending_more_than_there_is_is_refused(self):
        self.put(3, "w")
        with self.assertRaises(NotEnoughPoints):
            self.post(-5, "s", member=self.member._get_wallet())
        self.assertInvariantsHold()

    def test_money_never_expires(self):
        """Never 3 is for points: money is owed."""
        self.club.write({"expiry_policy": "months", "expiry_months": 1})
        entry = self.put(3, "w")
        self.assertFalse(entry.expires_on)

    def test_a_currency_with_three_decimals_is_refused(self):
        """Never 10."""
        dinar = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "KWD")]) or self.env[
            "res.currency"
        ].create({"name": "KWX", "symbol": "K", "rounding": 0.001})
        dinar.write({"active": True, "rounding": 0.001})
        company = self.env["res.company"].create({"name": "Dinars", "currency_id": dinar.id})
        club = self.env["club.club"].create({"name": "D", "tz": "UTC", "company_id": company.id})
        with self.assertRaisesRegex(UserError, "two decimals"):
            club.has_wallet = True

    def test_yen_have_no_decimals(self):
        """Never 10."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        company = self.env["res.company"].create({"name": "Yen", "currency_id": yen.id})
        club = self.env["club.club"].create({"name": "Y", "tz": "UTC", "company_id": company.id})
        with self.assertRaisesRegex(ValidationError, "1000|200"):
            club.write({"has_wallet": True, "wallet_point_value": 0.005, "wallet_step_points": 100})
        club.write({"has_wallet": True, "wallet_point_value": 0.5, "wallet_step_points": 2, "wallet_least_points": 2})
        self.assertEqual(club.wallet_club_id.points_digits, 0)
        member = club._enrol(self.partner)
        self.env["club.point.entry"]._post([{"member_id": member.id, "kind": "earn", "points": 10, "key": "yen"}])
        self.env["club.wallet.conversion"]._convert(member, Decimal(10), "k")
        self.assertEqual(member._get_wallet().card_id.points, 5)
        self.assertEqual(member._get_wallet().card_id.program_id.company_id, company)
        self.assertInvariantsHold()
