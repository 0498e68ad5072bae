"""Blocks about members: who is active, who came back, who rose and fell, who sleeps."""

from datetime import date, datetime
from decimal import Decimal

from odoo import fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.blocks import FEBRUARY, MARCH, QUARTER, BlockCase
from odoo.tests import new_test_user, tagged


def at(month, day, hour=12, year=2026):
    return datetime(year, month, day, hour)


@tagged("post_install", "-at_install")
class TestActivity(BlockCase):
    def visit(self, member, when):
        self.env["club.event"]._report(
            [{"member_id": member.id, "type": "visit", "key": f"v{member.id}:{when}", "occurred_at": when}]
        )

    def test_a_member_counts_once_however_much_happens(self):
        for day in (2, 3, 20):
            self.visit(self.member, at(3, day))
        totals = self.read("activity").totals
        self.assertEqual((totals["members"], totals["active"], totals["visitors"], totals["visits"]), (2, 1, 1, 3))
        self.assertEqual(totals["rate"], Decimal("0.5"))

    def test_joining_is_no_activity(self):
        self.env["club.event"]._record(
            [{"member_id": self.member.id, "type": "join", "key": "j", "occurred_at": at(3, 2)}]
        )
        self.assertEqual(self.read("activity").totals["active"], 0)

    def test_a_friends_visit_that_was_taken_back_is_none(self):
        values = {"member_id": self.member.id, "type": "referral_click", "key": "click,1", "occurred_at": at(3, 2)}
        click = self.env["club.event"]._record([values])
        self.assertEqual(self.read("referral").totals["visits"], 1)
        click._revoke("Mistake")
        self.assertFalse(self.read("referral").rows)

    def test_a_visit_that_was_taken_back_is_none(self):
        self.visit(self.member, at(3, 2))
        self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "visit")])._revoke("Mistake")
        table = self.read("activity")
        self.assertEqual((table.totals["visits"], table.totals["visitors"], table.totals["active"]), (0, 0, 0))
        model, domain = table.drill["total"]
        self.assertFalse(self.env[model].search_count(domain))

    def test_midnight_is_the_clubs(self):
        self.club.tz = "Asia/Tehran"
        self.visit(self.member, datetime(2026, 2, 28, 20, 29))
        self.visit(self.member_2, datetime(2026, 2, 28, 20, 30))
        table = self.read("activity", comparison=FEBRUARY)
        self.assertEqual(self.figure(table, "Active Members"), (1, 1))
        self.assertEqual(table.rows[0]["active"], 1)

    def test_who_left_before_the_end_is_not_active(self):
        self.visit(self.member_2, at(3, 2))
        self.member_2._leave()
        self.member_2.sudo().left_at = at(3, 20)
        totals = self.read("activity").totals
        self.assertEqual((totals["members"], totals["active"]), (1, 0))

    def test_it_is_the_home_pages_figure(self):
        self.visit(self.member, fields.Datetime.now())
        today = fields.Date.today()
        totals = self.read("activity", reporting.Period(fields.Date.subtract(today, days=29), today)).totals
        figures = self.club._get_home_figures()[self.club.id]
        self.assertEqual((totals["active"], totals["members"]), (figures["active"], figures["members"]))

    def test_a_merged_member_is_one_person(self):
        self.visit(self.member, at(3, 2))
        self.visit(self.member_2, at(3, 2))
        self.member_2._absorb_into(self.member)
        totals = self.read("activity").totals
        self.assertEqual((totals["members"], totals["active"]), (1, 1))


@tagged("post_install", "-at_install")
class TestRepeatPurchases(BlockCase):
    def test_members_stand_beside_other_customers(self):
        """Anna buys on the 1st and the 11th, Ben once, a stranger once."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.buy(self.partner, at(3, 1), 1)
        self.buy(self.partner, at(3, 11), 3)
        self.buy(self.partner_2, at(3, 5), 2)
        self.buy(stranger, at(3, 5), 1)
        table = self.read("repeat_purchase")
        members, others = table.rows
        self.assertEqual((members["buyers"], members["again"], members["share"]), (2, 1, Decimal("0.5")))
        self.assertEqual((members["days"], members["orders"], members["basket"]), (10, Decimal("1.5"), 20))
        self.assertEqual((others["buyers"], others["again"], others["days"]), (1, 0, None))
        self.assertEqual((table.totals["buyers"], table.totals["sales"]), (3, 70))
        model, domain = table.drill[0]
        self.assertEqual(self.env[model].search_count(domain), 3)
        model, domain = table.drill[1]
        self.assertEqual(self.env[model].search(domain).partner_id, stranger)

    def test_it_is_the_home_pages_share(self):
        for partner in (self.partner, self.partner, self.partner_2):
            self.buy(partner, fields.Datetime.now())
        today = fields.Date.today()
        row = self.read("repeat_purchase", reporting.Period(fields.Date.subtract(today, days=364), today)).rows[0]
        figures = self.club._get_home_figures()[self.club.id]
        self.assertEqual((row["buyers"], row["again"]), (figures["buyers"], figures["repeat_buyers"]))

    def test_the_period_before_stands_beside(self):
        self.buy(self.partner, at(2, 1))
        self.buy(self.partner, at(2, 11))
        self.buy(self.partner, at(3, 11))
        [row] = self.read("repeat_purchase", comparison=FEBRUARY).rows
        self.assertEqual((row["share"], row["before"]), (0, 1))


@tagged("post_install", "-at_install")
class TestRetention(BlockCase):
    def test_a_cohort_is_followed_month_by_month(self):
        """Anna: January, February, March; Ben: January, March. Cleo: first in February."""
        cleo = self.env["res.partner"].create({"name": "Cleo"})
        self.join(self.club._enrol(cleo), at(2, 1))
        for partner, months in ((self.partner, (1, 2, 3)), (self.partner_2, (1, 3)), (cleo, (2,))):
            for month in months:
                self.buy(partner, at(month, 10))
        table = self.read("retention", QUARTER)
        january, february = table.rows
        self.assertEqual((january["size"], january["m1"], january["m2"]), (2, Decimal("0.5"), 1))
        self.assertEqual((february["size"], february["m1"]), (1, 0))
        self.assertEqual(table.totals["m1"], Decimal("0.333333"))

    def test_an_earlier_purchase_makes_no_new_buyer(self):
        self.buy(self.partner, at(12, 10, year=2024))
        self.buy(self.partner, at(3, 10))
        self.assertFalse(self.read("retention").rows)

    def test_months_to_come_are_empty(self):
        today = fields.Date.today()
        self.buy(self.partner, datetime.combine(today.replace(day=1), datetime.min.time()))
        [row] = self.read("retention", reporting.Period(today.replace(day=1), today)).rows
        self.assertEqual(row["size"], 1)
        self.assertFalse([value for key, value in row.items() if key.startswith("m") and value is not None])

    def test_by_joining_those_count_who_never_bought(self):
        self.join(self.member | self.member_2, at(1, 5))
        self.buy(self.partner, at(2, 10))
        [row] = self.read("retention_joined", QUARTER).rows
        self.assertEqual((row["size"], row["m1"], row["m2"]), (2, Decimal("0.5"), 0))

    def test_by_joining_a_purchase_counts_for_each_club_that_was_joined(self):
        """One person in two clubs of a company: both memberships bought."""
        other = self.env["club.club"].create({"name": "Second Club", "tz": "UTC"})
        self.join(self.member | other._enrol(self.partner), at(1, 5))
        self.buy(self.partner, at(2, 10))
        [row] = self.read("retention_joined", QUARTER, clubs=self.club | other).rows
        self.assertEqual((row["size"], row["m1"], row["m2"]), (2, 1, 0))
        [row] = self.read("retention", QUARTER, clubs=self.club | other).rows
        self.assertEqual(row["size"], 1, "one new buyer")

    def test_the_month_is_the_jalali_one_in_a_jalali_club(self):
        """20 March 2026 is the last day of 1404, 21 March the first of 1405."""
        self.club.write({"calendar": "jalali", "tz": "Asia/Tehran"})
        self.buy(self.partner, at(3, 20))
        self.buy(self.partner_2, at(3, 21))
        table = self.read("retention", reporting.Period(date(2026, 2, 20), date(2026, 4, 20)))
        self.assertEqual(self.column(table, "size", of="cohort"), {"1404-12": 1, "1405-01": 1})


@tagged("post_install", "-at_install")
class TestTierMovements(BlockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bronze, cls.silver = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Bronze", "threshold": 0},
                {"club_id": cls.club.id, "name": "Silver", "threshold": 100},
            ]
        )
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM club_tier_history WHERE club_id = %s", (cls.club.id,))
        cls.env.invalidate_all()

    def move(self, member, source, goal, when):
        self.env["club.tier.history"].create(
            {
                "member_id": member.id,
                "from_tier_id": source and source.id,
                "to_tier_id": goal and goal.id,
                "reason": "rise",
                "date": when,
            }
        )

    def test_up_down_and_stayed_by_where_members_stood(self):
        self.move(self.member, None, self.bronze, at(1, 1))
        self.move(self.member_2, None, self.silver, at(1, 1))
        self.move(self.member, self.bronze, self.silver, at(3, 10))
        self.move(self.member_2, self.silver, self.bronze, at(3, 11))
        self.move(self.member_2, self.bronze, self.silver, at(3, 12))
        table = self.read("tier_movements")
        bronze, silver = table.rows
        self.assertEqual((bronze["tier"], bronze["up"], bronze["stay"]), ("Bronze", 1, 0))
        self.assertEqual((silver["tier"], silver["down"], silver["stay"]), ("Silver", 0, 1))
        self.assertEqual((table.totals["up"], table.totals[f"to_{self.silver.id}"], table.totals["all"]), (1, 2, 2))

    def test_who_joined_and_who_left_are_neither_up_nor_down(self):
        self.move(self.member, None, self.bronze, at(1, 1))
        self.join(self.member_2, at(3, 5))
        self.move(self.member_2, None, self.silver, at(3, 5))
        self.member._leave()
        self.member.sudo().left_at = at(3, 20)
        table = self.read("tier_movements", comparison=FEBRUARY)
        self.assertEqual(self.column(table, "all", of="tier"), {"Joined in the period": 1, "Bronze": 1})
        self.assertEqual(self.figure(table, "Up"), (0, 0))
        self.assertEqual(self.figure(table, "Stayed"), (0, 1))


@tagged("post_install", "-at_install")
class TestBestAndSleepingMembers(BlockCase):
    def test_the_best_come_first_with_what_they_own(self):
        self.buy(self.partner, at(3, 5), 2)
        self.buy(self.partner_2, at(3, 6), 3)
        self.buy(self.partner_2, at(3, 7), 1)
        self.post(25, "a", member=self.member_2, date=at(3, 8))
        self.post(-5, "b", member=self.member_2, date=at(3, 9))
        table = self.read("top_members")
        self.assertEqual(self.column(table, "sales"), [40, 20])
        first = table.rows[0]
        self.assertEqual((first["orders"], first["earned"], first["owned"]), (2, 25, 20))
        self.assertEqual((first["member"], first["last"]), (self.member_2.display_name, date(2026, 3, 7)))
        self.assertEqual(table.totals["sales"], 60)
        self.assertEqual(table.drill[0], ("club.member", [("id", "=", self.member_2.id)]))

    def test_the_chart_shows_what_each_bought_for_to_who_may_read_money(self):
        self.buy(self.partner, at(3, 5), 2)
        self.buy(self.partner_2, at(3, 6), 3)
        chart = self.read("top_members").chart
        self.assertEqual(list(chart.x), [self.partner_2.name, self.partner.name])
        self.assertEqual((chart.series[0].values, chart.type), ([30, 20], "money"))
        user = new_test_user(self.env, "no_money", groups="customer_club.group_club_user")
        block = self.env["club.report.block.top_members"].with_user(user)
        self.assertIsNone(block._make_table(self.club.with_user(user), MARCH).chart)

    def test_who_sleeps_bought_before_and_not_in_the_period(self):
        self.buy(self.partner, at(1, 5), 2)
        self.buy(self.partner_2, at(1, 6), 5)
        self.buy(self.partner_2, at(3, 6), 1)
        table = self.read("sleeping_members")
        self.assertEqual(self.column(table, "sales", of="member"), {self.member.display_name: 20})

    def test_who_has_left_is_not_named(self):
        self.buy(self.partner, at(3, 5), 2)
        self.member._leave()
        self.assertFalse(self.read("top_members").rows)


@tagged("post_install", "-at_install")
class TestStages(BlockCase):
    def change(self, member, field, old, new, day):
        self.env.cr.execute(
            "INSERT INTO club_stage_change (member_id, club_id, company_id, field, old, new, date)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (member.id, self.club.id, self.club.company_id.id, field, old, new, day),
        )

    def test_members_stand_where_the_last_change_put_them(self):
        self.change(self.member, "stage", "prospect", "active", date(2026, 1, 5))
        self.change(self.member, "stage", "active", "at_risk", date(2026, 3, 31))
        table = self.read("stages", comparison=FEBRUARY)
        rows = {row["stage"]: (row["begin"], row["came"], row["went"], row["end"], row["before"]) for row in table.rows}
        self.assertEqual(rows["Active"], (1, 0, 1, 0, 1))
        self.assertEqual(rows["At Risk"], (0, 1, 0, 1, 0))
        self.assertEqual(rows["Prospect"], (1, 0, 0, 1, 1))
        self.assertEqual(table.totals["end"], 2)

    def test_the_share_that_climbs_is_of_those_on_the_step(self):
        for member in self.member | self.member_2:
            self.change(member, "ladder", "none", "single", date(2026, 1, 5))
        self.change(self.member, "ladder", "single", "loyal", date(2026, 3, 5))
        rows = {row["stage"]: row for row in self.read("ladder").rows}
        self.assertEqual((rows["Single Purchase"]["begin"], rows["Single Purchase"]["climbed"]), (2, Decimal("0.5")))
        self.assertEqual(rows["Fan"]["climbed"], None)
        table = self.read("ladder", MARCH)
        self.assertEqual(table.chart.series[0].values, [2, 1, 1, 0])
        self.assertEqual([row["end"] for row in table.rows[1:]], [1, 0, 1, 0])
        self.assertIn("also those who stand higher", table.note, "why chart and table differ")
