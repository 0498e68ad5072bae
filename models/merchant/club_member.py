"""Partner offers and vouchers on a member's pages."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_vouchers(self):
        """All vouchers of this member and of those that became it."""
        return self.env["club.voucher"].sudo().search([("member_id", "in", self._get_own_ids())])

    def _get_open_voucher_domain(self):
        return [
            ("member_id", "in", self._get_own_ids()),
            ("state", "=", "issued"),
            ("valid_until", ">", fields.Datetime.now()),
        ]
