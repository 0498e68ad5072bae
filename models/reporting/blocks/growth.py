"""Growth: who joined, who left, how many members there are."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: Persons who are or were members; a merged membership lives on in its heir.
STATES = ("active", "left", "erased")


class ClubReportBlockGrowth(models.AbstractModel):
    _name = "club.report.block.growth"
    _inherit = "club.report.block"
    _description = "Block of a Report: Growth"
    _block_sequence = 10

    @api.model
    def _get_label(self):
        return self.env._("Growth")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        slices = self._get_slices(clubs, period)
        counts = self._count_members(clubs, [piece for piece, _name in slices])
        rows, drill = [], {}
        for index, ((piece, name), (joined, left, members)) in enumerate(zip(slices, counts, strict=True)):
            rows.append({"slice": name, "joined": joined, "left": left, "net": joined - left, "members": members})
            if joined:
                drill[index, "joined"] = ("club.member", self._get_joined_domain(clubs, piece))
        [(joined, left, members)] = self._count_members(clubs, [period])
        totals = {"slice": _("Total"), "joined": joined, "left": left, "net": joined - left, "members": members}
        drill["total"] = ("club.member", self._get_joined_domain(clubs, period))
        columns = [
            reporting.Column("slice", _("Period")),
            reporting.Column("joined", _("Joined"), "integer"),
            reporting.Column("left", _("Left"), "integer"),
            reporting.Column("net", _("Net Growth"), "integer"),
            reporting.Column("members", _("Members at the End"), "integer"),
        ]
        before = self._count_members(clubs, [comparison])[0] if comparison else (None,) * 3
        return reporting.Table(
            title=self._get_label(),
            columns=columns,
            rows=rows if members or joined or left else [],
            totals=totals if members or joined or left else None,
            chart=reporting.Chart(
                "bars",
                [row["slice"] for row in rows],
                [
                    Series(_("Joined"), [row["joined"] for row in rows]),
                    Series(_("Left"), [row["left"] for row in rows]),
                ],
                title=_("Members who joined and who left"),
            ),
            drill=drill if members or joined or left else {},
            figures=[
                (_("Joined"), joined, "integer", before[0]),
                (_("Left"), left, "integer", before[1]),
                (_("Members at the End"), members, "integer", before[2]),
            ],
            empty=_("Nobody has joined yet. Who joins stands here: enrol members under Members, or let them join."),
            note=_(
                "Joined: members whose membership began in the period. Left: those who left in it. Members at the end: "
                "who had joined and not left when the period ended. Merged memberships and accounts that are no "
                "persons do not count."
            ),
        )

    @api.model
    def _get_joined_domain(self, clubs, period):
        return [("state", "in", STATES), *self._get_period_domain(clubs, period, "joined_at")]

    @api.model
    def _count_members(self, clubs, pieces):
        """(joined, left, members at the end) of each piece: counts over ranges of time, no group of the ORM."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT slice.place,
                       COUNT(m.id) FILTER (WHERE m.joined_at >= slice.first),
                       COUNT(m.id) FILTER (WHERE m.left_at >= slice.first AND m.left_at < slice.last),
                       COUNT(m.id) FILTER (WHERE m.left_at IS NULL OR m.left_at >= slice.last)
                  FROM %(slices)s slice
                  LEFT JOIN club_member m ON m.club_id = slice.id AND m.joined_at < slice.last
                        AND m.state = ANY(%(states)s)
                 GROUP BY slice.place
                """,
                slices=self._get_slices_sql(clubs, pieces),
                states=list(STATES),
            )
        )
        found = {place: counts for place, *counts in rows}
        return [tuple(found[place]) for place in range(len(pieces))]
