"""Twenty at the same moment: a settlement is confirmed once, a voucher settled once."""

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 20
TABLES = (
    "DELETE FROM account_move WHERE club_settlement_id IN (SELECT id FROM club_settlement WHERE club_id = %(club)s)",
    "DELETE FROM club_settlement_line WHERE settlement_id IN (SELECT id FROM club_settlement WHERE club_id = %(club)s)",
    "DELETE FROM club_settlement WHERE club_id = %(club)s",
    "DELETE FROM club_voucher WHERE club_id = %(club)s",
    "DELETE FROM club_merchant_offer WHERE club_id = %(club)s",
    "DELETE FROM club_merchant WHERE club_id = %(club)s",
)


@tagged("post_install", "-at_install")
class TestSettlementAtOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            company = club.company_id
            account = env["account.account"].search(
                [("company_ids", "in", company.ids), ("account_type", "=", "liability_current")], limit=1
            )
            cls.account_id, cls.was_reconcile = account.id, account.reconcile
            account.reconcile = True
            journal = env["account.journal"].search(
                [("company_id", "=", company.id), ("type", "=", "purchase")], limit=1
            )
            club.write({"settle_clearing_account_id": account.id, "settle_bill_journal_id": journal.id})
            partner = env["res.partner"].browse(cls.ids["partners"][3])
            merchant = env["club.merchant"].create({"partner_id": partner.id, "club_id": club.id, "code": "at-once"})
            offer = env["club.merchant.offer"].create(
                {"name": "Coffee", "merchant_id": merchant.id, "state": "open", "points": 10, "value": 3}
            )
            member = env["club.member"].browse(cls.member_id)
            env["club.point.entry"]._post([{"member_id": member.id, "kind": "earn", "points": 100, "key": "at-once"}])
            voucher = env["club.voucher"]._buy(member, offer, "at-once")
            assert voucher._redeem(env.user, "at-once")
            voucher._step({"redeemed_at": "2026-01-10 12:00:00"})
            settlement = env["club.settlement"].create(
                {"merchant_id": merchant.id, "date_from": "2026-01-01", "date_to": "2026-01-31"}
            )
            cls.settlement_id, cls.voucher_id, cls.merchant_id = settlement.id, voucher.id, merchant.id

    @classmethod
    def _clean(cls):
        with cls.registry.cursor() as cr:
            for statement in TABLES:
                cr.execute(statement, cls.ids)
            cr.execute("UPDATE account_account SET reconcile = %s WHERE id = %s", (cls.was_reconcile, cls.account_id))
        super()._clean()

    def test_twenty_confirm_and_one_does(self):
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            results, seconds = self.in_threads(
                [lambda env: env["club.settlement"].browse(self.settlement_id)._confirm()] * THREADS
            )
        self.assertEqual(results.count(True), 1)
        refused = [result for result in results if result is not True]
        self.assertTrue(all(isinstance(error, UserError) for error in refused), refused)
        live = self.in_transaction(
            lambda env: env["club.settlement.line"].search_count(
                [("voucher_id", "=", self.voucher_id), ("live", "=", True)]
            )
        )
        self.assertEqual(live, 1)
        self.assertLess(seconds, 60)
        self.assertInvariantsHold()
        owed = self.in_transaction(lambda env: env["club.merchant"].browse(self.merchant_id)._get_unsettled())
        self.assertEqual(owed, {self.merchant_id: 0})
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            results, _seconds = self.in_threads(
                [
                    lambda env: (
                        env["club.settlement"].create({"merchant_id": self.merchant_id, "date_to": "2026-02-28"}).id
                    )
                ]
                * 5
            )
        made = [result for result in results if isinstance(result, int)]
        self.assertEqual(len(made), 1, results)
