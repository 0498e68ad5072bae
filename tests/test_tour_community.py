"""A contest in a real browser, from opting in to the prize."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase, forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestContestTour(ClubCase, HttpCase):
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
        today = fields.Date.today()
        cls.contest = cls.env["club.contest"].create(
            {
                "club_id": cls.club.id,
                "name": "Tour Visits",
                "date_from": today - timedelta(days=20),
                "date_to": today + timedelta(days=10),
                "type_ids": [Command.create({"event_type": "visit"})],
                "prize_ids": [Command.create({"points": 50})],
            }
        )
        cls.contest.action_open()
        cls.env["club.event"].sudo()._report(
            [
                {
                    "member_id": cls.member.id,
                    "type": "visit",
                    "key": "tour,visit",
                    "occurred_at": fields.Datetime.now() - timedelta(days=15),
                }
            ]
        )

    def test_a_member_takes_part_staff_close_it_and_the_prize_arrives(self):
        self.start_tour("/my/club", "club_contest_take_part", login="tour_anna")
        self.assertEqual(self.contest.participant_ids.nickname, "Tour Rosie")
        # The month passes: an open contest keeps its days, so they are turned back in the database.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_contest SET date_to = date_to - 12 WHERE id = %s",
            (self.contest.id,),
        )
        self.env.invalidate_all()
        self.start_tour("/odoo/customer-club", "club_contest_close", login="tour_manager", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((self.contest.state, self.member.points), ("done", 50))
        self.start_tour("/my/club", "club_contest_prize_arrives", login="tour_anna")
        self.assertInvariantsHold()
