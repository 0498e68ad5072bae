"""Points that a member has set aside for orders being paid, told to the member."""

from datetime import timedelta

from odoo import models
from odoo.tools import format_time


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_held_orders(self):
        """Unconfirmed orders whose payment holds points of this member, the newest first.

        :return: dicts of ``order`` (sudo), ``points`` (Decimal) and ``until`` (UTC; ``None``: the provider decides).
        :rtype: list[dict]
        """
        self.ensure_one()
        card = self.sudo().card_id
        held = self.env["club.point.entry"].sudo()._read_held_by_orders({card.id})[card.id]
        orders = self.env["sale.order"].sudo().browse(sorted((order for order in held if order), reverse=True))
        rows = []
        for order in orders:
            transactions = order.transaction_ids
            begun = transactions.filtered(lambda transaction: transaction.state == "draft")
            decided = transactions.filtered(lambda tx: tx.state in ("pending", "authorized", "done"))
            until = None
            if begun and not decided:
                until = max(begun.mapped("create_date")) + timedelta(minutes=self.sudo().club_id.spend_hold_minutes)
            rows.append({"order": order, "points": held[order.id], "until": until})
        return rows

    def _get_portal_holds(self, besides=None):
        """What is set aside for orders being paid, as sentences for the member.

        :param besides: an order that is left out: in its own cart its points are not missing.
        :rtype: list[str]
        """
        _ = self.env._
        club = self.club_id
        sentences = []
        for row in self._get_held_orders():
            if row["order"] == besides:
                continue
            values = {"points": club._show_points(row["points"]), "order": row["order"].name}
            if row["until"]:
                time = format_time(self.env, row["until"], tz=club.tz, time_format="short")
                sentences.append(
                    _(
                        "%(points)s are set aside for order %(order)s while you pay; free again at %(time)s if it is "
                        "not finished.",
                        time=time,
                        **values,
                    )
                )
            else:
                sentences.append(
                    _("%(points)s are set aside for order %(order)s until its payment is decided.", **values)
                )
        return sentences
