from odoo import models


class ClubPointEntry(models.Model):
    """Points spent at a partner say on what, and where."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.voucher"}
        vouchers = self.env["club.voucher"].sudo().browse(ids).exists()
        return {
            **names,
            **{
                ("club.voucher", voucher.id): self.env._(
                    "%(offer)s, %(merchant)s", offer=voucher.offer_id.name, merchant=voucher.merchant_id.name
                )
                for voucher in vouchers
            },
        }

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.voucher":
            return self.env._("Voucher: %(name)s", name=name)
        return super()._get_portal_subject(name)
