"""A report that is the letter to a club's owner."""

from odoo import api, fields, models


class ClubReport(models.Model):
    _inherit = "club.report"

    letter_club_id = fields.Many2one(
        "club.club",
        string="Letter Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The club whose settings say who gets this report every month.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        reports = super().create(vals_list)
        reports._check_letter_maker()
        return reports

    def write(self, vals):
        res = super().write(vals)
        if "letter_club_id" in vals:
            self._check_letter_maker()
        return res

    def _check_letter_maker(self):
        """Only who sets up a club's letter says which report it is; whoever composes one of their own does not."""
        if self.letter_club_id and not self.env.su:
            self.letter_club_id._check_letter_access()
