"""A batch of events on its way through the rules: reads in few queries what the engine needs, and evaluates.

Counters (which purchase it is, what was earned before) are read only if a rule of the club asks for them. It reads SQL
because a batch may hold a hundred thousand events: one statement per kind of counter, whatever the size of the batch.
"""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.customer_club.engine import earning, periods
from odoo.tools import SQL

from .fact_counts import FactCounts

ZERO, ONE = Decimal(0), Decimal(1)
#: Kinds of entries that say what a rule gave: what it earned, and what returns took back.
GIVEN_KINDS = ("earn", "reverse")
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


def decimal(value):
    """The decimal that was stored, from whatever the database or JSON gives back."""
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


class EventBatch:
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

    # -- reading ---------------------------------------------------------------

    def _rows_in(self, need):
        return [row for row in self.rows if need & self.needs[row.club_id]]

    def _read_members(self, rows):
        """(tier, multiplier, commercial partner) by member, and who each became; visitors (member 0) have neither."""
        ids = list({row.member_id for row in rows if row.member_id})
        members, heirs = {}, {}
        if not ids:
            return members, heirs
        for asked, member, tier, multiplier, partner in self.env.execute_query(
            SQL(
                """
                SELECT asked.id, m.id, m.tier_id, t.multiplier, p.commercial_partner_id
                  FROM club_member asked
                  JOIN club_member m ON m.id = COALESCE(asked.merged_into_id, asked.id)
                  JOIN res_partner p ON p.id = m.partner_id
             LEFT JOIN club_tier t ON t.id = m.tier_id
                 WHERE asked.id = ANY(%s)
                """,
                ids,
            )
        ):
            heirs[asked] = member
            members[member] = (tier or 0, decimal(multiplier) if tier else ONE, partner)
        return members, heirs

    def _read_dates(self):
        return self.env["club.event"]._get_award_dates(self.rows)

    def _read_ancestors(self):
        if not self.all_needs & {"categories", "first_in_category"}:
            return {}
        # Few rows, and a member's history may hold categories that the batch does not name.
        return {
            category: frozenset(int(part) for part in path.split("/") if part)
            for category, path in self.env.execute_query(SQL("SELECT id, parent_path FROM product_category"))
        }

    def _read_tags(self):
        if "tags" not in self.all_needs:
            return {}
        ids = {line[1] for row in self.rows for line in (row.payload or {}).get("lines", ()) if line[1]}
        products = self.env["product.product"].with_context(active_test=False).browse(ids).exists()
        return {product.id: frozenset(product.all_product_tag_ids.ids) for product in products}

    def _read_first_bought(self):
        """The first purchase of each category by each member: category → (time, first event)."""
        members = list({row.member_id for row in self._rows_in({"first_in_category"}) if row.member_id})
        first = defaultdict(dict)
        if members:
            for member, category, at, root in self.env.execute_query(
                SQL(
                    """
                SELECT DISTINCT ON (COALESCE(m.merged_into_id, m.id), (line->>2)::int)
                       COALESCE(m.merged_into_id, m.id), (line->>2)::int, e.occurred_at, COALESCE(e.revises_id, e.id)
                  FROM club_member m
                  JOIN club_event e ON e.member_id = m.id,
                       jsonb_array_elements(e.payload->'lines') line
                 WHERE (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s))
                   AND e.type = 'purchase' AND line->>2 IS NOT NULL
                   AND EXISTS (
                       SELECT 1 FROM club_event r WHERE COALESCE(r.revises_id, r.id) = COALESCE(e.revises_id, e.id)
                          AND r.member_id = e.member_id HAVING SUM(r.amount) > 0)
                 ORDER BY COALESCE(m.merged_into_id, m.id), (line->>2)::int, e.occurred_at, e.id
                """,
                    members=members,
                )
            ):
                first[member][category] = (at, root)
        return first

    def _read_earned(self):
        """What limited rules gave, net of returns, by local day of the purchase: (member, rule) → day → points.

        What a merged member was given counts for the member it became.
        """
        earned = defaultdict(dict)
        for policy, members in self._policies_with({"member_limit"}):
            limited = [rule.id for rule in policy.rules if rule.limit_member]
            # What a rule gave in money stands on the member's wallet, and leads to the member through its fact.
            money = {rule.id for rule in policy.rules if rule.money_digits is not None}.intersection(limited)
            entries = SQL("p.member_id = m.id")
            if money:
                entries = SQL(
                    "(p.member_id = m.id OR p.rule_id = ANY(%s) AND p.event_id IN "
                    "(SELECT id FROM club_event WHERE member_id = m.id))",
                    sorted(money),
                )
            for member, rule, day, points in self.env.execute_query(
                SQL(
                    """
                SELECT COALESCE(m.merged_into_id, m.id) AS member, p.rule_id,
                       (e.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day, SUM(p.points)
                  FROM club_member m
                  JOIN club_point_entry p ON %(entries)s
                  JOIN club_event e ON e.id = p.event_id
                 WHERE (m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s))
                   AND p.rule_id = ANY(%(rules)s) AND p.kind = ANY(%(kinds)s)
                 GROUP BY member, p.rule_id, day
                """,
                    entries=entries,
                    tz=policy.tz,
                    members=members,
                    rules=limited,
                    kinds=list(GIVEN_KINDS),
                )
            ):
                earned[member, rule][day] = decimal(points)
        return earned

    def _read_given(self):
        rules = [
            rule.id
            for policy, _members in self._policies_with({"club_limit"})
            for rule in policy.rules
            if rule.limit_club
        ]
        if not rules:
            return {}
        return {
            rule: decimal(points)
            for rule, points in self.env.execute_query(
                SQL(
                    "SELECT rule_id, SUM(points) FROM club_point_entry"
                    " WHERE rule_id = ANY(%s) AND kind = ANY(%s) GROUP BY rule_id",
                    rules,
                    list(GIVEN_KINDS),
                )
            )
        }

    def _read_facts(self):
        return FactCounts(self.env, self.rows, self.policies)

    def _read_budget(self, policy, first: date, last: date):
        """Points that the club's rules may give in a budget period: a number, or what a share of its sales pays for."""
        if not policy.budget_share:
            return policy.budget
        return self.env["club.club"].browse(policy.club_id)._get_budget_points(first, last)

    def _read_budget_used(self, policy, first: date, last: date):
        """Points that the club's rules gave in a budget period, net of returns, by the date of the entry.

        What comes back later counts for the period in which it was given: it makes the other period's budget no
        larger, and a purchase that is corrected finds what it used before.
        """
        return self.env["club.club"].browse(policy.club_id)._read_budget_used(first, last)

    def _read_overdue(self):
        """What the members' companies owe past the due date, in company currency, by (club, member)."""
        overdue = {}
        for policy, members in self._policies_with({"overdue"}):
            partners = {self.members[member][2] for member in members if member in self.members}
            today = periods.local_date(datetime.utcnow(), policy.tz)
            amounts = dict(
                self.env.execute_query(
                    SQL(
                        """
                SELECT commercial_partner_id, SUM(amount_residual_signed) FROM account_move
                 WHERE commercial_partner_id = ANY(%s) AND company_id = %s AND state = 'posted'
                   AND move_type IN ('out_invoice', 'out_refund') AND invoice_date_due < %s
                 GROUP BY commercial_partner_id
                """,
                        list(partners),
                        policy.company_id,
                        today,
                    )
                )
            )
            for member in members:
                if member in self.members:
                    overdue[policy.club_id, member] = decimal(amounts.get(self.members[member][2]))
        return overdue

    def _policies_with(self, needs):
        """Policies that need any of ``needs``, with the members of the batch."""
        members = defaultdict(set)
        for row in self._rows_in(needs):
            members[row.club_id].add(row.member_id)
        return [(self.policies[club], list(ids)) for club, ids in members.items()]
