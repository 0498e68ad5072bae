"""Which club and which member a call is about: exact, masked, and only of the integration's own clubs."""

from odoo import fields, models
from odoo.addons.customer_club.engine import api_input, text
from odoo.addons.customer_club.engine import lots as engine_lots

from .api_error import ClubApiError


def written(points):
    """Points as text, exact and without trailing zeros: ``"12.5"``."""
    return f"{engine_lots.to_decimal(round(points or 0, 2)).normalize():f}"


class ClubApi(models.AbstractModel):
    _inherit = "club.api"

    def _find_member(self, integration, number, phone, barcode, club):
        given = [value for value in (number, phone, barcode) if value not in (None, False, "")]
        if len(given) != 1:
            raise api_input.ApiInputError("number, phone, barcode", "exactly one of them")
        club = self._get_club(integration, club)
        if phone:
            member = self._find_by_phone(club, api_input.text(phone, "phone", 40))
        elif number:
            member = self._get_member(club, number)
        else:
            member = self._find_by_barcode(club, api_input.text(barcode, "barcode", 64))
        return {
            "member": member.number,
            "name": api_input.mask(member.partner_id.name),
            "tier": member.tier_id.name or "",
            "club": club.id,
        }

    def _get_balance(self, integration, member, club):
        member = self._get_member(self._get_club(integration, club), member)
        day = member.points_expiring_on
        return {
            "member": member.number,
            "points": written(member.points),
            "pending": written(member.points_pending),
            "expiring": written(member.points_expiring),
            "expiring_on": fields.Date.to_string(day) if day else "",
            "tier": member.tier_id.name or "",
        }

    # -- clubs and members -----------------------------------------------------

    def _get_club(self, integration, club):
        """One of the integration's active clubs, by id; it may be left out if there is only one."""
        clubs = integration.club_ids.filtered("active")
        if club in (None, False):
            if len(clubs) == 1:
                return clubs
            raise api_input.ApiInputError("club", "the id of a club, as this integration serves not exactly one")
        if isinstance(club, bool) or not isinstance(club, int):
            raise api_input.ApiInputError("club", "the id of a club, a whole number")
        found = clubs.filtered(lambda own: own.id == club)
        if not found:
            raise ClubApiError("forbidden", self.env._("This integration does not serve a club with this id."))
        return found

    def _clean_number(self, number):
        return text.compact_member_number(api_input.text(number, "member", 40, required=True))

    def _get_member(self, club, number):
        """The active member with a number; a merged member's number leads to the one it became.

        :raise ClubApiError: ``unknown_member``, the same for absent, left and another club's (abuse 14)
        """
        number = self._clean_number(number)
        return self._get_members(club, [number]).get(number) or self._raise_unknown()

    def _get_members(self, club, numbers):
        """Active members by number, in one query; unknown numbers are left out."""
        found = (
            self.env["club.member"]
            .with_context(active_test=False)
            .search([("club_id", "=", club.id), ("number", "in", list(numbers))])
        )
        became = {member.number: member.merged_into_id or member for member in found}
        return {number: member for number, member in became.items() if member.state == "active"}

    def _find_by_phone(self, club, phone):
        numbers = text.phone_candidates(phone, club.company_id.country_id.code or "")
        if not numbers:
            raise api_input.ApiInputError("phone", "a telephone number, best with its country code")
        partners = self.env["res.partner"].search([("phone_sanitized", "in", numbers)], limit=20)
        return self._only_one(
            self.env["club.member"].search(
                [("club_id", "=", club.id), ("partner_id", "in", club._get_earners(partners).ids)], limit=2
            )
        )

    def _find_by_barcode(self, club, barcode):
        """The code on the card: the member's number, or the code of the card that Odoo prints."""
        member = self._get_members(club, [text.compact_member_number(barcode)])
        if member:
            return next(iter(member.values()))
        return self._only_one(
            self.env["club.member"].search(
                [("club_id", "=", club.id), ("card_id.code", "=", barcode), ("card_id.active", "=", True)], limit=2
            )
        )

    def _only_one(self, members):
        if len(members) > 1:
            raise ClubApiError(
                "ambiguous_member",
                self.env._("Several members have this telephone number. Ask for the member number."),
            )
        return members or self._raise_unknown()

    def _raise_unknown(self):
        raise ClubApiError("unknown_member", self.env._("There is no active member with this in the club."))
