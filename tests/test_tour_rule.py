"""A manager builds a rule in a browser, guided by its page alone."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged

from .test_earning_sentence import OF_THE_ISSUE


@tagged("post_install", "-at_install")
class TestAManagerBuildsARule(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        euro = cls.env.ref("base.EUR")
        euro.active = True
        company = cls.env["res.company"].create({"name": "Tour Flowers", "currency_id": euro.id})
        cls.club = cls.env["club.club"].create({"name": "Tour Flower Club", "company_id": company.id, "tz": "UTC"})
        cls.env["club.tier"].create(
            [
                {"name": name, "club_id": cls.club.id, "threshold": threshold}
                for name, threshold in (("Silver", 100), ("Gold", 200))
            ]
        )
        cls.env["product.product"].create({"name": "Roses", "list_price": 10, "company_id": company.id})
        cls.manager = new_test_user(
            cls.env,
            "rule_tour_manager",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_the_sentence_of_the_issue_comes_from_the_form_alone(self):
        self.start_tour("/odoo/customer-club", "club_rule_sentence", login="rule_tour_manager", timeout=120)
        rule = self.env["club.earn.rule"].search([("club_id", "=", self.club.id), ("name", "=", "Roses on Fridays")])
        self.assertTrue(rule.active)
        self.assertEqual(rule.sentence.replace("\xa0", " "), OF_THE_ISSUE)
