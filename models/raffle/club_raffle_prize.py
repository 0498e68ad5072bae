"""What a raffle gives away."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ClubRafflePrize(models.Model):
    """One line of prizes, best first; fixed once the raffle is open."""

    _name = "club.raffle.prize"
    _description = "Prize of a Raffle"
    _inherit = "club.bounded"
    _order = "raffle_id, sequence, id"

    raffle_id = fields.Many2one("club.raffle", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="raffle_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(related="raffle_id.state")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Prize", required=True, translate=True)
    prize_id = fields.Many2one(
        "club.prize",
        string="From the Catalogue",
        index="btree_not_null",
        ondelete="restrict",
        help="Delivered as this prize is, once the winner has confirmed. Empty: somebody hands it over.",
    )
    quantity = fields.Integer(default=1, required=True)
    cost = fields.Monetary(help="What one costs you, without taxes.")

    _positive = models.Constraint(
        "CHECK(quantity > 0 AND cost >= 0)", "There is at least one of each prize, and none costs less than nothing."
    )

    @api.constrains("prize_id")
    def _check_prize_club(self):
        for prize in self:
            if prize.prize_id and prize.prize_id.club_id != prize.raffle_id.club_id:
                raise ValidationError(
                    self.env._(
                        "%(prize)s is no prize of %(club)s. Choose one of the same club.",
                        prize=prize.prize_id.name,
                        club=prize.raffle_id.club_id.name,
                    )
                )

    @api.onchange("prize_id")
    def _onchange_prize_id(self):
        for prize in self.filtered("prize_id"):
            prize.name = prize.name or prize.prize_id.name
            prize.cost = prize.cost or prize.prize_id.cost

    @api.model_create_multi
    def create(self, vals_list):
        prizes = super().create(vals_list)
        prizes.raffle_id._check_draft()  # of what was made: a context may have named the raffle (abuse 5)
        return prizes

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
        """Give what a winner has won and confirmed, once: from the catalogue, or a person hands it over.

        :return: whether it is on its way without anybody doing anything
        :rtype: bool
        """
        if not self.prize_id:
            return False
        member = winner.member_id.merged_into_id or winner.member_id
        try:
            self.prize_id.sudo()._award(member, winner, f"raffle,{winner.id}")
        except UserError as error:
            # Sold out, or not for this member: what was won is owed all the same, so a person sees to it.
            self.raffle_id.sudo()._message_log(
                body=self.env._(
                    "%(winner)s has won %(prize)s, which could not be delivered at once: %(reason)s",
                    winner=winner.display_name,
                    prize=self.name,
                    reason=str(error),
                )
            )
            return False
        return True
