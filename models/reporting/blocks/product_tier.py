"""Product by tier: what members of each tier buy."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: Products that are named if nobody asks for more or fewer; the others stand in one row.
MOST = 15
REST = 0


class ClubReportBlockProductTier(models.AbstractModel):
    _name = "club.report.block.product_tier"
    _inherit = "club.report.block"
    _description = "Block of a Report: Products by Tier"
    _block_sequence = 44
    _block_money = True
    _block_options = ("categ_id", "most")
    _block_most = MOST

    @api.model
    def _get_label(self):
        return self.env._("Products by Tier")

    @api.model
    def _get_words(self):
        """What is said in place of rows, and about the groups."""
        _ = self.env._
        return _("No member bought in this period. What each tier buys stands here: choose a longer period."), _(
            "Tiers: of today."
        )

    @api.model
    def _get_groups(self, clubs):
        """The groups of members in order: names by id, and SQL ``(member_id, group_id)``; of several too."""
        tiers = self.env["club.tier"].search([("club_id", "in", clubs.ids)])
        several = len(clubs) > 1
        names = {tier.id: f"{tier.club_id.name}: {tier.name}" if several else tier.name for tier in tiers}
        query = SQL(
            "(SELECT id AS member_id, COALESCE(tier_id, 0) AS group_id FROM club_member WHERE club_id = ANY(%s))",
            clubs.ids,
        )
        return {**names, 0: self.env._("No tier")}, query

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        groups, query = self._get_groups(clubs)
        found = self._read_products(clubs, period, query)
        names = self._names("product.product", [product for _currency, product in found])
        groups = {key: name for key, name in groups.items() if any(key in cells for cells in found.values())}
        empty, note = self._get_words()
        rows, drill = [], {}
        for currency in clubs.company_id.currency_id:
            for product in self._get_best(found, currency):
                cells = found[currency.id, product]
                row = {"product": names.get(product) or _("Everything else")}
                row.update({f"g{key}": self._money(cells.get(key), currency) for key in groups})
                row["all"] = self._money(cells[None], currency)
                if product:
                    drill[len(rows)] = self._get_drill(clubs, period, currency, product)
                rows.append(self._mark_currency(row, currency))
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("product", _("Product")),
                *self._get_currency_columns(clubs),
                *(reporting.Column(f"g{key}", name, "money") for key, name in groups.items()),
                reporting.Column("all", _("All Members"), "money"),
            ],
            rows=rows,
            totals=self._sum_rows(rows, clubs, (), [*(f"g{key}" for key in groups), "all"], product=_("Total"))
            if rows
            else None,
            chart=reporting.Chart(
                "heat",
                list(groups.values()),
                [Series(row["product"], [row[f"g{key}"] for key in groups]) for row in rows],
                type="money",
            )
            if groups and len(clubs.company_id.currency_id) == 1
            else None,
            drill=drill,
            empty=empty,
            note=" ".join(
                (
                    _(
                        "Confirmed orders of members without taxes and less what was credited, in the company's "
                        "currency. The %(most)s products that members bought most for; everything else holds the other "
                        "products, discounts and rewards, and purchases without an order.",
                        most=self._get_most(),
                    ),
                    note,
                )
            )
            + self._get_shared_note(clubs),
        )

    @api.model
    def _get_best(self, found, currency):
        """The products of a currency, the largest first, the rest last."""
        mine = [product for of, product in found if of == currency.id]
        return sorted(mine, key=lambda product: (product == REST, -found[currency.id, product][None], product))

    @api.model
    def _get_drill(self, clubs, period, currency, product):
        mine = clubs.filtered(lambda club: club.currency_id == currency)
        return "sale.order.line", [
            ("product_id", "=", product),
            ("state", "=", "sale"),
            ("company_id", "in", mine.company_id.ids),
            ("order_id.date_order", ">=", min(period.bounds(club.tz)[0] for club in mine)),
            ("order_id.date_order", "<", max(period.bounds(club.tz)[1] for club in mine)),
        ]

    @api.model
    def _read_products(self, clubs, period, groups):
        """Sales by (currency, product) and group, ``None`` for all members; products beyond the best are 0.

        SQL: ranks products by what all members bought, then adds the others up in one row.
        """
        windows = self._get_windows(clubs, [(0, 0, period)])
        members = (
            "SELECT currency_id, member_id, CASE WHEN reward OR product_id IS NULL THEN 0 ELSE product_id END"
            " AS product_id, SUM(amount) AS amount FROM %s p WHERE member_id IS NOT NULL GROUP BY 1, 2, 3"
        )
        rows = self._read_rows(
            SQL(
                """
                WITH bought AS MATERIALIZED (%(purchases)s
                ), seen AS MATERIALIZED (%(seen)s), ranked AS (
                    SELECT currency_id, product_id, ROW_NUMBER() OVER (
                           PARTITION BY currency_id ORDER BY SUM(amount) DESC, product_id) AS place
                      FROM bought WHERE product_id <> 0 GROUP BY currency_id, product_id
                ), place AS (
                    SELECT currency_id, product_id,
                           CASE WHEN place <= %(most)s THEN product_id ELSE 0 END AS row FROM ranked
                )
                SELECT currency_id, COALESCE(place.row, 0) AS product_id, NULL::int AS group_id, SUM(amount) AS amount
                  FROM bought LEFT JOIN place USING (currency_id, product_id) GROUP BY 1, 2
             UNION ALL
                SELECT currency_id, COALESCE(place.row, 0), g.group_id, SUM(amount)
                  FROM seen LEFT JOIN place USING (currency_id, product_id) JOIN %(groups)s g USING (member_id)
                 GROUP BY 1, 2, 3
                """,
                purchases=SQL(members, self._get_purchases(clubs, windows)),
                seen=SQL(members, self._get_purchase_lines(clubs, windows))
                if self._is_shared(clubs)
                else SQL("SELECT * FROM bought"),
                groups=groups,
                most=self._get_most(),
            )
        )
        found = {}
        for row in rows:
            found.setdefault((row["currency_id"], row["product_id"]), {})[row["group_id"]] = row["amount"]
        return found
