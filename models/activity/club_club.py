"""Which answers a club asks for."""

from odoo import api, fields, models


class ClubClub(models.Model):
    _inherit = "club.club"

    profile_field_ids = fields.One2many("club.profile.field", "club_id", string="Profile", copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        """A new club asks for the usual answers, unless it is told which."""
        clubs = super().create(vals_list)
        asked = clubs.filtered(lambda club: not club.profile_field_ids)
        told = {club for club, vals in zip(clubs, vals_list, strict=True) if "profile_field_ids" in vals}
        Question = self.env["club.profile.field"].sudo()
        Question.create([vals for club in asked if club not in told for vals in Question._prepare_usual_values(club)])
        return clubs

    def action_ask_usual(self):
        """Ask for the usual answers, beside what is asked already."""
        self.check_access("write")
        Question = self.env["club.profile.field"]
        known = {(question.club_id.id, question.kind) for question in self.profile_field_ids}
        Question.create(
            [
                vals
                for club in self
                for vals in Question._prepare_usual_values(club)
                if (vals["club_id"], vals["kind"]) not in known
            ]
        )
