"""Prizes in a real browser: chosen on a phone, cancelled, handed over, given at the counter."""

from odoo.addons.customer_club.tests.common import ClubCase, forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged


class PrizeTours(ClubCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.partner.phone = "+4930123456"
        new_test_user(
            cls.env, "tour_anna", groups="base.group_portal", partner_id=cls.partner.id, email="anna@example.com"
        )
        new_test_user(cls.env, "tour_staff", groups="customer_club.group_club_manager")
        cls.post(250, "tour")
        values = {"club_id": cls.club.id, "points": 100}
        cls.song = cls.env["club.prize"].create({**values, "name": "Tour Song", "delivery": "code"})
        cls.env["club.prize.code"].create({"prize_id": cls.song.id, "code": "TOUR-SONG-1"})
        cls.journey = cls.env["club.prize"].create({**values, "name": "Tour Journey", "points": 1000})
        cls.wrapping = cls.env["club.prize"].create({**values, "name": "Tour Wrapping"})

    def points(self):
        self.env.invalidate_all()
        return self.member.points


@tagged("post_install", "-at_install")
class TestPrizeTourOnAPhone(PrizeTours):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_member_chooses_a_prize(self):
        self.start_tour("/my/club", "club_prize_choose", login="tour_anna")
        self.assertEqual(self.points(), 150)
        self.assertInvariantsHold()

    def test_a_member_cancels_what_is_ready(self):
        self.wrapping._redeem(self.member, "tour", "portal")
        self.start_tour("/my/club", "club_prize_cancel", login="tour_anna")
        self.assertEqual(self.points(), 250)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPrizeTourOfStaff(PrizeTours):
    def test_staff_hands_over_what_is_ready(self):
        redemption = self.wrapping._redeem(self.member, "tour", "portal")
        self.start_tour("/odoo/customer-club", "club_prize_hand_over", login="tour_staff", timeout=120)
        self.env.invalidate_all()
        self.assertEqual(redemption.state, "delivered")

    def test_staff_gives_a_prize_at_the_counter(self):
        self.post(-100, "less")
        action = self.env.ref("customer_club.club_member_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{self.member.id}", "club_prize_counter", login="tour_staff", timeout=120
        )
        self.assertEqual(self.points(), 50)
        self.assertInvariantsHold()
