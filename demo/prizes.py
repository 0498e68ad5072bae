"""The florist's prizes: one of each kind, and one that a customer won."""

PREFIX = "customer_club.demo_"


class Prizes:
    """A small catalogue. Nobody pays points for it here, so that balances stay what the half year made them."""

    def __init__(self, env, club):
        self.env = env
        self.club = club

    def make(self):
        """Set the catalogue up; one prize was won and waits to be handed over."""
        prizes = self.env["club.prize"].create([{"club_id": self.club.id, **vals} for vals in self._get_values()])
        self.env["club.prize.code"].create(
            [{"prize_id": prizes[3].id, "code": f"ROSES-{number:03}-DEMO"} for number in range(1, 26)]
        )
        member = self.env.ref(PREFIX + "member_customer").sudo()
        prizes[1]._award(member, self.club, "demo")

    def _get_values(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten percent off, once",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": self.club.company_id.id,
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_mode": "percent"})],
            }
        )
        return [
            {
                "name": "Glass vase",
                "description": "Hand-blown, 30 cm high. Fetch it in our shop.",
                "points": 600,
                "delivery": "order_line",
                "product_id": self.env.ref(PREFIX + "product_vase").id,
                "stock_kind": "own",
                "stock": 12,
                "cost": 9,
            },
            {
                "name": "An evening of binding wreaths",
                "description": "Two hours with our florist, tea and cake included.",
                "points": 400,
                "delivery": "service",
                "stock_kind": "own",
                "stock": 3,
                "limit_count": 1,
                "limit_period": "year",
                "cost": 6,
                "nature": "soft",
            },
            {
                "name": "Ten percent off your next flowers",
                "points": 150,
                "delivery": "coupon",
                "program_id": program.id,
                "coupon_days": 60,
                "cost": 4,
            },
            {
                "name": "Our book of roses, to download",
                "points": 80,
                "delivery": "code",
                "limit_count": 1,
                "cost": 1,
            },
            {
                "name": "Potted orchid",
                "points": 300,
                "money": 12,
                "delivery": "order_line",
                "product_id": self.env.ref(PREFIX + "product_orchid").id,
                "cost": 14,
            },
        ]
