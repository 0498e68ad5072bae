"""Call a raffle off, or draw again: with a reason that everybody can read."""

from odoo import fields, models


class ClubRaffleVoid(models.TransientModel):
    _name = "club.raffle.void"
    _description = "Call a Raffle Off"
    _inherit = "club.bounded"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True)
    state = fields.Selection(related="raffle_id.state")
    reason = fields.Char(required=True, help="Published on the raffle's page.")

    def action_void(self):
        """Call the raffle off; the points go back."""
        self.ensure_one()
        self.raffle_id.check_access("write")
        self.raffle_id.sudo()._void(self.reason)

    def action_redraw(self):
        """Make the raffle that replaces this one, as a draft."""
        self.ensure_one()
        self.raffle_id.check_access("write")
        again = self.raffle_id._redraw(self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.raffle",
            "res_id": again.id,
            "views": [(False, "form")],
        }
