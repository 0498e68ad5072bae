"""Free plays that a manager gave to a member: used before points, beside the limits, until their last day."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class ClubDrawChance(models.Model):
    """``number`` plays of one draw. What is used is counted from the plays that name it, so nothing is lost when a play
    is taken back."""

    _name = "club.draw.chance"
    _description = "Free Plays"
    _inherit = "club.bounded"
    _order = "id desc"

    draw_id = fields.Many2one("club.draw", required=True, index=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="draw_id.club_id", store=True)
    company_id = fields.Many2one(related="draw_id.company_id", store=True)
    number = fields.Integer(string="Free Plays", default=1, required=True)
    date_to = fields.Date(string="Until", help="Last day, included. Empty: as long as the draw is open.")
    reason = fields.Char(required=True, help="Why, for your colleagues.")
    used = fields.Integer(compute="_compute_used")
    left = fields.Integer(compute="_compute_used")

    _number = models.Constraint("CHECK(number BETWEEN 0 AND 1000)", "Give 1 to 1,000 free plays.")

    def _compute_used(self):
        used = dict(
            self.env["club.draw.play"]
            .sudo()
            ._read_group([("chance_id", "in", self.ids), ("state", "!=", "void")], ["chance_id"], ["__count"])
        )
        for chance in self:
            chance.used = used.get(chance._origin.sudo(), 0)
            chance.left = max(0, chance.number - chance.used)

    @api.depends("draw_id", "member_id")
    def _compute_display_name(self):
        for chance in self:
            chance.display_name = f"{chance.draw_id.display_name}: {chance.member_id.display_name}"

    @api.constrains("draw_id", "member_id")
    def _check_member(self):
        for chance in self:
            member = chance.sudo().member_id
            if member.club_id != chance.draw_id.club_id or member.state != "active":
                raise ValidationError(
                    self.env._(
                        "%(member)s is no active member of %(club)s and cannot play %(draw)s.",
                        member=member.display_name,
                        club=chance.draw_id.club_id.name,
                        draw=chance.draw_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody gives to himself: a colleague does, whose name stays on it."""
        chances = super().create(vals_list)
        chances._check_giver()
        return chances

    def _check_giver(self):
        if not self.env.su and self.env.user.partner_id in self.sudo().member_id.partner_id:
            raise UserError(self.env._("You cannot give free plays to yourself. Ask a colleague."))

    def write(self, vals):
        if vals.keys() - {"date_to", "number", "reason"}:
            raise UserError(self.env._("Free plays stay with their member and draw. Set the number to what was used."))
        self._check_giver()
        if "number" in vals:
            for chance in self:
                if vals["number"] < chance.used:
                    raise UserError(
                        self.env._(
                            "%(chance)s: %(used)s free plays are used already. The number cannot be less.",
                            chance=chance.display_name,
                            used=chance.used,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for chance in self:
            if self.env["club.draw.play"].sudo().search_count([("chance_id", "=", chance.id)], limit=1):
                raise UserError(
                    self.env._("%(chance)s was used. Set the number to what was used.", chance=chance.display_name)
                )

    @api.model
    def _find_usable(self, member, draws):
        """Free plays that ``member`` can use today, those that end first before the others (sudo).

        What was given to a member that was merged into this one counts too.
        """
        member = member.sudo()
        today = member.club_id._get_today()
        domain = Domain("draw_id", "in", draws.ids) & Domain("member_id", "in", member._get_own_ids())
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        chances = self.sudo().search(domain)
        return chances.filtered("left").sorted(lambda chance: (not chance.date_to, chance.date_to, chance.id))
