"""What friends' purchases should have earned by now, less what was reported."""

from datetime import timedelta

from odoo import models

from .club_referral import STANDING


class ClubReferral(models.Model):
    _inherit = "club.referral"

    def _earn_purchases(self):
        """Report friends' purchases that count, take back those that no longer do, and report anew those that changed.

        It may run any number of times: a purchase is reported as a number (which of the friend's it is) and an amount,
        and only a difference does anything. A part that came back takes the whole back and reports the rest.
        """
        gone, due = self.env["club.referral.purchase"], []
        for referral in self:
            counted = referral.purchase_ids.filtered(lambda purchase: purchase.state == "counted")
            if referral.state not in STANDING:
                counted = counted.filtered("number") if referral.state == "held" else counted.browse()
            counted = counted.sorted(lambda purchase: (purchase.counted_at, purchase.id))
            gone |= (referral.purchase_ids - counted).filtered("number")
            for number, purchase in enumerate(counted, 1):
                if not referral._is_reported_as(purchase, number):
                    gone |= purchase.filtered("number")
                    due.append((purchase, number))
        gone._get_reported()._revoke(self.env._("A friend's purchase was returned, cancelled or changed."))
        gone._forget_reported()
        self._report_purchases(due)

    def _is_reported_as(self, purchase, number):
        return purchase.number == number and not purchase.currency_id.compare_amounts(
            purchase.reported_amount, purchase.amount
        )

    def _report_purchases(self, due):
        """Report purchases with their numbers, and the joining where it waited for the first one.

        :param list due: pairs of purchase and number.
        """
        facts = []
        for purchase, number in due:
            referral = purchase.referral_id
            if not referral.bought_at and referral.state in STANDING:
                referral.write({"bought_at": purchase.counted_at, "state": "bought"})
            purchase.write({"number": number, "reported_amount": purchase.amount})
            days = max((purchase.bought_at - referral.joined_at) // timedelta(days=1), 0)
            facts += [
                {
                    **values,
                    "type": "referral_purchase",
                    "key": f"{purchase._name},{purchase.id}:{purchase.generation}:{values['payload']['side']}",
                    "occurred_at": purchase.bought_at,
                    "amount": purchase.amount,
                }
                for values in referral._prepare_side_values("referral_purchase", number=number, days=days)
            ]
        self.env["club.event"]._report(facts)
        self._earn_join()
