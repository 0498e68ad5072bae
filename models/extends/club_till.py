"""Refunds at the till: points come back with the reward that is returned.

Odoo's till gives no points back when a line that points have paid for is refunded. The till is no dependency of the
club, so its models cannot be extended here; a job looks at what was refunded instead.
"""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.tools import SQL

#: Days that the job looks back; refunds found before cost one index look each.
DAYS = 7


class ClubTill(models.AbstractModel):
    _name = "club.till"
    _description = "Points at the Till"

    @api.model
    def _cron_give_back(self):
        """Give back what refunded rewards had cost. Does nothing without a till; may be called again and again."""
        return self._give_back_refunds(fields.Datetime.now() - timedelta(days=DAYS))

    @api.model
    def _give_back_refunds(self, since):
        """Give back the points of rewards that were refunded at the till since a moment, each refund once.

        Never more comes back than the order had spent and has not given back yet.

        :param datetime since: UTC
        :return: the reversing entries.
        """
        Entry = self.env["club.point.entry"].sudo()
        given = Entry.browse()
        refunds = self._read_refunds(since)
        if not refunds:
            return given
        spends = Entry.search(
            [
                ("kind", "=", "spend"),
                ("origin_model", "=", "pos.order"),
                ("origin_id", "in", [sold for _refund, sold, _card, _points in refunds]),
            ]
        )
        back = Entry.search([("reverses_id", "in", spends.ids)])
        by_sale = spends.grouped(lambda entry: (entry.origin_id, entry.card_id.id))
        for refund, sold, card, points in refunds:
            key = f"pos.order,{refund}:give-back"
            of_sale = by_sale.get((sold, card), Entry.browse())
            if of_sale and not any(entry.key.startswith(f"{key}:") and entry.reverses_id in of_sale for entry in back):
                given |= of_sale._give_back(points, key)
        return given

    def _read_refunds(self, since):
        """``(refund, sold order, card, points)`` of refunded lines that club points had paid for.

        SQL, for the till's models are not known to this addon; one query for all.

        :rtype: list[tuple[int, int, int, Decimal]]
        """
        programs = self.env["loyalty.program"]._get_club_program_ids()
        if "pos.order" not in self.env or "points_cost" not in self.env["pos.order.line"]._fields or not programs:
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
                 WHERE o.state IN ('paid', 'done') AND o.date_order >= %(since)s
                 GROUP BY refund.order_id, sold.order_id, sold.coupon_id
                 ORDER BY refund.order_id
                """,
                programs=list(programs),
                since=since,
            )
        )
        return [
            (refund, sold, card, engine_lots.quantize(Decimal(str(points)), 2)) for refund, sold, card, points in rows
        ]
