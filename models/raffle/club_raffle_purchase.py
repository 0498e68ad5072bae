"""Tickets bought with points."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubRafflePurchase(models.Model):
    """So many tickets for so many points. The member got what the points were for when the raffle was drawn (books 8);
    of a raffle that is called off the points go back to the lots they came from.
    """

    _name = "club.raffle.purchase"
    _description = "Raffle Tickets Bought"
    _inherit = ["club.spending"]
    _order = "id desc"
    _rec_name = "raffle_id"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, index=True, ondelete="restrict")
    quantity = fields.Integer(string="Tickets", required=True, readonly=True)
    price = fields.Float(string="Points Each", digits=(16, 2), readonly=True)
    key = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("open", "Waits for the draw"), ("drawn", "Drawn"), ("returned", "Points given back")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
    )
    ticket_ids = fields.One2many("club.raffle.ticket", "purchase_id", readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "These tickets are bought already.")
    _quantity_positive = models.Constraint("CHECK(quantity > 0)", "At least one ticket is bought.")

    @api.depends("raffle_id", "quantity")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for purchase in self:
            purchase.display_name = self.env._(
                "%(raffle)s: %(count)s tickets", raffle=purchase.sudo().raffle_id.name or "", count=purchase.quantity
            )

    def write(self, vals):
        if {"raffle_id", "quantity", "price", "key", "member_id", "nature"} & vals.keys():
            raise UserError(self.env._("Tickets that were bought stay as they are. Call the raffle off to give back."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Tickets that were bought are never deleted. Call the raffle off to give back."))

    def _return(self, note):
        """Give the points of these purchases back, to the lots they came from; safe to repeat."""
        waiting = self.sudo().filtered(lambda purchase: purchase.state == "open")
        waiting._settle_points(dict.fromkeys(waiting.ids, 0), note=note)
        waiting._step({"state": "returned"})
