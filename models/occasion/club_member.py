"""The days that a member keeps, in the portal."""

from odoo import models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import UserError
from odoo.fields import Domain


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_links(self):
        return [
            *super()._get_portal_links(),
            {
                "rank": 30,
                "url": f"/my/club/{self.id}/occasions",
                "text": self.env._("My occasions"),
                "icon": "fa-birthday-cake",
            },
        ]

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self.sudo().occasion_ids and self._get_occasion_rules():
            steps.append(
                {
                    "rank": 55,
                    "text": self.env._("Tell us your birthday or another day that matters: it brings you something."),
                    "url": f"/my/club/{self.id}/occasions",
                    "label": self.env._("Add a day"),
                }
            )
        return steps

    def _get_occasion_rules(self):
        """The rules of today that give something on or near an occasion.

        :rtype: ``club.earn.rule`` (sudo)
        """
        self.ensure_one()
        today = self.club_id._get_today()
        domain = (
            Domain("club_id", "=", self.club_id.id)
            & (Domain("event_type", "=", "occasion") | Domain("near_kind", "!=", False))
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", today))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )
        rules = self.env["club.earn.rule"].sudo().search(domain, limit=20)
        return rules.filtered(lambda rule: not rule.tier_ids or self.tier_id in rule.tier_ids)

    def _get_portal_occasions(self):
        """The days that the member keeps, the next first.

        :return: dicts of ``occasion``, ``title``, ``day`` (in its own calendar), ``next`` (in the club's).
        :rtype: list[dict]
        """
        self.ensure_one()
        occasions = self.sudo().occasion_ids
        rows = [
            {
                "occasion": occasion,
                "title": occasion._get_title(),
                "day": occasion._get_day_words(),
                "date": occasion.next_date,
                "next": self.club_id._show_day(occasion.next_date),
            }
            for occasion in occasions
        ]
        return sorted(rows, key=lambda row: (not row["date"], row["date"], row["occasion"].id))

    def _save_occasion(self, occasion, typed):
        """Add a day, or change one, from what the member typed.

        :param occasion: the ``club.occasion`` to change, empty to add one.
        :param dict typed: ``what`` (a kind, or a relation), ``name``, ``calendar``, ``day``, ``month``, ``year``.
        :raise UserError: for what is no day, a second birthday, too many days, or a change too soon
        """
        self.ensure_one()
        values = self._read_occasion(occasion, typed)
        if occasion:
            occasion.sudo().write(values)
            return occasion
        kind = values["kind"]
        if kind in ("birthday", "anniversary") and self.sudo().occasion_ids.filtered(lambda one: one.kind == kind):
            raise UserError(self.env._("You have told us this day before. Change the one that is there."))
        return self.env["club.occasion"].sudo().create({**values, "member_id": self.id})

    def _read_occasion(self, occasion, typed):
        try:
            day, month, year = (int(text.digits(typed[part]).strip() or 0) for part in ("day", "month", "year"))
        except ValueError:
            raise UserError(self.env._("Type the day, the month and the year in digits. Nothing was saved.")) from None
        if not (1 <= month <= 12 and 1 <= day <= 31 and 0 <= year <= 3000):
            raise UserError(
                self.env._("There is no day %(day)s in month %(month)s. Nothing was saved.", day=day, month=month)
            )
        calendars = dict(self.env["club.occasion"]._fields["calendar"].selection)
        calendar = typed["calendar"] if typed["calendar"] in calendars else self.club_id.calendar
        values = {"calendar": calendar, "day": day, "month": month, "year": year}
        values["name"] = text.normalise(typed["name"]) or False
        if not occasion:
            values |= self._read_occasion_kind(typed["what"])
        if (occasion.kind or values.get("kind")) == "other" and not values["name"]:
            raise UserError(self.env._("Say in a word or two what the day is. Nothing was saved."))
        return values

    def _read_occasion_kind(self, what):
        Occasion = self.env["club.occasion"]
        if what in dict(Occasion._fields["relation"].selection):
            return {"kind": "relative", "relation": what}
        if what in dict(Occasion._fields["kind"].selection):
            return {"kind": what, "relation": False}
        raise UserError(self.env._("Choose whose day it is. Nothing was saved."))

    def _get_occasion_choices(self):
        """What a member may add: pairs of value and words; a birthday and an anniversary once.

        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        _ = self.env._
        kept = set(self.sudo().occasion_ids.mapped("kind"))
        choices = [("birthday", _("My birthday")), ("anniversary", _("My anniversary"))]
        relations = {
            "mother": _("My mother's birthday"),
            "father": _("My father's birthday"),
            "partner": _("My partner's birthday"),
            "child": _("My child's birthday"),
            "sibling": _("My brother's or sister's birthday"),
            "grandparent": _("My grandparent's birthday"),
            "friend": _("A friend's birthday"),
        }
        return [
            *(choice for choice in choices if choice[0] not in kept),
            *relations.items(),
            ("other", _("Another day")),
        ]

    def _get_personal_data(self):
        """The days and what was sent because of them are the member's data, too."""
        data = super()._get_personal_data()
        occasions = self.sudo().occasion_ids
        data["occasions"] = [
            {
                "kind": occasion.kind,
                "relation": occasion.relation or None,
                "name": occasion.name or None,
                "calendar": occasion.calendar,
                "day": occasion.day,
                "month": occasion.month,
                "year": occasion.year or None,
                "reminders": [
                    {"day": str(notice.day), "channel": notice.channel, "state": notice.state}
                    for notice in occasion.notice_ids
                ],
            }
            for occasion in occasions
        ]
        return data
