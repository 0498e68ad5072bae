"""The wallet as a member's browser sees it: the page, points into money, and paying in the cart."""

import json
import re
from contextlib import closing

from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.http import Request
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestWalletPages(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"has_wallet": True, "wallet_topup": True, "wallet_back_days": 7})
        cls.page = f"/my/club/{cls.member.id}/wallet"
        cls.product.write({"is_published": True, "type": "service"})

    def money(self, member=None):
        self.env.invalidate_all()
        return (member or self.member)._get_wallet().card_id.points or 0.0

    def form_key(self, html):
        return re.search(r'name="form_key" value="(\w+)"', html).group(1)

    def test_the_page_says_what_is_there_and_what_can_be_done(self):
        page = self.get(self.page).text
        self.assertIn("Nothing has happened yet", page)
        self.assertIn("From", page)
        self.post(950, "p")
        self.post(5, "w", member=self.member._get_wallet(create=True))
        page = self.get(self.page).text
        self.assertIn("5.00", page)
        self.assertIn("up to 900", page)
        self.assertIn("Top up in the shop", page)
        self.assertIn(f'href="{self.page}"', self.get(self.url()).text)
        self.assertIn("no-store", self.get(self.page).headers["Cache-Control"])

    def test_points_become_money_after_a_confirmation_and_once(self):
        """Never 6, abuse 19."""
        self.post(950, "p")
        self.get(self.page)
        asked = self.submit(self.page + "/quote", points="300").text
        self.assertRegex(asked, r"Turn <bdi>300 Points</bdi> into <bdi>[^<]*3.00")
        self.assertIn("650 Points", asked)
        self.assertEqual(self.money(), 0)
        key = self.form_key(asked)
        done = self.submit(self.page + "/convert", points="300", form_key=key)
        self.assertIn("became", done.text)
        self.submit(self.page + "/convert", points="300", form_key=key)
        self.env.invalidate_all()
        self.assertEqual((self.member.points, self.money()), (650, 3))
        history = self.get(self.url("/history")).text
        self.assertIn("Turned into wallet money, spent", history)
        self.assertIn("From points", self.get(self.page).text)
        self.assertInvariantsHold()

    def test_nonsense_is_answered_in_words(self):
        self.post(950, "p")
        self.get(self.page)
        for points, words in (
            ("abc", "not a number"),
            ("150", "in steps of"),
            ("-100", "at least"),
            ("0", "at least"),
            ("100000", "You have"),
            ("1e400", "not a number"),
            (PAYLOAD, "not a number"),
        ):
            with self.subTest(points=points):
                text = self.submit(self.page + "/quote", points=points).text
                self.assertIn(words, text)
                self.assertNotIn("<svg onload", text)
        self.submit(self.page + "/convert", points="100", form_key="short")
        self.submit(self.page + "/convert", points="100")
        self.submit(self.page + "/convert", points="100000", form_key="a" * 40)
        self.env.invalidate_all()
        self.assertEqual((self.member.points, self.money()), (950, 0))

    def test_money_goes_back_for_some_days(self):
        self.post(950, "p")
        self.get(self.page)
        done = self.submit(self.page + "/convert", points="300", form_key="b" * 40).text
        self.assertIn("Can be undone", done)
        conversion = self.env["club.wallet.conversion"].search([("member_id", "=", self.member.id)])
        self.submit(f"{self.page}/undo/{conversion.id}")
        self.env.invalidate_all()
        self.assertEqual((self.member.points, self.money(), conversion.state), (950, 0, "undone"))
        self.assertInvariantsHold()

    def test_another_members_wallet_does_not_exist(self):
        """Abuse 14: the same 404 for absent and another's."""
        self.post(950, "p")
        conversion = self.env["club.wallet.conversion"]._convert(self.member, 100, "k")
        account = self.member._get_wallet()
        mine = f"/my/club/{self.member_2.id}/wallet"
        self.get(self.page, login="club_ben", status=404)
        self.get("/my/club/999999/wallet", login="club_ben", status=404)
        self.get(f"/my/club/{account.id}/wallet", status=404)
        self.get(f"/my/club/{account.id}", status=404)
        self.authenticate("club_ben", "club_ben")
        self.submit(self.page + "/convert", status=404, points="100", form_key="c" * 40)
        self.submit(f"{mine}/undo/{conversion.id}", status=404)
        self.submit(f"{mine}/undo/999999", status=404)
        self.assertEqual(conversion.state, "done")

    def test_without_a_wallet_there_is_no_page_but_with_money_there_is(self):
        self.club.has_wallet = False
        self.get(self.page, status=404)
        self.post(5, "w", member=self.member._get_wallet(create=True))
        page = self.get(self.page).text
        self.assertIn("5.00", page)
        self.assertNotIn("Points into money", page)

    def test_reading_changes_nothing_and_a_link_converts_nothing(self):
        """Abuse 19."""
        self.post(950, "p")
        self.get(self.page)
        for path in ("/convert", "/quote", "/undo/1"):
            self.assertEqual(self.url_open(self.page + path).status_code, 405)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(self.page + "/convert", data={"points": "100"}).status_code, 400)
        self.assertFalse(self.env["club.wallet.conversion"].search([("member_id", "=", self.member.id)]))

    def test_one_spend_at_a_time(self):
        """Abuse 24."""
        self.post(950, "p")
        self.get(self.page)
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('club.spend'), %s)", [self.partner.commercial_partner_id.id]
            )
            with mute_logger("odoo.http"):
                self.submit(self.page + "/convert", status=429, points="100", form_key="d" * 40)
            other.rollback()
        self.assertEqual(self.money(), 0)

    def test_the_history_is_read_page_by_page(self):
        account = self.member._get_wallet(create=True)
        for number in range(35):
            self.post(1, f"w{number}", member=account)
        page = self.get(self.page).text
        self.assertEqual(page.count('name="club_wallet_row"'), 30)
        older = re.search(r'href="([^"]*before=\d+)"', page).group(1)
        self.assertEqual(self.get(older).text.count('name="club_wallet_row"'), 5)
        self.get(self.page + "?before=99999999999999999999")
        self.get(self.page + "?before=%C2%B2")

    # -- the cart ------------------------------------------------------------

    def fill_cart(self, product=None, quantity=4, login="club_anna"):
        self.authenticate(login, login)
        product = product or self.product
        self.url_open(
            "/shop/cart/add",
            headers={"Content-Type": "application/json"},
            data=json.dumps(
                {
                    "params": {
                        "product_template_id": product.product_tmpl_id.id,
                        "product_id": product.id,
                        "quantity": quantity,
                    }
                }
            ),
        )
        return self.env["sale.order"].search([("website_id", "!=", False)], order="id desc", limit=1)

    def pay(self, money, reward=None):
        return self.url_open(
            "/shop/club/wallet",
            data={
                "csrf_token": Request.csrf_token(self),
                "reward_id": (reward or self.club.wallet_club_id.program_id.reward_ids).id,
                "money": money,
            },
        )

    def test_the_cart_shows_the_wallet_once_and_takes_what_is_chosen(self):
        self.post(25, "w", member=self.member._get_wallet(create=True))
        order = self.fill_cart()
        answer = self.url_open("/shop/cart")
        page = answer.text
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(page.count('name="club_wallet"'), 1)
        self.assertNotIn("Pay with eWallet", page)
        self.assertIn("up to", page)
        self.pay("10.5")
        self.assertAlmostEqual(order.amount_total, 29.5)
        self.pay("0")
        self.assertAlmostEqual(order.amount_total, 40.0)
        for money in ("26", "-1", "abc"):
            with self.subTest(money=money):
                self.pay(money)
                self.assertAlmostEqual(order.amount_total, 40.0)
        self.pay("25")
        order.action_confirm()
        self.assertEqual(self.money(), 0)
        self.assertInvariantsHold()

    def test_ben_pays_nothing_with_annas_wallet(self):
        """Abuse 4."""
        self.post(25, "w", member=self.member._get_wallet(create=True))
        order = self.fill_cart(login="club_ben")
        answer = self.url_open("/shop/cart")
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn('name="club_wallet"', answer.text)
        self.pay("5")
        self.assertAlmostEqual(order.amount_total, 40.0)

    def test_a_cart_with_a_top_up_offers_no_wallet(self):
        """Never 5."""
        self.post(25, "w", member=self.member._get_wallet(create=True))
        order = self.fill_cart(product=self.club.wallet_topup_product_id, quantity=1)
        self.assertEqual(order.amount_total, 50.0)
        answer = self.url_open("/shop/cart")
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn('name="club_wallet"', answer.text)
        self.pay("5")
        self.assertAlmostEqual(order.amount_total, 50.0)
