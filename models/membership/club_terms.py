"""Versions of a club's terms, and what each member agreed to."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubTerms(models.Model):
    """A published text of a club's terms. It never changes: a new text is a new version."""

    _name = "club.terms"
    _description = "Club Terms"
    _order = "club_id, version desc"

    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    version = fields.Integer(required=True, readonly=True)
    body = fields.Html(required=True, readonly=True, translate=True)
    published_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="Published By", readonly=True, default=lambda self: self.env.uid)

    _version_unique = models.Constraint("UNIQUE(club_id, version)", "A club has each version of its terms once.")

    @api.depends("club_id.name", "version")
    def _compute_display_name(self):
        for terms in self:
            terms.display_name = self.env._(
                "%(club)s: terms, version %(version)s", club=terms.club_id.name, version=terms.version
            )

    def write(self, vals):
        if not self.env.su:
            raise UserError(
                self.env._("Published terms never change. Edit the terms on the club: that makes a new version.")
            )
        return super().write(vals)
