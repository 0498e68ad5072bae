"""What a purchase will earn, and why, before it is made; trying rules on a real order."""

from odoo.tests import tagged

from .test_earning_orders import EarningCase


@tagged("post_install", "-at_install")
class TestPreview(EarningCase):
    def test_a_cart_shows_what_confirming_it_then_earns(self):
        missing = self.env["club.earn.rule"].create(
            {"name": "Big", "club_id": self.club.id, "points": 5, "min_amount": 100}
        )
        order = self.quote((self.product, 3, 10.0))
        (preview,) = order._club_preview()
        self.assertEqual((preview["club"], preview["member"], preview["points"]), (self.club, self.member, 30))
        self.assertEqual([(line["rule"], line["points"]) for line in preview["lines"]], [(self.rule, 30)])
        self.assertEqual(preview["lines"][0]["why"].replace("\xa0", " "), "1 point for each full $ 1 of $ 30")
        self.assertEqual(
            [(line["rule"], line["why"].replace("\xa0", " ")) for line in preview["missed"]],
            [(missing, "$ 30 of at least $ 100.")],
        )
        self.assertPoints(0)
        self.assertFalse(self.env["club.event"].search([("origin_id", "=", order.id)]))
        order.action_confirm()
        self.assertPoints(30)

    def test_a_visitor_sees_what_a_new_member_would_earn(self):
        visitor = self.env.ref("base.public_partner")
        self.env["club.earn.rule"].create(
            {"name": "First", "club_id": self.club.id, "points": 100, "nth_mode": "exact", "nth": 1}
        )
        (preview,) = self.quote((self.product, 1, 10.0), partner=visitor)._club_preview()
        self.assertEqual((preview["points"], preview["member"].id), (110, False))
        self.club.join_policy = "closed"
        self.assertFalse(self.quote((self.product, 1, 10.0), partner=visitor)._club_preview())

    def test_a_confirmed_order_does_not_count_against_itself(self):
        rule = self.env["club.earn.rule"].create(
            {
                "name": "First",
                "club_id": self.club.id,
                "points": 100,
                "nth_mode": "exact",
                "nth": 1,
                "limit_member": 100,
                "limit_period": "lifetime",
            }
        )
        order = self.sell((self.product, 1, 10.0))
        (preview,) = order._club_preview()
        self.assertEqual({line["rule"]: line["points"] for line in preview["lines"]}, {self.rule: 10, rule: 100})
        (preview,) = self.quote((self.product, 1, 10.0))._club_preview()
        self.assertEqual(preview["points"], 10)

    def test_a_product_shows_what_it_would_earn(self):
        template = self.product.product_tmpl_id
        self.assertEqual([preview["points"] for preview in template._club_preview()], [10])
        (preview,) = template._club_preview(quantity=3, partner=self.partner)
        self.assertEqual((preview["points"], preview["member"]), (30, self.member))

    def test_a_gift_card_shows_nothing(self):
        card = self.env["product.product"].create({"name": "Card", "list_price": 50})
        self.env["loyalty.program"].create(
            {
                "name": "Cards",
                "program_type": "gift_card",
                "applies_on": "future",
                "trigger": "auto",
                "rule_ids": [(5, 0, 0), (0, 0, {"product_ids": card.ids, "reward_point_mode": "money"})],
            }
        )
        self.assertEqual(card.product_tmpl_id._club_preview(), [])

    def test_no_club_no_preview(self):
        self.club.active = False
        self.assertEqual(self.quote((self.product, 1, 10.0))._club_preview(), [])
        self.assertEqual(self.product.product_tmpl_id._club_preview(), [])


@tagged("post_install", "-at_install")
class TestTryIt(EarningCase):
    def test_trying_shows_which_rules_fire_and_why_not_and_posts_nothing(self):
        off = self.env["club.earn.rule"].create(
            {
                "name": "Not switched on",
                "club_id": self.club.id,
                "points": 5,
                "active": False,
                "product_ids": self.product.ids,
            }
        )
        never = self.env["club.earn.rule"].create(
            {"name": "Big", "club_id": self.club.id, "points": 5, "min_amount": 100}
        )
        order = self.quote((self.product, 3, 10.0))
        action = off.action_try()
        trial = self.env["club.earn.try"].with_context(**action["context"]).create({"order_id": order.id})
        shown = {line.rule_id: (line.fires, line.points, line.counted) for line in trial.line_ids}
        self.assertEqual(shown, {self.rule: (True, 30, "Roses"), off: (True, 5, "Roses"), never: (False, 0, False)})
        self.assertEqual((trial.points, trial.member_id), (35, self.member))
        self.assertPoints(0)


@tagged("post_install", "-at_install")
class TestSmartButtons(EarningCase):
    def test_the_order_and_its_invoice_show_points_and_open_their_entries(self):
        self.club.write({"earn_when": "paid", "hold_days": 0})
        order = self.sell((self.product, 3, 10.0))
        move = self.invoice(order)
        self.assertEqual((order.club_points_earned, order.club_points_pending, order.club_entry_count), (30, 30, 1))
        self.assertEqual((move.club_points_earned, move.club_entry_count), (30, 1))
        self.pay(move)
        self.assertEqual((order.club_points_pending, order.club_entry_count), (0, 2))
        Entry = self.env["club.point.entry"]
        for record in (order, move):
            self.assertEqual(len(Entry.search(record.action_view_club_entries()["domain"])), 2)

    def test_a_quotation_tells_staff_what_it_will_earn(self):
        order = self.quote((self.product, 3, 10.0))
        self.assertEqual((order.club_member_id, order.club_preview), (self.member, "30 Points"))
