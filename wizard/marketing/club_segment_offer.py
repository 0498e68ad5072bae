"""Ready-made segments, to begin with."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ClubSegmentOffer(models.TransientModel):
    """Offers segments that most shops use; makes those that are chosen."""

    _name = "club.segment.offer"
    _description = "Ready-made Segments"
    _inherit = "club.bounded"

    club_id = fields.Many2one("club.club", required=True, default=lambda self: self.env["club.segment"].new().club_id)
    points = fields.Float(
        string="Unused Points From",
        digits=(16, 2),
        compute="_compute_points",
        store=True,
        readonly=False,
        help="What the cheapest reward of the club costs: whoever has so many could have had it. Rewards that are paid "
        "point by point do not count.",
    )
    line_ids = fields.One2many(
        "club.segment.offer.line", "offer_id", compute="_compute_line_ids", store=True, readonly=False
    )

    @api.depends("club_id")
    def _compute_points(self):
        for offer in self:
            costs = offer.sudo().club_id.reward_ids.mapped("required_points")
            offer.points = min((cost for cost in costs if cost > 1), default=100)

    @api.depends("club_id")
    def _compute_line_ids(self):
        for offer in self:
            offer.line_ids = [
                Command.clear(),
                *(
                    Command.create({"key": key, "name": name, "words": words})
                    for key, (name, words, _conditions) in offer._get_segments().items()
                    if offer._is_possible(key)
                ),
            ]

    def _get_segments(self):
        """Key → name, what it is for, and the values of its conditions; an addon adds its own.

        :rtype: dict[str, tuple[str, str, list[dict]]]
        """
        _ = self.env._
        bought = {"kind": "event", "event_type": "purchase", "measure": "count", "window": "ever", "value": 1}
        return {
            "champions": (
                _("Champions"),
                _("They buy most, most often and bought just now: thank them, ask them."),
                [{"kind": "rfm", "rfm_cell": "champions"}],
            ),
            "at_risk": (
                _("At risk"),
                _("They are silent for longer than is usual for them: win them back while it is easy."),
                [{"kind": "stage", "stage": "at_risk"}],
            ),
            "lapsed": (
                _("Lapsed"),
                _("They have not bought for very long: a good reason may bring them back."),
                [{"kind": "stage", "stage": "lapsed"}],
            ),
            "birthday": (
                _("Birthday this month"),
                _("A small present at the right time."),
                [{"kind": "occasion", "occasion_kind": "birthday", "occasion_when": "month"}],
            ),
            "points": (
                _("Unused points"),
                _("They could have a reward: tell them which."),
                [{"kind": "points", "comparison": "least", "value": self.points}],
            ),
            "single": (
                _("One purchase only"),
                _("The second purchase makes a customer: give a reason for it."),
                [bought, {**bought, "comparison": "most"}],
            ),
            "never": (
                _("Never bought"),
                _("They joined and did not buy: help them to begin."),
                [{**bought, "measure": "never"}],
            ),
        }

    @api.model
    def _is_possible(self, key):
        return key not in ("champions", "at_risk", "lapsed") or "club.behaviour" in self.env

    def action_make(self):
        """Make the chosen segments and open them.

        :raises UserError: none was chosen
        """
        self.ensure_one()
        chosen = self.line_ids.filtered("chosen")
        if not chosen:
            raise UserError(self.env._("No segment is chosen. Tick those that you want."))
        offered = self._get_segments()
        made = self.env["club.segment"].create(
            [
                {
                    "name": line.name,
                    "club_id": self.club_id.id,
                    "condition_ids": [Command.create(values) for values in offered[line.key][2]],
                }
                for line in chosen
                if line.key in offered
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Segments"),
            "res_model": "club.segment",
            "domain": [("club_id", "=", self.club_id.id)],
            **(
                {"views": [(False, "form")], "res_id": made.id}
                if len(made) == 1
                else {"views": [(False, "list"), (False, "form")]}
            ),
        }


class ClubSegmentOfferLine(models.TransientModel):
    _name = "club.segment.offer.line"
    _description = "Ready-made Segment"
    _inherit = "club.bounded"

    offer_id = fields.Many2one("club.segment.offer", required=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    chosen = fields.Boolean(string="Make It")
    name = fields.Char(string="Segment", required=True)
    words = fields.Char(string="What For", readonly=True)
