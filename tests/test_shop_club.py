"""The shop: what is earned, joining at checkout, choosing points; and that no page leaks or acts by itself."""

import json
from contextlib import closing
from decimal import Decimal

from odoo import fields
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger


class ClubShopCase(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.product.write({"is_published": True, "type": "service"})
        cls.rule = cls.env["club.earn.rule"].create(
            {
                "club_id": cls.club.id,
                "name": "A point per 1",
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
            }
        )
        cls.partner.write(
            {
                "street": "Main 1",
                "city": "Berlin",
                "zip": "10115",
                "country_id": cls.env.ref("base.de").id,
                "phone": "+4930123456",
            }
        )

    def add_to_cart(self, quantity=4):
        result = self.url_open(
            "/shop/cart/add",
            headers={"Content-Type": "application/json"},
            data=json.dumps(
                {
                    "params": {
                        "product_template_id": self.product.product_tmpl_id.id,
                        "product_id": self.product.id,
                        "quantity": quantity,
                    }
                }
            ),
        ).json()
        self.assertNotIn("error", result)
        return self.env["sale.order"].search([("website_id", "!=", False)], order="id desc", limit=1)

    def fill_cart(self, login="club_anna", quantity=4):
        self.authenticate(login, login)
        return self.add_to_cart(quantity)

    def post_form(self, path, **data):
        """Post a form, also as a visitor, with the session's token."""
        return self.url_open(path, data={"csrf_token": Request.csrf_token(self), **data})


@tagged("post_install", "-at_install")
class TestShopShowsWhatIsEarned(ClubShopCase):
    def test_the_product_page_says_what_it_earns_and_why(self):
        page = self.get(self.product.website_url).text
        self.assertIn('name="club_earnings"', page)
        self.assertIn("+10 Points", page)
        self.assertNotIn("Join the club", page)

    def test_a_visitor_sees_what_a_new_member_would_earn_and_nothing_personal(self):
        """abuse.md 25: the page of a visitor may be cached, the page of a customer may not."""
        self.authenticate(None, None)
        response = self.url_open(self.product.website_url)
        self.assertIn("+10 Points", response.text)
        self.assertIn("Join the club", response.text)
        self.assertNotIn(self.member.number, response.text)
        self.assertNotEqual(response.headers.get("Cache-Control"), "no-store")
        self.assertEqual(self.get(self.product.website_url).headers["Cache-Control"], "no-store")

    def test_the_cart_says_what_the_order_earns_and_follows_its_quantity(self):
        order = self.fill_cart()
        response = self.url_open("/shop/cart")
        self.assertIn("+40 Points", response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        result = self.url_open(
            "/shop/cart/update",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"params": {"line_id": order.order_line.id, "quantity": 7, "product_id": self.product.id}}),
        ).json()["result"]
        self.assertIn("+70 Points", result["website_sale.total"])

    def test_a_guests_cart_says_it_too(self):
        self.authenticate(None, None)
        self.add_to_cart()
        page = self.url_open("/shop/cart").text
        self.assertIn("+40 Points", page)
        self.assertNotIn('name="club_spending"', page)

    def test_the_portals_order_page_says_what_the_order_earned(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 4})],
            }
        )
        order.action_confirm()
        self.env.cr.flush()
        response = self.get(order.get_portal_url())
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        page = response.text
        self.assertIn('name="club_earnings"', page)
        self.assertIn("+40 Points", page)

    def test_the_cart_asks_the_database_no_more_with_many_rules_and_rewards(self):
        """never.md 16."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "website_id": self.website.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 4})],
            }
        )
        self.post(100, "t,many")
        few = self._count_cart_queries(order)
        for number in range(25):
            self.rule.copy({"name": f"Rule {number}"})
            self.dear.copy({"required_points": 10 * number + 5, "description": f"Reward {number}"})
        self.assertLessEqual(self._count_cart_queries(order), few)

    def _count_cart_queries(self, order):
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._get_portal_spending()
            order._get_portal_earnings()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestShopChoosingPoints(ClubShopCase):
    """never.md 12."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post(500, "t,1")

    def spend(self, points, reward=None):
        return self.post_form("/shop/club/points", reward_id=(reward or self.per_point).id, points=points)

    def used(self, order):
        order.invalidate_recordset()
        return sum(line.points_cost for line in order.order_line if line.coupon_id == self.member.card_id)

    def test_the_member_chooses_how_many_points_to_spend(self):
        order = self.fill_cart()
        page = self.spend("200").text
        self.assertEqual(self.used(order), 200)
        self.assertAlmostEqual(order.amount_total, 30.0)
        self.assertIn("This order uses 200 Points", page)
        self.assertIn("300 Points left", page)

    def test_the_choice_can_be_changed_and_taken_back(self):
        order = self.fill_cart()
        self.spend("200")
        self.spend("۵۰")
        self.assertEqual(self.used(order), 50, "Persian digits are digits")
        self.spend("0")
        self.assertEqual(self.used(order), 0)
        self.assertAlmostEqual(order.amount_total, 40.0)

    def test_the_number_is_bounded_by_the_balance_and_by_the_order(self):
        order = self.fill_cart(quantity=1)
        self.assertIn("up to 200 Points", self.spend("201").text)
        self.assertEqual(self.used(order), 0, "10.00 are worth 200 points")
        order = self.fill_cart(quantity=10)
        self.assertIn("up to 500 Points", self.spend("501").text)
        self.assertEqual(self.used(order), 0)
        self.spend("500")
        self.assertEqual(self.used(order), 500)

    def test_nonsense_is_refused_in_words(self):
        order = self.fill_cart()
        for typed in ("-5", "many", "", "1e9", "NaN", "Infinity"):
            with self.subTest(typed=typed):
                self.assertIn("Nothing was changed", self.spend(typed).text)
                self.assertEqual(self.used(order), 0)

    def test_another_clubs_reward_cannot_be_taken(self):
        """never.md 14: another's card or club pays nothing."""
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        order = self.fill_cart()
        self.assertIn("not available", self.spend("5", other.program_id.reward_ids[:1]).text)
        self.assertIn("not available", self.spend("5", self.dear).text)
        self.assertEqual(self.used(order), 0)

    def test_a_visitor_and_a_link_spend_nothing(self):
        """abuse.md 19."""
        order = self.fill_cart()
        self.assertEqual(self.url_open(f"/shop/club/points?reward_id={self.per_point.id}&points=5").status_code, 405)
        self.url_open(f"/shop/claimreward?reward_id={self.per_point.id}&code={self.member.card_id.code}")
        self.assertEqual(self.used(order), 0, "Odoo's own claim by a link is closed for the club")
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(
                self.url_open("/shop/club/points", data={"reward_id": self.per_point.id, "points": 5}).status_code, 400
            )
        self.authenticate(None, None)
        guest = self.add_to_cart()
        self.spend("5")
        self.assertEqual(self.used(guest), 0)
        self.assertEqual(self.member.points, 500)

    def test_ben_cannot_spend_annas_points(self):
        order = self.fill_cart("club_ben")
        self.spend("5")
        self.post_form("/shop/claimreward", reward_id=self.per_point.id, code=self.member.card_id.code)
        self.assertEqual(self.used(order), 0)
        self.assertAlmostEqual(order.amount_total, 40.0)

    def test_annas_card_code_is_no_promotion_code_for_ben(self):
        """abuse.md 13: the card's number authorises nothing."""
        order = self.fill_cart("club_ben")
        for code in (self.member.card_id.code, self.member.number):
            self.post_form("/shop/pricelist", promo=code)
            self.post_form("/shop/claimreward", reward_id=self.per_point.id, code=code)
            self.assertEqual(self.used(order), 0)
        self.assertAlmostEqual(order.amount_total, 40.0)

    def test_one_spend_at_a_time(self):
        """abuse.md 24: the second request in flight is told to come back, it does not wait."""
        order = self.fill_cart()
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('club.spend'), %s)",
                [self.partner.commercial_partner_id.id],
            )
            with mute_logger("odoo.http"):
                response = self.spend("5")
            self.assertEqual((response.status_code, response.headers["Retry-After"]), (429, "2"))
            self.assertEqual(self.used(order), 0)
            other.rollback()
        self.spend("5")
        self.assertEqual(self.used(order), 5)

    def test_a_fixed_reward_shows_what_is_missing_or_can_be_claimed(self):
        order = self.fill_cart()
        self.assertRegex(self.url_open("/shop/cart").text, r"Half price</span>:\s*<span[^>]*>500 Points\s*more needed")
        self.post(600, "t,2")
        self.post_form("/shop/claimreward", reward_id=self.dear.id, code=self.member.card_id.code)
        self.assertEqual(self.used(order), 1000)
        self.assertAlmostEqual(order.amount_total, 20.0)

    def test_odoos_own_list_does_not_offer_the_club_twice(self):
        self.fill_cart()
        page = self.url_open("/shop/cart").text
        self.assertEqual(page.count(f'name="reward_id" value="{self.per_point.id}"'), 1)

    def test_points_are_exact_in_a_currency_without_decimals(self):
        """never.md 10."""
        order = self.fill_cart(quantity=1000)
        self.club.points_digits = 1
        self.per_point.required_points = 0.5
        self.assertEqual(order._get_point_choices(self.per_point, self.member.card_id, Decimal("99.5")).most, 99.5)
        order.order_line.unlink()
        self.assertEqual(order._get_point_choices(self.per_point, self.member.card_id, Decimal("99.5")).most, 0)


@tagged("post_install", "-at_install")
class TestShopJoiningAtCheckout(ClubShopCase):
    def test_a_customer_joins_at_checkout_at_once(self):
        self.member._leave()
        self.fill_cart()
        page = self.url_open("/shop/payment").text
        self.assertIn('name="club_join_checkout"', page)
        self.assertNotRegex(page, r'name="consent_\w+"[^>]*checked')
        self.post_form("/shop/club/join", club_id=self.club.id, consent_marketing="1")
        self.assertFalse(self.club._get_member(self.partner), "not without the terms")
        response = self.post_form("/shop/club/join", club_id=self.club.id, consent_terms="1")
        self.assertTrue(response.url.endswith("/shop/payment"))
        self.assertEqual(self.club._get_member(self.partner).source, "checkout")
        self.assertNotIn('name="club_join_checkout"', response.text)

    def test_a_guests_consent_waits_on_the_order_and_can_be_taken_back(self):
        self.authenticate(None, None)
        order = self.add_to_cart()
        self.post_form("/shop/club/join", club_id=self.club.id, consent_terms="1", consent_marketing="1")
        order.invalidate_recordset()
        self.assertEqual((order.club_join_id, order.club_join_marketing), (self.club, True))
        self.assertLessEqual(order.club_join_consent_at, fields.Datetime.now())
        self.post_form("/shop/club/join", undo="1")
        order.invalidate_recordset()
        self.assertFalse(order.club_join_id or order.club_join_marketing or order.club_join_consent_at)

    def test_the_checkout_offers_open_clubs_that_want_it(self):
        self.club.join_at_checkout = False
        self.authenticate(None, None)
        order = self.add_to_cart()
        self.post_form("/shop/club/join", club_id=self.club.id, consent_terms="1")
        order.invalidate_recordset()
        self.assertFalse(order.club_join_id)

    def test_a_member_is_not_asked_again(self):
        order = self.fill_cart()
        self.assertFalse(order._get_club_to_offer(self.anna))

    def test_a_wrong_number_of_points_is_refused_by_the_server_itself(self):
        order = self.fill_cart()
        with self.assertRaises(UserError):
            order._spend_chosen_points(self.per_point.id, Decimal(1))
