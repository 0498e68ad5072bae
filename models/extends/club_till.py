"""Refunds at the till: points come back with the reward that is returned.

Odoo's till gives no points back when a line that points have paid for is refunded. The till is no dependency of the
club, so its models cannot be extended here: the orders that earning marks as they are paid are looked at, and a job
finds what that misses.
"""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.models.earning.club_purchase import DIRTY, TILL
from odoo.tools import SQL

#: Days that the job looks back; refunds found before cost one index look each.
DAYS = 7


class ClubPurchase(models.AbstractModel):
    _inherit = "club.purchase"

    def _settle_marked(self):
        tills = sorted(self.env.cr.precommit.data.get(DIRTY, {}).get(TILL, ()))
        super()._settle_marked()
        if tills:
            self.env["club.till"]._give_back_refunds(SQL("o.id = ANY(%s)", tills))


class ClubTill(models.AbstractModel):
    _name = "club.till"
    _description = "Points at the Till"

    @api.model
    def _cron_give_back(self):
        """Give back what refunded rewards had cost. Does nothing without a till; may be called again and again."""
        since = fields.Datetime.now() - timedelta(days=DAYS)
        return self._give_back_refunds(SQL("o.date_order >= %s", since))

    @api.model
    def _give_back_refunds(self, which):
        """Give back the points of rewards that were refunded at the till, each refund once.

        Never more comes back than the order had spent and has not given back yet.

        :param SQL which: a condition on the refunding order, ``o``.
        :return: the reversing entries.
        """
        Entry = self.env["club.point.entry"].sudo()
        given = Entry.browse()
        refunds = self._read_refunds(which)
        if not refunds:
            return given
        spends = Entry.search(
            [
                ("kind", "=", "spend"),
                ("origin_model", "=", TILL),
                ("origin_id", "in", [sold for _refund, sold, _card, _points in refunds]),
            ]
        )
        back = Entry.search([("reverses_id", "in", spends.ids)])
        by_sale = spends.grouped(lambda entry: (entry.origin_id, entry.card_id.id))
        for refund, sold, card, points in refunds:
            key = f"{TILL},{refund}:give-back"
            of_sale = by_sale.get((sold, card), Entry.browse())
            if of_sale and not any(entry.key.startswith(f"{key}:") and entry.reverses_id in of_sale for entry in back):
                given |= of_sale._give_back(points, key)
        return given

    def _read_refunds(self, which):
        """``(refund, sold order, card, points)`` of refunded lines that club points had paid for.

        SQL, for the till's models are not known to this addon; one query for all.

        :rtype: list[tuple[int, int, int, Decimal]]
        """
        programs = self.env["loyalty.program"]._get_club_program_ids()
        if TILL not in self.env or "points_cost" not in self.env["pos.order.line"]._fields or not programs:
            return []
        self.env["pos.order.line"].flush_model()
        self.env["pos.order"].flush_model(["state", "date_order"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT refund.order_id, sold.order_id, sold.coupon_id,
                       SUM(sold.points_cost * LEAST(-refund.qty / sold.qty, 1))
                  FROM pos_order o
                  JOIN pos_order_line refund ON refund.order_id = o.id AND refund.qty < 0
                  JOIN pos_order_line sold ON sold.id = refund.refunded_orderline_id
                       AND sold.points_cost > 0 AND sold.qty > 0
                  JOIN loyalty_card card ON card.id = sold.coupon_id AND card.program_id = ANY(%(programs)s)
                 WHERE o.state IN ('paid', 'done') AND %(which)s
                 GROUP BY refund.order_id, sold.order_id, sold.coupon_id
                 ORDER BY refund.order_id
                """,
                programs=list(programs),
                which=which,
            )
        )
        return [
            (refund, sold, card, engine_lots.quantize(Decimal(str(points)), 2)) for refund, sold, card, points in rows
        ]
