"""Notices purchases of friends, so that the scheduled job looks at them."""

from odoo import api, models
from odoo.addons.customer_club.models.earning.till_document import resolve_till_orders
from odoo.addons.customer_club.models.earning.till_facts import TILL


class ClubPurchase(models.AbstractModel):
    _inherit = "club.purchase"

    @api.model
    def _settle(self, orders=None, moves=None, tills=None, **options):
        """Whatever happened to a sale (bought, paid, returned, cancelled), the friend's referral may change with it.

        One query more, and none where no friend was ever brought; the rest is the job's.
        """
        entries = super()._settle(orders=orders, moves=moves, tills=tills, **options)
        if self.env["club.referral"]._has_any():
            found, own = self._resolve(orders or self.env["sale.order"], moves)
            documents = {"sale.order": found.ids, "account.move": own.ids}
            if tills:
                records, further = resolve_till_orders(self.sudo().env, tills.ids)
                documents[TILL] = records.ids
                documents["sale.order"] += further.ids
            self.env["club.referral.purchase"].sudo()._notice(documents)
        return entries
