"""Simulations when a person is forgotten: figures stay, and nobody is in them any more."""

from odoo import models
from odoo.addons.customer_club.engine import text


class ClubMember(models.Model):
    _inherit = "club.member"

    def _erase_one(self, reason):
        known = self._get_written_names()
        partner, company = self.partner_id, self.company_id
        res = super()._erase_one(reason)
        self.env["club.simulation.customer"].sudo()._forget_person(company, partner, known)
        self.env["club.simulation"].sudo()._forget_person(company, known)
        return res

    def _get_written_names(self):
        """What a file of purchases may call this member, as keys to compare.

        :rtype: set[str]
        """
        self.ensure_one()
        partner = self.partner_id
        found = (self.number, self.nickname, partner.name, partner.email, partner.phone, partner.ref, partner.barcode)
        return {text.search_key(name) for name in found if name} - {""}
