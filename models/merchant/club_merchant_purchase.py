from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: How long the merchant's people can take back what they reported on the phone.
TAKE_BACK = timedelta(hours=1)


class ClubMerchantPurchase(models.Model):
    """A purchase says whether the member was there with a code; reported on a phone, it is taken back there in time."""

    _inherit = "club.merchant.purchase"

    token_ids = fields.One2many(
        "club.member.token", "purchase_id", string="Member's Code", readonly=True, help="The proof, if there is one."
    )

    def _can_take_back(self):
        """Whether the merchant's people can still take back what they reported."""
        self.ensure_one()
        return (
            self.state in ("held", "recorded", "corrected")
            and bool(self.recorded_at)
            and fields.Datetime.now() < self.recorded_at + TAKE_BACK
        )

    def _take_back_at_desk(self):
        """The merchant's people take back a mistake in time: what it earned goes. Once, however often called.

        :raises UserError: it is too late
        """
        self.ensure_one()
        purchase = self.sudo()
        purchase.flush_recordset()
        # SQL, as lock_for_update skips rows that are locked: here the second must start over and see the first.
        self.env.execute_query(
            SQL("SELECT id FROM club_merchant_purchase WHERE id = %s FOR NO KEY UPDATE", purchase.id)
        )
        purchase.invalidate_recordset(["state"])
        if purchase.state in ("reversed", "refused"):
            return
        if not purchase._can_take_back():
            raise UserError(
                self.env._(
                    "The time to take the receipt %(reference)s back is over. Nothing was changed: ask the club.",
                    reference=purchase.reference,
                )
            )
        purchase._reverse(self.env._("Taken back at the merchant"))
