"""Product by segment: what members of each segment buy."""

from odoo import api, models


class ClubReportBlockProductSegment(models.AbstractModel):
    _name = "club.report.block.product_segment"
    _inherit = "club.report.block.product_tier"
    _description = "Block of a Report: Products by Segment"
    _block_sequence = 45

    @api.model
    def _get_label(self):
        return self.env._("Products by Segment")

    @api.model
    def _get_words(self):
        _ = self.env._
        return _("No member bought in this period. What each segment buys stands here: choose a longer period."), _(
            "Segments: who belongs to them today. A member may belong to several or to none, so the segments do not "
            "add up to all members."
        )

    @api.model
    def _get_groups(self, clubs):
        return self._get_segment_groups(clubs)
