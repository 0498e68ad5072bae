"""Way 14: a friend's purchase, first or every, once it is paid and its return period is over."""

from datetime import timedelta

from freezegun import freeze_time
from odoo.addons.customer_club.tests.referral_common import NOON, ReferralCase
from odoo.tests import tagged


class PurchaseCase(ReferralCase):
    """Rosa was brought by Anna; 5 points for each full 10 that she buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.earn_rule("referral_purchase", 5, formula="per_amount", per_amount=10)
        cls.friend_partner = cls.make_partner()

    def setUp(self):
        super().setUp()
        self.referral = self.join(self.friend_partner)
        self.friend = self.referral.friend_id

    def assertBought(self, points, state="counted"):
        self.run_jobs()
        self.assertEarned(points, "referral_purchase")
        self.assertEqual(self.referral.purchase_ids.mapped("state"), [state] if state else [])
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestAFriendBuys(PurchaseCase):
    def test_the_member_earns_by_the_friends_amount(self):
        self.buy(self.friend_partner, 100)
        self.assertBought(50)
        self.assertEqual((self.referral.state, self.referral.amount), ("bought", 100))

    def test_running_the_job_again_changes_nothing(self):
        self.buy(self.friend_partner, 100)
        self.assertBought(50)
        self.referral.purchase_ids.check_on = NOON.date()
        self.assertBought(50)
        events = self.env["club.event"].search([("type", "=", "referral_purchase")])
        self.assertEqual(len(events), 1)

    def test_points_use_up_the_budget_of_the_month_in_which_they_are_given(self):
        """Not of the month of the purchase, in which they do not stand: that budget would never be used up."""
        self.club.write({"budget_points": 60, "budget_period": "month", "referral_return_days": 31})
        self.buy(self.friend_partner, 100)
        self.buy(self.friend_partner, 100)
        with freeze_time(NOON + timedelta(days=31)):
            self.run_jobs()
            self.assertEarned(60, "referral_purchase")

    def test_what_is_reported_anew_renews_no_expiry(self):
        """Expired points would come back by returning a piece of the purchase long after."""
        self.rule.expiry_months = 1
        _order, invoice = self.buy(self.friend_partner, 10, 10)
        self.assertBought(50)
        with freeze_time(NOON + timedelta(days=60)), self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire()
            self.env.invalidate_all()
            before = self.member.points
            self.refund(invoice, 1)
            self.run_jobs()
            self.env["club.ledger.job"]._cron_expire()
            self.env.invalidate_all()
            self.assertEqual(self.member.points, before)
            earned = [("rule_id", "=", self.rule.id), ("kind", "=", "earn")]
            first, second = self.env["club.point.entry"].search(earned, order="id")
            self.assertEqual((second.points, second.expires_on, second.date), (45, first.expires_on, first.date))
        self.assertInvariantsHold()

    def test_a_draft_a_quotation_and_an_unpaid_order_earn_nothing(self):
        """never 7, abuse 9."""
        self.env["sale.order"].create({"partner_id": self.friend_partner.id})
        self.assertBought(0, None)
        order = self.order(self.friend_partner)
        self.assertBought(0, "waiting")
        order._create_invoices().action_post()
        self.assertBought(0, "waiting")
        self.assertEqual(self.referral.state, "joined")

    def test_it_waits_for_the_end_of_the_return_period_to_the_day(self):
        """abuse 9."""
        self.club.referral_return_days = 14
        self.buy(self.friend_partner)
        self.assertBought(0, "waiting")
        self.assertEqual(self.referral.purchase_ids.final_on, (NOON + timedelta(days=14)).date())
        with freeze_time(NOON + timedelta(days=13)):
            self.assertBought(0, "waiting")
        with freeze_time(NOON + timedelta(days=14)):
            self.assertBought(50)

    def test_west_of_greenwich_the_clubs_day_counts(self):
        """The job's day has begun while the club's has not: it looks once, and again a day later."""
        self.club.write({"tz": "America/Los_Angeles", "referral_return_days": 1})
        self.buy(self.friend_partner)
        with freeze_time("2026-05-05 02:00:00"):
            self.assertBought(0, "waiting")
            self.assertEqual(str(self.referral.purchase_ids.check_on), "2026-05-06")
        with freeze_time("2026-05-06 08:00:00"):
            self.assertBought(50)

    def test_the_clubs_own_hold_counts_if_it_is_longer(self):
        self.club.write({"referral_return_days": 3, "hold_days": 30})
        self.buy(self.friend_partner)
        with freeze_time(NOON + timedelta(days=29)):
            self.assertBought(0, "waiting")
        with freeze_time(NOON + timedelta(days=30)):
            self.assertBought(50)

    def test_a_payment_later_is_noticed(self):
        order = self.order(self.friend_partner)
        self.assertBought(0, "waiting")
        self.pay(order)
        self.assertBought(50)

    def test_both_sides_earn_by_a_rule_for_both(self):
        self.rule.referral_side = "both"
        self.buy(self.friend_partner)
        self.assertBought(50)
        self.assertEarned(50, "referral_purchase", self.friend)

    def test_the_first_purchase_only(self):
        self.rule.referral_purchases = "first"
        self.buy(self.friend_partner)
        self.assertBought(50)
        self.buy(self.friend_partner, 200)
        self.run_jobs()
        self.assertEarned(50, "referral_purchase")
        self.assertEqual(self.referral.amount, 300)

    def test_every_purchase(self):
        self.buy(self.friend_partner)
        self.buy(self.friend_partner, 200)
        self.run_jobs()
        self.assertEarned(150, "referral_purchase")

    def test_two_friends_have_a_first_purchase_each(self):
        self.rule.referral_purchases = "first"
        other = self.make_partner("Tom Braun")
        self.join(other)
        self.buy(self.friend_partner)
        self.buy(other)
        self.run_jobs()
        self.assertEarned(100, "referral_purchase")

    def test_the_rules_own_days_after_joining(self):
        self.rule.referral_days = 10
        with freeze_time(NOON + timedelta(days=10, hours=23)):
            self.buy(self.friend_partner)
            self.run_jobs()
            self.assertEarned(50, "referral_purchase")
        with freeze_time(NOON + timedelta(days=11)):
            self.buy(self.friend_partner)
            self.run_jobs()
            self.assertEarned(50, "referral_purchase")

    def test_the_clubs_window_ends_at_its_exact_instant(self):
        self.club.referral_purchase_days = 10
        with freeze_time(NOON + timedelta(days=10)):
            self.buy(self.friend_partner)
            self.assertBought(50)
        with freeze_time(NOON + timedelta(days=10, seconds=1)):
            self.buy(self.friend_partner)
            self.run_jobs()
            self.assertEarned(50, "referral_purchase")

    def test_what_was_bought_before_joining_does_not_count(self):
        partner = self.make_partner("Late Joiner")
        order = self.order(partner)
        order.date_order = NOON - timedelta(days=2)
        self.join(partner, ago=timedelta(days=3))
        self.pay(order)
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")

    def test_a_stranger_and_a_member_nobody_brought_earn_nobody_anything(self):
        self.buy(self.partner_2)
        self.buy(self.make_partner("No Member"))
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")

    def test_a_referrer_who_left_earns_nothing(self):
        self.buy(self.friend_partner)
        self.member._leave()
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")


@tagged("post_install", "-at_install")
class TestAFriendReturns(PurchaseCase):
    """never 1 and 2."""

    def test_a_whole_return_takes_everything_back(self):
        _order, invoice = self.buy(self.friend_partner)
        self.assertBought(50)
        self.refund(invoice)
        self.assertBought(0, "returned")
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")

    def test_a_return_in_part_leaves_the_rest(self):
        _order, invoice = self.buy(self.friend_partner, 50, 2)
        self.assertBought(50)
        self.refund(invoice, 1)
        self.assertBought(25)
        self.assertEqual(self.referral.amount, 50)

    def test_a_return_within_the_return_period_earns_nothing(self):
        """abuse 9."""
        self.club.referral_return_days = 14
        _order, invoice = self.buy(self.friend_partner)
        self.refund(invoice)
        with freeze_time(NOON + timedelta(days=20)):
            self.assertBought(0, "returned")

    def test_a_cancelled_order_takes_everything_back(self):
        order, invoice = self.buy(self.friend_partner)
        self.assertBought(50)
        order._action_cancel()
        self.assertBought(0, "returned")

    def test_a_first_order_that_came_back_holds_further_ones_until_a_manager_decides(self):
        _order, invoice = self.buy(self.friend_partner)
        self.refund(invoice)
        self.assertBought(0, "returned")
        self.assertEqual((self.referral.state, self.referral.reason_codes), ("held", "first_returned"))
        self.buy(self.friend_partner, 200)
        self.run_jobs()
        self.assertEarned(0, "referral_purchase")
        self.referral.action_accept()
        self.assertEarned(100, "referral_purchase")
        self.assertEqual(self.referral.state, "bought")
        self.run_jobs()
        self.assertEqual(self.referral.state, "bought", "what was accepted is not held again")

    def test_an_order_taken_back_to_be_changed_counts_once(self):
        order = self.order(self.friend_partner)
        order._action_cancel()
        self.run_jobs()
        self.assertEqual(self.referral.state, "held")
        order.action_draft()
        order.action_confirm()
        self.pay(order)
        self.run_jobs()
        self.assertEarned(50, "referral_purchase")
        self.assertEqual(sorted(self.referral.purchase_ids.mapped("state")), ["counted", "replaced"])
        self.assertEqual(self.referral.state, "bought")

    def test_the_next_purchase_is_the_first_when_the_first_came_back(self):
        self.rule.referral_purchases = "first"
        _order, invoice = self.buy(self.friend_partner)
        self.assertBought(50)
        self.buy(self.friend_partner, 200)
        self.run_jobs()
        self.assertEarned(50, "referral_purchase")
        self.refund(invoice)
        self.run_jobs()
        self.referral.action_accept()
        self.assertEarned(100, "referral_purchase")
        self.assertInvariantsHold()

    def test_points_spent_before_the_return_become_arrears(self):
        _order, invoice = self.buy(self.friend_partner)
        self.assertBought(50)
        self.post(-100, "t:spend")  # 50 for the joining and 50 for the purchase
        self.refund(invoice)
        self.run_jobs()
        self.assertEqual(self.member.card_id.points, -50)
        self.assertInvariantsHold()

    def test_what_is_bought_more_later_takes_nothing_back_while_it_is_unpaid(self):
        order, _invoice = self.buy(self.friend_partner)
        self.assertBought(50)
        order.order_line.product_uom_qty = 2
        self.assertBought(50)
