"""A tier's pricelist: what its members pay unless their contact has a pricelist of its own."""

from odoo import api, models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    @api.model
    def _get_partner_pricelist_multi(self, partner_ids):
        """Put the tier's pricelist between the contact's own one and the one of its country.

        Nothing is written on the contact, so nothing has to be given back when a member falls or leaves, and a
        pricelist chosen by hand always wins.
        """
        result = super()._get_partner_pricelist_multi(partner_ids)
        if not result or not any(partner_ids):
            return result
        by_partner = self._get_club_pricelists(partner_ids)
        if by_partner:
            Partner = self.env["res.partner"].with_context(active_test=False)
            for partner in Partner.browse(by_partner):
                if not partner.specific_property_product_pricelist._get_partner_pricelist_multi_filter_hook():
                    result[partner.id] = by_partner[partner.id]
        return result

    @api.model
    def _get_club_pricelists(self, partner_ids):
        """The pricelists that memberships give to partners: one query, or none where no tier has a pricelist.

        :rtype: dict of partner id to ``product.pricelist``
        """
        company = self.env.company
        if not self.env["club.tier"]._is_given(company.id, "pricelist_id"):
            return {}
        partners = (
            self.env["res.partner"]
            .sudo()
            .browse([partner_id for partner_id in partner_ids if isinstance(partner_id, int)])
        )
        members = (
            self.env["club.member"]
            .sudo()
            .search(
                [
                    ("tier_id.pricelist_id", "!=", False),
                    ("company_id", "=", company.id),
                    ("club_id.active", "=", True),
                    ("state", "=", "active"),
                    "|",
                    ("partner_id", "in", partners.ids),
                    "&",
                    ("club_id.earner", "=", "company"),
                    ("partner_id", "in", partners.commercial_partner_id.ids),
                ]
            )
        )
        by_holder = {}
        for member in members.sorted(lambda member: (member.club_id.sequence, -member.tier_id.priority, member.id)):
            if member.tier_id.pricelist_id._get_partner_pricelist_multi_filter_hook():
                key = (member.partner_id.id, member.club_id.earner)
                by_holder.setdefault(key, member.tier_id.pricelist_id.id)
        result = {}
        for partner in partners:
            found = by_holder.get((partner.id, "person")) or by_holder.get(
                (partner.commercial_partner_id.id, "company")
            )
            if found:
                result[partner.id] = self.browse(found)
        return result
