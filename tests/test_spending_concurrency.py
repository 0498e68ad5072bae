"""Two carts that begin to pay at the same moment for the same points (never.md 8, 22; abuse.md 22)."""

from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.fields import Command
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

CARTS = 4
# Children first; what the club's own cleaning does not know of.
CLEANED = (
    ("sale_order_transaction_rel", "sale_order_id = ANY(%(orders)s)"),
    ("payment_transaction", "id = ANY(%(transactions)s)"),
    ("sale_order_line", "order_id = ANY(%(orders)s)"),
    ("sale_order", "id = ANY(%(orders)s)"),
)


@tagged("post_install", "-at_install")
class TestCartsThatPayAtOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders, cls.transactions = [], []
        cls.addClassCleanup(cls._clean_orders)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            member = env["club.member"].browse(cls.member_id)
            reward = member.club_id.program_id.reward_ids
            product = env["product.product"].create(
                {"name": "Committed Roses", "list_price": 100, "taxes_id": False, "type": "service"}
            )
            env["club.point.entry"]._post(
                [{"member_id": member.id, "kind": "earn", "points": 100, "key": f"carts:{member.id}"}]
            )
            for _cart in range(CARTS):
                order = env["sale.order"].create(
                    {"partner_id": member.partner_id.id, "order_line": [Command.create({"product_id": product.id})]}
                )
                order._update_programs_and_rewards()
                order._apply_program_reward(reward, member.card_id)
                assert sum(order.order_line.mapped("points_cost")) == 100
                cls.orders.append(order.id)
            cls.product_tmpl_id = product.product_tmpl_id.id

    @classmethod
    def _clean_orders(cls):
        ids = {"orders": cls.orders, "transactions": cls.transactions}
        with cls.registry.cursor() as cr:
            cr.execute(
                "SELECT array_agg(transaction_id) FROM sale_order_transaction_rel WHERE sale_order_id = ANY(%s)",
                [cls.orders],
            )
            ids["transactions"] = cr.fetchone()[0] or []
            for table, where in CLEANED:
                cr.execute(f"DELETE FROM {table} WHERE {where}", ids)
            cls._env(cr)["product.template"].browse(cls.product_tmpl_id).unlink()

    def _begin(self, order_id, state="draft"):
        def work(env):
            order = env["sale.order"].browse(order_id)
            provider = env["payment.provider"].search([], limit=1)
            return (
                env["payment.transaction"]
                .create(
                    {
                        "provider_id": provider.id,
                        "payment_method_id": env.ref("payment.payment_method_unknown").id,
                        "amount": order.amount_total,
                        "currency_id": order.currency_id.id,
                        "partner_id": order.partner_id.id,
                        "reference": f"race-{order_id}-{state}",
                        "state": state,
                        "sale_order_ids": [Command.set([order_id])],
                    }
                )
                .id
            )

        return work

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_of_them_begins_and_the_others_are_told_before_they_pay(self):
        tries = patch.object(service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 30)
        sleeper = patch.object(service_model.time, "sleep", lambda _seconds: None)
        with tries, sleeper:
            results, _seconds = self.in_threads([self._begin(order) for order in self.orders])
            winners = [result for result in results if isinstance(result, int)]
            losers = [result for result in results if not isinstance(result, int)]
            self.assertEqual(len(winners), 1, results)
            self.assertEqual({type(error) for error in losers}, {NotEnoughPoints})
            winner = self.orders[results.index(winners[0])]

            # The winner pays while the losers are confirmed by staff: the held points stay the winner's.
            confirm = [
                lambda env, order=order: env["sale.order"].browse(order).action_confirm() for order in self.orders
            ]

            def pay(env):
                env["payment.transaction"].browse(winners[0]).state = "done"
                return env["sale.order"].browse(winner).action_confirm()

            confirm[self.orders.index(winner)] = pay
            results, _seconds = self.in_threads(confirm)
        failed = [isinstance(result, Exception) for result in results]
        self.assertEqual(failed.count(False), 1, results)
        self.assertFalse(failed[self.orders.index(winner)], results)
        self.assertEqual(self.balances(self.member_id), [0])
        self.assertInvariantsHold()
