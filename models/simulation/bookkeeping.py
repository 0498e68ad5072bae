"""What a simulation counts as it goes on: facts, categories, sales, limits and budgets."""

from bisect import bisect_left
from decimal import ROUND_HALF_UP

from odoo.addons.customer_club.engine import earning, periods
from odoo.tools import SQL

from ..earning.fact_counts import Fact
from .values import BUYING, ZERO


def _whys(found):
    return found.why if isinstance(found, earning.Award) else (found.why,)


class Bookkeeping:
    """A part of :class:`~.simulator.Simulator`, which makes the attributes: it counts, and gives nothing."""

    def _count_gift(self, member, gift, points, day):
        """Count what was given or taken back on a day, for limits and budgets."""
        by_day = self.memory.earned[member, gift.rule_id]
        by_day[gift.day] = by_day.get(gift.day, ZERO) + points
        self.memory.given[gift.rule_id] = self.memory.given.get(gift.rule_id, ZERO) + points
        if not self.policy.has_budget:
            return
        if gift.money:
            self.memory.pay(day, points)
        else:
            self.memory.used[self._budget_period(gift.source)] += points

    def _note_stop(self, evaluation, row):
        """Remember a fact to which rules would have given more, had the club's budget not been used up."""
        if self.policy.has_budget:
            said = [why for found in (*evaluation.awards, *evaluation.missed) for why in _whys(found)]
            if any(why.code == "budget" for why in said):
                self.stopped.add(row.root)

    def _budget_period(self, day):
        policy = self.policy
        return periods.period_bounds(policy.budget_period, day, policy.calendar, policy.week_start)[0]

    def _note(self, sale):
        """Let later facts know of this one."""
        row = sale.root
        if row.type == "purchase" and sale.amount <= 0:
            sale.stands = False
        key = (row.member_id, row.type)
        if self.counting and sale.stands:
            self._insert_fact(key, sale)
        if row.type == "purchase" and "first_in_category" in self.policy.needs:
            self._note_categories(sale)
        if row.type in BUYING and sale.stands and sale.counted:
            self.purchases[row.member_id] += 1
        self.active[row.member_id].append(self._day(row.occurred_at))

    def _insert_fact(self, key, sale):
        facts, days = self.memory.facts.setdefault(key, []), self.memory.days.setdefault(key, [])
        fact = Fact(sale.at, sale.root.id, True)
        place = bisect_left(facts, fact)
        facts.insert(place, fact)
        days.insert(place, self._day(sale.at))

    def _note_categories(self, sale):
        lines = (sale.root.payload or {}).get("lines") or ()
        for category in {line[2] for line in lines if line[2]}:
            for one in self._ancestors.get(category, frozenset((category,))):
                roots = self.memory.bought[sale.root.member_id][one]
                roots.add(sale.root.id) if sale.stands else roots.discard(sale.root.id)

    @property
    def _ancestors(self):
        if "_ancestors" not in self.memory.replay:
            self.memory.replay["_ancestors"] = {
                category: frozenset(int(part) for part in path.split("/") if part)
                for category, path in self.env(su=True).execute_query(
                    # SQL as in the batch: few rows, of which the ORM would read one by one.
                    SQL("SELECT id, parent_path FROM product_category")
                )
            }
        return self.memory.replay["_ancestors"]

    def _change_amount(self, sale, amount, stands=True):
        before, sale.amount = sale.amount, amount
        stood, row = sale.stands, sale.root
        sale.stands = stands and (row.type != "purchase" or amount > 0)
        if sale.counted:
            self._turn_over(sale, before)
        if stood == sale.stands:
            return
        if sale.counted and row.type in BUYING:
            self.purchases[row.member_id] += 1 if sale.stands else -1
        key = (row.member_id, row.type)
        if self.counting:
            if sale.stands:
                self._insert_fact(key, sale)
            else:
                place = self.memory.facts[key].index(Fact(sale.at, row.id, True))
                del self.memory.facts[key][place], self.memory.days[key][place]
        if row.type == "purchase" and "first_in_category" in self.policy.needs:
            self._note_categories(sale)

    def _turn_over(self, sale, before):
        """Sales without taxes: of the member, of the month in which it was sold, and of the budget's period.

        :param before: what of the sale was counted so far; as the club's budget, it rounds what stands of it.
        """
        change = self._without_taxes(sale, sale.amount) - self._without_taxes(sale, before)
        if sale.root.type != "purchase" or not change:
            return
        day = self._day(sale.at)
        self.sales[sale.root.member_id] += change
        self.months[periods.period_bounds("month", day, self.policy.calendar, self.policy.week_start)[0]] += change
        if self.policy.budget_share:
            self.memory.turnover[self._budget_period(day)] += change

    def _without_taxes(self, sale, amount):
        if sale.untaxed == 1:
            return amount
        return (amount * sale.untaxed).quantize(self.setting.cent, rounding=ROUND_HALF_UP)
