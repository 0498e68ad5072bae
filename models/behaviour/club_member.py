"""What a member does, on the member."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    behaviour_ids = fields.One2many("club.behaviour", "member_id", string="Behaviour", readonly=True)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state", "active") != "active":
            self.env["club.behaviour"].sudo().search([("member_id", "in", self.ids)]).unlink()
        return result
