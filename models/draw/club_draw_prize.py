"""What can be won in a draw: points, or only a kind word. Prizes of the catalogue are in club_draw_catalogue.py."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import draw as engine_draw
from odoo.exceptions import UserError, ValidationError

MOST_WEIGHT = 1_000_000_000


class ClubDrawPrize(models.Model):
    """``weight`` of the sum of weights is how likely it comes. ``stock`` limits how often in this draw."""

    _name = "club.draw.prize"
    _description = "Prize of a Draw"
    _inherit = "club.bounded"
    _order = "sequence, id"

    draw_id = fields.Many2one("club.draw", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="draw_id.company_id")
    currency_id = fields.Many2one(related="draw_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection([("points", "Points"), ("word", "Only a kind word")], default="points", required=True)
    points = fields.Float(
        digits=(16, 2), help="Given whatever is left of the club's budget, which limits what rules give."
    )
    word = fields.Char(string="Words", translate=True, help="What the member reads who wins nothing.")
    weight = fields.Integer(default=1, required=True, help="10 comes ten times as often as 1. 0: never.")
    stock = fields.Integer(string="How Many", help="How often it can be won in this draw. 0: without limit.")
    left = fields.Integer(compute="_compute_odds", help="How many of a limited prize are left.")
    odds = fields.Char(compute="_compute_odds", help="At this moment.")
    unit_cost = fields.Monetary(string="Cost", compute="_compute_unit_cost", help="What one costs the shop.")
    won_count = fields.Integer(string="Won", compute="_compute_won_count")
    expected_count = fields.Float(
        string="Expected",
        digits=(16, 1),
        compute="_compute_won_count",
        help="How often it should have come, by the odds that held at each play.",
    )

    _numbers = models.Constraint(
        f"CHECK(weight BETWEEN 0 AND {MOST_WEIGHT} AND stock >= 0)",
        "A weight is 0 to 1,000,000,000, and how many there are is 0 (no limit) or more.",
    )

    # -- computes ------------------------------------------------------------------------------------

    @api.depends("kind", "points", "word")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for prize in self:
            prize.display_name = prize._show()

    @api.depends(
        "kind", "weight", "stock", "draw_id.fallback_id", "draw_id.prize_ids.weight", "draw_id.prize_ids.stock"
    )
    @api.depends_context("lang")
    def _compute_odds(self):
        lefts, odds = self._get_lefts(), {}
        for draw in self.draw_id:
            odds.update(draw._show_odds())
        for prize in self:
            prize.left, prize.odds = lefts[prize] or 0, odds.get(prize, "")

    @api.depends("kind", "points", "draw_id.club_id")
    def _compute_unit_cost(self):
        for prize in self:
            prize.unit_cost = prize._get_unit_cost()

    def _compute_won_count(self):
        counts = dict(
            self.env["club.draw.play"]._read_group(
                [("prize_id", "in", self.ids), ("state", "!=", "void")], ["prize_id"], ["__count"]
            )
        )
        expected = dict.fromkeys(self.ids, 0.0)
        for version, plays in self.env["club.draw.play"]._read_group(
            [("draw_id", "in", self.draw_id.ids), ("version_id", "!=", False), ("state", "!=", "void")],
            ["version_id"],
            ["__count"],
        ):
            chances = version.sudo()._get_chances()
            whole = engine_draw.total(chances)
            for prize, weight in chances:
                if prize in expected:
                    expected[prize] += plays * weight / whole
        for prize in self:
            prize.won_count = counts.get(prize._origin, 0)
            prize.expected_count = expected.get(prize._origin.id, 0.0)

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("kind", "points", "word", "draw_id")
    def _check_prize(self):
        for prize in self:
            club = prize.draw_id.club_id
            if prize.kind == "points" and (
                club._round_down(prize.points) <= 0 or float(club._round_down(prize.points)) != prize.points
            ):
                raise ValidationError(
                    self.env._(
                        "A prize of the draw %(draw)s gives no points that %(club)s knows. Write how many, with "
                        "%(digits)s decimals.",
                        draw=prize.draw_id.name,
                        club=club.name,
                        digits=club.points_digits,
                    )
                )
            if prize.kind == "word" and not (prize.word or "").strip():
                raise ValidationError(
                    self.env._(
                        "Who wins nothing in the draw %(draw)s should read something. Write a kind word.",
                        draw=prize.draw_id.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        prizes = super().create(vals_list)
        prizes.draw_id._check_change({"prize_ids"})  # of what was made: a context may have named the draw (abuse 5)
        return prizes

    def write(self, vals):
        self.draw_id._check_change({"prize_ids"})
        if "draw_id" in vals and self.draw_id.ids != [vals["draw_id"]]:
            raise UserError(self.env._("A prize stays in its draw. Add a new one to the other."))
        if {"kind", "points", "prize_id"} & vals.keys():
            self._check_never_won()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_won(self):
        self.draw_id._check_change({"prize_ids"})
        self._check_never_won(versions=True)

    def _check_never_won(self, versions=False):
        """What was won stays what it was: a further prize says something else."""
        won = self.env["club.draw.play"].sudo().search([("prize_id", "in", self.ids)], limit=1).prize_id
        known = won or (self.filtered(lambda prize: prize.draw_id.sudo().version_ids)[:1] if versions else won)
        if known:
            raise UserError(
                self.env._(
                    "Members have played for %(prize)s, so it stays. Set its weight to 0 and add another prize.",
                    prize=known._show(),
                )
            )

    # -- what it is ----------------------------------------------------------------------------------

    def _show(self):
        """The prize in words."""
        self.ensure_one()
        return self.word or "" if self.kind == "word" else self.draw_id.club_id._show_points(self.points)

    def _get_terms(self):
        """What a manager decides about it, as JSON."""
        self.ensure_one()
        return {"id": self.id, "kind": self.kind, "points": self.points, "weight": self.weight, "stock": self.stock}

    def _get_unit_cost(self):
        """What one costs the shop, in the club's currency: points as the discount that they are worth."""
        self.ensure_one()
        return self.points * float(self.draw_id.club_id._point_worth()) if self.kind == "points" else 0.0

    # -- how many are left ---------------------------------------------------------------------------

    def _is_limited(self):
        """Whether it can run out: then players take turns."""
        self.ensure_one()
        return bool(self.stock)

    def _get_left(self):
        """How many of one prize can still be won; ``None`` without limit."""
        self.ensure_one()
        return self._get_lefts()[self]

    def _get_lefts(self):
        """How many can still be won, by prize; ``None`` without limit. Plays that were taken back are free again.

        :rtype: dict[club.draw.prize, int | None]
        """
        limited = self.filtered("stock")
        won = dict(
            self.env["club.draw.play"]
            .sudo()
            ._read_group([("prize_id", "in", limited._origin.ids), ("state", "!=", "void")], ["prize_id"], ["__count"])
            if limited
            else ()
        )
        return {
            prize: max(0, prize.stock - won.get(prize._origin.sudo(), 0)) if prize.stock else None for prize in self
        }

    def _lock_scarce(self):
        """Lock what these prizes are taken from, beyond the draw itself, which is locked."""

    # -- giving it -----------------------------------------------------------------------------------

    def _needs_delivery(self):
        """Whether something is given in a step of its own after the outcome."""
        self.ensure_one()
        return self.kind == "points"
