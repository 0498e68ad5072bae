"""Odoo's wizard that writes a balance: on a club card it makes an adjustment."""

from odoo import models
from odoo.exceptions import UserError


class LoyaltyCardUpdateBalance(models.TransientModel):
    _inherit = "loyalty.card.update.balance"

    def action_update_card_point(self):
        """On a club card, ask for an adjustment by the difference instead of writing the balance."""
        self.ensure_one()
        if not self.card_id._club_cards():
            return super().action_update_card_point()
        member = self.card_id._club_member().sudo(False)
        if not member:
            raise UserError(
                self.env._(
                    "The card %(card)s belongs to no member, so it can hold no points. Enrol the customer in the "
                    "club first.",
                    card=self.card_id.code,
                )
            )
        points = round(self.new_balance - self.card_id.points, 2)
        if not points or self.new_balance < 0:
            raise UserError(
                self.env._(
                    "The new balance of %(member)s must be zero or more and differ from %(points)s.",
                    member=member.display_name,
                    points=self.card_id.points,
                )
            )
        adjustment = self.env["club.point.adjustment"].create(
            {"member_id": member.id, "points": points, "reason": self.description}
        )
        adjustment.action_submit()
        return {
            "type": "ir.actions.act_window",
            "res_model": adjustment._name,
            "res_id": adjustment.id,
            "views": [(False, "form")],
        }
