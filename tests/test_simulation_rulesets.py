"""Any set of rules, over any life of orders: the simulation gives, entry by entry, what the ledger posts."""

import random
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from . import test_earning_random
from .simulation_common import START, SimulationCase

#: Which may be raised to look further; a busy machine needs 2 s for each.
EXAMPLES = 8


class _UndoError(Exception):
    pass


def _rule(number):
    """Values of one rule; products are named, and become ids where the rule is made."""
    amounts = st.sampled_from([0, 0, 0, 20, 60])
    limits = st.sampled_from([0, 0, 0, 15, 40])
    return st.fixed_dictionaries(
        {
            "name": st.just(f"Rule {number}"),
            "formula": st.sampled_from(
                ["fixed", "per_amount", "per_amount", "per_unit", "steps_flat", "steps_progressive"]
            ),
            "points": st.sampled_from([1, 2, 3, 7, 0.5]),
            "per_amount": st.sampled_from([1, 3, 10]),
            "products": st.sampled_from(["", "", "product", "by_delivery"]),
            "min_amount": amounts,
            "limit_event": limits,
            "limit_member": limits,
            "limit_period": st.sampled_from(["day", "week", "month", "lifetime"]),
            "limit_club": limits,
            "use_multiplier": st.booleans(),
            "expiry_months": st.sampled_from([0, 0, 3]),
            "stacking": st.sampled_from(["add", "add", "best"]),
            "counter": st.sampled_from(["", "", "", "", "every", "exact", "within", "frequency", "category"]),
            "hours": st.sampled_from([(0, 24), (0, 24), (0, 24), (0, 24), (0, 12), (20, 24)]),
            "sunday_too": st.booleans(),
            "sequence": st.integers(1, 3),
        }
    )


CLUBS = st.fixed_dictionaries(
    {
        "tz": st.sampled_from(["UTC", "Asia/Tehran", "America/Los_Angeles", "Pacific/Auckland"]),
        "calendar": st.sampled_from(["gregorian", "jalali"]),
        "earn_when": st.sampled_from(["confirmed", "invoiced", "paid"]),
        "hold_days": st.sampled_from([0, 14]),
        "points_digits": st.sampled_from(["0", "2"]),
        "earn_tax": st.sampled_from(["included", "excluded"]),
        "expiry": st.sampled_from([("never", 0), ("months", 2), ("months", 13), ("inactivity", 6), ("fixed_day", 1)]),
        "budget": st.sampled_from([("points", 0), ("points", 0), ("points", 60), ("share", 0.04)]),
        "budget_period": st.sampled_from(["month", "year"]),
        "tiers": st.sampled_from(["", "points", "amount"]),
    }
)


@tagged("post_install", "-at_install")
class TestAnyRulesOverAnyLife(SimulationCase, test_earning_random.TestARandomLife):
    """Rules, club and life are made by hypothesis; orders are in the company's currency or in yen, around midnight."""

    test_points_follow_the_sale_through_any_life = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.01}
        )
        yen = cls.env.ref("base.JPY")
        yen.active = True
        cls.env["res.currency.rate"].create({"currency_id": yen.id, "name": "2020-01-01", "rate": 160.25})
        cls.pricelists = {
            "": cls.env["product.pricelist"],
            "yen": cls.env["product.pricelist"].create({"name": "Yen", "currency_id": yen.id}),
        }
        cls.entries = cls.lives = 0
        cls.tax = cls.env["account.tax"].create({"name": "Ten", "amount": 10, "price_include_override": "tax_included"})

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(club=CLUBS, rules=st.tuples(_rule(1), _rule(2), _rule(3)), seed=st.integers(0, 10_000))
    def test_the_simulation_gives_what_the_ledger_has(self, club, rules, seed):
        try:
            with self.cr.savepoint():
                self.live_through(club, rules, random.Random(seed))
                raise _UndoError
        except _UndoError:
            self.cr.precommit.clear()
            self.env.invalidate_all(flush=False)
            self.env.registry.clear_cache()
            self.clock.move_to(START)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        assert cls.lives < EXAMPLES or cls.entries > EXAMPLES, f"{cls.entries} entries in all say little"

    # -- the club ----------------------------------------------------------------

    def set_up(self, club, rules):
        values = dict(club)
        kind, budget = values.pop("budget")
        policy, months = values.pop("expiry")
        basis = values.pop("tiers")
        values["expiry_policy"] = policy
        if policy in ("months", "inactivity"):
            values["expiry_months"] = months
        values["points_digits"] = int(values["points_digits"])
        self.club.write(
            {**values, "budget_kind": kind, "budget_points" if kind == "points" else "budget_share": budget}
        )
        if basis:
            self.env["club.tier"].create(
                [
                    {"club_id": self.club.id, "name": "Basic", "threshold": 0, "multiplier": 1},
                    {"club_id": self.club.id, "name": "Gold", "threshold": 30, "multiplier": 1.5},
                ]
            )
            self.club.tier_basis = basis
            self.club.action_review_tiers()
            self.later()
        self.rules(*(self.prepare(vals) for vals in rules))

    def prepare(self, vals):
        vals = dict(vals)
        products, counter = vals.pop("products"), vals.pop("counter")
        vals["hour_from"], vals["hour_to"] = vals.pop("hours")
        if not vals.pop("sunday_too"):
            vals.update(dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday"), True))
        if products:
            vals["product_ids"] = [Command.set(getattr(self, products).ids)]
        if vals["stacking"] == "best":
            vals["stacking_group"] = "g"
        if vals["formula"].startswith("steps"):
            vals["step_ids"] = [
                Command.create({"from_amount": 0, "points": 1, "per_amount": 10}),
                Command.create({"from_amount": 40, "points": 3, "per_amount": 10}),
            ]
        if counter in ("every", "exact"):
            vals.update(nth_mode=counter, nth=2)
        vals.update(
            {
                "within": {"within_days": 2},
                "frequency": {"frequency_count": 2, "frequency_period": "week"},
                "category": {"first_in_category": True},
            }.get(counter, {})
        )
        return vals

    # -- the life ----------------------------------------------------------------

    def live_through(self, club, rules, dice):
        self.set_up(club, rules)
        orders = []
        for number in range(4):
            orders.append(self.order(dice, number))
            self.later(minutes=dice.choice([1, 30, 700, 3000]))
            for _step in range(dice.randint(0, 3)):
                step = dice.choice([self.change, self.bill, self.take_money, self.credit, self.cancel])
                try:
                    with self.cr.savepoint():
                        step(dice.choice(orders), dice)
                except UserError:
                    continue
                self.later(minutes=dice.choice([5, 900, 3000, 40_000]))
        self.assertSimulated(least=0)
        type(self).entries += len(self.read_ledger()[0])
        type(self).lives += 1

    def order(self, dice, number):
        local_midnight = datetime.now().replace(hour=0, minute=0, second=0) + timedelta(days=1)
        if dice.random() < 0.5:
            self.clock.move_to(local_midnight + timedelta(minutes=30 * dice.randint(-20, 20) % 1440))
        currency = dice.choice(["", "", "yen"])
        scale = 160 if currency else 1
        order = self.quote(
            (self.product, dice.randint(1, 4), 10.0 * scale),
            (self.by_delivery, 2, (7.33 + number) * scale),
            partner=dice.choice([self.partner, self.partner_2]),
            pricelist_id=self.pricelists[currency].id,
        )
        if dice.random() < 0.4:
            order.order_line.tax_ids = self.tax
        order.action_confirm()
        return order
