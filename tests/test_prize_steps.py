"""From the request to the hand-over: approval, payment, stock, cancelling, taking back, leaving, merging, erasing."""

from base64 import b64encode
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.models.prize.club_prize_offer import OutOfStock
from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

UNDELIVERED = ("order_line", "service")


@tagged("post_install", "-at_install")
class TestPrizeSteps(PrizeCase):
    def close(self, redemption, state, **values):
        wizard = self.env["club.redemption.close"].create(
            {"redemption_id": redemption.id, "state": state, "reason": "Because", **values}
        )
        return wizard.action_close()

    # -- cancelling and taking back -------------------------------------------------------------------

    def test_what_is_cancelled_gives_the_points_back_to_the_lots_they_came_from(self):
        soon = fields.Date.add(self.club._get_today(), days=5)
        self.post(60, "soon", expires_on=soon)
        lot = self.env["club.point.lot"].search([("member_id", "=", self.member.id), ("expires_on", "=", soon)])
        for kind in UNDELIVERED:
            redemption = self.redeem(self.prizes[kind])
            self.assertEqual(lot.remaining, 0, "what expires first is spent first")
            self.close(redemption, "cancelled")
            lot.invalidate_recordset()
            self.assertEqual((redemption.state, redemption.points, lot.remaining), ("cancelled", 0, 60))
            self.assertEqual((self.member.points, redemption.reason), (560, "Because"))
        self.assertInvariantsHold()

    def test_what_is_ended_does_not_move_again(self):
        redemption = self.redeem(self.prizes["service"])
        redemption.action_hand_over()
        with self.assertRaisesRegex(UserError, "is delivered: that cannot be done"):
            redemption.action_hand_over()
        with self.assertRaisesRegex(UserError, "is delivered"):
            self.close(redemption, "cancelled")
        self.close(redemption, "returned")
        with self.assertRaisesRegex(UserError, "is taken back"):
            self.close(redemption, "returned")
        self.assertEqual((self.member.points, redemption.satisfied_at), (500, False))
        self.assertInvariantsHold()

    def test_a_reason_is_asked_for(self):
        redemption = self.redeem(self.prizes["service"])
        with self.assertRaisesRegex(UserError, "Say why"):
            self.close(redemption, "cancelled", reason="  ")
        self.assertEqual(redemption.state, "ready")

    def test_a_code_that_was_seen_is_never_given_again(self):
        redemption = self.redeem(self.prizes["code"])
        self.close(redemption, "returned")
        self.assertEqual(redemption.sudo().code_ids.state, "void")
        self.assertEqual(self.redeem(self.prizes["code"]).sudo().code_ids.code, "SONG-0002")
        with self.assertRaises(OutOfStock):
            self.redeem(self.prizes["code"])
        self.assertInvariantsHold()

    def test_a_coupon_taken_back_is_void_unless_it_was_used(self):
        unused, used = self.redeem(self.prizes["coupon"]), self.redeem(self.prizes["coupon"])
        self.close(unused, "returned")
        self.assertEqual((unused.coupon_id.points, unused.coupon_id.active), (0, False))
        used.coupon_id.points = 0
        with self.assertRaisesRegex(UserError, "was used"):
            self.close(used, "returned")
        self.assertEqual((used.state, self.member.points), ("delivered", 400))
        self.assertInvariantsHold()

    def test_a_coupon_has_an_unguessable_code_and_works_in_the_cart(self):
        """abuse 13"""
        redemption = self.redeem(self.prizes["coupon"])
        self.assertEqual(len(redemption.coupon_id.code), 14)
        order = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [(0, 0, {"product_id": self.product.id})]}
        )
        rewards = order._try_apply_code(redemption.coupon_id.code)
        order._apply_program_reward(rewards[redemption.coupon_id], redemption.coupon_id)
        self.assertEqual(order.amount_total, 9)

    def test_what_is_taken_back_can_be_given_again_or_not(self):
        prize = self.prizes["service"]
        prize.write({"stock_kind": "own", "stock": 2})
        first, second = self.redeem(prize), self.redeem(prize)
        (first | second).action_hand_over()
        self.assertEqual(prize._get_left(), 0)
        self.close(first, "returned", restock=False)
        self.assertEqual(prize._get_left(), 0)
        self.close(second, "returned", restock=True)
        self.assertEqual(prize._get_left(), 1)

    # -- approval -------------------------------------------------------------------------------------

    def test_a_manager_approves_or_refuses(self):
        for prize in self.prizes.values():
            prize.needs_approval = True
            prize.user_id = self.env.user
        for kind, prize in self.prizes.items():
            redemption = self.redeem(prize)
            self.assertEqual((redemption.state, redemption.points), ("requested", 100), kind)
            self.assertEqual(redemption.activity_ids.user_id, self.env.user)
            self.close(redemption, "refused")
            self.assertEqual((redemption.state, self.member.points), ("refused", 500), kind)
            self.assertFalse(redemption.activity_ids, "nothing is left to do")
            redemption = self.redeem(prize)
            redemption.action_approve()
            self.assertIn(redemption.state, ("ready", "delivered"))
            self.close(redemption, "returned" if redemption.state == "delivered" else "cancelled")
        self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()

    def test_a_promised_code_is_not_promised_twice(self):
        prize = self.prizes["code"]
        prize.needs_approval = True
        waiting = self.redeem(prize) | self.redeem(prize)
        self.assertEqual(prize._get_left(), 0)
        with self.assertRaises(OutOfStock):
            self.redeem(prize)
        waiting.action_approve()
        self.assertEqual(sorted(waiting.sudo().code_ids.mapped("code")), ["SONG-0001", "SONG-0002"])

    # -- orders ---------------------------------------------------------------------------------------

    def test_the_order_of_a_prize_earns_nothing_and_is_no_purchase(self):
        self.earn_rule("purchase", points=50)
        for money in (0, 20):
            self.prizes["order_line"].money = money
            redemption = self.redeem(self.prizes["order_line"])
            if money:
                redemption.order_id.action_confirm()
            self.assertEqual(redemption.state, "ready")
            self.assertEqual(redemption.order_id.amount_total, money)
            self.env["club.purchase"]._settle(orders=redemption.order_id)
            invoice = redemption.order_id._create_invoices()
            invoice.action_post()
            self.env["club.purchase"]._settle(moves=invoice)
        self.assertEarned(0, "purchase")
        self.assertFalse(self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "purchase")]))
        self.assertInvariantsHold()

    def test_no_price_list_no_promotion_and_no_code_touches_it(self):
        self.env["loyalty.program"].create(
            {
                "name": "Ten for all",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [(0, 0, {"minimum_amount": 0, "minimum_qty": 0})],
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 50, "discount_mode": "percent"})],
            }
        )
        self.prizes["order_line"].money = 20
        order = self.redeem(self.prizes["order_line"]).order_id
        order._update_programs_and_rewards()
        self.assertIn("error", order._try_apply_code("ANY"))
        self.assertFalse(order._get_claimable_rewards())
        order._recompute_prices()
        order.order_line.product_uom_qty = 1
        self.assertEqual((order.amount_total, len(order.order_line)), (20, 1))

    def test_the_part_in_money_is_paid_to_the_cent_where_taxes_allow_and_never_more(self):
        values = {"type_tax_use": "sale", "price_include_override": "tax_excluded"}
        taxes = self.env["account.tax"].create(
            [{"name": f"Test {rate}", "amount": rate, **values} for rate in (5.5, 7, 15, 19, 21)]
        )
        self.post(5000, "for money")
        for tax in taxes:
            self.goods.taxes_id = tax
            for money in (0.99, 9.99, 10, 12.5, 19.9):
                self.prizes["order_line"].money = money
                order = self.redeem(self.prizes["order_line"]).order_id
                with self.subTest(tax=tax.amount, money=money):
                    # Some amounts no price brings: a cent less then.
                    rate = tax.amount / 10000
                    exact = any(round(n / 100 + round(n * rate + 1e-9, 2), 2) == money for n in range(2500))
                    self.assertEqual(order.amount_total, money if exact else round(money - 0.01, 2))

    def test_taxes_are_in_the_part_in_money(self):
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20, "price_include_override": "tax_excluded"})
        self.goods.taxes_id = tax
        self.prizes["order_line"].money = 12
        order = self.redeem(self.prizes["order_line"]).order_id
        self.assertEqual((order.amount_untaxed, order.amount_total), (10, 12))

    def test_an_order_cancelled_by_the_shop_gives_the_points_back(self):
        redemption = self.redeem(self.prizes["order_line"])
        redemption.order_id._action_cancel()
        self.assertEqual((redemption.state, self.member.points), ("cancelled", 500))
        redemption.order_id.action_draft()
        with self.assertRaisesRegex(UserError, "which is cancelled"):
            redemption.order_id.action_confirm()
        self.assertInvariantsHold()

    def test_what_is_not_paid_in_time_comes_to_nothing(self):
        self.prizes["order_line"].money = 20
        redemption = self.redeem(self.prizes["order_line"])
        self.assertTrue(redemption.is_waiting_for_payment)
        for days, state in ((2, "requested"), (3, "cancelled")):
            self.env.cr.execute(
                "UPDATE sale_order SET create_date = now() AT TIME ZONE 'UTC' - make_interval(days => %s) "
                "WHERE id = %s",
                (days, redemption.order_id.id),
            )
            with self.jobs_in_test():
                self.env["club.redemption"]._cron_cancel_unpaid()
            redemption.invalidate_recordset()
            self.assertEqual(redemption.state, state, days)
        self.assertEqual((self.member.points, redemption.order_id.state), (500, "cancel"))
        self.assertInvariantsHold()

    def test_money_on_its_way_keeps_its_order(self):
        """never 22"""
        self.prizes["order_line"].money = 20
        redemption = self.redeem(self.prizes["order_line"])
        order = redemption.order_id
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        provider.write({"state": "test"})
        method = provider.payment_method_ids[:1] or self.env["payment.method"].search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 20,
                "currency_id": order.currency_id.id,
                "partner_id": self.partner.id,
                "reference": "prize-1",
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        transaction._set_pending()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = now() AT TIME ZONE 'UTC' - interval '30 days' WHERE id = %s",
            (order.id,),
        )
        with self.jobs_in_test():
            self.env["club.redemption"]._cron_cancel_unpaid()
        self.assertEqual(redemption.state, "requested")
        with self.assertRaisesRegex(UserError, "being paid"):
            self.close(redemption, "cancelled")
        transaction._set_done()
        transaction._post_process()
        self.assertEqual((order.state, redemption.state), ("sale", "ready"))
        self.assertEqual(self.member.points, 400)
        self.assertInvariantsHold()

    # -- limits, days, audience -----------------------------------------------------------------------

    def test_a_limit_per_member_and_period(self):
        prize = self.prizes["service"]
        prize.write({"limit_count": 1, "limit_period": "month"})
        with freeze_time("2026-03-10 12:00:00"):
            first = self.redeem(prize)
            with self.assertRaisesRegex(UserError, "as often as one may: 1 a month"):
                self.redeem(prize)
            self.close(first, "cancelled")
            self.redeem(prize)
        with freeze_time("2026-04-01 12:00:00"):
            self.redeem(prize)
        self.assertEqual(self.member.points, 300)
        prize._award(self.member, None, "gift")
        self.assertEqual(prize._count_chosen_by(self.member)[prize.id], 0, "the month is over, and wins do not count")

    def test_the_days_and_the_audience_of_a_prize(self):
        prize, today = self.prizes["service"], self.club._get_today()
        prize.date_to = today - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "has ended"):
            self.redeem(prize)
        prize.write({"date_to": False, "date_from": today + timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "begins on"):
            self.redeem(prize)
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 10_000})
        prize.write({"date_from": False, "audience_from_tier_id": tier.id})
        with self.assertRaisesRegex(UserError, "from the tier Gold"):
            self.redeem(prize)
        prize.write({"audience_from_tier_id": False, "channel": "counter"})
        with self.assertRaisesRegex(UserError, "only offered at our counter"):
            self.redeem(prize, source="portal")
        self.assertEqual(self.member.points, 500)

    def test_a_prize_that_cannot_be_delivered_cannot_be_saved(self):
        for values in (
            {"delivery": "order_line"},
            {"delivery": "coupon"},
            {"delivery": "service", "money": 5},
            {"delivery": "service", "points": 0},
            {"delivery": "service", "points": 10.5},
            {"delivery": "service", "stock_kind": "product"},
        ):
            with self.assertRaises(ValidationError, msg=values):
                self.make_prize("Broken", **values)
        with self.assertRaisesRegex(ValidationError, "no coupon program"):
            self.make_prize("Broken", delivery="coupon", program_id=self.club.program_id.id)

    # -- leaving, merging, erasing --------------------------------------------------------------------

    def test_who_leaves_keeps_what_is_ready_and_gets_no_more(self):
        self.prizes["code"].needs_approval = True
        asked, ready = self.redeem(self.prizes["code"]), self.redeem(self.prizes["service"])
        self.member._leave()
        self.assertEqual((asked.state, ready.state), ("cancelled", "ready"))
        ready.action_hand_over()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.redeem(self.prizes["service"])
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_prizes_follow_their_member_through_a_merge(self):
        """never 13"""
        self.prizes["service"].write({"limit_count": 1})
        redemption = self.redeem(self.prizes["service"])
        self.env["club.member"]._merge_partners(self.partner, self.partner_2)
        heir = self.env["club.member"].search([("club_id", "=", self.club.id), ("state", "=", "active")])
        self.assertEqual(redemption.member_id, heir)
        with self.assertRaisesRegex(UserError, "as often as one may"):
            self.redeem(self.prizes["service"], member=heir)
        self.close(redemption, "cancelled")
        self.assertEqual((heir.points, redemption.points), (500, 0))
        self.assertInvariantsHold()

    def test_who_is_erased_leaves_no_trace_but_the_books(self):
        ready, coupon = self.redeem(self.prizes["service"]), self.redeem(self.prizes["coupon"])
        ready.message_post(body="Anna wants it in blue")
        self.member._erase("asked")
        self.assertEqual((ready.state, coupon.state), ("cancelled", "delivered"))
        self.assertFalse(ready.message_ids)
        self.assertFalse(ready.message_follower_ids)
        self.assertFalse(coupon.coupon_id)
        self.assertFalse(ready.reason)
        self.assertInvariantsHold()

    # -- nobody types it in ---------------------------------------------------------------------------

    def test_a_redemption_is_not_typed_in_changed_or_deleted(self):
        """abuse 5: whatever a caller's context says"""
        redemption = self.redeem(self.prizes["service"])
        values = {"member_id": self.member.id, "prize_id": self.prizes["service"].id, "delivery": "service"}
        for context in ({}, {"club_redemption": True}, {"default_state": "delivered", "club_redemption": object()}):
            Redemption = self.env["club.redemption"].with_context(**context)
            with self.assertRaises(UserError):
                Redemption.create(values)
            for vals in (
                {"member_id": self.member_2.id},
                {"prize_id": self.prizes["code"].id},
                {"company_id": self.env.company.id},
                {"code_ids": [(4, self.prizes["code"].code_ids[0].id)]},
            ):
                with self.assertRaises(UserError):
                    Redemption.browse(redemption.id).write(vals)
            for vals in ({"state": "delivered"}, {"points": 0}, {"holds_stock": False}, {"order_id": False}):
                with self.assertRaises(AccessError):
                    Redemption.browse(redemption.id).write(vals)
        with self.assertRaises(UserError):
            redemption.unlink()
        with self.assertRaises(AccessError):
            self.prizes["code"].code_ids[:1].with_context(club_prize_code=True).write({"state": "free"})

    def test_what_was_given_keeps_its_prize(self):
        self.redeem(self.prizes["service"])
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.prizes["service"].unlink()
        club = self.env["club.club"].create({"name": "Second", "tz": "UTC"})
        with self.assertRaisesRegex(UserError, "cannot move to another club"):
            self.prizes["service"].club_id = club

    # -- the home page, messages, lists -----------------------------------------------------------------

    def test_the_home_page_says_what_waits(self):
        self.prizes["service"].write({"stock_kind": "own", "stock": 2, "low_stock": 1})
        self.redeem(self.prizes["service"])
        todos = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
        self.assertEqual(todos["prizes_ready"], "Prizes to hand over: 1")
        action = self.club.with_context(club_home="prizes_low").action_open_home()
        self.assertIn(self.prizes["service"], self.env["club.prize"].search(action["domain"]))

    def test_messages_tell_without_codes(self):
        redemption = self.redeem(self.prizes["code"])
        mail = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "club.redemption"), ("res_id", "=", redemption.id)], limit=1)
        )
        self.assertIn("Here it is: Song", mail.subject)
        self.assertNotIn("SONG-0001", mail.body_html)
        self.assertIn(f"/my/club/{self.member.id}/redemptions", mail.body_html)

    def test_a_broken_template_stops_nobodys_prize(self):
        """abuse 22: an error after the points are taken would be one after a random choice too"""
        broken = patch.object(self.registry["mail.template"], "send_mail_batch", side_effect=ValueError("broken"))
        with broken, self.assertLogs("odoo.addons.customer_club.models.prize.club_redemption_notice", "ERROR"):
            redemption = self.redeem(self.prizes["code"])
        self.assertEqual((redemption.state, self.member.points), ("delivered", 400))

    def test_codes_come_from_text_and_from_a_file(self):
        prize = self.prizes["code"]
        wizard = self.env["club.prize.code.import"].create(
            {
                "prize_id": prize.id,
                "text": " NEW-1 \nSONG-0001\n\nNEW-1",
                "file": b64encode("code;note\nNEW-2;x\n=NEW-3;y".encode("utf-8-sig")),
                "has_header": True,
            }
        )
        wizard.action_import()
        self.assertEqual(
            prize.code_ids.sorted("id").mapped("code"), ["SONG-0001", "SONG-0002", "NEW-1", "NEW-2", "=NEW-3"]
        )
        self.assertFalse(wizard.text or wizard.file)
        prize.code_ids.filtered(lambda code: code.code == "NEW-1").action_void()
        self.assertEqual(prize._get_left(), 4)

    def test_goods_given_free_are_listed_for_the_books(self):
        """books, rule 12"""
        self.prizes["order_line"].cost = 0
        redemption = self.redeem(self.prizes["order_line"])
        redemption.action_hand_over()
        view = self.env.ref("customer_club.club_redemption_view_search").arch
        self.assertIn("free_goods", view)
        listed = self.env["club.redemption"].search(
            [("delivery", "=", "order_line"), ("state", "=", "delivered"), ("money", "=", 0)]
        )
        self.assertIn(redemption, listed)
        self.assertEqual(redemption.unit_cost, 12, "the product's cost, where the prize names none")
