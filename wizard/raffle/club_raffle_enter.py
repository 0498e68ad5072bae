"""A free entry that came by post, telephone or at the counter."""

from odoo import fields, models
from odoo.exceptions import AccessError


class ClubRaffleEnter(models.TransientModel):
    _name = "club.raffle.enter"
    _description = "Free Entry of a Member"
    _inherit = "club.bounded"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True)
    club_id = fields.Many2one(related="raffle_id.club_id")
    member_id = fields.Many2one("club.member", required=True, domain="[('club_id', '=', club_id)]")

    def action_confirm(self):
        """Give the member its free ticket."""
        self.ensure_one()
        if not self.env.user.has_group("customer_club.group_club_user"):
            raise AccessError(self.env._("Only the club's staff enter members. Ask one of them."))
        self.raffle_id.check_access("read")
        self.member_id.check_access("read")
        ticket = self.raffle_id._enter_free(self.member_id, f"staff,{self.id}", by_staff=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Entered with ticket %(code)s.", code=ticket.code),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
