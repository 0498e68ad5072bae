"""Buy raffle tickets, see the draw, verify it: in a real browser, and with the verifier on what it downloads."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.addons.customer_club.tests.raffle_common import RaffleCase
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestRaffleTour(RaffleCase, HttpCase):
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
        now = fields.Datetime.now()
        cls.raffle = cls.make_raffle(
            name="Tour Raffle",
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=1),
            draws_at=now + timedelta(days=1, hours=2),
            prize_ids=[Command.clear(), Command.create({"name": "Bicycle"})],
        )
        cls.raffle.action_open()

    def pass_time(self, **times):
        """Days pass: what is fixed in an open raffle is turned back in the database, past its guard."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE club_raffle DISABLE TRIGGER USER")
        for name, moment in times.items():
            self.env.cr.execute(
                SQL("UPDATE club_raffle SET %s = %s WHERE id = %s", SQL.identifier(name), moment, self.raffle.id)
            )
        self.env.cr.execute("ALTER TABLE club_raffle ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def test_a_member_buys_staff_freeze_and_draw_and_the_member_verifies_it(self):
        self.start_tour("/my/club", "club_raffle_buy", login="tour_anna")
        self.assertEqual((self.raffle.bought_number, self.raffle.free_number, self.member.points), (3, 1, 970))
        now = fields.Datetime.now()
        self.pass_time(closes_at=now - timedelta(minutes=1), draws_at=now + timedelta(hours=1))
        self.start_tour("/odoo/customer-club", "club_raffle_freeze", login="tour_manager", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((self.raffle.state, self.raffle.list_count), ("frozen", 4))
        self.pass_time(round_at=now - timedelta(minutes=1))
        self.start_tour("/odoo/customer-club", "club_raffle_draw", login="tour_manager", timeout=120)
        self.env.invalidate_all()
        self.assertEqual(self.raffle.state, "drawn")
        self.start_tour("/my/club", "club_raffle_verify", login="tour_anna")
        files = [
            self.url_open(f"/raffle/{self.raffle.public_id}/{name}").content for name in ("proof.json", "tickets.txt")
        ]
        status, said = self.verify(*files)
        self.assertEqual(status, 0, said)
        self.assertInvariantsHold()
