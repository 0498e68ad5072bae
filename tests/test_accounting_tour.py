"""An accountant sets up, closes, and follows an amount to the purchase, in a real browser."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged

from .test_books_worked_life import BooksCase


@tagged("post_install", "-at_install")
class TestTheAccountantsTour(BooksCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        groups = (
            "customer_club.group_club_accountant,account.group_account_manager,sales_team.group_sale_salesman_all_leads"
        )
        cls.ada = new_test_user(cls.env, "tour_ada", password="tour_ada", groups=groups)
        cls.bob = new_test_user(cls.env, "tour_bob", password="tour_bob", groups=groups)
        cls.chief = new_test_user(
            cls.env,
            "tour_chief",
            password="tour_chief",
            groups="customer_club.group_club_manager,account.group_account_manager",
        )

    def test_from_an_empty_page_to_the_purchase_behind_a_balance(self):
        today = fields.Date.today()
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        self.member.joined_at = fields.Datetime.to_datetime(first) - timedelta(days=1)
        with freeze_time(f"{first + timedelta(days=9)} 10:00:00"):
            self.pay(self.invoice(self.buy(1000.0)))
        self.start_tour(f"/odoo/m-club.club/{self.club.id}", "club_books_setup", login="tour_chief", timeout=120)
        self.env.invalidate_all()
        self.club.close_from = first
        estimate = (
            self.env["club.estimate"]
            .with_user(self.ada)
            .create({"club_id": self.club.id, "date_from": first, "point_value": 0.1, "rate": 0.8, "reason": "Past"})
        )
        url = f"/odoo/m-club.estimate/{estimate.id}"
        self.start_tour(url, "club_books_propose", login="tour_ada", timeout=120)
        self.start_tour(url, "club_books_approve", login="tour_bob", timeout=120)
        self.start_tour("/odoo/customer-club", "club_books_close", login="tour_ada", timeout=240)
        self.env.invalidate_all()
        close = self.env["club.close"].search([("club_id", "=", self.club.id)])
        self.assertEqual((close.state, close.posted_by_id, close.closing_value), ("posted", self.ada, 74.07))
        self.start_tour(
            "/odoo/action-customer_club.club_tie_out_action", "club_books_ties", login="tour_ada", timeout=120
        )
        self.assertInvariantsHold()
