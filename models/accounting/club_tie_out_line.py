"""A line of a page that says what ties out."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .club_tie_out import STATES


class ClubTieOutLine(models.TransientModel):
    _name = "club.tie.out.line"
    _description = "Tie-Out"
    _order = "sequence, id"

    page_id = fields.Many2one("club.tie.out", required=True, index=True, readonly=True, ondelete="cascade")
    sequence = fields.Integer(readonly=True)
    name = fields.Char(string="What Must Agree", readonly=True)
    state = fields.Selection(STATES, readonly=True, required=True)
    left = fields.Char(string="One Side", readonly=True)
    right = fields.Char(string="The Other Side", readonly=True)
    difference = fields.Char(readonly=True)
    remedy = fields.Char(string="What to Do", readonly=True)
    behind = fields.Json(readonly=True, help="Name, model and domain of the records behind.")

    def action_open_behind(self):
        """Open the records behind, as far as the reader may read them."""
        self.ensure_one()
        self.check_access("read")
        if not self.behind:
            raise UserError(self.env._("There is nothing behind %(name)s yet.", name=self.name))
        if not self.env[self.behind["model"]].has_access("read"):
            raise AccessError(
                self.env._(
                    "What is behind %(name)s is not for you to read. An accountant of the club can open it.",
                    name=self.name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.behind["name"],
            "res_model": self.behind["model"],
            "views": [(False, "list"), (False, "form")],
            "domain": self.behind["domain"],
        }
