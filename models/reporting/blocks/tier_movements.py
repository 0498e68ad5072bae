"""Tier movements: where members stood when the period began, and where they stand at its end."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: In place of a tier: not a member yet, a member without a tier, not a member any more.
NEW, NONE, GONE = "new", "none", "gone"
#: Persons who are or were members; a merged membership lives on in its heir.
STATES = ("active", "left", "erased")


class ClubReportBlockTierMovements(models.AbstractModel):
    _name = "club.report.block.tier_movements"
    _inherit = "club.report.block"
    _description = "Block of a Report: Tier Movements"
    _block_sequence = 34

    @api.model
    def _get_label(self):
        return self.env._("Tier Movements")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = self._read_places(clubs, period, comparison)
        now = {(source, goal): count for (part, source, goal), count in found.items() if part == 0}
        tiers = self.env["club.tier"].with_context(active_test=False).search([("club_id", "in", clubs.ids)])
        rank = {NEW: -2, NONE: -1, **{tier.id: place for place, tier in enumerate(tiers)}, GONE: len(tiers)}
        several = len(clubs) > 1
        names = {tier.id: f"{tier.club_id.name}: {tier.name}" if several else tier.name for tier in tiers}
        names.update({NEW: _("Joined in the period"), NONE: _("No tier"), GONE: _("Left")})
        sources = sorted({source for source, _goal in now}, key=rank.get)
        goals = sorted({goal for _source, goal in now}, key=rank.get)
        rows, drill = [], {}
        for source in sources:
            moves = {goal: now.get((source, goal), 0) for goal in goals}
            row = {"tier": names[source], **{f"to_{goal}": count for goal, count in moves.items()}}
            row.update(self._count_moves(rank, {(source, goal): count for goal, count in moves.items()}))
            row["all"] = sum(moves.values())
            if source == NEW:
                joined = self._get_period_domain(clubs, period, "joined_at")
                drill[len(rows)] = ("club.member", [("state", "in", STATES), *joined])
            rows.append(row)
        totals = self._sum_rows(rows, clubs, [key for key in rows[0] if key != "tier"] if rows else [])
        counts = self._count_moves(rank, now)
        before = self._count_moves(
            rank, {(source, goal): count for (part, source, goal), count in found.items() if part == 1}
        )
        if rows:
            drill["total"] = ("club.tier.history", self._get_period_domain(clubs, period))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("tier", _("At the Beginning")),
                *(reporting.Column(f"to_{goal}", names[goal], "integer") for goal in goals),
                reporting.Column("up", _("Up"), "integer"),
                reporting.Column("down", _("Down"), "integer"),
                reporting.Column("stay", _("Stayed"), "integer"),
                reporting.Column("all", _("Members"), "integer"),
            ],
            rows=rows,
            totals={**totals, "tier": _("At the end")} if rows else None,
            chart=reporting.Chart(
                "heat",
                [names[goal] for goal in goals],
                [Series(row["tier"], [row[f"to_{goal}"] for goal in goals]) for row in rows],
                x_label=_("At the end"),
                y_label=_("At the beginning"),
            ),
            drill=drill,
            figures=[
                (_("Up"), counts["up"], "integer", before["up"] if comparison else None),
                (_("Down"), counts["down"], "integer", before["down"] if comparison else None),
                (_("Stayed"), counts["stay"], "integer", before["stay"] if comparison else None),
            ],
            empty=_("Nobody is a member yet. Who rises and who falls stands here."),
            note=_(
                "Each member once: the tier in which the period found the member, and the one in which it left the "
                "member, by the history of tiers; who rose and fell back in between has stayed. Who joined in the "
                "period stands in a row of its own and counts neither as up nor as stayed. Merged memberships live on "
                "in the one that remained."
            ),
        )

    @api.model
    def _count_moves(self, rank, moves):
        """How many went up, went down, stayed; joining and leaving are neither."""
        counts = {"up": 0, "down": 0, "stay": 0}
        for (source, goal), count in moves.items():
            if NEW not in (source, goal) and GONE not in (source, goal):
                way = "stay" if source == goal else "up" if rank[goal] > rank[source] else "down"
                counts[way] += count
        return counts

    @api.model
    def _read_places(self, clubs, period, comparison):
        """Members by (part, tier at the beginning, tier at the end). SQL: the last row of a history before an instant,
        twice for every member; the ORM would read the whole history.
        """
        rows = self._read_rows(
            SQL(
                """
                SELECT w.part, w.first <= m.joined_at AS is_new, begun.tier_id AS source,
                       m.left_at < w.last AS is_gone, ended.tier_id AS goal, COUNT(*) AS members
                  FROM %s w
                  JOIN club_member m ON m.club_id = w.club_id AND m.joined_at < w.last
                   AND (m.state = 'active' OR m.state IN ('left', 'erased') AND m.left_at >= w.first)
             LEFT JOIN LATERAL (
                       SELECT h.to_tier_id AS tier_id FROM club_tier_history h
                        WHERE h.member_id = m.id AND h.date < w.first ORDER BY h.date DESC, h.id DESC LIMIT 1
                       ) begun ON TRUE
             LEFT JOIN LATERAL (
                       SELECT h.to_tier_id AS tier_id FROM club_tier_history h
                        WHERE h.member_id = m.id AND h.date < w.last ORDER BY h.date DESC, h.id DESC LIMIT 1
                       ) ended ON TRUE
                 GROUP BY 1, 2, 3, 4, 5
                """,
                self._get_windows(clubs, self._get_parts(period, comparison)),
            )
        )
        places = {}
        for row in rows:
            source = NEW if row["is_new"] else row["source"] or NONE
            key = row["part"], source, GONE if row["is_gone"] else row["goal"] or NONE
            places[key] = places.get(key, 0) + row["members"]
        return places
