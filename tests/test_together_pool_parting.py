"""Leaving, closing and merging pools: everybody has their part, and nothing is left."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_together_pool import PoolCase


@tagged("post_install", "-at_install")
class TestPartingFromAPool(PoolCase):
    def test_what_is_left_is_shared_in_proportion_to_what_each_brought(self):
        self.put(self.place, 60, "a", expires_on=date(2997, 1, 1))
        self.put(self.place_2, 30, "b")
        self.order(30).action_confirm()
        self.assertEqual((self.part(self.place), self.part(self.place_2)), (40, 20))
        self.pool._leave(self.place_2)
        self.assertEqual(self.points_of(self.account, self.member_2), [40, 20])
        self.assertEqual(self.part(self.place), 40)
        self.assertEqual(
            set(self.member_2.lot_ids.filtered("remaining").mapped("expires_on")),
            {False},
            "the own points come first",
        )
        self.assertInvariantsHold()

    def test_others_points_keep_their_day_when_the_own_are_spent(self):
        self.put(self.place, 60, "a", expires_on=date(2999, 1, 1))
        self.put(self.place_2, 60, "b", expires_on=date(2997, 1, 1))
        self.order(60).action_confirm()
        self.pool._leave(self.place_2)
        left = self.member_2.lot_ids.filtered("remaining")
        self.assertEqual((sum(left.mapped("remaining")), left.expires_on), (30, date(2999, 1, 1)))
        self.assertEqual(left.entry_id.root_id.key, "a")
        self.assertInvariantsHold()

    def test_what_expires_in_the_pool_is_the_loss_of_who_brought_it(self):
        day = self.club._get_today() + timedelta(days=1)
        self.put(self.place, 50, "a", expires_on=day)
        self.put(self.place_2, 50, "b")
        with freeze_time(fields.Datetime.now() + timedelta(days=3)), self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire()
            self.assertEqual((self.part(self.place), self.part(self.place_2)), (0, 50))
        self.assertEqual(self.points_of(self.account), [50])
        self.assertInvariantsHold()

    def test_points_that_a_payment_holds_stay_when_somebody_leaves(self):
        self.put(self.place, 50, "a")
        self.put(self.place_2, 50, "b")
        Entry = type(self.env["club.point.entry"])
        with patch.object(Entry, "_get_held_points", lambda entry, asked: dict.fromkeys(asked, 60)):
            with self.assertRaisesRegex(UserError, "under way"):
                self.pool._close(self.member)
            self.pool._leave(self.place_2)
        self.assertEqual(self.points_of(self.account, self.member_2), [80, 20])
        self.assertInvariantsHold()

    def test_when_the_founder_leaves_who_joined_first_of_the_spenders_follows(self):
        third = self.join(self.member_3)
        self.place_2._set_terms(self.member, "contributor", 0)
        self.pool._leave(self.place)
        self.assertEqual(self.pool.founder_id, self.member_3)
        self.pool._leave(third)
        self.assertEqual(self.pool.founder_id, self.member_2)
        self.pool._leave(self.place_2)
        self.assertEqual(self.pool.state, "closed")

    def test_closing_gives_everybody_their_part_and_nothing_is_left(self):
        self.put(self.place, 50, "a")
        self.put(self.place_2, 25, "b")
        before = self.cohorts()
        self.pool._close(self.member)
        self.assertEqual(self.points_of(self.account, self.member, self.member_2), [0, 50, 25])
        self.assertEqual((self.pool.state, self.cohorts()), ("closed", before))
        with self.assertRaisesRegex(UserError, "closed"):
            self.pool._invite(self.member, self.member_3)
        self.assertInvariantsHold()

    def test_what_comes_back_to_a_closed_pool_goes_to_who_brought_it(self):
        self.put(self.place, 50, "a")
        self.put(self.place_2, 25, "b")
        order = self.order(60)
        order.action_confirm()
        self.pool._close(self.member)
        order._action_cancel()
        self.env.flush_all()
        self.env.cr.execute("UPDATE club_pool SET touched_at = touched_at - interval '1 day'")
        with self.jobs_in_test():
            self.env["club.pool"]._cron_return_late()
            self.env["club.pool"]._cron_return_late()
        self.assertEqual(sum(self.points_of(self.member, self.member_2)), 75)
        self.assertEqual(self.points_of(self.account), [0])
        self.assertInvariantsHold()

    def test_what_a_pool_owes_is_shared_in_proportion(self):
        self.put(self.place, 60, "a")
        self.put(self.place_2, 30, "b")
        self.order(90).action_confirm()
        self.post(-30, "late", member=self.account, happened=True)
        self.assertEqual((self.part(self.place), self.part(self.place_2)), (-20, -10))
        self.pool._close(self.member)
        self.assertEqual(self.points_of(self.account, self.member, self.member_2), [0, -20, -10])
        self.assertInvariantsHold()

    def test_leaving_the_club_takes_the_part_out_of_the_pool_first(self):
        self.club.write({"leave_policy": "expire"})
        self.put(self.place, 60, "a")
        self.put(self.place_2, 30, "b")
        self.member_2._leave()
        self.assertEqual((self.place_2.state, self.points_of(self.account, self.member_2)), ("left", [60, 0]))
        expired = self.member_2.entry_ids.filtered(lambda entry: entry.kind == "expire")
        self.assertEqual(sum(expired.mapped("points")), -30)
        self.assertInvariantsHold()

    def test_a_member_that_is_merged_shares_as_its_heir(self):
        self.put(self.place_2, 30, "b")
        self.member_2._absorb_into(self.member_3)
        self.assertEqual(self.place_2.member_id, self.member_3)
        self.pool._leave(self.place_2)
        self.assertEqual(self.points_of(self.member_3), [30])
        self.assertInvariantsHold()

    def test_two_in_one_pool_that_become_one_share_once(self):
        self.put(self.place, 60, "a")
        self.put(self.place_2, 30, "b")
        self.member_2._absorb_into(self.member)
        self.assertEqual(self.pool._get_rows(), self.place)
        self.assertEqual(self.points_of(self.account, self.member), [60, 30])
        self.assertInvariantsHold()

    def test_an_erased_member_leaves_the_pool(self):
        self.put(self.place_2, 30, "b")
        self.member_2._erase()
        self.assertEqual((self.place_2.state, self.points_of(self.account)), ("left", [0]))
        self.assertInvariantsHold()

    def test_only_managers_close_somebody_elses_pool(self):
        clerk = new_test_user(self.env, "pool_clerk", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            self.pool.with_user(clerk).action_close()
        manager = new_test_user(self.env, "pool_boss", groups="customer_club.group_club_manager")
        self.pool.with_user(manager).action_close()
        self.assertEqual(self.pool.state, "closed")

    def test_the_history_names_the_pool(self):
        self.put(self.place_2, 30, "b")
        self.pool._leave(self.place_2)
        texts = [row["text"] for row in self.member_2._get_history()[0]]
        self.assertIn("Into the pool Family: −30 Points", texts)
        self.assertIn("Back from the pool Family: +30 Points", texts)

    def test_a_seller_uses_the_points_of_the_customers_pool(self):
        self.put(self.place, 40, "a")
        order = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [Command.create({"product_id": self.product.id})]}
        )
        self.assertTrue(order.club_has_pools)
        order.action_club_pool()
        self.assertIn(self.card, order.applied_coupon_ids)
        self.assertIn(self.card, order._get_claimable_rewards() or order.order_line.coupon_id)
        stranger = order.copy({"partner_id": self.partner_3.id})
        self.assertFalse(stranger.club_has_pools)
        with self.assertRaisesRegex(UserError, "in no pool"):
            stranger.action_club_pool()
