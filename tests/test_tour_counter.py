"""A clerk serves members at the counter, in a browser."""

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.addons.customer_club.tests.test_counter_sale import CounterCase
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestServingAtTheCounter(CounterCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        cls.env.company.country_id = cls.env.ref("base.de")
        cls.cash.name = "Tour Till"
        cls.club.terms = "<p>Our terms</p>"
        cls.partner.name = "Tour Anna"
        cls.earn_rule("visit", 10)
        cls.env["club.question"].create(
            {
                "club_id": cls.club.id,
                "name": "What is the occasion?",
                "moment": "sale",
                "repeat": "always",
                "min_amount": 20,
                "choice_ids": [
                    Command.create({"name": "Just so"}),
                    Command.create({"name": "Our anniversary", "occasion_kind": "anniversary"}),
                ],
            }
        )
        cls.club._get_counter_product().taxes_id = False

    def test_from_a_telephone_number_over_two_sales_and_a_question_to_the_undo(self):
        self.start_tour("/odoo/counter", "club_counter_journey", login="counter_clerk", timeout=120)
        partner = self.env["res.partner"].search([("phone_sanitized", "=", "+493098765432")])
        member = self.club._get_member(partner)
        self.assertEqual((partner.name, member.source, member.consent_marketing), ("Nadja Neu", "counter", False))
        self.assertEqual(
            member.consent_ids.mapped(lambda consent: (consent.kind, consent.source)), [("terms", "counter")]
        )
        orders = self.orders(member)
        self.assertEqual(sorted(orders.mapped("state")), ["cancel", "sale"])
        sold = orders.filtered(lambda order: order.state == "sale")
        self.assertEqual((sold.amount_total, sold.invoice_ids.payment_state), (45.5, "paid"))
        self.assertEqual(sold.club_answer_ids.value, "Our anniversary")
        self.assertEqual(member.occasion_ids.kind, "anniversary")
        self.assertEqual(member.points, 55)
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    @mute_logger("odoo.http")
    def test_an_answer_lost_on_the_way_sells_once(self):
        """Never 6."""
        self.start_tour("/odoo/counter", "club_counter_lost_answer", login="counter_clerk", timeout=120)
        self.assertEqual(len(self.orders()), 1)
        self.assertEqual(self.member.points, 30)
        self.assertInvariantsHold()
