"""Recency, frequency and money: how many members stand in each group, and what they bought altogether."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series


class ClubReportBlockRfm(models.AbstractModel):
    _name = "club.report.block.rfm"
    _inherit = "club.report.block"
    _description = "Block of a Report: Recency, Frequency and Money"
    _block_sequence = 38

    @api.model
    def _get_label(self):
        return self.env._("Recency, Frequency and Money")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        """The same places as the page under Marketing, as they are now: behaviour keeps no past."""
        _ = self.env._
        found = {}
        for club, _recency, _frequency, group, count, sales, _at in self.env["club.rfm"]._read_places(clubs):
            row = found.setdefault((club.currency_id, group), [0, 0])
            row[0], row[1] = row[0] + count, row[1] + (sales or 0)
        total = sum(count for (_currency, group), (count, _sales) in found.items() if group != "none")
        rows, drill = [], {}
        for currency in clubs.currency_id:
            mine = clubs.filtered(lambda club, currency=currency: club.currency_id == currency)
            for group, name in self.env["club.rfm"]._get_groups().items():
                count, sales = found.get((currency, group), (0, 0))
                row = {
                    "group": name,
                    "members": count,
                    "share": self._share(count, total),
                    "sales": self._money(sales, currency),
                    "average": self._money(sales / count, currency) if count else None,
                }
                drill[len(rows)] = (
                    "club.member",
                    [("club_id", "in", mine.ids), ("behaviour_ids", "any", [("rfm_cell", "=", group)])],
                )
                rows.append(self._mark_currency(row, currency))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("group", _("Group")),
                *self._get_currency_columns(clubs),
                reporting.Column("members", _("Members Now"), "integer"),
                reporting.Column("share", _("Share of Buyers"), "share"),
                reporting.Column("sales", _("Purchases So Far"), "money"),
                reporting.Column("average", _("Per Member"), "money"),
            ],
            rows=rows if total else [],
            totals=self._sum_rows(
                rows, clubs, ("members",), ("sales",), group=_("Total"), share=self._share(total, total)
            )
            if total
            else None,
            chart=reporting.Chart(
                "hbars",
                [row["group"] for row in rows],
                [Series(_("Members now"), [row["members"] for row in rows])],
            ),
            drill=drill if total else {},
            empty=_(
                "Nobody has bought yet, or the night's count is still to come. Who bought lately, often and for much "
                "stands here: look again tomorrow."
            ),
            note=_(
                "Members of today, whatever the period: as the nightly job found them. Each score is a fifth of those "
                "who ever bought; scores that ask for the same are one group. Purchases: of all times, without taxes "
                "and less what was credited. Who never bought is in no group."
            ),
        )
