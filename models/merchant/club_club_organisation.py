"""Organisations as members: where the company of a person earns, the person can bring the company along."""

import re

from odoo import models
from odoo.addons.customer_club.engine import text
from odoo.fields import Domain

from ..membership.club_club_joining import JoinRefused


class ClubClub(models.Model):
    _inherit = "club.club"

    def _can_join_as_organisation(self, partner):
        """Whether ``partner`` may bring an organisation: the club's members are companies, and they have none yet."""
        self.ensure_one()
        partner = partner.sudo()
        return (
            self.sudo().earner == "company"
            and not partner.is_company
            and partner.commercial_partner_id == partner
            and not self._get_member(partner)
        )

    def _join_organisation(self, partner, name, vat="", **joining):
        """``partner`` becomes the contact of a new organisation, which joins; its contacts earn and spend for it.

        :param partner: the person who is signed in.
        :param str name: of the organisation; :param str vat: its tax number, if it has one.
        :param joining: as for :meth:`_join`.
        :return: the member (sudo)
        :raise JoinRefused: what is missing, in a sentence for the person; nothing was changed then.
        """
        self.ensure_one()
        club, partner = self.sudo(), partner.sudo()
        name = text.normalise((name or "").strip())[:100]
        vat = re.sub(r"[\s./-]", "", text.normalise((vat or "").strip())).upper()[:32]
        if not name:
            raise JoinRefused(self.env._("Write the name of your organisation. Nothing was saved yet."))
        if not club._can_join_as_organisation(partner):
            raise JoinRefused(
                self.env._(
                    "You belong to an organisation already, or members of %(club)s are persons. Join without a new "
                    "organisation.",
                    club=club.name,
                )
            )
        club._check_organisation_is_new(name, vat)
        with self.env.cr.savepoint():
            company = (
                self.env["res.partner"]
                .sudo()
                .create(
                    {
                        "name": name,
                        "vat": vat,
                        "is_company": True,
                        "company_id": partner.company_id.id,
                        "email": partner.email,
                        "phone": partner.phone,
                        "lang": partner.lang,
                        "country_id": partner.country_id.id,
                    }
                )
            )
            partner.parent_id = company
            return club._join(partner, **joining)

    def _check_organisation_is_new(self, name, vat):
        """Nobody makes an organisation a second time: its colleagues would collect apart, and a stranger could pose
        as one of them.
        """
        if not vat:
            return
        known = (
            self.env["res.partner"]
            .sudo()
            .search(
                Domain("vat", "=ilike", vat)
                & Domain("is_company", "=", True)
                & Domain("company_id", "in", [False, self.company_id.id]),
                limit=1,
            )
        )
        if known:
            raise JoinRefused(
                self.env._(
                    "An organisation with this tax number is known to us. Ask us to make you one of its contacts. "
                    "Nothing was saved yet."
                )
            )
