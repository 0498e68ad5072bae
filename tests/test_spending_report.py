"""Points spent by channel: every movement once, what came back deducted, and the cost where something was provided."""

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestSpendingByChannel(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reward = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "per_point",
                "discount": 0.1,
                "required_points": 1,
            }
        )
        cls.post(100, "test,1:earn")

    def _read(self, *fields):
        self.env.flush_all()
        return {
            channel: tuple(round(value, 2) for value in values)
            for channel, *values in self.env["club.spending.report"]._read_group(
                [("club_id", "=", self.club.id)], ["channel"], [f"{name}:sum" for name in fields]
            )
        }

    def _order(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 2})],
            }
        )
        order._club_apply_points(self.member.card_id, self.reward, 50)
        return order

    def test_a_discount_on_an_order_counts_its_points_and_what_it_took_off(self):
        self._order().action_confirm()
        self.assertEqual(self._read("points", "uses", "provided", "cost"), {"sale.order": (50, 1, 1, 5)})

    def test_what_a_cancelled_order_gave_back_is_deducted(self):
        order = self._order()
        order.action_confirm()
        order._action_cancel()
        self.assertEqual(self._read("points", "cost"), {"sale.order": (0, 0)})

    def test_a_movement_without_a_known_document_stands_under_other(self):
        self.post(-7, "test,1:spend")
        self.assertEqual(self._read("points"), {"other": (7,)})

    def test_the_channels_together_are_what_the_ledger_took(self):
        self._order().action_confirm()
        self.post(-7, "test,1:spend")
        spent = self.env["club.point.entry"].search([("club_id", "=", self.club.id), ("kind", "=", "spend")])
        self.assertEqual(sum(points for (points,) in self._read("points").values()), -sum(spent.mapped("points")))
        self.assertInvariantsHold()

    def test_every_kind_of_document_has_a_channel_of_its_own_number(self):
        models = self.env["club.spending.report"]._get_spending_models()
        self.assertLess(len(models), 14, "the rows' ids have room for 16 sources")
        channels = dict(self.env["club.spending.report"]._select_channel())
        self.assertLessEqual(set(models), set(channels))

    def test_another_companys_manager_and_a_plain_user_read_nothing(self):
        self._order().action_confirm()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env, "report_elsewhere", groups="customer_club.group_club_manager", company_id=company.id
        )
        self.assertFalse(self.env["club.spending.report"].with_user(other).search([]))
        plain = new_test_user(self.env, "report_plain", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["club.spending.report"].with_user(plain).search([])
