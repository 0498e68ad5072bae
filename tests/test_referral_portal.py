"""The member's page of friends, and joining at checkout as a guest who came through a link."""

from odoo.addons.customer_club.tests.referral_common import ReferralCase
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.addons.customer_club.tests.test_shop_club import ClubShopCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTheMembersPage(ReferralCase, ClubPortalCase):
    frozen = False

    def open_page(self, **options):
        return self.get(self.url("/refer"), **options)

    def test_it_says_who_visited_joined_bought_and_what_it_earned(self):
        self.earn_rule("referral_purchase", 7)
        self.env["club.referral.visit"]._count(self.member, "v", "d")
        first = self.join()
        self.join(self.make_partner("Tom Braun"), robot=True)
        self.buy(first.friend_id.partner_id)
        page = self.open_page().text
        for text in (
            'name="club_visits">1<',
            'name="club_joined">1<',
            'name="club_bought">1<',
            "50 Points",
            "Rosa",
            "Joined and bought. The purchase counts once it is paid and can no longer be returned.",
            "Tom",
            "We check that a person joined.",
            self.member.referral_url,
            "50 points for every friend who joins",
        ):
            self.assertIn(text, page)

    def test_a_purchase_that_counted_is_not_called_unfinal_because_of_the_next(self):
        self.earn_rule("referral_purchase", 7)
        referral = self.join()
        self.buy(referral.friend_id.partner_id)
        referral.purchase_ids.state = "counted"
        referral.state = "bought"
        self.buy(referral.friend_id.partner_id)
        self.assertEqual(sorted(referral.purchase_ids.mapped("state")), ["counted", "waiting"])
        page = self.open_page().text
        self.assertIn("Joined and bought. A further purchase is not final yet.", page)
        self.assertNotIn("The purchase counts once", page)

    def test_of_a_friend_it_tells_the_first_name_only(self):
        """Not the family name, mail, number, address, nor what was bought."""
        friend = self.make_partner("Rosa Maria Weber", street="Secret Street 5", phone="+4930555777")
        referral = self.join(friend)
        self.earn_rule("referral_purchase", 7)
        self.buy(friend, 432.10)
        page = self.open_page().text
        self.assertIn("Rosa", page)
        hidden = ("Maria", "Weber", "Secret Street", "555777", "example.org", "432", referral.friend_id.number)
        for text in hidden:
            self.assertNotIn(text, page)

    def test_names_are_only_text(self):
        """abuse.md 18."""
        self.join(self.make_partner("<svg/onload=alert(1)> X", email="x@example.org"))
        self.member.nickname = PAYLOAD
        page = self.open_page().text
        self.assertNotIn("<svg/onload", page)
        self.authenticate(None, None)
        invitation = self.url_open(f"/club/invite/{self.member.sudo().referral_code}").text
        self.assertNotIn("<svg onload", invitation)
        self.assertIn("&lt;svg onload", invitation)

    def test_another_customer_gets_the_same_404_as_for_nothing(self):
        """abuse.md 14."""
        absent = self.env["club.member"].search([], order="id desc", limit=1).id + 1000
        for path in ("/refer", "/refer/qr.svg"):
            self.get(self.url(path), login="club_ben", status=404)
            self.get(f"/my/club/{absent}{path}", login="club_ben", status=404)
        self.authenticate("club_ben", "club_ben")
        self.submit(self.url("/refer"), status=404)

    def test_reading_changes_nothing_and_the_button_makes_the_link(self):
        """abuse.md 19."""
        self.member.sudo().referral_tracker_id.unlink()
        self.member.sudo().referral_code = False
        page = self.open_page()
        self.assertIn("Get my link", page.text)
        self.env.invalidate_all()
        self.assertFalse(self.member.referral_url)
        self.submit(self.url("/refer"))
        self.env.invalidate_all()
        self.assertTrue(self.member.referral_url)
        self.assertIn(self.member.referral_url, self.open_page().text)

    def test_the_qr_code_is_a_picture_of_the_link(self):
        answer = self.get(self.url("/refer/qr.svg"))
        self.assertTrue(answer.headers["Content-Type"].startswith("image/svg+xml"))
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        picture = r'^<svg xmlns="http://www.w3.org/2000/svg" [^<]*><rect [^<]*/><path d="M[^<]*/></svg>$'
        self.assertRegex(answer.text, picture)

    def test_older_friends_are_a_page_away(self):
        """abuse.md 24: no page without a limit."""
        for number in range(23):
            self.join(self.make_partner(f"Friend{'abcdefghijklmnopqrstuvw'[number]} X"))
        first = self.open_page().text
        self.assertEqual(first.count('name="club_friend"'), 20)
        last = self.Referral.search([("referrer_id", "=", self.member.id)], order="id desc").ids[19]
        self.assertIn(f"refer?before={last}", first)
        older = self.get(self.url(f"/refer?before={last}")).text
        self.assertEqual(older.count('name="club_friend"'), 3)
        self.assertEqual(self.get(self.url("/refer?before=x%27")).text.count('name="club_friend"'), 20)

    def test_an_empty_page_says_what_will_be_there(self):
        self.assertIn("Nobody has joined through your link yet", self.open_page().text)
        self.join_rule.active = False
        page = self.open_page().text
        self.assertIn("earns nothing at the moment", page)

    def test_the_overview_leads_to_it(self):
        self.assertIn(f'href="/my/club/{self.member.id}/refer"', self.get(self.url()).text)
        self.join_rule.active = False
        self.assertNotIn(f'href="/my/club/{self.member.id}/refer"', self.get(self.url()).text)

    def test_the_page_costs_the_same_however_many_friends_there_are(self):
        self.join()
        few = self.count_queries()
        for number in range(15):
            self.join(self.make_partner(f"Friend{number} X"))
        self.assertLessEqual(self.count_queries(), few + 3)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.member._get_referral_rows()
        self.member._get_referral_totals()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestGuestsAtCheckout(ReferralCase, ClubShopCase):
    frozen = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The checkout offers one club: the database may have others.
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False

    def test_a_guests_visit_waits_on_the_order(self):
        code = self.member.sudo().referral_code
        self.authenticate(None, None)
        self.url_open(f"/club/invite/{code}", headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
        order = self.add_to_cart()
        self.post_form("/shop/club/join", club_id=self.club.id, consent_terms="1")
        noted = self.Referral.search([("order_id", "=", order.id)])
        self.assertEqual((noted.state, noted.referrer_id), ("visited", self.member))
        self.assertEqual(order.club_join_id, self.club)
        self.post_form("/shop/club/join", undo="1")
        self.assertFalse(noted.exists())

    def test_a_customer_who_joins_at_checkout_was_brought(self):
        partner = self.make_partner()
        self.env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "Rosa",
                "login": "club_rosa",
                "password": "club_rosa",
                "partner_id": partner.id,
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("club_rosa", "club_rosa")
        self.url_open(
            f"/club/invite/{self.member.sudo().referral_code}", headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"}
        )
        self.add_to_cart()
        self.post_form("/shop/club/join", club_id=self.club.id, consent_terms="1")
        friend = self.club._get_member(partner)
        self.assertEqual((friend.source, friend.referred_by_id), ("checkout", self.member))
        self.assertEarned(50, "referral_join")
