"""Rules on real orders: history, time, tiers, limits; how they read and what they refuse."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .test_earning_orders import EarningCase


class RuleCase(EarningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.active = False

    def add_rule(self, **values):
        return self.env["club.earn.rule"].create(
            {
                "name": "Rule",
                "club_id": self.club.id,
                "formula": "fixed",
                "points": 10,
                **values,
            }
        )

    def earned_by(self, rule):
        self.settle()
        return rule.points_given


@tagged("post_install", "-at_install")
class TestHistory(RuleCase):
    def test_the_first_purchase_counts_once_and_again_when_the_first_was_cancelled(self):
        rule = self.add_rule(nth_mode="exact", nth=1)
        first = self.sell((self.product, 1, 10.0))
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.earned_by(rule), 10)
        first._action_cancel()
        self.assertEqual(self.earned_by(rule), 0)

    def test_every_third_purchase(self):
        rule = self.add_rule(nth_mode="every", nth=3)
        for expected in (0, 0, 10, 10, 10, 20):
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), expected)

    def test_a_cancelled_purchase_is_not_counted(self):
        rule = self.add_rule(nth_mode="exact", nth=2)
        self.sell((self.product, 1, 10.0))._action_cancel()
        self.settle()
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.earned_by(rule), 0)
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.earned_by(rule), 10)

    def test_a_change_of_the_first_order_does_not_make_it_the_second(self):
        rule = self.add_rule(nth_mode="exact", nth=1, formula="per_amount", points=1, per_amount=1)
        order = self.sell((self.product, 1, 10.0))
        self.sell((self.product, 1, 7.0))
        order.order_line.product_uom_qty = 3
        self.assertEqual(self.earned_by(rule), 30)

    def test_again_within_days_and_frequency_within_the_month(self):
        again = self.add_rule(within_days=7)
        third = self.add_rule(frequency_count=3, frequency_period="month")
        for day, expected in ((1, (0, 0)), (8, (10, 0)), (16, (10, 10)), (23, (20, 10))):
            with freeze_time(datetime(2027, 3, day, 12)):
                self.sell((self.product, 1, 10.0))
                self.assertEqual((self.earned_by(again), self.earned_by(third)), expected, day)

    def test_a_category_new_to_the_member(self):
        (parent,) = self.env["product.category"].create([{"name": "Garden"}])
        tools, seeds = self.env["product.category"].create(
            [{"name": name, "parent_id": parent.id} for name in ("Tools", "Seeds")]
        )
        spade, seed = self.env["product.product"].create(
            [
                {"name": "Spade", "categ_id": tools.id, "taxes_id": False},
                {"name": "Seed", "categ_id": seeds.id, "taxes_id": False},
            ]
        )
        own = self.add_rule(first_in_category=True, formula="per_amount", points=1, per_amount=1)
        garden = self.add_rule(first_in_category=True, categ_ids=parent.ids)
        self.sell((spade, 1, 10.0))
        self.assertEqual((self.earned_by(own), self.earned_by(garden)), (10, 10))
        self.sell((spade, 1, 10.0), (seed, 1, 5.0))
        self.assertEqual((self.earned_by(own), self.earned_by(garden)), (15, 10))
        self.product.categ_id = False
        self.sell((self.product, 1, 5.0))
        other = self.sell((seed, 1, 5.0), partner=self.partner_2)
        self.assertTrue(other)
        self.assertEqual(self.earned_by(own), 20)

    def test_categories_count_their_subcategories_and_tags_their_products(self):
        parent = self.env["product.category"].create({"name": "Garden"})
        child = self.env["product.category"].create({"name": "Tools", "parent_id": parent.id})
        tag = self.env["product.tag"].create({"name": "Green"})
        spade = self.env["product.product"].create(
            {"name": "Spade", "categ_id": child.id, "taxes_id": False, "product_tag_ids": tag.ids}
        )
        by_category = self.add_rule(categ_ids=parent.ids, formula="per_amount", points=1, per_amount=1)
        by_tag = self.add_rule(tag_ids=tag.ids)
        by_product = self.add_rule(product_ids=self.product.ids)
        self.sell((spade, 1, 10.0))
        self.assertEqual([self.earned_by(rule) for rule in (by_category, by_tag, by_product)], [10, 10, 0])

    def test_paid_within_days_counts_once_everything_is_paid(self):
        self.club.write({"earn_when": "paid", "hold_days": 0})
        rule = self.add_rule(max_days_to_pay=10)
        order = self.sell((self.product, 1, 10.0))
        move = self.invoice(order)
        self.assertEqual(self.earned_by(rule), 0)
        self.pay(move)
        self.assertEqual(self.earned_by(rule), 10)
        self.assertPoints(10)
        self.env["club.purchase"]._settle(order)
        self.assertPoints(10)
        self.refund(move)
        self.assertPoints(0)

    def test_paid_late_gives_nothing(self):
        rule = self.add_rule(max_days_to_pay=10)
        order = self.sell((self.product, 1, 10.0))
        move = order._create_invoices()
        move.invoice_date = fields.Date.today() - timedelta(days=11)
        move.action_post()
        self.pay(move)
        self.assertEqual(self.earned_by(rule), 0)

    def test_who_owes_too_much_past_the_due_date_earns_nothing(self):
        rule = self.add_rule(check_overdue=True, max_overdue=20)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": fields.Date.today() - timedelta(days=60),
                "invoice_date_due": fields.Date.today() - timedelta(days=30),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Debt", "quantity": 1, "price_unit": 20.01, "tax_ids": False})
                ],
            }
        )
        self.club.earn_from_invoices = False
        move.action_post()
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.earned_by(rule), 0)
        self.pay(move, 0.01)
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.earned_by(rule), 10)


@tagged("post_install", "-at_install")
class TestTimeAndPlace(RuleCase):
    def test_midnight_is_the_club_s_midnight(self):
        self.club.tz = "Asia/Tehran"  # UTC+3:30
        rule = self.add_rule(friday=True)
        with freeze_time(datetime(2027, 3, 4, 20, 29)):  # Thursday 23:59 in Tehran
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 0)
        with freeze_time(datetime(2027, 3, 4, 20, 30)):  # Friday 00:00 in Tehran
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 10)

    def test_channel_and_payment_terms(self):
        website = self.env["website"].search([("company_id", "=", self.env.company.id)], limit=1)
        online = self.add_rule(channel="website")
        term = self.env["account.payment.term"].create({"name": "Now"})
        on_terms = self.add_rule(payment_term_ids=term.ids)
        self.sell((self.product, 1, 10.0))
        self.assertEqual((self.earned_by(online), self.earned_by(on_terms)), (0, 0))
        self.sell((self.product, 1, 10.0), website_id=website.id, payment_term_id=term.id)
        self.assertEqual((self.earned_by(online), self.earned_by(on_terms)), (10, 10))

    def test_the_payment_method_of_an_online_payment(self):
        method = self.env["payment.method"].search([], limit=1)
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        rule = self.add_rule(payment_method_ids=method.ids)
        order = self.quote((self.product, 1, 10.0))
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 10,
                "currency_id": order.currency_id.id,
                "partner_id": self.partner.id,
                "reference": "club-test",
                "sale_order_ids": order.ids,
                "state": "done",
            }
        )
        order.action_confirm()
        self.assertEqual(self.earned_by(rule), 10)


@tagged("post_install", "-at_install")
class TestWhoEarns(RuleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.active = True
        cls.firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.buyer = cls.env["res.partner"].create({"name": "Buyer", "parent_id": cls.firm.id})
        cls.address = cls.env["res.partner"].create({"name": "Ramp 4", "parent_id": cls.firm.id, "type": "delivery"})

    def test_never_17_the_company_earns_for_its_contacts_if_the_club_says_so(self):
        self.club.earner = "company"
        member = self.club._enrol(self.firm)
        self.sell((self.product, 1, 10.0), partner=self.buyer)
        self.sell((self.product, 1, 5.0), partner=self.address)
        self.assertPoints(15, member=member)

    def test_the_person_earns_otherwise_and_an_address_for_whom_it_belongs_to(self):
        firm, buyer = self.club._enrol(self.firm), self.club._enrol(self.buyer)
        self.sell((self.product, 1, 10.0), partner=self.buyer)
        self.sell((self.product, 1, 5.0), partner=self.address)
        self.assertPoints(10, member=buyer)
        self.assertPoints(5, member=firm)

    def test_an_order_made_before_joining_earns_nothing_unless_it_is_imported(self):
        newcomer = self.env["res.partner"].create({"name": "Nora"})
        order = self.sell((self.product, 1, 10.0), partner=newcomer)
        order.date_order = fields.Datetime.now() - timedelta(days=3)
        member = self.club._enrol(newcomer)
        self.invoice(order)
        self.assertPoints(0, member=member)
        self.env["club.purchase"]._settle(order, before_joining=True)
        self.assertPoints(10, member=member)

    def test_who_has_left_earns_nothing_more_but_a_return_is_still_taken_back(self):
        order = self.sell((self.product, 1, 10.0))
        self.member.write({"state": "left", "active": False})
        self.sell((self.product, 1, 10.0))
        self.assertEqual(self.owned(), 10)
        order._action_cancel()
        self.assertEqual(self.owned(), 0)

    def test_never_17_a_rule_for_a_tier_and_the_tier_s_multiplier(self):
        gold = self.env["club.tier"].create(
            {"name": "Gold", "club_id": self.club.id, "multiplier": 1.5, "threshold": 100000}
        )
        rule = self.add_rule(tier_ids=gold.ids, use_multiplier=False)
        self.sell((self.product, 1, 11.0))
        self.assertPoints(11)
        self.member.tier_id = gold
        self.env.flush_all()
        self.sell((self.product, 1, 11.0))
        self.assertPoints(11 + 16 + 10)
        self.assertEqual(self.earned_by(rule), 10)

    def test_never_14_another_company_s_club_gives_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create(
            {"name": "Other club", "company_id": company.id, "tz": "UTC", "earn_when": "confirmed", "hold_days": 0}
        )
        self.env["club.earn.rule"].create({"name": "R", "club_id": club.id, "points": 99})
        other = club._enrol(self.partner)
        order = self.sell((self.product, 1, 10.0))
        self.assertEqual(order.company_id, self.club.company_id)
        self.assertPoints(10)
        self.assertPoints(0, member=other)

    def test_two_clubs_of_a_company_both_give(self):
        club = self.env["club.club"].create({"name": "Second", "tz": "UTC", "earn_when": "confirmed", "hold_days": 0})
        self.env["club.earn.rule"].create({"name": "R", "club_id": club.id, "points": 7})
        second = club._enrol(self.partner)
        order = self.sell((self.product, 1, 10.0))
        self.assertPoints(10)
        self.assertPoints(7, member=second)
        order._action_cancel()
        self.assertPoints(0)
        self.assertPoints(0, member=second)


@tagged("post_install", "-at_install")
class TestLimits(RuleCase):
    def test_a_member_s_limit_counts_per_period_and_gives_back_what_returns(self):
        rule = self.add_rule(limit_member=15, limit_period="month")
        with freeze_time("2027-03-10 12:00:00"):
            first = self.sell((self.product, 1, 10.0))
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 15)
            first._action_cancel()
            self.assertEqual(self.earned_by(rule), 5)
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 15)
        with freeze_time("2027-04-01 00:00:00"):
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 25)

    def test_the_rule_s_budget_holds_for_all_members_together(self):
        rule = self.add_rule(limit_club=15)
        self.sell((self.product, 1, 10.0))
        self.sell((self.product, 1, 10.0), partner=self.partner_2)
        self.sell((self.product, 1, 10.0), partner=self.partner_2)
        self.assertEqual(self.earned_by(rule), 15)

    def test_orders_confirmed_together_share_one_budget(self):
        rule = self.add_rule(limit_club=15)
        orders = self.quote((self.product, 1, 10.0)) | self.quote((self.product, 1, 10.0), partner=self.partner_2)
        orders.action_confirm()
        self.assertEqual(self.earned_by(rule), 15)

    def test_the_club_s_budget_begins_anew_with_its_period(self):
        self.club.write({"budget_points": 15, "budget_period": "month"})
        rule = self.add_rule()
        with freeze_time("2027-03-10 12:00:00"):
            self.sell((self.product, 1, 10.0))
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 15)
        with freeze_time("2027-04-01 00:00:00"):
            self.sell((self.product, 1, 10.0))
            self.assertEqual(self.earned_by(rule), 25)

    def test_a_purchase_that_grows_does_not_count_against_its_own_limit(self):
        rule = self.add_rule(formula="per_amount", points=1, per_amount=1, limit_member=25, limit_period="lifetime")
        order = self.sell((self.product, 1, 20.0))
        order.order_line.price_unit = 30
        self.assertEqual(self.earned_by(rule), 25)

    def test_the_best_rule_of_a_group_counts(self):
        low = self.add_rule(stacking="best", stacking_group="May")
        high = self.add_rule(stacking="best", stacking_group="May", points=20)
        self.sell((self.product, 1, 10.0))
        self.assertEqual((self.earned_by(low), self.earned_by(high)), (0, 20))

    def test_a_rule_s_own_expiry(self):
        rule = self.add_rule(expiry_months=3)
        with freeze_time("2027-01-31 12:00:00"):
            self.sell((self.product, 1, 10.0))
        self.settle()
        entry = self.env["club.point.entry"].search([("rule_id", "=", rule.id)])
        self.assertEqual(entry.expires_on, fields.Date.to_date("2027-04-30"))


@tagged("post_install", "-at_install")
class TestTheRuleForm(RuleCase):
    def test_a_rule_reads_back_as_one_sentence(self):
        gold = self.env["club.tier"].create({"name": "Gold", "club_id": self.club.id, "threshold": 5})
        rule = self.add_rule(
            formula="per_amount",
            points=2,
            per_amount=10,
            min_amount=50,
            product_ids=self.product.ids,
            tier_ids=gold.ids,
            friday=True,
            saturday=True,
            hour_from=18,
            hour_to=20.5,
            channel="website",
            limit_event=100,
            limit_member=500,
        )
        self.assertEqual(
            rule.sentence.replace("\xa0", " "),
            "2 points for each full $ 10 of Roses on Fridays and Saturdays between 18:00 and 20:30, "
            "from $ 50 up, in the web shop, Gold only, at most 100 at a time, at most 500 a month",
        )
        rule.write({"limit_member": 0})
        self.assertNotIn("500", rule.sentence)

    def test_steps_read_back_and_count(self):
        rule = self.add_rule(
            formula="steps_progressive",
            step_ids=[
                Command.create({"from_amount": 0, "points": 1, "per_amount": 10}),
                Command.create({"from_amount": 100, "points": 2, "per_amount": 10}),
            ],
        )
        self.assertIn(
            "from $\xa00: 1 point for each full $\xa010; from $\xa0100: 2 points for each full", rule.sentence
        )
        self.sell((self.product, 1, 135.0))
        self.assertEqual(self.earned_by(rule), 16)
        rule.step_ids[1].points = 3
        self.sell((self.product, 1, 135.0))
        self.assertEqual(self.earned_by(rule), 16 + 19)

    def test_impossible_rules_are_refused_with_the_remedy(self):
        for values, message in (
            ({"points": 0}, "Set more than 0"),
            ({"formula": "per_amount", "per_amount": 0}, "must be more than 0"),
            ({"formula": "steps_flat"}, "Add at least one step"),
            ({"date_from": "2027-02-01", "date_to": "2027-01-01"}, "ends before it begins"),
            ({"hour_from": 25}, "0:00 to 24:00"),
            ({"hour_from": 9, "hour_to": 9}, "Leave both at 0:00"),
            ({"nth_mode": "every", "nth": 0}, "Set 1 or more"),
            ({"event_type": "visit", "formula": "per_unit"}, "Use fixed points"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message):
                self.add_rule(**values)

    def test_a_tier_of_another_club_is_refused(self):
        club = self.env["club.club"].create({"name": "Second", "tz": "UTC"})
        tier = self.env["club.tier"].create({"name": "Gold", "club_id": club.id, "threshold": 5})
        with self.assertRaisesRegex(ValidationError, "another club"):
            self.add_rule(tier_ids=tier.ids)

    def test_a_rule_that_gave_points_is_archived_not_deleted(self):
        rule = self.add_rule()
        self.add_rule().unlink()
        self.sell((self.product, 1, 10.0))
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            rule.unlink()

    def test_the_form_makes_a_rule(self):
        with Form(self.env["club.earn.rule"].with_context(default_club_id=self.club.id)) as form:
            form.name = "Ten for a rose"
            form.formula = "per_unit"
            form.points = 10
            form.product_ids.add(self.product)
        rule = form.record
        self.sell((self.product, 3, 1.0))
        self.assertEqual(self.earned_by(rule), 30)
