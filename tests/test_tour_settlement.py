"""From an application to a posted settlement, in a real browser."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestSettlementTour(SettlementCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.club.write({"partner_apply": True, "partner_terms": "<p>Be fair.</p>"})

    def test_a_merchant_applies_and_a_manager_accepts(self):
        self.start_tour("/club/partner/apply", "club_partner_apply")
        self.start_tour("/odoo/customer-club", "club_partner_accept", login="club_chief", timeout=120)
        application = self.env["club.merchant.application"].search([("name", "=", "Tour Bakery")])
        self.assertEqual((application.state, application.decided_by_id), ("accepted", self.manager))
        user = application.merchant_id.account_partner_ids.user_ids
        self.assertTrue(user._is_portal())
        self.assertEqual(application.merchant_id.user_ids, user)

    def test_an_accountant_looks_confirms_and_posts(self):
        self.redeem()
        settlement = self.settle()
        self.start_tour("/odoo/customer-club", "club_settlement_post", login="club_books", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((settlement.state, len(settlement.move_ids)), ("billed", 2))
        self.assertInvariantsHold()
