from odoo import fields, models


class ClubPrizePicture(models.Model):
    """A further picture of a prize."""

    _name = "club.prize.picture"
    _description = "Club Prize Picture"
    _inherit = ["image.mixin", "club.bounded"]
    _order = "sequence, id"

    prize_id = fields.Many2one("club.prize", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="prize_id.company_id", store=True)
    name = fields.Char(string="Says", translate=True, help="For who cannot see the picture.")
    sequence = fields.Integer(default=10)
    image_1920 = fields.Image(required=True)
