"""Feedback that is worth a salesperson's time becomes a lead, once."""

from odoo import models
from odoo.tools import plaintext2html


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def action_make_lead(self):
        """Make a lead or opportunity of it with the user's own rights, or open the one that was made before."""
        self.ensure_one()
        self.check_access("write")
        self._lock()
        if not self.lead_id:
            lead = self.env["crm.lead"].create(self._prepare_lead_values())
            self._set({"lead_id": lead.id})
            lead.message_post(body=self.env._("Made of feedback: %(link)s", link=self._get_html_link()))
            self.message_post(body=self.env._("Became a lead: %(link)s", link=lead._get_html_link()))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "view_mode": "form",
            "res_id": self.lead_id.id,
        }

    def _prepare_lead_values(self):
        """Values of the lead: what the member wrote is escaped, and stays what the member wrote."""
        self.ensure_one()
        member = self.sudo().member_id
        return {
            "name": self.subject,
            "partner_id": self.sudo().author_id.id,
            "company_id": member.company_id.id,
            "description": plaintext2html(self.text),
            "type": "lead" if self.env.user.has_group("crm.group_use_lead") else "opportunity",
            "user_id": self.env.uid,
        }
