"""Points are computed on what the customer really pays."""

from decimal import Decimal

from odoo import Command, fields
from odoo.addons.customer_club.models.earning.purchase_document import DocumentReader
from odoo.tests import tagged

from .test_earning_orders import EarningCase


class PaidCase(EarningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([("id", "!=", cls.club.program_id.id)]).active = False
        group = cls.env["account.tax.group"].create({"name": "Test taxes"})
        cls.tax_10, cls.tax_20 = cls.env["account.tax"].create(
            [
                {
                    "name": f"{rate} %",
                    "amount": rate,
                    "tax_group_id": group.id,
                    "price_include_override": "tax_excluded",
                }
                for rate in (10, 20)
            ]
        )
        cls.other = cls.env["product.product"].create({"name": "Pot", "list_price": 10.0, "taxes_id": False})

    def line(self, product, quantity, price, taxes=None):
        return Command.create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "price_unit": price,
                "tax_ids": taxes.ids if taxes else False,
            }
        )

    def order(self, *lines, **values):
        return self.env["sale.order"].create({"partner_id": self.partner.id, "order_line": list(lines), **values})

    def paid(self, order, tax="included"):
        """What is paid for each line of goods, by product."""
        (document,) = DocumentReader(self.env).read_orders(order)
        return {line.product: line.net for line in document.count(tax).values()}

    def program(self, program_type, **reward):
        product = self.env["product.product"].create(
            {"name": program_type, "list_price": 50, "taxes_id": False, "type": "service"}
        )
        return product, self.env["loyalty.program"].create(
            {
                "name": program_type,
                "program_type": program_type,
                "applies_on": "future",
                "trigger": "auto",
                "rule_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "product_ids": product.ids,
                            "reward_point_mode": "money",
                            "reward_point_amount": 1,
                        }
                    ),
                ],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                            "required_points": 1,
                            **reward,
                        }
                    ),
                ],
            }
        )


@tagged("post_install", "-at_install")
class TestTaxes(PaidCase):
    def test_amounts_count_with_or_without_taxes_as_the_club_says(self):
        self.club.earn_tax = "included"
        self.order(self.line(self.product, 1, 100.0, self.tax_20)).action_confirm()
        self.assertPoints(120)
        self.club.earn_tax = "excluded"
        self.order(self.line(self.product, 1, 100.0, self.tax_20)).action_confirm()
        self.assertPoints(220)

    def test_discounts_are_spread_as_odoo_itself_dispatches_them(self):
        order = self.order(
            self.line(self.product, 3, 33.33, self.tax_10),
            self.line(self.other, 1, 77.77, self.tax_10),
            self.line(self.product, 2, 12.34, self.tax_20),
        )
        wizard = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.13,
            }
        )
        wizard.action_apply_discount()
        self.assertEqual(len(order.order_line), 5, "a discount line per tax set")
        Tax = self.env["account.tax"]
        base_lines = [line._prepare_base_line_for_taxes_computation() for line in order.order_line]
        Tax._add_tax_details_in_base_lines(base_lines, order.company_id)
        Tax._round_base_lines_tax_details(base_lines, order.company_id)
        dispatched = Tax._dispatch_global_discount_lines(base_lines, order.company_id)
        (document,) = DocumentReader(self.env).read_orders(order)
        ours = {line.id: line.net for line in document.count("excluded").values()}
        odoo = {
            line["record"].id: sum(
                part["tax_details"]["raw_total_excluded_currency"] for part in (line, *line["discount_base_lines"])
            )
            for line in dispatched
        }
        self.assertEqual(set(ours), set(odoo))
        for line, net in ours.items():
            self.assertAlmostEqual(float(net), odoo[line], delta=0.011)
        self.assertEqual(sum(ours.values()), Decimal(str(order.amount_untaxed)))
        included = document.count("included").values()
        self.assertAlmostEqual(float(sum(line.net for line in included)), order.amount_total, places=2)

    def test_a_discount_on_the_line_lowers_what_is_earned(self):
        order = self.order(self.line(self.product, 1, 100.0))
        order.order_line.discount = 25
        order.action_confirm()
        self.assertPoints(75)

    def test_a_negative_line_lowers_what_is_earned(self):
        self.order(self.line(self.product, 1, 100.0), self.line(self.other, 1, -30.0)).action_confirm()
        self.assertPoints(70)


@tagged("post_install", "-at_install")
class TestWhatNeverEarns(PaidCase):
    def test_never_11_the_part_paid_with_points_earns_nothing(self):
        self.post(1000, "test:start")
        order = self.order(self.line(self.product, 10, 10.0))
        reward = self.club.reward_ids
        order._club_apply_points(self.member.card_id, reward, 1000)
        self.assertEqual(order.amount_total, 90)
        order.action_confirm()
        self.settle()
        self.assertPoints(90)
        self.assertInvariantsHold()

    def test_never_11_a_free_product_earns_nothing(self):
        self.post(10, "test:start")
        free = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.other.id,
                "required_points": 10,
            }
        )
        unit = self.env["club.earn.rule"].create(
            {"name": "Unit", "club_id": self.club.id, "formula": "per_unit", "points": 1}
        )
        order = self.order(self.line(self.product, 2, 10.0))
        order._update_programs_and_rewards()
        order._apply_program_reward(free, self.member.card_id)
        order.action_confirm()
        self.settle()
        entries = self.env["club.point.entry"].search([("origin_id", "=", order.id), ("kind", "=", "earn")])
        self.assertEqual({entry.rule_id: entry.points for entry in entries}, {self.rule: 20, unit: 2})

    def test_never_5_buying_a_gift_card_or_a_top_up_earns_nothing(self):
        card, _program = self.program("gift_card")
        top_up, _program = self.program("ewallet")
        self.order(
            self.line(card, 1, 50.0), self.line(top_up, 1, 30.0), self.line(self.product, 1, 10.0)
        ).action_confirm()
        self.assertPoints(10)

    def test_never_5_what_wallet_money_pays_earns_nothing(self):
        _top_up, program = self.program("ewallet")
        wallet = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.partner.id, "points": 40}
        )
        order = self.order(self.line(self.product, 10, 10.0))
        order._update_programs_and_rewards()
        order._apply_program_reward(program.reward_ids, wallet)
        self.assertEqual(order.amount_total, 60)
        order.action_confirm()
        self.assertPoints(60)

    def test_delivery_earns_nothing_and_free_delivery_takes_nothing(self):
        delivery = self.env["product.product"].create(
            {"name": "Delivery", "type": "service", "list_price": 5, "taxes_id": False}
        )
        carrier = self.env["delivery.carrier"].create({"name": "Courier", "product_id": delivery.id, "fixed_price": 5})
        order = self.order(self.line(self.product, 1, 20.0))
        order.set_delivery_line(carrier, 5.0)
        self.assertEqual(order.amount_total, 25)
        order.action_confirm()
        self.assertPoints(20)

    def test_a_combo_earns_through_its_items(self):
        items = self.env["product.product"].create(
            [{"name": name, "list_price": 10, "taxes_id": False} for name in ("Vase", "Soil")]
        )
        combos = self.env["product.combo"].create(
            [{"name": item.name, "combo_item_ids": [Command.create({"product_id": item.id})]} for item in items]
        )
        combo = self.env["product.product"].create(
            {
                "name": "Starter set",
                "type": "combo",
                "list_price": 30,
                "taxes_id": False,
                "combo_ids": combos.ids,
            }
        )
        self.env["club.earn.rule"].create(
            {"name": "Unit", "club_id": self.club.id, "formula": "per_unit", "points": 100}
        )
        order = self.order(self.line(combo, 1, 0.0))
        order.order_line = [
            Command.create(
                {
                    "product_id": item.product_id.id,
                    "combo_item_id": item.id,
                    "linked_line_id": order.order_line.id,
                    "product_uom_qty": 1,
                }
            )
            for item in combos.combo_item_ids
        ]
        self.assertEqual(order.amount_total, 30)
        order.action_confirm()
        self.assertPoints(30 + 200)


@tagged("post_install", "-at_install")
class TestCurrencies(PaidCase):
    def currency(self, name, rate, rounding=0.01):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        currency.active = True
        currency.rounding = rounding
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": fields.Date.today(),
                "rate": rate,
                "company_id": self.env.company.id,
            }
        )
        return currency

    def test_another_currency_counts_in_the_company_s_at_the_rate_of_the_day(self):
        currency = self.currency("SEK", 4.0)
        pricelist = self.env["product.pricelist"].create({"name": "SEK", "currency_id": currency.id})
        order = self.order(self.line(self.product, 1, 100.0), pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        order.action_confirm()
        self.assertPoints(25)
        event = self.env["club.event"].search([("origin_id", "=", order.id)])
        self.assertEqual(event.amount, 25)
        order.order_line.price_unit = 50
        self.assertPoints(12)

    def test_never_10_a_currency_without_decimals_keeps_its_points(self):
        yen = self.currency("JPY", 160.0, 1.0)
        pricelist = self.env["product.pricelist"].create({"name": "JPY", "currency_id": yen.id})
        self.order(self.line(self.product, 1, 1600), pricelist_id=pricelist.id).action_confirm()
        self.assertPoints(10)

    def test_never_10_two_decimals_of_points_stay_exact(self):
        self.club.points_digits = 2
        self.rule.write({"points": 0.1, "per_amount": 1})
        for _number in range(3):
            self.order(self.line(self.product, 1, 1.0)).action_confirm()
        self.assertPoints(0.3)
        self.assertInvariantsHold()
