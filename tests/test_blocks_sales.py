"""Blocks about sales and voices: returns are deducted, currencies are never added, the clock is the club's."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command, fields
from odoo.addons.customer_club.tests.blocks import FEBRUARY, MARCH, QUARTER, BlockCase
from odoo.tests import tagged


def at(month, day, hour=12):
    return datetime(2026, month, day, hour)


@tagged("post_install", "-at_install")
class TestWhatWasSold(BlockCase):
    def invoice(self, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def credit(self, invoice, quantity):
        refund = invoice._reverse_moves([{"date": fields.Date.today()}])
        refund.invoice_line_ids.quantity = quantity
        refund.action_post()

    def sales(self):
        return self.read("top_members").totals["sales"]

    def test_what_was_credited_is_deducted(self):
        order = self.buy(self.partner, at(3, 5), 3)
        invoice = self.invoice(order)
        self.assertEqual(self.sales(), 30)
        self.credit(invoice, 1)
        self.assertEqual(self.sales(), 20)

    def test_what_was_invoiced_again_counts_again(self):
        order = self.buy(self.partner, at(3, 5), 3)
        self.credit(self.invoice(order), 3)
        self.buy(self.partner_2, at(3, 5), 1)
        self.assertEqual(self.sales(), 10)
        self.invoice(order)
        self.assertEqual(self.sales(), 40)

    def test_who_gave_everything_back_is_no_buyer(self):
        kept, returned = self.buy(self.partner, at(3, 5), 3), self.buy(self.partner, at(3, 9), 2)
        self.credit(self.invoice(kept), 1)
        invoice = self.invoice(returned)
        row = self.read("repeat_purchase").rows[0]
        self.assertEqual((row["buyers"], row["again"]), (1, 1))
        self.credit(invoice, 2)
        row = self.read("repeat_purchase").rows[0]
        self.assertEqual((row["buyers"], row["again"], row["orders"]), (1, 0, 1))
        self.assertEqual(self.read("top_members").rows[0]["orders"], 1)

    def test_a_purchase_that_was_given_back_is_no_return_of_a_cohort(self):
        self.buy(self.partner, at(1, 5), 1)
        again = self.buy(self.partner, at(2, 5), 1)
        self.assertEqual(self.read("retention", QUARTER).totals["m1"], 1)
        self.credit(self.invoice(again), 1)
        table = self.read("retention", QUARTER)
        self.assertEqual((table.totals["size"], table.totals["m1"]), (1, 0))

    def test_a_first_purchase_that_was_given_back_makes_no_cohort(self):
        first = self.buy(self.partner, at(1, 5), 1)
        self.buy(self.partner, at(2, 5), 1)
        self.credit(self.invoice(first), 1)
        self.assertEqual([row["size"] for row in self.read("retention", QUARTER).rows], [1])
        self.assertNotEqual(self.read("retention", QUARTER).rows[0]["cohort"], "2026-01")

    def test_an_order_that_costs_nothing_is_a_purchase_until_it_is_given_back(self):
        order = self.buy(self.partner, at(3, 5), 1, price=0)
        self.assertEqual(self.read("repeat_purchase").rows[0]["buyers"], 1)
        self.credit(self.invoice(order), 1)
        self.assertFalse(self.read("repeat_purchase").rows)

    def test_a_purchase_without_an_order_that_came_to_nothing_is_none(self):
        Event = self.env["club.event"]
        values = {"member_id": self.member.id, "type": "purchase", "occurred_at": at(3, 4)}
        root = Event._record([{**values, "key": "import,2", "amount": 70}])
        self.assertEqual(self.read("repeat_purchase").rows[0]["buyers"], 1)
        self.assertEqual(self.read("activity").totals["buyers"], 1)
        Event._record([{**values, "key": "import,2:back", "amount": -70, "revises_id": root.id}])
        self.assertFalse(self.read("repeat_purchase").rows)
        self.assertEqual(self.read("activity").totals["buyers"], 0)

    def test_a_purchase_without_an_order_counts_once(self):
        self.env["club.event"]._record(
            [
                {
                    "member_id": self.member.id,
                    "type": "purchase",
                    "key": "import,1",
                    "amount": 70,
                    "occurred_at": at(3, 4),
                }
            ]
        )
        self.buy(self.partner, at(3, 5), 3)
        self.assertEqual(self.sales(), 100)

    def test_taxes_of_a_purchase_without_an_order_are_no_sales(self):
        """A club counts with taxes: a bill of 125 with 25 % of them is a sale of 100, as the notes say."""
        self.assertEqual(self.club.earn_tax, "included")
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        line = {"product_id": self.product.id, "price_unit": 100, "tax_ids": [Command.set(tax.ids)]}
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id, "invoice_line_ids": [Command.create(line)]}
        )
        fact = {"member_id": self.member.id, "type": "purchase", "occurred_at": at(3, 4), "origin": invoice}
        self.env["club.event"]._record([{**fact, "key": "taxed", "amount": invoice.amount_total}])
        self.assertEqual((invoice.amount_total, self.sales()), (125, 100))
        self.assertEqual(self.read("cost").totals["sales"], 100)

    def test_two_clubs_of_a_company_count_a_sale_once(self):
        other = self.env["club.club"].create({"name": "Second Club", "tz": "UTC"})
        self.join(other._enrol(self.partner), at(1, 1))
        self.buy(self.partner, at(3, 5), 3)
        self.assertEqual(self.read("top_members", clubs=self.club | other).totals["sales"], 30)

    def test_a_sale_that_two_clubs_see_counts_in_each_and_once_in_all(self):
        other = self.env["club.club"].create({"name": "Second Club", "tz": "UTC"})
        self.join(other._enrol(self.partner), at(1, 1))
        both = self.club | other
        Tier = self.env["club.tier"]
        tiers = Tier.create([{"club_id": club.id, "name": "Gold", "threshold": 0} for club in both])
        for club, tier in zip(both, tiers, strict=True):
            club.member_ids.sudo().tier_id = tier
            self.env["club.segment"].create({"club_id": club.id, "name": "All", "domain": "[]"})
        self.buy(self.partner, at(3, 5), 3)
        cost = self.read("cost", clubs=both, comparison=FEBRUARY)
        self.assertEqual([row["sales"] for row in cost.rows], [30, 30])
        self.assertEqual(cost.totals["sales"], 30)
        self.assertIn("once in what is said of all", cost.note)
        self.assertNotIn("once in what is said of all", self.read("cost").note)
        self.assertEqual({row["sales"] for row in self.read("segments", clubs=both).rows}, {30})
        [row] = self.read("product_tier", clubs=both).rows
        self.assertEqual((row["all"], *(row[f"g{tier.id}"] for tier in tiers)), (30, 30, 30))
        segments = self.read("weekday_segment", clubs=both).totals
        self.assertEqual([count for key, count in segments.items() if key.startswith("s")], [1, 1])
        self.assertEqual(segments["all"], 1)

    def test_products_stand_by_tier_and_add_up(self):
        tulips = self.env["product.product"].create({"name": "Tulips", "list_price": 5.0, "taxes_id": False})
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 0})
        self.member.sudo().tier_id, self.member_2.sudo().tier_id = tier, False
        self.buy(self.partner, at(3, 5), 3)
        self.buy(self.partner_2, at(3, 5), 2, product=tulips)
        self.buy(self.env["res.partner"].create({"name": "Stranger"}), at(3, 5), 9)
        table = self.read("product_tier")
        rows = {row["product"]: (row[f"g{tier.id}"], row["g0"], row["all"]) for row in table.rows}
        self.assertEqual(rows, {"Roses": (30, 0, 30), "Tulips": (0, 10, 10)})
        self.assertEqual((table.totals["all"], table.totals["all"]), (40, self.sales()))
        model, domain = table.drill[0]
        self.assertEqual(self.env[model].search(domain).product_id, self.product)

    def test_what_is_beyond_the_best_products_stands_in_one_row(self):
        products = self.env["product.product"].create(
            [{"name": f"P{number:02d}", "list_price": 100 - number, "taxes_id": False} for number in range(17)]
        )
        for product in products:
            self.buy(self.partner, at(3, 5), 1, product=product)
        table = self.read("product_tier")
        self.assertEqual(len(table.rows), 16)
        self.assertEqual((table.rows[-1]["product"], table.rows[-1]["all"]), ("Everything else", 85 + 84))

    def test_products_stand_by_segment(self):
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Annas", "domain": f"[('id', '=', {self.member.id})]"}
        )
        self.buy(self.partner, at(3, 5), 3)
        self.buy(self.partner_2, at(3, 5), 1)
        [row] = self.read("product_segment").rows
        self.assertEqual((row[f"g{segment.id}"], row["all"]), (30, 40))

    def test_segments_tell_members_purchases_and_points(self):
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Annas", "domain": f"[('id', '=', {self.member.id})]"}
        )
        self.buy(self.partner, at(3, 5), 3)
        self.buy(self.partner, at(2, 5), 1)
        self.post(12, "a")
        table = self.read("segments", comparison=FEBRUARY)
        [row] = table.rows
        self.assertEqual((row["members"], row["share"], row["buyers"]), (1, Decimal("0.5"), 1))
        self.assertEqual((row["sales"], row["before"]), (30, 10))
        self.assertEqual(row["points"], 12 + self._bought_points())
        self.assertEqual(row["members"], len(self.env["club.member"].search(segment._get_domain())))
        self.assertIsNone(table.totals, "members of several segments would count twice")

    def _bought_points(self):
        return self.member.points - 12

    def test_a_segments_counts_open_as_many_records(self):
        segment = self.env["club.segment"].create({"club_id": self.club.id, "name": "Everybody"})
        segment._keep_memberships()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_segment_membership SET entered_on = %s, left_on = CASE WHEN member_id = %s THEN %s::date END"
            " WHERE segment_id = %s",
            (date(2026, 3, 2), self.member.id, date(2026, 3, 20), segment.id),
        )
        self.env.invalidate_all()
        table = self.read("segments")
        [row] = table.rows
        self.assertEqual((row["members"], row["entered"], row["left"]), (2, 2, 1))
        for key in ("members", "entered", "left"):
            model, domain = table.drill[0, key]
            self.assertEqual(self.env[model].search_count(domain), row[key], key)
        self.assertNotIn((0, "left"), self.read("segments", FEBRUARY).drill, "there is nothing to open")

    def test_the_hour_is_the_clubs_and_the_week_begins_as_it_does(self):
        """Friday 20:31 UTC is Saturday 00:01 in Tehran, where the week begins."""
        self.club.write({"tz": "Asia/Tehran", "week_start": "5"})
        self.buy(self.partner, datetime(2026, 3, 6, 20, 31))
        table = self.read("weekday_hour")
        self.assertEqual([column.label for column in table.columns[1:3]], ["Saturday", "Sunday"])
        [row] = table.rows
        self.assertEqual((row["hour"], row["d5"], row["all"]), ("00:00", 1, 1))

    def test_segments_buy_at_other_times(self):
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Annas", "domain": f"[('id', '=', {self.member.id})]"}
        )
        self.buy(self.partner, datetime(2026, 3, 2, 7))  # a Monday
        self.buy(self.partner, datetime(2026, 3, 9, 11, 59))
        self.buy(self.partner_2, datetime(2026, 3, 3, 18))
        table = self.read("weekday_segment")
        rows = [(row["day"], row["hours"], row[f"s{segment.id}"], row["all"]) for row in table.rows]
        self.assertEqual(rows, [("Monday", "06:00–12:00", 2, 2), ("Tuesday", "18:00–24:00", 0, 1)])
        self.assertEqual((table.totals[f"s{segment.id}"], table.totals["all"]), (2, 3))
        self.assertEqual(list(table.chart.x), ["All members", "Annas"])
        shares = [[round(share, 2) for share in row.values] for row in table.chart.series]
        self.assertEqual(shares, [[Decimal("0.67"), 1], [Decimal("0.33"), 0]], "of each segment's own purchases")


@tagged("post_install", "-at_install")
class TestSeveralCurrencies(BlockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yen = cls.env.ref("base.JPY")
        cls.yen.active = True
        cls.company = cls.env["res.company"].create({"name": "Tokyo", "currency_id": cls.yen.id})
        cls.env.user.company_ids |= cls.company
        cls.far = cls.env["club.club"].create({"name": "Far Club", "company_id": cls.company.id, "tz": "Asia/Tokyo"})
        cls.ken = cls.env["res.partner"].create({"name": "Ken"})
        cls.join(cls.far._enrol(cls.ken), at(1, 1))
        cls.both = cls.club | cls.far

    def test_money_is_a_row_per_currency_and_never_added(self):
        self.buy(self.partner, at(3, 5), 3)
        self.buy(self.ken, at(3, 5), 1, price=1234.4, company=self.company)
        for kind in ("top_members", "repeat_purchase", "product_tier", "cost"):
            with self.subTest(block=kind):
                table = self.read(kind, clubs=self.both)
                key = "all" if kind == "product_tier" else "sales"
                amounts = {row["currency"]: row[key] for row in table.rows}
                self.assertEqual(amounts, {self.club.currency_id.name: 30, "JPY": 1234})
                self.assertEqual({row["_currency"] for row in table.rows}, set(self.both.currency_id.ids))
                self.assertIsNone(table.totals[key])

    def test_yen_have_no_decimals(self):
        self.buy(self.ken, at(3, 5), 1, price=1234.4, company=self.company)
        [row] = self.read("top_members", clubs=self.far).rows
        self.assertEqual(str(row["sales"]), "1234")

    def test_an_order_in_a_foreign_currency_counts_in_the_companys(self):
        order = self.buy(self.ken, at(3, 5), 1, price=1000, company=self.company)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET currency_rate = 0.01 WHERE id = %s", (order.id,))
        self.assertEqual(self.read("top_members", clubs=self.far).totals["sales"], 100000)

    def test_each_club_has_its_own_days(self):
        """15:30 UTC on 31 March is April in Tokyo already."""
        self.buy(self.partner, datetime(2026, 3, 31, 15, 30), 1)
        self.buy(self.ken, datetime(2026, 3, 31, 15, 30), 1, price=1000, company=self.company)
        found = self.column(self.read("top_members", clubs=self.both), "currency")
        self.assertEqual(found, [self.club.currency_id.name])


@tagged("post_install", "-at_install")
class TestWhatMembersSay(BlockCase):
    def say(self, kind, when, member=None, decided=None):
        feedback = self.env["club.feedback"].create(
            {
                "member_id": (member or self.member).id,
                "author_id": (member or self.member).partner_id.id,
                "kind": kind,
                "text": "Words",
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_feedback SET create_date = %s, decided_at = %s WHERE id = %s", (when, decided, feedback.id)
        )
        self.env.invalidate_all()
        return feedback

    def test_praise_is_content_and_critique_is_not(self):
        self.say("praise", at(3, 2))
        self.say("praise", at(3, 3))
        self.say("critique", at(3, 4), decided=at(3, 6))
        self.say("critique", at(3, 5), self.member_2)
        self.say("request", at(3, 5), self.member_2, decided=at(3, 9))
        table = self.read("satisfaction", comparison=FEBRUARY)
        [row] = table.rows
        self.assertEqual((row["said"], row["judged"], row["content"], row["share"]), (5, 4, 2, Decimal("0.5")))
        self.assertEqual((row["members"], row["happy"], row["answered"], row["days"]), (2, 1, 2, 3))
        self.assertEqual(self.figure(table, "Content Members"), (1, 0))
        model, domain = table.drill[0]
        self.assertEqual(self.env[model].search_count(domain), 5)

    def test_a_survey_counts_by_its_own_bar(self):
        self.env["club.event"]._record(
            [
                {
                    "member_id": member.id,
                    "type": "survey",
                    "key": f"s{member.id}",
                    "occurred_at": at(3, 4),
                    "payload": {"score": 50, "passed": passed},
                }
                for member, passed in ((self.member, True), (self.member_2, False))
            ]
        )
        self.say("praise", at(3, 2))
        table = self.read("satisfaction")
        self.assertEqual(self.column(table, "content", of="source"), {"Feedback": 1, "Surveys with a score": 1})
        self.assertEqual((table.totals["said"], table.totals["members"], table.totals["happy"]), (3, 2, 1))


@tagged("post_install", "-at_install")
class TestReferrals(BlockCase):
    def test_the_figures_are_those_of_the_referral_page(self):
        friend = self.club._enrol(self.env["res.partner"].create({"name": "Friend"}))
        self.env["club.referral"].sudo().create(
            {
                "club_id": self.club.id,
                "referrer_id": self.member.id,
                "friend_id": friend.id,
                "state": "joined",
                "visited_at": at(3, 4),
                "joined_at": at(3, 4),
            }
        )
        table = self.read("referral", MARCH)
        self.assertEqual([(row["joins"], row["buyers"]) for row in table.rows], [(1, 0)])
        model, domain = table.drill["total"]
        self.assertEqual(sum(self.env[model].search(domain).mapped("joins")), 1)
        self.assertEqual(table.chart.series[0].values, [0, 1, 0])


@tagged("post_install", "-at_install")
class TestTheSameSalesEverywhere(BlockCase):
    def test_what_a_member_bought_is_what_the_behaviour_says(self):
        order = self.buy(self.partner, at(3, 5), 3)
        self.buy(self.partner, at(3, 7), 2)
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves([{"date": fields.Date.today()}])
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.club._refresh_behaviour()
        self.env.invalidate_all()
        self.assertEqual(self.member.behaviour_ids.sales, 40)
        self.assertEqual(self.read("top_members").totals["sales"], 40)
