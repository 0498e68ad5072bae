"""A manager tries a rule on last year, in a browser, and sees its cost."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAManagerTriesARuleOnLastYear(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        company = cls.env["res.company"].create({"name": "Tour Flowers"})
        cls.club = cls.env["club.club"].create({"name": "Tour Flower Club", "company_id": company.id, "tz": "UTC"})
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        cls.rule = cls.env["club.earn.rule"].create(
            {
                "name": "Points for flowers",
                "club_id": cls.club.id,
                "formula": "per_amount",
                "points": 1,
                "per_amount": 10,
            }
        )
        member = cls.club._enrol(cls.env["res.partner"].create({"name": "Anna"}))
        cls.env["club.event"]._record(
            [
                {
                    "member_id": member.id,
                    "type": "purchase",
                    "key": f"tour:{days}",
                    "amount": 120,
                    "occurred_at": fields.Datetime.now() - timedelta(days=days),
                    "processed_at": fields.Datetime.now(),
                }
                for days in (20, 90, 200)
            ]
        )
        new_test_user(
            cls.env,
            "simulation_tour_manager",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_triple_points_on_last_year(self):
        self.start_tour(
            "/odoo/customer-club", "club_simulation_last_year", login="simulation_tour_manager", timeout=120
        )
        record = self.env["club.simulation"].search([("club_id", "=", self.club.id)])
        self.assertEqual([setup.result["points"] for setup in record.setup_ids], [36, 108])
        self.assertEqual([setup.result["cost"] for setup in record.setup_ids], [18, 54])
        self.assertEqual((self.rule.points, self.rule.active), (1, True), "the club's own rule stays as it is")
        self.assertFalse(self.env["club.point.entry"].search([("club_id", "=", self.club.id)]))

    def test_the_spreadsheet_is_for_who_may_read_the_simulation(self):
        record = self.env["club.simulation"].create({"club_id": self.club.id})
        record.action_run()
        other = self.env["res.company"].create({"name": "Other Flowers"})
        for login, groups, company in (
            ("simulation_other_manager", "customer_club.group_club_manager", other),
            ("simulation_employee", "base.group_user", self.club.company_id),
        ):
            new_test_user(
                self.env, login, groups=groups, company_id=company.id, company_ids=[Command.set(company.ids)]
            )
            with self.subTest(login=login):
                self.authenticate(login, login)
                self.assertEqual(self.url_open(f"/customer_club/simulation/{record.id}/xlsx").status_code, 404)
        self.authenticate("simulation_tour_manager", "simulation_tour_manager")
        answer = self.url_open(f"/customer_club/simulation/{record.id}/xlsx")
        self.assertEqual((answer.status_code, answer.content[:2]), (200, b"PK"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
