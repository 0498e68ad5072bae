"""Prizes of a member: what becomes of them when the member leaves, is merged or forgotten."""

from odoo import fields, models

from .club_redemption import OPEN, OURS


class ClubMember(models.Model):
    _inherit = "club.member"

    redemption_ids = fields.One2many("club.redemption", "member_id", string="Prizes")
    redemption_count = fields.Integer(compute="_compute_redemption_count", string="Prizes Redeemed")

    def _compute_redemption_count(self):
        counts = dict(
            self.env["club.redemption"]._read_group([("member_id", "in", self.ids)], ["member_id"], ["__count"])
        )
        for member in self:
            member.redemption_count = counts.get(member, 0)

    def action_view_redemptions(self):
        """Open the prizes of this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Prizes of %(member)s", member=self.display_name),
            "res_model": "club.redemption",
            "view_mode": "list,form",
            "domain": [("member_id", "=", self.id)],
        }

    def _find_redemptions(self, *states):
        return self.env["club.redemption"].sudo().search([("member_id", "in", self.ids), ("state", "in", states)])

    def _leave(self, note=None):
        """What waits for a yes or a payment comes to nothing, so that its points go as the others do; what is ready
        is the member's, and can still be fetched.
        """
        active = self.sudo().filtered(lambda member: member.state == "active")
        active._cancel_redemptions(self.env._("The member left the club"), "requested", "approved")
        return super()._leave(note)

    def _erase_one(self, reason):
        """Nobody is left to hand anything over to; what was written about the person goes."""
        self._cancel_redemptions(self.env._("The member was erased"), *OPEN)
        redemptions = self.env["club.redemption"].sudo().search([("member_id", "=", self.id)])
        redemptions._step({"coupon_id": False, "reason": False})
        redemptions.message_ids.sudo().unlink()
        redemptions.message_follower_ids.sudo().unlink()
        return super()._erase_one(reason)

    def _cancel_redemptions(self, reason, *states):
        """Cancel what these members did not get yet; money that is on its way keeps its order."""
        waiting = self._find_redemptions(*states).filtered(
            lambda redemption: not redemption.order_id._club_is_payment_open()
        )
        if waiting:
            waiting._update_state("cancelled", reason)

    def _absorb_into(self, heir):
        """Prizes move to the member that remains: they can be fetched, and count for its limits."""
        self.env["club.redemption"].sudo().search([("member_id", "in", self.ids)]).with_context(
            club_redemption=OURS
        ).write({"member_id": heir.id})
        return super()._absorb_into(heir)
