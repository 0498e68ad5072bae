"""Partner offers and vouchers on a member's pages."""

from odoo import fields, models
from odoo.fields import Domain

OFFERS = 100
VOUCHERS = 30


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- vouchers ------------------------------------------------------------

    def _get_voucher_domain(self):
        """Vouchers of this member and of those that became it."""
        return Domain("member_id", "in", self._get_own_ids())

    def _get_open_voucher_domain(self):
        return (
            self._get_voucher_domain()
            & Domain("state", "=", "issued")
            & Domain("valid_until", ">", fields.Datetime.now())
        )

    def _get_vouchers(self):
        """All vouchers of this member (sudo)."""
        return self.env["club.voucher"].sudo().search(self._get_voucher_domain())

    def _find_vouchers(self, before=0, limit=VOUCHERS):
        """One page of vouchers that were used or have ended, newest first.

        :param int before: the id that the page before ended with
        :return: (vouchers in sudo, the id to go on from or None)
        """
        domain = self._get_voucher_domain() & ~self._get_open_voucher_domain()
        if before:
            domain &= Domain("id", "<", before)
        found = self.env["club.voucher"].sudo().search(domain, order="id desc", limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    # -- offers --------------------------------------------------------------

    def _get_partner_offers(self):
        """What partners offer this member today, vouchers first what the points are enough for (sudo)."""
        offers = (
            self.env["club.merchant.offer"]
            .sudo()
            .search(
                [
                    ("club_id", "=", self.club_id.id),
                    ("state", "=", "open"),
                    ("merchant_id.active", "=", True),
                    ("merchant_id.state", "=", "active"),
                ],
                limit=OFFERS,
            )
            ._filter_for_member(self)
        )
        balance = self.balance
        return offers.sorted(
            lambda offer: (
                offer.kind != "voucher",
                offer.points > balance,
                -offer.points if offer.points <= balance else offer.points,
                offer.sequence,
                offer.id,
            )
        )

    def _has_partner_offers(self):
        return bool(
            self.env["club.merchant.offer"]
            .sudo()
            .search_count([("club_id", "=", self.club_id.id), ("state", "=", "open")], limit=1)
        )

    def _has_partner_merchants(self):
        """Whether there is a counter at which a code of this member's is of use."""
        return bool(
            self.env["club.merchant"]
            .sudo()
            .search_count([("club_id", "=", self.club_id.id), ("state", "=", "active")], limit=1)
        )

    # -- the portal ----------------------------------------------------------

    def _get_portal_links(self):
        _ = self.env._
        links = super()._get_portal_links()
        if not self._is_portal_owner(self.env.user):
            return links
        if self._has_partner_offers():
            links.append(
                {
                    "rank": 40,
                    "url": f"/my/club/{self.id}/partners",
                    "text": _("At our partners"),
                    "icon": "fa-tags",
                    "spend": True,
                }
            )
        if self.env["club.voucher"].sudo().search_count(self._get_voucher_domain(), limit=1):
            links.append(
                {
                    "rank": 41,
                    "url": f"/my/club/{self.id}/vouchers",
                    "text": _("My vouchers"),
                    "icon": "fa-ticket",
                    "spend": True,
                }
            )
        return links

    def _get_portal_reward_rows(self):
        _ = self.env._
        rows = super()._get_portal_reward_rows()
        if not self._is_portal_owner(self.env.user):
            return rows
        for offer in self._get_partner_offers().filtered(lambda offer: offer.kind == "voucher"):
            rows.append(
                {
                    "name": offer.name,
                    "required": offer.points,
                    "url": f"/my/club/{self.id}/partners/{offer.id}",
                    "label": _("Look at it"),
                    "note": _("%(worth)s at %(merchant)s", worth=offer._get_worth(), merchant=offer.merchant_id.name)
                    if offer._get_worth()
                    else offer.merchant_id.name,
                    "image": f"/my/club/{self.id}/partners/{offer.id}/image" if offer.image_128 else "",
                }
            )
        return rows

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        soon = fields.Datetime.add(fields.Datetime.now(), days=3)
        ending = (
            self.env["club.voucher"]
            .sudo()
            .search(
                self._get_open_voucher_domain() & Domain("valid_until", "<=", soon), order="valid_until, id", limit=1
            )
        )
        if ending:
            steps.append(
                {
                    "rank": 5,
                    "text": self.env._(
                        "Your voucher %(offer)s can be used until %(day)s.",
                        offer=ending.offer_id.name,
                        day=ending._show_last_day(),
                    ),
                    "url": f"/my/club/{self.id}/vouchers/{ending.id}",
                    "label": self.env._("Show it"),
                }
            )
        return steps
