"""What a batch of events must know, read for all its members at once.

Counters (which purchase it is, what was earned before) are read only if a rule of the club asks for them. It reads SQL
because a batch may hold a hundred thousand events: one statement per kind of counter, whatever the size of the batch.
"""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

from .fact_counts import FactCounts

ONE = Decimal(1)
#: Kinds of entries that say what a rule gave: what it earned, and what returns took back.
GIVEN_KINDS = ("earn", "reverse")


def decimal(value):
    """The decimal that was stored, from whatever the database or JSON gives back."""
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


class BatchReading:
    """The questions of an ``EventBatch`` to the database; what is simulated answers them from memory."""

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
