"""A random life of gifts and pools: nothing is lost or made, and no point lives longer for having been moved."""

import random
from datetime import date, timedelta

from odoo import fields
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

STEPS = 60

#: Chance asked for something that there is not: nothing happens then.
NOTHING = "nothing to do"


@tagged("post_install", "-at_install")
class TestRandomLifeTogether(TogetherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"gift_again_days": 0, "gift_alert_givers": 0, "pool_per_member": 2})
        cls.people = cls.member | cls.member_2 | cls.member_3
        cls.product.write({"list_price": 1000, "type": "service"})
        cls.reward = cls.club.program_id.reward_ids[:1]
        cls.reward.write({"discount": 1, "required_points": 1})

    def life(self, seed):
        chance = random.Random(seed)
        self.pools = self.env["club.pool"]
        for number in range(STEPS):
            step = chance.choice(
                ["buy", "give", "accept", "decline", "undo", "found", "join", "put", "put", "leave", "spend", "cancel"]
            )
            try:
                with self.env.cr.savepoint():
                    getattr(self, f"do_{step}")(chance, f"{seed}:{number}")
            except UserError:
                continue
            self.check()

    def check(self):
        """Points of an issue that are anywhere, spent or expired are what was issued; their day is the issue's."""
        self.assertInvariantsHold()
        self.env.cr.execute(
            """SELECT root.id, root.points, root.expires_on, SUM(lot.remaining), array_agg(DISTINCT e.expires_on)
                 FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                 JOIN club_point_entry root ON root.id = COALESCE(e.root_id, e.id)
                WHERE lot.club_id = %s GROUP BY root.id""",
            (self.club.id,),
        )
        left = {}
        for root, points, expires_on, remaining, days in self.env.cr.fetchall():
            self.assertEqual(days, [expires_on], "no point lives longer for having been moved")
            self.assertLessEqual(remaining, points)
            left[root] = remaining
        self.env.cr.execute(
            """SELECT COALESCE(made.root_id, made.id), SUM(a.points)
                 FROM club_point_allocation a JOIN club_point_entry taker ON taker.id = a.entry_id
                 LEFT JOIN club_point_entry undone ON undone.id = taker.reverses_id
                 JOIN club_point_lot lot ON lot.id = a.lot_id JOIN club_point_entry made ON made.id = lot.entry_id
                WHERE lot.club_id = %s AND COALESCE(undone.kind, taker.kind) <> 'transfer' GROUP BY 1""",
            (self.club.id,),
        )
        used = dict(self.env.cr.fetchall())
        for root, remaining in left.items():
            issued = self.env["club.point.entry"].browse(root).points
            self.assertEqual(float(remaining) + float(used.get(root, 0)), issued)

    # -- steps -----------------------------------------------------------------------------------------

    def pick(self, chance):
        return self.people[chance.randrange(len(self.people))]

    def do_buy(self, chance, key):
        day = chance.choice([False, date(2998, 1, 1), date(2999, 1, 1)])
        self.buy(chance.randint(1, 90), key, member=self.pick(chance), expires_on=day)

    def do_give(self, chance, key):
        self.pick(chance)._give(self.pick(chance), chance.randint(1, 60), form_key=key)

    def waiting(self, chance, states):
        gifts = self.env["club.gift"].search([("state", "in", states), ("club_id", "=", self.club.id)])
        if not gifts:
            raise UserError(NOTHING)
        return gifts[chance.randrange(len(gifts))]

    def do_accept(self, chance, _key):
        gift = self.waiting(chance, ["offered"])
        gift._accept()
        if chance.random() < 0.7:
            gift.spendable_at = fields.Datetime.now() - timedelta(hours=1)
            gift._advance()

    def do_decline(self, chance, _key):
        self.waiting(chance, ["offered"])._decline()

    def do_undo(self, chance, _key):
        self.waiting(chance, ["offered", "accepted"])._undo()

    def do_found(self, chance, key):
        self.pools |= self.env["club.pool"]._found(self.pick(chance), "Family", key)

    def open_pool(self, chance):
        pools = self.pools.filtered(lambda pool: pool.state == "open")
        if not pools:
            raise UserError(NOTHING)
        return pools[chance.randrange(len(pools))]

    def do_join(self, chance, _key):
        pool = self.open_pool(chance)
        pool._invite(pool.founder_id, self.pick(chance))._accept()

    def do_put(self, chance, key):
        rows = self.open_pool(chance)._get_rows()
        self.env["club.pool.contribution"]._contribute(rows[chance.randrange(len(rows))], chance.randint(1, 60), key)

    def do_leave(self, chance, _key):
        pool = self.open_pool(chance)
        rows = pool._get_rows()
        before = sum(self.people.mapped("points")) + pool.points
        pool._leave(rows[chance.randrange(len(rows))])
        self.env.invalidate_all()
        self.assertEqual(sum(self.people.mapped("points")) + pool.points, before)

    def do_spend(self, chance, _key):
        pool = self.open_pool(chance)
        rows = pool._get_rows()
        order = self.env["sale.order"].create(
            {
                "partner_id": rows[chance.randrange(len(rows))].member_id.partner_id.id,
                "order_line": [Command.create({"product_id": self.product.id, "tax_ids": False})],
            }
        )
        order._club_apply_points(pool.account_id.card_id, self.reward, chance.randint(1, 80))
        order.action_confirm()
        self.orders = getattr(self, "orders", []) + [order]

    def do_cancel(self, chance, _key):
        orders = [order for order in getattr(self, "orders", []) if order.exists() and order.state == "sale"]
        if not orders:
            raise UserError(NOTHING)
        chance.choice(orders)._action_cancel()

    # -- lives -----------------------------------------------------------------------------------------

    def test_no_life_loses_makes_or_prolongs_a_point(self):
        for seed in range(4):
            with self.subTest(seed=seed):
                self.life(seed)
        self.assertTrue(self.env["club.gift"].search_count([("state", "=", "done"), ("club_id", "=", self.club.id)]))
        self.assertTrue(self.pools)

    def test_a_full_circle_of_gift_and_pool_keeps_day_and_cohort(self):
        """never 3: an expiry is not laundered by moving points around."""
        self.club.write({"gift_accept": False, "gift_cooling_hours": 0})
        self.buy(50, "a", expires_on=date(2998, 1, 1))
        before = self.cohorts()
        self.member._give(self.member_2, 50)
        pool = self.env["club.pool"]._found(self.member_2, "Family")
        row = pool._get_row(self.member_2)
        self.env["club.pool.contribution"]._contribute(row, 50)
        pool._leave(row)
        self.member_2._give(self.member, 50)
        self.assertEqual(self.points_of(self.member, self.member_2), [50, 0])
        self.assertEqual([(root, points) for root, _day, points in self.cohorts()], [(before[0][0], 50)])
        left = self.member.lot_ids.filtered("remaining")
        self.assertEqual((left.expires_on, left.entry_id.root_id.key), (date(2998, 1, 1), "a"))
        self.assertInvariantsHold()
