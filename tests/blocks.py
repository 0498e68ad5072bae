"""What the tests of the blocks of reports share: sales on given days, and the tables that tell of them."""

from datetime import date, datetime

from odoo import Command
from odoo.addons.customer_club.engine.reporting import Period
from odoo.addons.customer_club.tests.common import ClubCase

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))


class BlockCase(ClubCase):
    """The small club, whose members joined before the periods of the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.join(cls.member | cls.member_2, datetime(2025, 6, 1, 12))

    @classmethod
    def join(cls, members, at):
        members.sudo().write({"joined_at": at})
        cls.env.flush_all()
        # The history of tiers is append-only, so only SQL puts the test's joining into the past.
        cls.env.cr.execute(
            "UPDATE club_tier_history SET date = %s WHERE member_id = ANY(%s) AND reason = 'join'", (at, members.ids)
        )
        cls.env.invalidate_all()

    @classmethod
    def buy(cls, partner, at, quantity=1, product=None, price=None, company=None):
        """A confirmed order of roses at 10 each, made at an instant (UTC)."""
        line = {"product_id": (product or cls.product).id, "product_uom_qty": quantity, "tax_ids": False}
        if price is not None:
            line["price_unit"] = price
        values = {"partner_id": partner.id, "order_line": [Command.create(line)]}
        Order = cls.env["sale.order"]
        if company:
            Order, values["company_id"] = Order.with_company(company), company.id
        order = Order.create(values)
        order.action_confirm()
        order.date_order = at
        return order

    def read(self, kind, period=MARCH, comparison=None, clubs=None):
        """The table of a block, as it is shown to somebody who may read everything."""
        self.env.flush_all()
        return self.env[f"club.report.block.{kind}"]._make_table(clubs or self.club, period, comparison)

    def column(self, table, key, of=None):
        """The cells of a column; as a dict by another column's cells if named."""
        if of:
            return {row[of]: row[key] for row in table.rows}
        return [row[key] for row in table.rows]

    def figure(self, table, label):
        """(value, value before) of a figure above the chart."""
        return next((figure[1], *figure[3:]) for figure in table.figures if figure[0] == label)
