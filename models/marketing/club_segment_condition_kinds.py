"""Whom the conditions of a segment mean, kind by kind: each a part of one query."""

from datetime import timedelta

from odoo import api, models
from odoo.addons.customer_club.engine import periods, segments
from odoo.fields import Domain
from odoo.tools import SQL

#: Operators of the comparisons.
OPERATORS = {"least": ">=", "most": "<="}


class ClubSegmentCondition(models.Model):
    _inherit = "club.segment.condition"

    @api.model
    def _not_in(self, found):
        """Members who are not among those that ``found`` selects (their ``id``).

        As NOT EXISTS: of NOT IN PostgreSQL makes no join, which is quadratic as soon as the list outgrows its memory.

        :param SQL found: a select in brackets.
        """
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "NOT EXISTS (SELECT FROM %s AS kept_out WHERE kept_out.id = %s)", found, SQL.identifier(alias, "id")
            )
        )

    # -- profile -------------------------------------------------------------

    def _get_tier_domain(self, members=None):
        return Domain("tier_id", "in", self.tier_ids._origin.ids)

    def _get_group_domain(self, members=None):
        return Domain("partner_id.category_id", "in", self.group_ids._origin.ids)

    def _get_country_domain(self, members=None):
        return Domain("partner_id.country_id", "in", self.country_ids._origin.ids)

    def _get_language_domain(self, members=None):
        return Domain("partner_id.lang", "=", self.language)

    def _get_consent_domain(self, members=None):
        return Domain("consent_marketing", "=", True)

    def _get_joined_domain(self, members=None):
        """At least so many days ago, or within the last days (at most)."""
        club = self.sudo().club_id
        first = club._get_today() - timedelta(days=self.days - 1)
        start, _end = periods.day_bounds(first, club.tz)
        return Domain("joined_at", "<" if self.comparison == "least" else ">=", start)

    def _get_segment_domain(self, members=None):
        return self.other_id._origin.sudo()._get_domain(members) if self.other_id else Domain.FALSE

    def _get_occasion_domain(self, members=None):
        kind = Domain("kind", "=", self.occasion_kind) & Domain("active", "=", True)
        if self.occasion_when != "known":
            kind &= Domain.OR(
                Domain("calendar", "=", calendar) & Domain("month", "=", month) & Domain("day", "in", sorted(days))
                for calendar in periods.CALENDARS
                for month, days in segments.days_of_year(*self._get_occasion_days(), calendar).items()
            )
        return Domain("occasion_ids", "any", kind)

    def _get_occasion_days(self):
        club = self.sudo().club_id
        today = club._get_today()
        if self.occasion_when == "month":
            return periods.period_bounds("month", today, club.calendar)
        return today, today + timedelta(days=self.days)

    # -- points --------------------------------------------------------------

    def _get_points_domain(self, members=None):
        return Domain("balance", OPERATORS[self.comparison], self.value)

    def _get_expiring_domain(self, members=None):
        """Members with so many points that expire within some days. SQL, for a sum of each member's lots."""
        last = self.sudo().club_id._get_today() + timedelta(days=self.days)
        self.env["club.point.lot"].flush_model()
        found = SQL(
            """(SELECT lot.member_id AS id FROM club_point_lot lot
                 WHERE lot.club_id = %(club)s AND lot.state = 'open' AND lot.expires_on <= %(last)s %(only)s
                 GROUP BY lot.member_id HAVING SUM(lot.remaining) %(operator)s %(value)s)""",
            club=self._get_club_id(),
            last=last,
            only=SQL("AND lot.member_id = ANY(%s)", members.ids) if members is not None else SQL(),
            operator=SQL(">=" if self.comparison == "least" else ">"),
            value=self.value,
        )
        return Domain("id", "in", found) if self.comparison == "least" else self._not_in(found)

    # -- behaviour -----------------------------------------------------------

    def _get_behaviour_domain(self, members=None):
        if not self.figure:
            return Domain.FALSE
        compared = Domain(self.figure, OPERATORS[self.comparison], self.value)
        # A figure of who never bought says nothing: it is no small one.
        if self.figure in ("recency_days", "interval_days", "days_to_pay", "average_basket"):
            compared &= Domain("order_count", ">", 0)
        return Domain("behaviour_ids", "any", compared)

    def _get_stage_domain(self, members=None):
        return Domain("behaviour_ids", "any", [("stage", "=", self.stage)])

    def _get_ladder_domain(self, members=None):
        return Domain("behaviour_ids", "any", [("ladder", "=", self.ladder)])

    def _get_rfm_domain(self, members=None):
        asked = Domain.AND(
            Domain(score, ">=", first) & Domain(score, "<=", last)
            for score, (first, last) in self._get_scores().items()
            if (first, last) != (0, 5)
        )
        if self.rfm_cell:
            asked &= Domain("rfm_cell", "=", self.rfm_cell)
        return Domain("behaviour_ids", "any", asked)

    # -- what they did -------------------------------------------------------

    def _get_event_domain(self, members=None):
        """Members by the facts that stand, of merged members too. SQL, for a fact counts with what revised it.

        A purchase that was taken back whole and any other fact that was revoked do not count. Of chosen products, what
        they were worth, in the share of the purchase that stands. Only revisions are summed first: they are few.
        """
        having, inverse = self._get_event_having()
        start, end = periods.range_bounds(*self._get_event_days(), self.sudo().club_id.tz)
        self.env["club.event"].flush_model()
        self.env["club.member"].flush_model(["merged_into_id"])
        total = SQL("e.amount + COALESCE(r.amount, 0)")
        stands = (
            SQL("%s > 0", total)
            if self.event_type == "purchase"
            else SQL("NOT COALESCE(r.void, FALSE) AND (r.root IS NULL OR %s > 0)", total)
        )
        worth, only_goods = total, SQL()
        if self._asks_goods():
            stands = SQL("%s AND goods.found + COALESCE(r.found, 0) > 0", stands)
            worth = SQL(
                "(goods.worth + COALESCE(r.worth, 0)) * LEAST(1, (%s)"
                " / NULLIF(GREATEST(e.amount, 0) + COALESCE(r.grown, 0), 0))",
                total,
            )
            only_goods = SQL(
                ", SUM(goods.found) AS found, SUM(goods.worth) AS worth, SUM(GREATEST(e.amount, 0)) AS grown"
            )
        who = (
            SQL(
                "AND e.member_id IN"
                " (SELECT id FROM club_member WHERE id = ANY(%(ids)s) OR merged_into_id = ANY(%(ids)s))",
                ids=members.ids,
            )
            if members is not None
            else SQL()
        )
        counted = SQL(
            """(SELECT fact.member_id AS id FROM (
                SELECT COALESCE(m.merged_into_id, m.id) AS member_id, e.occurred_at AS at, %(worth)s AS amount
                  FROM club_event e JOIN club_member m ON m.id = e.member_id %(join)s
                  LEFT JOIN (
                       SELECT e.revises_id AS root, SUM(e.amount) AS amount,
                              BOOL_OR(e.payload->'void' IS NOT NULL) AS void %(only_goods)s
                         FROM club_event e %(join)s
                        WHERE e.club_id = %(club)s AND e.type = %(type)s AND e.revises_id IS NOT NULL %(who)s
                        GROUP BY e.revises_id) r ON r.root = e.id
                 WHERE e.club_id = %(club)s AND e.type = %(type)s AND e.revises_id IS NULL
                   AND e.occurred_at >= %(start)s AND e.occurred_at < %(end)s AND %(stands)s %(who)s
                ) fact GROUP BY fact.member_id HAVING %(having)s)""",
            worth=worth,
            join=self._get_goods_join(),
            only_goods=only_goods,
            club=self._get_club_id(),
            type=self.event_type or "",
            start=start,
            end=end,
            stands=stands,
            who=who,
            having=having,
        )
        return self._not_in(counted) if inverse else Domain("id", "in", counted)

    def _get_event_days(self):
        if self.measure == "last":
            return periods.LIFETIME_FIRST, periods.LIFETIME_LAST_EXCLUSIVE
        return self._get_window()

    def _get_event_having(self):
        """What is asked of a member's facts, and whether it is asked of the others: who has none has none at most."""
        if self.measure == "never":
            return SQL("TRUE"), True
        if self.measure == "last":
            club = self.sudo().club_id
            bound, _end = periods.day_bounds(club._get_today() - timedelta(days=int(self.value)), club.tz)
            if self.comparison == "least":
                return SQL("MAX(fact.at) < %s", bound + timedelta(days=1)), False
            return SQL("MAX(fact.at) >= %s", bound), False
        total = SQL("COUNT(*)") if self.measure == "count" else SQL("SUM(fact.amount)")
        if self.comparison == "most":
            return SQL("%s > %s", total, self.value), True
        # Nobody has done less than nothing: at least 0 times is everybody.
        return (SQL("%s >= %s", total, self.value), False) if self.value else (SQL("FALSE"), True)

    def _get_goods_join(self):
        """How much of a fact is of the chosen products and categories, and what that was worth."""
        if not self._asks_goods():
            return SQL()
        categories = self.product_categ_ids._origin
        below = self.env["product.category"].sudo().search([("id", "child_of", categories.ids)]) if categories else []
        return SQL(
            """CROSS JOIN LATERAL (
                SELECT COUNT(*) AS found, COALESCE(SUM(
                       (line->>4)::numeric - COALESCE((line->>6)::numeric, 0)), 0)
                       * COALESCE((e.payload->>'rate')::numeric, 1) AS worth
                  FROM jsonb_array_elements(COALESCE(e.payload->'lines', '[]'::jsonb)) line
                 WHERE (line->>1)::int = ANY(%s) OR (line->>2)::int = ANY(%s)) goods""",
            self.product_ids._origin.ids,
            [category.id for category in below],
        )

    def _asks_goods(self):
        """Whether products are asked for; only purchases have them."""
        return self.event_type == "purchase" and bool(self.product_ids or self.product_categ_ids)

    def _get_club_id(self):
        return self.sudo().club_id._origin.id or 0
