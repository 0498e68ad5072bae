"""What a raffle gives away."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubRafflePrize(models.Model):
    """One line of prizes, best first; fixed once the raffle is open."""

    _name = "club.raffle.prize"
    _description = "Prize of a Raffle"
    _order = "raffle_id, sequence, id"

    raffle_id = fields.Many2one("club.raffle", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="raffle_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(related="raffle_id.state")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Prize", required=True, translate=True)
    quantity = fields.Integer(default=1, required=True)
    cost = fields.Monetary(help="What one costs you, without taxes.")

    _positive = models.Constraint(
        "CHECK(quantity > 0 AND cost >= 0)", "There is at least one of each prize, and none costs less than nothing."
    )

    @api.model_create_multi
    def create(self, vals_list):
        raffles = self.env["club.raffle"].browse(vals["raffle_id"] for vals in vals_list if vals.get("raffle_id"))
        raffles._check_draft()
        return super().create(vals_list)

    def write(self, vals):
        self.raffle_id._check_draft()
        if vals.get("raffle_id"):
            self.env["club.raffle"].browse(vals["raffle_id"])._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if not all(raffle.state == "draft" for raffle in self.raffle_id):
            raise UserError(
                self.env._("Members have seen these prizes, so they stay. Call the raffle off and make a new one.")
            )

    def _award(self, winner):
        """Give what a winner has won and confirmed, once. By default a person hands it over; an override delivers it.

        :return: whether it is on its way without anybody doing anything
        :rtype: bool
        """
        return False
