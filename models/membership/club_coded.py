"""What other systems know by a code within its club."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input
from odoo.exceptions import UserError, ValidationError


class ClubCoded(models.AbstractModel):
    """To be inherited by what other systems know by a code within its club."""

    _name = "club.coded"
    _description = "Known by a Code"
    _inherit = "club.owned"

    code = fields.Char(required=True, help="What other systems send: small letters, digits, hyphens.")

    _code_unique = models.Constraint("UNIQUE(club_id, code)", "This club has one with this code already.")

    @api.constrains("code")
    def _check_code(self):
        for record in self:
            if not api_input.accepts(api_input.code, record.code):
                raise ValidationError(
                    self.env._(
                        "The code %(code)s of %(record)s cannot be used. Write small letters, digits and hyphens, at "
                        "most 40, for example packaging-returned.",
                        code=record.code,
                        record=record.name,
                    )
                )

    def write(self, vals):
        for record in self:
            code, club = vals.get("code", record.code), vals.get("club_id", record.club_id.id)
            if (code, club) != (record.code, record.club_id.id) and record._is_code_known():
                raise UserError(
                    self.env._(
                        "Other systems know %(record)s by its code and its club, so these stay. Archive it and make "
                        "another one.",
                        record=record.name,
                    )
                )
        return super().write(vals)

    def _is_code_known(self):
        """Whether another system may have used the code already; then it stays."""
        return True
