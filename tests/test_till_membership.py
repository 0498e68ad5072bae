"""What the club tells the till and the warehouse; runs where both are installed."""

from odoo import fields
from odoo.tests import tagged

from .common import ClubCase


@tagged("post_install", "-at_install")
class TestClubInTillAndWarehouse(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "pos.config" not in cls.env or "stock.move" not in cls.env:
            cls.skipTest(cls, "the till and the warehouse are not installed here; ./dev test runs this where they are")

    def test_the_till_alone_sees_the_anchor_as_automatic(self):
        Rule = self.env["loyalty.rule"]
        other = (
            self.env["loyalty.program"]
            .create(
                {
                    "name": "P",
                    "program_type": "promo_code",
                    "rule_ids": [fields.Command.create({"mode": "with_code", "code": "SUMMER"})],
                    "reward_ids": [fields.Command.create({"discount": 5})],
                }
            )
            .rule_ids
        )
        config = self.env["pos.config"].create({"name": "Till"})
        anchor = self.club.program_id.rule_ids
        rows = {row["id"]: row for row in Rule._load_pos_data_read(anchor | other, config)}
        self.assertEqual((rows[anchor.id]["mode"], rows[anchor.id]["code"]), ("auto", False))
        self.assertEqual(rows[other.id]["mode"], "with_code")
        self.assertEqual(anchor.mode, "with_code", "the database is as it was")

    def test_priority_of_a_tier_reserves_first(self):
        gold = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 0, "priority": 10})
        self.member.tier_id = gold
        self.product.write({"type": "consu", "is_storable": True})
        orders = self.env["sale.order"].create(
            [
                {"partner_id": partner.id, "order_line": [fields.Command.create({"product_id": self.product.id})]}
                for partner in self.partner | self.partner_2
            ]
        )
        orders.action_confirm()
        moves = {order.partner_id: order.order_line.move_ids for order in orders}
        self.assertEqual(moves[self.partner].priority, "1")
        self.assertEqual(moves[self.partner_2].priority, "0")
