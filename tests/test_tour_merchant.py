"""A voucher in a real browser: taken by a member, redeemed and undone by a partner on a phone-width screen."""

from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestVoucherTour(MerchantCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        new_test_user(cls.env, "tour_anna", groups="base.group_portal", partner_id=cls.partner.id)
        cls.desk.password = "baker"

    def test_taken_by_a_member_redeemed_and_undone_at_the_counter(self):
        self.start_tour("/my/club", "club_voucher_take", login="tour_anna")
        voucher = self.env["club.voucher"].search([("member_id", "=", self.member.id)])
        self.assertEqual((voucher.state, self.member.points), ("issued", 400))
        code = voucher._get_code().lower()
        self.start_tour(f"/merchant/{self.merchant.id}?code={code}", "club_voucher_redeem", login="baker")
        self.env.invalidate_all()
        self.assertEqual((voucher.state, voucher.reference), ("reversed", "R-77"))
        self.assertTrue(voucher.redeemed_at)
        self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()
