"""Campaigns: how far each came in the period, and what it brought over its control group, once that may be said."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

COUNTS = ("sent", "opened", "visited", "control", "skipped")


class ClubReportBlockCampaigns(models.AbstractModel):
    _name = "club.report.block.campaigns"
    _inherit = "club.report.block"
    _description = "Block of a Report: Campaigns"
    _block_sequence = 41

    @api.model
    def _get_label(self):
        return self.env._("Campaigns")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = self._read_targets(clubs, period, comparison)
        campaigns = self.env["club.campaign"].with_context(active_test=False)
        campaigns = campaigns.browse(sorted(campaign for part, campaign in found if part == 0)).exists()
        states = dict(campaigns._fields["state"]._description_selection(self.env))
        rows, drill = [], {}
        for campaign in campaigns:
            result = campaign.result if campaign.state == "done" else None
            row = {
                "campaign": campaign.name,
                "state": states[campaign.state],
                **{name: found[0, campaign.id][name] for name in COUNTS},
                "treated_share": self._get_reached(result, "treated"),
                "control_share": self._get_reached(result, "control"),
                "points": self._points(found[0, campaign.id]["points"]),
                "cost": self._money(result["cost"], campaign.currency_id) if result else None,
                "outcome": campaign._say_outcome(),
            }
            drill[len(rows)] = ("club.campaign", [("id", "=", campaign.id)])
            rows.append(self._mark_currency(row, campaign.currency_id))
        totals = self._sum_rows(rows, clubs, (*COUNTS, "points"), campaign=_("Total"))
        old = [values for (part, _campaign), values in found.items() if part == 1]
        before = {name: sum(values[name] for values in old) if comparison else None for name in COUNTS}
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("campaign", _("Campaign")),
                reporting.Column("state", _("State")),
                *self._get_currency_columns(clubs),
                reporting.Column("sent", _("Sent"), "integer"),
                reporting.Column("opened", _("Opened"), "integer"),
                reporting.Column("visited", _("Visited"), "integer"),
                reporting.Column("control", _("Control Group"), "integer"),
                reporting.Column("skipped", _("Not Sent"), "integer"),
                reporting.Column("treated_share", _("Did It"), "share"),
                reporting.Column("control_share", _("Did It Anyway"), "share"),
                reporting.Column("points", _("Bonus Points"), "points"),
                reporting.Column("cost", _("Cost"), "money"),
                reporting.Column("outcome", _("What It Brought")),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "hbars",
                [row["campaign"] for row in rows],
                [
                    Series(_("Sent"), [row["sent"] for row in rows]),
                    Series(_("Opened"), [row["opened"] for row in rows]),
                    Series(_("Visited"), [row["visited"] for row in rows]),
                ],
                title=_("How far the messages came"),
            ),
            drill=drill,
            figures=[
                (_("Sent"), totals["sent"], "integer", before["sent"]),
                (_("Opened"), totals["opened"], "integer", before["opened"]),
                (_("Visited"), totals["visited"], "integer", before["visited"]),
            ],
            empty=_("No campaign ran in this period. Begin one under Marketing."),
            note=_(
                "Members by the day on which the message went out, or on which the control group was noted; opened and "
                "visited: of those messages, until now. Did it, and did it anyway: shares of those who were to get it "
                "and of the control group, over the whole campaign, and only once its time is over for all. Cost: of "
                "campaigns that are over: points at what they take off an order, coupons that were used, and prizes."
            ),
        )

    @api.model
    def _get_reached(self, result, arm):
        """The share of an arm that did what the campaign was for; nothing before its time."""
        return self._share(result[arm]["reached"], result[arm]["members"]) if result else None

    @api.model
    def _read_targets(self, clubs, period, comparison):
        """Counts by (part, campaign id): by SQL, since the days are each club's own."""
        rows = self._read_rows(
            SQL(
                """
                SELECT w.part, t.campaign_id, COUNT(*) FILTER (WHERE t.state = 'sent') AS sent,
                       COUNT(*) FILTER (WHERE t.state = 'sent' AND t.opened_at IS NOT NULL) AS opened,
                       COUNT(*) FILTER (WHERE t.state = 'sent' AND t.visited_at IS NOT NULL) AS visited,
                       COUNT(*) FILTER (WHERE t.state = 'control') AS control,
                       COUNT(*) FILTER (WHERE t.state = 'skipped') AS skipped,
                       SUM(t.points) FILTER (WHERE t.state = 'sent') AS points
                  FROM %s w
                  JOIN club_campaign_target t ON t.club_id = w.club_id AND t.step_id IS NULL
            CROSS JOIN LATERAL (SELECT COALESCE(t.sent_at, t.starts_at, t.due_at) AS at) went
                 WHERE went.at >= w.first AND went.at < w.last
                 GROUP BY w.part, t.campaign_id
                """,
                self._get_windows(clubs, self._get_parts(period, comparison)),
            )
        )
        return {(row["part"], row["campaign_id"]): row for row in rows}
