"""Points that an unfinished payment holds cannot be spent elsewhere."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.tools import SQL


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    @api.model
    def _get_held_points(self, asked):
        held = super()._get_held_points(asked)
        by_card = self._read_held_by_orders({card for card, _model, _id in asked})
        for triple in asked:
            card, model, res_id = triple
            others = sum(
                (points for order, points in by_card[card].items() if (model, res_id) != ("sale.order", order)),
                Decimal(0),
            )
            if others:
                held[triple] = held.get(triple, Decimal(0)) + others
        return held

    @api.model
    def _read_held_by_orders(self, card_ids):
        """Points promised by unconfirmed orders whose payment is under way: derived from their lines, in one query.

        Points whose last day has passed, though no job has run yet, are held from everybody (order ``None``):
        posting a spend expires them first (never.md 3 and 8).

        :return: dict card id → dict order id → Decimal points.
        """
        held, now = defaultdict(dict), fields.Datetime.now()
        if not card_ids:
            return held
        self.env["sale.order.line"].flush_model(["points_cost", "coupon_id"])
        self.env["sale.order"].flush_model(["state"])
        self.env["payment.transaction"].flush_model(["state"])
        for card, order, points in self.env.execute_query(
            SQL(
                """
            SELECT line.coupon_id, line.order_id, SUM(line.points_cost)
              FROM sale_order_line line
              JOIN sale_order o ON o.id = line.order_id
             WHERE line.coupon_id = ANY(%s) AND line.points_cost > 0 AND o.state IN ('draft', 'sent')
               AND %s
             GROUP BY line.coupon_id, line.order_id
             UNION ALL
            SELECT lot.card_id, NULL, SUM(lot.remaining)
              FROM club_point_lot lot JOIN club_club club ON club.id = lot.club_id
             WHERE lot.card_id = ANY(%s) AND lot.state = 'open'
               AND lot.expires_on <= (%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE club.tz)::date
             GROUP BY lot.card_id
            """,
                sorted(card_ids),
                self._get_paying_condition(),
                sorted(card_ids),
                now,
            )
        ):
            held[card][order] = engine_lots.to_decimal(points)
        return held

    @api.model
    def _get_paying_condition(self):
        """SQL: whether a payment of the order of ``line`` and ``o`` is under way.

        A payment that was only begun counts for the club's minutes: then the customer has most likely walked away.

        :rtype: SQL
        """
        self.env["club.club"].flush_model(["spend_hold_minutes"])
        return SQL(
            """EXISTS (
                   SELECT FROM sale_order_transaction_rel rel
                     JOIN payment_transaction tx ON tx.id = rel.transaction_id
                     JOIN loyalty_card held_card ON held_card.id = line.coupon_id
                     JOIN club_club held_club ON held_club.program_id = held_card.program_id
                    WHERE rel.sale_order_id = o.id
                      AND (tx.state IN ('pending', 'authorized', 'done')
                           OR (tx.state = 'draft'
                               AND tx.create_date
                                   > %s::timestamp - make_interval(mins => held_club.spend_hold_minutes)))
               )""",
            fields.Datetime.now(),
        )
