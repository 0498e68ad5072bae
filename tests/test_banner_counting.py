"""What is counted of a banner: people who saw it, once per visit and day; it never changes, and knows no stranger."""

from odoo.addons.customer_club.models.banner.club_banner_hit import MOST_OF_NETWORK
from odoo.addons.customer_club.tests.banner_common import BannerCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

ROBOT = {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}


@tagged("post_install", "-at_install")
class TestBannersAreCounted(BannerCase):
    def test_a_visit_counts_once_a_day_however_often_it_is_told(self):
        banner = self.make_gold_banner()
        self.authenticate("club_anna", "club_anna")
        for _time in range(3):
            self.tell(banner)
        [view] = self.hits(banner)
        self.assertEqual((view.member_id, view.viewer, view.place), (self.member, "member", "shop"))
        self.assertNotIn(self.session.sid[:10], view.visitor)

    def test_asking_and_looking_count_nothing(self):
        """Abuse 19: a page that is read changes nothing."""
        banner = self.make_gold_banner(at_portal=True)
        self.get(self.url())
        self.assertIn("Only for gold", self.ask())
        self.url_open("/shop")
        self.assertFalse(self.hits(banner))

    def test_another_cannot_count_a_banner_that_is_not_shown_to_them(self):
        banner = self.make_gold_banner()
        self.authenticate("club_anna", "club_anna")
        mark = self.read_token()
        self.assertTrue(mark)
        for login in ("club_ben", None):
            self.authenticate(login, login)
            self.tell(banner)
            self.tell(banner, token=mark)
            self.go(banner, token=mark)
        self.authenticate("club_anna", "club_anna")
        for wrong in ("", "x", "-1", "99999999999999999999", "9" * 9, "1 or 1"):
            self.tell(wrong)
        self.tell(banner, place="portal' --")
        self.tell(banner, place="cart")  # it has no such place
        self.assertFalse(self.hits(banner))

    def test_robots_and_pages_loaded_ahead_count_nothing(self):
        banner = self.make_banner("All", who="everyone")
        self.authenticate(None, None)
        self.tell(banner, **ROBOT)
        self.tell(banner, **{"Sec-Purpose": "prefetch"})
        self.go(banner, headers=ROBOT)
        self.go(banner, headers={"Purpose": "prefetch"})
        self.assertFalse(self.hits(banner) | self.hits(banner, "click"))

    def test_the_shops_own_people_count_nothing(self):
        banner = self.make_banner("All", who="everyone")
        new_test_user(self.env, "banner_staff", groups="base.group_user", password="banner_staff")
        self.authenticate("banner_staff", "banner_staff")
        self.assertIn("All", self.ask())
        self.tell(banner)
        self.go(banner)
        self.assertFalse(self.hits(banner) | self.hits(banner, "click"))

    def test_a_click_counts_once_counts_as_seen_and_leads_where_the_server_says(self):
        banner = self.make_gold_banner(url="/my/club")
        self.authenticate("club_anna", "club_anna")
        for _time in range(2):
            answer = self.go(banner, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
            self.assertTrue(answer.headers["Location"].endswith("/my/club"))
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual((len(self.hits(banner)), len(self.hits(banner, "click"))), (1, 1))

    def test_a_session_that_was_handed_no_banner_counts_nothing(self):
        """A made-up cookie tells of no visit: the mark in the block belongs to one session, banner and place."""
        banner = self.make_banner("All", who="everyone", at_product=True, url="/shop")
        self.authenticate(None, None)
        mark = self.read_token()
        other = self.make_banner("Other", who="everyone", at_shop=False, at_cart=True)
        for wrong in ("", "0" * 32, "é"):
            self.tell(banner, token=wrong)
        self.tell(banner, place="product", token=mark)
        self.tell(other, place="cart", token=mark)
        self.assertEqual(self.go(banner, token="").status_code, 200, "the link leads on all the same")
        self.authenticate(None, None)  # another session, as one that was made up
        self.tell(banner, token=mark)
        self.go(banner, token=mark)
        self.assertFalse(self.hits(banner) | self.hits(other) | self.hits(banner, "click"))
        self.tell(banner)
        self.assertEqual(len(self.hits(banner)), 1)

    def test_a_crowd_from_one_address_is_a_few_guests(self):
        banner = self.make_banner("All", who="everyone")
        for number in range(MOST_OF_NETWORK + 5):
            banner._count("view", "shop", {}, False, f"session {number}", "one address")
        self.assertEqual(len(self.hits(banner)), MOST_OF_NETWORK)
        banner._count("view", "shop", {}, False, "elsewhere", "another address")
        banner._count("view", "shop", {self.club: self.member}, True, "member", "one address")
        self.assertEqual(len(self.hits(banner)), MOST_OF_NETWORK + 2)
        self.authenticate(None, None)
        self.tell(banner)
        [hit] = self.hits(banner).filtered(lambda hit: hit.viewer == "guest")[:1]
        self.assertNotIn("127.0.0.1", hit.sudo().network or "")
        self.assertFalse(self.hits(banner).filtered("member_id").sudo().network, "of members nothing more is kept")

    def test_results_add_up(self):
        banner = self.make_banner("All", who="everyone")
        anna, ben = {self.club: self.member}, {self.club: self.member_2}
        for members, signed_in, visitor in (
            (anna, True, "a1"),
            (anna, True, "a2"),
            (ben, True, "b1"),
            ({}, False, "g1"),
            ({}, True, "c1"),
        ):
            banner._count("view", "shop", members, signed_in, visitor)
        banner._count("click", "shop", anna, True, "a1")
        banner.invalidate_recordset()
        self.assertEqual((banner.view_count, banner.people_count, banner.click_count), (5, 4, 1))
        self.assertAlmostEqual(banner.click_share, 0.2)
        self.assertEqual(set(self.hits(banner).mapped("viewer")), {"member", "guest", "customer"})
        self.assertIn("data:image/svg+xml;base64,", banner.chart)
        _days, views, clicks = banner._read_days()
        self.assertEqual((sum(views), views[-1], sum(clicks)), (5, 5, 1))
        empty = self.make_banner("New")
        self.assertEqual((empty.view_count, empty.click_share), (0, 0.0))

    def test_two_who_count_at_once_leave_one_row(self):
        banner = self.make_banner("All", who="everyone")
        for _time in range(2):
            banner._count("view", "shop", {}, False, "same")
        banner._count("view", "shop", {}, False, "")
        self.assertEqual(len(self.hits(banner)), 1)

    def test_what_was_counted_is_not_typed_changed_or_deleted(self):
        banner = self.make_banner("All", who="everyone")
        banner._count("view", "shop", {self.club: self.member}, True, "v")
        manager = new_test_user(self.env, "hit_manager", groups="customer_club.group_club_manager")
        hit = self.hits(banner)
        for context in ({}, {"club_banner": True}, {"club_banner": "OURS"}):
            with self.assertRaises(UserError):
                hit.with_context(**context).write({"kind": "click"})
        with self.assertRaises(UserError):
            hit.unlink()
        with self.assertRaises(UserError):
            self.env["club.banner.hit"].create({"banner_id": banner.id})
        with self.assertRaises(UserError):
            hit.with_user(manager).write({"kind": "click"})
        with self.assertRaises(AccessError):
            hit.with_user(manager).unlink()

    def test_a_visit_is_another_one_the_next_day(self):
        Hit = self.env["club.banner.hit"]
        first, same, following = (Hit._hide_visitor("session", f"2026-01-0{day}") for day in (1, 1, 2))
        self.assertEqual(first, same)
        self.assertNotEqual(first, following)
        self.assertEqual(Hit._hide_visitor("", "2026-01-01"), "")


@tagged("post_install", "-at_install")
class TestCountsOutliveTheirMembers(BannerCase):
    def count(self, member, visitor):
        self.banner._count("view", "shop", {self.club: member}, True, visitor)

    def setUp(self):
        super().setUp()
        self.banner = self.make_banner("All", who="everyone")
        self.count(self.member, "a")
        self.count(self.member_2, "b")

    def test_an_erased_member_leaves_the_number_and_nothing_else(self):
        self.member._erase()
        self.assertEqual(len(self.hits(self.banner)), 2)
        self.assertEqual(self.hits(self.banner).member_id, self.member_2)

    def test_a_merged_member_brings_its_views_along(self):
        self.env["club.member"]._merge_partners(self.partner_2, self.partner)
        self.assertEqual(self.hits(self.banner).member_id, self.member)
        self.assertEqual(len(self.hits(self.banner)), 2)
        self.assertInvariantsHold()

    def test_a_member_takes_along_what_was_counted(self):
        [seen] = self.member._get_personal_data()["banners"]
        self.assertEqual((seen["banner"], seen["what"], seen["where"]), ("All", "view", "shop"))

    def test_who_leaves_is_counted_as_before(self):
        self.member._leave()
        self.assertIn(self.member, self.hits(self.banner).member_id)
