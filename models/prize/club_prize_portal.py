"""A prize and a redemption as their member reads them."""

from odoo import models
from odoo.addons.customer_club.engine import codes


class ClubPrize(models.Model):
    _inherit = "club.prize"

    def _get_portal_url(self, member):
        self.ensure_one()
        return f"/my/club/{member.id}/prizes/{self.id}"

    def _get_portal_image(self, member, size):
        """The address of the main picture; empty without one. ``size``: a field of the image mixin."""
        self.ensure_one()
        if not self.sudo().image_128:
            return ""
        stamp = int(self.write_date.timestamp())
        return f"{self._get_portal_url(member)}/picture/0/{size}?unique={stamp}"

    def _say_audience_refusal(self, reason, member, short=False):
        """As in the audience; in a list a few words do."""
        tiers = self.sudo().audience_from_tier_id or self.sudo().audience_tier_ids
        if short and reason == "tier" and tiers:
            return self.env._("From the tier %(tier)s", tier=min(tiers, key=lambda tier: tier.threshold).name)
        return super()._say_audience_refusal(reason, member)

    def _show_delivery(self):
        """In plain words how it reaches the member."""
        self.ensure_one()
        _ = self.env._
        return {
            "order_line": lambda: _("We make an order of it for you: you can fetch it, or we send it."),
            "coupon": lambda: _("You get a coupon code for the shop at once."),
            "service": lambda: _("Our staff does it for you. We tell you when it is ready."),
            "code": lambda: _("You get a code at once. Only you can read it."),
        }[self.delivery]()


class ClubRedemption(models.Model):
    _inherit = "club.redemption"

    def _get_portal_values(self):
        """What a page says of a redemption: its state in plain words, what happens next, its code.

        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        until = self._get_cancel_until() if self._can_member_cancel() else None
        return {
            "redemption": self,
            "name": self.prize_id.name,
            "number": self.name,
            "day": club._show_day(self.requested_at),
            "points": club._show_points(self.points),
            "state": self._show_portal_state(),
            "style": {"delivered": "success", "ready": "warning", "requested": "info", "approved": "info"}.get(
                self.state, "secondary"
            ),
            "next": self._say_next(),
            "reason": self.reason if self.state in ("cancelled", "refused", "returned") else "",
            "code": self._show_code(),
            "image": self.prize_id._get_portal_image(self.member_id, "image_128"),
            "can_cancel": bool(until),
            "cancel_until": club._show_day(until),
            "pay_url": self.order_id.get_portal_url() if self.is_waiting_for_payment else "",
            "money": club._show_money(self.money) if self.money else "",
        }

    def _get_bars(self):
        """The number as bars, for the slip; drawn here, so that printing asks nothing of the network."""
        self.ensure_one()
        return codes.code128(self.name or "")

    def _show_portal_state(self):
        _ = self.env._
        if self.is_waiting_for_payment:
            return _("Waits for your payment")
        return {
            "requested": _("We look at it"),
            "approved": _("We prepare it"),
            "ready": _("Ready"),
            "delivered": _("You have it"),
            "cancelled": _("Cancelled"),
            "refused": _("Refused"),
            "returned": _("Given back"),
        }[self.state]

    def _say_next(self):
        """One sentence: what happens next, or what the member should do."""
        _ = self.env._
        club = self.club_id
        if self.is_waiting_for_payment:
            last = self.order_id.validity_date
            if last:
                return _(
                    "Pay %(money)s until %(day)s; after that it is cancelled, and your points come back.",
                    money=club._show_money(self.order_id.amount_total),
                    day=club._show_day(last),
                )
            return _("Pay %(money)s, then we prepare it.", money=club._show_money(self.order_id.amount_total))
        if self.state in ("requested", "approved"):
            return _("Our staff looks at your request. You hear from us.")
        if self.state == "ready" and self.delivery == "service":
            return _("Our staff does it for you. Say the number %(number)s when you come.", number=self.name)
        if self.state == "ready":
            return _("Fetch it and say the number %(number)s, or wait until it is sent.", number=self.name)
        if self.state in ("cancelled", "refused", "returned"):
            return _("The points it took are back on your card.") if self.source != "won" else ""
        if self.delivery == "coupon":
            return self._say_coupon()
        return ""

    def _say_coupon(self):
        _ = self.env._
        coupon = self.coupon_id
        if not coupon:
            return ""
        if coupon.expiration_date:
            return _(
                "Type the code in the cart of the shop until %(day)s.",
                day=self.club_id._show_day(coupon.expiration_date),
            )
        return _("Type the code in the cart of the shop.")

    def _show_code(self):
        """The code or coupon that the member has, once it is theirs."""
        if self.state != "delivered":
            return ""
        if self.delivery == "code":
            return self.code_ids[:1].code or ""
        return (self.coupon_id.code or "") if self.delivery == "coupon" else ""
