"""Wallets of two companies, in two currencies, and of companies whose contacts pay with them."""

from decimal import Decimal

from odoo.tests import new_test_user, tagged

from .wallet_common import WalletCase


@tagged("post_install", "-at_install")
class TestWalletsOfSeveralCompanies(WalletCase):
    def make_currency(self, name, per_unit):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        currency.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2020-01-01", "rate": per_unit, "company_id": self.env.company.id}
        )
        return currency

    def test_another_companys_wallet_pays_nothing_here(self):
        """Never 14."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        club = self.env["club.club"].create(
            {"name": "Elsewhere", "tz": "UTC", "company_id": company.id, "has_wallet": True}
        )
        member = club._enrol(self.partner)
        self.put(50, "elsewhere", member=member)
        card = member._get_wallet().card_id
        reward = club.wallet_club_id.program_id.reward_ids
        order = self.order(20.0)
        order._update_programs_and_rewards()
        self.assertNotIn(reward, order._get_claimable_rewards().get(card, reward.browse()))
        self.assertFalse(order._get_portal_wallets())
        order.applied_coupon_ids |= card
        order.write(
            {
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": reward.discount_line_product_id.id,
                            "name": "Wallet money of elsewhere",
                            "price_unit": -20.0,
                            "reward_id": reward.id,
                            "coupon_id": card.id,
                            "points_cost": 20.0,
                            "reward_identifier_code": "x",
                            "tax_ids": False,
                        },
                    )
                ]
            }
        )
        order.action_confirm()
        self.settle()
        self.assertEqual((order.amount_total, card.points), (20.0, 50.0), "the forged line is gone")
        self.assertInvariantsHold()

    def test_an_order_in_another_currency_takes_what_its_total_is_worth(self):
        """Never 10, 14."""
        currency = self.make_currency("CHF", 2.0)  # two francs for one of ours
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": currency.id})
        self.put(30, "w")
        order = self.order(25.0, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        self.pay_with_wallet(order)
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal("17.5"))
        self.assertInvariantsHold()

    def test_a_top_up_in_another_currency_brings_what_it_is_worth(self):
        currency = self.make_currency("CHF", 2.0)
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": currency.id})
        order = self.order(50.0, product=self.topup, pricelist_id=pricelist.id)
        order.action_confirm()
        self.invoice(order)
        self.assertEqual(self.money(), Decimal(25))
        self.assertInvariantsHold()

    def test_money_back_of_an_order_in_another_currency_is_in_ours(self):
        currency = self.make_currency("CHF", 2.0)
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": currency.id})
        self.earn_rule("purchase", gives="money", formula="percent", points=10)
        self.order(50.0, pricelist_id=pricelist.id).action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal("2.5"))

    def test_contacts_pay_with_their_companys_wallet(self):
        self.club.earner = "company"
        self.assertEqual(self.wallet.earner, "company", "the wallet follows its club")
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": firm.id})
        member = self.club._enrol(firm)
        self.put(30, "w", member=member)
        order = self.order(10.0, partner=buyer)
        self.assertEqual(len(order._get_portal_wallets()), 1)
        self.pay_with_wallet(order, member=member)
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(member), Decimal(20))
        topup = self.order(50.0, product=self.topup, partner=buyer)
        topup.action_confirm()
        self.invoice(topup)
        self.assertEqual(self.money(member), Decimal(70))
        self.assertInvariantsHold()

    def test_two_clubs_of_one_company_keep_their_money_apart(self):
        club = self.env["club.club"].create({"name": "Second", "tz": "UTC", "has_wallet": True, "wallet_topup": True})
        member = club._enrol(self.partner)
        self.put(5, "a")
        self.put(9, "b", member=member)
        order = self.order(12.0)
        self.assertEqual(len(order._get_portal_wallets()), 2)
        self.pay_with_wallet(order)
        card = member._get_wallet().card_id
        self.assertNotIn("error", order._apply_program_reward(club.wallet_club_id.program_id.reward_ids, card) or {})
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self.settle()
        self.assertEqual((self.money(), self.money(member)), (Decimal(0), Decimal(2)))
        self.assertInvariantsHold()

    def test_nobody_without_a_role_reads_a_wallet(self):
        """Abuse 14, 15: each role, and a customer."""
        self.put(5, "a")
        account = self.member._get_wallet()
        for login, groups, may in (
            ("w_portal", "base.group_portal", False),
            ("w_employee", "base.group_user", False),
            ("w_user", "customer_club.group_club_user", True),
            ("w_accountant", "customer_club.group_club_accountant", True),
            ("w_manager", "customer_club.group_club_manager", True),
        ):
            user = new_test_user(self.env, login, groups=groups)
            with self.subTest(groups=groups):
                for record in (account, account.entry_ids[:1]):
                    self.assertEqual(record.with_user(user).has_access("read"), may, record._name)
                    self.assertFalse(record.with_user(user).has_access("unlink") and record._name == "club.point.entry")
                if may:
                    self.assertEqual(self.member.with_user(user).wallet_balance, 5.0)
                    self.assertEqual(
                        self.member.with_user(user).action_open_wallet()["domain"], [("member_id", "=", account.id)]
                    )
