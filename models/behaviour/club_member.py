"""What a member does, on the member."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    behaviour_ids = fields.One2many("club.behaviour", "member_id", readonly=True)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state", "active") != "active":  # who leaves, is merged or erased is no longer profiled
            self.env["club.behaviour"].sudo().search([("member_id", "in", self.ids)]).unlink()
        return result

    def _get_counter_words(self):
        words = super()._get_counter_words()
        behaviour = self.sudo().behaviour_ids
        if behaviour.stage in ("at_risk", "lapsed", "won_back"):
            words.append((65, behaviour._explain_rhythm()))
        return words
