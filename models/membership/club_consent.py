"""What a member agreed to or withdrew, when and how."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

#: So often a day a member may agree to the same thing in person; rows are for ever, so nobody fills the table.
MOST_A_DAY = 30
#: Where members decide for themselves.
BY_THEMSELVES = ("portal", "signup", "checkout")


class ClubConsent(models.Model):
    """One decision of a member about the terms or about marketing messages. Rows are only ever added."""

    _name = "club.consent"
    _description = "Club Consent"
    _order = "given_at desc, id desc"

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    kind = fields.Selection([("terms", "Terms"), ("marketing", "Marketing messages")], required=True, readonly=True)
    given = fields.Boolean(readonly=True, help="Not ticked: the member withdrew it.")
    terms_id = fields.Many2one("club.terms", string="Text", readonly=True, ondelete="restrict")
    given_at = fields.Datetime(string="On", required=True, readonly=True, default=fields.Datetime.now)
    source = fields.Char(
        readonly=True,
        help="Where the member decided: portal, signup, checkout, manual (a member of staff wrote it down) ...",
    )
    user_id = fields.Many2one("res.users", string="Written By", readonly=True, default=lambda self: self.env.uid)

    @api.depends("kind", "given")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for consent in self:
            consent.display_name = (
                self.env._("%(what)s: agreed", what=kinds[consent.kind])
                if consent.given
                else self.env._("%(what)s: withdrawn", what=kinds[consent.kind])
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Who wrote it and when is not for a context's defaults to say (abuse.md 5)."""
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        cleaned = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        return super(ClubConsent, cleaned).create(vals_list)

    @api.model
    def _check_pace(self, members, kind, source):
        """Members may change their mind as often as people do. Withdrawing is never refused: one can only withdraw what
        one gave, so that is bounded too.

        :raise UserError: one of them agreed to this very often since yesterday
        """
        if source not in BY_THEMSELVES:
            return
        given = self.sudo()._read_group(
            [
                ("member_id", "in", members.ids),
                ("kind", "=", kind),
                ("given", "=", True),
                ("given_at", ">", fields.Datetime.now() - timedelta(days=1)),
            ],
            ["member_id"],
            having=[("__count", ">=", MOST_A_DAY)],
        )
        if given:
            raise UserError(
                self.env._(
                    "You switched this on and off very often today. Nothing was changed: it can be switched on again "
                    "tomorrow."
                )
            )

    def write(self, vals):
        raise UserError(self.env._("A consent is never rewritten: record a further one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A consent is never deleted: it proves what the member agreed to, and when."))
