"""The merchant gives what a voucher stands for; a mistake at the counter is undone. Each once."""

from odoo import fields, models
from odoo.exceptions import UserError


class ClubVoucher(models.Model):
    _inherit = "club.voucher"

    def _redeem(self, user, key, reference=""):
        """The merchant gives what the voucher stands for, and is owed its value from then on.

        :param user: who stands at the counter, or the till's technical user
        :param str key: names the request, already prefixed by the server
        :return: whether it was redeemed now; false means that it cannot be used, whatever the reason
        :rtype: bool
        :raises UserError: the merchant may redeem no more today
        """
        self.ensure_one()
        voucher = self.sudo()
        voucher._lock_rows()
        if not voucher._is_usable() or voucher._is_of(user):
            return False
        voucher.merchant_id._check_most_value(voucher.value)
        voucher._set_redeemed(user, reference, key)
        return True

    def _is_of(self, user):
        """Whether who redeems is the member, or the member one of the merchant's people (abuse 12)."""
        partner = self._get_holder().partner_id
        return user.partner_id.commercial_partner_id == partner.commercial_partner_id or self.merchant_id._is_own(
            partner
        )

    def _can_undo(self):
        """Whether the merchant can still undo the redemption."""
        self.ensure_one()
        return self.state == "redeemed" and bool(self.undo_until) and fields.Datetime.now() < self.undo_until

    def _undo(self, user):
        """The merchant undoes its own redemption in time.

        :raises UserError: it is too late, or it was undone before
        """
        self.ensure_one()
        voucher = self.sudo()
        voucher._lock_rows()
        if voucher.state == "redeemed" and not voucher._can_undo():
            raise UserError(
                self.env._(
                    "The time to undo %(number)s is over. Nothing was changed: ask the club to undo it.",
                    number=voucher.number,
                )
            )
        voucher._reverse(user, self.env._("Undone at the merchant"))

    def _reverse(self, user, reason):
        """A redemption did not happen: the merchant is owed nothing; the points come back or stay as agreed. Once.

        Points that stay remain redeemed in the books: the member has no claim to them any more.

        :raises UserError: it is not redeemed (any more)
        """
        self.ensure_one()
        voucher = self.sudo()
        voucher._lock_rows()
        if voucher.state != "redeemed":
            raise UserError(
                self.env._(
                    "%(number)s is not redeemed, so there is nothing to undo. Reload the page "
                    "to see what became of it.",
                    number=voucher.number,
                )
            )
        vals = {
            "state": "reversed",
            "reversed_at": fields.Datetime.now(),
            "reversed_by_id": user.id,
            "reversed_reason": reason,
            "unit_cost": 0.0,
        }
        if voucher.reversal == "give_back":
            vals["satisfied_at"] = False
            voucher._settle_points({voucher.id: 0})
        voucher._step(vals)
