"""A manager sets up a club and makes the first rule, in a browser."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTheFirstDayOfAManager(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        forgive_debian(cls)
        company = cls.env["res.company"].create({"name": "Tour Florist"})
        cls.manager = new_test_user(
            cls.env,
            "staff_tour_manager",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_from_the_empty_home_page_over_the_wizard_to_the_first_rule(self):
        self.start_tour("/odoo/customer-club", "club_staff_first_rule", login="staff_tour_manager", timeout=120)
        club = self.env["club.club"].search([("company_id", "=", self.manager.company_id.id)])
        self.assertEqual((club.name, club.point_name), ("Tour Club", "Petals"))
        self.assertEqual(len(club.tier_ids), 3)
        rule = (
            self.env["club.earn.rule"]
            .with_context(active_test=False)
            .search([("club_id", "=", club.id), ("name", "=", "Ten for every bouquet")])
        )
        self.assertEqual((rule.points, rule.event_type, rule.active), (10, "purchase", False))
        self.assertTrue(club.program_id.reward_ids)
