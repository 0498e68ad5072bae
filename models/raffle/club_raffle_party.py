"""Who makes randomness together where no public beacon can be reached."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .club_raffle import OURS


class ClubRaffleParty(models.Model):
    """One of several who each think of a secret. Its hash is given before the list is frozen, the secret after: none of
    them alone could know or choose what comes out.
    """

    _name = "club.raffle.party"
    _description = "Party of a Raffle's Randomness"
    _inherit = "club.bounded"
    _order = "raffle_id, sequence, id"

    raffle_id = fields.Many2one("club.raffle", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="raffle_id.company_id", store=True)
    state = fields.Selection(related="raffle_id.state")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Role", required=True, help="What the public reads, for example: the shop, the notary.")
    partner_id = fields.Many2one("res.partner", string="Person", help="Takes no part in the raffle. Never published.")
    commitment = fields.Char(
        copy=False, help="SHA-256 of the secret: 64 hexadecimal digits. Given before the list is frozen."
    )
    secret = fields.Char(readonly=True, copy=False, help="Revealed at the draw, hexadecimal.")

    @api.constrains("commitment")
    def _check_commitment(self):
        for party in self:
            if party.commitment and not re.fullmatch("[0-9a-f]{64}", party.commitment):
                raise ValidationError(
                    self.env._(
                        "What %(party)s commits to is the SHA-256 of a secret: 64 digits 0-9 and a-f.", party=party.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        parties = super().create([{**vals, "secret": False} for vals in vals_list])
        parties.raffle_id._check_draft()  # of what was made: a context may have named the raffle (abuse 5)
        return parties

    def write(self, vals):
        if self.env.context.get("club_raffle") is not OURS:
            if "secret" in vals:
                raise UserError(self.env._("Secrets are revealed at the draw, with its button."))
            for party in self:
                party._check_change(set(vals))
            if vals.get("raffle_id"):
                self.env["club.raffle"].browse(vals["raffle_id"])._check_draft()
        return super().write(vals)

    def _check_change(self, names):
        if self.state == "draft":
            return
        if names == {"commitment"} and self.state == "open" and not self.commitment:
            return
        raise UserError(
            self.env._(
                "The raffle %(raffle)s is open: who draws stays, and what %(party)s committed to stays once given.",
                raffle=self.raffle_id.name,
                party=self.name,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if not all(raffle.state == "draft" for raffle in self.raffle_id):
            raise UserError(self.env._("The raffle is open: who makes its randomness stays."))
