from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClubContestPrize(models.Model):
    """What the places of a contest win. Who shares a place gets what that place wins; skipped places win nothing."""

    _name = "club.contest.prize"
    _description = "Club Contest Prize"
    _inherit = "club.bounded"
    _order = "place_from, id"

    contest_id = fields.Many2one("club.contest", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contest_id.company_id")
    place_from = fields.Integer(string="From Place", default=1, required=True)
    place_to = fields.Integer(string="To Place", default=1, required=True)
    kind = fields.Selection([("points", "Points"), ("gift", "Something to hand over")], default="points", required=True)
    points = fields.Float(
        digits=(16, 2), help="Given whatever is left of the club's budget, which limits what rules give."
    )
    gift = fields.Char(translate=True, help="What is handed over: a bouquet, a voucher, a dinner.")

    _places = models.Constraint(
        "CHECK(place_from >= 1 AND place_to >= place_from)",
        "Places begin with 1, and the last is not before the first.",
    )

    @api.constrains("kind", "points", "gift", "contest_id")
    def _check_prize(self):
        for prize in self:
            if prize.kind == "points" and prize.contest_id.club_id._round_down(prize.points) <= 0:
                raise ValidationError(
                    self.env._(
                        "A prize of the contest %(contest)s gives no points. Write how many.",
                        contest=prize.contest_id.name,
                    )
                )
            if prize.kind == "gift" and not (prize.gift or "").strip():
                raise ValidationError(
                    self.env._(
                        "A prize of the contest %(contest)s is something to hand over. Write what it is.",
                        contest=prize.contest_id.name,
                    )
                )

    @api.depends("kind", "points", "gift")
    def _compute_display_name(self):
        for prize in self:
            prize.display_name = prize._show()

    def _show(self):
        """The prize in words."""
        self.ensure_one()
        return self.gift or "" if self.kind == "gift" else self.contest_id.club_id._show_points(self.points)

    def _show_places(self):
        self.ensure_one()
        _ = self.env._
        if self.place_from == self.place_to:
            return _("Place %(place)s", place=self.place_from)
        return _("Places %(first)s to %(last)s", first=self.place_from, last=self.place_to)

    @api.model_create_multi
    def create(self, vals_list):
        self.env["club.contest"].browse(
            [vals["contest_id"] for vals in vals_list if "contest_id" in vals]
        )._check_change({"prize_ids"})
        return super().create(vals_list)

    def write(self, vals):
        self.contest_id._check_change({"prize_ids"})
        if "contest_id" in vals:
            self.env["club.contest"].browse(vals["contest_id"])._check_change({"prize_ids"})
        return super().write(vals)

    def unlink(self):
        self.contest_id._check_change({"prize_ids"})
        return super().unlink()
