"""The history of stages and of the ladder."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .club_behaviour import LADDER, STAGES

#: Both histories share the columns; their values have no name in common.
STEPS = [*STAGES, *LADDER]


class ClubStageChange(models.Model):
    """A member came to another stage of the life cycle, or to another step of the ladder. Never changed afterwards.

    Who has no row before a day stood at the beginning then: prospect, nothing bought.
    """

    _name = "club.stage.change"
    _description = "Stage Change"
    _order = "date desc, id desc"
    _rec_name = "member_id"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="cascade")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    field = fields.Selection([("stage", "Stage"), ("ladder", "Ladder")], string="Which", required=True, readonly=True)
    old = fields.Selection(STEPS, string="From", readonly=True)
    new = fields.Selection(STEPS, string="To", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)

    _club_date_idx = models.Index("(club_id, field, date)")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("The history of stages is kept by the nightly job and not typed in."))

    def write(self, vals):
        raise UserError(self.env._("The history of stages never changes."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of stages is never deleted."))
