"""An order that points pay wholly, delivery included, through the shop's checkout; and everything that may go wrong."""

from datetime import timedelta

from odoo.addons.customer_club.tests.test_shop_club import ClubShopCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


class PaidWithPointsCase(ClubShopCase):
    """Roses for 10.00 are sent by post for 5.00; a point is worth 0.05; Anna has 1,000."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.type = "consu"
        cls.env["delivery.carrier"].search([]).active = False
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "Post",
                "delivery_type": "fixed",
                "fixed_price": 5,
                "is_published": True,
                "product_id": cls.env["product.product"]
                .create({"name": "Post", "type": "service", "list_price": 5, "taxes_id": False})
                .id,
            }
        )
        cls.shipping = cls.env["loyalty.reward"].create(
            {"program_id": cls.club.program_id.id, "reward_type": "shipping", "required_points": 50}
        )
        cls.post(1000, "paid with points")

    def fill(self, quantity=4):
        order = self.fill_cart(quantity=quantity)
        self.make_jsonrpc_request("/shop/set_delivery_method", {"dm_id": self.carrier.id})
        self.url_open("/shop/checkout")
        order.invalidate_recordset()
        self.assertEqual(order.amount_total, quantity * 10 + 5)
        return order

    def spend(self, points, **values):
        return self.post_form("/shop/club/points", reward_id=self.per_point.id, points=points, **values)

    def confirm(self):
        return self.post_form("/shop/payment/validate")

    def state(self, order):
        self.env.invalidate_all()
        return order.state, order.amount_total, self.member.points


@tagged("post_install", "-at_install")
class TestAnOrderPaidWhollyWithPoints(PaidWithPointsCase):
    def test_points_cover_goods_and_delivery_and_the_order_is_confirmed_at_zero(self):
        order = self.fill()
        page = self.spend("900", place="payment")
        self.assertTrue(page.url.endswith("/shop/payment"))
        self.assertIn('action="/shop/payment/validate"', page.text)
        self.assertNotIn('id="payment_method"', page.text)
        self.assertEqual(self.state(order), ("draft", 0, 1000))
        done = self.confirm()
        self.assertIn("/shop/confirmation", done.url)
        self.assertEqual(self.state(order), ("sale", 0, 100))
        self.assertFalse(order.transaction_ids)
        self.assertFalse(self.member.entry_ids.filtered(lambda e: e.kind == "earn" and e.origin_id == order.id))
        self.assertInvariantsHold()

    def test_a_free_shipping_reward_and_points_for_the_goods(self):
        self.club.spend_pays_delivery = False
        order = self.fill()
        self.spend("800")
        self.assertEqual(self.state(order), ("draft", 5, 1000))
        self.post_form("/shop/claimreward", reward_id=self.shipping.id, code=self.member.card_id.code)
        self.assertEqual(self.state(order), ("draft", 0, 1000))
        self.url_open("/shop/payment")
        self.confirm()
        self.assertEqual(self.state(order), ("sale", 0, 150))
        self.assertInvariantsHold()

    def test_the_confirmation_sent_again_spends_once(self):
        order = self.fill()
        self.spend("900")
        self.url_open("/shop/payment")
        for _again in range(3):
            self.confirm()
        self.assertEqual(self.state(order), ("sale", 0, 100))
        self.assertEqual(len(self.member.entry_ids.filtered(lambda entry: entry.kind == "spend")), 1)
        self.assertInvariantsHold()

    def test_a_link_confirms_nothing(self):
        """abuse 19: GET changes nothing."""
        order = self.fill()
        self.spend("900")
        response = self.url_open("/shop/payment/validate")
        self.assertTrue(response.url.endswith("/shop/payment"))
        self.assertEqual(self.state(order), ("draft", 0, 1000))

    def test_points_gone_between_the_page_and_the_click(self):
        order = self.fill()
        self.spend("900", place="payment")
        self.post(-500, "a prize elsewhere")
        page = self.confirm()
        self.assertTrue(page.url.endswith("/shop/cart"))
        self.assertIn("Nothing was ordered", page.text.replace("\n", " "))
        self.assertEqual(self.state(order), ("draft", 20, 500))
        self.assertEqual(sum(line.points_cost for line in order.order_line), 500, "the cart shows what there is")
        self.assertInvariantsHold()

    def test_points_held_by_another_payment_between_the_page_and_the_click(self):
        order = self.fill()
        self.spend("900", place="payment")
        other = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [Command.create({"product_id": self.product.id})]}
        )
        other._club_apply_points(self.member.card_id, self.per_point, 200)
        # The other cart was quicker: its payment waits for the provider.
        self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"].search([], limit=1).id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": 1,
                "currency_id": other.currency_id.id,
                "partner_id": self.partner.id,
                "reference": "quicker",
                "state": "pending",
                "sale_order_ids": [Command.set(other.ids)],
            }
        )
        self.confirm()
        self.assertEqual(self.state(order)[0], "draft")
        self.assertEqual(self.member.points, 1000)
        self.assertInvariantsHold()

    def test_points_that_expired_between_the_page_and_the_click(self):
        """never 3 and 8: expired value cannot be spent, whether or not the nightly job has run."""
        self.post(-1000, "gone")
        self.post(900, "soon over", expires_on=self.club._get_today() + timedelta(days=1))
        order = self.fill()
        self.spend("900", place="payment")
        self.assertEqual(self.state(order), ("draft", 0, 900))
        # PostgreSQL refuses a change of the entry; its lot is what counts.
        self.env["club.point.lot"].search([("member_id", "=", self.member.id), ("state", "=", "open")]).sudo().write(
            {"expires_on": self.club._get_today()}
        )
        self.env.flush_all()
        self.confirm()
        self.assertEqual(self.state(order)[0], "draft")

    def test_a_policy_that_changed_between_the_page_and_the_click(self):
        order = self.fill()
        self.spend("900", place="payment")
        self.club.spend_most_percent = 50
        page = self.confirm()
        self.assertIn("has changed", page.text)
        self.assertEqual(self.state(order), ("draft", 22.5, 1000))

    def test_a_reward_that_ended_between_the_page_and_the_click(self):
        order = self.fill()
        self.spend("900", place="payment")
        self.per_point.date_to = self.club._get_today() - timedelta(days=1)
        page = self.confirm()
        self.assertIn("has ended", page.text)
        self.assertEqual(self.state(order), ("draft", 45, 1000))

    def test_not_enough_points(self):
        order = self.fill(quantity=20)
        page = self.spend("1001", place="payment")
        self.assertIn("up to 1,000", page.text)
        self.assertEqual(self.state(order), ("draft", 205, 1000))

    def test_cancelling_gives_back_and_a_return_gives_back(self):
        order = self.fill()
        self.spend("900")
        self.url_open("/shop/payment")
        self.confirm()
        self.assertEqual(self.state(order), ("sale", 0, 100))
        order._action_cancel()
        self.assertEqual(self.member.points, 1000)
        self.assertInvariantsHold()

    def test_a_full_return_of_a_free_order_gives_all_points_back(self):
        """abuse 7 and never 2: nothing is paid out, and the points come back once."""
        self.product.invoice_policy = "order"
        order = self.fill()
        self.spend("900")
        self.url_open("/shop/payment")
        self.confirm()
        self.env.invalidate_all()
        invoice = order._create_invoices(final=True)
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 0)
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"reason": "All came back", "journal_id": invoice.journal_id.id})
        )
        refund = self.env["account.move"].browse(reversal.reverse_moves()["res_id"])
        if refund.state == "draft":
            refund.action_post()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(refund.amount_total, 0)
        self.assertEqual(self.member.points, 1000)
        self.assertInvariantsHold()

    def test_ben_and_another_company_get_nothing_of_annas_points(self):
        """abuse 4, never 14."""
        order = self.fill_cart("club_ben")
        self.spend("100")
        self.assertEqual(self.state(order)[2], 1000)
        self.assertFalse(order.order_line.filtered("reward_id"))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": self.partner.id,
                    "company_id": company.id,
                    "order_line": [Command.create({"product_id": self.product.id, "tax_ids": False})],
                }
            )
        )
        self.assertFalse(foreign._get_portal_spending())
        with self.assertRaises(UserError):
            foreign._club_apply_points(self.member.card_id, self.per_point, 10)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestTheSliderInTheShop(PaidWithPointsCase):
    def test_the_cart_says_what_is_possible_and_why(self):
        self.club.write({"spend_most_percent": 50, "spend_least_points": 100, "spend_step_points": 50})
        self.fill()
        page = " ".join(self.url_open("/shop/cart").text.split())
        self.assertIn("(up to 450)", page)
        self.assertIn("from 100 Points; in steps of 50 Points; at most 50 % of the order", page)
        self.assertRegex(page, r'<input type="range"[^>]*max="450"[^>]*step="50"')
        self.assertRegex(page, r'name="points"[^>]*max="450"[^>]*step="50"[^>]*value="450"')
        self.assertIn("550 Points", page, "what is left")

    def test_one_button_takes_the_points_off_again(self):
        order = self.fill()
        self.spend("100")
        self.assertEqual(self.state(order)[1], 40)
        self.spend("100", nothing="1")
        self.assertEqual(self.state(order)[1], 45)

    def test_a_refused_number_changes_nothing(self):
        self.club.spend_step_points = 50
        order = self.fill()
        self.spend("100")
        for points in ("120", "5000", "-3", "1"):
            with self.subTest(points=points):
                self.assertIn("Nothing was changed", self.spend(points).text)
                self.assertEqual(self.state(order), ("draft", 40, 1000))

    def test_an_order_too_small_says_so(self):
        self.club.spend_least_points = 950
        self.fill()
        page = self.url_open("/shop/cart").text
        self.assertNotIn('name="club_choose_points"', page)
        self.assertIn("from 950 Points on", page)

    def test_the_way_back_is_one_of_two(self):
        """abuse 20: the server chooses where to go."""
        self.fill()
        for place, path in (("payment", "/shop/payment"), ("//evil.example", "/shop/cart"), ("", "/shop/cart")):
            response = self.spend("100", place=place, r="//evil.example")
            self.assertTrue(response.url.endswith(path), response.url)
            self.assertEqual(response.headers["Cache-Control"], "no-store")
