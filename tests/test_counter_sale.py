"""Selling at the counter: a real, paid order; what it earns; points spent; undone again."""

import uuid

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged


class CounterCase(ClubCase):
    """A clerk of the club who has no rights in Sales or Invoicing, and a rule of one point for each full 1.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.clerk = new_test_user(cls.env, "counter_clerk", groups="customer_club.group_club_user")
        cls.counter = cls.env["club.counter"].with_user(cls.clerk)
        cls.cash = cls.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", cls.env.company.id)], limit=1
        ) or cls.env["account.journal"].create({"name": "Till", "type": "cash", "code": "TILL"})
        cls.club.counter_journal_ids = cls.cash
        cls.rule = cls.earn_rule("purchase", 1, formula="per_amount", per_amount=1)
        cls.discount = cls.club.program_id.reward_ids
        cls.discount.write({"discount": 0.01, "required_points": 1})

    def token(self):
        return str(uuid.uuid4())

    def sell(self, amount="50", token=None, member=None, **sale):
        return self.counter.sell(
            {"member_id": (member or self.member).id, "amount": amount, "journal_id": self.cash.id, **sale},
            token or self.token(),
        )

    def orders(self, member=None):
        return self.env["sale.order"].search([("partner_id", "=", (member or self.member).partner_id.id)])


@tagged("post_install", "-at_install")
class TestASaleAtTheCounter(CounterCase):
    def test_an_amount_becomes_a_confirmed_invoiced_and_paid_order_that_earns(self):
        result = self.sell("50")
        order = self.orders()
        self.assertEqual((order.state, order.amount_total), ("sale", 50))
        self.assertEqual(order.invoice_ids.payment_state, "paid")
        self.assertEqual(order.user_id, self.clerk)
        self.assertEqual(self.member.points, 50)
        self.assertIn("50", result["earned"])
        self.assertIn("50", result["member"]["points"])
        self.assertIn(order.name, result["message"])
        self.assertEarned(50, "purchase")
        self.assertInvariantsHold()

    def test_what_it_will_earn_is_shown_before_and_nothing_is_kept_of_that(self):
        shown = self.counter.preview_sale({"member_id": self.member.id, "amount": "۵۰٫۵۰"})
        self.assertIn("50.50", shown["total"])
        self.assertIn("50", shown["earns"])
        self.assertTrue(shown["why"])
        self.assertFalse(self.orders())
        self.assertFalse(self.club.counter_product_id)
        self.assertEqual(self.member.points, 0)

    def test_a_preview_of_nothing_shows_what_can_be_had(self):
        self.post(300, "e")
        self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 200,
                "description": "Free roses",
            }
        )
        shown = self.counter.preview_sale({"member_id": self.member.id})
        self.assertIn("Free roses", [reward["name"] for reward in shown["rewards"]])
        self.assertFalse(self.orders())

    def test_what_can_be_used_is_told_by_the_club_s_name_for_points(self):
        self.club.point_name = "Petals"
        self.post(1300, "e")
        self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "per_point",
                "discount": 0.01,
                "required_points": 1,
                "description": "A cent per petal",
            }
        )
        shown = self.counter.preview_sale({"member_id": self.member.id, "amount": "50"})
        reward = next(reward for reward in shown["rewards"] if reward["name"] == "A cent per petal")
        self.assertEqual((reward["most"], reward["most_text"]), ("1300", "1,300 Petals"))

    def test_the_same_token_sells_once(self):
        """Never 6, a double tap and a retry after a lost answer."""
        token = self.token()
        first = self.sell("50", token)
        again = self.sell("50", token)
        self.assertEqual(len(self.orders()), 1)
        self.assertEqual(first["last"]["id"], again["last"]["id"])
        self.assertEqual(first["earned"], again["earned"])
        self.assertEqual(self.member.points, 50)

    def test_the_same_token_for_something_else_is_an_error(self):
        token = self.token()
        self.sell("50", token)
        with self.assertRaisesRegex(UserError, "something else"):
            self.sell("60", token)
        with self.assertRaisesRegex(UserError, "out of date"):
            self.sell("60", "x")
        self.assertEqual(len(self.orders()), 1)

    def test_another_users_token_neither_helps_nor_hinders(self):
        """Abuse 6."""
        token = self.token()
        self.sell("50", token)
        other = new_test_user(self.env, "counter_other", groups="customer_club.group_club_user")
        self.env["club.counter"].with_user(other).sell({"member_id": self.member.id, "amount": "20"}, token)
        self.assertEqual(len(self.orders()), 2)

    def test_products_with_quantity_and_price(self):
        self.sell("", lines=[{"product_id": self.product.id, "quantity": "3", "price": ""}])
        self.assertEqual(self.orders().amount_total, 30)
        self.sell("5", lines=[{"product_id": self.product.id, "quantity": "2", "price": "7,50"}])
        self.assertEqual(self.orders()[0].amount_total, 20)

    def test_taxes_are_contained_in_the_amount(self):
        tax = self.env["account.tax"].create(
            {"name": "19 % on top", "amount": 19, "price_include_override": "tax_excluded"}
        )
        self.club._get_counter_product().taxes_id = tax
        self.sell("119")
        self.assertEqual((self.orders().amount_untaxed, self.orders().amount_total), (100, 119))
        tax.price_include_override = "tax_included"
        self.sell("119", member=self.member_2)
        self.assertEqual(self.orders(self.member_2).amount_total, 119)

    def test_a_tiers_prices_are_for_products_not_for_amounts(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Ten percent off",
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 10})],
            }
        )
        self.partner.property_product_pricelist = pricelist
        self.club._get_counter_product().list_price = 40
        self.sell("50", lines=[{"product_id": self.product.id, "quantity": "1"}])
        self.assertEqual(self.orders().amount_total, 50 + 9)
        self.sell("", lines=[{"product_id": self.product.id, "quantity": "1", "price": "8"}])
        self.assertEqual(self.orders()[0].amount_total, 8)

    def test_points_pay_a_part_and_respect_what_is_there(self):
        self.post(500, "e")
        with self.assertRaisesRegex(UserError, "can use up to"):
            self.sell("10", reward_id=self.discount.id, points="2000")
        self.assertFalse(self.orders().filtered(lambda order: order.state == "sale"))
        result = self.sell("10", reward_id=self.discount.id, points="300")
        order = self.orders().filtered(lambda order: order.state == "sale")
        self.assertEqual(order.amount_total, 7)
        self.assertEqual(self.member.points, 500 - 300 + 7)
        self.assertIn("7", result["earned"])
        self.assertInvariantsHold()

    def test_points_may_pay_everything(self):
        self.post(1000, "e")
        self.sell("10", reward_id=self.discount.id, points="1000")
        order = self.orders()
        self.assertEqual((order.amount_total, order.invoice_ids.payment_state), (0, "paid"))
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_a_free_product_can_be_had_without_buying(self):
        self.post(300, "e")
        gift = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 200,
            }
        )
        self.sell("", reward_id=gift.id)
        self.assertEqual(self.member.points, 100)
        self.assertEqual(self.orders().amount_total, 0)
        with self.assertRaisesRegex(UserError, "cannot be had"):
            self.sell("", reward_id=gift.id)
        self.assertInvariantsHold()

    def test_another_clubs_reward_is_refused(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        with self.assertRaisesRegex(UserError, "not offered"):
            self.sell("10", reward_id=other.reward_ids.id, points="1")

    def test_nonsense_is_answered_in_words(self):
        for sale, words in (
            ({"amount": "ten"}, "no amount"),
            ({"amount": "-5"}, "no amount"),
            ({"amount": "1e400"}, "no amount"),
            ({"amount": ""}, "Nothing is to be sold"),
            ({"amount": "5", "journal_id": 999999}, "way to pay"),
            ({"amount": "5", "lines": [{"product_id": 999999999}]}, "cannot be sold"),
            ({"amount": "5", "lines": [{"product_id": "1 OR 1"}]}, "cannot be sold"),
        ):
            with self.subTest(sale=sale), self.assertRaisesRegex(UserError, words):
                self.counter.sell({"member_id": self.member.id, **sale}, self.token())
        self.assertFalse(self.orders())

    def test_without_a_journal_it_says_what_to_set_up(self):
        self.club.counter_journal_ids = False
        self.env["account.journal"].search([("type", "in", ("cash", "bank", "credit"))]).active = False
        self.assertIn("no cash or bank journal", self.counter.open_counter(self.club.id)["problem"])
        with self.assertRaisesRegex(UserError, "no cash or bank journal"):
            self.sell("50")

    def test_a_context_changes_nothing(self):
        """Abuse 5."""
        forged = self.counter.with_context(
            default_points=1000, default_user_id=1, default_state="sale", club_points_cap=5
        )
        forged.sell({"member_id": self.member.id, "amount": "50"}, self.token())
        self.assertEqual(self.orders().user_id, self.clerk)
        self.assertEqual(self.member.points, 50)

    def test_a_product_for_a_higher_tier_is_refused_in_words(self):
        self.env["club.tier"].create({"club_id": self.club.id, "name": "Bud", "threshold": 0})
        gold = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1000})
        self.product.product_tmpl_id.write({"club_members_only": True, "club_tier_ids": [Command.set(gold.ids)]})
        lines = [{"product_id": self.product.id, "quantity": "1"}]
        shown = self.counter.preview_sale({"member_id": self.member.id, "lines": lines})
        self.assertIn("Roses", shown["problem"])
        with self.assertRaisesRegex(UserError, "Roses.*\nNothing was sold"):
            self.sell("", lines=lines)
        self.assertNotIn("sale", self.orders().mapped("state"), "the request is rolled back")


@tagged("post_install", "-at_install")
class TestUndoAtTheCounter(CounterCase):
    def undo(self, result):
        return self.counter.undo_last(result["last"]["id"])

    def test_a_sale_is_undone_with_credit_note_refund_and_points(self):
        self.post(500, "e")
        result = self.sell("50", reward_id=self.discount.id, points="300")
        order = self.orders()
        self.assertEqual(self.member.points, 500 - 300 + 47)
        undone = self.undo(result)
        self.assertEqual(order.state, "cancel")
        credit_note = order.invoice_ids.reversal_move_ids | order.invoice_ids.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(
            (credit_note.state, credit_note.amount_total, credit_note.payment_state), ("posted", 47, "paid")
        )
        self.assertEqual(self.member.points, 500)
        self.assertIn(order.name, undone["message"])
        self.assertIn("500", undone["member"]["points"])
        self.assertInvariantsHold()

    def test_undoing_twice_undoes_once(self):
        result = self.sell("50")
        self.undo(result)
        self.undo(result)
        refunds = self.env["account.move"].search(
            [("partner_id", "=", self.partner.id), ("move_type", "=", "out_refund")]
        )
        self.assertEqual(len(refunds), 1)
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_only_the_last_only_ones_own_and_only_for_a_while(self):
        first = self.sell("50")
        second = self.sell("20")
        with self.assertRaisesRegex(UserError, "did last"):
            self.undo(first)
        other = new_test_user(self.env, "counter_other", groups="customer_club.group_club_user")
        with self.assertRaisesRegex(UserError, "nothing of yours"):
            self.env["club.counter"].with_user(other).undo_last(second["last"]["id"])
        operation = self.env["club.counter.operation"].browse(second["last"]["id"])
        operation.sudo().done_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=16)
        with self.assertRaisesRegex(UserError, "15 minutes"):
            self.undo(second)
        self.assertEqual(self.member.points, 70)

    def test_what_sales_has_changed_meanwhile_is_left_alone(self):
        result = self.sell("50")
        self.orders()._action_cancel()
        with self.assertRaisesRegex(UserError, "changed in Sales"):
            self.undo(result)

    def test_an_enrolment_stays(self):
        result = self.counter.enrol_member(self.club.id, "+49 30 1234567", token=self.token())
        with self.assertRaisesRegex(UserError, "cannot be undone"):
            self.undo(result)


@tagged("post_install", "-at_install")
class TestWhoMaySell(CounterCase):
    def test_staff_without_the_group_and_customers_are_refused(self):
        """Abuse 15: each public method, each stranger."""
        strangers = (
            new_test_user(self.env, "counter_portal", groups="base.group_portal"),
            new_test_user(self.env, "counter_employee", groups="base.group_user"),
            new_test_user(self.env, "counter_seller", groups="sales_team.group_sale_salesman"),
        )
        calls = {
            "open_counter": (),
            "find_member": ("Anna", self.club.id),
            "show_member": (self.member.id,),
            "enrol_member": (self.club.id, "+49301234567"),
            "name_member": (self.member.id, "X"),
            "check_in": (self.member.id, self.token()),
            "find_products": ("Roses", self.club.id),
            "preview_sale": ({"member_id": self.member.id, "amount": "5"},),
            "sell": ({"member_id": self.member.id, "amount": "5"}, self.token()),
            "undo_last": (1,),
            "answer_question": (self.member.id, 1, {}),
        }
        for user in strangers:
            for name, arguments in calls.items():
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    getattr(self.env["club.counter"].with_user(user), name)(*arguments)
        self.assertFalse(self.orders())

    def test_a_manager_may_too(self):
        manager = new_test_user(self.env, "counter_manager", groups="customer_club.group_club_manager")
        self.env["club.counter"].with_user(manager).sell({"member_id": self.member.id, "amount": "5"}, self.token())
        self.assertEqual(self.orders().state, "sale")

    def test_another_companys_member_is_as_absent_as_none(self):
        """Never 14, abuse 14."""
        company = self.env["res.company"].create({"name": "Far Away"})
        club = self.env["club.club"].create(
            {"name": "Far Club", "tz": "UTC", "company_id": company.id, "member_number_prefix": "FAR"}
        )
        stranger = club._enrol(self.env["res.partner"].create({"name": "Faraway Fay", "phone": "+49301112223"}))
        messages = []
        for member_id in (stranger.id, 999999999, "1", None, True):
            with self.subTest(member=member_id), self.assertRaises(UserError) as caught:
                self.counter.sell({"member_id": member_id, "amount": "5"}, self.token())
            messages.append(str(caught.exception))
        self.assertEqual(len(set(messages)), 1)
        self.assertEqual(self.counter.find_member("Faraway", self.club.id)["kind"], "none")
        self.assertEqual(self.counter.find_member(stranger.number, self.club.id)["kind"], "none")
        with self.assertRaises(UserError):
            self.counter.find_member("Faraway", club.id)

    def test_a_clerk_of_two_companies_sells_in_the_clubs_own(self):
        """Never 14: whatever company is at the top of the clerk's screen."""
        company = self.env["res.company"].create({"name": "Far Away"})
        clerk = new_test_user(
            self.env,
            "counter_both",
            groups="customer_club.group_club_user",
            company_id=company.id,
            company_ids=[Command.set((company | self.env.company).ids)],
        )
        counter = self.env["club.counter"].with_user(clerk)
        both = counter.with_context(allowed_company_ids=(company | self.club.company_id).ids)
        result = both.sell({"member_id": self.member.id, "amount": "5"}, self.token())
        order = self.orders()
        companies = order.company_id | order.invoice_ids.company_id | order.invoice_ids.line_ids.company_id
        self.assertEqual(companies, self.club.company_id)
        both.undo_last(result["last"]["id"])
        self.assertEqual(order.state, "cancel")
        alone = counter.with_context(allowed_company_ids=company.ids)
        with self.assertRaises(UserError):
            alone.sell({"member_id": self.member.id, "amount": "5"}, self.token())

    def test_a_member_who_left_is_not_found(self):
        self.member._leave()
        with self.assertRaises(UserError):
            self.sell("5")


@tagged("post_install", "-at_install")
class TestWhatIsTypedIsWhatIsPaid(CounterCase):
    def test_no_amount_comes_to_a_cent_more_by_its_taxes(self):
        product = self.club._get_counter_product()
        product.taxes_id = self.env["account.tax"].create(
            {"name": "15 % on top", "amount": 15, "type_tax_use": "sale", "price_include_override": "tax_excluded"}
        )
        for amount in ("10", "0.07", "33.33", "99.99"):
            with self.subTest(amount=amount):
                self.sell(amount)
                self.assertAlmostEqual(self.orders().sorted("id")[-1:].amount_total, float(amount))


@tagged("post_install", "-at_install")
class TestTheClubsPolicyAtTheCounter(CounterCase):
    def test_the_preview_says_how_many_points_and_the_sale_takes_no_others(self):
        self.post(5000, "policy")
        self.club.write({"spend_most_percent": 50, "spend_least_points": 200, "spend_step_points": 100})
        sale = {"member_id": self.member.id, "amount": "33.33"}
        shown = next(row for row in self.counter.preview_sale(sale)["rewards"] if row["id"] == self.discount.id)
        self.assertEqual(shown["most"], "1600")
        self.assertEqual(shown["bounds"], "from 200 Points; in steps of 100 Points; at most 50 % of the order")
        for points, words in (("1700", "up to 1,600"), ("100", "200 Points or more"), ("250", "steps of 100")):
            with self.subTest(points=points), self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                self.sell("33.33", reward_id=self.discount.id, points=points)
        self.sell("33.33", reward_id=self.discount.id, points="1600")
        self.assertAlmostEqual(self.orders().amount_total, 17.33)
        self.assertInvariantsHold()
