"""What pages show of a draw: the odds and the wheel."""

from odoo import models
from odoo.addons.customer_club.engine import draw as engine_draw


class ClubDraw(models.Model):
    _inherit = "club.draw"

    def _get_odds_rows(self, version=None):
        """The odds in force, or those of a version, as a page shows them.

        :rtype: list[dict]
        """
        self.ensure_one()
        chances = version._get_chances() if version else self._get_chances()
        whole = engine_draw.total(chances)
        prizes = self.env["club.draw.prize"].sudo().browse([chance.prize for chance in chances if chance.prize])
        lefts = prizes._get_lefts() if self.show_left and not version else {}
        by_id = {prize.id: prize for prize in prizes}
        return [
            {
                "number": number,
                "prize": prize,
                "name": by_id[prize]._show() if prize else self.env._("Nothing"),
                "win": bool(prize) and by_id[prize].kind != "word",
                "one_in": self._show_one_in(weight, whole),
                "percent": self._show_percent(weight, whole),
                "left": lefts.get(by_id[prize]) if prize else None,
            }
            for number, (prize, weight) in enumerate(chances, 1)
        ]

    def _get_wheel(self, version, result):
        """The wheel of a version: segments with their paths for SVG, and where it must stop for ``result``.

        :param result: the id of the prize that came, or ``None``.
        :return: ``segments`` (number, path, x and y of the number, hue), ``stop`` (degrees to turn clockwise).
        :rtype: dict
        """
        self.ensure_one()
        segments = engine_draw.wheel(version._get_chances())
        middle = next(segment.start + segment.sweep / 2 for segment in segments if segment.prize == result)
        return {"segments": engine_draw.paths(segments), "stop": round(360 - middle, 2)}
