"""Facts of the manager's own making, which other systems or staff report by a code."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubCustomFact(models.Model):
    """A kind of fact that Odoo knows nothing of (packaging returned, a tour taken), so that rules can reward it."""

    _name = "club.custom.fact"
    _description = "Custom Fact"
    _inherit = "club.coded"
    _order = "club_id, name, id"

    name = fields.Char(required=True, translate=True, help="How the fact reads in a rule, e.g. returned packaging.")
    code = fields.Char(help="What other systems send: small letters, digits, hyphens. It never changes.")
    description = fields.Text(string="What It Means", help="For whoever reports it: when does it count?")
    active = fields.Boolean(default=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["club.earn.rule"]
            .sudo()
            .with_context(active_test=False)
            .search([("custom_fact_ids", "in", self.ids)], limit=1)
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
