"""How many days a member may keep, and when reminders go out."""

from odoo import fields, models
from odoo.addons.customer_club.engine import periods


class ClubClub(models.Model):
    _inherit = "club.club"

    occasion_limit = fields.Integer(
        string="Days per Member",
        default=5,
        help="Most days besides birthday and anniversary that a member may keep in the club. 0: no limit.",
    )
    reminder_hour = fields.Float(
        string="Reminders From",
        default=9.0,
        help="Reminders of occasions go out from this hour on, in the club's time zone.",
    )
    reminder_ids = fields.One2many("club.occasion.reminder", "club_id", string="Reminders of Occasions")

    _occasion_limit_positive = models.Constraint(
        "CHECK(occasion_limit IS NULL OR occasion_limit >= 0)",
        "The most days per member cannot be negative. Use 0 for no limit.",
    )
    _reminder_hour_of_day = models.Constraint(
        "CHECK(reminder_hour IS NULL OR reminder_hour >= 0 AND reminder_hour < 24)",
        "The hour from which reminders go out is one from 0:00 to 23:59.",
    )

    def _is_reminder_time(self):
        """Whether the hour has come at which people may be written to."""
        self.ensure_one()
        now = periods.local_datetime(fields.Datetime.now(), self.tz)
        return now.hour * 60 + now.minute >= round(self.reminder_hour * 60)
