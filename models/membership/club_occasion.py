"""Dates that matter to a member: birthday, anniversary, a relative's day."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.exceptions import ValidationError

# A year in which every month has its greatest length.
LEAP_YEAR = {"gregorian": 2024, "jalali": 1403}
DATE_FIELDS = {"calendar", "month", "day", "year", "kind"}


# Marks our own writes in the context: an object that no caller from outside can name (abuse.md 5).
OURS = object()


class ClubOccasion(models.Model):
    """A day of the year, in the calendar by which the member keeps it.

    Against moving one's birthday to next week (abuse.md 11): a date changes at most once in 12 months, and a changed
    one counts from the next year on.
    """

    _name = "club.occasion"
    _description = "Club Occasion"
    _inherit = "club.bounded"
    _order = "member_id, month, day, id"

    member_id = fields.Many2one("club.member", required=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("relative", "A relative's day"),
            ("other", "Other"),
        ],
        required=True,
        default="birthday",
    )
    name = fields.Char(string="Whose or What")
    calendar = fields.Selection(
        [("gregorian", "Gregorian"), ("jalali", "Jalali")],
        required=True,
        default=lambda self: (
            self.env["club.member"].browse(self.env.context.get("default_member_id")).club_id.calendar or "gregorian"
        ),
    )
    month = fields.Integer(required=True)
    day = fields.Integer(required=True)
    year = fields.Integer(help="The year it first happened, if known; 0: not said.")
    changed_at = fields.Datetime(readonly=True, required=True, default=fields.Datetime.now)
    effective_from = fields.Date(
        string="Counts From",
        readonly=True,
        help="The first day on which the occasion may be rewarded.",
    )
    next_date = fields.Date(compute="_compute_next_date", help="The next day on which it is kept.")

    _single = models.UniqueIndex(
        "(member_id, kind) WHERE active AND kind IN ('birthday', 'anniversary')",
        "A member has one birthday and one anniversary. Change the one that is there.",
    )
    _effective_idx = models.Index("(calendar, month, day) WHERE active")

    @api.depends("month", "day", "calendar")
    def _compute_next_date(self):
        for occasion in self:
            occasion.next_date = occasion._get_next_date()

    @api.depends("kind", "name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for occasion in self:
            kind = kinds.get(occasion.kind, "")
            occasion.display_name = f"{kind}: {occasion.name}" if occasion.name else kind

    @api.constrains("calendar", "month", "day", "year")
    def _check_day(self):
        for occasion in self:
            try:
                periods.from_parts(
                    occasion.year or LEAP_YEAR[occasion.calendar],
                    occasion.month,
                    occasion.day,
                    occasion.calendar,
                )
            except EngineError as error:  # noqa: PERF203 - the record must be named
                raise ValidationError(
                    self.env._(
                        "There is no day %(day)s in month %(month)s of the %(calendar)s calendar%(year)s. Write "
                        "month 1 to 12 and a day of it.",
                        day=occasion.day,
                        month=occasion.month,
                        calendar=occasion.calendar,
                        year=f" ({occasion.year})" if occasion.year else "",
                    )
                ) from error

    # -- create and write ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # nor may a default in the context say it
            vals_list = [{**vals, "changed_at": fields.Datetime.now(), "effective_from": False} for vals in vals_list]
        self._check_recreated(vals_list)
        occasions = super().create(vals_list)
        for occasion in occasions.filtered(lambda occasion: not occasion.effective_from):
            occasion.sudo().with_context(club_occasion=OURS).effective_from = occasion.club_id._get_today()
        return occasions

    @api.model
    def _check_recreated(self, vals_list):
        """Removing a date and adding it anew is a change, too."""
        member, kind = (self.env.context.get(f"default_{name}") for name in ("member_id", "kind"))
        pairs = {(vals.get("member_id", member), vals.get("kind", kind or "birthday")) for vals in vals_list}
        singles = [(member, kind) for member, kind in pairs if kind in ("birthday", "anniversary")]
        if not singles:
            return
        recent = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("active", "=", False),
                    ("member_id", "in", [member for member, _kind in singles]),
                    ("kind", "in", [kind for _member, kind in singles]),
                    ("changed_at", ">", self._get_change_limit()),
                ]
            )
        )
        for occasion in recent:
            if (occasion.member_id.id, occasion.kind) in singles and not self._may_correct():
                occasion._raise_too_soon()

    def _check_reactivated(self):
        """So is bringing another date back that was put aside."""
        for occasion in self.filtered(lambda occasion: occasion.kind in ("birthday", "anniversary")):
            others = [
                ("id", "!=", occasion.id),
                ("active", "=", False),
                ("member_id", "=", occasion.member_id.id),
                ("kind", "=", occasion.kind),
                ("changed_at", ">", self._get_change_limit()),
            ]
            if self.sudo().search_count(others, limit=1) and not self._may_correct():
                occasion._raise_too_soon()

    @api.model
    def _get_change_limit(self):
        return fields.Datetime.subtract(fields.Datetime.now(), months=12)

    @api.model
    def _may_correct(self):
        """Managers may correct a slip more often; the corrected date still counts from the next year only."""
        return (
            self.env.su and self.env.user._is_superuser() or self.env.user.has_group("customer_club.group_club_manager")
        )

    def _raise_too_soon(self):
        self.ensure_one()
        raise ValidationError(
            self.env._(
                "%(occasion)s of %(member)s was changed on %(date)s. A date can be changed once in 12 months; a "
                "manager may correct a slip.",
                occasion=self.display_name,
                member=self.member_id.display_name,
                date=fields.Date.to_string(self.changed_at),
            )
        )

    def write(self, vals):
        if self.env.context.get("club_occasion") is OURS:
            return super().write(vals)
        vals = {
            name: value for name, value in vals.items() if name not in ("changed_at", "effective_from", "member_id")
        }
        changed = self.filtered(
            lambda occasion: any(occasion[name] != value for name, value in vals.items() if name in DATE_FIELDS)
        )
        archived = self.filtered("active") if vals.get("active") is False else self.browse()
        limit = self._get_change_limit()
        for occasion in changed:
            if occasion.changed_at > limit and not self._may_correct():
                occasion._raise_too_soon()
        if vals.get("active"):
            self.filtered(lambda occasion: not occasion.active)._check_reactivated()
        result = super().write(vals)
        for occasion in changed:
            super(ClubOccasion, occasion).write(
                {
                    "changed_at": fields.Datetime.now(),
                    "effective_from": occasion._get_next_year(),
                }
            )
        for occasion in archived - changed:
            super(ClubOccasion, occasion).write({"changed_at": fields.Datetime.now()})
        return result

    def unlink(self):
        """Archive instead, so that removing and adding again does not get round the 12 months."""
        if self.env.context.get("club_occasion") is OURS:
            return super().unlink()
        self.write({"active": False})
        return True

    # -- business ------------------------------------------------------------------------------------

    def _get_next_year(self):
        """The first day of the next year, in the occasion's calendar."""
        self.ensure_one()
        return periods.period_bounds("year", self.club_id._get_today(), self.calendar)[1]

    def _get_next_date(self, today=None):
        """The next day, today included, on which the occasion is kept and counts.

        :rtype: date or False
        """
        self.ensure_one()
        if not (self.month and self.day and self.calendar):
            return False
        today = today or (self.club_id._get_today() if self.club_id else fields.Date.today())
        first = max(today, self.effective_from) if self.effective_from else today
        try:
            return periods.next_yearly(self.month, self.day, fields.Date.subtract(first, days=1), self.calendar)
        except EngineError:
            return False
