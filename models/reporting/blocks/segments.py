"""Segments: how many members each has, who came and went, what they bought, what they own."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

MEMBERSHIP = "club.segment.membership"


class ClubReportBlockSegments(models.AbstractModel):
    _name = "club.report.block.segments"
    _inherit = "club.report.block"
    _description = "Block of a Report: Segments"
    _block_sequence = 42

    @api.model
    def _get_label(self):
        return self.env._("Segments")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        segments = self._get_segments(clubs)
        members = self._read_members(clubs, segments)
        sales = self._read_sales(clubs, segments, period, comparison)
        moves = self._read_moves(segments, period)
        rows, drill = [], {}
        several = len(clubs) > 1
        whole = self._count_members(clubs)
        for segment in segments:
            count, points = members.get(segment.id, (0, 0))
            entered, left = moves.get(segment.id, (0, 0))
            currency = segment.club_id.currency_id
            buyers, amount = sales.get((0, segment.id), (0, 0))
            row = {
                "segment": f"{segment.club_id.name}: {segment.name}" if several else segment.name,
                "members": count,
                "share": self._share(count, whole.get(segment.club_id)),
                "entered": entered,
                "left": left,
                "buyers": buyers,
                "sales": self._money(amount, currency),
                "points": self._points(points),
            }
            if comparison:
                row["before"] = self._money(sales.get((1, segment.id), (0, 0))[1], currency)
            drill.update(self._get_drill(len(rows), segment, row, period))
            rows.append(self._mark_currency(row, currency))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("segment", _("Segment")),
                *self._get_currency_columns(clubs),
                reporting.Column("members", _("Members Now"), "integer"),
                reporting.Column("share", _("Share of the Club"), "share"),
                *(
                    [
                        reporting.Column("entered", _("Came In"), "integer"),
                        reporting.Column("left", _("Went Out"), "integer"),
                    ]
                    if MEMBERSHIP in self.env
                    else []
                ),
                reporting.Column("buyers", _("Bought"), "integer"),
                reporting.Column("sales", _("Purchases"), "money"),
                *([reporting.Column("before", _("Purchases Before"), "money")] if comparison else []),
                reporting.Column("points", _("Points Owned"), "points"),
            ],
            rows=rows,
            chart=reporting.Chart(
                "hbars",
                [row["segment"] for row in rows],
                [Series(_("Members now"), [row["members"] for row in rows])],
                title=_("Members now, by segment"),
            ),
            drill=drill,
            empty=_("There are no segments yet. Build one under Marketing: its members and what they buy stand here."),
            note=_(
                "Members and points: of today. Came in and went out: in the period, as the nightly job noted it. "
                "Purchases: those of today's members of the segment in the period, without taxes and less what was "
                "credited. A member may belong to several segments, so there is no total."
            )
            + self._get_shared_note(clubs),
        )

    @api.model
    def _get_drill(self, index, segment, row, period):
        """What a row opens: the segment, and behind each count as many records as it says."""
        inside = [("segment_id", "=", segment.id)]
        goals = {
            "members": ("club.member", [("segment_ids", "in", segment.ids)]),
            **{
                key: (MEMBERSHIP, [*inside, (field, ">=", period.first), (field, "<=", period.last)])
                for key, field in (("entered", "entered_on"), ("left", "left_on"))
            },
        }
        found = {(index, key): goal for key, goal in goals.items() if row[key]}
        return {index: ("club.segment", [("id", "=", segment.id)]), **found}

    @api.model
    def _read_members(self, clubs, segments):
        """(members, points that they own) by segment id: a join, which the ORM has not."""
        rows = self._read_rows(
            SQL(
                """
                WITH owned AS (
                    SELECT member_id, SUM(remaining) AS points FROM club_point_lot
                     WHERE club_id = ANY(%(clubs)s) AND state <> 'closed' GROUP BY member_id
                )
                SELECT s.segment_id, COUNT(*) AS members, SUM(owned.points) AS points
                  FROM %(members)s s LEFT JOIN owned ON owned.member_id = s.member_id
                 GROUP BY s.segment_id
                """,
                clubs=clubs.ids,
                members=self._get_segment_members(segments),
            )
        )
        return {row["segment_id"]: (row["members"], row["points"]) for row in rows}

    @api.model
    def _count_members(self, clubs):
        """How many members each club has."""
        domain = [("club_id", "in", clubs.ids), ("state", "=", "active")]
        return dict(self.env["club.member"]._read_group(domain, ["club_id"], ["__count"]))

    @api.model
    def _read_sales(self, clubs, segments, period, comparison):
        """(buyers, amount) by (part, segment id)."""
        rows = self._read_rows(
            SQL(
                """
                SELECT p.part, s.segment_id, COUNT(DISTINCT p.member_id) AS buyers, SUM(p.amount) AS amount
                  FROM (SELECT part, member_id, SUM(amount) AS amount FROM %s q WHERE member_id IS NOT NULL
                         GROUP BY part, member_id) p
                  JOIN %s s ON s.member_id = p.member_id
                 GROUP BY p.part, s.segment_id
                """,
                self._get_purchase_lines(clubs, self._get_windows(clubs, self._get_parts(period, comparison))),
                self._get_segment_members(segments),
            )
        )
        return {(row["part"], row["segment_id"]): (row["buyers"], row["amount"]) for row in rows}

    @api.model
    def _read_moves(self, segments, period):
        """(came in, went out) by segment id; nothing where no job notes it."""
        if MEMBERSHIP not in self.env:
            return {}
        rows = self._read_rows(
            SQL(
                """
                SELECT segment_id, COUNT(*) FILTER (WHERE entered_on BETWEEN %(first)s AND %(last)s) AS entered,
                       COUNT(*) FILTER (WHERE left_on BETWEEN %(first)s AND %(last)s) AS gone
                  FROM club_segment_membership
                 WHERE segment_id = ANY(%(ids)s) GROUP BY segment_id
                """,
                ids=segments.ids,
                first=period.first,
                last=period.last,
            )
        )
        return {row["segment_id"]: (row["entered"], row["gone"]) for row in rows}
