"""Pools: what is left is shared in proportion, every point keeps its day and its story, and only spenders spend."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


class PoolCase(TogetherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write({"list_price": 100, "type": "service"})
        cls.reward = cls.club.program_id.reward_ids[:1]
        cls.reward.write({"discount": 1, "required_points": 1})
        cls.pool = cls.env["club.pool"]._found(cls.member, "Family")
        cls.place = cls.pool._get_row(cls.member)
        cls.place_2 = cls.join(cls.member_2)
        cls.account = cls.pool.account_id
        cls.card = cls.account.card_id

    @classmethod
    def join(cls, member, pool=None):
        pool = pool or cls.pool
        row = pool._invite(pool.founder_id, member)
        row._accept()
        return row

    @classmethod
    def put(cls, place, points, key, **values):
        """Buy so many points and put them into the pool."""
        cls.buy(points, key, member=place.member_id, **values)
        return cls.env["club.pool.contribution"]._contribute(place, points)

    def order(self, points, partner=None, price=100):
        """An order on which so many points of the pool are used."""
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [Command.create({"product_id": self.product.id, "price_unit": price, "tax_ids": False})],
            }
        )
        order._club_apply_points(self.card, self.reward, points)
        return order

    def part(self, place):
        self.env.invalidate_all()
        return self.pool._get_parts()[place]["part"]

    def begin_payment(self, order):
        """A payment of the demo provider that the provider has not decided yet."""
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        provider.state = "test"
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "reference": f"pool-{order.id}",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        payment._set_pending()
        return payment


@tagged("post_install", "-at_install")
class TestPools(PoolCase):
    # -- coming together -------------------------------------------------------------------------------

    def test_nobody_is_in_a_pool_without_accepting(self):
        row = self.pool._invite(self.member, self.member_3)
        self.assertEqual((row.state, len(self.pool._get_rows())), ("invited", 2))
        with self.assertRaisesRegex(UserError, "not in Family"):
            self.env["club.pool.contribution"]._contribute(row, 1)
        row._decline()
        row._accept()
        self.assertEqual(row.state, "declined")

    def test_limits_of_members_per_pool_and_pools_per_member(self):
        self.club.pool_members_most = 3
        self.pool._invite(self.member, self.member_3)
        fourth = self.club._enrol(self.env["res.partner"].create({"name": "Dan"}))
        with self.assertRaisesRegex(UserError, "is full"):
            self.pool._invite(self.member, fourth)
        other = self.env["club.pool"]._found(fourth, "Friends")
        with self.assertRaisesRegex(UserError, "1 pools at a time"):
            other._invite(fourth, self.member_2)._accept()
        with self.assertRaisesRegex(UserError, "1 pools at a time"):
            self.env["club.pool"]._found(self.member_2, "Mine")

    def test_only_the_founder_invites_sets_terms_and_closes(self):
        for call in (
            lambda: self.pool._invite(self.member_2, self.member_3),
            lambda: self.pool._make_link(self.member_2),
            lambda: self.place._set_terms(self.member_2, "contributor", 0),
            lambda: self.pool._close(self.member_2),
        ):
            with self.assertRaisesRegex(UserError, "Only the founder"):
                call()

    def test_a_link_lets_in_for_some_days_and_only_while_it_is_the_latest(self):
        old = self.pool._make_link(self.member)
        link = self.pool._make_link(self.member)
        find = self.env["club.pool"]._find_by_link
        self.assertFalse(find(old) or find("") or find("x" * 99))
        self.assertEqual(find(link), self.pool)
        row = self.pool._join_by_link(self.member_3, link)
        self.assertEqual((row.role, row.state), ("contributor", "active"))
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.assertFalse(find(link))

    def test_members_of_another_club_cannot_be_invited(self):
        other_club = self.env["club.club"].create({"name": "Other", "tz": "UTC", "pool_active": True})
        stranger = other_club._enrol(self.partner_3)
        with self.assertRaisesRegex(UserError, "same club"):
            self.pool._invite(self.member, stranger)

    def test_a_pool_is_nobody(self):
        self.assertEqual((self.account.state, self.account.active, self.account.number), ("account", False, False))
        self.assertFalse(self.account.event_ids, "an account has not joined")
        self.assertFalse(self.account.tier_id or self.account.tier_history_ids)
        self.assertNotIn(self.account, self.env["club.member"].search([("club_id", "=", self.club.id)]))
        self.assertFalse(self.account.partner_id.active)
        self.assertEqual(self.card._club_member(), self.account)

    # -- putting in ------------------------------------------------------------------------------------

    def test_a_contribution_moves_lots_with_expiry_cohort_and_contributor(self):
        contribution = self.put(self.place, 40, "a", expires_on=date(2998, 1, 1))
        self.assertEqual(self.points_of(self.member, self.account), [0, 40])
        lot = self.account.lot_ids.filtered("remaining")
        self.assertEqual((lot.expires_on, lot.entry_id.root_id.key), (date(2998, 1, 1), "a"))
        self.assertEqual((lot.entry_id.origin_model, lot.entry_id.origin_id), (contribution._name, contribution.id))
        self.assertInvariantsHold()

    def test_abuse_10_welcome_gifts_cannot_be_pooled(self):
        self.buy(50, "a", type="join")
        with self.assertRaisesRegex(UserError, "You can give 0 Points"):
            self.env["club.pool.contribution"]._contribute(self.place, 10)

    def test_the_months_limit_and_the_same_form_twice(self):
        self.club.pool_most_month = 30
        self.buy(100, "a")
        contribute = self.env["club.pool.contribution"]._contribute
        self.assertEqual(contribute(self.place, 20, "f1"), contribute(self.place, 20, "f1"))
        with self.assertRaisesRegex(UserError, "10 Points more into pools"):
            contribute(self.place, 11)
        contribute(self.place, 10)
        self.assertEqual(self.points_of(self.account), [30])

    # -- spending --------------------------------------------------------------------------------------

    def test_a_spender_pays_an_order_from_the_pool_and_cancelling_gives_back_to_its_lots(self):
        self.put(self.place_2, 40, "b", expires_on=date(2998, 1, 1))
        order = self.order(30)
        self.assertEqual(order.amount_total, 70)
        order.action_confirm()
        self.assertEqual(self.points_of(self.account, self.member, self.member_2), [10, 0, 0])
        spent = self.account.entry_ids.filtered(lambda entry: entry.kind == "spend")
        self.assertEqual((spent.origin_model, spent.origin_id, spent.points), ("sale.order", order.id, -30))
        order._action_cancel()
        self.assertEqual(self.points_of(self.account), [40])
        self.assertEqual(self.account.lot_ids.filtered("remaining").expires_on, date(2998, 1, 1))
        self.assertInvariantsHold()

    def test_a_returned_order_gives_its_points_back_to_the_pool(self):
        self.put(self.place, 40, "a")
        order = self.order(30)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        refund.action_post()
        self.assertEqual(self.points_of(self.account), [40])
        self.assertInvariantsHold()

    def test_abuse_4_only_those_who_may_spend_pay_with_a_pools_card(self):
        self.put(self.place, 40, "a")
        self.place_2._set_terms(self.member, "contributor", 0)
        for partner in (self.partner_2, self.partner_3, self.env["res.partner"].create({"name": "Nobody"})):
            with self.assertRaisesRegex(UserError, "may not spend"):
                self.order(10, partner)
        order = self.order(10)
        order.partner_id = self.partner_3
        with self.assertRaisesRegex(UserError, "may not spend|not those of"):
            order.action_confirm()
        self.assertEqual(self.points_of(self.account), [40])

    def test_who_left_the_pool_pays_no_quotation_with_it(self):
        self.put(self.place, 40, "a")
        order = self.order(10, self.partner_2)
        self.pool._leave(self.place_2)
        with self.assertRaisesRegex(UserError, "may not spend"):
            order.action_confirm()

    def test_never_22_a_paid_order_keeps_what_it_was_promised_when_its_buyer_leaves_the_pool(self):
        self.put(self.place, 40, "a")
        order = self.order(10, self.partner_2)
        self.pool._leave(self.place_2)
        with patch.object(type(order), "_club_is_money_taken", lambda order: True):
            order.action_confirm()
        self.assertEqual((order.state, self.points_of(self.account)), ("sale", [30]))
        self.assertInvariantsHold()

    def test_a_spenders_limit_of_the_month_counts_all_its_orders_and_what_came_back(self):
        self.put(self.place, 100, "a")
        self.place_2._set_terms(self.member, "spender", 30)
        first = self.order(20, self.partner_2)
        first.action_confirm()
        second = self.order(10, self.partner_2)
        second.action_confirm()
        with self.assertRaisesRegex(UserError, "only 0 Points more"), self.env.cr.savepoint():
            self.order(1, self.partner_2).action_confirm()
        first._action_cancel()
        self.order(20, self.partner_2).action_confirm()
        self.order(30).action_confirm()
        self.assertEqual(self.points_of(self.account), [40])
        self.assertInvariantsHold()

    def test_a_spenders_limit_counts_what_is_being_paid_and_what_is_confirmed_together(self):
        """never 21: two payments begun, or two quotations at once, would each see the whole limit."""
        self.put(self.place, 100, "a")
        self.place_2._set_terms(self.member, "spender", 30)
        with self.assertRaisesRegex(UserError, "only 0 Points more"), self.env.cr.savepoint():
            (self.order(30, self.partner_2) | self.order(30, self.partner_2)).action_confirm()
        first, second = self.order(20, self.partner_2), self.order(20, self.partner_2)
        payment = self.begin_payment(first)
        with self.assertRaisesRegex(UserError, "only 10 Points more"), self.env.cr.savepoint():
            self.begin_payment(second)
        with self.assertRaisesRegex(UserError, "only 10 Points more"), self.env.cr.savepoint():
            second.action_confirm()
        self.begin_payment(self.order(60))
        payment._set_done()
        payment._post_process()
        self.assertEqual(first.state, "sale")
        self.assertEqual(self.points_of(self.account), [80])
        self.assertInvariantsHold()

    def test_never_22_nobody_leaves_the_club_while_paying_with_the_pool(self):
        self.put(self.place, 100, "a")
        order = self.order(20, self.partner_2)
        payment = self.begin_payment(order)
        with self.assertRaisesRegex(UserError, "is being paid"), self.env.cr.savepoint():
            self.member_2._leave()
        self.member._leave()
        payment._set_done()
        payment._post_process()
        self.assertEqual((order.state, self.points_of(self.account)), ("sale", [0]))
        self.member_2._leave()
        self.assertInvariantsHold()

    def test_a_pool_cannot_be_overspent_by_quotations_confirmed_together(self):
        """never 21"""
        self.put(self.place, 40, "a")
        orders = self.order(30) | self.order(30, self.partner_2)
        with self.assertRaises(NotEnoughPoints):
            orders.action_confirm()

    def test_one_order_uses_own_points_or_the_pools(self):
        self.put(self.place, 40, "a")
        self.buy(40, "own")
        order = self.order(10)
        order._club_apply_points(self.member.card_id, self.reward, 20)
        self.assertEqual(order.order_line.coupon_id, self.member.card_id)
        order._club_apply_points(self.card, self.reward, 5)
        self.assertEqual(order.order_line.coupon_id, self.card)
        order.action_confirm()
        self.assertEqual(self.points_of(self.account, self.member), [35, 40])

    def test_a_reward_limited_per_member_counts_the_pools_card_for_its_buyer(self):
        """A member in a pool could have it once more with every card; and took it from the others in the pool."""
        self.put(self.place, 200, "a")
        self.post(200, "own")
        gift = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "percent",
                "discount": 5,
                "required_points": 50,
                "club_limit": 1,
            }
        )
        self.claim(gift, self.member.card_id).action_confirm()
        with self.assertRaisesRegex(UserError, "1 times a month"):
            self.claim(gift, self.card)
        bens = self.claim(gift, self.card, self.partner_2)
        again = self.claim(gift, self.card, self.partner_2)
        bens.action_confirm()
        with self.assertRaisesRegex(UserError, "1 times a month"), self.env.cr.savepoint():
            again.action_confirm()
        self.assertEqual(self.points_of(self.account, self.member), [150, 150])
        self.assertInvariantsHold()

    def claim(self, reward, card, partner=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [Command.create({"product_id": self.product.id, "tax_ids": False})],
            }
        )
        order.applied_coupon_ids |= card
        order._update_programs_and_rewards()
        status = order._apply_program_reward(reward, card)
        self.assertNotIn("error", status or {})
        return order

    def test_a_member_knows_whose_accounts_it_may_spend(self):
        self.assertEqual(self.member_2._get_spendable_accounts(), self.account)
        self.place_2._set_terms(self.member, "contributor", 0)
        self.assertFalse(self.member_2._get_spendable_accounts())
        self.assertFalse(self.member_3._get_spendable_accounts())

    def test_a_pools_order_earns_for_the_buyer_and_nothing_for_the_pool(self):
        """never 11"""
        self.put(self.place, 40, "a")
        order = self.order(40)
        order.action_confirm()
        self.env.cr.flush()
        self.assertFalse(self.account.entry_ids.filtered(lambda entry: entry.kind == "earn"))
