"""What a member decides about itself: profile, birthday, leaving, being forgotten, taking its data along."""

from odoo import fields, models
from odoo.addons.customer_club.engine import errors, periods, text
from odoo.exceptions import UserError

from .club_member import EXPORT_LIMIT

#: A year in which every month has its greatest length.
LEAP_YEAR = {"gregorian": 2024, "jalali": 1403}
LATEST_YEAR = 3000


class ClubMember(models.Model):
    _inherit = "club.member"

    erasure_requested_at = fields.Datetime(string="Asked to Be Forgotten On", readonly=True, copy=False)

    # -- download ---------------------------------------------------------------------------------------

    def _get_personal_data(self):
        """Everything the club keeps about the member, for the member: profile, consents, facts, movements.

        :return: values that JSON can carry; the newest ``EXPORT_LIMIT`` facts and movements, and whether that is all.
        :rtype: dict
        """
        self.ensure_one()
        events = (
            self.env["club.event"].sudo().search([("member_id", "=", self.id)], limit=EXPORT_LIMIT, order="id desc")
        )
        rows, following = self._get_history(limit=EXPORT_LIMIT)
        partner = self.partner_id
        when = fields.Datetime.to_string
        birthday = self._get_birthday()
        return {
            "club": self.club_id.name,
            "member": {
                "number": self.number,
                "name": partner.name,
                "email": partner.email or None,
                "phone": partner.phone or None,
                "nickname": self.nickname or None,
                "birthday": {
                    "calendar": birthday.calendar,
                    "day": birthday.day,
                    "month": birthday.month,
                    "year": birthday.year,
                }
                if birthday
                else None,
                "joined": when(self.joined_at),
                "how": self.source,
                "tier": self.tier_id.name or None,
                "terms_accepted": when(self.consent_terms_at) or None,
                "marketing": self.consent_marketing,
            },
            "points": {"spendable": self.points, "pending": self.points_pending},
            "facts": [
                {"when": when(event.occurred_at), "what": event.type, "amount": event.amount, "details": event.payload}
                for event in events
            ],
            "movements": [
                {"when": when(row["date"]), "what": row["text"], "points": row["points"], "balance": row["balance"]}
                for row in rows
            ],
            "complete": not following and len(events) < EXPORT_LIMIT,
        }

    # -- profile ----------------------------------------------------------------------------------------

    def _update_profile(self, name, phone, nickname):
        """Write what the member typed, normalised: plain digits, Persian letters, the phone in E.164.

        :raise UserError: for an empty name, or a phone that is none
        """
        self.ensure_one()
        partner = self.partner_id.sudo()
        name, phone = text.normalise(name), text.normalise(phone)
        if not name:
            raise UserError(self.env._("Your name is empty. Nothing was saved: type your name."))
        values = {}
        if name != partner.name:
            values["name"] = name
        if phone != text.normalise(partner.phone or ""):
            values["phone"] = self._read_phone(phone) if phone else False
        if values:
            partner.write(values)
        self.sudo().nickname = text.normalise(nickname) or False

    def _read_phone(self, typed):
        country = self.partner_id.country_id or self.company_id.country_id
        try:
            return text.phone_e164(typed, country.code or "")
        except errors.PhoneError:
            raise UserError(
                self.env._(
                    '"%(phone)s" is not a telephone number that is in use. '
                    "Nothing was saved: check the digits, with the country code.",
                    phone=typed,
                )
            ) from None

    def _request_erasure(self):
        """Note that the member asks to be forgotten; staff erase, since invoices may have to be kept."""
        self.ensure_one()
        if not self.erasure_requested_at:
            self.erasure_requested_at = fields.Datetime.now()
            self.message_post(body=self.env._("The member asks in the portal to have the personal data erased."))

    def _get_farewell_effects(self, what):
        """What leaving (``leave``) or being forgotten (``erase``) does, a sentence each, before it is confirmed.

        :rtype: list[str]
        """
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        effects = []
        terms = self._get_leave_terms()
        owned = club._show_points(terms["points"] + terms["pending"])
        if terms["points"] + terms["pending"] > 0:
            if what == "leave" and terms["keep_until"]:
                effects.append(
                    _(
                        "Your %(points)s rest: come back before %(day)s and you have them again.",
                        points=owned,
                        day=club._show_day(terms["keep_until"]),
                    )
                )
            else:
                effects.append(_("You lose %(points)s.", points=owned))
        if self.tier_id:
            effects.append(_("You lose the tier %(tier)s and what it gives you.", tier=self.tier_id.name))
        effects.append(_("Your orders and invoices stay as they are."))
        if what == "erase":
            effects.append(_("Our team removes your name, number and contact data, and writes to you when it is done."))
            effects.append(_("What the law makes us keep, such as invoices, stays until its time is over."))
        else:
            effects.append(
                _(
                    "Your history stays with the club's books. To be forgotten, ask for erasure instead.",
                )
            )
        return effects

    def _get_birthday(self):
        """The member's birthday, if the club knows it.

        :rtype: club.occasion
        """
        self.ensure_one()
        return self.sudo().occasion_ids.filtered(lambda occasion: occasion.kind == "birthday")[:1]

    def _get_no_such_day(self, day, month, year=0):
        """A sentence that says so; of numbers that no calendar has, only their beginning."""
        day, month, year = (str(part)[:6] for part in (day, month, year))
        if year not in ("0", ""):
            return self.env._(
                "There is no day %(day)s in month %(month)s of the year %(year)s. Nothing was saved.",
                day=day,
                month=month,
                year=year,
            )
        return self.env._("There is no day %(day)s in month %(month)s. Nothing was saved.", day=day, month=month)

    def _set_birthday(self, day, month, year):
        """Keep the birthday, in the club's calendar.

        :param str day, month, year: digits of any script; the year may be empty.
        :raise UserError: for what is no day of the year, or for a second change within 12 months
        """
        self.ensure_one()
        try:
            day, month, year = (int(text.digits(part) or 0) for part in (day, month, year))
        except ValueError:
            raise UserError(
                self.env._(
                    "Type the day, the month and the year of your birthday in digits. Nothing was saved.",
                )
            ) from None
        calendar = self.club_id.calendar
        longest = periods.month_length(LEAP_YEAR[calendar], month, calendar) if 1 <= month <= 12 else 0
        if not (1 <= day <= longest and 0 <= year <= LATEST_YEAR):
            raise UserError(self._get_no_such_day(day, month, year))
        values = {"calendar": calendar, "day": day, "month": month, "year": year}
        birthday = self._get_birthday()
        if birthday:
            birthday.write(values)
        else:
            self.env["club.occasion"].sudo().create({**values, "member_id": self.id, "kind": "birthday"})
