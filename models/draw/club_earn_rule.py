from odoo import api, models


class ClubEarnRule(models.Model):
    """A rule may give something for every win in a draw, besides what was won."""

    _inherit = "club.earn.rule"

    @api.model
    def _get_event_defaults(self):
        return {**super()._get_event_defaults(), "draw": {"points": 5}}

    @api.model
    def _get_bringing_phrases(self, nth):
        _ = self.env._
        return {
            **super()._get_bringing_phrases(nth),
            "draw": (
                _("every win in a draw"),
                _("the first win in a draw"),
                _("the %(nth)s win in a draw", nth=nth),
                _("every %(nth)s win in a draw", nth=nth),
                _("every win in a draw from the %(nth)s on", nth=nth),
            ),
        }
