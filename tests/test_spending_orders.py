"""Spending points on sales orders through Odoo's own rewards."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ClubCase


@tagged("post_install", "-at_install")
class TestSpendingOnOrders(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.member.card_id
        cls.discount = cls.club.program_id.reward_ids
        cls.discount.write({"discount": 0.01, "required_points": 1})
        cls.gift = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": cls.product.id,
                "required_points": 300,
            }
        )

    def make_order(self, partner=None, quantity=10):
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": quantity})],
            }
        )

    def claim(self, order, reward=None):
        order._update_programs_and_rewards()
        status = order._apply_program_reward(reward or self.discount, self.card)
        self.assertFalse(status, "the reward must be claimable")
        order._update_programs_and_rewards()

    def spends(self, order):
        return self.env["club.point.entry"].search([("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)])

    def pay(self, order, state="pending"):
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1) or self.env[
            "payment.provider"
        ].search([], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": f"tx-{order.id}-{state}-{self.env['payment.transaction'].search_count([])}",
                "state": state,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )

    def test_confirming_an_order_with_a_reward_posts_one_spend(self):
        self.post(1000, "e")
        order = self.make_order()
        self.claim(order)
        self.assertEqual(self.member.points, 1000, "a quotation takes nothing")
        order.action_confirm()
        self.assertEqual(self.spends(order).mapped("points"), [-1000])
        self.assertEqual(self.spends(order).kind, "spend")
        self.assertEqual(self.member.points, 0)
        self.assertAlmostEqual(order.amount_total, 90)
        self.assertInvariantsHold()

    def test_recomputing_a_confirmed_order_posts_nothing(self):
        self.post(1000, "e")
        order = self.make_order()
        self.claim(order)
        order.action_confirm()
        order._update_programs_and_rewards()
        self.assertEqual(len(self.spends(order)), 1)
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_cancelling_gives_back_and_confirming_again_spends_again(self):
        """abuse.md 6: a key that was fully reversed is not replayed."""
        self.post(300, "e")
        order = self.make_order()
        self.claim(order, self.gift)
        order.action_confirm()
        self.assertEqual(self.member.points, 0)
        order._action_cancel()
        self.assertEqual(self.member.points, 300)
        order.action_draft()
        self.claim(order, self.gift)
        order.action_confirm()
        self.assertEqual(self.member.points, 0)
        self.assertEqual(self.spends(order).sorted("id").mapped("points"), [-300, 300, -300])
        self.assertInvariantsHold()

    def test_several_quotations_confirmed_together_cannot_overspend(self):
        """never.md 21."""
        self.post(300, "e")
        orders = self.make_order() | self.make_order()
        for order in orders:
            self.claim(order, self.gift)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            orders.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 300)
        orders[0].action_confirm()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            orders[1].action_confirm()
        self.assertInvariantsHold()

    def test_points_of_a_pending_payment_are_held_for_other_carts(self):
        """never.md 8: two carts cannot promise the same points."""
        self.post(300, "e")
        first, second = self.make_order(), self.make_order()
        self.claim(first, self.gift)
        self.claim(second, self.gift)
        self.pay(first)
        self.assertEqual(second._club_points_left(self.card), -300)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.pay(second)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.post(-300, "prize")
        first.action_confirm()
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_a_cancelled_payment_releases_the_hold(self):
        self.post(300, "e")
        first, second = self.make_order(), self.make_order()
        self.claim(first, self.gift)
        self.pay(first).state = "cancel"
        self.claim(second, self.gift)
        second.action_confirm()
        self.assertEqual(self.member.points, 0)

    def test_an_order_whose_money_was_taken_is_confirmed_and_the_shortfall_becomes_arrears(self):
        """never.md 22: payment succeeds and then the order cannot be confirmed because the points are gone."""
        self.post(300, "e")
        order = self.make_order()
        self.claim(order, self.gift)
        self.pay(order, "done")
        self.post(-300, "merchant", happened=True)
        total = order.amount_total
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.amount_total, total, "what was paid for stays on the order")
        self.assertEqual(self.member.points, -300)
        self.post(500, "next")
        self.assertEqual(self.member.points, 200)
        self.assertInvariantsHold()

    def test_points_of_another_customer_cannot_pay_the_order(self):
        """abuse.md 4: change the partner after claiming."""
        self.post(300, "e")
        order = self.make_order()
        self.claim(order, self.gift)
        order.partner_id = self.partner_2
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.action_confirm()
        self.assertEqual(self.member.points, 300)

    def test_a_negative_cost_mints_nothing(self):
        """abuse.md 3: a salesperson writes points_cost=-5000 on a confirmed line."""
        self.post(300, "e")
        order = self.make_order()
        self.claim(order, self.gift)
        order.action_confirm()
        line = order.order_line.filtered("reward_id")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            line.points_cost = -5000
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 0)
        line.points_cost = 0
        self.assertEqual(self.member.points, 300, "no more comes back than the line had spent")
        self.assertInvariantsHold()

    def test_a_salesperson_cannot_write_a_balance(self):
        """never.md 23, abuse.md 3 and 5."""
        self.post(300, "e")
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller",
                "group_ids": [Command.set([self.env.ref("sales_team.group_sale_manager").id])],
            }
        )
        for context in (
            {},
            {
                "loyalty_no_mail": True,
                "club_settled": True,
                "bypass": 1,
                "tracking_disable": True,
                "install_mode": True,
            },
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.card.with_user(seller).with_context(**context).write({"points": 9999})
                self.env.cr.flush()
            self.env.invalidate_all()
            self.assertEqual(self.member.points, 300)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.card.with_user(seller).partner_id = self.partner_2

    def test_code_that_takes_points_without_a_document_leaves_an_incident(self):
        self.post(300, "e")
        self.card.sudo().points -= 50
        self.env.cr.flush()
        self.assertEqual(self.member.points, 250)
        self.card.sudo().points += 1000
        self.env.cr.flush()
        self.assertEqual(self.member.points, 250, "points that nobody can explain are not credited")
        incidents = self.env["club.ledger.incident"].search([("card_id", "=", self.card.id)], order="id")
        self.assertEqual(incidents.mapped("wanted"), [-50, 1000])
        self.assertEqual(incidents.mapped("posted"), [-50, 0])
        self.assertInvariantsHold()

    def test_the_till_tells_where_points_were_spent(self):
        """What pos_loyalty does: a write and a history row with the document, in one transaction."""
        self.post(300, "e")
        self.card.sudo().points -= 100
        self.env["loyalty.history"].create(
            {
                "card_id": self.card.id,
                "order_model": "res.partner",
                "order_id": self.partner.id,
                "description": "Onsite 7",
                "used": 100,
                "issued": 0,
            }
        )
        self.env.cr.flush()
        entry = self.env["club.point.entry"].search([("member_id", "=", self.member.id)], limit=1)
        self.assertEqual(
            (entry.kind, entry.points, entry.origin_model, entry.note), ("spend", -100, "res.partner", "Onsite 7")
        )
        self.assertFalse(self.env["club.ledger.incident"].search([("card_id", "=", self.card.id)]))
        self.assertInvariantsHold()

    def test_the_cost_is_never_rounded_by_the_currency(self):
        """abuse.md 1: one 50,000 yen point made five 24,999 yen orders free."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        company = self.env["res.company"].create({"name": "Tokyo", "currency_id": yen.id})
        env = self.env(context={**self.env.context, "allowed_company_ids": [company.id]})
        club = env["club.club"].create({"name": "Yen", "company_id": company.id, "expiry_policy": "never", "tz": "UTC"})
        member = club._enrol(self.partner)
        reward = club.program_id.reward_ids
        reward.write({"discount": 50000, "required_points": 1})
        self.post(1, "y", member=member)
        product = env["product.product"].create({"name": "Vase", "list_price": 24999, "taxes_id": False})
        order = env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "company_id": company.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order._update_programs_and_rewards()
        self.assertFalse(order._apply_program_reward(reward, member.card_id))
        self.assertEqual(order.order_line.filtered("reward_id").points_cost, 1)
        order.action_confirm()
        self.assertEqual(member.points, 0)

    def test_available_points_are_rounded_down(self):
        """abuse.md 2 and never.md 10: 99.5 points do not buy a reward of 100."""
        club = self.env["club.club"].create(
            {"name": "Halves", "points_digits": 1, "expiry_policy": "never", "tz": "UTC"}
        )
        member = club._enrol(self.partner)
        self.post(99.5, "h", member=member)
        reward = self.env["loyalty.reward"].create(
            {
                "program_id": club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 100,
            }
        )
        order = self.make_order()
        order._update_programs_and_rewards()
        self.assertIn("error", order._apply_program_reward(reward, member.card_id))

    def test_the_member_chooses_how_many_points_to_use(self):
        """never.md 12."""
        self.post(1000, "e")
        order = self.make_order()
        order._club_apply_points(self.card, self.discount, 250)
        self.assertEqual(order.order_line.filtered("reward_id").points_cost, 250)
        self.assertAlmostEqual(order.amount_total, 97.5)
        order._club_apply_points(self.card, self.discount, 400)
        self.assertEqual(sum(order.order_line.mapped("points_cost")), 400)
        order.action_confirm()
        self.assertEqual(self.member.points, 600)
        self.assertInvariantsHold()

    def test_choosing_more_points_than_there_are_is_refused(self):
        self.post(100, "e")
        order = self.make_order()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order._club_apply_points(self.card, self.discount, 101)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order._club_apply_points(self.member_2.card_id, self.discount, 1)
        order._club_apply_points(self.card, self.discount, 50)
        order._club_apply_points(self.card, self.discount, 0)
        self.assertFalse(order.order_line.filtered("reward_id"))

    def test_a_card_without_a_member_is_inert(self):
        card = self.env["loyalty.card"].create(
            {"program_id": self.club.program_id.id, "partner_id": self.partner_2.id, "points": 500}
        )
        self.assertEqual(card.points, 0)
        card.sudo().points += 100
        self.env.cr.flush()
        self.assertEqual(card.points, 0)

    def test_cancelling_after_the_contacts_were_merged_gives_back_to_the_remaining_member(self):
        """never.md 13."""
        self.post(300, "e")
        order = self.make_order()
        self.claim(order, self.gift)
        order.action_confirm()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner_2
        )
        self.assertEqual(self.member_2.points, 0)
        order._action_cancel()
        self.assertEqual(self.member_2.points, 300)
        self.assertInvariantsHold()
