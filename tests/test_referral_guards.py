"""never 20: referral points for oneself, for the same person twice, or for robots; and the other guards."""

from datetime import timedelta

from freezegun import freeze_time
from odoo.addons.customer_club.engine.referral import REASONS
from odoo.addons.customer_club.tests.referral_common import NOON, ReferralCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


class GuardCase(ReferralCase):
    def assertHeld(self, referral, *codes):
        """Held back with exactly these reasons, listed in words; nothing earned; an acceptance lets it earn."""
        self.assertEqual((referral.state, referral._get_codes()), ("held", list(codes)))
        self.assertTrue(referral.reasons)
        self.assertTrue(referral._get_member_sentence()["why"])
        self.assertEqual(referral.points_referrer, 0)
        referral.action_accept()
        referral.invalidate_recordset(["points_referrer"])
        self.assertEqual((referral.state, referral.points_referrer), ("joined", 50))
        self.assertEqual(referral.decided_by_id, self.env.user)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestOneselfAndTheSamePerson(GuardCase):
    def test_a_member_cannot_join_again_through_the_own_link(self):
        """never 20."""
        self.assertFalse(self.join(self.partner))
        self.assertEarned(0, "referral_join")

    def test_who_left_cannot_come_back_as_the_own_friend(self):
        """never 20: the member's own link is dead while it is away, and everybody's link finds it known."""
        own, other = self.touch(), self.touch(self.member_2)
        self.member._leave()
        self.assertFalse(self.join(self.partner, touches=[own]))
        self.member._leave()
        referral = self.join(self.partner, touches=[other])
        self.assertEqual(referral.reason_codes, "member_before")

    def test_the_same_mailbox_with_dots_and_plus(self):
        self.partner.email = "an.na@gmail.com"
        self.assertHeld(self.join(self.make_partner("Anna Two", email="Anna+club@googlemail.com")), "same_email")

    def test_the_login_counts_as_a_mailbox_too(self):
        self.partner.email = False
        new_test_user(self.env, "anna.login@example.com", "base.group_portal", partner_id=self.partner.id)
        self.partner.email = "other@example.com"
        self.assertHeld(self.join(self.make_partner("Anna Two", email="anna.login@example.com")), "same_email")

    def test_the_same_phone_however_it_is_typed(self):
        germany = self.env.ref("base.de").id
        self.partner.write({"phone": "+49 30 1234567", "country_id": germany})
        friend = self.make_partner(phone="030 / 1234567", country_id=germany)
        self.assertHeld(self.join(friend), "same_phone")

    def test_the_same_company(self):
        company = self.env["res.partner"].create({"name": "Flowers Ltd", "is_company": True})
        self.partner.parent_id = company
        self.assertHeld(self.join(self.make_partner(parent_id=company.id)), "same_company")

    def test_the_same_household(self):
        self.partner.write({"street": "Rose Street 1", "zip": "10115", "city": "Berlin"})
        friend = self.make_partner()
        friend.child_ids = [(0, 0, {"type": "delivery", "name": "x", "street": "rose street, 1", "zip": "10 115"})]
        self.assertHeld(self.join(friend), "same_household")

    def test_an_address_given_at_checkout_is_looked_at_too(self):
        self.earn_rule("referral_purchase", 7)
        self.partner.write({"street": "Rose Street 1", "zip": "10115"})
        referral = self.join()
        self.assertEqual(referral.state, "joined")
        referral.friend_id.partner_id.write({"street": "Rose street 1", "zip": "10115"})
        self.buy(referral.friend_id.partner_id)
        self.run_jobs()
        self.assertEqual((referral.state, referral.reason_codes), ("held", "same_household"))
        self.assertEarned(0, "referral_purchase")
        referral.action_accept()
        self.assertEarned(7, "referral_purchase")
        self.assertEarned(50, "referral_join")

    def test_the_same_device(self):
        self.assertHeld(self.join(own=[self.member.id]), "same_device")

    def test_a_friend_who_brings_the_next_account_in_the_same_browser(self):
        first = self.join(device="browser-1")
        first.friend_id._make_referral_links()
        second = self.join(self.make_partner("Next Account"), member=first.friend_id, device="browser-1")
        self.assertEqual((second.state, second.reason_codes), ("held", "same_device"))

    def test_a_second_account_in_the_same_browser(self):
        self.join(device="browser-1")
        self.assertHeld(self.join(self.make_partner("Next Account"), device="browser-1"), "device_again")

    def test_a_robot(self):
        """never 20."""
        self.assertHeld(self.join(robot=True), "robot")

    def test_the_same_friend_twice_never_counts(self):
        """never 20."""
        first = self.join()
        first.friend_id._leave()
        again = self.join(first.friend_id.partner_id, self.member_2)
        self.assertEqual((again.state, again._get_codes()[0]), ("rejected", "twice"))
        with self.assertRaisesRegex(UserError, "cannot be accepted"):
            again.action_accept()
        self.assertEarned(0, "referral_join", self.member_2)

    def test_the_same_person_under_another_contact_never_counts(self):
        """never 20."""
        self.join(self.make_partner(email="rosa@example.org"))
        again = self.join(self.make_partner("Rosa Other", email="Rosa+2@example.org"))
        self.assertEqual((again.state, again._get_codes()[0]), ("rejected", "twice"))
        self.assertEarned(50, "referral_join")

    def test_the_same_person_after_an_erasure_never_counts(self):
        """never 20; abuse 8: what is kept of an erased person is a salted hash."""
        first = self.join(self.make_partner(email="rosa@example.org"))
        first.friend_id._erase("Asked")
        again = self.join(self.make_partner("Rosa Again", email="rosa@example.org"))
        self.assertEqual((again.state, again._get_codes()[0]), ("rejected", "twice"))
        digests = self.env["club.referral.identity"].search([("club_id", "=", self.club.id)]).mapped("digest")
        self.assertTrue(digests)
        self.assertFalse([digest for digest in digests if "rosa" in digest or len(digest) != 64])


@tagged("post_install", "-at_install")
class TestOtherGuards(GuardCase):
    def test_a_customer_before_the_visit(self):
        partner = self.make_partner()
        self.order(partner).date_order = NOON - timedelta(days=1)
        self.assertHeld(self.join(partner), "customer_before")

    def test_a_guest_with_the_same_mail_was_a_customer(self):
        self.order(self.make_partner("Rosa Guest", email="rosa@example.org")).date_order = NOON - timedelta(days=9)
        self.assertHeld(self.join(self.make_partner(email="Rosa@example.org")), "customer_before")

    def test_a_customer_under_another_spelling_of_the_same_mailbox_or_phone(self):
        """never 20: an account of one's own is opened in a minute."""
        before = NOON - timedelta(days=9)
        germany = self.env.ref("base.de")
        old = self.make_partner("Rosa Weber", phone="+49 30 1234567", country_id=germany.id)
        self.order(old).date_order = before
        plus = self.make_partner("Rosa Plus", email="rosa+club@example.org")
        self.assertHeld(self.join(plus), "customer_before")
        phone = self.make_partner("Rosi", phone="030/123 45 67", country_id=germany.id)
        self.assertHeld(self.join(phone), "customer_before")
        self.order(self.make_partner("Lila Plus", email="lil_a+old@example.org")).date_order = before
        self.assertEqual(self.join(self.make_partner("Lila", email="lilxa@example.org")).state, "joined")
        self.assertHeld(self.join(self.make_partner("Lil", email="lil_a@example.org")), "customer_before")

    def test_a_purchase_between_visit_and_joining_does_not_make_a_customer(self):
        partner = self.make_partner()
        self.order(partner).date_order = NOON - timedelta(minutes=5)
        self.assertEqual(self.join(partner).state, "joined")

    def test_a_customer_of_another_company_is_new_here(self):
        partner = self.make_partner()
        company = self.env["res.company"].create({"name": "Other Ltd"})
        order = self.order(partner)
        order.date_order = NOON - timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET company_id = %s WHERE id = %s", (company.id, order.id))
        self.env.invalidate_all()
        self.assertEqual(self.join(partner).state, "joined")

    def test_a_member_before(self):
        partner = self.make_partner()
        self.club._enrol(partner)._leave()
        self.assertHeld(self.join(partner), "member_before")

    def test_a_member_before_who_gives_the_old_phone_at_checkout_only(self):
        """never 20: every new account would make another first purchase of the same person."""
        self.earn_rule("referral_purchase", 500, referral_purchases="first")
        self.club._enrol(self.make_partner("Rosa Weber", phone="+49 30 1234567"))
        referral = self.join(self.make_partner("Rosi", email="new@example.org"))
        self.assertEqual(referral.state, "joined")
        referral.friend_id.partner_id.write({"phone": "+49301234567"})
        self.buy(referral.friend_id.partner_id)
        self.run_jobs()
        self.assertEqual((referral.state, referral.reason_codes), ("held", "member_before"))
        self.assertEarned(0, "referral_purchase")
        referral.action_accept()
        self.run_jobs()
        self.assertEarned(500, "referral_purchase")

    def test_too_many_friends_a_day(self):
        self.club.referral_joins_day = 2
        states = [self.join(self.make_partner(f"Friend{number} X")).state for number in range(3)]
        self.assertEqual(states, ["joined", "joined", "held"])
        with freeze_time(NOON + timedelta(hours=24)):
            self.assertEqual(self.join(self.make_partner("Next Day")).state, "joined")

    def test_too_many_friends_a_week(self):
        self.club.referral_joins_week = 1
        self.join()
        with freeze_time(NOON + timedelta(days=6, hours=23)):
            self.assertHeld(self.join(self.make_partner("Second X")), "too_many_week")
        with freeze_time(NOON + timedelta(days=14)):
            self.assertEqual(self.join(self.make_partner("Third X")).state, "joined")

    def test_several_reasons_stand_together(self):
        self.club.referral_joins_day = 1
        self.join(device="d")
        self.assertHeld(self.join(self.make_partner("Second X"), device="d"), "device_again", "too_many_day")

    def test_every_reason_has_words_for_staff_and_for_the_member(self):
        self.assertFalse(set(REASONS) - self.Referral._get_reason_words().keys())
        self.assertFalse(set(REASONS) - self.Referral._get_member_words().keys())


@tagged("post_install", "-at_install")
class TestDecisions(GuardCase):
    def test_rejecting_takes_back_what_both_sides_earned(self):
        self.join_rule.referral_side = "both"
        self.earn_rule("referral_purchase", 7, referral_side="both")
        referral = self.join()
        self.buy(referral.friend_id.partner_id)
        self.run_jobs()
        self.assertEarned(7, "referral_purchase")
        referral.action_reject()
        for member in (self.member, referral.friend_id):
            self.assertEarned(0, "referral_join", member)
            self.assertEarned(0, "referral_purchase", member)
        self.assertEqual((referral.state, referral.reason_codes), ("rejected", "by_hand"))
        self.assertIn("Our team decided", referral._get_member_sentence()["why"])
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")
        self.assertInvariantsHold()

    def test_a_rejection_can_be_undone_once_and_earns_once(self):
        self.earn_rule("referral_purchase", 7)
        referral = self.join()
        self.buy(referral.friend_id.partner_id)
        self.run_jobs()
        referral.action_reject()
        referral.action_accept()
        referral.action_accept()
        self.run_jobs()
        self.assertEarned(50, "referral_join")
        self.assertEarned(7, "referral_purchase")
        self.assertEqual(referral.state, "bought")

    def test_many_are_decided_at_once(self):
        self.club.referral_joins_day = 1
        referrals = self.Referral.union(*(self.join(self.make_partner(f"Friend{number} X")) for number in range(4)))
        held = referrals.filtered(lambda referral: referral.state == "held")
        self.assertEqual(len(held), 3)
        held[:2].action_accept()
        held[2:].action_reject()
        self.assertEarned(150, "referral_join")

    def test_only_managers_decide(self):
        referral = self.join(robot=True)
        user = new_test_user(self.env, "club_staff", "customer_club.group_club_user")
        for method in ("action_accept", "action_reject"):
            with self.assertRaises(AccessError):
                getattr(referral.with_user(user), method)()
        manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        referral.with_user(manager).action_accept()
        self.assertEqual((referral.state, referral.decided_by_id), ("joined", manager))

    def test_nobody_decides_that_ones_own_referral_counts(self):
        """never 20 and 23: neither as the member who brought the friend nor as the friend."""
        manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        manager.partner_id = self.partner
        brought = self.join(robot=True)
        with self.assertRaisesRegex(UserError, "about you"):
            brought.with_user(manager).action_accept()
        self.assertEqual((brought.state, self.member.points), ("held", 0))
        manager.partner_id = brought.friend_id.partner_id
        with self.assertRaisesRegex(UserError, "about you"):
            brought.with_user(manager).action_accept()
        brought.with_user(manager).action_reject()
        self.assertEqual(brought.state, "rejected")

    def test_a_manager_of_another_company_decides_nothing(self):
        referral = self.join(robot=True)
        company = self.env["res.company"].create({"name": "Other Ltd"})
        manager = new_test_user(
            self.env, "other_boss", "customer_club.group_club_manager", company_id=company.id, company_ids=company.ids
        )
        with self.assertRaises(AccessError):
            referral.with_user(manager).action_accept()
        self.assertFalse(self.Referral.with_user(manager).search([("id", "=", referral.id)]))

    def test_nobody_writes_a_referral(self):
        referral = self.join(robot=True)
        manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        portal = new_test_user(self.env, "club_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            referral.with_user(manager).write({"state": "joined"})
        with self.assertRaises(AccessError):
            referral.with_user(portal).read(["state"])

    def test_the_home_page_says_how_many_wait(self):
        self.join(robot=True)
        figures = self.club._get_home_figures()
        todo = self.club._get_home_todos(figures)[self.club.id]
        self.assertEqual(todo["referrals"], "Referrals to decide: 1")
        action = self.club.with_context(club_home="referrals").action_open_home()
        self.assertEqual(self.Referral.search_count(action["domain"]), 1)
