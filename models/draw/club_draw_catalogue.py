"""Prizes of the catalogue in a draw: kept for the winner from the choice on, given in a step of its own."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

ENDED = ("cancelled", "refused", "returned")


class ClubDrawPrize(models.Model):
    _inherit = "club.draw.prize"

    kind = fields.Selection(selection_add=[("prize", "A prize of the catalogue")], ondelete={"prize": "cascade"})
    prize_id = fields.Many2one(
        "club.prize", string="Prize of the Catalogue", index="btree_not_null", ondelete="restrict"
    )

    @api.depends("prize_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.depends("prize_id.stock", "prize_id.active")
    def _compute_odds(self):
        return super()._compute_odds()

    @api.depends("prize_id.cost")
    def _compute_unit_cost(self):
        return super()._compute_unit_cost()

    @api.constrains("kind", "prize_id", "draw_id")
    def _check_catalogue(self):
        for line in self.filtered(lambda line: line.kind == "prize"):
            if not line.prize_id or line.prize_id.club_id != line.draw_id.club_id:
                raise ValidationError(
                    self.env._(
                        "The draw %(draw)s gives a prize of the catalogue: choose one of %(club)s.",
                        draw=line.draw_id.name,
                        club=line.draw_id.club_id.name,
                    )
                )

    def _show(self):
        return self.sudo().prize_id.name or "" if self.kind == "prize" else super()._show()

    def _get_terms(self):
        return {**super()._get_terms(), "prize": self.prize_id.id if self.kind == "prize" else False}

    def _get_unit_cost(self):
        return self.prize_id._get_unit_cost() if self.kind == "prize" and self.prize_id else super()._get_unit_cost()

    def _is_limited(self):
        return super()._is_limited() or self.kind == "prize"

    def _needs_delivery(self):
        return super()._needs_delivery() or self.kind == "prize"

    def _get_lefts(self):
        """Of the catalogue as many as both the draw and the catalogue have; of an archived prize none."""
        lefts = super()._get_lefts()
        lines = self.filtered(lambda line: line.kind == "prize" and line.prize_id)
        if not lines:
            return lefts
        stock = lines.prize_id._get_lefts()
        for line in lines:
            there = stock[line.prize_id._origin.id] if line.prize_id.active else 0
            if there is not None:
                lefts[line] = max(0, there if lefts[line] is None else min(lefts[line], there))
        return lefts

    def _lock_scarce(self):
        super()._lock_scarce()
        prizes = self.filtered(lambda line: line.kind == "prize" and line.weight).prize_id
        if prizes:
            prizes._lock()


class ClubDrawPlay(models.Model):
    _inherit = "club.draw.play"

    def _give(self):
        result = super()._give()
        if self.prize_id.kind == "prize":
            redemption = self.prize_id.prize_id._award(self._get_winner(), self, f"{self._name},{self.id}:prize")
            self._step({"redemption_id": redemption.id})
        return result

    def _take_prize_back(self, reason):
        result = super()._take_prize_back(reason)
        redemption = self.redemption_id
        if redemption and redemption.state not in ENDED:
            redemption._update_state("returned" if redemption.state == "delivered" else "cancelled", reason)
        return result

    @api.model
    def _get_reported_cost(self):
        """What comes from the catalogue is a redemption, which bears its cost itself once it is delivered; points that
        were won cost something once they are used, and what they are used for bears that.
        """
        return SQL(
            """(SELECT CASE WHEN won.kind IN ('points', 'prize') THEN 0 ELSE doc.unit_cost END
                  FROM club_draw_play play LEFT JOIN club_draw_prize won ON won.id = play.prize_id
                 WHERE play.id = doc.id)"""
        )

    def _say_given(self):
        if self.redemption_id:
            return self.env._("You find it among your prizes, with what happens next.")
        return super()._say_given()


class ClubPrize(models.Model):
    """What was won and is not given yet is kept for the winner."""

    _inherit = "club.prize"

    def _get_lefts(self):
        lefts = super()._get_lefts()
        prizes = self._origin.sudo().filtered(lambda prize: lefts[prize.id] is not None)
        if not prizes:
            return lefts
        on_hand = prizes.filtered(lambda prize: prize.stock_kind == "product")
        waiting = (
            self.env["club.draw.play"]
            .sudo()
            .search(
                [
                    ("state", "=", "won"),
                    ("prize_id.kind", "=", "prize"),
                    "|",
                    ("prize_id.prize_id", "in", prizes.ids),
                    ("prize_id.prize_id.product_id", "in", on_hand.product_id.ids),
                ]
            )
        )
        for prize in prizes:
            shared = prize.product_id if prize in on_hand else prize.product_id.browse()
            lefts[prize.id] -= len(
                waiting.filtered(
                    lambda play, prize=prize, shared=shared: (
                        play.prize_id.prize_id == prize
                        or (
                            shared
                            and play.prize_id.prize_id.stock_kind == "product"
                            and play.prize_id.prize_id.product_id == shared
                        )
                    )
                )
            )
        return lefts
