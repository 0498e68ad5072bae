"""Disputes: what is left out, what is decided, and its effect in the next settlement."""

from freezegun import freeze_time
from odoo.addons.customer_club.tests.settlement_common import SettlementCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDisputes(SettlementCase):
    def dispute(self, voucher, claimed=5, now="2026-10-20 12:00:00", **values):
        with freeze_time(now):
            return (
                self.env["club.settlement.dispute"]
                .with_user(self.manager)
                .create({"voucher_id": voucher.id, "claimed": claimed, "reason": "Only half was given", **values})
            )

    def decide(self, dispute, how="accept", now="2026-11-02 12:00:00"):
        with freeze_time(now):
            getattr(dispute.with_user(self.manager), f"action_{how}")()

    def following(self):
        return self.settle("2026-11-30", now="2026-12-05 12:00:00")

    def test_a_disputed_voucher_waits_and_is_owed_meanwhile(self):
        voucher = self.redeem()
        self.dispute(voucher)
        self.assertTrue(voucher.disputed)
        settlement = self.settled()
        self.assertFalse(settlement.line_ids)
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 8})

    def test_accepted_the_decided_amount_is_paid_in_the_next_settlement(self):
        voucher = self.redeem()
        dispute = self.dispute(voucher)
        self.settled()
        self.decide(dispute, now="2026-11-10 12:00:00")
        line = self.following().line_ids
        self.assertEqual((line.kind, line.value, line.commission, line.points), ("voucher", 5, 0.5, 100))
        self.assertFalse(line.settlement_id._check_against_ledger())
        self.assertInvariantsHold()

    def test_rejected_or_withdrawn_it_is_paid_as_it_was(self):
        for how in ("reject", "withdraw"):
            voucher = self.redeem()
            self.decide(self.dispute(voucher), how)
            self.assertFalse(voucher.disputed)
        self.assertEqual(self.settle().line_ids.mapped("value"), [8, 8])

    def test_after_the_settlement_the_difference_is_a_line_of_the_next(self):
        voucher = self.redeem()
        first = self.settled()
        dispute = self.dispute(voucher, now="2026-11-10 12:00:00")
        self.decide(dispute, now="2026-11-12 12:00:00")
        self.assertFalse(first._check_against_ledger(), "what was confirmed stays right")
        following = self.following()
        line = following.line_ids
        self.assertEqual((line.kind, line.value, line.commission, line.points), ("dispute", -3, -0.3, 0))
        self.assertEqual(line.dispute_id, dispute)
        self.assertFalse(following._check_against_ledger())
        self.confirm(following, now="2026-12-05 12:00:00")
        self.assertFalse(self.settle("2026-12-31", now="2027-01-05 12:00:00").line_ids)
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 0})

    def test_the_commission_of_a_difference_is_at_the_rate_that_was_settled(self):
        """Loss of money: a commission agreed since would give back more than was earned on the voucher."""
        voucher = self.redeem()
        self.settled()
        self.merchant.settle_commission = 50
        self.decide(self.dispute(voucher, claimed=4, now="2026-11-10 12:00:00"), now="2026-11-12 12:00:00")
        line = self.following().line_ids
        self.assertEqual((line.value, line.commission), (-4, -0.4))

    def test_decided_at_nothing_the_commission_goes_back_too(self):
        voucher = self.redeem()
        self.settled()
        self.decide(self.dispute(voucher, claimed=0, now="2026-11-10 12:00:00"), now="2026-11-12 12:00:00")
        line = self.following().line_ids
        self.assertEqual((line.value, line.commission), (-8, -0.8))

    def test_decided_at_nothing_before_it_was_settled_it_is_not_on_the_statement(self):
        voucher = self.redeem()
        self.decide(self.dispute(voucher, claimed=0))
        self.assertFalse(self.settle().line_ids)
        self.assertEqual(self.merchant._get_unsettled(), {self.merchant.id: 0})

    def test_an_undone_voucher_can_be_decided_to_be_owed(self):
        voucher = self.redeem()
        self.reverse(voucher, "2026-10-15 12:00:00")
        self.decide(self.dispute(voucher, claimed=8))
        line = self.settle().line_ids
        self.assertEqual((line.kind, line.value, line.points), ("voucher", 8, 100))

    def test_what_was_decided_falls_with_the_redemption(self):
        voucher = self.redeem()
        self.settled()
        self.decide(self.dispute(voucher, now="2026-11-10 12:00:00"), now="2026-11-12 12:00:00")
        self.reverse(voucher, "2026-11-13 12:00:00")
        line = self.following().line_ids
        self.assertEqual((line.kind, line.value, line.points), ("reversal", -8, -100))

    def test_it_is_decided_once(self):
        dispute = self.dispute(self.redeem())
        self.decide(dispute)
        with self.assertRaisesRegex(UserError, "decided already"):
            self.decide(dispute, "reject")
        with self.assertRaisesRegex(UserError, "no longer changes"):
            dispute.with_user(self.manager).decided = 1

    def test_the_manager_decides_another_amount_than_claimed(self):
        voucher = self.redeem()
        dispute = self.dispute(voucher, claimed=2)
        dispute.with_user(self.manager).decided = 6
        self.decide(dispute)
        self.assertEqual(self.settle().line_ids.value, 6)

    def test_who_comes_too_late_or_asks_for_more_than_agreed_is_refused(self):
        voucher = self.redeem()
        with self.assertRaisesRegex(ValidationError, "no more than that"), self.cr.savepoint():
            self.dispute(voucher, claimed=9)
        with self.assertRaisesRegex(UserError, "30 days have passed"):
            self.dispute(voucher, now="2026-11-10 12:00:00")
        self.settled()
        self.assertTrue(self.dispute(voucher, now="2026-12-05 11:00:00"), "the statement begins the days anew")
        with self.assertRaisesRegex(UserError, "in dispute already"):
            self.dispute(voucher)
        with self.assertRaisesRegex(UserError, "was not redeemed"):
            self.dispute(self.buy())

    def test_only_managers_open_and_decide(self):
        voucher = self.redeem()
        dispute = self.dispute(voucher)
        user = new_test_user(self.env, "dispute_user", groups="customer_club.group_club_user")
        for doer in (self.accountant, user, self.desk):
            with self.subTest(login=doer.login):
                with self.assertRaises(AccessError):
                    self.env["club.settlement.dispute"].with_user(doer).create(
                        {"voucher_id": voucher.id, "claimed": 1, "reason": "x"}
                    )
                for method in ("action_accept", "action_reject", "action_withdraw"):
                    with self.assertRaises(AccessError):
                        getattr(dispute.with_user(doer), method)()
        for vals in ({"state": "accepted"}, {"claimed": 1}, {"reason": "y"}, {"side": "merchant"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                dispute.with_user(self.manager).write(vals)
        for vals in ({"settle_decided": 1}, {"settle_overruled": True}, {"disputed": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                voucher.sudo().write(vals)
        self.assertEqual(dispute.state, "open")
