"""A member completes the profile step by step in a real browser, and is seen to have been there."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTourActivity(ClubCase, HttpCase):
    def test_a_member_completes_the_profile_and_sees_the_points(self):
        user = new_test_user(
            self.env,
            "club_rosa",
            groups="base.group_portal",
            password="club_rosa",
            name="Rosa",
            email="rosa@example.com",
        )
        member = self.club._enrol(user.partner_id)
        asked = (("name", False), ("phone", False), ("birthday", False), ("zip", False), ("city", True))
        self.club.profile_field_ids = [
            Command.clear(),
            *(
                Command.create({"kind": kind, "sequence": number, "together": together})
                for number, (kind, together) in enumerate(asked)
            ),
        ]
        self.earn_rule("profile", 50)
        self.earn_rule("visit", 20, streak_count=4, streak_period="week", channel="portal")
        now = fields.Datetime.now()
        for weeks in (2, 1):
            member._record_visit("portal", now - timedelta(weeks=weeks))
        self.env.cr.flush()

        self.start_tour("/my/club", "club_complete_profile", login="club_rosa")

        self.env.invalidate_all()
        self.assertEarned(50, "profile", member)
        self.assertEqual((user.partner_id.phone, user.partner_id.city), ("+4930123456", "Berlin"))
        visits = member.event_ids.filtered(lambda event: event.type == "visit")
        self.assertEqual(len(visits), 3, "the browser told of today's visit once, however many pages were opened")
        self.assertInvariantsHold()
