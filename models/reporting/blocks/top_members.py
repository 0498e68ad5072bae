"""Top members: who bought most in the period."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.tools import SQL

#: Members that are named, of each currency, if nobody asks for more or fewer.
MOST = 20


class ClubReportBlockTopMembers(models.AbstractModel):
    _name = "club.report.block.top_members"
    _inherit = "club.report.block"
    _description = "Block of a Report: Top Members"
    _block_sequence = 48
    _block_options = ("segment_id", "tier_id", "categ_id", "most")
    _block_most = MOST

    @api.model
    def _get_label(self):
        return self.env._("Top Members")

    @api.model
    def _get_words(self):
        """What is said in place of rows, and how it is computed."""
        _ = self.env._
        return _("No member bought in this period. Who buys most is named here."), _(
            "Who bought most in the period, at most %(most)s: without taxes and less what was credited. Points earned: "
            "in the period, less those taken back. Points owned: today.",
            most=self._get_most(),
        )

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = self._read_members(clubs, period)
        members = self.env["club.member"].browse([row["member_id"] for row in found])
        points = self._read_points(clubs, period, members)
        currencies = {currency.id: currency for currency in clubs.company_id.currency_id}
        rows, drill = [], {}
        for member, values in zip(members, found, strict=True):
            currency = currencies[values["currency_id"]]
            earned, owned = points.get(member.id, (0, 0))
            row = {
                "member": member.display_name,
                "tier": member.tier_id.name or "",
                "orders": values["orders"],
                "sales": self._money(values["sales"], currency),
                "last": reporting.periods.local_date(values["at"], member.club_id.tz),
                "earned": self._points(earned),
                "owned": self._points(owned),
            }
            drill[len(rows)] = ("club.member", [("id", "=", member.id)])
            rows.append(self._mark_currency(row, currency))
        empty, note = self._get_words()
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("member", _("Member")),
                reporting.Column("tier", _("Tier")),
                *self._get_currency_columns(clubs),
                reporting.Column("orders", _("Purchases"), "integer"),
                reporting.Column("sales", _("Bought For"), "money"),
                reporting.Column("last", _("Last Purchase"), "date"),
                *self._get_earned_columns(),
                reporting.Column("owned", _("Points Owned"), "points"),
            ],
            rows=rows,
            totals=self._sum_rows(rows, clubs, ["orders", "earned", "owned"], ["sales"], member=_("Total"))
            if rows
            else None,
            chart=self._make_chart(clubs, members, rows),
            drill=drill,
            empty=empty,
            note=note,
        )

    @api.model
    def _make_chart(self, clubs, members, rows):
        """What each bought for, by name alone: numbers of members stand in the table. Currencies are not compared."""
        if len(clubs.company_id.currency_id) > 1:
            return None
        return reporting.Chart(
            "hbars",
            [member.partner_id.name or member.number for member in members],
            [Series(self.env._("Bought for"), [row["sales"] for row in rows])],
            title=self.env._("Bought for, by member"),
            type="money",
        )

    @api.model
    def _get_earned_columns(self):
        return [reporting.Column("earned", self.env._("Points Earned"), "points")]

    @api.model
    def _get_bought(self, clubs, period):
        """The period of the purchases that are added up, and further SQL conditions on what a member bought."""
        return period, SQL("TRUE")

    @api.model
    def _read_members(self, clubs, period):
        """The best of each currency, the best first. SQL: a rank over sums of all members."""
        span, having = self._get_bought(clubs, period)
        return self._read_rows(
            SQL(
                """
                SELECT * FROM (
                    SELECT currency_id, member_id, COUNT(DISTINCT document) AS orders, SUM(amount) AS sales,
                           MAX(at) AS at,
                           ROW_NUMBER() OVER (PARTITION BY currency_id ORDER BY SUM(amount) DESC, member_id) AS place
                      FROM %s p WHERE member_id IS NOT NULL
                     GROUP BY currency_id, member_id, club_id HAVING SUM(amount) > 0 AND %s
                ) best WHERE place <= %s ORDER BY currency_id, place
                """,
                self._get_purchases(clubs, self._get_windows(clubs, [(0, 0, span)])),
                having,
                self._get_most(),
            )
        )

    @api.model
    def _read_points(self, clubs, period, members):
        """(earned in the period net, owned now) by member id. SQL: a reversal counts with what it reverses."""
        rows = self._read_rows(
            SQL(
                """
                SELECT m.id, owned.points AS owned, earned.points AS earned
                  FROM UNNEST(%(ids)s::int[]) m(id)
             LEFT JOIN (SELECT member_id, SUM(remaining) AS points FROM club_point_lot
                         WHERE member_id = ANY(%(ids)s::int[]) AND state <> 'closed' GROUP BY member_id) owned
                       ON owned.member_id = m.id
             LEFT JOIN (SELECT e.member_id, SUM(e.points) AS points
                          FROM %(windows)s w
                          JOIN club_point_entry e ON e.club_id = w.club_id AND e.date >= w.first AND e.date < w.last
                           AND e.member_id = ANY(%(ids)s::int[]) AND e.kind IN ('earn', 'reverse')
                     %(reverses)s
                         WHERE COALESCE(origin.kind, reversed.kind, e.kind) = 'earn'
                         GROUP BY e.member_id) earned ON earned.member_id = m.id
                """,
                ids=members.ids,
                reverses=WHAT_IT_REVERSES,
                windows=self._get_windows(clubs, [(0, 0, period)]),
            )
        )
        return {row["id"]: (row["earned"], row["owned"]) for row in rows}
