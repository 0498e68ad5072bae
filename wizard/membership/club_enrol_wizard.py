"""Staff enrol contacts, one or thousands."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubEnrolWizard(models.TransientModel):
    _name = "club.enrol.wizard"
    _description = "Enrol Contacts in a Club"
    _inherit = "club.bounded"

    club_id = fields.Many2one(
        "club.club",
        required=True,
        default=lambda self: self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1),
    )
    partner_ids = fields.Many2many("res.partner", string="Contacts", required=True)
    has_terms = fields.Boolean(compute="_compute_has_terms")
    consent_terms = fields.Boolean(string="They accepted the club's terms")
    consent_marketing = fields.Boolean(string="They agreed to marketing messages")
    summary = fields.Text(compute="_compute_summary")

    @api.depends("club_id")
    def _compute_has_terms(self):
        for wizard in self:
            wizard.has_terms = bool(wizard.club_id.terms_id)

    @api.depends("club_id", "partner_ids")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard._get_summary() if wizard.club_id and wizard.partner_ids else False

    def _get_summary(self):
        """What confirming would do, in sentences."""
        earners = self.club_id._get_earners(self.partner_ids._origin)
        known = (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("club_id", "=", self.club_id.id),
                    ("partner_id", "in", earners.ids),
                    ("state", "in", ["active", "left"]),
                ]
            )
        )
        active = known.filtered(lambda member: member.state == "active").partner_id
        back = known.partner_id - active
        lines = [self.env._("%(count)s new members.", count=len(earners - known.partner_id))]
        if active:
            lines.append(self.env._("%(count)s are members already and stay as they are.", count=len(active)))
        if back:
            lines.append(self.env._("%(count)s had left and come back.", count=len(back)))
        if len(earners) < len(self.partner_ids):
            lines.append(
                self.env._("In this club the company is the member: contacts of one company share a membership.")
            )
        if self.club_id.join_policy == "closed":
            lines.append(self.env._("The club is closed: enrolling is your invitation."))
        return "\n".join(lines)

    def action_enrol(self):
        """Enrol the contacts and open the members.

        :raise UserError: the club has terms and nobody said that they were accepted
        """
        self.ensure_one()
        self.club_id.check_access("read")
        self.partner_ids.check_access("read")
        if self.has_terms and not self.consent_terms:
            raise UserError(
                self.env._(
                    "%(club)s has terms. Tick that the contacts accepted them, or invite the contacts instead, so "
                    "that they can accept them.",
                    club=self.club_id.name,
                )
            )
        before = self.env["club.member"].search(
            [("club_id", "=", self.club_id.id), ("partner_id", "in", self.partner_ids.ids)]
        )
        members = self.club_id._enrol(self.partner_ids, "manual")
        new = members - before
        if new and self.has_terms:
            new._record_consent("terms", True, "manual")
        if new and self.consent_marketing:
            new._record_consent("marketing", True, "manual")
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_member_action")
        action.update(domain=[("id", "in", members.ids)], context={})
        if len(members) == 1:
            action.update(res_id=members.id, views=[(False, "form")], view_mode="form")
        return action


class ClubClub(models.Model):
    _inherit = "club.club"

    def action_enrol(self):
        """Open the wizard that enrols contacts in this club."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_enrol_wizard_action")
        return dict(action, context={"default_club_id": self.id})

    def action_invite(self):
        """Open the wizard that invites people to this club."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invite to %(club)s", club=self.name),
            "res_model": "club.invite.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_club_id": self.id},
        }
