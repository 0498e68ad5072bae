"""A batch of events on its way through the rules: hands the engine what was read for all of them, and evaluates."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.customer_club.engine import earning, periods

from .batch_reading import BatchReading, decimal

ZERO, ONE = Decimal(0), Decimal(1)
_MICRO = Decimal("0.000001")


class EventRow(NamedTuple):
    """An event as the batch reads it; ``root`` is the first event of the same purchase, perhaps itself."""

    id: int
    member_id: int
    club_id: int
    type: str
    occurred_at: datetime
    amount: float
    key: str
    origin_model: str | None
    origin_id: int | None
    root: int
    payload: dict | None


class EventBatch(BatchReading):
    """Evaluates events; ``preview`` events need not exist in the database (their id and root are 0).

    :param own: what entries of the very purchase have given before, by (root, rule id): such points do not count
        against limits, because the purchase is evaluated anew as a whole.
    :param policies: other rules than the clubs have now.
    :param members: what :meth:`_read_members` would read, if the caller knows it.
    """

    def __init__(self, env, rows, own=None, policies=None, members=None):
        self.env = env(su=True)
        self.members = members
        if members is None:
            # Who was merged goes on as the member it became: its counts, limits and tier are the heir's.
            self.members, heirs = self._read_members(rows)
            rows = [row._replace(member_id=heirs.get(row.member_id, row.member_id)) for row in rows]
        self.rows = rows
        self.own = own or {}
        self.policies = policies or self.env["club.club"]._get_policies()
        self.needs = defaultdict(frozenset)
        for club_id in {row.club_id for row in rows}:
            policy = self.policies.get(club_id)
            self.needs[club_id] = policy.needs if policy else frozenset()
        self.all_needs = frozenset().union(*self.needs.values())
        self.rules = {}
        #: (row, id of a follow-up) for facts that staff should follow up.
        self.follow_ups = []
        self.ancestors = self._read_ancestors()
        self.tags = self._read_tags()
        self.facts = self._read_facts()
        self.first_bought = self._read_first_bought()
        self.earned = self._read_earned()
        self.given = self._read_given()
        self.budgets = {}
        self.wallets = {}
        self.overdue = self._read_overdue()
        Event = self.env["club.event"]
        policies = [self.policies[club_id] for club_id in self.needs if club_id in self.policies]
        asked = [rule for policy in policies for rule in (*policy.rules, *policy.follow_ups)]
        self.known = Event._read_asked(Event._read_extra(rows, self.all_needs), rows, asked)
        #: When what a fact gives is given, by event id, where that is not when it occurred.
        self.dates = self._read_dates()

    # -- evaluation ------------------------------------------------------------

    def evaluate(self):
        """Pairs of event and evaluation, in order; earlier events of the batch count for later ones."""
        results = []
        for row in self.rows:
            policy = self.policies.get(row.club_id)
            if policy:
                results.append((row, self._evaluate_one(row, policy)))
        return results

    def rules_for(self, policy, event_type):
        """The club's rules and follow-ups about a type of event: others have nothing to say about it."""
        key = (policy.club_id, event_type)
        if key not in self.rules:
            self.rules[key] = tuple(
                tuple(rule for rule in rules if rule.event_type == event_type)
                for rules in (policy.rules, policy.follow_ups)
            )
        return self.rules[key]

    def _evaluate_one(self, row, policy):
        rules, follow_ups = self.rules_for(policy, row.type)
        if not rules and not follow_ups:
            return earning.Evaluation([], [])
        local = periods.local_datetime(row.occurred_at, policy.tz)
        event = self.to_event(row, local)
        history = self._history(row, policy, (*rules, *follow_ups), local)
        given_on = periods.local_date(self.dates.get(row.id, row.occurred_at), policy.tz)
        budget_key, budget_left = self._budget(row, policy, given_on)
        context = earning.Context(policy.digits, self.tier_of(row)[1], budget_left)
        evaluation = earning.evaluate(event, rules, history, context)
        self._remember(row, policy, evaluation.awards, local.date(), budget_key)
        if follow_ups:
            called = earning.evaluate(event, follow_ups, history, earning.Context())
            self.follow_ups += [(row, award.rule_id) for award in called.awards]
        return evaluation

    def tier_of(self, row):
        """The member's tier and its multiplier; a visitor has neither."""
        return self.members.get(row.member_id, (0, ONE, 0))[:2]

    def to_event(self, row, local):
        payload = row.payload or {}
        return earning.Event(
            type=row.type,
            at=local.replace(tzinfo=None),
            lines=self._lines(row, payload),
            tier=self.tier_of(row)[0],
            channel=payload.get("channel", ""),
            methods=frozenset(payload.get("methods", ())),
            term=payload.get("term") or 0,
            settled=bool(payload.get("settled")),
            days_to_pay=payload.get("days_to_pay"),
            overdue=self.overdue.get((row.club_id, row.member_id)),
            values={**payload, **self.known.get(row.member_id, {})} if self.known else payload,
        )

    def _lines(self, row, payload):
        lines = payload.get("lines")
        if lines is None:
            if row.amount or payload.get("quantity"):
                return (earning.Line(0, quantity=decimal(payload.get("quantity", 1)), amount=decimal(row.amount)),)
            return ()
        rate = decimal(payload.get("rate", 1))
        return tuple(
            earning.Line(
                line_id,
                product or 0,
                categ or 0,
                self.ancestors.get(categ, frozenset()),
                self.tags.get(product, frozenset()),
                decimal(quantity),
                decimal(amount) if rate == 1 else (decimal(amount) * rate).quantize(_MICRO),
            )
            for line_id, product, categ, quantity, amount, *_counted in lines
        )

    # -- history ---------------------------------------------------------------

    def _history(self, row, policy, rules, local):
        history = earning.History()
        needs = self.needs[row.club_id]
        self.facts.fill(history, row, rules, local.date())
        if "first_in_category" in needs:
            history.bought = self._bought_before(row)
        if "member_limit" in needs:
            history.earned = self._earned_in_period(row, policy, rules, local.date())
        if "club_limit" in needs:
            history.given = {
                rule.id: self.given.get(rule.id, ZERO) - self.own.get((row.root, rule.id), ZERO)
                for rule in rules
                if rule.limit_club
            }
        return history

    def _bought_before(self, row):
        """Categories, ancestors included, of which another purchase was the first."""
        mark = (row.occurred_at, row.root or 2**62)
        bought = set()
        for category, first in self.first_bought.get(row.member_id, {}).items():
            if first < mark and first[1] != row.root:
                bought |= self.ancestors.get(category, frozenset((category,)))
        return frozenset(bought)

    def _earned_in_period(self, row, policy, rules, day):
        earned = {}
        for rule in rules:
            if not rule.limit_member:
                continue
            by_day = self.earned.get((row.member_id, rule.id), {})
            first, last = periods.period_bounds(rule.limit_period, day, policy.calendar, policy.week_start)
            points = sum((points for on, points in by_day.items() if first <= on < last), ZERO)
            earned[rule.id] = points - self.own.get((row.root, rule.id), ZERO)
        return earned

    def _budget(self, row, policy, day):
        """The club's budget period of ``day`` and what is left of it; read once per period."""
        if not policy.has_budget:
            return None, None
        first, last = periods.period_bounds(policy.budget_period, day, policy.calendar, policy.week_start)
        key = (policy.club_id, first)
        if key not in self.budgets:
            self.budgets[key] = self._read_budget(policy, first, last) - self._read_budget_used(policy, first, last)
        money = {rule.id for rule in policy.rules if rule.money_digits is not None}
        own = sum((points for (root, rule), points in self.own.items() if root == row.root and rule not in money), ZERO)
        return key, self.budgets[key] + own

    def _remember(self, row, policy, awards, day, budget_key):
        for award in awards:
            points = award.points - self.own.get((row.root, award.rule_id), ZERO)
            by_day = self.earned.setdefault((row.member_id, award.rule_id), {})
            by_day[day] = by_day.get(day, ZERO) + points
            self.given[award.rule_id] = self.given.get(award.rule_id, ZERO) + points
            if budget_key and award.money_digits is None:
                self.budgets[budget_key] -= points
        if awards:
            self.env["club.event"]._remember_extra(self.known, row, awards)

    # -- entries ---------------------------------------------------------------

    def prepare_entry(self, row, award):
        """Values for ``club.point.entry._post``: spendable at once, with what the rule counted line by line."""
        policy = self.policies[row.club_id]
        values = {
            "member_id": row.member_id,
            "kind": "earn",
            "points": award.points,
            "key": f"{row.key}:rule:{award.rule_id}",
            "date": self.dates.get(row.id, row.occurred_at),
            "event_id": row.id,
            "rule_id": award.rule_id,
            "origin_model": row.origin_model,
            "origin_id": row.origin_id,
            "detail": {
                "award": str(award.points),
                "base": str(award.base),
                "lines": {str(line): str(part) for line, part in award.detail.items()},
            },
        }
        rule = next(rule for rule in policy.rules if rule.id == award.rule_id)
        if award.money_digits is not None:
            values["detail"]["digits"] = award.money_digits
            values.update(member_id=self._wallet_of(row.member_id, policy), expires_on=False)
        elif rule.expiry_months:
            day = periods.local_date(values["date"], policy.tz)
            values["expires_on"] = periods.add_months(day, rule.expiry_months, policy.calendar)
        return values

    def _wallet_of(self, member_id, policy):
        """The account that holds a member's money. The first question makes the accounts of the batch's members."""
        if policy.club_id not in self.wallets:
            members = {row.member_id for row in self.rows if row.club_id == policy.club_id and row.member_id}
            accounts = self.env["club.member"].browse(sorted(members))._get_wallets(create=True)
            self.wallets[policy.club_id] = {member.id: account.id for member, account in accounts.items()}
        return self.wallets[policy.club_id][member_id]
