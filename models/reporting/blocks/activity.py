"""Activity: how many members did something, and what share of all that is."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.membership.club_club_home import PASSIVE_EVENTS
from odoo.tools import SQL

COUNTS = ("members", "active", "visitors", "visits", "buyers")


class ClubReportBlockActivity(models.AbstractModel):
    _name = "club.report.block.activity"
    _inherit = "club.report.block"
    _description = "Block of a Report: Activity"
    _block_sequence = 5

    @api.model
    def _get_label(self):
        return self.env._("Activity")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        slices = self._get_slices(clubs, period)
        pieces = [(0, number, piece) for number, (piece, _name) in enumerate(slices)]
        whole = [(part, -1, piece) for part, _number, piece in self._get_parts(period, comparison)]
        counts = self._count_activity(clubs, [*pieces, *whole])
        total, before = counts[0, -1], counts.get((1, -1), {})
        rows = [self._make_row(name, counts[0, number]) for number, (_piece, name) in enumerate(slices)]
        known = total["members"] or total["active"]
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("slice", _("Period")),
                reporting.Column("members", _("Members"), "integer"),
                reporting.Column("active", _("Active Members"), "integer"),
                reporting.Column("rate", _("Share Active"), "share"),
                reporting.Column("visitors", _("Members Who Visited"), "integer"),
                reporting.Column("visits", _("Visits"), "integer"),
                reporting.Column("buyers", _("Members Who Bought"), "integer"),
            ],
            rows=rows if known else [],
            totals=self._make_row(_("Whole period"), total) if known else None,
            chart=reporting.Chart(
                "lines",
                [row["slice"] for row in rows],
                [
                    Series(_("Active members"), [row["active"] for row in rows]),
                    Series(_("Members who bought"), [row["buyers"] for row in rows]),
                ],
                title=_("Members who did something"),
            ),
            drill=self._get_drill(clubs, slices, rows, period) if known else {},
            figures=[
                (_("Active Members"), total["active"], "integer", before.get("active")),
                (
                    _("Share Active"),
                    self._share(total["active"], total["members"]),
                    "share",
                    self._share(before["active"], before["members"]) if before else None,
                ),
                (_("Members Who Bought"), total["buyers"], "integer", before.get("buyers")),
            ],
            empty=_("Nobody is a member yet. What members do stands here: enrol them under Members, or let them join."),
            note=_(
                "Active: members who did something in the period, such as a visit, a purchase, an answer. Joining, an "
                "occasion or another tier are no activity of theirs, and what was taken back is none. Members who "
                "bought: without purchases that were given back as a whole. Members: at the end of the period; who has "
                "left by then does not count. A member who is active in two months counts once in the whole period."
            ),
        )

    @api.model
    def _make_row(self, name, counts):
        return {"slice": name, **counts, "rate": self._share(counts["active"], counts["members"])}

    @api.model
    def _get_drill(self, clubs, slices, rows, period):
        """The facts behind each row."""
        drill = {
            index: ("club.event", self._get_active_domain(clubs, piece))
            for index, (piece, _name) in enumerate(slices)
            if rows[index]["active"]
        }
        return {**drill, "total": ("club.event", self._get_active_domain(clubs, period))}

    @api.model
    def _get_active_domain(self, clubs, piece):
        return [
            ("type", "not in", PASSIVE_EVENTS),
            ("revises_id", "=", False),
            ("revoked_at", "=", False),
            *self._get_period_domain(clubs, piece, "occurred_at"),
        ]

    @api.model
    def _count_activity(self, clubs, pieces):
        """Counts by (part, number). SQL: distinct members over ranges of time, not read one by one."""
        windows = self._get_windows(clubs, pieces)
        rows = self._read_rows(
            SQL(
                """
                WITH span AS MATERIALIZED (SELECT * FROM %(windows)s s), present AS (
                    SELECT w.part, w.number, COUNT(m.id) AS members
                      FROM span w JOIN club_member m ON m.club_id = w.club_id AND m.joined_at < w.last
                       AND (m.state = 'active' OR m.state IN ('left', 'erased') AND m.left_at >= w.last)
                     GROUP BY w.part, w.number
                ), fact AS (
                    SELECT w.part, w.number, COUNT(DISTINCT m.id) AS active,
                           COUNT(DISTINCT m.id) FILTER (WHERE e.type = 'visit') AS visitors,
                           COUNT(*) FILTER (WHERE e.type = 'visit') AS visits,
                           COUNT(DISTINCT m.id) FILTER (WHERE e.type = 'purchase' AND kept) AS buyers
                      FROM span w
                      JOIN club_event e ON e.club_id = w.club_id AND e.occurred_at >= w.first AND e.occurred_at < w.last
                       AND e.type <> ALL(%(passive)s) AND e.revises_id IS NULL
                      JOIN club_member asked ON asked.id = e.member_id
                      JOIN club_member m ON m.id = COALESCE(asked.merged_into_id, asked.id)
                       AND (m.state = 'active' OR m.state IN ('left', 'erased') AND m.left_at >= w.last)
                CROSS JOIN LATERAL (
                           SELECT COALESCE(BOOL_OR((v.payload->>'void')::boolean), FALSE) AS void,
                                  COUNT(*) = 0 OR SUM(v.amount) + COALESCE(e.amount, 0) <> 0 AS kept
                             FROM club_event v WHERE v.revises_id = e.id
                           ) revised
                     WHERE NOT void
                     GROUP BY w.part, w.number
                )
                SELECT w.part, w.number, COALESCE(members, 0) AS members, COALESCE(active, 0) AS active,
                       COALESCE(visitors, 0) AS visitors, COALESCE(visits, 0) AS visits, COALESCE(buyers, 0) AS buyers
                  FROM (SELECT DISTINCT part, number FROM span) w
             LEFT JOIN present USING (part, number) LEFT JOIN fact USING (part, number)
                """,
                windows=windows,
                passive=list(PASSIVE_EVENTS),
            )
        )
        return {(row["part"], row["number"]): {name: row[name] for name in COUNTS} for row in rows}
