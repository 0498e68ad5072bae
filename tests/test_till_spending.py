"""Spending at the till: Odoo's own client claims the club's reward, and the ledger has it once.

The till is no dependency of the club; these tests run where ``pos_loyalty`` is installed.
"""

from unittest import SkipTest

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import HttpCase, tagged


class TillCase(ClubCase):
    """A till, a product in it, and a member with points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "pos.order" not in cls.env or "coupon_id" not in cls.env["pos.order.line"]._fields:
            raise SkipTest("the till (pos_loyalty) is not installed in this database; nothing of it can be tried")
        cls.till_partner = cls.env["res.partner"].create({"name": "Till Anna"})
        cls.till_member = cls.club._enrol(cls.till_partner)
        cls.card = cls.till_member.card_id
        cls.reward = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "per_order",
                "discount": 5,
                "discount_applicability": "order",
                "required_points": 300,
                "description": "5 off at the till",
            }
        )
        cls.roses = cls.env["product.product"].create(
            {"name": "Till Roses", "list_price": 20, "taxes_id": False, "available_in_pos": True, "is_storable": False}
        )
        cash = cls.env["account.journal"].create({"name": "Till Cash", "type": "cash", "code": "TCSH"})
        cls.method = cls.env["pos.payment.method"].create({"name": "Till Cash", "journal_id": cash.id})
        cls.config = cls.env["pos.config"].create(
            {"name": "Club Till", "payment_method_ids": [Command.set(cls.method.ids)]}
        )

    def entries(self, **values):
        domain = [("member_id", "=", self.till_member.id), *((name, "=", value) for name, value in values.items())]
        return self.env["club.point.entry"].search(domain, order="id")


@tagged("post_install", "-at_install")
class TestTheTillInABrowser(HttpCase, TillCase):
    def test_the_reward_of_a_club_card_is_claimed_and_the_ledger_has_it_once(self):
        self.post(1000, "till", member=self.till_member)
        self.config.with_user(self.env.ref("base.user_admin")).open_ui()
        self.start_tour(f"/pos/ui/{self.config.id}", "club_till_spends_points", login="admin")
        order = self.env["pos.order"].search([("partner_id", "=", self.till_partner.id)])
        self.assertEqual(len(order), 1)
        self.assertAlmostEqual(order.amount_total, 15)
        spend = self.entries(kind="spend")
        self.assertEqual(len(spend), 1)
        self.assertEqual((spend.points, spend.origin_model, spend.origin_id), (-300, "pos.order", order.id))
        self.assertEqual(self.card.points, 700)
        self.assertFalse(self.env["club.ledger.incident"].search([("card_id", "=", self.card.id)]))
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestWhatTheTillSends(TillCase):
    """The same without a browser: what the till's client calls, honest or not."""

    def setUp(self):
        super().setUp()
        self.config.open_ui()
        self.session = self.config.current_session_id
        self.session.set_opening_control(0, "")

    def sell(self, points=300, rewards=1, **values):
        """An order of the till that used ``points`` for the reward, paid."""
        lines = [{"product_id": self.roses.id, "qty": 1, "price_unit": 20}]
        lines += [
            {
                "product_id": self.reward.discount_line_product_id.id,
                "qty": 1,
                "price_unit": -5,
                "is_reward_line": True,
                "reward_id": self.reward.id,
                "coupon_id": self.card.id,
                "points_cost": points,
                "reward_identifier_code": "r1",
            }
        ] * rewards
        lines = [
            dict(line, price_subtotal=line["price_unit"], price_subtotal_incl=line["price_unit"]) for line in lines
        ]
        total = sum(line["price_subtotal"] for line in lines)
        order = self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.env.company.id,
                "partner_id": self.till_partner.id,
                "amount_tax": 0,
                "amount_total": total,
                "amount_paid": 0,
                "amount_return": 0,
                "lines": [Command.create(line) for line in lines],
                **values,
            }
        )
        self.pay(order)
        return order

    def pay(self, order):
        order.add_payment({"pos_order_id": order.id, "amount": order.amount_total, "payment_method_id": self.method.id})
        order.action_pos_order_paid()

    def send(self, order, points):
        order.confirm_coupon_programs(
            {
                str(self.card.id): {
                    "points": points,
                    "program_id": self.club.program_id.id,
                    "coupon_id": self.card.id,
                    "partner_id": self.till_partner.id,
                    "barcode": False,
                    "line_codes": ["r1"],
                }
            }
        )
        self.env.cr.flush()

    def test_what_the_client_says_twice_is_spent_once(self):
        self.post(1000, "till", member=self.till_member)
        order = self.sell()
        self.send(order, -300)
        self.send(order, -300)
        self.assertEqual(self.entries(kind="spend").mapped("points"), [-300])
        self.assertEqual(self.card.points, 700)
        self.assertInvariantsHold()

    def test_points_that_were_spent_elsewhere_meanwhile_become_arrears(self):
        """The goods have left the shop: the till tells us afterwards."""
        self.post(300, "till", member=self.till_member)
        order = self.sell()
        self.post(-200, "prize", member=self.till_member)
        self.send(order, -300)
        self.assertEqual(self.card.points, -200)
        self.assertTrue(self.entries(kind="spend")[-1].happened)
        self.assertInvariantsHold()

    def test_a_client_that_adds_points_adds_none(self):
        order = self.sell(rewards=0)
        self.send(order, 5000)
        self.assertEqual(self.card.points, 0)
        self.assertFalse(self.entries())
        incident = self.env["club.ledger.incident"].search([("card_id", "=", self.card.id)])
        self.assertEqual((incident.wanted, incident.posted, incident.origin_id), (5000, 0, order.id))

    def test_a_client_takes_no_more_than_the_orders_lines_cost(self):
        """abuse.md 4: whoever works at the till could else empty any member's card."""
        self.post(1000, "till", member=self.till_member)
        order = self.sell(rewards=0)
        self.send(order, -500)
        self.assertEqual(self.card.points, 1000)
        incident = self.env["club.ledger.incident"].search([("card_id", "=", self.card.id)])
        self.assertEqual((incident.wanted, incident.posted, incident.origin_id), (-500, 0, order.id))
        self.send(self.sell(), -900)
        self.assertEqual(self.entries(kind="spend").mapped("points"), [-300])
        self.assertEqual(self.card.points, 700)
        self.assertInvariantsHold()

    def test_a_card_that_the_till_makes_for_a_stranger_holds_nothing(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        order = self.sell(rewards=0, partner_id=stranger.id)
        order.confirm_coupon_programs(
            {"-1": {"points": 40, "program_id": self.club.program_id.id, "partner_id": stranger.id, "barcode": False}}
        )
        self.env.cr.flush()
        card = self.env["loyalty.card"].search([("partner_id", "=", stranger.id)])
        self.assertEqual(card.points, 0)
        self.assertInvariantsHold()

    def test_a_refund_gives_back_what_the_reward_had_cost_and_only_once(self):
        self.post(1000, "till", member=self.till_member)
        order = self.sell()
        self.send(order, -300)
        refund = order._refund()
        self.assertFalse(self.give_back(), "an unpaid refund gives nothing back")
        self.pay(refund)
        self.env.cr.flush()
        self.assertEqual(self.entries(kind="reverse").mapped("points"), [300])
        self.assertFalse(self.give_back())
        self.assertEqual(self.card.points, 1000)
        self.assertInvariantsHold()

    def test_a_refund_gives_back_no_more_than_the_order_had_spent(self):
        self.post(1000, "till", member=self.till_member)
        order = self.sell(points=100)
        self.send(order, -100)
        order.lines.filtered("points_cost").points_cost = 5000
        self.pay(order._refund())
        self.env.cr.flush()
        self.assertEqual(self.entries(kind="reverse").mapped("points"), [100])
        self.send(order._refund(), 5000)
        self.assertEqual(self.card.points, 1000)
        self.assertInvariantsHold()

    def test_the_job_finds_a_refund_that_nobody_told_of(self):
        self.post(1000, "till", member=self.till_member)
        order = self.sell()
        self.send(order, -300)
        refund = order._refund()
        self.pay(refund)
        self.env.cr.precommit.clear()
        self.assertEqual(self.give_back().mapped("points"), [300])
        self.assertEqual(self.card.points, 1000)
        self.assertInvariantsHold()

    def test_refunding_other_lines_gives_no_points_back(self):
        self.post(1000, "till", member=self.till_member)
        order = self.sell()
        self.send(order, -300)
        refund = order._refund()
        refund.lines.filtered("points_cost").unlink()
        refund._compute_prices()
        self.pay(refund)
        self.assertFalse(self.give_back())
        self.assertEqual(self.card.points, 700)

    def give_back(self):
        return self.env["club.till"]._cron_give_back()
