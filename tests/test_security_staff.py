"""Staff who try to make points, or more rights, out of what their rights let them touch (abuse.md 3, 5, 10, 15)."""

from contextlib import suppress

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

SELLER = "sales_team.group_sale_salesman_all_leads"


@tagged("post_install", "-at_install")
class TestSellersMintNothing(ClubCase):
    """abuse.md 3: whoever may write Odoo's cards, histories and orders still makes no points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.member.card_id
        cls.seller = new_test_user(cls.env, "sly_seller", groups=SELLER)
        cls.boss = new_test_user(cls.env, "sly_boss", groups="sales_team.group_sale_manager")
        cls.env["club.earn.rule"].create(
            {"name": "One a unit", "club_id": cls.club.id, "event_type": "purchase", "formula": "per_amount",
             "points": 1, "per_amount": 1}
        )  # fmt: skip

    def make_order(self, *lines, user=None, **values):
        return (
            self.env["sale.order"]
            .with_user(user or self.env.user)
            .create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [Command.create({"product_id": self.product.id, **line}) for line in lines],
                    **values,
                }
            )
        )

    def test_a_forged_history_row_vouches_for_no_write(self):
        self.post(100, "e")
        spend = self.post(-100, "s", origin_model="pos.order", origin_id=7)
        card = self.card.with_user(self.seller)
        row = {"description": "till", "issued": 100, "used": 0, "order_model": "pos.order", "order_id": 7}
        for values in (
            {"points": 100, "history_ids": [Command.create(row)]},
            {"points": -500, "history_ids": [Command.create(row)]},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                card.write(values)
                self.env.cr.flush()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env["loyalty.history"].with_user(self.seller).create({**row, "card_id": self.card.id})
            card.write({"points": 100})
            self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 0)
        self.assertFalse(spend.reversal_ids)

    def test_a_card_full_of_points_does_not_move_into_a_club(self):
        program = self.env["loyalty.program"].create({"name": "Other", "program_type": "loyalty"})
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        card = self.env["loyalty.card"].create({"program_id": program.id, "partner_id": stranger.id, "points": 5000})
        for user in (self.seller, self.boss):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                card.with_user(user).write({"program_id": self.club.program_id.id})
        self.env.cr.execute("UPDATE loyalty_card SET create_date = '2001-01-01' WHERE id = %s", [card.id])
        self.assertEqual(self.club._enrol(stranger).points, 0)

    def test_a_new_card_is_empty_whatever_the_context_says(self):
        program = self.club.program_id
        Card = self.env["loyalty.card"].with_user(self.boss)
        for context in ({"default_program_id": program.id}, {"active_id": program.id}, {"default_points": 500}):
            values = {"points": 500} if "default_points" not in context else {"program_id": program.id}
            card = Card.with_context(**context).create({"partner_id": self.partner_2.id, **values})
            self.assertEqual((card.program_id, card.points), (program, 0), context)
        self.assertInvariantsHold()

    def test_a_copied_or_imported_card_is_empty(self):
        self.post(100, "e")
        self.assertEqual(self.card.with_user(self.boss).copy({"code": "sly-copy"}).points, 0)
        result = (
            self.env["loyalty.card"]
            .with_user(self.boss)
            .load(
                ["program_id/.id", "partner_id/.id", "points", "code"],
                [[str(self.club.program_id.id), str(self.partner.id), "900", "sly-code-1"]],
            )
        )
        self.assertEqual(self.env["loyalty.card"].browse(result["ids"]).mapped("points"), [0])

    def test_an_import_writes_no_balance(self):
        """The import catches errors of each row in a savepoint: nothing may slip between them."""
        xmlid = "customer_club.sly_card"
        self.env["ir.model.data"].create(
            {"module": "customer_club", "name": "sly_card", "model": "loyalty.card", "res_id": self.card.id}
        )
        with suppress(UserError):
            self.env["loyalty.card"].with_user(self.boss).load(
                ["id", "points"], [[xmlid, "900"], ["customer_club.sly_other", "x"]]
            )
            self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 0)

    def test_writing_the_state_of_an_order_spends_its_points(self):
        self.post(1000, "e")
        order = self.make_order({"product_uom_qty": 10})
        order._update_programs_and_rewards()
        self.assertFalse(order._apply_program_reward(self.club.program_id.reward_ids, self.card))
        order.with_user(self.seller).write({"state": "sale"})
        self.env.cr.flush()
        self.assertEqual(sum(order.order_line.mapped("points_cost")), 1000 - self.member.points + 90)
        order.with_user(self.seller).write({"state": "cancel"})
        self.env.cr.flush()
        self.assertEqual(self.member.points, 1000)
        self.assertInvariantsHold()

    def test_a_claim_that_moves_to_a_confirmed_order_is_spent(self):
        self.post(500, "e")
        confirmed, order = self.make_order({"product_uom_qty": 10}), self.make_order({"product_uom_qty": 10})
        confirmed.action_confirm()
        self.env.cr.flush()
        points = self.member.points
        order._club_apply_points(self.card, self.club.program_id.reward_ids, 400)
        order.order_line.filtered("reward_id").with_user(self.seller).write({"order_id": confirmed.id})
        self.env["club.purchase"]._settle(orders=confirmed)
        spent = self.env["club.point.entry"].search([("origin_id", "=", confirmed.id), ("kind", "=", "spend")])
        self.assertEqual(spent.points, -400)
        self.assertLessEqual(self.member.points, points - 400)

    def test_an_error_that_somebody_swallows_leaves_no_reward_for_free(self):
        self.club.rule_ids.active = False
        self.post(100, "e")
        orders = self.make_order({"product_uom_qty": 10}) | self.make_order({"product_uom_qty": 10})
        for order in orders:
            order._club_apply_points(self.card, self.club.program_id.reward_ids, 100)
        with suppress(UserError):
            orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale"], "Odoo had written it already")
        refused = False
        try:
            self.env.cr.flush()
        except UserError:
            refused = True
        self.assertTrue(refused, "nothing may be committed now")

    def test_numbers_that_are_none_move_no_points(self):
        self.post(100, "e")
        order = self.make_order({"product_uom_qty": 10})
        order._club_apply_points(self.card, self.club.program_id.reward_ids, 60)
        order.action_confirm()
        self.env.cr.flush()
        points = self.member.points
        line = order.order_line.filtered("reward_id").with_user(self.seller)
        for number in (float("nan"), float("inf"), float("-inf"), -5000):
            with suppress(Exception), self.env.cr.savepoint():
                line.write({"points_cost": number})
                self.env.cr.flush()
            self.env.invalidate_all()
            self.assertIn(self.member.points, (points, points + 60), number)
            self.assertInvariantsHold()

    def test_lines_below_zero_inflate_no_earning_whatever_they_pretend_to_be(self):
        delivery = self.env["product.product"].create(
            {"name": "Courier", "type": "service", "list_price": 0, "taxes_id": False}
        )
        for pretence in ({"is_delivery": True}, {"is_downpayment": True}, {}):
            with self.subTest(pretence=pretence):
                order = self.make_order(
                    {"price_unit": 1000},
                    {"product_id": delivery.id, "price_unit": -990, **pretence},
                    user=self.seller,
                )
                order.action_confirm()
                self.env.cr.flush()
                entries = self.env["club.point.entry"].search(
                    [("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)]
                )
                self.assertEqual(sum(entries.mapped("points")), 10)

    def test_a_gift_card_product_below_zero_inflates_no_earning(self):
        excluded = self.env["loyalty.program"]._get_club_excluded_products()
        if not excluded:
            self.skipTest("no product is excluded")
        order = self.make_order({"price_unit": 1000}, {"product_id": min(excluded), "price_unit": -990})
        order.order_line[1].tax_ids = False
        order.action_confirm()
        self.env.cr.flush()
        self.assertEqual(self.member.points, 10)

    def test_a_copied_order_carries_no_claim(self):
        self.post(1000, "e")
        order = self.make_order({"product_uom_qty": 10})
        order._update_programs_and_rewards()
        order._apply_program_reward(self.club.program_id.reward_ids, self.card)
        order.action_confirm()
        copy = order.with_user(self.seller).copy()
        self.assertFalse(copy.order_line.filtered("points_cost") | copy.order_line.filtered("coupon_id"))
        self.assertFalse(copy.applied_coupon_ids)

    def test_a_confirmed_order_in_another_currency_earns_nothing_more(self):
        coin = self.env["res.currency"].create({"name": "SLY", "symbol": "S", "rounding": 0.01})
        self.env["res.currency.rate"].create({"currency_id": coin.id, "rate": 100, "name": "2020-01-01"})
        order = self.make_order({"price_unit": 50})
        order.action_confirm()
        self.env.cr.flush()
        self.assertEqual(self.member.points, 50)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.with_user(self.seller).write({"currency_id": coin.id})
        order.with_user(self.seller).write({"currency_id": order.currency_id.id})
        order._action_cancel()
        self.env.cr.flush()
        order.action_draft()
        order.with_user(self.seller).write({"currency_id": coin.id})
        order.order_line.price_unit = 5000
        order.action_confirm()
        self.env.cr.flush()
        self.assertEqual(self.member.points, 50)

    def test_another_customer_on_a_confirmed_order_moves_no_points(self):
        order = self.make_order({"price_unit": 50})
        order.action_confirm()
        self.env.cr.flush()
        order.with_user(self.seller).write({"partner_id": self.partner_2.id})
        order._compute_club_points()
        self.env["club.purchase"]._settle(orders=order)
        self.assertEqual((self.member.points, self.member_2.points), (50, 0))

    def test_confirming_again_and_again_earns_once(self):
        order = self.make_order({"price_unit": 50})
        for _round in range(3):
            order.action_confirm()
            self.env.cr.flush()
            self.assertEqual(self.member.points, 50)
            order._action_cancel()
            self.env.cr.flush()
            self.assertEqual(self.member.points, 0)
            order.action_draft()

    def test_nobody_allows_restricted_products_in_anothers_name(self):
        Order = self.env["sale.order"].with_user(self.seller)
        values = {"partner_id": self.partner.id}
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Order.create({**values, "club_access_override_id": self.boss.id})
        order = Order.with_context(default_club_access_override_id=self.boss.id).create(values)
        self.assertFalse(order.club_access_override_id)

    def test_the_card_of_who_has_left_stays_theirs_too(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.post(100, "e")
        self.member._leave()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.card.with_user(self.seller).write({"partner_id": self.partner_2.id})

    def test_a_credit_note_that_pays_the_discount_out_is_refused(self):
        """abuse.md 7: a line of the right amount and the wrong sign returns no points."""
        self.post(1000, "e")
        order = self.make_order({"product_uom_qty": 10})
        order._update_programs_and_rewards()
        order._apply_program_reward(self.club.program_id.reward_ids, self.card)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        reward = note.invoice_line_ids.filtered(lambda line: line.price_total < 0)
        self.assertTrue(reward)
        reward.price_unit = -reward.price_unit
        with self.assertRaises(UserError), self.env.cr.savepoint():
            note.action_post()
