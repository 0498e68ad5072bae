"""Reminders ahead of an occasion: to whom, how, with which offer."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: A reminder that no job sent on its day is sent so many days later at most, and never after the occasion.
DAYS_LATE = 3


class ClubOccasionReminder(models.Model):
    """So many days before a kind of occasion, members are written to, or staff are given something to do.

    Members get it only with their consent to marketing messages, and not if their address or number is on Odoo's
    blacklist; each occasion once a year. What was sent and what was not, and why, is in ``club.occasion.notice``.
    """

    _name = "club.occasion.reminder"
    _description = "Reminder of Occasions"
    _inherit = "club.owned"
    _order = "club_id, days_before desc, id"

    active = fields.Boolean(default=True)
    club_id = fields.Many2one(ondelete="cascade")
    kind = fields.Selection(
        [
            ("any", "Any occasion"),
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("relative", "A relative's day"),
            ("other", "Other"),
        ],
        string="Which Occasions",
        required=True,
        default="any",
    )
    days_before = fields.Integer(required=True, default=7, help="0: on the day itself.")
    channel = fields.Selection(
        [("email", "E-mail to the member"), ("sms", "SMS to the member"), ("activity", "Activity for our staff")],
        required=True,
        default="email",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail Template",
        domain="[('model', '=', 'club.occasion.notice')]",
        ondelete="restrict",
        default=lambda self: self.env.ref("customer_club.mail_template_occasion", raise_if_not_found=False),
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="SMS Template",
        domain="[('model', '=', 'club.occasion.notice')]",
        ondelete="restrict",
        default=lambda self: self.env.ref("customer_club.sms_template_occasion", raise_if_not_found=False),
    )
    user_id = fields.Many2one(
        "res.users", string="For", domain="[('share', '=', False)]", help="Who is to do something."
    )
    offer = fields.Text(translate=True, help="A sentence or two that the message brings along.")
    program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon",
        domain="[('program_type', '=', 'coupons'), ('company_id', 'in', [company_id, False])]",
        ondelete="restrict",
        help="Each member gets a coupon of this program with the message.",
    )
    coupon_days = fields.Integer(
        string="Coupon Valid", default=14, help="The coupon can be used until so many days after the occasion."
    )
    rule_id = fields.Many2one(
        "club.earn.rule",
        string="Bonus Rule",
        domain="[('club_id', '=', club_id)]",
        ondelete="set null",
        help="The message says what this rule gives.",
    )
    notice_count = fields.Integer(string="Sent", compute="_compute_notice_count")

    _days_positive = models.Constraint(
        "CHECK(days_before >= 0 AND days_before <= 90 AND coupon_days >= 0)",
        "A reminder goes out 0 to 90 days ahead, and a coupon is valid for 0 or more days.",
    )

    def _compute_notice_count(self):
        counts = dict(
            self.env["club.occasion.notice"]._read_group(
                [("reminder_id", "in", self.ids), ("state", "=", "sent")], ["reminder_id"], ["__count"]
            )
        )
        for reminder in self:
            reminder.notice_count = counts.get(reminder, 0)

    @api.depends("kind", "days_before", "channel")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for reminder in self:
            reminder.display_name = self.env._(
                "%(kind)s, %(days)s days ahead: %(channel)s",
                kind=kinds.get(reminder.kind, ""),
                days=reminder.days_before,
                channel=channels.get(reminder.channel, ""),
            )

    @api.constrains("channel", "mail_template_id", "sms_template_id", "user_id")
    def _check_channel(self):
        for reminder in self:
            needed = {"email": reminder.mail_template_id, "sms": reminder.sms_template_id, "activity": reminder.user_id}
            if not needed[reminder.channel]:
                raise ValidationError(
                    self.env._(
                        "The reminder %(reminder)s lacks what it needs to be sent. Choose a template, or for an "
                        "activity the person who is to act.",
                        reminder=reminder.display_name,
                    )
                )
            templates = (reminder.mail_template_id, reminder.sms_template_id)
            if any(template and template.model != "club.occasion.notice" for template in templates):
                raise ValidationError(
                    self.env._(
                        "A template of the reminder %(reminder)s is for other documents. Choose one for reminders.",
                        reminder=reminder.display_name,
                    )
                )

    @api.constrains("club_id", "program_id", "rule_id")
    def _check_club(self):
        for reminder in self:
            program = reminder.program_id.sudo()
            foreign = program.company_id and program.company_id != reminder.company_id
            if program and (foreign or program.program_type != "coupons"):
                raise ValidationError(
                    self.env._(
                        "%(reminder)s names no coupon program of %(company)s. Choose a program of the type Coupons.",
                        reminder=reminder.display_name,
                        company=reminder.company_id.name,
                    )
                )
            if reminder.rule_id and reminder.rule_id.club_id != reminder.club_id:
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s is not a rule of %(club)s. Choose one of this club.",
                        rule=reminder.rule_id.name,
                        club=reminder.club_id.name,
                    )
                )

    def action_view_notices(self):
        """What was sent because of this reminder, and what was not."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_occasion_notice_action")
        return {**action, "domain": [("reminder_id", "=", self.id)], "context": {}}

    # -- sending -------------------------------------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Send the reminders that are due; may stop anywhere, and sends none twice."""
        for reminder in self.sudo().search([("club_id.active", "=", True)]):
            if reminder.club_id._is_reminder_time():
                reminder._work_off()

    def _work_off(self):
        self.ensure_one()
        Occasion = self.env["club.occasion"]
        first = max(0, self.days_before - DAYS_LATE)
        kept = Occasion._list_kept_days(self.club_id, first, self.days_before)
        told = SQL(
            "EXISTS (SELECT FROM club_occasion_notice n"
            " WHERE n.reminder_id = %s AND n.occasion_id = o.id AND n.day BETWEEN k.on_date - %s AND k.on_date)",
            self.id,
            DAYS_LATE,
        )
        kind = None if self.kind == "any" else self.kind
        return self.env["club.job"]._work_off(
            f"reminder {self.id} of occasions",
            find=lambda limit, skip: Occasion._search_kept(kept, told, limit, skip, kind),
            work=lambda ids: self._remind(Occasion.browse(ids)._match_kept(kept)),
            size=100,
        )

    def _remind(self, days):
        """Write notices for these occasions and send what may be sent.

        :param dict days: the day by occasion.
        """
        self.ensure_one()
        notices = (
            self.env["club.occasion.notice"]
            .sudo()
            .create(
                [
                    {
                        "reminder_id": self.id,
                        "occasion_id": occasion.id,
                        "day": day.on_date,
                        "days_left": (day.on_date - self.club_id._get_today()).days,
                    }
                    for occasion, day in days.items()
                ]
            )
        )
        notices._send()

    def _prepare_coupon_values(self, notice):
        self.ensure_one()
        return {
            "program_id": self.program_id.id,
            "partner_id": notice.partner_id.id,
            "points": 1,
            "expiration_date": notice.day + timedelta(days=self.coupon_days),
        }
