"""Which pools a member is in, and whose points it may spend."""

from odoo import models
from odoo.exceptions import UserError

from .club_pool import SPENDERS


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_places(self, states=("active",)):
        """This member's places in pools (sudo)."""
        self.ensure_one()
        return (
            self.env["club.pool.member"]
            .sudo()
            .search([("member_id", "=", self.id), ("state", "in", states), ("pool_id.state", "=", "open")], limit=50)
        )

    def _get_spendable_pools(self):
        """Pools whose points this member may spend (sudo)."""
        self.ensure_one()
        if not self.sudo().club_id.pool_active:
            return self.env["club.pool"].sudo()
        return self._get_places().filtered(lambda place: place.role in SPENDERS).pool_id

    def _get_spendable_accounts(self):
        """Whose points this member may spend beside its own: accounts of pools. Another room may add its own.

        :return: ``club.member`` records in state ``account`` (sudo).
        """
        self.ensure_one()
        return self._get_spendable_pools().account_id

    def _has_pool_room(self):
        return len(self._get_places()) < self.sudo().club_id.pool_per_member

    def _check_pool_room(self):
        """Refuse who has left, or is in as many pools as a member may be.

        :raises UserError: with what to do.
        """
        self.ensure_one()
        self._check_spender()
        club = self.sudo().club_id
        if not club.pool_active:
            raise UserError(self.env._("%(club)s has no pools at the moment. Nothing was changed.", club=club.name))
        if not self._has_pool_room():
            raise UserError(
                self.env._(
                    "A member may be in %(most)s pools at a time. Nothing was changed: leave one first.",
                    most=club.pool_per_member,
                )
            )

    def _get_buyers(self):
        """The contacts whose orders are this member's."""
        self.ensure_one()
        if self.club_id.earner != "company":
            return self.partner_id
        return self.partner_id | self.env["res.partner"].sudo().search([("id", "child_of", self.partner_id.id)])


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_buyer_member(self, partner):
        """The active member of this club whose points an order of ``partner`` may use (sudo), or none."""
        self.ensure_one()
        owner = partner.commercial_partner_id if self.sudo().earner == "company" else partner
        return (
            self.env["club.member"]
            .sudo()
            .search([("club_id", "=", self.id), ("partner_id", "=", owner.id), ("state", "=", "active")], limit=1)
        )
