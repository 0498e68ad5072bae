"""Cancelling, refusing or taking back, with the reason that the member reads."""

from odoo import fields, models
from odoo.addons.customer_club.models.prize.club_redemption_state import MANAGER, REASON_LENGTH, USER
from odoo.exceptions import UserError


class ClubRedemptionClose(models.TransientModel):
    _name = "club.redemption.close"
    _description = "Close a Redemption"
    _inherit = "club.bounded"

    redemption_id = fields.Many2one("club.redemption", required=True, readonly=True)
    state = fields.Selection(
        [("cancelled", "Cancel"), ("refused", "Refuse"), ("returned", "Take back")],
        default="cancelled",
        required=True,
        readonly=True,
    )
    reason = fields.Char(size=REASON_LENGTH, help="The member reads it.")
    restock = fields.Boolean(
        string="Can Be Given Again", default=True, help="What was taken back goes into the stock of the prize."
    )

    def action_close(self):
        """Do it: the points go back to the lots they came from."""
        self.ensure_one()
        redemption = self.redemption_id
        redemption._check_staff(USER if self.state == "cancelled" else MANAGER)
        redemption._check_not_own()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: %(member)s reads it.", member=redemption.member_id.display_name))
        redemption._update_state(self.state, self.reason.strip(), restock=self.restock)
        return {"type": "ir.actions.act_window_close"}
