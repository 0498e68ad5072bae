"""Take plays of a draw back, with a reason."""

from odoo import fields, models


class ClubDrawVoid(models.TransientModel):
    _name = "club.draw.void"
    _description = "Take Plays Back"
    _inherit = "club.bounded"

    play_ids = fields.Many2many("club.draw.play", required=True, readonly=True)
    reason = fields.Char(required=True, help="Which the member may read.")

    def action_void(self):
        """Give the points of these plays back, and take back what they won. For managers."""
        self.ensure_one()
        self.play_ids.check_access("read")
        self.play_ids.draw_id.check_access("write")
        self.play_ids._void(self.reason)
        return {"type": "ir.actions.act_window_close"}
