"""A member takes a voucher, or pays at the counter with points."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import vouchers
from odoo.exceptions import UserError


class ClubVoucher(models.Model):
    _inherit = "club.voucher"

    @api.model
    def _buy(self, member, offer, key):
        """``member`` gives an offer's points and holds a voucher from then on.

        :param str key: names the request; the same again returns the first voucher and takes nothing.
        :return: ``club.voucher`` in sudo
        :raises UserError: it cannot be had, with the reason; nothing was taken then
        :raises NotEnoughPoints: the member cannot spend so much
        """
        member.ensure_one()
        offer.ensure_one()
        key = f"buy,{member.id}:{key}"
        found = self.sudo().search([("key", "=", key)], limit=1)
        if found:
            if found.offer_id != offer:
                raise UserError(
                    self.env._("This request took another voucher before. Nothing was taken: reload the page.")
                )
            return found
        member._check_spender()
        offer = offer.sudo()
        if offer.kind != "voucher":
            raise UserError(
                self.env._("%(offer)s is used at the counter: make a code on your card page there.", offer=offer.name)
            )
        offer._lock()
        offer._check_audience(member)
        obstacle = offer._get_obstacle(member)
        if obstacle:
            raise UserError(obstacle)
        price = offer._get_price()
        nonce, digest = self.env["club.code"]._make("voucher")
        club = offer.club_id
        voucher = self.sudo().create(
            {
                **offer._prepare_voucher(member, offer.value),
                "key": key,
                "valid_until": vouchers.end_of_validity(club._get_today(), offer.valid_days, club.tz),
                "code_nonce": nonce,
                "code_digest": digest,
            }
        )
        voucher._settle_points({voucher.id: price})
        return voucher

    @api.model
    def _charge(self, member, offer, amount, user, key, reference=""):
        """Points pay ``amount`` at the merchant's counter, at once.

        The caller has the member's one-time code as proof and its limit checked.

        :param Decimal amount: money that points pay, in the club's currency
        :param user: who stands at the counter
        :param str key: names the request, already prefixed by the server
        :return: ``club.voucher`` in sudo, redeemed
        :raises UserError: the offer does not allow it, with the reason; nothing was taken then
        :raises NotEnoughPoints: the member cannot spend so much
        """
        found = self.sudo().search([("key", "=", key)], limit=1)
        if found:
            return found
        member._check_spender()
        offer = offer.sudo()
        offer._check_audience(member)
        obstacle = offer._get_obstacle(member) or offer._get_counter_obstacle(member, amount)
        if obstacle:
            raise UserError(obstacle)
        offer.merchant_id._check_most_value(float(amount))
        voucher = self.sudo().create({**offer._prepare_voucher(member, amount), "key": key})
        voucher._settle_points({voucher.id: offer._get_points_for(amount)})
        voucher._set_redeemed(user, reference, key)
        return voucher

    def _set_redeemed(self, user, reference, key):
        now = fields.Datetime.now()
        for voucher in self.sudo():
            voucher._step(
                {
                    "state": "redeemed",
                    "redeemed_at": now,
                    "redeemed_by_id": user.id,
                    "undo_until": now + timedelta(minutes=voucher.undo_minutes),
                    "reference": reference or False,
                    "use_key": key,
                    "satisfied_at": now,
                    "unit_cost": voucher.offer_id._get_unit_cost(voucher.value),
                }
            )


class ClubMerchantOffer(models.Model):
    _inherit = "club.merchant.offer"

    def _get_counter_obstacle(self, member, amount):
        """Why points cannot pay ``amount`` (Decimal) of a bill now, as a sentence; empty if nothing is in the way."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        if self.kind != "per_amount" or amount <= 0:
            return _("Type an amount above zero that is paid with points. Nothing was taken.")
        points = self._get_points_for(amount)
        least, most, daily = (
            engine_lots.to_decimal(round(self[name], 2)) for name in ("least_points", "most_points", "most_points_day")
        )
        if points < least:
            return _(
                "%(offer)s takes at least %(points)s at a time. Nothing was taken.",
                offer=self.name,
                points=club._show_points(least),
            )
        if most and points > most:
            return _(
                "%(offer)s takes at most %(points)s at a time. Nothing was taken: lower the amount.",
                offer=self.name,
                points=club._show_points(most),
            )
        if daily and self._get_used_today(member) + points > daily:
            return _(
                "%(offer)s takes at most %(points)s per member and day. Nothing was taken: lower the amount.",
                offer=self.name,
                points=club._show_points(daily),
            )
        return ""
