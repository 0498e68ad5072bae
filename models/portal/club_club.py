"""What a club says to its customers: numbers with their name, dates in its calendar, what is offered."""

from datetime import datetime

from odoo import api, models
from odoo.addons.customer_club.engine import periods, text
from odoo.tools.misc import format_date, formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    @api.model
    def _show_number(self, value):
        """A number in the reader's format, whole as it is: no digit is lost, and no zero is added.

        :param value: Decimal or float, of at most four decimals; nothing is shown as nothing.
        :rtype: str
        """
        if value is None:
            return ""
        value = round(float(value), 4)
        digits = next(digits for digits in range(5) if round(value, digits) == value)
        return formatLang(self.env, value, digits=digits)

    def _show_points(self, points, signed=False):
        """Points in the reader's number format, followed by their name.

        :param points: a number of points (Decimal or float).
        :param bool signed: show the plus sign too.
        :rtype: str
        """
        self.ensure_one()
        points = float(points or 0)
        number = formatLang(self.env, abs(points), digits=self.points_digits)
        sign = "−" if points < 0 else "+" if signed and points else ""
        return f"{sign}{number} {self._get_point_name(abs(points))}"

    def _get_point_name(self, points=None):
        """What the club calls its points, or a single one where it has a name of its own.

        :param points: how many are named; any number if not given.
        :rtype: str
        """
        self.ensure_one()
        one = points is not None and round(float(points), 4) == 1
        return (one and self.point_name_one) or self.point_name

    def _show_money(self, amount):
        """An amount of the company's currency in the reader's format."""
        return text.keep_sign(formatLang(self.env, amount, currency_obj=self.currency_id))

    def _show_day(self, day):
        """A day in the club's calendar, in the reader's language; empty for no day.

        :param day: a ``date``, or a naive UTC ``datetime`` that is shown as the day it was in the club's time zone.
        :rtype: str
        """
        self.ensure_one()
        if not day:
            return ""
        if isinstance(day, datetime):
            day = periods.local_date(day, self.tz)
        if self.calendar == "jalali":
            return periods.format_day(day, "jalali")
        return format_date(self.env, day, date_format="d MMM y")

    def _show_mark(self, day):
        """Day and month of a ``date`` below a chart, in the club's calendar: the year would not fit there."""
        self.ensure_one()
        if self.calendar == "jalali":
            return periods.format_day(day, "jalali")[5:]
        return format_date(self.env, day, date_format="d MMM")

    def _point_worth(self):
        """What one point is worth as a discount, in the company's currency; 0.0 when points buy goods only."""
        self.ensure_one()
        rewards = self.sudo().reward_ids.filtered(
            lambda reward: reward.active and reward.reward_type == "discount" and reward.discount_mode == "per_point",
        )
        return max(rewards.mapped("discount"), default=0.0)

    def _get_portal_rules(self, limit=20):
        """The switched-on earning rules that hold today, as sentences for a customer.

        :rtype: list[str]
        """
        self.ensure_one()
        today = self._get_today()
        rules = (
            self.env["club.earn.rule"]
            .sudo()
            .search(
                [
                    ("club_id", "=", self.id),
                    "|",
                    ("date_from", "=", False),
                    ("date_from", "<=", today),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", today),
                ],
                limit=limit,
            )
        )
        return [rule._get_member_sentence() for rule in rules]

    def _get_offered(self, when):
        """The clubs of the current company that invite customers.

        :param str when: ``portal``, ``signup`` or ``checkout``.
        :rtype: recordset of ``club.club`` (sudo)
        """
        domain = [("company_id", "=", self.env.company.id)]
        if when != "portal":
            domain += [("join_policy", "=", "open"), (f"join_at_{when}", "=", True)]
        return self.sudo().search(domain, limit=10)

    def _get_offered_to(self, partner, when):
        """The clubs that invite ``partner``, without those it is a member of already."""
        return self._get_offered(when).filtered(lambda club: not club._get_member(partner))

    def _show_earnings(self, previews):
        """Turn previews of earnings into what a page shows; clubs in which nothing is earned are left out.

        :param list[dict] previews: ``club, member, points, lines`` as ``_club_preview`` gives them.
        :return: dicts of ``club, points`` (text), ``is_member, join_url, state`` (a sentence) and ``lines``, each with
            ``points`` and ``why``.
        :rtype: list[dict]
        """
        _ = self.env._
        shown = []
        for preview in previews:
            club = preview["club"].sudo().with_env(self.sudo().env)
            if preview["points"] <= 0:
                continue
            state = ""
            if preview.get("pending") and preview.get("available_on"):
                state = _("Can be spent from %(day)s.", day=club._show_day(preview["available_on"]))
            elif preview.get("pending"):
                state = _("Can be spent once the purchase is final.")
            shown.append(
                {
                    "club": club,
                    "points": club._show_points(preview["points"], signed=True),
                    "posted": preview.get("posted", False),
                    "is_member": bool(preview["member"]),
                    "join_url": f"/club/join/{club.id}",
                    "state": state,
                    "lines": [
                        {"points": club._show_points(line["points"], signed=True), "why": line["why"]}
                        for line in preview["lines"]
                    ],
                }
            )
        return shown
