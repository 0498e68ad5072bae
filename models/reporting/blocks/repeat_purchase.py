"""Repeat purchase: who came back, how soon; members beside the other customers of the same period."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

DAY = 86400
ZERO = Decimal(0)


class ClubReportBlockRepeatPurchase(models.AbstractModel):
    _name = "club.report.block.repeat_purchase"
    _inherit = "club.report.block"
    _description = "Block of a Report: Repeat Purchases"
    _block_sequence = 32
    _block_options = ("segment_id", "tier_id", "categ_id")

    @api.model
    def _get_label(self):
        return self.env._("Repeat Purchases")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = self._read_buyers(clubs, period, comparison)
        names = {True: _("Members"), False: _("Other customers")}
        rows, drill = [], {}
        for currency in clubs.company_id.currency_id:
            for member, name in names.items():
                now, before = (found.get((part, currency.id, member)) for part in (0, 1))
                if not now and not before:
                    continue
                row = {"who": name, **self._make_row(now, currency)}
                if comparison:
                    row["before"] = self._share(before["again"], before["buyers"]) if before else None
                if now and not self._is_narrowed():
                    drill[len(rows)] = self._get_drill(clubs, currency, period, member)
                rows.append(self._mark_currency(row, currency))
        shares = {row["who"]: row["share"] for row in rows}
        olds = {row["who"]: row.get("before") for row in rows}
        several = len(clubs.company_id.currency_id) > 1
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("who", _("Who")),
                *self._get_currency_columns(clubs),
                reporting.Column("buyers", _("Buyers"), "integer"),
                reporting.Column("again", _("Bought Again"), "integer"),
                reporting.Column("share", _("Share Who Came Back"), "share"),
                *([reporting.Column("before", _("Share Before"), "share")] if comparison else []),
                reporting.Column("orders", _("Purchases per Buyer"), "decimal"),
                reporting.Column("days", _("Days Between"), "decimal"),
                reporting.Column("basket", _("Average Purchase"), "money"),
                reporting.Column("sales", _("Sales"), "money"),
            ],
            rows=rows,
            totals=self._make_totals(clubs, found, comparison) if rows else None,
            chart=reporting.Chart(
                "hbars",
                [" ".join((row["who"], *([row["currency"]] if several else []))) for row in rows],
                [Series(_("Share who came back"), [row["share"] or 0 for row in rows])],
                type="share",
            ),
            drill=drill,
            figures=[
                (_("Members Who Came Back"), shares.get(names[True]), "share", olds.get(names[True])),
                (_("Other Customers Who Came Back"), shares.get(names[False]), "share", olds.get(names[False])),
            ]
            if not several
            else [],
            empty=_("Nobody bought in this period. Who comes back stands here: choose a longer period."),
            note=_(
                "Confirmed orders of the clubs' companies, and what members bought without one. Bought again: two "
                "purchases or more within the period, so a long period says more. Days between: from first to last "
                "purchase, over the purchases after the first. Money is without taxes and less what was credited. "
                "Members: who is a member today."
            ),
        )

    @api.model
    def _make_row(self, values, currency):
        names = ("buyers", "again", "orders", "seconds", "further", "sales")
        values = {name: self._decimal(values[name]) if values else ZERO for name in names}
        days = values["seconds"] / DAY / values["further"] if values["further"] else None
        return {
            "buyers": int(values["buyers"]),
            "again": int(values["again"]),
            "share": self._share(values["again"], values["buyers"]),
            "orders": self._points(values["orders"] / values["buyers"]) if values["buyers"] else None,
            "days": self._points(days) if days is not None else None,
            "basket": self._money(values["sales"] / values["orders"], currency) if values["orders"] else None,
            "sales": self._money(values["sales"], currency),
        }

    @api.model
    def _make_totals(self, clubs, found, comparison):
        """All customers together; of several currencies no money."""
        sums = [
            {
                name: sum(self._decimal(values[name]) for (place, *_key), values in found.items() if place == part)
                for name in ("buyers", "again", "orders", "seconds", "further", "sales")
            }
            for part in (0, 1)
        ]
        totals = self._make_row(sums[0], clubs.company_id.currency_id[:1])
        totals["who"] = self.env._("Together")
        if len(clubs.company_id.currency_id) > 1:
            totals.update(basket=None, sales=None)
        if comparison:
            totals["before"] = self._share(sums[1]["again"], sums[1]["buyers"])
        return totals

    @api.model
    def _get_drill(self, clubs, currency, period, member):
        """The orders of a row, where a domain can say whose they are."""
        mine = clubs.filtered(lambda club: club.currency_id == currency)
        domain = [
            ("state", "=", "sale"),
            ("company_id", "in", mine.company_id.ids),
            ("date_order", ">=", min(period.bounds(club.tz)[0] for club in mine)),
            ("date_order", "<", max(period.bounds(club.tz)[1] for club in mine)),
        ]
        path = "partner_id.commercial_partner_id" if mine[:1].earner == "company" else "partner_id"
        members = (f"{path}.club_member_ids", "any", [("club_id", "in", mine.ids), ("state", "=", "active")])
        return "sale.order", [*domain, *([members] if member else ["!", members])]

    @api.model
    def _read_buyers(self, clubs, period, comparison):
        """Counts of grouped counts by (part, currency, whether members). The ORM would return a row per customer."""
        rows = self._read_rows(
            SQL(
                """
                WITH buyer AS (
                    SELECT part, currency_id, member_id IS NOT NULL AS member, COALESCE(member_id, -buyer) AS who,
                           COUNT(DISTINCT document) AS orders, SUM(amount) AS sales,
                           EXTRACT(EPOCH FROM MAX(at) - MIN(at)) AS seconds
                      FROM %s p GROUP BY 1, 2, 3, 4
                )
                SELECT part, currency_id, member, COUNT(*) AS buyers, COUNT(*) FILTER (WHERE orders > 1) AS again,
                       SUM(orders) AS orders, SUM(sales) AS sales, SUM(orders - 1) AS further, SUM(seconds) AS seconds
                  FROM buyer GROUP BY 1, 2, 3
                """,
                self._get_purchases(clubs, self._get_windows(clubs, self._get_parts(period, comparison))),
            )
        )
        return {(row["part"], row["currency_id"], row["member"]): row for row in rows}
