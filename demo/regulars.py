"""The florist's regulars: whom the club is large enough for to have segments, a model of lifetimes and a control group.

Their purchases come from the till of before, as a nightly import brings them: facts with lines, on the day of their
purchase. What each of them does is decided by one random generator with a fixed seed.
"""

import random
from datetime import datetime, time, timedelta
from typing import NamedTuple

FIRST_NAMES = (
    *("Adele", "Bruno", "Clara", "Darius", "Edith", "Fatima", "Gustav", "Hanna", "Igor", "Jasmin", "Karim", "Lotte"),
    *("Milan", "Nadia", "Oskar", "Paula", "Quentin", "Rahel", "Samir", "Tilda", "Umar", "Vera", "Walter", "Yasmin"),
)
LAST_NAMES = (
    *("Abbott", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hoffman", "Ito", "Jansen"),
    *("Kowalski", "Lopez", "Moreau", "Novak", "Olsen", "Petrov", "Quinn", "Rahman", "Santos", "Tanaka"),
)
#: What they buy: product, least and most pieces, how likely.
BASKETS = (
    ("roses", 1, 2, 30),
    ("tulips", 1, 3, 30),
    ("peonies", 1, 2, 16),
    ("succulents", 1, 3, 14),
    ("orchid", 1, 1, 8),
    ("wedding", 1, 1, 2),
)
#: How many there are, and how many of them fall silent long before today.
COUNT, SILENT = 160, 84
SEED = 1987


class Purchase(NamedTuple):
    """``hour`` is local to the clock's days, UTC."""

    who: int
    product: str
    quantity: int
    hour: float


class Regulars:
    """Members without an account, and what they buy.

    :param florist: the florist whose club this is.
    """

    def __init__(self, florist):
        self.florist = florist
        self.env = florist.env
        self.club = florist.club
        self.random = random.Random(SEED)  # noqa: S311 - who buys when, in a story
        self.joins = {}
        self.purchases = {}
        self.members = {}
        self.number = 0

    # -- the plan --------------------------------------------------------------------

    def set_up(self):
        """Decide who joins and buys when; before the first day."""
        self.products = {name: self.env.ref(f"customer_club.demo_product_{name}") for name, *_rest in BASKETS}
        for who in range(COUNT):
            silent = who < SILENT
            joined = self.random.randint(130, 206) if silent else self.random.choice((*range(1, 35), *range(35, 200)))
            last = self.random.randint(104, max(105, joined - 20)) if silent else 0
            self.joins.setdefault(joined, []).append(who)
            self._plan_purchases(who, joined, last, once=self.random.random() < 0.2)

    def _plan_purchases(self, who, day, last, once=False):
        """Purchases from ``day`` on until ``last`` (days ago), each member in a rhythm of its own."""
        interval = self.random.choice((10, 18, 28, 40, 60))
        while day > last:
            self.plan(who, day)
            if once:
                return
            day -= max(5, round(self.random.gauss(interval, interval / 2.5)))

    def plan(self, who, day):
        """Let a regular buy something so many days ago; Saturdays and late afternoons are busy."""
        weekday = (self.florist.now - timedelta(days=day)).weekday()
        if weekday == 6 and day > 1:  # closed on Sundays
            day -= 1
        product, least, most, _weight = self.random.choices(BASKETS, [weight for *_rest, weight in BASKETS])[0]
        hour = self.random.triangular(9, 18, 11 if weekday == 5 else 16.5)
        purchase = Purchase(who, product, self.random.randint(least, most), hour)
        self.purchases.setdefault(day, []).append(purchase)

    def come_back(self, member, day):
        """Let who was won back buy on that day, and from then on now and then."""
        who = self.numbers.get(member.id)
        if who is not None and day > 0:
            self._plan_purchases(who, day, 0, once=self.random.random() < 0.6)

    @property
    def numbers(self):
        """Number of a regular by the member's id."""
        return {member.id: who for who, member in self.members.items()}

    # -- the days --------------------------------------------------------------------

    def live(self, day):
        """Who joined, and what was bought, on that day and on those before it that were not lived through."""
        due = sorted((at for at in self.joins if at >= day), reverse=True)
        self._join([who for at in due for who in self.joins.pop(at)])
        self._buy({at: self.purchases.pop(at) for at in sorted(self.purchases, reverse=True) if at >= day})

    def _join(self, people):
        if not people:
            return
        partners = self.env["res.partner"].create([self._prepare_partner(who) for who in people])
        members = self.club._enrol(partners)
        self.members.update(
            zip(people, members.sorted(lambda member: partners.ids.index(member.partner_id.id)), strict=True)
        )
        members._record_consent("terms", True, "manual")
        members.filtered(lambda member: member.id % 8)._record_consent("marketing", True, "manual")
        self.env["club.event"].search([("club_id", "=", self.club.id), ("processed_at", "=", False)])._process()

    def _prepare_partner(self, who):
        first, last = FIRST_NAMES[who % len(FIRST_NAMES)], LAST_NAMES[who * 7 % len(LAST_NAMES)]
        return {"name": f"{first} {last}", "email": f"{first}.{last}.{who}@example.com".lower()}

    def _buy(self, purchases):
        """What the till of these days sends, the oldest first."""
        values = []
        for day, of_day in purchases.items():
            date = (self.florist.now - timedelta(days=day)).date()
            for purchase in sorted(of_day, key=lambda purchase: purchase.hour):
                moment = datetime.combine(date, time()) + timedelta(minutes=round(60 * purchase.hour))
                values.append(self._prepare_event(purchase, min(moment, self.florist.clock.moment)))
        if values:
            self.env["club.event"]._report(values)

    def _prepare_event(self, purchase, moment):
        product = self.products[purchase.product]
        self.number += 1
        member = self.members[purchase.who]
        amount = product.list_price * purchase.quantity
        line = [self.number, product.id, product.categ_id.id, str(purchase.quantity), f"{amount:.2f}"]
        return {
            "member_id": member.id,
            "type": "purchase",
            "occurred_at": max(moment, member.joined_at),
            "key": f"import,{self.club.id}:till-{self.number:05d}",
            "amount": amount,
            "payload": {"channel": "import", "quantity": str(purchase.quantity), "lines": [line]},
        }
