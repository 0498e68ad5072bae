"""How the club is doing now: the figures of the home page, side by side for every club."""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, reporting
from odoo.addons.customer_club.models.membership.club_club_home import DAYS

#: Figures of the home page: their key there, the key of its action, the type of their column.
FIGURES = (
    ("active", "active", "integer"),
    ("members", "setup_members", "integer"),
    ("new", "new", "integer"),
    ("given", "given", "points"),
    ("spent", "spent", "points"),
    ("expired", "expired", "points"),
    ("outstanding", "outstanding", "points"),
    ("expiring", "expiring", "points"),
    ("sales", "", "money"),
)


class ClubReportBlockOverview(models.AbstractModel):
    _name = "club.report.block.overview"
    _inherit = "club.report.block"
    _description = "Block of a Report: How the Club Is Doing"
    _block_sequence = 1

    @api.model
    def _get_label(self):
        return self.env._("Now")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = clubs._get_home_figures()
        rows, drill = [], {}
        for index, club in enumerate(clubs):
            values = found[club.id]
            currency = {"_currency": club.currency_id.id}
            rows.append({"club": club.name, **currency, **{key: values[key] for key, _goal, _kind in FIGURES}})
            rows[-1]["repeat"] = self._ratio(values["repeat_buyers"], values["buyers"])
            for key, goal, _kind in FIGURES:
                action = goal and club._get_home_action(goal)
                if action and values[key]:
                    drill[index, key] = (action["res_model"], action["domain"])
        labels = self._get_labels()
        same = self._get_currency(clubs)
        totals = {key: sum(row[key] for row in rows) for key, _goal, kind in FIGURES if kind != "money" or same}
        totals["repeat"] = self._sum_ratio(found, "repeat_buyers", "buyers")
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("club", _("Club")),
                *(reporting.Column(key, labels[key], kind) for key, _goal, kind in FIGURES),
                reporting.Column("repeat", _("Came Back Within a Year"), "share"),
            ],
            rows=rows,
            totals=totals,
            drill={**drill, **self._get_figure_drill(clubs, len(clubs) == 1 and drill)},
            currency=same.id or None,
            figures=self._get_figures(clubs, found, labels),
            empty=_("Nothing has happened yet. What members do stands here."),
            note=_(
                "The figures of the home page: the last 30 days, compared with the 30 days before, whatever period is "
                "chosen above. Active: members who did something themselves. Content: those who were content in most "
                "of what they said. Points given, spent and expired are net of what was taken back. Cost: points "
                "given, at what a point is worth, as a share of the members' sales without taxes."
            ),
        )

    @api.model
    def _get_labels(self):
        _ = self.env._
        return {
            "active": _("Active in 30 Days"),
            "members": _("Members"),
            "new": _("New in 30 Days"),
            "given": _("Points Given"),
            "spent": _("Points Spent"),
            "expired": _("Points Expired"),
            "outstanding": _("Points Outstanding"),
            "expiring": _("Expire Within 30 Days"),
            "sales": _("Members' Sales"),
        }

    @api.model
    def _get_figures(self, clubs, found, labels):
        """The tiles: active and content members first, headcount never alone."""
        _ = self.env._

        def total(key):
            return sum(values[key] for values in found.values())

        happy, happy_before = self._count_content(clubs)
        cost = sum(values["given"] * values["worth"] for values in found.values())
        single = self._get_currency(clubs)
        return [
            (labels["active"], total("active"), "integer", total("active_before")),
            (_("Content in 30 Days"), happy, "integer", happy_before),
            (_("Came Back Within a Year"), self._sum_ratio(found, "repeat_buyers", "buyers"), "share"),
            (labels["new"], total("new"), "integer", total("new_before")),
            (labels["given"], total("given"), "points", total("given_before")),
            (labels["spent"], total("spent"), "points", total("spent_before")),
            (_("Cost as Share of Sales"), self._ratio(cost, total("sales")) if single else None, "share"),
            (labels["outstanding"], total("outstanding"), "points"),
        ]

    @api.model
    def _get_figure_drill(self, clubs, drill):
        """Tiles of a single club open what its cells open."""
        keys = ("active", None, None, "new", "given", "spent", None, "outstanding")
        return {("figure", place): drill[0, key] for place, key in enumerate(keys) if drill and (0, key) in drill}

    @api.model
    def _count_content(self, clubs):
        """Content members of the last 30 days and of the 30 before, as the block of satisfaction counts them."""
        today = periods.local_date(fields.Datetime.now(), clubs[0].tz)
        now = reporting.Period(today - timedelta(days=DAYS - 1), today)
        table = self.env["club.report.block.satisfaction"]._read_block(clubs, now, reporting.compare(now, "previous"))
        _label, happy, _kind, before = table.figures[0]
        return happy, before or 0

    @api.model
    def _ratio(self, part, whole):
        return Decimal(str(part)) / Decimal(str(whole)) if whole else None

    @api.model
    def _sum_ratio(self, found, part, whole):
        return self._ratio(*(sum(values[key] for values in found.values()) for key in (part, whole)))
