"""Stages of the life cycle: where members stand at the end of the period, who came to a stage and who left it."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL


class ClubReportBlockStages(models.AbstractModel):
    _name = "club.report.block.stages"
    _inherit = "club.report.block"
    _description = "Block of a Report: Stages of the Life Cycle"
    _block_sequence = 36
    #: Which history of :class:`club.stage.change` is read, and where it begins for who has none.
    _history = "stage"
    _beginning = "prospect"

    @api.model
    def _get_label(self):
        return self.env._("Stages of the Life Cycle")

    @api.model
    def _get_note(self):
        return self.env._(
            "Members at the beginning and at the end of the period by the stage that the nightly job had found. Came "
            "and went: members whose stage is another one at the end; who joined in the period came. Who had no stage "
            "noted counts as prospect. Who has left the club is not in it."
        )

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        names = dict(self.env["club.behaviour"]._fields[self._history]._description_selection(self.env))
        found = self._read_places(clubs, period, comparison)
        total = sum(count for (part, _old, _new), count in found.items() if part == 0)
        rows, drill = [], {}
        for value, name in names.items():
            row = {"stage": name, **self._count(found, 0, value)}
            row["share"] = self._share(row["end"], total)
            if comparison:
                row["before"] = self._count(found, 1, value)["end"]
            drill[len(rows)] = (
                "club.stage.change",
                [
                    ("club_id", "in", clubs.ids),
                    ("field", "=", self._history),
                    ("new", "=", value),
                    ("date", ">=", period.first),
                    ("date", "<=", period.last),
                ],
            )
            rows.append(row)
        keys = ("begin", "came", "went", "end", *(["before"] if comparison else []))
        known = total or any(row["begin"] for row in rows)
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("stage", self._get_step_label()),
                reporting.Column("begin", _("At the Beginning"), "integer"),
                reporting.Column("came", _("Came"), "integer"),
                reporting.Column("went", _("Went"), "integer"),
                reporting.Column("end", _("At the End"), "integer"),
                reporting.Column("share", _("Share"), "share"),
                *self._get_further_columns(),
                *([reporting.Column("before", _("At the End Before"), "integer")] if comparison else []),
            ],
            rows=self._complete(rows, found, list(names)) if known else [],
            totals=self._sum_rows(rows, clubs, keys, stage=_("Total"), share=self._share(total, total))
            if known
            else None,
            chart=self._make_chart(rows),
            drill=drill if known else {},
            empty=_("Nobody is a member yet. Where they stand is shown here: enrol members, or let them join."),
            note=self._get_note(),
        )

    @api.model
    def _get_step_label(self):
        return self.env._("Stage")

    @api.model
    def _get_further_columns(self):
        return []

    @api.model
    def _complete(self, rows, found, values):
        return rows

    @api.model
    def _make_chart(self, rows):
        return reporting.Chart(
            "bars",
            [row["stage"] for row in rows],
            [
                Series(self.env._("At the beginning"), [row["begin"] for row in rows]),
                Series(self.env._("At the end"), [row["end"] for row in rows]),
            ],
        )

    @api.model
    def _count(self, found, part, value):
        """Members of one stage: at the beginning, who came, who went, at the end."""
        mine = [(old, new, count) for (of, old, new), count in found.items() if of == part]
        return {
            "begin": sum(count for old, _new, count in mine if old == value),
            "came": sum(count for old, new, count in mine if new == value and old != value),
            "went": sum(count for old, new, count in mine if old == value and new != value),
            "end": sum(count for _old, new, count in mine if new == value),
        }

    @api.model
    def _read_places(self, clubs, period, comparison):
        """Members by (part, stage at the beginning or ``None`` of who joined since, stage at the end).

        SQL: the last row of a history before a day, twice for every member.
        """
        rows = self._read_rows(
            SQL(
                """
                SELECT w.part, CASE WHEN m.joined_at < w.first THEN COALESCE(begun.new, %(none)s) END AS old,
                       COALESCE(ended.new, %(none)s) AS new, COUNT(*) AS members
                  FROM (SELECT w.*, d.first_day, d.last_day FROM %(windows)s w
                          JOIN UNNEST(%(parts)s::int[], %(firsts)s::date[], %(lasts)s::date[])
                               d(part, first_day, last_day) USING (part)) w
                  JOIN club_member m ON m.club_id = w.club_id AND m.joined_at < w.last AND m.state = 'active'
             LEFT JOIN LATERAL (
                       SELECT c.new FROM club_stage_change c WHERE c.member_id = m.id AND c.field = %(history)s
                          AND c.date < w.first_day ORDER BY c.date DESC, c.id DESC LIMIT 1
                       ) begun ON TRUE
             LEFT JOIN LATERAL (
                       SELECT c.new FROM club_stage_change c WHERE c.member_id = m.id AND c.field = %(history)s
                          AND c.date <= w.last_day ORDER BY c.date DESC, c.id DESC LIMIT 1
                       ) ended ON TRUE
                 GROUP BY 1, 2, 3
                """,
                windows=self._get_windows(clubs, self._get_parts(period, comparison)),
                parts=[part for part, _number, _piece in self._get_parts(period, comparison)],
                firsts=[piece.first for _part, _number, piece in self._get_parts(period, comparison)],
                lasts=[piece.last for _part, _number, piece in self._get_parts(period, comparison)],
                history=self._history,
                none=self._beginning,
            )
        )
        return {(row["part"], row["old"], row["new"]): row["members"] for row in rows}
