"""Earning by way: which facts and rules gave how many points."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.tools import SQL


class ClubReportBlockEarningByWay(models.AbstractModel):
    _name = "club.report.block.earning_by_way"
    _inherit = "club.report.block"
    _description = "Block of a Report: Points Earned by Way"
    _block_sequence = 20

    @api.model
    def _get_label(self):
        return self.env._("Points Earned by Way")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = self._read_ways(clubs, period, comparison)
        whole = {row["part"]: row for row in found if row["whole"]}
        ways, before = (
            {(row["type"], row["rule_id"]): row for row in found if not row["whole"] and row["part"] == part}
            for part in (0, 1)
        )
        types = dict(self.env["club.event"]._fields["type"]._description_selection(self.env))
        rules = self._names("club.earn.rule", [rule for _type, rule in {**ways, **before}])
        total = self._points(whole[0]["net"]) if whole.get(0) else 0
        rows, drill = [], {}
        keys = sorted(
            ways.keys() | before.keys(),
            key=lambda key: (-(ways.get(key) or {"net": 0})["net"], key[0] or "", key[1] or 0),
        )
        for index, key in enumerate(keys):
            event_type, rule = key
            now = ways.get(key, {})
            row = {
                "way": types.get(event_type) or _("Without a fact"),
                "rule": rules.get(rule) or _("Without a rule"),
                **self._make_points(now),
                "share": self._share(self._points(now.get("net")), total),
            }
            if comparison:
                row["before"] = self._points(before.get(key, {}).get("net"))
            rows.append(row)
            if now:
                drill[index] = self._get_drill(clubs, period, key)
        totals = None
        if rows:
            totals = {"way": _("Total"), **self._make_points(whole.get(0, {})), "share": self._share(total, total)}
            drill["total"] = self._get_drill(clubs, period)
            if comparison:
                totals["before"] = self._points(whole.get(1, {}).get("net"))
        by_way = {}
        for row in rows:
            by_way[row["way"]] = by_way.get(row["way"], 0) + row["net"]
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("way", _("Way")),
                reporting.Column("rule", _("Rule")),
                reporting.Column("earned", _("Earned"), "points"),
                reporting.Column("reversed", _("Taken Back"), "points"),
                reporting.Column("net", _("Net"), "points"),
                reporting.Column("share", _("Share"), "share"),
                reporting.Column("members", _("Members"), "integer"),
                *([reporting.Column("before", _("Net Before"), "points")] if comparison else []),
            ],
            rows=rows,
            totals=totals,
            chart=reporting.Chart(
                "hbars", list(by_way), [Series(_("Points, net"), list(by_way.values()))], type="points"
            ),
            drill=drill,
            figures=[
                (_("Points Given, Net"), total, "points", totals["before"] if rows and comparison else None),
            ],
            empty=_("No points were earned in this period. Choose another one, or switch on a rule under Earning."),
            note=_(
                "Points by the day of the movement. What a return, a cancellation or an undone fact took back is "
                "deducted on the day it came back, from the way that had given it; a taking back that was itself "
                "undone counts as earned. Opening balances, gifts and adjustments are no ways to earn. Members: each "
                "counts once in a row, and once in the total."
            ),
        )

    @api.model
    def _make_points(self, row):
        values = {name: self._points(row.get(name)) for name in ("earned", "reversed", "net")}
        return {**values, "members": row.get("members") or 0}

    @api.model
    def _get_drill(self, clubs, period, way=None):
        """The entries of a row, or of all of them: what was earned, and what was taken back of it."""
        earned, back = ("kind", "=", "earn"), ("reverses_id.kind", "=", "earn")
        undone = ("reverses_id.reverses_id.kind", "=", "earn")
        domain = ["|", "|", earned, back, undone, *self._get_period_domain(clubs, period)]
        if way:
            event_type, rule = way
            domain.append(("event_id.type", "=", event_type) if event_type else ("event_id", "=", False))
            domain.append(("rule_id", "=", rule or False))
        return "club.point.entry", domain

    @api.model
    def _read_ways(self, clubs, period, comparison):
        """Points by part, type and rule, with a row over all. SQL: a reversal counts with what it reverses, as at home.

        The root of an entry is at most two steps away: a reversal of a reversal.
        """
        return self._read_rows(
            SQL(
                """
                SELECT w.part, ev.type, root.rule_id, GROUPING(ev.type) = 1 AS whole,
                       COALESCE(SUM(e.points) FILTER (WHERE e.kind = 'earn'), 0) AS earned,
                       COALESCE(SUM(e.points) FILTER (WHERE e.kind <> 'earn'), 0) AS reversed,
                       SUM(e.points) AS net, COUNT(DISTINCT COALESCE(m.merged_into_id, m.id)) AS members
                  FROM %(windows)s w
                  JOIN club_point_entry e ON e.club_id = w.club_id AND e.kind IN ('earn', 'reverse')
                   AND e.date >= w.first AND e.date < w.last
                  JOIN club_member m ON m.id = e.member_id
             %(reverses)s
            CROSS JOIN LATERAL (
                       SELECT COALESCE(origin.kind, reversed.kind, e.kind) AS kind,
                              COALESCE(origin.rule_id, reversed.rule_id, e.rule_id) AS rule_id,
                              COALESCE(origin.event_id, reversed.event_id, e.event_id) AS event_id
                       ) root
             LEFT JOIN club_event ev ON ev.id = root.event_id
                 WHERE root.kind = 'earn'
                 GROUP BY GROUPING SETS ((w.part, ev.type, root.rule_id), (w.part))
                """,
                reverses=WHAT_IT_REVERSES,
                windows=self._get_windows(clubs, self._get_parts(period, comparison)),
            )
        )
