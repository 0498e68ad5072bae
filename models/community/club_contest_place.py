"""The places of closed contests: rows that never change."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..ledger.immutable import make_append_only


class ClubContestPlace(models.Model):
    """A place that somebody had when the contest closed. Written once; a trigger in the database sees to it."""

    _name = "club.contest.place"
    _description = "Club Contest Place"
    _order = "contest_id desc, position"
    _log_access = False
    _rec_name = "rank"

    contest_id = fields.Many2one("club.contest", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="contest_id.company_id")
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    position = fields.Integer(required=True, readonly=True, help="1, 2, 3 … without ties.")
    rank = fields.Integer(string="Place", required=True, readonly=True)
    measure = fields.Float(string="Reached", digits=(16, 2), required=True, readonly=True)
    reached_at = fields.Datetime(required=True, readonly=True)

    _position_unique = models.Constraint("UNIQUE(contest_id, position)", "A position is taken once.")
    _member_unique = models.Constraint("UNIQUE(contest_id, member_id)", "A member has one place.")

    def init(self):
        make_append_only(self.env, "club_contest_place")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Places are written when a contest closes, not typed in."))

    def write(self, vals):
        raise UserError(self.env._("The places of a closed contest never change."))

    def unlink(self):
        raise UserError(self.env._("The places of a closed contest are never deleted."))

    @api.model
    def _freeze(self, contest, places):
        """Write the places of a contest in one statement; SQL because ``create`` refuses everybody."""
        if places:
            self.env.execute_query(
                SQL(
                    """
                INSERT INTO club_contest_place (contest_id, member_id, position, rank, measure, reached_at)
                SELECT %s, v.* FROM unnest(%s::int[], %s::int[], %s::int[], %s::numeric[], %s::timestamp[]) AS v
                RETURNING 1
                """,
                    contest.id,
                    [place.member for place in places],
                    [place.position for place in places],
                    [place.rank for place in places],
                    [place.measure for place in places],
                    [place.reached for place in places],
                )
            )
        contest.invalidate_recordset(["place_ids"])
