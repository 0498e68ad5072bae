"""The club's settings for prizes."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClubClub(models.Model):
    _inherit = "club.club"

    redemption_cancel_days = fields.Integer(
        string="Prizes: Members May Cancel Within",
        default=2,
        help="Days, the first one included, in which a member may cancel a prize that was not delivered yet. 0: never.",
    )
    redemption_unpaid_days = fields.Integer(
        string="Prizes: Wait for Payment",
        default=3,
        help="Days after which a prize with a part in money that was not paid is cancelled, and the points go back. "
        "0: wait for ever.",
    )
    redemption_user_id = fields.Many2one(
        "res.users",
        string="Prizes: Responsible",
        domain="[('share', '=', False)]",
        help="Who is asked to fulfil prizes that name nobody.",
    )
    redemption_sooner_days = fields.Integer(
        string="Prizes: Days Sooner", default=0, help="For each step of priority of the member's tier."
    )
    prize_ids = fields.One2many("club.prize", "club_id")

    @api.constrains("redemption_cancel_days", "redemption_unpaid_days", "redemption_sooner_days")
    def _check_redemption_days(self):
        for club in self:
            if min(club.redemption_cancel_days, club.redemption_unpaid_days, club.redemption_sooner_days) < 0:
                raise ValidationError(
                    self.env._("Days for prizes of %(club)s cannot be negative. Use 0 for none.", club=club.name)
                )
