"""A custom fact that a manager reports by hand."""

import secrets

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input, periods
from odoo.exceptions import AccessError, UserError


class ClubCustomFactWizard(models.TransientModel):
    """Reports one fact about one member; what it earns is what the rules say."""

    _name = "club.custom.fact.wizard"
    _description = "Report a Custom Fact"
    _inherit = "club.bounded"

    def _default_token(self):
        return secrets.token_hex(8)

    member_id = fields.Many2one("club.member", required=True, domain="[('state', '=', 'active')]")
    club_id = fields.Many2one(related="member_id.club_id")
    currency_id = fields.Many2one(related="member_id.currency_id")
    fact_id = fields.Many2one("club.custom.fact", required=True, domain="[('club_id', '=', club_id)]")
    description = fields.Text(related="fact_id.description")
    occurred_at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    amount = fields.Monetary(help="Only if a rule counts it.")
    reference = fields.Char(help="Names the fact, e.g. the number of a slip. The same one cannot earn twice.")
    token = fields.Char(default=lambda self: self._default_token(), required=True, readonly=True)

    @api.onchange("member_id")
    def _onchange_member_id(self):
        if self.fact_id.club_id != self.member_id.club_id:
            self.fact_id = False

    def action_report(self):
        """Report the fact, once: pressing the button twice, or the same reference again, counts no second time."""
        self.ensure_one()
        self._check()
        event = self.env["club.event"]._report(
            [
                {
                    "member_id": self.member_id.id,
                    "type": "custom",
                    "key": f"club.custom.fact,{self.fact_id.id}:{self._get_reference()}",
                    "occurred_at": self.occurred_at,
                    "amount": self.amount,
                    "origin": self.fact_id,
                    "payload": {"code": self.fact_id.code},
                }
            ]
        )
        points = event.with_env(self.env).points
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if points else "warning",
                "message": self.env._(
                    "%(fact)s: %(points)s points",
                    fact=self.fact_id.name,
                    points=self.env["club.club"]._show_number(points),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_reference(self):
        return api_input.text(self.reference, "reference", 64) or self.token

    def _check(self):
        if not self.env.user.has_group("customer_club.group_club_manager"):
            raise AccessError(self.env._("Only a club manager reports facts by hand."))
        self.member_id.check_access("read")
        member = self.member_id
        if member.partner_id == self.env.user.partner_id:
            raise UserError(self.env._("This is about you. Ask another manager to report it."))
        if self.fact_id.club_id != member.club_id or not self.fact_id.active:
            raise UserError(
                self.env._(
                    "The club of %(member)s knows no fact %(fact)s. Choose one of its own.",
                    member=member.display_name,
                    fact=self.fact_id.name,
                )
            )
        if member.state != "active":
            raise UserError(self.env._("%(member)s is no longer a member.", member=member.display_name))
        tz = member.club_id.tz
        if self.occurred_at > fields.Datetime.now() or periods.local_date(self.occurred_at, tz) < periods.local_date(
            member.joined_at, tz
        ):
            raise UserError(self.env._("Give a time that has come, and not before the member joined."))
