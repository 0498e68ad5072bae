"""From a template to a working club, in any currency, with what it will cost."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSetupWizard(ClubCase):
    """Setting up a club."""

    def company(self, currency, **values):
        record = self.env["res.currency"].with_context(active_test=False).search([("name", "=", currency)])
        record.active = True
        company = self.env["res.company"].create({"name": f"Shop in {currency}", "currency_id": record.id})
        self.env.user.company_ids |= company
        return company

    def wizard(self, template, company=None, pages=4, **values):
        company = company or self.env.company
        Wizard = self.env["club.setup.wizard"].with_company(company)
        wizard = Wizard.create(
            {"template": template, "company_id": company.id, "typical": Wizard._get_typical(company), **values}
        )
        for _page in range(pages):
            wizard.action_next()
        return wizard

    def test_every_template_gives_a_working_club(self):
        for template in ("florist", "grocery", "jewellery", "b2b"):
            with self.subTest(template=template):
                wizard = self.wizard(template)
                self.assertEqual(wizard.page, "cost")
                club = self.env["club.club"].browse(wizard.action_create()["res_id"])
                rules = self.env["club.earn.rule"].search([("club_id", "=", club.id)])
                self.assertEqual(len(club.tier_ids), 3)
                self.assertGreaterEqual(len(rules), 2)
                self.assertTrue(club.reward_ids)
                self.assertEqual(
                    club.tier_ids.sorted("threshold")[0].threshold, 0, "newcomers have the starter benefits at once"
                )
                self.assertEqual(club.program_id.rule_ids._is_club_anchor(), True)
                partner = self.env["res.partner"].create({"name": template, "email": f"{template}@example.com"})
                self.assertTrue(club._enrol(partner).tier_id)

    def test_a_member_of_the_new_club_earns_what_the_wizard_said(self):
        wizard = self.wizard("jewellery", typical=50)
        club = wizard._create_club()
        club.write({"earn_when": "confirmed", "hold_days": 0})
        member = club._enrol(self.env["res.partner"].create({"name": "Buyer", "email": "buyer@example.com"}))
        before = member.points
        order = self.env["sale.order"].create(
            {
                "partner_id": member.partner_id.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "price_unit": 50})],
            }
        )
        order.action_confirm()
        self.env.cr.flush()
        member.invalidate_recordset()
        self.assertEqual(member.points - before, float(wizard._get_cost(1, 50)))

    def test_values_scale_to_a_currency_without_decimals(self):
        """never.md 10: currency rounding must not turn a point into nothing."""
        wizard = self.wizard("florist", self.company("JPY"))
        rule = wizard.rule_ids.filtered(lambda rule: rule.name == "Every purchase")
        self.assertEqual((wizard.typical, rule.per_amount), (5000, 100))
        self.assertEqual(wizard.point_value, 3)
        club = wizard._create_club()
        self.assertEqual(club.currency_id.name, "JPY")
        reward = club.reward_ids.filtered(lambda reward: reward.discount_mode == "per_point")
        self.assertEqual(reward.discount, 3)

    def test_values_scale_to_rials(self):
        wizard = self.wizard("grocery", self.company("IRR"))
        self.assertEqual(wizard.rule_ids[0].per_amount, 200_000)
        self.assertEqual(wizard.point_value, 2000)
        self.assertEqual(wizard.tier_ids.sorted("threshold").mapped("threshold"), [0, 100_000_000, 300_000_000])

    def test_the_cost_is_explained_with_a_worked_example(self):
        """florist, 50 dollars: 50 points; the best reward gives 10 dollars for 300 points, so they are worth 1.67:
        3.3 %.
        """
        wizard = self.wizard("florist", typical=50)
        text = str(wizard.explanation)
        for words in (
            "50 Points",
            "1.67",
            "3.3 %",
            "75 for the same purchase",
            "20 Points once",
            "never more than 7.5 %",
        ):
            self.assertIn(words, text)

    def test_the_most_is_looked_for_where_a_rule_begins(self):
        """grocery: 25 points more from 100 dollars on: (100 × 1.5 + 25) points at 0.0125 dollar for 100 dollars."""
        wizard = self.wizard("grocery", typical=50)
        least, most = wizard._get_shares()
        worth = wizard._get_worth_of_point()
        self.assertEqual(least, worth)
        self.assertEqual(most, (150 + 25) * worth / 100)

    def test_a_template_can_be_edited_before_creation(self):
        wizard = self.wizard("florist", pages=2)
        wizard.rule_ids[1:].unlink()
        wizard.rule_ids.points = 2
        wizard.tier_ids.filtered(lambda tier: tier.threshold == 500).threshold = 400
        wizard.action_next()
        wizard.action_next()
        club = wizard._create_club()
        rules = self.env["club.earn.rule"].search([("club_id", "=", club.id)])
        self.assertEqual(rules.mapped("points"), [2])
        self.assertIn(400, club.tier_ids.mapped("threshold"))

    def test_going_back_keeps_what_was_typed(self):
        wizard = self.wizard("florist", pages=1)
        wizard.name = "My Own Name"
        wizard.action_next()
        wizard.action_back()
        self.assertEqual((wizard.page, wizard.name), ("club", "My Own Name"))

    def test_mistakes_are_told_on_their_page(self):
        wizard = self.wizard("florist", pages=1)
        wizard.name = " "
        with self.assertRaisesRegex(UserError, "Give the club a name"):
            wizard.action_next()
        wizard.name = "Ok"
        wizard.action_next()
        wizard.action_next()
        wizard.point_value = 0
        with self.assertRaisesRegex(UserError, "worth something"):
            wizard.action_next()
        wizard.point_value = 1
        wizard.reward_ids.unlink()
        with self.assertRaisesRegex(UserError, "add a reward"):
            wizard.action_next()

    def test_a_free_product_needs_a_product(self):
        wizard = self.wizard("florist")
        wizard.reward_ids[0].write({"kind": "product", "points": 200})
        with self.assertRaisesRegex(UserError, "Choose the product"), self.env.cr.savepoint():
            wizard._create_club()
        wizard.reward_ids[0].product_id = self.product
        club = wizard._create_club()
        self.assertIn(self.product, club.reward_ids.reward_product_id)

    def test_a_typical_purchase_is_the_median_of_past_orders(self):
        company = self.company("EUR")
        orders = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                [
                    {
                        "partner_id": self.partner.id,
                        "company_id": company.id,
                        "order_line": [(0, 0, {"product_id": self.product.id, "price_unit": price, "tax_ids": False})],
                    }
                    for price in [10, 190, 200, 210, 9000] * 4
                ]
            )
        )
        orders.write({"state": "sale"})
        self.assertEqual(self.env["club.setup.wizard"]._get_typical(company), 200)

    def test_numbers_are_rounded_to_what_people_say(self):
        round_nicely = self.env["club.setup.wizard"]._round_nicely
        self.assertEqual([round_nicely(amount) for amount in (1, 1.6, 37, 260, 0.013, 8.2)], [1, 2, 50, 200, 0.01, 10])
