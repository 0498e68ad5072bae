"""A friend joins through a member's link, in a real browser, and both see points."""

from odoo.addons.customer_club.tests.test_tour_customer import ClubTourCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTourReferral(ClubTourCase):
    def test_a_friend_joins_through_a_link_and_both_see_points(self):
        self.partner.email = "anna.tour@example.com"
        new_test_user(
            self.env, "club_tour_anna", "base.group_portal", partner_id=self.partner.id, password="club_tour_anna"
        )
        self.earn_rule("referral_click", 3)
        self.earn_rule("referral_join", 50)
        self.earn_rule("referral_join", 20, referral_side="friend")
        self.club.join_at_signup = False
        self.member._make_referral_links()
        code = self.member.sudo().referral_code

        self.start_tour(f"/r/{code}", "club_friend_joins_through_a_link", login=None)
        user = self.env["res.users"].search([("login", "=", "rosa.weber@example.com")])
        friend = self.club._get_member(user.partner_id)
        self.assertEqual((friend.referred_by_id, friend.points), (self.member, 20))

        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.env.flush_all()
        self.start_tour(f"/my/club/{self.member.id}", "club_member_sees_the_friend", login="club_tour_anna")
        self.assertInvariantsHold()
