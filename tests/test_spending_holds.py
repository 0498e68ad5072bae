"""Points set aside while somebody pays: how long, what releases them, and what the member reads of it."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.addons.customer_club.tests.test_spending_policy import ClubPolicyCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


class PayingCase(ClubPolicyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        cls.provider.state = "test"

    def begin(self, order, state="draft"):
        """A payment of the demo provider for an order."""
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment_demo.payment_method_demo", raise_if_not_found=False).id
                if self.env.ref("payment_demo.payment_method_demo", raise_if_not_found=False)
                else self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "reference": f"hold-{order.id}-{self.env['payment.transaction'].search_count([])}",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        if state != "draft":
            getattr(transaction, f"_set_{state}")()
        return transaction

    def cart(self, points=600, quantity=4):
        order = self.make_order((self.product, quantity))
        self.use(order, points)
        return order

    def free(self):
        """Points that another order could use."""
        return self.make_order()._club_points_left(self.card)


@tagged("post_install", "-at_install")
class TestHowLongPointsAreHeld(PayingCase):
    def test_nothing_is_held_before_the_payment_begins(self):
        self.cart()
        self.assertEqual(self.free(), 1000)

    def test_each_state_of_a_payment(self):
        for state, held in (
            ("draft", 600),
            ("pending", 600),
            ("authorized", 600),
            ("done", 600),
            ("canceled", 0),
            ("error", 0),
        ):
            with self.subTest(state=state):
                order = self.cart()
                transaction = self.begin(order)
                if state == "error":
                    transaction._set_error("No money")
                elif state != "draft":
                    getattr(transaction, f"_set_{state}")()
                self.assertEqual(self.free(), 1000 - held)
                self.assertEqual(order._club_points_left(self.card), 400, "its own hold does not keep its points away")
                transaction.state = "cancel"
        self.assertInvariantsHold()

    def test_a_payment_that_was_only_begun_holds_for_the_clubs_minutes(self):
        self.club.spend_hold_minutes = 5
        self.begin(self.cart())
        now = fields.Datetime.now()
        for minutes, free in ((4, 400), (6, 1000)):
            with freeze_time(now + timedelta(minutes=minutes)):
                self.assertEqual(self.free(), free)

    def test_a_pending_payment_holds_until_it_is_decided(self):
        transaction = self.begin(self.cart(), "pending")
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.assertEqual(self.free(), 400)
        transaction._set_canceled()
        self.assertEqual(self.free(), 1000)

    def test_a_cancelled_order_holds_nothing(self):
        order = self.cart()
        self.begin(order, "pending")
        order._action_cancel()
        self.assertEqual(self.free(), 1000)

    def test_held_points_cannot_be_chosen_paid_or_confirmed_elsewhere(self):
        """never.md 8 and 21."""
        other = self.cart(600)
        self.begin(self.cart(600))
        self.assertEqual(self.choices(self.make_order()).most, 400)
        with self.assertRaisesRegex(UserError, "Nothing was paid"), self.env.cr.savepoint():
            self.begin(other)
        with self.assertRaisesRegex(UserError, "spent or set aside elsewhere"), self.env.cr.savepoint():
            other.action_confirm()
        self.env.invalidate_all()
        other._update_programs_and_rewards()
        self.assertEqual(self.used(other), 400, "the cart is mended with what there is")
        other.action_confirm()
        self.assertEqual(self.member.points, 600)
        self.assertInvariantsHold()

    def test_a_payment_that_succeeds_confirms_and_spends_once(self):
        order = self.cart()
        transaction = self.begin(order, "done")
        transaction._post_process()
        transaction._post_process()
        self.assertEqual((order.state, self.member.points), ("sale", 400))
        self.assertEqual(self.free(), 400, "spent, and held no more")
        self.assertInvariantsHold()

    def test_never_22_a_payment_finds_its_points_after_contacts_were_merged(self):
        """Never 13: the claim, and what the payment holds, go where the points go."""
        order = self.cart()
        total, points = order.amount_total, self.member.points
        payment = self.begin(order, "pending")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner_2
        )
        self.env.invalidate_all()
        self.assertEqual(self.make_order(partner=self.partner_2)._club_points_left(self.member_2.card_id), points - 600)
        payment._set_done()
        payment._post_process()
        self.env.invalidate_all()
        self.assertEqual((order.state, order.amount_total), ("sale", total))
        self.assertEqual((self.member_2.points, self.member.points), (points - 600, 0))
        order._action_cancel()
        self.env.invalidate_all()
        self.assertEqual((self.member_2.points, self.member.points), (points, 0))
        self.assertInvariantsHold()

    def test_a_cent_paid_lifts_no_limit(self):
        """Whoever pays a cent on a cart is not past the club's policy: only what confirms the order promises."""
        self.club.spend_most_percent = 30
        order = self.make_order((self.product, 4))
        total = order.amount_total
        payment = self.begin(order)
        payment.amount = 0.01
        payment._set_done()
        self.assertFalse(order._club_is_money_taken())
        with self.assertRaisesRegex(UserError, "You can spend up to"):
            self.use(order, 900)
        self.assertEqual((order.state, order.amount_total), ("draft", total))
        payment.amount = total
        self.assertTrue(order._club_is_money_taken())

    def test_a_cart_of_merged_contacts_keeps_its_points(self):
        order = self.cart()
        total, points = order.amount_total, self.member.points
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner_2
        )
        self.env.invalidate_all()
        order.action_confirm()
        self.assertEqual((order.state, order.amount_total, self.member_2.points), ("sale", total, points - 600))
        self.assertInvariantsHold()

    def test_never_22_nobody_leaves_while_a_payment_holds_points(self):
        order = self.cart()
        payment = self.begin(order, "pending")
        with self.assertRaisesRegex(UserError, "is being paid"), self.env.cr.savepoint():
            self.member._leave()
        with self.assertRaisesRegex(UserError, "is being paid"), self.env.cr.savepoint():
            self.member._erase()
        self.assertEqual(self.member.state, "active")
        payment._set_done()
        payment._post_process()
        self.assertEqual(order.state, "sale")
        self.member._leave()
        self.assertEqual(self.member.state, "left")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestWhatTheMemberReadsOfHolds(PayingCase, ClubPortalCase):
    def test_overview_history_and_another_cart_say_what_is_set_aside(self):
        order = self.cart(120)
        self.begin(order)
        words = f"120 Points are set aside for order {order.name} while you pay; free again at "
        for path in (self.url(), self.url("/history")):
            page = " ".join(self.get(path).text.split())
            self.assertIn(words, page)
        self.assertIn(words, self.make_order()._get_portal_spending()[0]["holds"][0])
        self.assertFalse(order._get_portal_spending()[0]["holds"], "in its own cart they are not missing")
        self.assertNotIn(order.name, self.get(self.url(member=self.member_2), "club_ben").text)

    def test_the_time_is_the_clubs_and_a_pending_payment_has_none(self):
        self.club.tz = "Asia/Tehran"
        order = self.cart(120)
        transaction = self.begin(order)
        transaction.invalidate_recordset()
        created = transaction.create_date + timedelta(minutes=15)
        local = fields.Datetime.context_timestamp(self.club.with_context(tz="Asia/Tehran"), created)
        self.assertIn(f"{local:%M}", self.member._get_portal_holds()[0])
        transaction._set_pending()
        self.assertEqual(
            self.member._get_portal_holds(),
            [f"120 Points are set aside for order {order.name} until its payment is decided."],
        )
        transaction._set_canceled()
        self.assertFalse(self.member._get_portal_holds())
        self.assertNotIn("club_hold", self.get(self.url()).text)
