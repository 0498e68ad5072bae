"""Every change of a member's tier, with its day and its reason."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class ClubTierHistory(models.Model):
    """A member went from one tier to another. Rows are only ever added."""

    _name = "club.tier.history"
    _description = "Club Tier Change"
    _order = "date desc, id desc"

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    from_tier_id = fields.Many2one("club.tier", string="From", readonly=True, ondelete="restrict")
    to_tier_id = fields.Many2one("club.tier", string="To", readonly=True, ondelete="restrict", index="btree_not_null")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    reason = fields.Selection(
        [
            ("join", "Joined"),
            ("rise", "Reached it"),
            ("fall", "Fell at a review"),
            ("merge", "Contacts were merged"),
            ("leave", "Left the club"),
            ("rejoin", "Came back"),
            ("staff", "Set by staff"),
            ("erase", "Data erased"),
        ],
        required=True,
        readonly=True,
    )
    measure = fields.Float(
        digits=(16, 2), readonly=True, help="Points, amount or orders within the window at that moment."
    )
    note = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, default=lambda self: self.env.uid)

    @api.depends("to_tier_id", "reason")
    def _compute_display_name(self):
        for change in self:
            change.display_name = change.to_tier_id.name or self.env._("No tier")

    @api.model_create_multi
    def create(self, vals_list):
        """Who wrote it and when is not for a context's defaults to say (abuse.md 5)."""
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        cleaned = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        return super(ClubTierHistory, cleaned).create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("The history of tiers is never rewritten."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of tiers is never deleted: it says why a member had which benefits."))
