"""Way 13: a friend joins through a member's link."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.referral_common import NOON, ReferralCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestAFriendJoins(ReferralCase):
    def test_the_member_who_brought_the_friend_earns(self):
        referral = self.join()
        self.assertEqual((referral.state, referral.referrer_id), ("joined", self.member))
        self.assertEqual((referral.joined_at, referral.visited_at), (NOON, NOON - timedelta(hours=1)))
        self.assertEarned(50, "referral_join")
        self.assertEarned(0, "referral_join", referral.friend_id)
        self.assertEqual((referral.points_referrer, referral.points_friend), (50, 0))
        self.assertInvariantsHold()

    def test_both_earn_by_rules_for_both(self):
        self.join_rule.referral_side = "both"
        referral = self.join()
        self.assertEarned(50, "referral_join")
        self.assertEarned(50, "referral_join", referral.friend_id)
        keys = self.env["club.event"].search([("origin_model", "=", "club.referral")]).mapped("key")
        self.assertEqual({key.rpartition(":")[2] for key in keys}, {"referrer", "friend"})

    def test_a_rule_for_the_friend_gives_the_member_nothing(self):
        self.join_rule.referral_side = "friend"
        referral = self.join()
        self.assertEarned(0, "referral_join")
        self.assertEarned(50, "referral_join", referral.friend_id)

    def test_joining_twice_is_one_referral(self):
        partner = self.make_partner()
        self.join(partner)
        self.join(partner)
        self.assertEqual(self.Referral.search_count([("referrer_id", "=", self.member.id)]), 1)
        self.assertEarned(50, "referral_join")

    def test_without_a_rule_nobody_is_brought(self):
        self.join_rule.active = False
        self.assertFalse(self.join())

    def test_a_forged_or_foreign_proof_brings_nobody(self):
        """abuse.md 5: what the browser carries counts by our signature only."""
        good = self.touch()
        code, stamp, signature = good.split(".")
        other = self.member_2.referral_code
        forged = (f"{other}.{stamp}.{signature}", f"{code}.{int(stamp) - 1}.{signature}", f"{code}.{stamp}.x", "..", "")
        for number, value in enumerate(forged):
            with self.subTest(value=value):
                self.assertFalse(self.join(self.make_partner(f"Mallory{number} X"), touches=[value]))
        self.assertTrue(self.join(touches=[good]))

    def test_a_link_of_another_club_or_company_brings_nobody(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        for values in ({}, {"company_id": company.id}):
            with self.subTest(**values):
                club = self.env["club.club"].create({"name": f"Club {len(values)}", "tz": "UTC", **values})
                self.env["club.earn.rule"].create(
                    {"club_id": club.id, "name": "Join", "event_type": "referral_join", "points": 9}
                )
                partner = self.make_partner(f"Tom{len(values)} X")
                self.assertFalse(self.join(partner, club=club))
                self.assertTrue(club._get_member(partner), "who is brought by nobody joins all the same")
        self.assertEarned(0, "referral_join")

    def test_a_member_who_has_left_brings_nobody(self):
        touch = self.touch()
        self.member._leave()
        self.assertFalse(self.join(touches=[touch]))

    def test_the_window_ends_at_its_exact_instant(self):
        self.club.referral_window_days = 30
        self.assertTrue(self.join(self.make_partner("Exact Edge"), ago=timedelta(days=30)))
        self.assertFalse(self.join(self.make_partner("Too Late"), ago=timedelta(days=30, seconds=1)))
        self.assertEarned(50, "referral_join")

    def test_the_last_link_counts_or_the_first(self):
        older = self.touch(self.member_2, timedelta(days=3))
        newer = self.touch(self.member, timedelta(days=1))
        self.assertEqual(self.join(touches=[older, newer]).referrer_id, self.member)
        self.club.referral_touch = "first"
        self.assertEqual(self.join(self.make_partner("Second X"), touches=[newer, older]).referrer_id, self.member_2)

    def test_a_signed_in_visitor_is_remembered_on_another_device(self):
        partner = self.make_partner()
        touch = self.Referral._read_touches(self.club, {"touches": [self.touch()]})[0]
        visit = self.Referral._note_visit(self.club, touch, partner=partner)
        self.assertEqual(visit.state, "visited")
        referral = self.join(partner, touches=[])
        self.assertEqual((referral, referral.state), (visit, "joined"))
        self.assertFalse(referral.partner_id, "the person stands in the membership only")

    def test_who_joins_for_a_company_is_remembered_as_the_person(self):
        company = self.env["res.partner"].create({"name": "Flowers Ltd", "is_company": True})
        partner = self.make_partner(parent_id=company.id)
        self.club.earner = "company"
        touch = self.Referral._read_touches(self.club, {"touches": [self.touch()]})[0]
        visit = self.Referral._note_visit(self.club, touch, partner=partner)
        member = self.club._join(partner, consent_terms=True, referral={"touches": []})
        self.assertEqual((visit.friend_id, visit.state, member.partner_id), (member, "joined", company))

    def test_a_guests_checkout_is_remembered_until_the_account_exists(self):
        partner = self.make_partner()
        order = self.env["sale.order"].create({"partner_id": partner.id})
        order._note_club_consent(self.club, False)
        order._note_club_referral(self.club, {"touches": [self.touch()]})
        referral = self.join(partner, touches=[])
        order._forget_club_consent()
        self.assertEqual((referral.order_id, referral.state), (order, "joined"))
        self.assertEarned(50, "referral_join")

    def test_consent_undone_at_checkout_forgets_the_visit(self):
        order = self.env["sale.order"].create({"partner_id": self.make_partner().id})
        order._note_club_referral(self.club, {"touches": [self.touch()]})
        self.assertEqual(self.Referral.search_count([("order_id", "=", order.id)]), 1)
        order._forget_club_consent()
        self.assertFalse(self.Referral.search_count([("order_id", "=", order.id)]))

    def test_a_joining_may_wait_for_the_first_purchase(self):
        """abuse.md 9: pay after the friend's paid, unreturned order."""
        self.club.referral_join_when = "bought"
        referral = self.join()
        self.assertEarned(0, "referral_join")
        order, invoice = self.buy(referral.friend_id.partner_id)
        self.run_jobs()
        self.assertEqual(referral.state, "bought")
        self.assertEarned(50, "referral_join")

    def test_enrolment_by_staff_or_an_import_is_nobodys_friend(self):
        self.club._enrol(self.make_partner())
        self.assertFalse(self.Referral.search([("referrer_id", "=", self.member.id)]))

    def test_visits_that_came_to_nothing_expire_and_name_nobody(self):
        partner = self.make_partner()
        touch = self.Referral._read_touches(self.club, {"touches": [self.touch()]})[0]
        visit = self.Referral._note_visit(self.club, touch, partner=partner)
        with freeze_time(NOON + timedelta(days=29)):
            self.run_jobs()
            self.assertEqual(visit.state, "visited")
        with freeze_time(NOON + timedelta(days=31)):
            self.run_jobs()
        self.assertEqual((visit.state, visit.partner_id.id), ("expired", False))

    def test_the_rule_reads_back_as_a_sentence(self):
        self.join_rule.referral_side = "both"
        self.assertEqual(
            self.join_rule.sentence,
            "50 points for every friend who joins, given to the member and to the friend",
        )
        self.assertEqual(
            self.join_rule._get_member_sentence(),
            "50 points for every friend who joins, for you and your friend",
            "on the member's own pages it speaks to the member",
        )

        rule = self.earn_rule("referral_purchase", 9, referral_purchases="first", referral_days=30)
        self.assertEqual(
            rule.sentence,
            "9 points for the first purchase of each friend, once it is paid and can no longer be returned, "
            "within 30 days after joining",
        )
        self.assertEqual(self.join_rule._get_invitation_words(), "50 points for joining through a friend's link")

    def test_points_of_a_late_decision_are_of_that_day(self):
        self.club.referral_joins_day = 1
        self.join()
        referral = self.join(self.make_partner("Second X"))
        with freeze_time(NOON + timedelta(days=40)):
            referral.action_accept()
            entry = self.env["club.point.entry"].search(
                [("origin_model", "=", "club.referral"), ("origin_id", "=", referral.id), ("kind", "=", "earn")]
            )
            self.assertEqual(entry.date, fields.Datetime.now())
        self.assertEqual(entry.event_id.occurred_at, NOON)
