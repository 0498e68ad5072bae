"""Members who leave, are erased or merged: what merchants are owed for their vouchers stays."""

from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMembersWhoGo(SettlementCase):
    def check(self, voucher):
        settlement = self.settle()
        self.assertEqual(settlement.line_ids.voucher_id, voucher)
        self.assertFalse(settlement._check_against_ledger())
        self.bill(self.confirm(settlement))
        self.assertEqual((settlement.value_total, settlement.state), (8, "billed"))
        self.assertFalse(settlement._check_against_ledger())
        self.assertInvariantsHold()
        return settlement

    def test_who_left_is_settled(self):
        voucher = self.redeem()
        self.member._leave("Moved away")
        self.check(voucher)

    def test_who_was_erased_is_settled_and_the_statement_names_nobody(self):
        voucher = self.redeem()
        self.member._erase("Asked by letter")
        settlement = self.check(voucher)
        table = str(settlement._get_statement_table())
        self.assertIn(voucher.number, table)
        for name in ("Anna", "anna@example.com", self.member.number or "Anna"):
            self.assertNotIn(name, table)

    def test_who_was_merged_is_settled_once(self):
        """Never 13."""
        voucher = self.redeem()
        partners = self.partner_2 | self.partner
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(partners.ids, self.partner_2)
        self.env.cr.flush()
        self.env.invalidate_all()
        settlement = self.check(voucher)
        self.reverse(voucher)
        following = self.settle("2026-11-30", now="2026-12-05 12:00:00")
        self.assertEqual((following.line_ids.kind, following.line_ids.value), ("reversal", -8))
        self.assertFalse(following._check_against_ledger())
        self.assertFalse(settlement._check_against_ledger())
        self.assertInvariantsHold()

    def test_contacts_of_the_merchant_that_are_merged_keep_its_account(self):
        old = self.env["res.partner"].create({"name": "Boss", "email": "b@example.com"})
        new = self.env["res.partner"].create({"name": "Boss", "email": "b@example.com"})
        self.merchant.account_partner_ids = old
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((old | new).ids, new)
        self.env.invalidate_all()
        self.assertEqual(self.merchant.account_partner_ids, new)
