"""The counter's sale at work: what it would give, then the order, its payment and the goods."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError


class ClubCounter(models.AbstractModel):
    _inherit = "club.counter"

    # -- preview -----------------------------------------------------------------------------------

    def _preview(self, member, asked):
        club, card = member.club_id, member.sudo().card_id
        problem = ""
        # Whoever has typed nothing yet sees what there is to be had.
        empty = not (asked["amount"] or asked["lines"] or asked["reward_id"])
        order = self._build_order(member, {**asked, "amount": Decimal(1)} if empty else asked)
        if empty:
            order.order_line.unlink()
        try:
            with self.env.cr.savepoint():
                self._apply_reward(order, member, asked)
        except UserError as error:
            problem = str(error)
        spending = order._prepare_portal_spending(club.sudo().with_env(order.env), card)
        earnings = [
            shown for shown in club._show_earnings(order._club_preview() if not empty else []) if shown["club"] == club
        ]
        refusals = order._get_club_access_refusals()
        return {
            "total": club._show_money(order.amount_total),
            "saved": "".join(row["saved"] for row in spending["rewards"] if row["saved"])[:40],
            "used": spending["used"],
            "left": spending["left"],
            "lines": [
                {
                    "name": line.product_id.name or line.name,
                    "quantity": line.product_uom_qty,
                    "total": club._show_money(line.price_total),
                }
                for line in order.order_line
                if not line.display_type
            ],
            "earns": earnings[0]["points"] if earnings else "",
            "why": earnings[0]["lines"] if earnings else [],
            "rewards": [self._show_reward(club, row, empty) for row in spending["rewards"]],
            "problem": problem or "\n".join(refusals),
        }

    def _show_reward(self, club, row, empty):
        """One reward as the page offers it."""
        reward = row["reward"]
        return {
            "id": reward.id,
            "name": row["name"],
            "cost": row["cost"],
            "per_point": row["per_point"],
            "most": str(row["most"]),
            "most_text": club._show_points(row["most"]),
            "worth": row["worth"],
            "used": bool(row["used"]),
            "short": row["short"],
            "note": row["note"],
            "bounds": row.get("bounds", ""),
            # A free product can be had without buying anything, a discount cannot.
            "possible": not row["short"]
            and (bool(row["most"]) if row["per_point"] else row["claimable"] or bool(row["used"]) or empty),
            "products": [{"id": product.id, "name": product.display_name} for product in reward.reward_product_ids]
            if reward.multi_product
            else [],
        }

    # -- selling -----------------------------------------------------------------------------------

    def _sell(self, member, asked, journal):
        """Make, confirm, hand over, invoice and pay the order (sudo).

        :raise UserError: what is in the way; the transaction is then to be rolled back.
        """
        order = self._build_order(member, asked)
        if asked["reward_id"] and not order._lock_spending():
            raise UserError(
                self.env._(
                    "The points of %(member)s are in use at this moment. Nothing was sold: try again in a second.",
                    member=member.partner_id.name,
                )
            )
        self._apply_reward(order, member, asked)
        refusals = order._get_club_access_refusals()
        if refusals:
            raise UserError("\n".join([*refusals, self.env._("Nothing was sold.")]))
        order.action_confirm()
        self._hand_over(order)
        invoice = order._create_invoices()
        invoice.action_post()
        self._pay(invoice, journal)
        order.message_post(body=self.env._("Sold at the counter by %(user)s.", user=self.env.user.name))
        # What it earned is to be seen at once, not only when the request ends.
        self.env["club.purchase"].sudo()._settle_marked()
        return order

    def _pay(self, invoice, journal):
        """Register the whole payment of an invoice or a credit note."""
        if not invoice.currency_id.is_zero(invoice.amount_residual):
            register = (
                self.env["account.payment.register"]
                .sudo()
                .with_company(invoice.company_id)
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"journal_id": journal.id})
            )
            register._create_payments()
        if invoice.payment_state not in ("paid", "in_payment", "reversed"):
            raise UserError(
                self.env._(
                    "%(invoice)s could not be paid in full by %(journal)s. Nothing was done: choose another way to "
                    "pay, or ask your accountant to look at this journal.",
                    invoice=invoice.name,
                    journal=journal.name,
                )
            )

    def _hand_over(self, order):
        """The customer takes the goods along: what is invoiced when delivered is delivered."""
        for line in order.order_line:
            if line.product_id and line.qty_delivered_method == "manual":
                line.qty_delivered = line.product_uom_qty
        if "picking_ids" in order._fields:
            self._validate_pickings(order.picking_ids)

    def _validate_pickings(self, pickings):
        """Finish transfers with everything that they move, where stock is kept."""
        for picking in pickings.filtered(lambda picking: picking.state not in ("done", "cancel")).sorted("id"):
            tracked = picking.move_ids.filtered(lambda move: move.product_id.tracking != "none").product_id[:1]
            if tracked:
                raise UserError(
                    self.env._(
                        "%(product)s has lots or serial numbers, which the counter does not ask for. Nothing was done: "
                        "make a sales order and a delivery.",
                        product=tracked.display_name,
                    )
                )
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
                move.picked = True
            picking.with_context(skip_sms=True, skip_backorder=True).button_validate()
            if picking.state != "done":
                raise UserError(
                    self.env._(
                        "The transfer %(picking)s could not be finished. Nothing was done: make a sales order and a "
                        "delivery.",
                        picking=picking.name,
                    )
                )
