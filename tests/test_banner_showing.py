"""Who gets which banner where, and that nobody ever gets another's (abuse 14, 20, 25)."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo.addons.customer_club.tests.banner_common import BannerCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestBannersAreNeverAnothers(BannerCase):
    def test_gold_silver_and_a_visitor_each_get_their_own_one_after_the_other(self):
        """Abuse 25: whoever came before in the same shop, and in whatever order."""
        self.make_gold_banner()
        self.make_banner("For other members", sequence=20)
        self.make_banner("Please sign in", who="guests", url="/web/login", sequence=30)
        for login, expected in (
            ("club_anna", "Only for gold"),
            ("club_ben", "For other members"),
            (None, "Please sign in"),
            ("club_ben", "For other members"),
            ("club_anna", "Only for gold"),
            (None, "Please sign in"),
        ):
            with self.subTest(login=login):
                self.authenticate(login, login)
                html = self.ask()
                self.assertIn(expected, html)
                for other in {"Only for gold", "For other members", "Please sign in"} - {expected}:
                    self.assertNotIn(other, html)

    def test_public_pages_hold_an_empty_place_that_is_the_same_for_everybody(self):
        self.make_gold_banner(at_product=True, at_cart=True)
        self.product.is_published = True
        place = '<div class="o_club_banner_place'
        for path in ("/shop", self.product.website_url, "/shop/cart"):
            for login in (None, "club_anna", "club_ben"):
                with self.subTest(path=path, login=login):
                    self.authenticate(login, login)
                    text = self.url_open(path).text
                    self.assertIn(place, text)
                    self.assertNotIn("Only for gold", text)

    def test_a_page_of_the_website_that_is_cached_holds_the_empty_place_only(self):
        """Odoo's page cache ignores the visitor: what it keeps must be nobody's."""
        self.make_gold_banner(at_snippet=True)
        page = self.env["website.page"].create(
            {
                "name": "Cached",
                "type": "qweb",
                "key": "customer_club.test_cached",
                "url": "/club-test-cached",
                "is_published": True,
                "website_id": self.website.id,
                "arch": '<t t-name="customer_club.test_cached"><t t-call="website.layout"><div id="wrap">'
                '<t t-call="customer_club.s_club_banner"/></div></t></t>',
            }
        )
        self.authenticate("club_anna", "club_anna")
        self.assertIn("Only for gold", self.ask("snippet"))
        for login in (None, "club_anna", None):
            self.authenticate(login, login)
            text = self.url_open(page.url).text
            self.assertIn('data-club-place="snippet"', text)
            self.assertNotIn("Only for gold", text)

    def test_a_shop_without_banners_keeps_no_room_for_them(self):
        banner = self.make_gold_banner()
        self.authenticate(None, None)
        self.assertIn("o_club_banner_place", self.url_open("/shop").text)
        banner.is_on = False
        self.assertNotIn("o_club_banner_place", self.url_open("/shop").text)

    def test_a_banner_is_asked_for_by_post_with_a_token_only(self):
        """Abuse 19."""
        self.make_gold_banner()
        self.authenticate("club_anna", "club_anna")
        self.assertEqual(self.url_open("/club/banner/show?place=shop").status_code, 405)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/club/banner/show", data={"place": "shop"}).status_code, 400)

    def test_link_and_picture_of_anothers_banner_are_as_absent_as_none(self):
        """Abuse 14: the same 404, whoever guesses."""
        banner = self.make_gold_banner(image=PIXEL)
        for login, status in (("club_anna", 200), ("club_ben", 404), (None, 404)):
            self.authenticate(login, login)
            with self.subTest(login=login):
                answer = self.url_open(f"/club/banner/{banner.id}/picture")
                self.assertEqual(answer.status_code, status)
                self.assertEqual(self.url_open(f"/club/banner/{banner.id}/go").status_code, status)
        self.assertEqual(self.url_open("/club/banner/999999/go").status_code, 404)
        self.authenticate("club_anna", "club_anna")
        picture = self.url_open(f"/club/banner/{banner.id}/picture")
        self.assertEqual(picture.headers["Cache-Control"], "no-store")
        self.assertTrue(picture.headers["Content-Type"].startswith("image/"))

    def test_who_left_or_was_never_in_sees_what_is_for_strangers(self):
        self.make_banner("For members")
        self.make_banner("Join us", who="strangers", sequence=20)
        self.authenticate("club_ben", "club_ben")
        self.assertIn("For members", self.ask())
        self.member_2._leave()
        html = self.ask()
        self.assertIn("Join us", html)
        self.assertNotIn("For members", html)

    def test_a_banner_of_another_company_or_website_is_shown_nowhere_here(self):
        other = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Other Club", "company_id": other.id})
        self.make_banner("Foreign", club_id=club.id, who="everyone")
        self.authenticate(None, None)
        self.assertEqual(self.ask(), "")
        second = self.env["website"].create({"name": "Second", "company_id": self.env.company.id})
        self.make_banner("Second shop", who="everyone", website_id=second.id)
        self.assertEqual(self.ask(), "")
        with self.assertRaises(ValidationError):
            self.make_banner("Mixed", club_id=club.id, website_id=second.id)

    def test_an_unknown_place_is_empty(self):
        self.make_banner("All", who="everyone")
        self.authenticate(None, None)
        for place in ("", "nowhere", "id) or 1=1", "is_on", "x" * 500):
            self.assertEqual(self.ask(place), "")

    def test_the_members_own_pages_bring_their_banner_along_and_are_not_kept(self):
        self.make_gold_banner(at_portal=True, at_rewards=True)
        for path in ("", "/rewards"):
            page = self.get(self.url(path))
            self.assertIn("Only for gold", page.text)
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            self.assertNotIn("Only for gold", self.get(self.url(path, self.member_2), "club_ben").text)

    def test_who_is_in_no_club_yet_reads_it_above_the_list_of_clubs(self):
        self.make_banner("Join us", who="strangers", at_portal=True)
        self.make_gold_banner(at_portal=True)
        new_test_user(self.env, "club_carl", groups="base.group_portal", password="club_carl")
        page = self.get("/my/club", "club_carl")
        self.assertIn("Join us", page.text)
        self.assertNotIn("Only for gold", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("Only for gold", self.get("/my/club").text)

    def test_texts_are_escaped_or_sanitised(self):
        """Abuse 18."""
        self.make_banner(
            "<svg onload=alert(1)>",
            button="<b>x</b>",
            text="<p onclick='alert(2)'>Hi <script>alert(3)</script><b style='position:fixed'>there</b></p>",
            who="everyone",
            at_portal=True,
        )
        self.authenticate(None, None)
        for html in (self.ask(), self.get(self.url()).text.split("<aside")[1].split("</aside>")[0]):
            for bad in ("<svg onload", "alert(2)", "alert(3)", "position:fixed", "<b>x</b>"):
                self.assertNotIn(bad, html)
            self.assertIn("<b>there</b>", html)
            self.assertIn("&lt;svg onload", html)


@tagged("post_install", "-at_install")
class TestBannersInTime(BannerCase):
    def choose(self, now, member=None):
        member = member or self.member
        with freeze_time(now):
            return self.env["club.banner"]._choose("shop", self.website, {member.club_id: member}, True)

    def test_it_is_shown_on_its_days_and_hours_in_the_clubs_time_zone(self):
        self.club.tz = "Asia/Tehran"  # 3:30 ahead
        banner = self.make_banner("Evening", date_from="2026-06-10", date_to="2026-06-11", hour_from=18, hour_to=22.5)
        for now, shown in (
            (datetime(2026, 6, 9, 15), False),
            (datetime(2026, 6, 10, 14, 29), False),
            (datetime(2026, 6, 10, 14, 30), True),
            (datetime(2026, 6, 11, 18, 59), True),
            (datetime(2026, 6, 11, 19), False),
            (datetime(2026, 6, 12, 15), False),
        ):
            with self.subTest(now=now):
                self.assertEqual(bool(self.choose(now)), shown)
        banner.write({"date_from": False, "date_to": False, "hour_from": 22, "hour_to": 2})
        self.assertTrue(self.choose(datetime(2026, 6, 10, 21)), "over midnight")
        self.assertFalse(self.choose(datetime(2026, 6, 10, 23)))

    def test_after_as_many_visits_as_it_may_the_next_banner_comes(self):
        banner = self.make_banner("Twice", most_views=2)
        following = self.make_banner("Then this", sequence=20)
        members = {self.club: self.member}
        for day in range(3):
            with freeze_time(datetime(2026, 6, 10, 12) + timedelta(days=day)):
                chosen = self.env["club.banner"]._choose("shop", self.website, members, True)
                self.assertEqual(chosen, banner if day < 2 else following)
                chosen._count("view", "shop", members, True, f"visit {day}")
                again = self.env["club.banner"]._choose("shop", self.website, members, True, visitor=f"visit {day}")
                self.assertEqual(again, chosen, "the visit that it is seen on goes on as it began")
        self.assertEqual(self.choose(datetime(2026, 6, 13, 12), self.member_2), banner, "counted for each member")

    def test_of_several_the_first_that_fits_is_shown(self):
        low = self.make_banner("Second", sequence=20)
        self.assertEqual(self.choose(datetime(2026, 6, 10, 12)), low)
        first = self.make_banner("First", sequence=5)
        self.assertEqual(self.choose(datetime(2026, 6, 10, 12)), first)
        first.is_on = False
        self.assertEqual(self.choose(datetime(2026, 6, 10, 12)), low)

    def test_choosing_costs_the_same_with_one_banner_and_with_thirty(self):
        self.make_banner("One", audience_tier_ids=[self.gold.id])
        members = {self.club: self.member}

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["club.banner"]._choose("shop", self.website, members, True)
            return self.env.cr.sql_log_count - before

        count()
        one = count()
        for number in range(30):
            self.make_banner(f"More {number}", audience_tier_ids=[self.gold.id], most_views=number)
        self.env.flush_all()
        self.assertLessEqual(count(), one + 2)


@tagged("post_install", "-at_install")
class TestBannersAreSetUp(BannerCase):
    def test_a_link_leads_to_the_own_site_or_to_a_listed_host(self):
        """Abuse 20."""
        banner = self.make_banner("Look")
        for url in (
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "http://good.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "https://good.example@evil.example/",
            "shop",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                banner.url = url
            if "\t" not in url:  # which a text holds as %09, a mere name of a page
                with self.subTest(url=url, place="text"), self.assertRaises(ValidationError):
                    banner.text = f'<p><a href="{url}">x</a></p>' if "script" not in url else '<img src="https://e.x/i">'
        self.club.banner_hosts = "good.example\nwww.good.example"
        banner.url = "https://good.example/roses?x=1"
        self.authenticate("club_anna", "club_anna")
        answer = self.url_open(f"/club/banner/{banner.id}/go?url=https://evil.example", allow_redirects=False)
        self.assertEqual((answer.status_code, answer.headers["Location"]), (303, "https://good.example/roses?x=1"))
        self.club.banner_hosts = False
        self.assertEqual(self.url_open(f"/club/banner/{banner.id}/go").status_code, 404, "the host left the list")
        self.assertNotIn("/go", self.ask(), "and the button with it")
        for hosts in ("https://x.example", "localhost", "a b.example/c"):
            with self.assertRaises(ValidationError):
                self.club.banner_hosts = hosts

    def test_it_reads_back_as_a_sentence(self):
        banner = self.make_gold_banner(
            at_portal=False, date_from="2026-05-01", date_to="2026-05-31", hour_from=8, hour_to=18, most_views=3
        )
        for words in ("Rose Club", "Gold", "Top of the Shop", "08:00", "18:00", "at most 3 visits"):
            self.assertIn(words, banner.sentence)
        banner.is_on = False
        self.assertIn("It is off", banner.sentence)
        banner.at_shop = False
        self.assertEqual(banner.sentence, "Nobody sees it: choose a place.")

    def test_the_manager_is_told_of_an_empty_strip_until_a_banner_for_everybody_fills_it(self):
        banner = self.make_gold_banner()
        self.assertIn("Top of the Shop", banner.hint)
        self.make_banner("All", who="everyone", sequence=99)
        banner.invalidate_recordset(["hint"])
        self.assertFalse(banner.hint)

    def test_strangers_have_no_tier(self):
        banner = self.make_gold_banner()
        with self.assertRaises(ValidationError):
            banner.who = "everyone"
        with self.assertRaises(ValidationError):
            self.make_banner("x" * 121)
        with self.assertRaises(ValidationError):
            self.make_banner("x", text="y" * 601)

    def test_a_preview_says_whether_a_member_sees_it_and_why_not(self):
        banner = self.make_gold_banner()
        Preview = self.env["club.banner.preview"]
        preview = Preview.with_context(default_banner_id=banner.id).create({})
        self.assertEqual(preview.member_id, self.member, "somebody who may see it is proposed")
        self.assertEqual(preview.verdict, "Shown now.")
        self.assertIn("Only for gold", preview.body)
        preview.member_id = self.member_2
        self.assertIn("another tier", preview.verdict)
        preview.viewer = "guest"
        self.assertIn("for others", preview.verdict)
        self.make_banner("First", sequence=1)
        preview.write({"viewer": "member", "member_id": self.member.id})
        self.assertIn("another banner comes first", preview.verdict)

    def test_a_preview_tells_nothing_of_whom_one_may_not_read(self):
        """Whether a member has a tag, or is in a segment, is the other company's own."""
        tag = self.env["res.partner.category"].create({"name": "Late payer"})
        banner = self.make_banner("Asks", audience_group_ids=[tag.id])
        user = new_test_user(self.env, "banner_curious", groups="customer_club.group_club_user")
        other = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Other Club", "company_id": other.id})
        stranger = club._enrol(self.env["res.partner"].create({"name": "Foreign", "category_id": [tag.id]}))
        foreign = self.make_banner("Foreign", club_id=club.id)
        Preview = self.env["club.banner.preview"].with_user(user)
        preview = Preview.create({"banner_id": banner.id, "member_id": self.member.id})
        self.assertIn("another group", preview.verdict)
        for values in ({"member_id": stranger.id}, {"banner_id": foreign.id}):
            with self.subTest(values=values), self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.assertTrue(
                    Preview.create({"banner_id": banner.id, "member_id": self.member.id, **values}).verdict
                )
        own = self.env["club.club"].create({"name": "Second Club"})._enrol(self.partner)
        preview.member_id = own
        self.assertIn("Choose a member of Rose Club", preview.verdict)

    def test_managers_write_users_read_and_customers_nothing(self):
        banner = self.make_gold_banner()
        user, manager = (
            new_test_user(self.env, f"banner_{name}", groups=f"customer_club.group_club_{name}")
            for name in ("user", "manager")
        )
        banner.with_user(manager).title = "Changed"
        self.assertEqual(banner.with_user(user).title, "Changed")
        with self.assertRaises(AccessError):
            banner.with_user(user).title = "Mine"
        for person in (self.anna, self.env.ref("base.public_user")):
            for model in ("club.banner", "club.banner.hit", "club.banner.preview"):
                self.assertFalse(self.env[model].with_user(person).has_access("read"), model)
        other = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Other Club", "company_id": other.id})
        foreign = self.make_banner("Foreign", club_id=club.id)
        self.assertNotIn(foreign, self.env["club.banner"].with_user(manager).search([]))

    def test_an_editor_changes_the_words_in_the_builder_and_nobody_else_gets_them_with_the_page(self):
        banner = self.make_gold_banner()
        groups = "website.group_website_designer,customer_club.group_club_manager"
        new_test_user(self.env, "banner_editor", groups=groups, password="banner_editor")
        self.authenticate("banner_editor", "banner_editor")
        text = self.url_open("/shop").text
        self.assertIn(f'data-oe-model="club.banner" data-oe-id="{banner.id}" data-oe-field="title"', text)
        new_test_user(self.env, "banner_designer", groups="website.group_website_designer", password="banner_designer")
        self.authenticate("banner_designer", "banner_designer")
        self.assertNotIn("Only for gold", self.url_open("/shop").text, "without rights on banners")

    def test_the_block_stands_among_the_building_blocks_of_the_website(self):
        arch = self.env.ref("website.snippets").get_combined_arch()
        self.assertIn('t-snippet="customer_club.s_club_banner"', arch)
        block = str(self.env["ir.qweb"]._render("customer_club.s_club_banner", {}))
        self.assertIn('data-club-place="snippet"', block)

    def test_a_seen_banner_is_archived_not_deleted(self):
        banner = self.make_gold_banner()
        banner.copy().unlink()
        self.assertFalse(banner.copy().is_on, "a copy begins switched off")
        banner._count("view", "shop", {self.club: self.member}, True, "x")
        with self.assertRaises(UserError):
            banner.unlink()
        self.authenticate("club_anna", "club_anna")
        banner.active = False
        self.assertEqual(self.ask(), "")
