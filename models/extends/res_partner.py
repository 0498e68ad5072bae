"""A contact's memberships."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    club_member_ids = fields.One2many(
        "club.member", "partner_id", string="Club Memberships", groups="customer_club.group_club_user"
    )
    club_member_count = fields.Integer(compute="_compute_club_member_count", groups="customer_club.group_club_user")
    club_points = fields.Float(
        compute="_compute_club_member_count", digits=(16, 2), groups="customer_club.group_club_user"
    )

    def _compute_club_member_count(self):
        """Two queries for any number of contacts."""
        totals = {
            partner: (count, points)
            for partner, count, points in self.env["club.member"]._read_group(
                [("partner_id", "in", self.ids)],
                ["partner_id"],
                ["__count", "balance:sum"],
            )
        }
        for partner in self:
            partner.club_member_count, partner.club_points = totals.get(partner, (0, 0.0))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_club_members(self):
        members = (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", self.ids)], limit=1)
        )
        if members:
            raise UserError(
                self.env._(
                    "%(name)s is or was a member of %(club)s, and the ledger refers to it. Archive the contact, "
                    "or erase its personal data on the member.",
                    name=members.partner_id.display_name,
                    club=members.club_id.name,
                )
            )

    def action_open_club_members(self):
        """Open the contact's membership, or the list if there are several."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_member_action")
        action.update(domain=[("partner_id", "=", self.id)], context={})
        if len(self.club_member_ids) == 1:
            action.update(res_id=self.club_member_ids.id, views=[(False, "form")], view_mode="form")
        return action

    def action_enrol_in_club(self):
        """Open the wizard that enrols these contacts in a club."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_enrol_wizard_action")
        return dict(action, context={"default_partner_ids": self.ids})

    def _lock_club_spending(self):
        """Whether this is the only request that spends this customer's points at the moment; it stays so until it ends.

        An advisory lock that does not wait: a row lock would queue requests up, each holding a worker, or make Odoo
        repeat them (abuse 24).

        :rtype: bool
        """
        self.ensure_one()
        [(alone,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('club.spend'), %s)", self.commercial_partner_id.id)
        )
        return alone
