"""Before a member leaves or is erased: what will be lost."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods


class ClubLeaveWizard(models.TransientModel):
    _name = "club.leave.wizard"
    _description = "Leave a Club or Erase Personal Data"
    _inherit = "club.bounded"

    member_id = fields.Many2one("club.member", required=True)
    mode = fields.Selection([("leave", "Leave"), ("erase", "Erase")], default="leave", required=True)
    consequences = fields.Text(compute="_compute_consequences")
    reason = fields.Char(help="Kept in the history. No personal data, please.")

    @api.depends("member_id", "mode")
    def _compute_consequences(self):
        for wizard in self:
            wizard.consequences = "\n".join(wizard._get_consequences()) if wizard.member_id else False

    def _get_consequences(self):
        """What will be lost, a sentence each."""
        member, club = self.member_id, self.member_id.club_id
        terms = member._get_leave_terms()
        sentences = []
        if member.tier_id:
            sentences.append(self.env._("The tier %(tier)s and its benefits end at once.", tier=member.tier_id.name))
        keep = terms["keep_until"] if self.mode == "leave" else False
        if keep:
            sentences.append(
                self.env._(
                    "%(points)s %(name)s (and %(pending)s pending) are kept until %(date)s for the case that the "
                    "member comes back, then they expire.",
                    points=club._show_number(terms["points"]),
                    pending=club._show_number(terms["pending"]),
                    name=club.point_name,
                    date=periods.format_day(keep, club.calendar),
                )
            )
        else:
            sentences.append(
                self.env._(
                    "%(points)s %(name)s and %(pending)s pending ones expire at once.",
                    points=club._show_number(terms["points"]),
                    pending=club._show_number(terms["pending"]),
                    name=club.point_name,
                )
            )
        if self.mode == "erase":
            sentences.append(
                self.env._("The contact is emptied: it exists for the club only.")
                if member.sudo()._is_partner_ours()
                else self.env._(
                    "The contact stays, for it has orders, invoices or a login; the membership is taken off it."
                )
            )
            sentences.append(
                self.env._(
                    "Occasions, nickname and messages are deleted. The points history stays, without a name. This "
                    "cannot be undone."
                )
            )
        return sentences

    def action_confirm(self):
        """Let the member leave, or erase the personal data."""
        self.ensure_one()
        self.member_id.check_access("write")
        if self.mode == "erase":
            self.member_id._erase(self.reason)
        else:
            self.member_id._leave(self.reason)
        return {"type": "ir.actions.act_window_close"}
