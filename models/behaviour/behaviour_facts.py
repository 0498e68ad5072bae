"""What is recorded about members of one club, set by set, in temporary tables that the database works on by itself.

No figure passes through Python: a million members are some dozen aggregates over facts, messages and orders, with dates
in the club's time zone, which the ORM cannot group by. The tables have names that no other night uses, so that one that
was left behind (a job that was killed) is never taken for another's.
"""

import secrets
from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

from . import behaviour_contacts, behaviour_goods, behaviour_purchases, behaviour_shop

#: Days of the two windows that are compared.
WINDOW = 90
#: People who count as customers of the club, whether or not they are members today.
PERSONS = ("active", "left", "merged", "erased")
PREFIX = "club_behaviour_tmp_"
#: What persons are grouped by.
PERSON = ("member_id", "order_count", "purchase_days", "sales", "first_purchase_on", "last_purchase_on")


class BehaviourReader:
    """Reads the facts of one club.

    First :meth:`gather` (purchases, and what they say of each person), then for each part of the members
    :meth:`choose`; at the end :meth:`forget`.

    :param club: one club; everything is in its currency and time zone, read as sudo.
    :param date today: its local day, default today.
    """

    def __init__(self, club, today=None):
        self.club = club.sudo()
        self.env = self.club.env
        self.now = fields.Datetime.now()
        self.today = today or self.club._get_today()
        self.digits = self.club.currency_id.decimal_places
        self.company = self.club.company_id.id
        since, _end = periods.day_bounds(self.today - timedelta(days=WINDOW - 1), self.club.tz)
        before, _end = periods.day_bounds(self.today - timedelta(days=2 * WINDOW - 1), self.club.tz)
        self.recent, self.before = since, before
        self.token = secrets.token_hex(4)

    # -- temporary tables -----------------------------------------------------------------------------

    def table(self, name):
        """The temporary table of that name of this reader."""
        return SQL.identifier("pg_temp", f"{PREFIX}{name}_{self.token}")

    def keep(self, name, query, stays=False, index=None, known=("member_id",)):
        """Keep what ``query`` finds in a temporary table.

        :param bool stays: also after the next commit, until :meth:`forget`.
        :param str index: a column to find rows by.
        :param known: columns that later queries group or join by, of which the planner is told; ``None``: of none.
        """
        end = SQL("PRESERVE ROWS") if stays else SQL("DROP")
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", self.table(name)))
        self.env.cr.execute(SQL("CREATE TEMP TABLE %s ON COMMIT %s AS %s", self.table(name), end, query))
        if index:
            self.env.cr.execute(SQL("CREATE INDEX ON %s (%s)", self.table(name), SQL.identifier(index)))
        if known is not None:
            columns = SQL(", ").join(SQL.identifier(column) for column in known)
            self.env.cr.execute(SQL("ANALYZE %s (%s)", self.table(name), columns))

    def has(self, name):
        """Whether the table is there: a roll-back takes it away."""
        place = f"pg_temp.{PREFIX}{name}_{self.token}"
        return self.env.execute_query(SQL("SELECT to_regclass(%s) IS NOT NULL", place))[0][0]

    def forget(self):
        """Drop this club's temporary tables, and those that a night on this connection left behind."""
        rows = self.env.execute_query(
            SQL(
                "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' "
                "AND starts_with(relname, %s)",
                PREFIX,
            )
        )
        for (name,) in rows:  # a dozen at most
            self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier("pg_temp", name)))

    # -- who counts -----------------------------------------------------------------------------------

    def everybody(self):
        """Query of (member_id, source_id, active): whose facts count for which member; a merged member's count for its
        heir.
        """
        return SQL(
            """
            SELECT heir.id AS member_id, source.id AS source_id, heir.state = 'active' AS active
              FROM club_member source JOIN club_member heir ON heir.id = COALESCE(source.merged_into_id, source.id)
             WHERE source.club_id = %s AND heir.state IN %s
            """,
            self.club.id,
            PERSONS,
        )

    def only(self, member_ids):
        """As :meth:`everybody`, for these members."""
        return SQL(
            """
            SELECT id AS member_id, id AS source_id, state = 'active' AS active
              FROM club_member WHERE id = ANY(%(ids)s)
             UNION ALL
            SELECT heir.id, source.id, heir.state = 'active'
              FROM club_member source JOIN club_member heir ON heir.id = source.merged_into_id
             WHERE source.merged_into_id = ANY(%(ids)s)
            """,
            ids=list(member_ids),
        )

    def gather(self, member_ids=None):
        """Read the purchases of these members, default of everybody who ever was one: tables ``kin``, ``purchase`` and
        ``person``.
        """
        whole = member_ids is None
        self.keep("kin", self.everybody() if whole else self.only(member_ids), stays=whole, index="member_id")
        self.keep(
            "purchase", behaviour_purchases.purchases(self), stays=whole, index="member_id", known=("member_id", "day")
        )
        self.keep("person", behaviour_purchases.persons(self), stays=whole, index="member_id", known=PERSON)

    def choose(self, member_ids):
        """Everything else about these members: a table for each subject, whose rows are members."""
        self.keep(
            "chosen",
            SQL(
                "SELECT id AS member_id, partner_id, card_id FROM club_member WHERE id = ANY(%s) ORDER BY id",
                list(member_ids),
            ),
        )
        # A part of the members is a stretch of their numbers, and mostly of those of their cards. Told so, the database
        # reads that stretch of big tables, not all of them for each part.
        ((first, last, first_card, last_card),) = self.env.execute_query(
            SQL(
                "SELECT MIN(source_id), MAX(source_id), MIN(card_id), MAX(card_id) FROM %s chosen "
                "LEFT JOIN %s kin USING (member_id)",
                self.table("chosen"),
                self.table("kin"),
            )
        )
        self.sources, self.cards = (first, last), (first_card, last_card)
        self.members = min(member_ids), max(member_ids)
        self.keep("people", self._people())
        self.keep("good", behaviour_goods.goods(self), known=None)
        for name, query in (
            ("taste", behaviour_goods.tastes(self)),
            ("contact", behaviour_contacts.contacts(self)),
            ("visit", behaviour_contacts.visits(self)),
            ("shop", behaviour_shop.shop(self)),
            ("payment", behaviour_shop.payments(self)),
            ("point", behaviour_shop.points(self)),
        ):
            self.keep(name, query)

    def within(self, column, bounds):
        """Condition that ``column`` is within ``bounds``, which hold all that the query wants and perhaps more."""
        return SQL("%s BETWEEN %s AND %s", column, *bounds)

    def _people(self):
        """Pairs of member and partner: the member's contact, its addresses, and where companies are members, theirs."""
        theirs = SQL("p.parent_id = m.partner_id AND p.type <> 'contact'")
        if self.club.earner == "company":
            theirs = SQL("p.commercial_partner_id = m.partner_id AND p.id <> m.partner_id")
        return SQL(
            """
            SELECT member_id, partner_id FROM %(chosen)s
             UNION ALL
            SELECT m.member_id, p.id FROM %(chosen)s m JOIN res_partner p ON %(theirs)s AND p.id <> m.partner_id
            """,
            chosen=self.table("chosen"),
            theirs=theirs,
        )
