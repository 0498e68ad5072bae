"""Facts of the manager's own making, which other systems or staff report by a code."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input
from odoo.exceptions import UserError, ValidationError


class ClubCustomFact(models.Model):
    """A kind of fact that Odoo knows nothing of (packaging returned, a tour taken), so that rules can reward it."""

    _name = "club.custom.fact"
    _description = "Custom Fact"
    _order = "club_id, name, id"

    name = fields.Char(required=True, translate=True, help="How the fact reads in a rule, e.g. returned packaging.")
    code = fields.Char(required=True, help="What other systems send: small letters, digits, hyphens. It never changes.")
    description = fields.Text(string="What It Means", help="For whoever reports it: when does it count?")
    club_id = fields.Many2one(
        "club.club",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1),
    )
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("UNIQUE(club_id, code)", "This club has a fact with this code already.")

    @api.constrains("code")
    def _check_code(self):
        for fact in self:
            if not api_input.accepts(api_input.code, fact.code):
                raise ValidationError(
                    self.env._(
                        "The code %(code)s of the fact %(fact)s cannot be used. "
                        "Write small letters, digits and hyphens, at most 40, for example packaging-returned.",
                        code=fact.code,
                        fact=fact.name,
                    )
                )

    def write(self, vals):
        for fact in self:
            if ("code" in vals and vals["code"] != fact.code) or (
                "club_id" in vals and vals["club_id"] != fact.club_id.id
            ):
                raise UserError(
                    self.env._(
                        "Other systems know the fact %(fact)s by its code and its club, so these stay. "
                        "Archive it and make another one.",
                        fact=fact.name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["club.earn.rule"].sudo().with_context(active_test=False).search(
            [("custom_fact_ids", "in", self.ids)], limit=1
        )
        if used:
            raise UserError(
                self.env._(
                    "The rule %(rule)s rewards the fact %(fact)s. Archive the fact instead.",
                    rule=used.name,
                    fact=(used.custom_fact_ids & self)[0].name,
                )
            )

    def _get_by_code(self, club, code):
        """The active fact of a club with a code, or none."""
        return self.sudo().search([("club_id", "=", club.id), ("code", "=", code)], limit=1)
