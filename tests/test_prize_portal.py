"""Prizes on the member's pages: what is shown, taking one, and what another customer sees (abuse 14, 18, 19, 24)."""

import re
from unittest.mock import patch

from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

PAYLOAD = "<script>alert('x')</script><img src=x onerror=alert(1)>"


@tagged("post_install", "-at_install")
class TestPrizePortal(PrizeCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "prize_anna", groups="base.group_portal", email="prize_anna@example.com")
        cls.anna = cls.club._enrol(cls.user.partner_id)
        cls.post(250, "anna", member=cls.anna)
        cls.other = new_test_user(cls.env, "prize_ben", groups="base.group_portal", email="prize_ben@example.com")
        cls.ben = cls.club._enrol(cls.other.partner_id)
        cls.url = f"/my/club/{cls.anna.id}"

    def setUp(self):
        super().setUp()
        self.authenticate("prize_anna", "prize_anna")

    def form(self, url):
        """The hidden fields of the form on a page."""
        page = self.url_open(url).text
        return dict(re.findall(r'<input type="hidden" name="(csrf_token|form_key)" value="([^"]+)"', page))

    def take(self, prize, **changed):
        fields = {**self.form(f"{self.url}/prizes/{prize.id}"), **changed}
        return self.url_open(f"{self.url}/prizes/{prize.id}/redeem", data=fields), fields

    def redemptions(self, member=None):
        return self.env["club.redemption"].search([("member_id", "=", (member or self.anna).id)])

    def test_the_catalogue_shows_what_can_be_had_first(self):
        self.make_prize("Too Dear", points=900)
        self.make_prize("Half Way", points=300)
        self.make_prize("Behind the Counter", channel="counter", points=10)
        page = self.url_open(f"{self.url}/prizes").text
        self.assertLess(page.index("A Vase"), page.index("Half Way"))
        self.assertLess(page.index("Half Way"), page.index("Too Dear"))
        self.assertNotIn("Behind the Counter", page)
        self.assertIn("50 Points more needed", re.sub(r"<[^>]+>|\s+", " ", page).replace("  ", " "))

    def test_a_page_says_what_it_costs_and_what_is_left(self):
        response = self.url_open(f"{self.url}/prizes/{self.prizes['code'].id}")
        self.assertIn("100 Points", response.text)
        self.assertIn("150 Points", response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_looking_takes_nothing(self):
        """abuse 19"""
        for path in ("/prizes", f"/prizes/{self.prizes['code'].id}", "/redemptions", "", "/rewards"):
            self.assertEqual(self.url_open(self.url + path).status_code, 200)
        got = self.url_open(f"{self.url}/prizes/{self.prizes['code'].id}/redeem")
        self.assertIn(got.status_code, (404, 405))
        self.assertEqual((self.anna.points, len(self.redemptions())), (250, 0))

    def test_a_code_is_taken_shown_and_taken_once(self):
        prize = self.prizes["code"]
        response, fields = self.take(prize)
        self.assertIn("SONG-0001", response.text)
        self.assertIn("It is yours", response.text)
        again = self.url_open(f"{self.url}/prizes/{prize.id}/redeem", data=fields)
        self.assertIn("SONG-0001", again.text)
        self.anna.invalidate_recordset()
        self.assertEqual((self.anna.points, len(self.redemptions())), (150, 1))
        self.assertNotIn("SONG-0001", self.url_open(f"{self.url}/redemptions").text, "lists do not show codes")
        self.assertInvariantsHold()

    def test_a_forged_form_takes_nothing(self):
        prize = self.prizes["code"]
        response, _fields = self.take(prize, form_key="x" * 5000)
        self.assertIn("page was too old", response.text)
        response, _fields = self.take(prize, csrf_token="wrong")
        self.assertGreaterEqual(response.status_code, 400)
        self.assertFalse(self.redemptions())

    def test_what_went_away_between_view_and_click_takes_nothing(self):
        prize = self.prizes["service"]
        prize.write({"stock_kind": "own", "stock": 1})
        fields = self.form(f"{self.url}/prizes/{prize.id}")
        self.redeem(prize)
        response = self.url_open(f"{self.url}/prizes/{prize.id}/redeem", data=fields)
        self.assertIn("nothing is left of it", response.text)
        self.anna.invalidate_recordset()
        self.assertEqual((self.anna.points, len(self.redemptions())), (250, 0))
        prize.active = False
        response = self.url_open(f"{self.url}/prizes/{prize.id}/redeem", data=fields)
        self.assertEqual(response.status_code, 404)
        self.assertInvariantsHold()

    def test_points_that_went_away_between_view_and_click_take_nothing(self):
        prize = self.prizes["order_line"]
        fields = self.form(f"{self.url}/prizes/{prize.id}")
        self.post(-200, "gone", member=self.anna)
        response = self.url_open(f"{self.url}/prizes/{prize.id}/redeem", data=fields)
        self.assertIn("Nothing was taken", response.text)
        self.assertFalse(self.redemptions())
        self.assertFalse(self.env["sale.order"].search([("partner_id", "=", self.user.partner_id.id)]))

    def test_one_spend_at_a_time(self):
        """abuse 24"""
        with patch.object(self.env.registry["res.partner"], "_lock_club_spending", lambda _self: False):
            response, _fields = self.take(self.prizes["code"])
        self.assertEqual(response.status_code, 429)
        self.assertFalse(self.redemptions())

    def test_what_waits_can_be_cancelled_and_the_points_come_back(self):
        response, _fields = self.take(self.prizes["order_line"])
        self.assertIn("Fetch it and say the number", response.text)
        redemption = self.redemptions()
        url = f"{self.url}/redemptions/{redemption.id}"
        response = self.url_open(f"{url}/cancel", data=self.form(url))
        self.assertIn("It is cancelled", response.text)
        redemption.invalidate_recordset()
        self.anna.invalidate_recordset()
        self.assertEqual((redemption.state, redemption.order_id.state, self.anna.points), ("cancelled", "cancel", 250))
        self.assertInvariantsHold()

    def test_after_the_days_for_it_nothing_is_cancelled(self):
        self.take(self.prizes["order_line"])
        redemption = self.redemptions()
        url = f"{self.url}/redemptions/{redemption.id}"
        fields = self.form(url)
        self.club.redemption_cancel_days = 0
        self.assertNotIn("club_redemption_cancel", self.url_open(url).text)
        self.assertIn("are over", self.url_open(f"{url}/cancel", data=fields).text)
        redemption.invalidate_recordset()
        self.assertEqual(redemption.state, "ready")
        self.assertInvariantsHold()

    def test_a_part_in_money_leads_to_its_payment(self):
        self.prizes["order_line"].money = 12.5
        response, _fields = self.take(self.prizes["order_line"])
        redemption = self.redemptions()
        self.assertTrue(redemption.is_waiting_for_payment)
        self.assertIn(f"/my/orders/{redemption.order_id.id}", response.url)
        page = self.url_open(f"{self.url}/redemptions/{redemption.id}").text
        self.assertIn("Pay now", page)
        self.assertEqual(redemption.order_id.amount_total, 12.5)

    def test_another_customer_sees_and_takes_nothing(self):
        """abuse 14"""
        self.take(self.prizes["code"])
        redemption = self.redemptions()
        fields = self.form(f"{self.url}/prizes/{self.prizes['service'].id}")
        self.authenticate("prize_ben", "prize_ben")
        paths = ["/prizes", f"/prizes/{self.prizes['code'].id}", "/redemptions", f"/redemptions/{redemption.id}"]
        paths += [f"/redemptions/{redemption.id}/slip", f"/prizes/{self.prizes['code'].id}/picture/0/image_128"]
        for path in paths:
            self.assertEqual(self.url_open(self.url + path).status_code, 404, path)
        own = f"/my/club/{self.ben.id}"
        self.assertEqual(self.url_open(f"{own}/redemptions/{redemption.id}").status_code, 404)
        self.assertEqual(self.url_open(f"{own}/redemptions/999999999").status_code, 404)
        self.post(100, "ben", member=self.ben)
        token = self.form(f"{own}/prizes/{self.prizes['service'].id}")["csrf_token"]
        for path in (f"/prizes/{self.prizes['service'].id}/redeem", f"/redemptions/{redemption.id}/cancel"):
            response = self.url_open(self.url + path, data={**fields, "csrf_token": token})
            self.assertEqual(response.status_code, 404, path)
        self.anna.invalidate_recordset()
        self.assertEqual(self.anna.points, 150)

    def test_a_prize_of_another_club_is_absent(self):
        """never 14"""
        club = self.env["club.club"].create({"name": "Other Club", "tz": "UTC"})
        prize = self.make_prize("Foreign", club_id=club.id)
        won = self.make_prize("Won Only", channel="won", points=0)
        later = self.make_prize("Later", date_from="2999-01-01")
        for hidden in (prize, won, later):
            self.assertEqual(self.url_open(f"{self.url}/prizes/{hidden.id}").status_code, 404, hidden.name)
        with self.assertRaisesRegex(UserError, "not offered in this club"):
            prize._redeem(self.anna, "foreign", "portal")
        with self.assertRaisesRegex(UserError, "not its member"):
            prize._award(self.anna, None, "foreign")

    def test_no_text_becomes_a_program(self):
        """abuse 18"""
        prize = self.make_prize(PAYLOAD[:100], description=PAYLOAD)
        redemption = prize._redeem(self.anna, "xss", "portal")
        pages = [f"{self.url}/{path}" for path in ("prizes", "redemptions", "rewards", "history")]
        pages += [self.url, f"{self.url}/prizes/{prize.id}", f"{self.url}/redemptions/{redemption.id}"]
        for page in pages:
            text = self.url_open(page).text
            self.assertNotIn("<script>alert", text, page)
            self.assertNotIn("<img src=x", text, page)
        redemption._update_state("cancelled", PAYLOAD)
        self.assertNotIn("<script>alert", self.url_open(f"{self.url}/redemptions/{redemption.id}").text)
        html = self.env["ir.actions.report"]._render_qweb_html("customer_club.report_redemption_slip", redemption.ids)[
            0
        ]
        self.assertNotIn(b"<script>alert", html)
        mails = self.env["mail.mail"].sudo().search([("model", "=", "club.redemption"), ("res_id", "=", redemption.id)])
        self.assertTrue(mails)
        self.assertNotIn("<script>alert", " ".join(mails.mapped("body_html")))

    def test_the_overview_points_at_what_is_ready(self):
        self.take(self.prizes["service"])
        page = self.url_open(self.url).text
        self.assertIn("Gift Wrapping is ready for you.", page)
        self.assertIn(f"{self.url}/prizes", page)
        self.assertIn("Prize Gift Wrapping", self.url_open(f"{self.url}/history").text)
