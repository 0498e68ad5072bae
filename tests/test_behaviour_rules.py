"""The rules as the database reads them are those of the engine, member by member, at their exact limits."""

import random
from datetime import date, timedelta
from typing import NamedTuple

from odoo.addons.customer_club.engine import behaviour, lifetime
from odoo.addons.customer_club.models.behaviour import behaviour_rules
from odoo.addons.customer_club.models.behaviour.club_lifetime_fit import Fitted
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

TODAY = date(2026, 6, 1)
EPOCH = date(1970, 1, 1)


class Figures(NamedTuple):
    """A member's figures, under the names of the columns."""

    id: int
    first_purchase_on: date | None
    last_purchase_on: date | None
    purchase_days: int
    gap_days: int
    order_count: int
    sales: float
    first_sales: float
    contact_recent: int
    contact_before: int
    visit_recent: int
    visit_before: int
    points: float
    points_before: float


TYPES = (
    "integer", "date", "date", "integer", "integer", "integer", "numeric", "numeric", "integer", "integer", "integer",
    "integer", "numeric", "numeric",
)  # fmt: skip


class RulesCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(20260601)

    def silent_days(self, limits):
        """Days of silence at and around each limit, and others."""
        edges = {0, 1, *limits[:4], limits.floor_days, limits.risk_days // 2}
        return [max(edge + shift, 0) for edge in edges for shift in (-1, 0, 1)] + [-2, 17, 33, 700, 4000]

    def member(self, number, limits):
        chance = self.chance
        count = chance.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 9, 10, 11, 40))
        contacts = [chance.choice((0, 1, 2, 2, 3, 4, 8)) for _number in range(4)]
        points = [chance.choice((0, 5, 10, 10, 10.5, 20, 20.01, -3)) for _number in range(2)]
        if not count:
            return Figures(number, None, None, 0, 0, 0, 0, 0, *contacts, *points)
        last = TODAY - timedelta(days=chance.choice(self.silent_days(limits)))
        gaps = []
        if count > 1:
            usual = chance.choice((1, 1, 2, 5, 7, 10, 31, 45, 90))
            gaps = [max(1, usual + chance.choice((-1, 0, 0, 1))) for _number in range(count - 1)]
            edges = (*limits[1:3], 6 * usual, 2 * usual)
            gaps[-1] = chance.choice([gaps[-1], *(max(1, edge + shift) for edge in edges for shift in (-1, 0))])
        sales = round(chance.choice((1, 9.99, 50, 120, 120.01)) * count, 2)
        first = round(sales / count, 2)
        return Figures(
            number,
            last - timedelta(days=sum(gaps)),
            last,
            count,
            gaps[-1] if gaps else 0,
            count + chance.choice((0, 0, 1, 5)),
            sales,
            first,
            *contacts,
            *points,
        )

    def keep(self, members):
        self.env.cr.execute("DROP TABLE IF EXISTS pg_temp.test_figures")
        columns = SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in zip(Figures._fields, TYPES, strict=True)
        )
        self.env.cr.execute(SQL("CREATE TEMP TABLE test_figures (%s) ON COMMIT DROP", columns))
        self.env.cr.execute(
            SQL(
                "INSERT INTO test_figures SELECT * FROM unnest(%s)",
                SQL(", ").join(
                    SQL("%s::%s[]", list(values), SQL(kind))
                    for values, kind in zip(zip(*members, strict=True), TYPES, strict=True)
                ),
            )
        )

    def judge(self, rules, members):
        """What the database says of each, by id."""
        self.keep(members)
        query = rules.judge(SQL("SELECT * FROM test_figures"))
        return {row["id"]: row for row in self.env.execute_query_dict(query)}


@tagged("post_install", "-at_install")
class TestTheDatabaseJudgesAsTheEngineDoes(RulesCase):
    LIMITS = (
        behaviour.Limits(30, 90, 365, 90, 2.0, 6.0, 14),
        behaviour.Limits(30, 90, 365, 60),
        behaviour.Limits(0, 1, 1, 0),
        behaviour.Limits(45, 20, 40, 400, 1.5, 1.5, 3),
        behaviour.Limits(30, 90, 365, 90, 2.5, 0.0, 0),
        behaviour.Limits(30, 90, 365, 90, 0.0, 0.5, 100),
    )
    CUTS = (
        {},
        {"recency": [None] * 4, "frequency": [2.0, None, None, None], "monetary": [9.99, 50.0, 120.0, 120.01]},
        {"recency": [18000.0, 20000.0, 20500.0, 20605.0], "frequency": [1.0, 2.0, 4.0, 11.0], "monetary": [50.0] * 4},
    )

    def expected(self, rules, member):
        """What the engine says, under the names of the columns."""
        trend = behaviour.Trend(*member[-6:])
        fading = behaviour.fades(trend)
        purchases = behaviour.Purchases(
            member.first_purchase_on, member.last_purchase_on, member.purchase_days, member.gap_days
        )
        scores = (0, 0, 0)
        if member.last_purchase_on and rules.cuts:
            values = ((member.last_purchase_on - EPOCH).days, member.order_count, member.sales)
            names = ("recency", "frequency", "monetary")
            scores = tuple(
                behaviour.score(float(v), rules.cuts[name]) for name, v in zip(names, values, strict=True)
            )
        stage, since = behaviour.stage(purchases, TODAY, rules.limits, fading)
        return {
            "interval_days": behaviour.interval(purchases),
            "fading": fading,
            "recency_score": scores[0],
            "frequency_score": scores[1],
            "monetary_score": scores[2],
            "rfm": "".join(map(str, scores)) if scores[0] else None,
            "rfm_cell": behaviour.rfm_cell(*scores),
            "ladder": behaviour.ladder(member.order_count, rules.loyal, rules.fan),
            "stage": stage,
            "since": since,
        }

    def test_thousands_of_members_at_the_limits_of_several_clubs(self):
        seen = set()
        for limits in self.LIMITS:
            for cuts in self.CUTS:
                rules = behaviour_rules.BehaviourRules(limits, 4, 10, cuts, TODAY)
                members = [self.member(number, limits) for number in range(600)]
                found = self.judge(rules, members)
                for member in members:
                    expected = self.expected(rules, member)
                    row = found[member.id]
                    self.assertEqual({name: row[name] for name in expected}, expected, (limits, cuts, member))
                    seen |= {expected["stage"], expected["ladder"], expected["rfm_cell"], expected["fading"]}
        self.assertLessEqual({*behaviour.STAGES, *behaviour.LADDER, True, False}, seen, "nothing was left untried")
        self.assertLessEqual({behaviour.rfm_cell(r, f, f) for r in range(6) for f in range(1, 6)}, seen)

    def test_halves_of_days_are_rounded_alike(self):
        """2.5 intervals of 1, 3, 5 … days: half a day goes to the even one, in both."""
        limits = behaviour.Limits(0, 90, 365, 0, 2.5, 6.5, 0)
        rules = behaviour_rules.BehaviourRules(limits, 4, 10, {}, TODAY)
        members = [
            Figures(
                1000 * every + silent,
                TODAY - timedelta(days=silent + every),
                TODAY - timedelta(days=silent),
                2, every, 2, 20, 10, 0, 0, 0, 0, 0, 0,
            )  # fmt: skip
            for every in (1, 3, 5, 7, 9)
            for silent in range(70)
        ]
        found = self.judge(rules, members)
        for member in members:
            expected, row = self.expected(rules, member), found[member.id]
            self.assertEqual((row["stage"], row["since"]), (expected["stage"], expected["since"]))

    def test_limits_that_contradict_each_other_are_refused_here_too(self):
        with self.assertRaises(behaviour.BehaviourError):
            behaviour_rules.BehaviourRules(behaviour.Limits(30, 400, 365, 90), 4, 10, {}, TODAY)


@tagged("post_install", "-at_install")
class TestTheDatabaseExpectsAsTheEngineDoes(RulesCase):
    FITS = (
        Fitted(lifetime.PurchaseFit(0.243, 4.414, 0.793, 2.426), lifetime.SpendFit(6.25, 3.74, 15.44)),
        Fitted(lifetime.PurchaseFit(1.0, 5.0, 1.0, 3.0), lifetime.SpendFit(2.0, 0.9, 10.0)),
        Fitted(lifetime.PurchaseFit(0.01, 160000.0, 20.0, 0.0001), None),
    )

    def expected(self, fit, member):
        """What the engine says of one customer."""
        known = lifetime.customers(
            [
                (
                    member.purchase_days - 1,
                    (member.last_purchase_on - member.first_purchase_on).days / 7,
                    max((TODAY - member.first_purchase_on).days, 0) / 7,
                    1,
                )
            ]
        )
        alive = float(lifetime.p_alive(fit.purchases, known)[0])
        number = float(lifetime.expected_purchases(fit.purchases, known, behaviour_rules.WEEKS)[0])
        spend = member.sales / member.purchase_days
        if fit.spend:
            mean = max(member.sales - member.first_sales, 0) / max(member.purchase_days - 1, 1)
            model = float(lifetime.expected_spend(fit.spend, known.x, mean)[0])
            spend = model if model < float("inf") else spend
        return alive, number, number * spend

    def test_what_is_expected_of_many_members(self):
        limits = TestTheDatabaseJudgesAsTheEngineDoes.LIMITS[0]
        members = [self.member(number, limits) for number in range(400)]
        first, last = TODAY - timedelta(days=900), TODAY - timedelta(days=800)
        members.append(Figures(400, first, last, 100, 1, 100, 5000, 50, 0, 0, 0, 0, 0, 0))
        self.keep(members)
        buyers = [member for member in members if member.purchase_days]
        for fit in self.FITS:
            pairs = sorted({(member.purchase_days - 1, member.first_purchase_on) for member in buyers})
            growth = lifetime.growth(
                fit.purchases,
                [x for x, _first in pairs],
                [max((TODAY - first).days, 0) / 7 for _x, first in pairs],
                behaviour_rules.WEEKS,
            )
            table = SQL(
                "(SELECT * FROM unnest(%s, %s::date[], %s) AS t (x, first_purchase_on, growth))",
                [x for x, _first in pairs],
                [first for _x, first in pairs],
                growth,
            )
            query = behaviour_rules.expect(SQL("SELECT *, %s::date AS today FROM test_figures", TODAY), fit, table, 2)
            found = {row["id"]: row for row in self.env.execute_query_dict(query)}
            for member in members:
                row = found[member.id]
                if not member.purchase_days:
                    self.assertIsNone(row["p_alive"])
                    self.assertIsNone(row["expected_value"])
                    continue
                alive, number, value = self.expected(fit, member)
                self.assertAlmostEqual(float(row["p_alive"]), alive, delta=0.0001)
                self.assertAlmostEqual(float(row["expected_purchases"]), number, delta=0.0001)
                self.assertAlmostEqual(float(row["expected_value"]), value, delta=0.011)

    def test_without_a_fit_nothing_is_expected(self):
        self.keep([self.member(number, TestTheDatabaseJudgesAsTheEngineDoes.LIMITS[0]) for number in range(20)])
        query = behaviour_rules.expect(SQL("SELECT * FROM test_figures"), None, None, 2)
        for row in self.env.execute_query_dict(query):
            self.assertEqual((row["p_alive"], row["expected_purchases"], row["expected_value"]), (None, None, None))
