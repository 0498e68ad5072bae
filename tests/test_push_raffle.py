"""A prize of a raffle that waits is told on the devices of whom it waits for."""

from odoo.addons.customer_club.tests.raffle_common import RaffleCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAWonRaffle(RaffleCase):
    def test_who_has_won_reads_it_until_the_deadline(self):
        self.club.push_active = True
        login = new_test_user(self.env, "push_raffle", groups="base.group_portal", partner_id=self.partner.id)
        Device = self.env["club.push.device"]
        devices = Device.sudo().create(
            [
                {
                    "member_id": self.member.id,
                    "user_id": login.id,
                    "endpoint": f"https://fcm.googleapis.com/{details}",
                    "p256dh": "p",
                    "auth": "a",
                    "vapid_key": Device._get_vapid_key(),
                    "details": details,
                }
                for details in (False, True)
            ]
        )
        raffle = self.play(anna=5, ben=5)
        won = raffle.winner_ids.filtered(lambda winner: winner.state == "called" and winner.member_id == self.member)
        told = self.env["club.push.message"].search([("topic", "=", "raffle")])
        self.assertTrue(won)
        self.assertEqual(len(told), 2 * len(won), "each prize on each device, and nobody else's")
        self.assertEqual(told.member_id, self.member)
        self.assertEqual(set(told.mapped("until")), set(won.mapped("deadline")))
        by_device = told.sudo().grouped("device_id")
        self.assertEqual(set(by_device[devices[0]].mapped("body")), {"A prize waits for you. Confirm it in time."})
        for prize in won.prize_id:
            self.assertIn(prize.name, " ".join(by_device[devices[1]].mapped("body")))
        self.assertInvariantsHold()
