"""A member turns points into money and pays a cart with it, in a browser."""

from odoo.addons.customer_club.tests.test_tour_customer import ClubTourCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTourWallet(ClubTourCase):
    def test_points_become_money_and_pay_a_cart(self):
        self.club.write({"has_wallet": True, "earn_when": "confirmed", "hold_days": 0})
        self.club.rule_ids.active = False
        new_test_user(self.env, "club_wallet_anna", groups="base.group_portal", partner_id=self.partner.id, name="Anna")
        self.give_address(self.partner)
        self.post(7000, "tour")
        self.start_tour("/my/club", "club_wallet_convert_and_pay", login="club_wallet_anna")
        self.env.invalidate_all()
        self.assertEqual((self.member.points, self.member._get_wallet().card_id.points), (2000, 10))
        order = self.env["sale.order"].search([("partner_id", "=", self.partner.id)], limit=1)
        self.assertEqual((order.state, order.amount_total), ("sale", 60.0))
        self.assertInvariantsHold()
