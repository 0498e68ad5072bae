"""What a product would earn."""

from odoo import models

from .preview import Preview


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _club_preview(self, quantity=1, partner=None):
        """What ``quantity`` of this product would earn ``partner`` in each club; for a visitor, as a new member.

        :return: see ``sale.order._club_preview``.
        :rtype: list[dict]
        """
        self.ensure_one()
        company = self._get_club_company()
        preview = Preview(self.env)
        policies = [policy for policy in preview.policies.values() if policy.company_id == company.id]
        product = self.product_variant_id
        if not policies or not product or product.id in self.env["loyalty.program"]._get_club_excluded_products():
            return []
        line = (product, quantity, *self._get_club_price(product, quantity, partner, company))
        return [
            preview.show(policy, member, evaluation)
            for policy, member, _row, evaluation in preview.of_lines([line], partner, policies)
        ]

    def _get_club_company(self):
        website = self.env["website"].get_current_website(fallback=False)
        return website.company_id or self.company_id or self.env.company

    def _get_club_price(self, product, quantity, partner, company):
        """What the customer would pay, with and without taxes, in the company's currency."""
        pricelist = (
            partner.property_product_pricelist if partner and not partner.is_public else self.env["product.pricelist"]
        )
        product = product.with_company(company)
        price = pricelist._get_product_price(product, quantity, currency=company.currency_id)
        taxes = product.taxes_id._filter_taxes_by_company(company)
        totals = taxes.compute_all(price, company.currency_id, quantity, product, partner)
        return totals["total_included"], totals["total_excluded"]
