"""Reaching a tier earns at once where the member's card is ours already."""

from odoo import models


class ClubMember(models.Model):
    _inherit = "club.member"

    def _review_tiers(self, reason="rise"):
        """Rise, and earn for it in the same transaction: a rise follows the member's own points or purchase, whose
        transaction holds the card already. The nightly review locks members first, so what it finds waits for the job
        that processes events: it must not lock cards in another order than the ledger does.
        """
        changed = super()._review_tiers(reason)
        if changed:
            self.env["club.event"].sudo().search(
                [("member_id", "in", changed.ids), ("type", "=", "tier"), ("processed_at", "=", False)]
            )._process()
        return changed
