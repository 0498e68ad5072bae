"""Spending, and taking back what the same user did."""

from odoo import models
from odoo.addons.customer_club.engine import api_input
from odoo.addons.customer_club.engine import lots as engine_lots

from .api_error import ClubApiError
from .club_api_members import written


class ClubApi(models.AbstractModel):
    _inherit = "club.api"

    def _spend(self, integration, number, points, key, note, club):
        key, club, number = api_input.key(key), self._get_club(integration, club), self._clean_number(number)
        points = api_input.decimal(points, "points", club.points_digits)
        note = api_input.text(note, "note", 200)
        digest = api_input.digest({"club": club.id, "member": number, "points": written(points)})
        first = self._first_result(key, "spend", digest)
        if first:
            return first
        member = self._get_member(club, number)
        self._lock_member(member)
        self._check_points(integration, points)
        self.env["club.point.entry"]._post(
            [
                {
                    "member_id": member.id,
                    "kind": "spend",
                    "points": -points,
                    "key": self.env["club.api.request"]._prefix(key),
                    "origin": integration,
                    "note": note or integration.name,
                }
            ]
        )
        result = {
            "key": key,
            "member": member.number,
            "points": written(points),
            "balance": self._balance_of(member),
            "replayed": False,
        }
        self._keep(integration, key, "spend", digest, result, member, points)
        return result

    # -- taking back -----------------------------------------------------------

    def _reverse(self, integration, reverses, key, points, note):
        reverses, key = api_input.key(reverses, "reverses"), api_input.key(key)
        note = api_input.text(note, "note", 200) or integration.name
        if points not in (None, False):
            points = api_input.decimal(points, "points", 2)
        digest = api_input.digest({"reverses": reverses, "points": written(points) if points else ""})
        first = self._first_result(key, "reverse", digest)
        if first:
            return first
        original, member = self._get_original(integration, reverses)
        self._lock_member(member)
        if original.method == "spend":
            moved = self._reverse_spend(original, key, points or None, note)
        elif original.method == "record_event":
            if points:
                raise api_input.ApiInputError("points", "nothing: a fact is taken back whole (or see correct)")
            moved = self._reverse_fact(original, note)
        else:
            raise api_input.ApiInputError("reverses", "the key of a spend or of a fact")
        result = {
            "key": key,
            "reverses": reverses,
            "member": member.number,
            "points": written(moved),
            "balance": self._balance_of(member),
            "replayed": False,
        }
        self._keep(integration, key, "reverse", digest, result, member, 0)
        return result

    def _correct(self, integration, corrects, amount, key, note):
        corrects, key = api_input.key(corrects, "corrects"), api_input.key(key)
        note = api_input.text(note, "note", 200) or integration.name
        amount = api_input.decimal(amount, "amount")
        digest = api_input.digest({"corrects": corrects, "amount": f"{amount.normalize():f}"})
        first = self._first_result(key, "correct", digest)
        if first:
            return first
        original, member = self._get_original(integration, corrects)
        purchase = self._get_purchase(original)
        if not purchase:
            raise api_input.ApiInputError("corrects", "the key of a purchase at a partner")
        self._lock_member(member)
        self._check_decimals(amount, purchase.currency_id)
        if amount > engine_lots.to_decimal(purchase.worth):
            raise api_input.ApiInputError("amount", "less than before; a further purchase has a reference of its own")
        purchase._correct(float(amount), note)
        result = {
            "key": key,
            "corrects": corrects,
            "member": member.number,
            "points": written(purchase.points),
            "balance": self._balance_of(member),
            "state": purchase.state,
            "replayed": False,
        }
        self._keep(integration, key, "correct", digest, result, member, 0)
        return result

    def _get_original(self, integration, key):
        """What this user did under a key, and for which member; only while it may still serve that club."""
        original = self.env["club.api.request"]._find([key]).get(key)
        if not original or not original.member_id:
            raise self._unknown_key(key)
        member = original.member_id.merged_into_id or original.member_id
        if member.club_id not in integration.club_ids:
            raise ClubApiError("forbidden", self.env._("This integration no longer serves the club of this key."))
        return original, member

    def _reverse_spend(self, original, key, points, note):
        entry = self.env["club.point.entry"].search([("key", "=", original.key)], limit=1)
        undone = entry._read_reversed(entry).get(entry.id, 0)
        left = -engine_lots.to_decimal(round(entry.points, 2)) - undone
        if left <= 0 or (points and points > left):
            raise ClubApiError(
                "nothing_left",
                self.env._("Only %(left)s points of this spend are left to take back.", left=written(left)),
                left=written(left),
            )
        back = entry._reverse(key=self.env["club.api.request"]._prefix(key), points=points or left, note=note)
        return sum(back.mapped("points"))

    def _reverse_fact(self, original, note):
        purchase = self._get_purchase(original)
        if purchase:
            before = purchase.points
            if purchase.state in ("reversed", "refused"):
                raise ClubApiError("nothing_left", self.env._("This purchase was taken back already."), left="0")
            purchase._reverse(note)
            return engine_lots.to_decimal(round(purchase.points - before, 2))
        event = original.event_id
        if not event:
            raise ClubApiError("nothing_left", self.env._("This visit was not the first of its day."), left="0")
        if event.revoked_at:
            raise ClubApiError("nothing_left", self.env._("This fact was taken back already."), left="0")
        return sum(event._revoke(note).mapped("points"))

    def _get_purchase(self, original):
        """The purchase at a partner that a request recorded, or none."""
        result = original.result or {}
        if result.get("type") != "merchant_purchase":
            return self.env["club.merchant.purchase"]
        return self.env["club.merchant.purchase"].search(
            [
                ("merchant_id.code", "=", result["merchant"]),
                ("merchant_id.club_id", "=", original.member_id.club_id.id),
                ("reference", "=", result["reference"]),
            ],
            limit=1,
        )

    # -- helpers ---------------------------------------------------------------

    def _balance_of(self, member):
        member.invalidate_recordset(["points"])
        member.card_id.invalidate_recordset(["points"], flush=False)
        return written(member.card_id.points)

    def _keep(self, integration, key, method, digest, result, member, points):
        self.env["club.api.request"]._keep(
            integration,
            [
                {
                    "key": key,
                    "method": method,
                    "digest": digest,
                    "result": result,
                    "member_id": member.id,
                    "event_id": None,
                    "points": points,
                }
            ],
        )

    def _check_decimals(self, amount, currency):
        if currency.decimal_places < -amount.normalize().as_tuple().exponent:
            raise api_input.ApiInputError("amount", f"at most {currency.decimal_places} decimals ({currency.name})")
