"""From facts to rows: what the engine's rules say about members of one club, written set by set."""

from odoo import fields
from odoo.addons.customer_club.engine import behaviour, lifetime
from odoo.tools import SQL

from . import behaviour_rules

#: Columns that are counts: 0 if nothing is known; by the table that they come from.
COUNTS = {
    "person": ("order_count", "purchase_days", "sales", "first_sales", "gap_days"),
    "taste": ("margin", "costed_sales"),
    "payment": ("paid_count",),
    "contact": (
        "call_count",
        "meeting_count",
        "mail_count",
        "contact_minutes",
        "call_recent",
        "call_before",
        "contact_recent",
        "contact_before",
    ),
    "visit": ("visit_recent", "visit_before"),
    "shop": ("view_count", "wishlist_count", "cart_count", "cart_amount"),
    "point": ("points", "points_before"),
}
#: Columns that stay empty if nothing is known: an average must leave them out.
KNOWN = {
    "person": ("first_purchase_on", "last_purchase_on", "steps"),
    "taste": ("favourite_product_id", "favourite_categ_id"),
    "payment": ("days_to_pay",),
}
#: What the rules say of the others.
JUDGED = (
    "recency_score",
    "frequency_score",
    "monetary_score",
    "rfm",
    "rfm_cell",
    "stage",
    "ladder",
    "fading",
    "p_alive",
    "expected_purchases",
    "expected_value",
)
GIVEN = (
    *(name for names in COUNTS.values() for name in names),
    *(name for names in KNOWN.values() for name in names if name != "steps"),
    *JUDGED,
)
COLUMNS = (*GIVEN, "average_basket", "recency_days", "interval_days", "stage_since")


class BehaviourRows:
    """The rows of some members of one club.

    :param reader: the :class:`BehaviourReader` of the club, that has gathered these members' purchases
    """

    def __init__(self, reader, member_ids):
        self.reader, self.env, self.club = reader, reader.env, reader.club
        self.member_ids = list(member_ids)
        self.rules = behaviour_rules.BehaviourRules(
            self.club._get_behaviour_limits(),
            self.club.behaviour_loyal,
            self.club.behaviour_fan,
            self.club.behaviour_cuts or {},
            reader.today,
        )

    def write(self):
        """Read the facts, work out what follows, and write rows and history. Idempotent; rows that say the same as
        before are left alone.
        """
        if not self.member_ids:
            return
        self.reader.choose(self.member_ids)
        fit = self.club._get_lifetime_fit()
        self._keep_growth(fit)
        self.reader.keep("fresh", self._fresh(fit), known=None)
        self._write_changes()
        self._write_rows()
        self.env["club.behaviour"].invalidate_model()
        self.env["club.stage.change"].invalidate_model()
        self.env["club.member"].invalidate_model(["behaviour_ids"])

    # -- what follows -----------------------------------------------------------------------------------

    def _figures(self):
        """Query of what is known of each member, with what its row said before."""
        counts = [
            SQL("COALESCE(%s, 0) AS %s", SQL.identifier(table, name), SQL.identifier(name))
            for table, names in COUNTS.items()
            for name in names
        ]
        known = [SQL.identifier(table, name) for table, names in KNOWN.items() for name in names]
        joins = [
            SQL(
                "LEFT JOIN %s %s ON %s = chosen.member_id",
                self.reader.table(table),
                SQL.identifier(table),
                SQL.identifier(table, "member_id"),
            )
            for table in COUNTS
        ]
        return SQL(
            """
            SELECT chosen.member_id, %(today)s::date AS today, %(columns)s, old.id AS old_id,
                   COALESCE(old.stage, 'prospect') AS old_stage, old.stage_since AS old_since,
                   COALESCE(old.ladder, 'none') AS old_ladder
              FROM %(chosen)s chosen %(joins)s
         LEFT JOIN club_behaviour old ON old.member_id = chosen.member_id AND %(ours)s
            """,
            today=self.reader.today,
            columns=SQL(", ").join([*counts, *known]),
            chosen=self.reader.table("chosen"),
            ours=self.reader.within(SQL("old.member_id"), self.reader.members),
            joins=SQL(" ").join(joins),
        )

    def _fresh(self, fit):
        """Query of the rows as they must be, with the columns that the history needs."""
        judged = behaviour_rules.expect(
            self.rules.judge(self._figures()), fit, self.reader.table("growth"), self.reader.digits
        )
        return SQL(
            """
            SELECT member_id, old_id, old_stage, old_ladder, steps, %(given)s, silent AS recency_days,
                   ROUND(sales / NULLIF(order_count, 0), %(digits)s) AS average_basket,
                   ROUND(NULLIF(interval_days, 0)::numeric, 1) AS interval_days,
                   CASE WHEN old_id IS NULL THEN since
                        WHEN old_stage = stage THEN old_since
                        ELSE COALESCE(GREATEST(since, old_since), today) END AS stage_since
              FROM (%(judged)s) judged ORDER BY member_id
            """,
            given=SQL(", ").join(SQL.identifier(name) for name in GIVEN),
            digits=self.reader.digits,
            judged=judged,
        )

    def _keep_growth(self, fit):
        """What needs numpy, for each number of purchases and first day only: thousands, however many the members."""
        if not fit:
            return
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT purchase_days - 1, first_purchase_on FROM %s chosen JOIN %s person USING (member_id)",
                self.reader.table("chosen"),
                self.reader.table("person"),
            )
        )
        growth = []
        if rows:
            observed = [max((self.reader.today - first).days, 0) / 7 for _x, first in rows]
            growth = lifetime.growth(fit.purchases, [x for x, _first in rows], observed, behaviour_rules.WEEKS)
        self.reader.keep(
            "growth",
            SQL(
                "SELECT * FROM unnest(%s::integer[], %s::date[], %s::float8[]) AS t (x, first_purchase_on, growth)",
                [x for x, _first in rows],
                [first for _x, first in rows],
                growth,
            ),
            known=("x", "first_purchase_on"),
        )

    # -- writing ----------------------------------------------------------------------------------------

    def _write_changes(self):
        """Rows of history. Steps up the ladder have the day of the purchase that made them, steps down today's."""
        ladder = list(behaviour.LADDER)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO club_stage_change (member_id, club_id, company_id, field, old, new, date)
                SELECT member_id, %(club)s, %(company)s, field, old, new, COALESCE(date, %(today)s)
                  FROM (SELECT member_id, 0 AS place, 'stage' AS field, old_stage AS old, stage AS new,
                               stage_since AS date
                          FROM %(fresh)s WHERE stage <> old_stage
                         UNION ALL
                        SELECT member_id, 0, 'ladder', old_ladder, ladder, NULL
                          FROM %(fresh)s
                         WHERE array_position(%(ladder)s, ladder) < array_position(%(ladder)s, old_ladder)
                         UNION ALL
                        SELECT member_id, step.place, 'ladder', (%(ladder)s)[step.place], (%(ladder)s)[step.place + 1],
                               steps[step.place]
                          FROM %(fresh)s, generate_series(1, %(most)s) AS step (place)
                         WHERE ladder <> old_ladder AND step.place >= array_position(%(ladder)s, old_ladder)
                           AND step.place < array_position(%(ladder)s, ladder)) change
                 ORDER BY member_id, place, field DESC
                """,
                club=self.club.id,
                company=self.reader.company,
                today=self.reader.today,
                fresh=self.reader.table("fresh"),
                ladder=SQL("%s::text[]", ladder),
                most=len(ladder) - 1,
            )
        )

    def _write_rows(self):
        """Rows that changed, then new ones. No upsert: it takes a number of the sequence for every row there is."""
        names = self.env["club.behaviour"]._fields
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        values = SQL(", ").join(
            SQL("%s::%s", SQL.identifier("fresh", name), SQL(names[name].column_type[1])) for name in COLUMNS
        )
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE club_behaviour old SET (%(columns)s, refreshed_at) = ROW(%(values)s, %(now)s::timestamp)
                  FROM %(fresh)s fresh
                 WHERE old.id = fresh.old_id AND %(ours)s AND ROW(%(old)s) IS DISTINCT FROM ROW(%(values)s)
                """,
                columns=columns,
                values=values,
                old=SQL(", ").join(SQL.identifier("old", name) for name in COLUMNS),
                ours=self.reader.within(SQL("old.member_id"), self.reader.members),
                fresh=self.reader.table("fresh"),
                now=now,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO club_behaviour (member_id, club_id, company_id, refreshed_at, %(columns)s)
                SELECT member_id, %(club)s, %(company)s, %(now)s, %(values)s FROM %(fresh)s fresh WHERE old_id IS NULL
                 ORDER BY member_id
                """,
                columns=columns,
                values=values,
                club=self.club.id,
                company=self.reader.company,
                fresh=self.reader.table("fresh"),
                now=now,
            )
        )
