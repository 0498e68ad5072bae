"""A draw in a real browser: set up, opened, played on a phone and on a desk."""

from unittest.mock import patch

from odoo.addons.customer_club.models.draw import chance_source
from odoo.addons.customer_club.tests.common import ClubCase, forgive_debian
from odoo.addons.customer_club.tests.draw_common import BIG, draw_values
from odoo.tests import HttpCase, new_test_user, tagged


class DrawTourCase(ClubCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.partner.phone = "+4930123456"
        new_test_user(
            cls.env, "tour_anna", groups="base.group_portal", partner_id=cls.partner.id, email="anna@example.com"
        )
        new_test_user(cls.env, "tour_manager", groups="customer_club.group_club_manager")
        cls.draw = cls.env["club.draw"].create(draw_values(cls.club.id))
        cls.post(100, "start")


@tagged("post_install", "-at_install")
class TestDrawTour(DrawTourCase):
    def test_a_manager_opens_a_draw_and_a_member_wins_a_prize(self):
        action = self.env.ref("customer_club.club_draw_action").id
        self.start_tour(f"/odoo/action-{action}/{self.draw.id}", "club_draw_open", login="tour_manager", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((self.draw.state, self.draw.prize_ids.mapped("weight")), ("open", [1, 3, 6]))
        with patch.object(chance_source, "random_below", lambda count: BIG):
            self.start_tour("/my/club", "club_draw_win", login="tour_anna")
        self.env.invalidate_all()
        self.assertEqual((self.draw.play_ids.state, self.member.points), ("done", 140))
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestDrawTourOnAPhone(DrawTourCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_member_wins_a_prize_on_a_phone(self):
        self.draw.kind = "box"
        self.draw.action_open()
        with patch.object(chance_source, "random_below", lambda count: BIG):
            self.start_tour("/my/club", "club_draw_win", login="tour_anna")
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 140)
        self.assertInvariantsHold()
