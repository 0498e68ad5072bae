"""Limits hold for sales that are confirmed at the same moment, whose points wait (abuse 22)."""

import time

from odoo import Command
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.tests import tagged
from odoo.tools import mute_logger

ORDERS = 3


@tagged("post_install", "-at_install")
class TestLimitsOfPendingPointsAtOnce(CommittedClubCase):
    """Pending points change no balance, yet whoever waits for the card must see them before counting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_orders)
        cls.order_ids = []
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            club.write({"earn_when": "confirmed", "hold_days": 14})
            env["club.earn.rule"].search([("club_id", "=", club.id)]).active = False
            env["club.earn.rule"].create(
                {
                    "club_id": club.id,
                    "name": "Welcome",
                    "event_type": "purchase",
                    "points": 100,
                    "use_multiplier": False,
                    "limit_member": 100,
                    "limit_period": "lifetime",
                }
            )
            product = env["product.product"].create({"name": "Committed roses", "list_price": 10, "taxes_id": False})
            cls.order_ids = (
                env["sale.order"]
                .create(
                    [
                        {
                            "partner_id": env["club.member"].browse(cls.member_id).partner_id.id,
                            "order_line": [Command.create({"product_id": product.id})],
                        }
                        for _number in range(ORDERS)
                    ]
                )
                .ids
            )

    @classmethod
    def _clean_orders(cls):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM club_earn_release WHERE club_id = %s", [cls.ids["club"]])
            cr.execute("DELETE FROM sale_order_line WHERE order_id = ANY(%s)", [cls.order_ids])
            cr.execute("DELETE FROM sale_order WHERE id = ANY(%s)", [cls.order_ids])
            cls._env(cr)["product.template"].search([("name", "=", "Committed roses")]).active = False

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_orders_that_are_confirmed_at_once_earn_no_more_than_the_members_limit(self):
        def confirm(order_id):
            def work(env):
                env["sale.order"].browse(order_id).action_confirm()
                env.cr.flush()
                time.sleep(0.2)
                return order_id

            return work

        results, _seconds = self.in_threads([confirm(order_id) for order_id in self.order_ids])
        self.assertEqual(sorted(results), sorted(self.order_ids))
        earned = self.in_transaction(
            lambda env: (
                env["club.point.entry"]
                .search([("member_id", "=", self.member_id), ("kind", "=", "earn")])
                .mapped("points")
            )
        )
        self.assertEqual(earned, [100])
        self.assertInvariantsHold()
