"""What an order earns."""

from odoo import fields, models

from .preview import Preview


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_points_earned = fields.Float(compute="_compute_club_points", digits=(16, 2), string="Points Earned")
    club_points_pending = fields.Float(compute="_compute_club_points", digits=(16, 2), string="Points Pending")
    club_points_spent = fields.Float(compute="_compute_club_points", digits=(16, 2), string="Points Spent")
    club_entry_count = fields.Integer(compute="_compute_club_points", string="Point Entries")
    club_member_id = fields.Many2one("club.member", compute="_compute_club_member")
    club_preview = fields.Char(compute="_compute_club_preview", string="Will Earn")

    # -- computes ------------------------------------------------------------

    def _compute_club_points(self):
        totals = self.env["club.purchase"]._get_totals_by_origin("sale.order", self.ids)
        for order in self:
            order.update(totals[order.id])

    def _compute_club_member(self):
        """The member that the buyer is in a club of the order's company."""
        policies = self.env["club.club"].sudo()._get_policies().values()
        for order in self:
            member = self.env["club.member"]
            for policy in policies:
                if not member and order.partner_id and policy.company_id == order.company_id.id:
                    member = self.env["club.purchase"]._get_earning_member(policy, order.partner_id)
            order.club_member_id = member

    def _compute_club_preview(self):
        for order in self:
            shown = order._club_preview() if order.state in ("draft", "sent") and order.club_member_id else []
            order.club_preview = (
                self.env["club.earn.rule"]._join(
                    *(
                        f"{preview['points']} {preview['club'].point_name}"
                        for preview in shown
                        if preview["points"] and preview["member"]
                    )
                )
                or False
            )

    # -- CRUD ----------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.env["club.purchase"]._mark(self)
        return result

    # -- actions -------------------------------------------------------------

    def action_view_club_entries(self):
        self.ensure_one()
        return self.env["club.purchase"]._get_origin_action(self)

    # -- earning -------------------------------------------------------------

    def _club_preview(self):
        """What this order would earn in each club, rule by rule, with reasons; for a visitor, as a new member.

        :return: dicts of ``club, member, points`` (Decimal), ``lines`` (dicts of ``rule, points, why``) and ``missed``
            (dicts of ``rule, why``).
        :rtype: list[dict]
        """
        self.ensure_one()
        preview = Preview(self.env)
        return [preview.show(policy, member, evaluation) for policy, member, _row, evaluation in preview.of_order(self)]

    def _get_club_channel(self):
        """Where the order was made: ``website`` or ``backend``. An override may add channels."""
        self.ensure_one()
        return "website" if self.website_id else "backend"
