"""Occasions as people speak of them, and what keeps somebody from having one too often (abuse.md 11)."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.membership.club_occasion import LEAP_YEAR, OURS
from odoo.exceptions import ValidationError
from odoo.tools import format_date

SINGLE = ("birthday", "anniversary")
#: An occasion that was kept comes back after so many days at the earliest, whatever was changed meanwhile.
DAYS_BETWEEN = 300


class ClubOccasion(models.Model):
    _inherit = "club.occasion"

    relation = fields.Selection(
        [
            ("mother", "Mother"),
            ("father", "Father"),
            ("partner", "Husband, wife or partner"),
            ("child", "Child"),
            ("sibling", "Brother or sister"),
            ("grandparent", "Grandparent"),
            ("friend", "Friend"),
        ],
        help="Whose birthday it is; another day of a relative is named in words.",
    )
    notice_ids = fields.One2many("club.occasion.notice", "occasion_id", string="Reminders")

    @api.depends("relation")
    def _compute_display_name(self):
        super()._compute_display_name()
        relations = dict(self._fields["relation"]._description_selection(self.env))
        for occasion in self.filtered(lambda occasion: occasion.kind == "relative" and occasion.relation):
            relation = relations[occasion.relation]
            occasion.display_name = self.env._(
                "Birthday: %(who)s", who=f"{relation}, {occasion.name}" if occasion.name else relation
            )

    @api.depends("effective_from")
    def _compute_next_date(self):
        return super()._compute_next_date()

    # -- create and write ------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        occasions = super().create(vals_list)
        occasions._check_number()
        single = occasions.filtered(lambda occasion: occasion.kind in SINGLE)
        for occasion, earliest in single._get_earliest_returns().items():
            if earliest > occasion.effective_from:
                occasion.sudo().with_context(club_occasion=OURS).effective_from = earliest
        return occasions

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") or "kind" in vals:
            self._check_number()
        return result

    def _check_number(self):
        """A member has so many further days a year; one that was removed counts for 12 months, or removing and adding
        would make a day of every week.
        """
        further = self.filtered(lambda occasion: occasion.kind not in SINGLE and occasion.active)
        if not further or self._may_correct():
            return
        # Of several who add at once each sees only its own: those who come second start over and count again.
        further.member_id._lock_cards(touch=True)
        counts = dict(
            self.sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("member_id", "in", further.member_id.ids),
                    ("kind", "not in", SINGLE),
                    "|",
                    ("active", "=", True),
                    ("changed_at", ">", self._get_change_limit()),
                ],
                ["member_id"],
                ["__count"],
            )
        )
        for member, count in counts.items():
            most = member.club_id.occasion_limit
            if most and count > most:
                raise ValidationError(
                    self.env._(
                        "%(member)s has %(most)s days besides birthday and anniversary, which is the most that "
                        "%(club)s keeps. One that was removed counts for 12 months. A manager may add more.",
                        member=member.display_name,
                        most=most,
                        club=member.club_id.name,
                    )
                )

    # -- when it comes back --------------------------------------------------------------------------------------

    def _get_next_year(self):
        """Next year, and not sooner after the day was last kept: another calendar's year may begin next week."""
        following = super()._get_next_year()
        return max(following, self._get_earliest_returns().get(self, following))

    def _get_earliest_returns(self):
        """The first day on which each may be kept again; for birthdays and anniversaries, whichever record was kept.

        What was never kept is left out. Two queries, however many there are.

        :rtype: dict[``club.occasion``, date]
        """
        if not self:
            return {}
        everything = self.sudo().with_context(active_test=False)
        known = everything | everything.search(
            [("member_id", "in", self.member_id.ids), ("kind", "in", list({*SINGLE} & set(self.mapped("kind"))))]
        )
        kept = dict(
            self.env["club.event"]
            .sudo()
            ._read_group(
                [
                    ("type", "=", "occasion"),
                    ("origin_model", "=", self._name),
                    ("origin_id", "in", known.ids),
                    ("revises_id", "=", False),
                ],
                ["origin_id"],
                ["occurred_at:max"],
            )
        )
        last = {}
        for occasion in known.filtered(lambda occasion: occasion.id in kept):
            last.setdefault(occasion._get_sameness(), []).append(kept[occasion.id])
        return {
            occasion: fields.Date.add(
                periods.local_date(max(last[occasion._get_sameness()]), occasion.club_id.tz), days=DAYS_BETWEEN
            )
            for occasion in self
            if occasion._get_sameness() in last
        }

    def _get_sameness(self):
        """What is the same day in the member's life, whatever record keeps it."""
        return (self.member_id.id, self.kind) if self.kind in SINGLE else self.id

    # -- words ---------------------------------------------------------------------------------------------------

    def _get_title(self):
        """The occasion as the member would be told of it: "Your mother's birthday (Sara)".

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        name = self.name or ""
        if self.kind == "relative" and self.relation:
            title = {
                "mother": _("Your mother's birthday"),
                "father": _("Your father's birthday"),
                "partner": _("Your partner's birthday"),
                "child": _("Your child's birthday"),
                "sibling": _("The birthday of your brother or sister"),
                "grandparent": _("Your grandparent's birthday"),
                "friend": _("Your friend's birthday"),
            }[self.relation]
        elif self.kind in ("relative", "other"):
            return name or (_("A relative's day") if self.kind == "relative" else _("Your day"))
        else:
            title = _("Your birthday") if self.kind == "birthday" else _("Your anniversary")
            name = name if self.kind == "anniversary" else ""
        return _("%(title)s (%(name)s)", title=title, name=name) if name else title

    def _get_day_words(self):
        """Day and month in the occasion's own calendar, with the calendar if it is not the club's.

        A Gregorian day has its month by name, so that nobody takes 11/12 for the twelfth of November.

        :rtype: str
        """
        self.ensure_one()
        if self.calendar == "gregorian":
            day = periods.from_parts(self.year or LEAP_YEAR[self.calendar], self.month, self.day, self.calendar)
            words = format_date(self.env, day, date_format="d MMM y" if self.year else "d MMMM")
        else:
            words = f"{self.day}/{self.month}" + (f"/{self.year}" if self.year else "")
        if self.calendar == self.club_id.calendar:
            return words
        calendars = dict(self._fields["calendar"]._description_selection(self.env))
        return self.env._("%(day)s (%(calendar)s)", day=words, calendar=calendars[self.calendar])
