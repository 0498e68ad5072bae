"""Wallet money at the till: spent through the ledger, topped up when it is paid, and never minted."""

from decimal import Decimal

from odoo import Command
from odoo.addons.customer_club.tests.test_till_spending import TillCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTheWalletAtTheTill(TillCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"has_wallet": True, "wallet_topup": True})
        cls.topup = cls.club.wallet_topup_product_id
        cls.account = cls.till_member._get_wallet(create=True)
        cls.money_reward = cls.account.club_id.program_id.reward_ids

    def setUp(self):
        super().setUp()
        self.config.open_ui()
        self.session = self.config.current_session_id
        self.session.set_opening_control(0, "")

    def sell(self, *lines, **values):
        lines = [
            {"qty": 1, **line, "price_subtotal": line["price_unit"], "price_subtotal_incl": line["price_unit"]}
            for line in lines
        ]
        total = sum(line["price_subtotal"] for line in lines)
        order = self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.env.company.id,
                "partner_id": self.till_partner.id,
                "amount_tax": 0,
                "amount_total": total,
                "amount_paid": 0,
                "amount_return": 0,
                "lines": [Command.create(line) for line in lines],
                **values,
            }
        )
        order.add_payment({"pos_order_id": order.id, "amount": total, "payment_method_id": self.method.id})
        order.action_pos_order_paid()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return order

    def send(self, order, points):
        order.confirm_coupon_programs(
            {
                str(self.account.card_id.id): {
                    "points": points,
                    "program_id": self.account.club_id.program_id.id,
                    "coupon_id": self.account.card_id.id,
                    "partner_id": self.till_partner.id,
                    "barcode": False,
                    "line_codes": ["r1"],
                }
            }
        )
        self.env.flush_all()
        self.env.cr.precommit.run()

    def money(self):
        self.env.invalidate_all()
        return Decimal(str(round(self.account.card_id.points, 2)))

    def wallet_line(self, money):
        return {
            "product_id": self.money_reward.discount_line_product_id.id,
            "price_unit": -money,
            "is_reward_line": True,
            "reward_id": self.money_reward.id,
            "coupon_id": self.account.card_id.id,
            "points_cost": money,
            "reward_identifier_code": "r1",
        }

    def test_paying_with_it_is_one_spend(self):
        self.post(25, "w", member=self.account)
        order = self.sell({"product_id": self.roses.id, "price_unit": 20}, self.wallet_line(7.5))
        self.send(order, -7.5)
        self.send(order, -7.5)
        self.assertEqual(self.money(), Decimal("17.5"))
        self.assertInvariantsHold()

    def test_a_client_that_adds_money_adds_none(self):
        """Abuse 3."""
        order = self.sell({"product_id": self.roses.id, "price_unit": 20})
        self.send(order, 5000)
        self.assertEqual(self.money(), Decimal(0))
        self.assertTrue(self.env["club.ledger.incident"].search([("card_id", "=", self.account.card_id.id)]))
        self.assertInvariantsHold()

    def test_a_top_up_that_is_paid_comes_in_once(self):
        """Never 6, 7."""
        order = self.sell({"product_id": self.topup.id, "price_unit": 40})
        self.assertEqual(self.money(), Decimal(40))
        self.env["club.purchase"]._settle(tills=order)
        self.assertEqual(self.money(), Decimal(40))
        self.assertEqual(self.till_member.points, 0)
        self.assertInvariantsHold()

    def test_a_refunded_top_up_goes_out_again(self):
        order = self.sell({"product_id": self.topup.id, "price_unit": 40})
        self.sell({"product_id": self.topup.id, "price_unit": -40, "qty": -1, "refunded_orderline_id": order.lines.id})
        self.assertEqual(self.money(), Decimal(0))
        self.assertInvariantsHold()

    def test_wallet_money_and_discounts_buy_no_wallet_money(self):
        """Never 5."""
        self.post(25, "w", member=self.account)
        order = self.sell({"product_id": self.topup.id, "price_unit": 40}, self.wallet_line(25))
        self.send(order, -25)
        self.assertEqual(self.money(), Decimal(15))
        self.assertInvariantsHold()

    def test_a_top_up_for_nobody_has_no_wallet(self):
        order = self.sell({"product_id": self.topup.id, "price_unit": 40}, partner_id=False)
        self.assertTrue(order)
        self.assertEqual(self.money(), Decimal(0))
