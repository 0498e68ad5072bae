"""What a simulation gives is, entry by entry, what the ledger posted when the same rules ran for real."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from psycopg2.errors import ReadOnlySqlTransaction

from . import test_earning_random
from .simulation_common import START, SimulationCase


@tagged("post_install", "-at_install")
class TestTheSameRulesOnTheSameOrders(SimulationCase):
    """Done when: the simulator's total over the past equals, entry by entry, what the ledger posts."""

    def buy(self, *lines, member=None):
        order = self.sell(*lines, partner=(member or self.member).partner_id)
        self.later()
        return order

    def buy_some(self):
        for number in range(1, 5):
            self.buy((self.product, number, 9.5), (self.by_delivery, 1, 20.0 * number))
            self.buy((self.product, 2, 33.3), member=self.member_2)

    def test_points_for_each_full_amount(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        self.buy_some()
        self.assertSimulated(least=8)

    def test_steps_flat_and_progressive(self):
        steps = [
            Command.create({"from_amount": 0, "points": 1, "per_amount": 10}),
            Command.create({"from_amount": 60, "points": 3, "per_amount": 10}),
        ]
        self.rules(
            {"formula": "steps_flat", "step_ids": steps}, {"formula": "steps_progressive", "step_ids": steps}
        )
        self.buy_some()
        self.assertSimulated(least=10)

    def test_given_products_units_and_least_amounts(self):
        self.rules(
            {"formula": "per_unit", "points": 3, "product_ids": [Command.set(self.product.ids)]},
            {"formula": "fixed", "points": 7, "min_amount": 60, "categ_ids": [Command.set(self.product.categ_id.ids)]},
        )
        self.buy_some()
        self.assertSimulated(least=10)

    def test_the_nth_purchase_again_within_days_and_so_many_in_a_period(self):
        self.rules(
            {"formula": "fixed", "points": 5, "nth_mode": "every", "nth": 2},
            {"formula": "fixed", "points": 3, "within_days": 2},
            {"formula": "fixed", "points": 4, "frequency_count": 3, "frequency_period": "week"},
            {"formula": "fixed", "points": 2, "nth_mode": "exact", "nth": 1},
        )
        self.buy_some()
        cancelled = self.buy((self.product, 1, 10.0))
        cancelled._action_cancel()
        self.later()
        self.buy((self.product, 1, 10.0))
        self.buy((self.product, 1, 10.0))
        self.assertSimulated(least=8)

    def test_a_new_category_counts_once_and_again_after_a_return(self):
        category = self.env["product.category"].create({"name": "Seeds"})
        seeds = self.env["product.product"].create(
            {"name": "Seeds", "categ_id": category.id, "list_price": 10.0, "taxes_id": False, "invoice_policy": "order"}
        )
        self.rules({"formula": "fixed", "points": 9, "first_in_category": True})
        self.buy((self.product, 1, 10.0))
        order = self.buy((seeds, 1, 10.0))
        order._action_cancel()
        self.later()
        self.buy((seeds, 1, 10.0), (self.product, 1, 3.0))
        self.buy((seeds, 1, 10.0))
        self.assertSimulated(least=2)

    def test_limits_of_an_event_a_member_and_a_rule(self):
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 1, "limit_event": 25},
            {"formula": "per_amount", "points": 1, "per_amount": 2, "limit_member": 30, "limit_period": "month"},
            {"formula": "per_amount", "points": 1, "per_amount": 3, "limit_club": 40},
        )
        self.buy_some()
        self.later(days=30)
        self.buy_some()
        self.assertSimulated(least=12)

    def test_a_return_gives_back_what_it_used_of_a_limit(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1, "limit_member": 50, "limit_period": "month"})
        order = self.buy((self.product, 4, 10.0))
        self.buy((self.product, 4, 10.0))
        order._action_cancel()
        self.later()
        self.buy((self.product, 4, 10.0))
        self.assertSimulated(least=3)

    def test_the_club_s_budget(self):
        self.club.write({"budget_points": 60, "budget_period": "month"})
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 5, "sequence": 5},
            {"formula": "per_amount", "points": 1, "per_amount": 3, "sequence": 6},
        )
        self.buy_some()
        self.later(days=30)
        self.buy_some()
        self.assertSimulated(least=8)

    def test_a_budget_that_is_a_share_of_sales(self):
        self.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        self.club.write({"budget_kind": "share", "budget_share": 3, "budget_period": "month"})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 5})
        self.buy_some()
        self.assertSimulated(least=3)
        club = ("club_id", "=", self.club.id)
        entries = self.env["club.point.entry"].search([club, ("rule_id", "!=", False), ("kind", "=", "earn")])
        sales = sum(self.env["club.event"].search([club, ("type", "=", "purchase")]).mapped("amount"))
        self.assertLessEqual(sum(entries.mapped("points")) * 0.5, sales * 0.03)

    def test_the_best_of_a_group(self):
        self.rules(
            {"formula": "fixed", "points": 6, "stacking": "best", "stacking_group": "g"},
            {"formula": "per_amount", "points": 1, "per_amount": 10, "stacking": "best", "stacking_group": "g"},
            {"formula": "fixed", "points": 1},
        )
        self.buy_some()
        self.assertSimulated(least=16)

    def test_the_multiplier_of_the_tier_that_a_member_had(self):
        tiers = self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Basic", "threshold": 0, "multiplier": 1},
                {"club_id": self.club.id, "name": "Gold", "threshold": 40, "multiplier": 2},
            ]
        )
        self.club.write({"tier_basis": "amount", "earn_when": "confirmed"})
        self.club.action_review_tiers()
        self.later()
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 10, "use_multiplier": True},
            {"formula": "fixed", "points": 5, "tier_ids": [Command.set(tiers[1].ids)]},
            {"event_type": "tier", "formula": "fixed", "points": 11, "use_multiplier": False},
        )
        self.buy_some()
        self.env["club.event"].search([("processed_at", "=", False)])._process()
        self.assertEqual(self.member.tier_id, tiers[1])
        self.assertSimulated(least=10)

    def test_a_sale_that_grows_is_looked_at_with_the_tier_of_then(self):
        """Twelve points bring Gold; what the sale grows by counts one and a half times."""
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Basic", "threshold": 0, "multiplier": 1},
                {"club_id": self.club.id, "name": "Gold", "threshold": 30, "multiplier": 1.5},
            ]
        )
        self.club.write({"tier_basis": "amount", "earn_when": "confirmed"})
        self.club.action_review_tiers()
        self.later()
        self.rules({"formula": "per_amount", "points": 3, "per_amount": 10, "use_multiplier": True})
        order = self.buy((self.product, 4, 10.0))
        self.assertEqual((self.owned(), self.member.tier_id.name), (12, "Gold"))
        order.order_line.product_uom_qty = 6
        self.later()
        self.assertEqual(self.owned(), 21, "9 for 20 more, at once and a half")
        self.assertSimulated(least=2)

    def test_members_who_climb_in_the_simulation_climb_as_they_did(self):
        """The tiers of the time set aside, the simulation finds them again, and the points that hang on them."""
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Basic", "threshold": 0, "multiplier": 1},
                {"club_id": self.club.id, "name": "Gold", "threshold": 20, "multiplier": 2},
                {"club_id": self.club.id, "name": "Black", "threshold": 60, "multiplier": 3},
            ]
        )
        self.club.write({"tier_basis": "points", "earn_when": "confirmed"})
        self.club.action_review_tiers()
        self.later()
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 5, "use_multiplier": True})
        self.buy_some()
        self.assertEqual(self.member.tier_id.name, "Black")
        record = self.simulation()
        setting = record.setup_ids[0]._to_setting()
        self.patch(type(record.setup_ids), "_to_setting", lambda setup: setting._replace(by_history=False))
        self.assertSimulated(record, least=8)

    def test_expiry_after_months_on_a_fixed_day_and_of_the_rule_itself(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 13})
        self.rules(
            {"formula": "fixed", "points": 5},
            {"formula": "fixed", "points": 6, "expiry_months": 2},
        )
        self.buy_some()
        self.club.write({"expiry_policy": "fixed_day", "expiry_month": 3, "expiry_day": 1, "expiry_grace_months": 2})
        with self.subTest("what was given before keeps its day, so only the new ones are compared"):
            marks = {entry[2] for entry in self.read_ledger()[0]}
            self.buy_some()
            earned = [entry for entry in self.read_ledger()[0] if entry[2] not in marks]
            simulated = [entry for entry in self.read_simulated(self.simulate())[0] if entry[2] not in marks]
            self.assertEqual(simulated, earned)
            self.assertTrue(all(entry[4] for entry in earned))

    def test_returns_of_lines_take_back_what_the_rule_counted_of_them(self):
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 3},
            {"formula": "per_unit", "points": 2, "product_ids": [Command.set(self.product.ids)]},
            {"formula": "fixed", "points": 10, "product_ids": [Command.set(self.by_delivery.ids)]},
        )
        order = self.buy((self.product, 5, 9.5), (self.by_delivery, 3, 7.0))
        order.order_line[0].product_uom_qty = 2
        self.later()
        order.order_line[1].product_uom_qty = 1
        self.later()
        order.order_line[0].product_uom_qty = 6
        self.later()
        order.order_line[0].product_uom_qty = 0
        self.later()
        self.assertSimulated(least=4)

    def test_money_back_into_the_wallet(self):
        if "has_wallet" not in self.club._fields:
            self.skipTest("no wallet")
        self.club._open_wallet() if hasattr(self.club, "_open_wallet") else self.club.write({"has_wallet": True})
        if not self.club.has_wallet:
            self.skipTest("the wallet needs accounts")
        self.rules({"formula": "percent", "points": 2.5, "gives": "money"}, {"formula": "fixed", "points": 3})
        self.buy_some()
        self.assertSimulated(least=16)

    def test_facts_that_are_no_purchases_and_those_revoked(self):
        self.rules(
            {"event_type": "visit", "formula": "fixed", "points": 2, "nth_mode": "every", "nth": 2},
            {"event_type": "custom", "formula": "per_unit", "points": 1},
        )
        events = self.env["club.event"]
        for number in range(6):
            events |= events._report(
                [
                    {"member_id": self.member.id, "type": "visit", "key": f"visit {number}"},
                    {
                        "member_id": self.member.id,
                        "type": "custom",
                        "key": f"custom {number}",
                        "payload": {"quantity": "3"},
                    },
                ]
            )
            self.later()
        events.filtered(lambda event: event.key in ("visit 3", "custom 1"))._revoke("gone")
        self.later()
        events._report([{"member_id": self.member.id, "type": "visit", "key": "visit 7"}])
        self.assertSimulated(least=8)

    def test_rules_that_are_made_real_later_give_what_their_set_up_gave(self):
        """The orders of a member who earned nothing, simulated; then the same orders once more with the rules on."""
        self.buy((self.product, 3, 11.0))
        record = self.simulation()
        draft = record.setup_ids.filtered(lambda setup: setup.kind == "draft")
        rule = self.rules({"formula": "per_amount", "points": 2, "per_amount": 5, "active": False})
        draft.rule_ids = [Command.create({"rule_id": rule.id})]
        (entry,) = self.simulate(record, "draft").entries
        self.assertEqual((entry.points, entry.rule), (12, rule.id))
        draft.action_apply()
        self.assertTrue(rule.active)
        self.buy((self.product, 3, 11.0), member=self.member_2)
        self.assertEqual(self.owned(self.member_2), 12)


@tagged("post_install", "-at_install")
class TestARandomLifeSimulated(SimulationCase, test_earning_random.TestARandomLife):
    """Orders that are changed, credited, cancelled and confirmed again at random (property test, seeded)."""

    test_points_follow_the_sale_through_any_life = None

    def test_the_simulation_follows_any_life_of_any_order(self):
        self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 1},
            {"formula": "per_unit", "points": 2, "product_ids": [Command.set(self.product.ids)]},
            {"formula": "fixed", "points": 10, "nth_mode": "every", "nth": 2},
            {"formula": "per_amount", "points": 1, "per_amount": 2, "limit_member": 40, "limit_period": "month"},
        )
        for seed in range(4):
            dice = random.Random(seed)
            orders = []
            for number in range(3):
                partner = dice.choice([self.partner, self.partner_2])
                order = self.quote(
                    (self.product, dice.randint(1, 4), 10.0), (self.product, 2, 7.0 + number), partner=partner
                )
                order.action_confirm()
                orders.append(order)
                self.later(minutes=dice.randint(5, 3000))
            for _step in range(10):
                step = dice.choice([self.change, self.bill, self.take_money, self.credit, self.cancel])
                try:
                    with self.cr.savepoint():
                        step(dice.choice(orders), dice)
                except UserError:
                    continue
                self.later(minutes=dice.randint(5, 3000))
            with self.subTest(seed=seed):
                self.assertSimulated(least=3)


@tagged("post_install", "-at_install")
class TestASimulationTouchesNothing(SimulationCase):
    def count(self):
        """Rows of every table but those of simulations; and what a change of a row would change."""
        return {name: self.rows_of(name) for name in self.tables()}

    def tables(self):
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'club_simulation%' "
            "AND tablename NOT LIKE 'ir_attachment%' ORDER BY 1"
        )
        return [name for (name,) in self.env.cr.fetchall()]

    def rows_of(self, name):
        # The transaction that wrote a row last: it counts rows and tells their changes.
        self.env.cr.execute(f'SELECT COUNT(*), COALESCE(SUM(xmin::text::bigint % 1000003), 0) FROM "{name}"')
        return self.env.cr.fetchone()

    def test_nothing_but_the_simulation_s_own_result_is_written(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        self.sell((self.product, 3, 10.0))
        self.later(days=1)
        record = self.simulation()
        record.setup_ids[1].rule_ids[0].action_change()
        self.env.flush_all()
        before = self.count()
        record.action_run()
        self.env.flush_all()
        self.assertEqual(self.count(), before)
        self.assertEqual(record.setup_ids[0].result["points"], 30)

    def test_the_database_refuses_whatever_would_write_while_it_runs(self):
        record = self.simulation()

        def write(simulation, setup):
            simulation.env.cr.execute("UPDATE res_partner SET name = name WHERE id = %s", [self.partner.id])

        self.patch(type(record), "_simulate", write)
        with self.assertRaises(ReadOnlySqlTransaction), self.cr.savepoint():
            record.action_run()
        self.partner.write({"name": "Anna B."})
        self.env.flush_all()  # and afterwards it may write again

    def test_a_copy_of_a_rule_never_fires(self):
        rule = self.rules({"formula": "fixed", "points": 10})
        record = self.simulation()
        line = record.setup_ids[1].rule_ids
        line.action_change()
        self.assertNotEqual(line.rule_id, rule)
        line.rule_id.points = 500
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.owned(), 10)
        self.assertGreater(fields.Date.today(), START.date() - timedelta(days=1))
