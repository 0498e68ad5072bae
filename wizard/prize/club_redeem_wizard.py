"""The counter: a member chooses a prize, and staff gives it in one step."""

import uuid

from odoo import api, fields, models
from odoo.addons.customer_club.models.prize.club_redemption_state import USER
from odoo.exceptions import AccessError, UserError


class ClubRedeemWizard(models.TransientModel):
    _name = "club.redeem.wizard"
    _description = "Redeem a Prize"
    _inherit = "club.bounded"

    member_id = fields.Many2one(
        "club.member",
        required=True,
        domain="[('state', '=', 'active')]",
        default=lambda self: self._get_default_member(),
    )
    club_id = fields.Many2one("club.club", compute="_compute_of_member")
    currency_id = fields.Many2one(related="club_id.currency_id")
    point_name = fields.Char(compute="_compute_of_member")
    balance = fields.Float(compute="_compute_of_member", string="Can Spend", digits=(16, 2))
    prize_ids = fields.Many2many("club.prize", compute="_compute_prize_ids", string="Can Have")
    prize_id = fields.Many2one("club.prize", domain="[('id', 'in', prize_ids)]")
    image_256 = fields.Image(related="prize_id.image_256", related_sudo=False)
    points = fields.Float(related="prize_id.points", string="Costs", digits=(16, 2), related_sudo=False)
    money = fields.Monetary(related="prize_id.money", related_sudo=False)
    after = fields.Float(compute="_compute_after", string="Left Afterwards", digits=(16, 2))
    hand_over = fields.Boolean(string="Hand It Over Now", default=True)
    key = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)

    @api.model
    def _get_default_member(self):
        context = self.env.context
        return context.get("active_id") if context.get("active_model") == "club.member" else False

    @api.depends("member_id")
    def _compute_of_member(self):
        """What the reader may know of the member: a related field would be read with every right (never 14)."""
        self.member_id._origin.check_access("read")
        for wizard in self:
            member = wizard.member_id
            wizard.club_id, wizard.point_name, wizard.balance = member.club_id, member.point_name, member.balance

    @api.depends("member_id")
    def _compute_prize_ids(self):
        """What the member can have now: for them, in stock, affordable, within the limits."""
        for wizard in self:
            wizard.prize_ids = wizard.member_id._get_affordable_prizes() if wizard.member_id else self.env["club.prize"]

    @api.depends("balance", "points", "prize_id")
    def _compute_after(self):
        for wizard in self:
            wizard.after = wizard.balance - wizard.points

    def action_redeem(self):
        """Give the prize; what is ready is handed over at once where that was asked for."""
        self.ensure_one()
        if not self.env.user.has_group(USER):
            raise AccessError(self.env._("This is for the staff of the club. Ask one of them to do it."))
        if not self.prize_id:
            raise UserError(self.env._("Choose the prize that %(member)s wants.", member=self.member_id.display_name))
        self.member_id.check_access("read")
        self.prize_id.check_access("read")
        redemption = self.prize_id._redeem(self.member_id, f"counter,{self.id}:{self.key}", "counter")
        if self.hand_over and redemption.state == "ready":
            redemption._update_state("delivered")
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.redemption",
            "res_id": redemption.id,
            "view_mode": "form",
        }
