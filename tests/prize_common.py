"""Prizes of every kind for the tests that give them."""

from itertools import count

from odoo.addons.customer_club.tests.common import ClubCase


class PrizeCase(ClubCase):
    """A prize of each kind of delivery, for 100 points each; Anna has 500."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_club.group_club_manager")
        cls.keys = count()
        cls.post(500, "start")
        cls.goods = cls.env["product.product"].create(
            {"name": "Vase", "list_price": 30.0, "standard_price": 12.0, "taxes_id": False, "type": "consu"}
        )
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Prize Coupons",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_mode": "percent"})],
            }
        )
        cls.prizes = {
            "order_line": cls.make_prize("A Vase", delivery="order_line", product_id=cls.goods.id),
            "coupon": cls.make_prize("Ten Percent", delivery="coupon", program_id=cls.program.id),
            "service": cls.make_prize("Gift Wrapping", delivery="service"),
            "code": cls.make_prize("Song", delivery="code"),
        }
        cls.add_codes(cls.prizes["code"], "SONG-0001", "SONG-0002")

    @classmethod
    def make_prize(cls, name, **values):
        return cls.env["club.prize"].create({"club_id": cls.club.id, "name": name, "points": 100, "cost": 7, **values})

    @classmethod
    def add_codes(cls, prize, *codes):
        return cls.env["club.prize.code"].create([{"prize_id": prize.id, "code": code} for code in codes])

    def redeem(self, prize, member=None, key=None, source="counter"):
        return prize._redeem(member or self.member, key or f"test-{next(self.keys)}", source)
