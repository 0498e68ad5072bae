"""The figures of a simulated set-up: plain numbers that can be kept as JSON, and a row for each customer."""

from collections import defaultdict
from decimal import Decimal

from odoo.addons.customer_club.engine import periods, simulation

ZERO = Decimal(0)
DAYS_OF_A_YEAR = 365


class Summary:
    """What a simulation says.

    :param record: the ``club.simulation``; :param simulator: that has run; :param names: of customers by number.
    """

    def __init__(self, record, simulator, names):
        self.record = record
        self.simulator = simulator
        self.names = names
        self.setting = simulator.setting
        self.policy = simulator.policy
        self.last = record.date_to
        self.cost = Decimal(str(record.point_worth)) * Decimal(str(record.redemption_rate)) / 100
        self.wanted = Decimal(str(record.reward_points or 0))
        self.customers = self._read_customers()
        self.values = self._sum_up()

    # -- customers -------------------------------------------------------------

    def _read_customers(self):
        """Customers who did anything in the period, with what became of their points."""
        simulator = self.simulator
        gains, money = defaultdict(list), defaultdict(Decimal)
        for sale in simulator.memory.sales.values():
            for gift in sale.gifts:
                if gift.money:
                    money[sale.root.member_id] += gift.owned
                else:
                    gains[sale.root.member_id].append(simulation.Gain(gift.source, gift.owned, gift.expires_on))
        counted = {sale.root.member_id for sale in simulator.memory.sales.values() if sale.counted}
        rows = []
        for member in sorted(counted, reverse=True):
            found = gains[member]
            if self.setting.expiry.policy == "inactivity":
                active = sorted(set(simulator.active[member]))
                found = simulation.idle_gains(found, active, self.setting.expiry.months, self.policy.calendar)
            balance = simulation.balance(found, self.last)
            rows.append(
                {
                    "member": member,
                    "purchases": simulator.purchases[member],
                    "sales": simulator.sales[member],
                    "points": sum((gain.points for gain in found), ZERO),
                    "money": money[member],
                    "expired": balance.expired,
                    "left": balance.left,
                    "most": balance.most,
                    "tier": self._get_tier(member),
                    "reaches": bool(self.wanted) and balance.most >= self.wanted,
                }
            )
        return rows

    def _get_tier(self, member):
        walk = self.simulator.memory.walks.get(member)
        if walk:
            return walk.tier
        return self._last_tiers.get(member, self.setting.tiers.starter)

    @property
    def _last_tiers(self):
        """The tier that members had at the end, of those who have the tier of the time."""
        if "_last" not in self.__dict__:
            from .sources import read_tiers

            end = self.record._end
            self.__dict__["_last"] = read_tiers(self.record.env, self.record.club_id, end)
        return self.__dict__["_last"]

    # -- figures ---------------------------------------------------------------

    def _sum_up(self):
        entries, customers = self.simulator.entries, self.customers
        points = [customer["points"] for customer in customers]
        net = sum(points, ZERO)
        sales = sum((customer["sales"] for customer in customers), ZERO)
        money = sum((customer["money"] for customer in customers), ZERO)
        cost = net * self.cost + money
        days = (self.record._end - self.record.date_from).days
        left = sum((customer["left"] for customer in customers), ZERO)
        in_points = [entry for entry in entries if not entry.money]
        return {
            "customers": len(customers),
            "earners": sum(1 for customer in customers if customer["points"] > 0 or customer["money"] > 0),
            "purchases": sum(customer["purchases"] for customer in customers),
            "sales": float(sales),
            "entries": len(entries),
            "given": float(sum((entry.points for entry in in_points if entry.kind == "earn"), ZERO)),
            "taken_back": float(-sum((entry.points for entry in in_points if entry.kind == "reverse"), ZERO)),
            "points": float(net),
            "money": float(money),
            "per_year": float(net / len(customers) * DAYS_OF_A_YEAR / days) if customers else 0.0,
            "cost": float(cost),
            "share": float(cost / sales) if sales > 0 else None,
            "expired": float(sum((customer["expired"] for customer in customers), ZERO)),
            "left": float(left),
            "liability": float(left * self.cost),
            "reach": sum(1 for customer in customers if customer["reaches"]),
            "days": days,
            "stopped": len(self.simulator.stopped),
            "months": self._sum_months(),
            "rules": self._sum_rules(),
            "tiers": self._sum_tiers(),
            "deciles": [float(value) for value in simulation.deciles(points)],
            "histogram": [[float(low), float(high), count] for low, high, count in simulation.histogram(points)],
        }

    def _sum_months(self):
        """Points, money and sales by month, by the first day of the month."""
        policy = self.policy
        points, money = defaultdict(Decimal), defaultdict(Decimal)
        for entry in self.simulator.entries:
            day = periods.local_date(entry.at, policy.tz)
            month = periods.period_bounds("month", day, policy.calendar, policy.week_start)[0]
            (money if entry.money else points)[month] += entry.points
        found, day = [], self.record.date_from
        while day < self.record._end:
            first, end = periods.period_bounds("month", day, policy.calendar, policy.week_start)
            cost = points[first] * self.cost + money[first]
            found.append(
                [first.isoformat(), float(points[first]), float(self.simulator.months.get(first, ZERO)), float(cost)]
            )
            day = end
        return found

    def _sum_rules(self):
        """Times, points and members by rule."""
        times, points, members = defaultdict(int), defaultdict(Decimal), defaultdict(set)
        for entry in self.simulator.entries:
            points[entry.rule] += entry.points
            if entry.kind == "earn":
                times[entry.rule] += 1
                members[entry.rule].add(entry.member)
        return [
            [rule.id, times[rule.id], float(points[rule.id]), len(members[rule.id]), rule.money_digits is not None]
            for rule in self.policy.rules
        ]

    def _sum_tiers(self):
        """Customers by the tier that they have at the end, the lowest first."""
        counts = defaultdict(int)
        for customer in self.customers:
            counts[customer["tier"]] += 1
        return [[tier.id, counts[tier.id]] for tier in self.setting.tiers.tiers]
