"""The log of erasures of personal data."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class ClubErasure(models.Model):
    """Who erased whose data, when: without the data."""

    _name = "club.erasure"
    _description = "Club Erasure Log"
    _order = "id desc"
    _rec_name = "member_id"

    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="restrict", index=True)
    club_id = fields.Many2one(related="member_id.club_id", store=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    number = fields.Char(related="member_id.number")
    erased_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="Erased By", required=True, readonly=True, default=lambda self: self.env.uid
    )
    method = fields.Selection(
        [("anonymised", "The contact was emptied"), ("detached", "The member was taken off the contact")],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Who wrote it and when is not for a context's defaults to say (abuse.md 5)."""
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        cleaned = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        return super(ClubErasure, cleaned).create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("The log of erasures never changes."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of erasures is never deleted."))
