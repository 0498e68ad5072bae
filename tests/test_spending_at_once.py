"""Twenty orders that points pay wholly, confirmed at the same moment for the same points (never 8, 21; abuse 22)."""

from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.addons.customer_club.tests.test_spending_concurrency import CLEANED
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

ORDERS = 20


class AtOnceCase(CommittedClubCase):
    """Orders of one member, each paid wholly with the same 1,000 points."""

    limit = 0
    points = 1000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = []
        cls.addClassCleanup(cls._clean_orders)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            member = env["club.member"].browse(cls.member_id)
            reward = member.club_id.program_id.reward_ids
            reward.write({"discount": 0.05, "required_points": 1})
            product = env["product.product"].create(
                {"name": "Roses at Once", "list_price": 50, "taxes_id": False, "type": "service"}
            )
            cls.product_tmpl_id = product.product_tmpl_id.id
            env["club.point.entry"]._post(
                [{"member_id": member.id, "kind": "earn", "points": cls.points, "key": f"at once:{member.id}"}]
            )
            for _order in range(ORDERS):
                order = env["sale.order"].create(
                    {"partner_id": member.partner_id.id, "order_line": [Command.create({"product_id": product.id})]}
                )
                order._club_apply_points(member.card_id, reward, 1000)
                assert not order.amount_total
                cls.orders.append(order.id)
            reward.club_limit = cls.limit

    @classmethod
    def _clean_orders(cls):
        with cls.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM loyalty_history WHERE order_model = 'sale.order' AND order_id = ANY(%s)", [cls.orders]
            )
            for table, where in CLEANED:
                cr.execute(f"DELETE FROM {table} WHERE {where}", {"orders": cls.orders, "transactions": []})
            cls._env(cr)["product.template"].browse(cls.product_tmpl_id).unlink()

    def confirm_all(self):
        tries = patch.object(service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60)
        sleeper = patch.object(service_model.time, "sleep", lambda _seconds: None)
        works = [lambda env, order=order: env["sale.order"].browse(order)._validate_order() for order in self.orders]
        with tries, sleeper, mute_logger("odoo.sql_db", "odoo.service.model"):
            results, _seconds = self.in_threads(works)
        return [result for result in results if isinstance(result, Exception)]

    def spent(self):
        """Points that the ledger says were spent, and how many orders are confirmed."""
        return self.in_transaction(
            lambda env: (
                sum(
                    env["club.point.entry"]
                    .search([("member_id", "=", self.member_id), ("kind", "=", "spend")])
                    .mapped("points")
                ),
                env["sale.order"].search_count([("id", "in", self.orders), ("state", "=", "sale")]),
            )
        )


@tagged("post_install", "-at_install")
class TestTwentyOrdersForTheLastPoints(AtOnceCase):
    def test_one_wins_and_nothing_is_lost(self):
        errors = self.confirm_all()
        self.assertEqual(len(errors), ORDERS - 1)
        self.assertEqual({type(error) for error in errors}, {NotEnoughPoints})
        self.assertEqual(self.spent(), (-1000, 1))
        self.assertEqual(self.balances(self.member_id), [0])
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestTwentyOrdersForARewardThatOneCanHaveOnce(AtOnceCase):
    limit = 1
    points = 1000 * ORDERS

    def test_one_wins_though_there_are_points_for_all(self):
        errors = self.confirm_all()
        self.assertEqual(len(errors), ORDERS - 1)
        self.assertTrue(all(isinstance(error, UserError) for error in errors), errors)
        self.assertEqual(self.spent(), (-1000, 1))
        self.assertEqual(self.balances(self.member_id), [1000 * (ORDERS - 1)])
        self.assertInvariantsHold()
