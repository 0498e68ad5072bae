"""Points flow: what members owned, what came, what went, what they own now; to the point what the ledger says."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.tools import SQL

MOVES = ("earned", "reversed", "spent", "expired", "other")


class ClubReportBlockPointsFlow(models.AbstractModel):
    _name = "club.report.block.points_flow"
    _inherit = "club.report.block"
    _description = "Block of a Report: Flow of Points"
    _block_sequence = 22

    @api.model
    def _get_label(self):
        return self.env._("Flow of Points")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        slices = self._get_slices(clubs, period)
        pieces = [(0, number, piece) for number, (piece, _name) in enumerate(slices)]
        if comparison:
            pieces.append((1, 0, comparison))
        opening, moves = self._read_moves(clubs, period, pieces)
        first, rows, drill = opening, [], {}
        for number, (piece, name) in enumerate(slices):
            moved = moves.get((0, number), dict.fromkeys(MOVES, self._points(0)))
            closing = opening + sum(moved.values())
            rows.append({"slice": name, "opening": opening, **moved, "closing": closing})
            if any(moved.values()):
                drill[number] = ("club.point.entry", self._get_period_domain(clubs, piece))
            opening = closing
        known = first or drill
        totals = self._sum_rows(rows, clubs, MOVES, slice=_("Whole period"), opening=first, closing=opening)
        before = moves.get((1, 0), dict.fromkeys(MOVES, self._points(0))) if comparison else {}
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("slice", _("Period")),
                reporting.Column("opening", _("Opening"), "points"),
                reporting.Column("earned", _("Earned"), "points"),
                reporting.Column("reversed", _("Taken Back"), "points"),
                reporting.Column("spent", _("Spent"), "points"),
                reporting.Column("expired", _("Expired"), "points"),
                reporting.Column("other", _("Other"), "points"),
                reporting.Column("closing", _("Closing"), "points"),
            ],
            rows=rows if known else [],
            totals=totals if known else None,
            chart=reporting.Chart(
                "bars",
                [row["slice"] for row in rows],
                [
                    Series(_("Earned, net"), [row["earned"] + row["reversed"] for row in rows]),
                    Series(_("Spent"), [-row["spent"] for row in rows]),
                    Series(_("Expired"), [-row["expired"] for row in rows]),
                ],
                title=_("Points earned, spent and expired"),
                type="points",
            ),
            drill={**drill, "total": ("club.point.entry", self._get_period_domain(clubs, period))} if known else {},
            figures=[
                (
                    _("Earned, Net"),
                    totals["earned"] + totals["reversed"],
                    "points",
                    before["earned"] + before["reversed"] if before else None,
                ),
                (_("Spent"), -totals["spent"], "points", -before["spent"] if before else None),
                (_("Expired"), -totals["expired"], "points", -before["expired"] if before else None),
                (_("Owned at the End"), opening, "points"),
            ],
            empty=_("No points have moved yet. What comes and goes stands here: switch on a rule under Earning."),
            note=_(
                "Every movement of the ledger once, by its day: opening and movements add up to closing, which is what "
                "members own, spendable or pending. Taken back: of what was earned. Spent and expired are less what "
                "was given back. Other: opening balances that were imported, adjustments, transfers between members."
            ),
        )

    @api.model
    def _read_moves(self, clubs, period, pieces):
        """What was owned when the period began, and the movements by (part, number).

        SQL: a reversal counts with what it reverses, which the ORM would look up entry by entry.
        """
        rows = self._read_rows(
            SQL(
                """
                SELECT w.part, w.number,
                       SUM(e.points) FILTER (WHERE w.number < 0) AS opening,
                       SUM(e.points) FILTER (WHERE e.kind = 'earn') AS earned,
                       SUM(e.points) FILTER (WHERE e.kind <> 'earn' AND root.kind = 'earn') AS reversed,
                       SUM(e.points) FILTER (WHERE root.kind = 'spend') AS spent,
                       SUM(e.points) FILTER (WHERE root.kind = 'expire') AS expired,
                       SUM(e.points) FILTER (WHERE root.kind NOT IN ('earn', 'spend', 'expire')) AS other
                  FROM (SELECT * FROM %(windows)s s
                     UNION ALL SELECT 0, -1, b.club_id, '-infinity'::timestamp, b.first FROM %(begin)s b) w
                  JOIN club_point_entry e ON e.club_id = w.club_id AND e.date >= w.first AND e.date < w.last
             %(reverses)s
            CROSS JOIN LATERAL (SELECT COALESCE(origin.kind, reversed.kind, e.kind) AS kind) root
                 WHERE e.points <> 0
                 GROUP BY w.part, w.number
                """,
                reverses=WHAT_IT_REVERSES,
                windows=self._get_windows(clubs, pieces),
                begin=self._get_windows(clubs, [(0, 0, period)]),
            )
        )
        found = {(row["part"], row["number"]): {name: self._points(row[name]) for name in MOVES} for row in rows}
        found.pop((0, -1), None)
        return self._points(next((row["opening"] for row in rows if row["number"] < 0), 0)), found
