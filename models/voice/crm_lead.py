"""A lead shows who the customer is to the club, and which feedback it came from."""

from odoo import api, fields, models

USER = "customer_club.group_club_user"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    club_feedback_ids = fields.One2many("club.feedback", "lead_id", groups=USER)
    club_feedback_count = fields.Integer(compute="_compute_club_feedback_count", groups=USER)
    club_member_id = fields.Many2one("club.member", compute="_compute_club_member", groups=USER)
    club_tier_id = fields.Many2one("club.tier", compute="_compute_club_member", groups=USER)
    club_balance = fields.Char(compute="_compute_club_member", groups=USER)

    def _compute_club_feedback_count(self):
        counts = dict(
            self.env["club.feedback"].sudo()._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
        )
        for lead in self:
            lead.club_feedback_count = counts.get(lead._origin.sudo(), 0)

    @api.depends("partner_id", "company_id")
    def _compute_club_member(self):
        """The customer's membership, of the lead's company where it has one: one query for any number of leads."""
        partners = self.partner_id | self.partner_id.commercial_partner_id
        members = self.env["club.member"].search([("partner_id", "in", partners.ids), ("state", "=", "active")])
        members.fetch(["partner_id", "club_id", "tier_id", "company_id"])
        balances = {member: member.balance for member in members}  # all at once, before they are taken apart
        by_partner = members.grouped("partner_id")
        for lead in self:
            found = by_partner.get(lead.partner_id._origin, members.browse())
            company = by_partner.get(lead.partner_id.commercial_partner_id._origin, members.browse())
            found |= company.filtered(lambda member: member.club_id.earner == "company")
            if lead.company_id:
                found = found.filtered(lambda member, lead=lead: member.company_id == lead.company_id)
            member = found.sorted(lambda member: (-balances[member], member.id))[:1]
            lead.club_member_id = member
            lead.club_tier_id = member.tier_id
            lead.club_balance = member.club_id._show_points(balances[member]) if member else ""

    def action_open_club_feedback(self):
        """Open the feedback that became this lead."""
        self.ensure_one()
        feedback = self.club_feedback_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Feedback"),
            "res_model": "club.feedback",
            "view_mode": "list,form",
            "domain": [("lead_id", "=", self.id)],
        }
        return dict(action, view_mode="form", res_id=feedback.id) if len(feedback) == 1 else action
