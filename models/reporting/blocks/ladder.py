"""Ladder: single purchase, repeat, loyal, fan; and the share that climbs from each step in the period."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series


class ClubReportBlockLadder(models.AbstractModel):
    _name = "club.report.block.ladder"
    _inherit = "club.report.block.stages"
    _description = "Block of a Report: Ladder of Loyalty"
    _block_sequence = 37
    _history = "ladder"
    _beginning = "none"

    @api.model
    def _get_label(self):
        return self.env._("Ladder of Loyalty")

    @api.model
    def _get_step_label(self):
        return self.env._("Step")

    @api.model
    def _get_note(self):
        return self.env._(
            "Members at the beginning and at the end of the period by the step that the nightly job had found. "
            "Climbed: of those on a step at the beginning, the share that stands higher at the end. Who joined in the "
            "period came. Who has left the club is not in it. The chart counts at each step also those who stand "
            "higher."
        )

    @api.model
    def _get_further_columns(self):
        return [reporting.Column("climbed", self.env._("Share That Climbed"), "share")]

    @api.model
    def _complete(self, rows, found, values):
        """With the share that climbed from each step."""
        for place, (row, value) in enumerate(zip(rows, values, strict=True)):
            higher = values[place + 1 :]
            climbed = sum(
                count for (part, old, new), count in found.items() if part == 0 and old == value and new in higher
            )
            row["climbed"] = self._share(climbed, row["begin"]) if higher else None
        return rows

    @api.model
    def _make_chart(self, rows):
        return reporting.Chart(
            "funnel",
            [row["stage"] for row in rows[1:]],
            [
                Series(
                    self.env._("At least here"),
                    [sum(later["end"] for later in rows[place:]) for place in range(1, len(rows))],
                )
            ],
        )
