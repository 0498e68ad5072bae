"""Points that a member has set aside for orders being paid, told to the member."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_time


class ClubMember(models.Model):
    _inherit = "club.member"

    def _leave(self, note=None):
        self._check_not_paying()
        return super()._leave(note)

    def _check_not_paying(self):
        """Nobody leaves while a payment holds points: once it is taken, its order must find them (never 22).

        :raises UserError: with the order; nothing was changed.
        """
        for member in self.sudo().filtered(lambda member: member.state == "active"):
            buyers = member._get_buyers()
            orders = [row["order"] for row in member._get_held_orders()]
            for account in member._get_spendable_accounts():
                orders += [row["order"] for row in account._get_held_orders() if row["order"].partner_id in buyers]
            if orders:
                raise UserError(
                    self.env._(
                        "%(order)s is being paid, partly with points of %(member)s. Nothing was changed: wait until "
                        "the payment has ended, or cancel the order first.",
                        order=orders[0].name,
                        member=member.display_name,
                    )
                )

    def _merge_into(self, to_member, key):
        """What unconfirmed orders claim follows the points, and with it what a payment holds (never 13, 22)."""
        entries = super()._merge_into(to_member, key)
        self.sudo().card_id._club_move_claims(self.sudo().merged_into_id.card_id)
        return entries

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
