"""A manager builds a segment in a browser, sees its count and chart, and freezes it."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged

from .test_marketing_behaviour import BehaviourCase


@tagged("post_install", "-at_install")
class TestAManagerBuildsASegment(BehaviourCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.env["club.segment"].search([]).active = False
        cls.manager = new_test_user(cls.env, "segment_tour_manager", groups="customer_club.group_club_manager")
        cls.third = cls.club._enrol(cls.env["res.partner"].create({"name": "Cleo"}))
        for number, member in enumerate((cls.member, cls.member_2)):
            for day in (3, 8):
                cls.happen("purchase", f"{number}-{day}", day, member=member, amount=50)
        cls.post(150, "segment-tour")
        cls.behave(cls.third, recency_score=5, frequency_score=4, monetary_score=3, sales=100, order_count=2)

    def test_two_conditions_count_chart_freeze(self):
        self.start_tour("/odoo/customer-club", "club_segment", login="segment_tour_manager", timeout=120)
        segment = self.env["club.segment"].search([("name", "=", "Good customers")])
        self.assertEqual((segment.kind, len(segment.condition_ids)), ("static", 2))
        self.assertMeans(segment, self.member)
        self.assertEqual(segment.membership_ids.member_id, self.member)

    def test_ready_made_from_the_empty_list(self):
        url = "/odoo/action-customer_club.club_segment_action"
        self.start_tour(url, "club_segment_ready_made", login="segment_tour_manager", timeout=120)
        self.assertMeans(self.env["club.segment"].search([("name", "=", "Unused points")]), self.member)

    def test_recency_and_frequency(self):
        url = "/odoo/action-customer_club.club_rfm_action"
        self.start_tour(url, "club_rfm", login="segment_tour_manager", timeout=120)
        segment = self.env["club.segment"].search([("name", "=", "Recency 5, Frequency 4")])
        self.assertMeans(segment, self.member | self.third)
