"""Paste a round, or what the parties reveal."""

from odoo import Command, api, fields, models


class ClubRaffleDraw(models.TransientModel):
    _name = "club.raffle.draw"
    _description = "Draw a Raffle"
    _inherit = "club.bounded"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True)
    randomness_kind = fields.Selection(related="raffle_id.randomness_kind")
    beacon_name = fields.Char(related="raffle_id.beacon_id.name", string="Beacon")
    chain_hash = fields.Char(related="raffle_id.beacon_id.chain_hash", string="Chain")
    round_no = fields.Integer(related="raffle_id.round_no")
    randomness = fields.Char(help="64 hexadecimal digits, as the beacon publishes them.")
    signature = fields.Char(help="Of the same round, hexadecimal.")
    source = fields.Char(string="Read Where", help="The address, so that others can look there too.")
    reveal_ids = fields.One2many("club.raffle.draw.reveal", "draw_id")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        raffle = self.env["club.raffle"].browse(values.get("raffle_id"))
        if raffle.randomness_kind == "parties":
            values["reveal_ids"] = [Command.create({"party_id": party.id}) for party in raffle.party_ids.sorted()]
        return values

    def action_confirm(self):
        """Draw with what was typed."""
        self.ensure_one()
        self.raffle_id.check_access("write")
        raffle = self.raffle_id.sudo()
        if raffle.randomness_kind == "parties":
            raffle._draw_parties({reveal.party_id.id: reveal.secret for reveal in self.reveal_ids})
        else:
            raffle._draw_pasted(self.randomness, self.signature, self.source)


class ClubRaffleDrawReveal(models.TransientModel):
    _name = "club.raffle.draw.reveal"
    _description = "Secret of a Party"
    _inherit = "club.bounded"

    draw_id = fields.Many2one("club.raffle.draw", required=True, ondelete="cascade")
    party_id = fields.Many2one("club.raffle.party", required=True, readonly=True)
    secret = fields.Char(help="Hexadecimal, exactly what was hashed.")
