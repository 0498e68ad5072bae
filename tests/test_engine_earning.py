"""The earning engine: thresholds on the right side, one rounding, limits that hold, returns that add up."""

import doctest
import unittest
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import earning, purchase
from odoo.addons.customer_club.engine.earning import Context, Event, History, Line, Rule, Step, When, evaluate, remember
from odoo.tests import BaseCase, tagged

D = Decimal
NOON = datetime(2026, 5, 1, 12)  # a Friday

money = st.decimals(min_value=0, max_value=100_000, places=2)
points = st.decimals(min_value=D("0.01"), max_value=1000, places=2)


def buy(*amounts, at=NOON, **values):
    lines = tuple(Line(number, amount=D(amount)) for number, amount in enumerate(amounts, 1))
    return Event("purchase", at, lines, **values)


def given_points(event, *rules, history=None, context=None):
    return evaluate(event, rules, history or History(), context or Context()).points


def reason(event, rule, history=None, context=None):
    (missed,) = evaluate(event, [rule], history or History(), context or Context()).missed
    return missed.why.code


class TestDoctests(unittest.TestCase):
    def test_the_examples_of_the_engine_are_true(self):
        for module in (earning, purchase):
            result = doctest.testmod(module)
            self.assertFalse(result.failed)
            self.assertGreater(result.attempted, 5)


@tagged("post_install", "-at_install")
class TestFormulas(BaseCase):
    def test_never_10_only_full_amounts_count(self):
        rule = Rule(1, "per_amount", D(3), D(10))
        self.assertEqual([given_points(buy(amount), rule) for amount in ("9.99", "10", "19.99", "20")], [0, 3, 3, 6])

    def test_per_amount_looks_at_the_whole_purchase_not_at_each_line(self):
        self.assertEqual(given_points(buy("5.50", "5.50"), Rule(1, "per_amount", D(1), D(10))), 1)

    def test_points_for_each_unit(self):
        event = Event("purchase", NOON, (Line(1, quantity=D("2.5"), amount=D(1)),))
        self.assertEqual(given_points(event, Rule(1, "per_unit", D(2))), 5)
        self.assertEqual(given_points(event, Rule(1, "per_unit", D(1))), 2)

    def test_never_9_a_step_begins_with_its_own_amount(self):
        steps = (Step(D(100), D(10)), Step(D(200), D(50)))
        flat = Rule(1, "steps_flat", steps=steps)
        self.assertEqual([given_points(buy(a), flat) for a in ("99.99", "100.00", "199.99", "200.00")], [0, 10, 10, 50])
        progressive = Rule(1, "steps_progressive", steps=steps)
        self.assertEqual([given_points(buy(a), progressive) for a in ("99.99", "100", "200")], [0, 10, 60])

    def test_never_10_one_rounding_after_the_multiplier_and_downwards(self):
        rule = Rule(1, "per_unit", D("0.1"))
        event = Event("purchase", NOON, (Line(1, quantity=D(3), amount=D(1)),))
        self.assertEqual(given_points(event, rule, context=Context(2, D(1))), D("0.3"))
        self.assertEqual(given_points(buy("19"), Rule(1, "per_amount", D(1), D(10)), context=Context(0, D("1.99"))), 1)
        self.assertEqual(given_points(buy("1"), Rule(1, points=D("0.99")), context=Context(0, D("1.5"))), 1)

    def test_a_rule_may_ignore_the_multiplier(self):
        self.assertEqual(
            given_points(buy("1"), Rule(1, points=D(5), use_multiplier=False), context=Context(0, D(3))), 5
        )

    def test_never_11_what_is_not_really_paid_earns_nothing(self):
        self.assertEqual(reason(buy("0"), Rule(1, points=D(5))), "nothing_paid")
        self.assertEqual(reason(Event("purchase", NOON), Rule(1, points=D(5))), "nothing_paid")

    def test_an_unknown_condition_is_an_error_not_a_gift(self):
        with self.assertRaisesRegex(earning.EarningError, "nobody registered the condition 'moon'"):
            given_points(buy("1"), Rule(1, points=D(5), conditions={"moon": 1}))
        with self.assertRaisesRegex(earning.EarningError, "formula 'magic'"):
            given_points(buy("1"), Rule(1, formula="magic"))

    @given(amount=money, more=money, each=points, per=points, multiplier=st.sampled_from([D(1), D("1.5"), D(3)]))
    @settings(max_examples=200, deadline=None)
    def test_more_never_earns_less_and_never_more_than_the_exact_amount(self, amount, more, each, per, multiplier):
        context = Context(0, multiplier)
        rule = Rule(1, "per_amount", each, per)
        less, all_of_it = (given_points(buy(a), rule, context=context) for a in (amount, amount + more))
        self.assertLessEqual(less, all_of_it)
        self.assertLessEqual(less, amount / per * each * multiplier)
        self.assertEqual(less, less.to_integral_value())


@tagged("post_install", "-at_install")
class TestConditions(BaseCase):
    def test_each_condition_says_why_it_refuses(self):
        base = {"points": D(1)}
        event = buy("10", channel="backend", term=4, methods=frozenset({7}), tier=2, overdue=D(5))
        for name, good, bad in (
            ("tiers", frozenset({2}), frozenset({3})),
            ("channel", "backend", "website"),
            ("methods", frozenset({7, 8}), frozenset({8})),
            ("terms", frozenset({4}), frozenset({5})),
            ("overdue", D(5), D("4.99")),
            ("products", frozenset({0}), frozenset({1})),
        ):
            with self.subTest(condition=name):
                self.assertEqual(given_points(event, Rule(1, conditions={name: good}, **base)), 1)
                self.assertEqual(reason(event, Rule(1, conditions={name: bad}, **base)), name)

    def test_only_matching_lines_count(self):
        lines = (
            Line(1, product=1, category=11, categories=frozenset({1, 11}), tags=frozenset({5}), amount=D(10)),
            Line(2, product=2, category=12, categories=frozenset({1, 12}), amount=D(20)),
            Line(3, product=3, category=20, categories=frozenset({20}), amount=D(40)),
        )
        event = Event("purchase", NOON, lines)
        for conditions, amount in (
            ({"products": frozenset({1, 3})}, 50),
            ({"categories": frozenset({1})}, 30),
            ({"categories": frozenset({12})}, 20),
            ({"tags": frozenset({5})}, 10),
            ({"categories": frozenset({1}), "products": frozenset({2})}, 20),
        ):
            with self.subTest(conditions=conditions):
                self.assertEqual(given_points(event, Rule(1, "per_amount", D(1), D(1), conditions=conditions)), amount)

    def test_never_9_least_amount_and_quantity_are_reached_by_themselves(self):
        rule = Rule(1, points=D(1), min_amount=D(50), min_quantity=D(2))
        self.assertEqual(given_points(buy("25", "25"), rule), 1)
        self.assertEqual(reason(buy("25", "24.99"), rule), "min_amount")
        self.assertEqual(reason(buy("50"), rule), "min_quantity")

    def test_days_and_hours_have_exact_edges(self):
        shop_hours = When(minute_from=9 * 60, minute_to=17 * 60 + 30)
        for hour, minute, refused in ((8, 59, True), (9, 0, False), (17, 29, False), (17, 30, True)):
            self.assertEqual(bool(shop_hours.refuses(datetime(2026, 5, 1, hour, minute, 59))), refused)
        may = When(date(2026, 5, 1), date(2026, 5, 31))
        for at, refused in (
            (datetime(2026, 4, 30, 23, 59, 59), True),
            (datetime(2026, 5, 1), False),
            (datetime(2026, 5, 31, 23, 59, 59), False),
            (datetime(2026, 6, 1), True),
        ):
            self.assertEqual(bool(may.refuses(at)), refused)
        friday = When(weekdays=frozenset({4}))
        self.assertIsNone(friday.refuses(datetime(2026, 5, 1)))
        self.assertEqual(friday.refuses(datetime(2026, 5, 2)).code, "weekdays")

    def test_which_purchase_it_is(self):
        for value, fits in ((("exact", 3), {3}), (("every", 3), {3, 6}), (("from", 5), {5, 6, 7})):
            rule = Rule(1, points=D(1), conditions={"nth": value})
            self.assertEqual({n for n in range(1, 8) if given_points(buy("1"), rule, history=History(number=n))}, fits)

    def test_again_within_days_and_frequency(self):
        rule = Rule(1, points=D(1), conditions={"within_days": 7})
        self.assertEqual(given_points(buy("1"), rule, history=History(last_on=date(2026, 4, 24))), 1)
        self.assertEqual(reason(buy("1"), rule, History(last_on=date(2026, 4, 23))), "within_days")
        self.assertEqual(reason(buy("1"), rule), "within_days")
        rule = Rule(1, points=D(1), conditions={"frequency": (3, "month")})
        self.assertEqual(
            [given_points(buy("1"), rule, history=History(counts={"month": n})) for n in (2, 3, 4)], [0, 1, 0]
        )

    def test_a_category_that_is_new_to_the_member(self):
        event = Event(
            "purchase",
            NOON,
            (
                Line(1, category=11, categories=frozenset({1, 11}), amount=D(10)),
                Line(2, category=12, categories=frozenset({1, 12}), amount=D(20)),
            ),
        )
        own = Rule(1, "per_amount", D(1), D(1), conditions={"first_in_category": frozenset()})
        self.assertEqual(given_points(event, own, history=History(bought=frozenset({1, 11}))), 20)
        parent = Rule(1, "per_amount", D(1), D(1), conditions={"first_in_category": frozenset({1})})
        self.assertEqual(given_points(event, parent), 30)
        self.assertEqual(reason(event, parent, History(bought=frozenset({1, 11}))), "first_in_category")

    def test_a_rule_that_waits_for_the_payment_counts_once_it_is_settled(self):
        rule = Rule(1, points=D(1), conditions={"days_to_pay": 10})
        self.assertEqual(reason(buy("1"), rule), "not_paid")
        self.assertEqual(given_points(buy("1", settled=True, days_to_pay=10), rule), 1)
        self.assertEqual(reason(buy("1", settled=True, days_to_pay=11), rule), "paid_late")
        self.assertEqual(reason(buy("1", settled=True, days_to_pay=1), Rule(1, points=D(1))), "counted_before")


@tagged("post_install", "-at_install")
class TestLimits(BaseCase):
    def test_limits_cap_and_then_refuse(self):
        rule = Rule(1, points=D(10), limit_event=D(8), limit_member=D(12), limit_club=D(15))
        self.assertEqual(given_points(buy("1"), rule), 8)
        self.assertEqual(given_points(buy("1"), rule, history=History(earned={1: D(8)})), 4)
        self.assertEqual(reason(buy("1"), rule, History(earned={1: D(12)})), "limit_member")
        self.assertEqual(given_points(buy("1"), rule, history=History(given={1: D(14)})), 1)
        self.assertEqual(reason(buy("1"), rule, History(given={1: D(15)})), "limit_club")

    def test_the_budget_goes_to_lower_sequences_first(self):
        rules = [Rule(1, points=D(10), sequence=2), Rule(2, points=D(10), sequence=1)]
        result = evaluate(buy("1"), rules, History(), Context(budget_left=D(14)))
        self.assertEqual({award.rule_id: award.points for award in result.awards}, {2: 10, 1: 4})
        result = evaluate(buy("1"), rules, History(), Context(budget_left=D(10)))
        self.assertEqual([(miss.rule_id, miss.why.code) for miss in result.missed], [(1, "budget")])

    def test_the_best_of_a_group_counts_and_ties_go_to_the_lower_sequence(self):
        rules = [
            Rule(1, points=D(5), group="promo", sequence=3),
            Rule(2, points=D(9), group="promo", sequence=2),
            Rule(3, points=D(9), group="promo", sequence=1),
            Rule(4, points=D(2)),
        ]
        result = evaluate(buy("1"), rules, History(), Context())
        self.assertEqual({award.rule_id for award in result.awards}, {3, 4})
        self.assertEqual({miss.why.code for miss in result.missed}, {"not_best"})

    def test_the_best_is_what_the_member_would_get_after_limits(self):
        rules = [Rule(1, points=D(50), limit_event=D(3), group="x"), Rule(2, points=D(5), group="x")]
        self.assertEqual(given_points(buy("1"), *rules), 5)

    @given(
        amounts=st.lists(money, min_size=1, max_size=12), cap=points, budget=points, digits=st.sampled_from([0, 1, 2])
    )
    @settings(max_examples=100, deadline=None)
    def test_no_order_of_events_breaks_a_limit_or_the_budget(self, amounts, cap, budget, digits):
        history, context = History(), Context(digits, D(1), budget)
        rule = Rule(1, "per_amount", D("0.7"), D(3), limit_member=cap)
        total = D(0)
        for amount in amounts:
            awards = evaluate(buy(amount), [rule], history, context).awards
            remember(awards, history, context)
            total += sum((award.points for award in awards), D(0))
        self.assertLessEqual(total, cap)
        self.assertLessEqual(total, budget)


@tagged("post_install", "-at_install")
class TestWhatIsPaid(BaseCase):
    @given(
        goods=st.lists(st.tuples(money, st.sampled_from(["a", "b"])), min_size=1, max_size=6),
        discounts=st.lists(st.tuples(money, st.sampled_from(["a", "b", "c"])), max_size=3),
        wallet=money,
    )
    @settings(max_examples=200, deadline=None)
    def test_spreading_loses_no_cent_and_makes_nothing_negative(self, goods, discounts, wallet):
        parts = [purchase.Part(n, purchase.GOODS, a, a, t) for n, (a, t) in enumerate(goods)]
        parts += [purchase.Part(50 + n, purchase.DISCOUNT, -a, -a, t) for n, (a, t) in enumerate(discounts)]
        whole = max(sum(a for a, _t in goods) - sum(a for a, _t in discounts), D(0))
        net = purchase.spread(parts)
        self.assertEqual(sum(net.values()), whole)
        self.assertTrue(all(amount >= 0 for amount in net.values()))
        paid = purchase.spread([*parts, purchase.Part(99, purchase.MONEY, -wallet, -wallet)])
        self.assertEqual(sum(paid.values()), max(whole - wallet, D(0)))

    def test_wallet_money_pays_for_delivery_and_gift_cards_too(self):
        parts = [
            purchase.Part(1, purchase.GOODS, D(50), D(60)),
            purchase.Part(2, purchase.DELIVERY, D(20), D(20)),
            purchase.Part(3, purchase.EXCLUDED, D(20), D(20)),
            purchase.Part(4, purchase.MONEY, D(-50), D(-50)),
        ]
        self.assertEqual(purchase.spread(parts), {1: D(25)})

    def test_a_discount_without_goods_of_its_taxes_goes_over_all(self):
        parts = [
            purchase.Part(1, purchase.GOODS, D(30), D(30), "a"),
            purchase.Part(2, purchase.GOODS, D(10), D(10), "b"),
            purchase.Part(3, purchase.DISCOUNT, D(-20), D(-20), "c"),
        ]
        self.assertEqual(purchase.spread(parts), {1: D(15), 2: D(5)})

    def test_never_10_currencies_without_decimals_spread_whole_units(self):
        parts = [purchase.Part(n, purchase.GOODS, D(1000), D(1000)) for n in range(3)]
        net = purchase.spread([*parts, purchase.Part(9, purchase.DISCOUNT, D(-100), D(-100))], D(1))
        self.assertEqual(sum(net.values()), 2900)
        self.assertTrue(all(amount == amount.to_integral_value() for amount in net.values()))

    @given(
        award=st.decimals(min_value=0, max_value=10_000, places=2),
        digits=st.sampled_from([0, 1, 2]),
        quantities=st.lists(st.integers(1, 9), min_size=1, max_size=5),
        data=st.data(),
    )
    @settings(max_examples=200, deadline=None)
    def test_returns_in_parts_add_up_to_the_whole_and_never_take_too_much(self, award, digits, quantities, data):
        award = earning.floor(award, digits)
        basis = {n: D(quantity) * D("3.33") for n, quantity in enumerate(quantities)}
        kept = dict(enumerate(quantities))
        left = award
        while any(kept.values()):
            line = data.draw(st.sampled_from([n for n, quantity in kept.items() if quantity]))
            kept[line] -= data.draw(st.integers(1, kept[line]))
            shares = {n: Fraction(quantity, quantities[n]) for n, quantity in kept.items()}
            target = purchase.part_of(award, purchase.proportion(basis, shares), digits)
            self.assertLessEqual(target, left)
            self.assertLessEqual(0, target)
            left = target
        self.assertEqual(left, 0)
