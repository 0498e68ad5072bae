"""Give free plays of a draw to members, or to everybody of a segment."""

from odoo import fields, models
from odoo.exceptions import UserError

MOST = 10_000


class ClubDrawGive(models.TransientModel):
    _name = "club.draw.give"
    _description = "Give Free Plays"
    _inherit = "club.bounded"

    draw_id = fields.Many2one("club.draw", required=True, readonly=True, ondelete="cascade")
    club_id = fields.Many2one(related="draw_id.club_id")
    member_ids = fields.Many2many(
        "club.member", string="Members", domain="[('club_id', '=', club_id), ('state', '=', 'active')]"
    )
    segment_id = fields.Many2one(
        "club.segment", domain="[('club_id', '=', club_id)]", help="Everybody who belongs to it now."
    )
    number = fields.Integer(string="Free Plays Each", default=1, required=True)
    date_to = fields.Date(string="Until", help="Last day, included. Empty: as long as the draw is open.")
    reason = fields.Char(required=True, help="Why, for your colleagues.")

    def action_give(self):
        """Give them, once to each; who belongs to the segment and is named gets them once too."""
        self.ensure_one()
        self.env["club.draw.chance"].check_access("create")
        members = self.member_ids
        if self.segment_id:
            members |= self.env["club.member"].search(
                [*self.segment_id._get_domain(), ("state", "=", "active")], limit=MOST + 1
            )
        if not members:
            raise UserError(self.env._("Nobody would get a free play. Choose members, or a segment that has some."))
        if len(members) > MOST:
            raise UserError(
                self.env._("More than %(most)s members at once are too many. Choose a smaller segment.", most=MOST)
            )
        if self.number < 1:
            raise UserError(self.env._("Give at least one free play of %(draw)s.", draw=self.draw_id.display_name))
        self.env["club.draw.chance"].create(
            [
                {
                    "draw_id": self.draw_id.id,
                    "member_id": member.id,
                    "number": self.number,
                    "date_to": self.date_to,
                    "reason": self.reason,
                }
                for member in members
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Free Plays of %(draw)s", draw=self.draw_id.name),
            "res_model": "club.draw.chance",
            "views": [(False, "list")],
            "domain": [("draw_id", "=", self.draw_id.id)],
        }
