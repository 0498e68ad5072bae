"""Way 12: unique human visits through a member's own link; where the link leads; what the browser keeps."""

import re
from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.controllers.referral import BEACON_SECONDS, DEVICE
from odoo.addons.customer_club.models.referral.club_member_link import ALPHABET, CODE_LENGTH
from odoo.addons.customer_club.tests.referral_common import NOON, ReferralCase
from odoo.exceptions import ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


class VisitCase(ReferralCase, HttpCase):
    """Visitors with browsers of their own."""

    frozen = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.click_rule = cls.earn_rule("referral_click", 3)
        cls.code = cls.member.sudo().referral_code
        cls.ben = new_test_user(
            cls.env, "club_ben", groups="base.group_portal", partner_id=cls.partner_2.id, password="club_ben"
        )
        cls.anna = new_test_user(
            cls.env, "club_anna", groups="base.group_portal", partner_id=cls.partner.id, password="club_anna"
        )

    def browser(self, login=None):
        """Another person's browser: no cookies but the session's."""
        self.opener.cookies.clear()
        self.authenticate(login, login)

    def open_invitation(self, agent=FIREFOX, code=None, query="", **headers):
        return self.url_open(
            f"/club/invite/{code or self.code}{query}",
            headers={"User-Agent": agent, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )

    def get_token(self, page):
        found = re.search(r'data-club-token="([^"]+)"', page.text)
        return found.group(1) if found else ""

    def send_beacon(self, token, agent=FIREFOX, status=204, code=None, csrf=True, **headers):
        response = self.url_open(
            f"/club/invite/{code or self.code}/seen",
            data={"token": token, **({"csrf_token": Request.csrf_token(self)} if csrf else {})},
            headers={"User-Agent": agent, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        self.assertEqual(response.status_code, status)
        return response

    def visit(self, agent=FIREFOX, new=True, login=None, code=None):
        """A person opens the link and looks at the page."""
        if new:
            self.browser(login)
        token = self.get_token(self.open_invitation(agent, code))
        self.send_beacon(token, agent, code=code)
        return token

    def assertVisits(self, number, member=None):
        self.env.invalidate_all()
        member = member or self.member
        self.assertEqual(self.env["club.referral.visit"].search_count([("member_id", "=", member.id)]), number)
        self.assertEqual(member.referral_visit_count, number)


@tagged("post_install", "-at_install")
class TestVisits(VisitCase):
    def test_a_persons_visit_earns_once(self):
        self.visit()
        self.assertVisits(1)
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertEarned(3, "referral_click")

    def test_opening_the_page_changes_nothing(self):
        """abuse.md 19: what counts is the beacon of a page that was shown."""
        self.browser()
        self.assertTrue(self.get_token(self.open_invitation()))
        self.assertVisits(0)

    def test_the_same_visitor_counts_once(self):
        """abuse.md 9: clicks deduplicated."""
        token = self.visit()
        self.send_beacon(token)
        self.visit(new=False)
        self.visit(agent=PHONE, new=False)
        self.assertVisits(1)

    def test_cleared_cookies_do_not_make_a_new_visitor_of_the_same_device(self):
        self.visit()
        self.visit()
        self.assertVisits(1)
        self.visit(agent=PHONE)
        self.assertVisits(2)

    def test_robots_prefetching_and_mere_checks_do_not_count(self):
        """never 20."""
        self.browser()
        for headers in ({"Sec_Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X_Moz": "prefetch"}):
            with self.subTest(**headers):
                page = self.open_invitation(**headers)
                self.assertFalse(self.get_token(page))
                self.assertFalse(page.cookies.get(f"club_ref_{self.club.id}"))
        page = self.open_invitation(ROBOT)
        self.assertEqual((page.status_code, self.get_token(page)), (200, ""))
        self.assertFalse(page.cookies.get(f"club_ref_{self.club.id}"))
        head = self.opener.head(f"{self.base_url()}/club/invite/{self.code}", headers={"User-Agent": FIREFOX})
        self.assertFalse(head.cookies.get(f"club_ref_{self.club.id}"))
        token = self.get_token(self.open_invitation())
        self.send_beacon(token, ROBOT)
        self.send_beacon(token, Sec_Purpose="prefetch")
        self.assertVisits(0)

    def test_a_beacon_without_our_page_does_not_count(self):
        """abuse.md 9: a program that posts without looking."""
        self.browser()
        for token in ("", "x", "1.2", f"{int(fields.Datetime.now().timestamp())}.{'0' * 40}"):
            self.send_beacon(token)
        stolen = self.get_token(self.open_invitation())
        self.browser()
        self.send_beacon(stolen)
        mine = self.get_token(self.open_invitation())
        self.send_beacon(mine, code=self.member_2.sudo().referral_code)
        self.send_beacon(mine, status=400, csrf=False)
        self.assertVisits(0)
        self.assertVisits(0, self.member_2)

    def test_a_beacon_is_believed_for_an_hour(self):
        self.browser()
        self.open_invitation()
        mark, now = self.opener.cookies[DEVICE], int(fields.Datetime.now().timestamp())
        for age, number in ((BEACON_SECONDS + 60, 0), (-60, 0), (BEACON_SECONDS - 60, 1)):
            stamp = now - age
            self.send_beacon(f"{stamp}.{self.member._sign_referral('beacon', self.code, mark, stamp)}")
            self.assertVisits(number)

    def test_so_many_visits_a_day_count(self):
        """abuse.md 9: capped."""
        self.club.referral_visits_day = 2
        for number in range(4):
            self.visit(agent=f"{FIREFOX} {number}")
        self.assertVisits(2)

    def test_ones_own_visits_do_not_count(self):
        """never 20."""
        self.browser("club_anna")
        page = self.open_invitation()
        self.assertIn("your own link", page.text)
        self.assertFalse(self.get_token(page))
        self.assertFalse(page.cookies.get(f"club_ref_{self.club.id}"))

    def test_ones_own_browser_is_known_after_signing_out(self):
        """never 20."""
        self.browser("club_anna")
        self.url_open(f"/my/club/{self.member.id}/refer")
        self.assertTrue(self.opener.cookies.get(f"club_own_{self.club.id}"))
        own = self.opener.cookies.get(f"club_own_{self.club.id}")
        self.browser()
        self.opener.cookies[f"club_own_{self.club.id}"] = own
        page = self.open_invitation()
        self.assertIn("your own link", page.text)
        self.assertFalse(self.get_token(page))

    def test_members_are_not_visitors(self):
        self.browser("club_ben")
        page = self.open_invitation()
        self.assertIn("You are a member already", page.text)
        self.assertFalse(self.get_token(page))

    def test_a_signed_in_stranger_is_remembered(self):
        partner = self.make_partner()
        new_test_user(self.env, "rosa_login", groups="base.group_portal", partner_id=partner.id, password="rosa_login")
        self.visit(login="rosa_login")
        noted = self.Referral.search([("partner_id", "=", partner.id)])
        self.assertEqual((noted.state, noted.referrer_id), ("visited", self.member))

    def test_nothing_that_names_a_visitor_is_kept(self):
        self.visit()
        self.env.flush_all()
        [row] = self.env["club.referral.visit"].search([("member_id", "=", self.member.id)]).read(["visitor", "device"])
        mark = self.opener.cookies.get(DEVICE)
        self.assertTrue(mark)
        for name in ("visitor", "device"):
            self.assertRegex(row[name], "^[0-9a-f]{40}$")
            self.assertNotIn(mark, row[name])

    def test_a_visit_is_forgotten_after_the_window_and_counts_anew(self):
        self.visit()
        visit = self.env["club.referral.visit"].search([("member_id", "=", self.member.id)])
        self.env.cr.execute(
            "UPDATE club_referral_visit SET seen_at = seen_at - interval '31 days', day = day - 31,"
            " device = 'old' WHERE id = %s",
            (visit.id,),
        )
        self.visit(new=False)
        self.env.invalidate_all()
        again = self.env["club.referral.visit"].search([("member_id", "=", self.member.id)])
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, visit)
        self.assertEqual(self.member.referral_visit_count, 2, "the facts stay")

    def test_the_job_forgets_visits(self):
        self.visit()
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.run_jobs()
        self.assertFalse(self.env["club.referral.visit"].search([("member_id", "=", self.member.id)]))


@tagged("post_install", "-at_install")
class TestWhereTheLinkLeads(VisitCase):
    def test_the_short_link_leads_to_our_page(self):
        self.browser()
        answer = self.url_open(
            f"/r/{self.code}?url=https://evil.example&redirect=//evil.example", allow_redirects=False
        )
        self.assertEqual(answer.status_code, 301)
        self.assertEqual(answer.headers["Location"], f"{self.base_url()}/club/invite/{self.code}")

    def test_hits_on_a_members_link_name_nobody(self):
        """Odoo's own links keep the network address; a visitor of a member's link is told that nothing is kept."""
        tracker = self.member.sudo().referral_tracker_id
        other = self.env["link.tracker"].create({"url": "https://example.com/x", "title": "x"})
        self.browser()
        for code in (self.code, other.code):
            self.url_open(f"/r/{code}", allow_redirects=False, headers={"User-Agent": FIREFOX})
        self.assertEqual(tracker.link_click_ids.mapped("ip"), [False])
        self.assertTrue(all(other.link_click_ids.mapped("ip")))

    def test_what_the_address_says_is_ignored(self):
        """abuse.md 20."""
        self.browser()
        page = self.open_invitation(query="?redirect=https://evil.example&url=//evil.example&landing=/x")
        main = page.text.partition("<main")[2]
        self.assertNotIn("evil.example", main.partition("</main>")[0])
        self.assertIn(f'href="/club/join/{self.club.id}"', main)

    def test_the_landing_page_is_of_the_own_site(self):
        """abuse.md 20."""
        for page in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "shop"):
            with self.subTest(page=page), self.assertRaisesRegex(ValidationError, "own site"):
                self.club.referral_landing = page
        self.club.referral_landing = "/shop?tag=1"
        self.browser()
        self.assertIn('href="/shop?tag=1"', self.open_invitation().text)

    def test_a_stored_address_of_another_site_leads_to_the_page_to_join(self):
        """abuse.md 20: also what came into the database some other way."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_club SET referral_landing = 'https://evil.example' WHERE id = %s", (self.club.id,)
        )
        self.env.invalidate_all()
        self.assertEqual(self.club._get_referral_landing(), f"/club/join/{self.club.id}")

    def test_wrong_and_dead_codes_get_the_same_answer(self):
        """abuse.md 13, 14."""
        self.browser()
        dead = self.member_2.sudo().referral_code
        self.member_2._leave()
        for code in (dead, "A" * CODE_LENGTH, self.member.number, "x", str(self.member.id)):
            with self.subTest(code=code):
                self.assertEqual(self.open_invitation(code=code).status_code, 404)
                self.send_beacon("x", status=404, code=code)
        self.join_rule.active = self.click_rule.active = False
        self.assertEqual(self.open_invitation().status_code, 404, "nothing is open")

    def test_codes_are_random_and_say_nothing_of_the_member(self):
        """abuse.md 13."""
        codes = {member.sudo().referral_code for member in (self.member, self.member_2)}
        self.assertEqual(len(codes), 2)
        for code in codes:
            self.assertRegex(code, f"^[{ALPHABET}]{{{CODE_LENGTH}}}$")
        self.assertGreaterEqual(len(ALPHABET) ** CODE_LENGTH, 2**60)

    def test_the_page_is_private_and_kept_out_of_caches(self):
        """abuse.md 25."""
        self.browser()
        page = self.open_invitation()
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertNotIn("Anna", page.text, "the member has told no nickname")
        self.member.nickname = "<b>Tulip</b>"
        self.assertIn("&lt;b&gt;Tulip", self.open_invitation().text)

    def test_the_cookie_is_for_this_site_only_and_signed(self):
        self.browser()
        page = self.open_invitation()
        [header] = [
            value for name, value in page.raw.headers.items() if name == "Set-Cookie" and "club_ref_" in value
        ]
        for word in ("HttpOnly", "SameSite=Lax", f"Max-Age={30 * 86400}", "Path=/"):
            self.assertIn(word, header)
        value = page.cookies[f"club_ref_{self.club.id}"]
        touch = self.env["club.member"]._read_referral_touch(self.club, value)
        self.assertEqual(touch.referrer, self.member.id)

    def test_the_first_link_stays_if_the_club_counts_the_first(self):
        name = f"club_ref_{self.club.id}"
        self.browser()
        self.open_invitation()
        self.open_invitation(code=self.member_2.sudo().referral_code)
        self.assertTrue(self.opener.cookies[name].startswith(self.member_2.sudo().referral_code))
        self.club.referral_touch = "first"
        self.open_invitation()
        self.assertTrue(self.opener.cookies[name].startswith(self.member_2.sudo().referral_code))

    def test_without_consent_to_cookies_only_this_visit_is_remembered(self):
        self.env["website"].search([]).cookies_bar = True
        partner = self.make_partner()
        new_test_user(self.env, "rosa_login", groups="base.group_portal", partner_id=partner.id, password="rosa_login")
        self.browser("rosa_login")
        page = self.open_invitation()
        self.assertFalse(page.cookies.get(f"club_ref_{self.club.id}"))
        self.send_beacon(self.get_token(page))
        self.assertVisits(1)
        answer = self.url_open(
            f"/club/join/{self.club.id}", data={"csrf_token": Request.csrf_token(self), "consent_terms": "1"}
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.Referral.search([("referrer_id", "=", self.member.id)]).state, "joined")


@tagged("post_install", "-at_install")
class TestJoiningInABrowser(VisitCase):
    def test_a_visitor_joins_from_the_page_to_join(self):
        partner = self.make_partner()
        new_test_user(self.env, "rosa_login", groups="base.group_portal", partner_id=partner.id, password="rosa_login")
        self.browser()
        self.open_invitation()
        carried = dict(self.opener.cookies)
        self.authenticate("rosa_login", "rosa_login")
        for name in (DEVICE, f"club_ref_{self.club.id}"):
            self.opener.cookies[name] = carried[name]
        self.url_open(
            f"/club/join/{self.club.id}", data={"csrf_token": Request.csrf_token(self), "consent_terms": "1"}
        )
        friend = self.club._get_member(partner)
        self.assertEqual(friend.referred_by_id, self.member)
        self.assertEarned(50, "referral_join")
        self.assertTrue(friend.referral_url, "who joins has a link at once")

    def test_a_visitor_joins_while_signing_up(self):
        website = self.env["website"].search([("company_id", "=", self.env.company.id)], limit=1)
        website.auth_signup_uninvited = "b2c"
        self.browser()
        self.open_invitation()
        self.url_open(
            "/web/signup",
            data={
                "csrf_token": Request.csrf_token(self),
                "login": "rosa.signup@example.org",
                "name": "Rosa Signup",
                "password": "rosa.signup-1",
                "confirm_password": "rosa.signup-1",
                f"club_join_{self.club.id}": "1",
            },
            headers={"User-Agent": FIREFOX},
        )
        user = self.env["res.users"].search([("login", "=", "rosa.signup@example.org")])
        friend = self.club._get_member(user.partner_id)
        self.assertEqual((friend.source, friend.referred_by_id), ("signup", self.member))
        self.assertEarned(50, "referral_join")

    def test_a_program_that_joins_is_held_back(self):
        """never 20."""
        partner = self.make_partner()
        new_test_user(self.env, "rosa_login", groups="base.group_portal", partner_id=partner.id, password="rosa_login")
        self.browser("rosa_login")
        self.opener.cookies[f"club_ref_{self.club.id}"] = self.touch()
        self.url_open(
            f"/club/join/{self.club.id}",
            data={"csrf_token": Request.csrf_token(self), "consent_terms": "1"},
            headers={"User-Agent": ROBOT},
        )
        referral = self.Referral.search([("referrer_id", "=", self.member.id)])
        self.assertEqual((referral.state, referral.reason_codes), ("held", "robot"))
        self.assertEarned(0, "referral_join")


@tagged("post_install", "-at_install")
class TestTheLink(ReferralCase):
    def test_links_are_made_in_one_batch_and_once(self):
        members = self.club._enrol(
            self.env["res.partner"].create([{"name": f"Batch {number}"} for number in range(20)])
        )
        members._make_referral_links()
        codes = set(members.sudo().mapped("referral_code"))
        self.assertEqual(len(codes), 20)
        self.assertEqual(set(members.sudo().referral_tracker_id.mapped("code")), codes)
        trackers = members.sudo().referral_tracker_id
        members._make_referral_links()
        self.assertEqual(members.sudo().referral_tracker_id, trackers)

    def test_a_link_outlives_a_merge(self):
        code = self.member_2.sudo().referral_code
        self.member_2._absorb_into(self.member)
        self.assertEqual(self.env["club.member"]._find_by_referral_code(code), self.member)

    def test_time_of_a_proof_is_utc(self):
        value = self.member._prepare_referral_touch()
        self.assertEqual(self.env["club.member"]._read_referral_touch(self.club, value).at, NOON)
