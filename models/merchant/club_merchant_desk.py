"""What happens at a merchant's counter: a code is looked at, then used; the day's list; undoing."""

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError

DESK_ROWS = 100


class CodeRefusedError(UserError):
    """The one answer for a code that is wrong, another merchant's, over, or used (abuse 13)."""


class CodePausedError(UserError):
    """Too many wrong codes: nothing was looked up."""


class BusyError(UserError):
    """The member's points are in use at this moment (abuse 24)."""


class ClubMerchant(models.Model):
    _inherit = "club.merchant"

    # -- looking -------------------------------------------------------------

    def _check_code(self, typed, user, actors):
        """What a code at this merchant's counter stands for. Nothing changes but the count of tries.

        :param str typed: as typed or scanned
        :param user: who stands at the counter, or the till's technical user
        :param list actors: who tries, for the count (see ``club.code.guard``)
        :return: a usable ``club.voucher`` of this merchant, or a live ``club.member.token``; in sudo
        :raises CodeRefusedError: in one sentence for all reasons
        :raises CodePausedError: too many tries before
        """
        self.ensure_one()
        guard = self.env["club.code.guard"].sudo()
        if not guard._try(*actors):
            raise CodePausedError(
                self.env._("Too many codes that are not valid. Nothing was looked up: wait a quarter of an hour.")
            )
        found = self._find_code(typed, user)
        if not found:
            raise self._refuse_code()
        guard._was_right(*actors)
        return found

    def _refuse_code(self):
        return CodeRefusedError(
            self.env._(
                "This code is not valid here now. Nothing was redeemed. Look at the code on the customer's screen "
                "again: it may be used, over, or for another partner."
            )
        )

    def _find_code(self, typed, user):
        digest = self.env["club.code"]._digest(typed)
        if not digest or not self._is_open():
            return None
        voucher = self.env["club.voucher"].sudo().search([("code_digest", "=", digest), ("merchant_id", "=", self.id)])
        if voucher:
            return voucher if voucher._is_usable() and not voucher._is_of(user) else None
        token = (
            self.env["club.member.token"]
            .sudo()
            .search(
                [
                    ("digest", "=", digest),
                    ("club_id", "=", self.club_id.id),
                    ("used_at", "=", False),
                    ("expires_at", ">", fields.Datetime.now()),
                ]
            )
        )
        if not token or token.member_id.state != "active" or self._is_of_member(token.member_id, user):
            return None
        return token

    def _is_of_member(self, member, user):
        """Whether who stands at the counter is the member, or the member one of the merchant's people (abuse 12)."""
        return user.partner_id.commercial_partner_id == member.partner_id.commercial_partner_id or self._is_own(
            member.partner_id
        )

    # -- using ---------------------------------------------------------------

    def _redeem_code(self, typed, user, actors, key, reference=""):
        """Redeem the voucher that a code stands for. Once: the same ``key`` again returns what it did.

        :param str key: names the request; prefixed here with who asks
        :return: ``club.voucher`` in sudo
        :raises CodeRefusedError: it cannot be redeemed here now
        """
        self.ensure_one()
        key = f"desk,{self.id},{user.id}:{key}"
        done = self.env["club.voucher"].sudo().search([("use_key", "=", key)], limit=1)
        if done:
            if done.code_digest != self.env["club.code"]._digest(typed):
                raise self._refuse_code()
            return done
        found = self._check_code(typed, user, actors)
        if found._name != "club.voucher" or not found._redeem(user, key, reference):
            raise self._refuse_code()
        return found

    def _use_token(self, typed, user, actors, key, bill, paid, offer, reference):
        """Take points for a part of a bill, and report the rest of it as a purchase, with the member's code as proof.

        :param Decimal bill: the whole bill, in the club's currency; 0 to take points only
        :param Decimal paid: the part that points pay; 0 to report a purchase only
        :param offer: the ``per_amount`` offer that says what a point is worth, where ``paid`` is above zero
        :param str reference: the receipt; needed where something is left of the bill
        :return: ``club.member.token`` in sudo, with what it was used for
        :raises CodeRefusedError: the code is not valid (any more)
        :raises UserError: with the reason; nothing was taken or reported then
        """
        self.ensure_one()
        key = f"desk,{self.id},{user.id}:{key}"
        done = self.env["club.member.token"].sudo().search([("use_key", "=", key)], limit=1)
        if done:
            if done.digest != self.env["club.code"]._digest(typed):
                raise self._refuse_code()
            return done
        token = self._check_code(typed, user, actors)
        if token._name != "club.member.token":
            raise self._refuse_code()
        if not token.member_id._lock_spending():
            raise BusyError(
                self.env._(
                    "The customer's points are in use at this moment. Nothing was changed: try again in a second."
                )
            )
        token._lock_rows()
        self._check_bill(bill, paid, reference)
        vals = {"used_at": fields.Datetime.now(), "used_by_id": user.id, "merchant_id": self.id, "use_key": key}
        if paid:
            vals["voucher_id"] = self._charge_token(token, offer, paid, user, key, reference).id
        if bill > paid:
            vals["purchase_id"] = self._report_token(token, bill - paid, reference).id
        token.write(vals)
        return token

    def _check_bill(self, bill, paid, reference):
        _ = self.env._
        if bill < 0 or paid < 0 or not bill + paid:
            raise UserError(_("Type the amount of the bill, or of the part that is paid with points, above zero."))
        if bill and paid > bill:
            raise UserError(_("Points cannot pay more than the bill. Nothing was taken: correct the amounts."))
        if bill > paid and not reference:
            raise UserError(_("Type the number of the receipt: by it the purchase counts once. Nothing was taken."))
        digits = self.currency_id.decimal_places
        for amount in (bill, paid):
            if amount != engine_lots.quantize(amount, digits):
                raise UserError(
                    _(
                        "%(currency)s has %(digits)s decimals. Nothing was taken: correct the amount.",
                        currency=self.currency_id.name,
                        digits=digits,
                    )
                )

    def _charge_token(self, token, offer, paid, user, key, reference):
        offer = offer.sudo()
        if len(offer) != 1 or offer.merchant_id != self or offer.kind != "per_amount":
            raise UserError(
                self.env._("Points are no money at this counter now. Nothing was taken: ask the club for an offer.")
            )
        points = offer._get_points_for(paid)
        if points > engine_lots.to_decimal(round(token.most_points, 2)):
            raise UserError(
                self.env._(
                    "That is %(points)s, and the customer's code allows %(most)s. Nothing was taken: lower the amount, "
                    "or let the customer make a new code.",
                    points=self.club_id._show_points(points),
                    most=self.club_id._show_points(token.most_points),
                )
            )
        try:
            return self.env["club.voucher"]._charge(token.member_id, offer, paid, user, key, reference)
        except NotEnoughPoints as error:  # whose words tell the balance, which is nobody's business at the counter
            raise UserError(
                self.env._("The customer has not enough points any more. Nothing was taken: lower the amount.")
            ) from error

    def _report_token(self, token, amount, reference):
        """What is paid with money earns like any purchase at a partner, within the merchant's limits.

        Points that paid the rest never earn (never 11).
        """
        Purchase = self.env["club.merchant.purchase"].sudo()
        known = Purchase.search_count([("merchant_id", "=", self.id), ("reference", "=", reference)], limit=1)
        if known:
            raise UserError(
                self.env._("The receipt %(reference)s was reported before. Nothing was taken.", reference=reference)
            )
        [purchase] = Purchase._record_from_api(
            [
                {
                    "merchant_id": self.id,
                    "member_id": token.member_id.id,
                    "reference": reference,
                    "amount": float(amount),
                    "occurred_at": fields.Datetime.now(),
                }
            ]
        )
        if isinstance(purchase, Exception):
            raise purchase
        return purchase

    # -- the day -------------------------------------------------------------

    def _get_counter_offers(self):
        """What this merchant takes points for by amount (sudo)."""
        self.ensure_one()
        return self.sudo().offer_ids.filtered(lambda offer: offer.state == "open" and offer.kind == "per_amount")

    def _get_desk_day(self):
        """Today's redemptions in the club's time zone, newest first, and their sum.

        :return: ``vouchers``, ``purchases`` reported on the phone (at most :data:`DESK_ROWS` each), and of vouchers
            that were not undone ``count`` and ``total`` (money)
        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        start, end = periods.day_bounds(club._get_today(), club.tz)
        domain = [("merchant_id", "=", self.id), ("redeemed_at", ">=", start), ("redeemed_at", "<", end)]
        Voucher = self.env["club.voucher"].sudo()
        ((count, total),) = Voucher._read_group([*domain, ("state", "=", "redeemed")], [], ["__count", "value:sum"])
        return {
            "vouchers": Voucher.search(domain, order="redeemed_at desc, id desc", limit=DESK_ROWS),
            "purchases": self.env["club.merchant.purchase"]
            .sudo()
            .search(
                [
                    ("merchant_id", "=", self.id),
                    ("token_ids.used_by_id.share", "=", True),
                    ("recorded_at", ">=", start),
                    ("recorded_at", "<", end),
                ],
                order="id desc",
                limit=DESK_ROWS,
            ),
            "count": count,
            "total": total or 0.0,
        }

    def _get_desk_links(self):
        """Further pages of the merchant, on its phone page. A room adds its own in an override.

        :return: dicts of ``rank``, ``url``, ``text``, ``icon`` (a Font Awesome class)
        :rtype: list[dict]
        """
        self.ensure_one()
        return []
