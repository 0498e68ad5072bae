"""In a real browser: a banner is seen and followed, and a customer downloads the statement."""

from datetime import datetime

from odoo.addons.customer_club.tests.banner_common import BannerCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestBannerTours(BannerCase):
    def test_a_customer_sees_the_banner_for_gold_and_follows_it(self):
        banner = self.make_gold_banner(url="/my/club")
        self.make_banner("For everybody", who="everyone", sequence=50)
        self.start_tour("/shop", "club_banner_followed", login="club_anna")
        for kind in ("view", "click"):
            [hit] = self.hits(banner, kind)
            self.assertEqual((hit.member_id, hit.place), (self.member, "shop"))

    def test_a_customer_downloads_the_statement(self):
        last_year = self.club._get_today().year - 1
        self.post(150, "a:1", date=datetime(last_year, 5, 1))
        self.post(-30, "a:2", date=datetime(last_year, 6, 1), origin_model="sale.order")
        self.post(7, "a:3")
        self.start_tour(self.url("/history"), "club_statement_downloaded", login="club_anna")
        self.assertInvariantsHold()
