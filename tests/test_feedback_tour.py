"""A suggestion goes from the portal to acceptance to points, in a real browser: member, manager, member."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestFeedbackTour(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        # The database may have feedback of its own: the tours are to meet ours only.
        cls.env["club.feedback"].search([("is_open", "=", True)])._set({"state": "withdrawn"})
        cls.manager = new_test_user(cls.env, "tour_judge", groups="customer_club.group_club_manager", name="Judith")
        cls.club.feedback_user_id = cls.manager

    def test_a_suggestion_goes_from_the_portal_to_acceptance_to_points(self):
        self.earn_rule("feedback", 20, feedback_suggestion=True, feedback_usefulness="3")
        self.start_tour("/my/club", "club_feedback_suggest", login="club_anna")
        feedback = self.env["club.feedback"].search([("member_id", "=", self.member.id)])
        self.assertEqual((feedback.state, feedback.source), ("new", "portal"))
        self.start_tour("/odoo/customer-club", "club_feedback_judge", login="tour_judge", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((feedback.state, feedback.usefulness), ("accepted", "4"))
        self.assertEarned(20, "feedback")
        self.start_tour("/my/club", "club_feedback_rewarded", login="club_anna")
        self.assertEqual(feedback._get_public_messages()[-1].author_id, self.partner)
        self.assertInvariantsHold()

    def test_what_says_the_same_is_merged_and_answered_in_one_go(self):
        Feedback = self.env["club.feedback"]
        first = Feedback.create({"member_id": self.member.id, "subject": "Parking", "text": "Where?"})
        second = Feedback.create({"member_id": self.member_2.id, "subject": "A place for my car", "text": "Please"})
        self.start_tour("/odoo/customer-club", "club_feedback_bulk", login="tour_judge", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((first.state, second.state, second.merged_into_id), ("declined", "merged", first))
        for feedback in first | second:
            self.assertIn("There is no room", feedback._get_public_messages()[-1].body)
