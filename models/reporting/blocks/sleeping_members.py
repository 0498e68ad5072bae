"""Sleeping members: who was worth most and bought nothing in the period."""

from odoo import api, models
from odoo.addons.customer_club.engine import periods, reporting
from odoo.tools import SQL


class ClubReportBlockSleepingMembers(models.AbstractModel):
    _name = "club.report.block.sleeping_members"
    _inherit = "club.report.block.top_members"
    _description = "Block of a Report: Sleeping Members"
    _block_sequence = 49

    @api.model
    def _get_label(self):
        return self.env._("Sleeping Members")

    @api.model
    def _get_words(self):
        _ = self.env._
        return _(
            "Nobody sleeps. Members who bought before this period and not in it are named here, to win them back."
        ), _(
            "Who bought most before the period and nothing in it, at most %(most)s: whom it pays to win back. "
            "Purchases of all the time before, without taxes and less what was credited. Points owned: today.",
            most=self._get_most(),
        )

    @api.model
    def _get_earned_columns(self):
        return []

    @api.model
    def _get_bought(self, clubs, period):
        """Everything until the end of the period, of those whose last purchase lies before it."""
        began = [(club.id, period.bounds(club.tz)[0]) for club in clubs]
        return reporting.Period(periods.LIFETIME_FIRST, period.last), SQL(
            "MAX(at) < (SELECT b.first FROM UNNEST(%s::int[], %s::timestamp[]) b(id, first) WHERE b.id = club_id)",
            [club for club, _first in began],
            [first for _club, first in began],
        )
