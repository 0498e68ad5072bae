"""Retention by joining: of those who joined in a month, which share bought one, two, three months later."""

from odoo import api, models
from odoo.tools import SQL


class ClubReportBlockRetentionJoined(models.AbstractModel):
    _name = "club.report.block.retention_joined"
    _inherit = "club.report.block.retention"
    _description = "Block of a Report: Retention by Joining"
    _block_sequence = 31

    @api.model
    def _get_label(self):
        return self.env._("Retention by Joining")

    @api.model
    def _get_size_label(self):
        return self.env._("Joined")

    @api.model
    def _get_cohort_label(self):
        return self.env._("Month of joining")

    @api.model
    def _get_words(self):
        _ = self.env._
        return _("Nobody joined in these months. Which share of them buys stands here: choose a longer period."), _(
            "A row: members who joined in the month and are members still. +1, +2, …: the share of them who bought "
            "in the first, second, … month after it. Months to come and the one that is not over yet are empty."
        )

    @api.model
    def _get_cohort_domain(self, clubs, month):
        return "club.member", [("state", "=", "active"), *self._get_period_domain(clubs, month, "joined_at")]

    @api.model
    def _get_starts(self, clubs, months):
        return SQL(
            "(SELECT m.id AS member_id, m.joined_at AS at FROM club_member m"
            " WHERE m.state = 'active' AND m.club_id = ANY(%s) AND %s)",
            clubs.ids,
            self._get_member_condition(clubs, SQL("m")),
        )

    @api.model
    def _get_bought(self, clubs, windows):
        """Who joined several clubs of a company stands in each cohort, and so does what they bought."""
        return self._get_purchase_lines(clubs, windows)
