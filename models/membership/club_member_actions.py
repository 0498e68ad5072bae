"""What a member's form opens."""

from odoo import models


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- actions -------------------------------------------------------------------------------------

    def action_open_partner(self):
        """Open the member's contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
        }

    def action_open_entries(self):
        """Open what happened to the member's points."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %(member)s", member=self.display_name),
            "res_model": "club.point.entry",
            "view_mode": "list,form,graph,pivot",
            "domain": [("member_id", "=", self.id)],
        }

    def action_open_events(self):
        """Open what the member did."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What %(member)s Did", member=self.display_name),
            "res_model": "club.event",
            "view_mode": "list,form",
            "views": [(self.env.ref("customer_club.club_event_view_timeline").id, "list"), (False, "form")],
            "domain": [("member_id", "=", self.id)],
        }

    def action_open_leave(self):
        """Say what would be lost by leaving, and ask."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leave the Club"),
            "res_model": "club.leave.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def action_open_erase(self):
        """Ask before erasing the member's personal data."""
        self.ensure_one()
        return dict(
            self.action_open_leave(),
            name=self.env._("Erase Personal Data"),
            context={
                "default_member_id": self.id,
                "default_mode": "erase",
            },
        )
