"""What was sent ahead of an occasion: the log, and what message templates may say."""

from odoo import api, fields, models
from odoo.tools import email_normalize


class ClubOccasionNotice(models.Model):
    """One reminder of one occasion in one year, sent or not, with the reason.

    Templates for members are made for this model: ``sentence`` says which day it is and when, ``offer``, ``bonus`` and
    ``coupon_code`` what the club offers. All of it is in the member's language, and what people typed is only ever a
    value in a template, never a part of one (abuse.md 17).
    """

    _name = "club.occasion.notice"
    _description = "Reminder Sent"
    _order = "id desc"
    _rec_name = "sentence"

    reminder_id = fields.Many2one(
        "club.occasion.reminder", required=True, readonly=True, index=True, ondelete="cascade"
    )
    occasion_id = fields.Many2one("club.occasion", required=True, readonly=True, index=True, ondelete="cascade")
    member_id = fields.Many2one(related="occasion_id.member_id", store=True, index=True)
    partner_id = fields.Many2one(related="member_id.partner_id")
    club_id = fields.Many2one(related="reminder_id.club_id", store=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    channel = fields.Selection(related="reminder_id.channel", store=True)
    day = fields.Date(required=True, readonly=True, help="The day of the occasion.")
    days_left = fields.Integer(readonly=True)
    state = fields.Selection(
        [("sent", "Sent"), ("skipped", "Not sent")], required=True, readonly=True, default="skipped", index=True
    )
    reason = fields.Selection(
        [
            ("consent", "No consent to marketing messages"),
            ("address", "No address or number"),
            ("blacklist", "On the blacklist"),
        ],
        readonly=True,
    )
    sent_at = fields.Datetime(string="On", readonly=True, default=fields.Datetime.now)
    coupon_id = fields.Many2one(
        "loyalty.card", readonly=True, ondelete="set null", groups="customer_club.group_club_manager"
    )
    coupon_code = fields.Char(related="coupon_id.code", related_sudo=True, groups="customer_club.group_club_manager")
    offer = fields.Text(related="reminder_id.offer")
    bonus = fields.Char(compute="_compute_words", compute_sudo=True)
    sentence = fields.Char(compute="_compute_words", compute_sudo=True)

    _once = models.Constraint("UNIQUE(reminder_id, occasion_id, day)", "This reminder was sent already.")

    @api.depends("occasion_id", "day", "days_left", "reminder_id.rule_id")
    @api.depends_context("lang")
    def _compute_words(self):
        _ = self.env._
        for notice in self:
            title = notice.occasion_id._get_title()
            date = notice.club_id._show_day(notice.day)
            notice.bonus = notice.reminder_id.rule_id._get_member_sentence() if notice.reminder_id.rule_id else False
            if notice.days_left > 1:
                notice.sentence = _(
                    "%(title)s is in %(days)s days, on %(date)s", title=title, days=notice.days_left, date=date
                )
            elif notice.days_left == 1:
                notice.sentence = _("%(title)s is tomorrow, on %(date)s", title=title, date=date)
            else:
                notice.sentence = _("%(title)s is today, on %(date)s", title=title, date=date)

    # -- sending -------------------------------------------------------------------------------------------------

    def _send(self):
        """Send these notices of one reminder, as far as each member agreed, and note the reason for the others."""
        if not self:
            return
        reminder = self.reminder_id
        reminder.ensure_one()
        reasons = self._find_reasons()
        for reason in set(reasons.values()):
            self.filtered(lambda notice, reason=reason: reasons.get(notice) == reason).reason = reason
        sendable = self.filtered(lambda notice: notice not in reasons)
        if not sendable:
            return
        if reminder.channel != "activity":
            sendable._make_coupons()
        getattr(sendable, f"_send_by_{reminder.channel}")()
        sendable.write({"state": "sent", "sent_at": fields.Datetime.now()})

    def _find_reasons(self):
        """Why some of these are not to be sent. Staff may always be told.

        :rtype: dict
        """
        channel = self.reminder_id.channel
        if channel == "activity":
            return {}
        addresses = {notice: notice._get_address() for notice in self}
        blacklist = {"email": "mail.blacklist", "sms": "phone.blacklist"}[channel]
        field = {"email": "email", "sms": "number"}[channel]
        known = [address for address in addresses.values() if address]
        refused = set(self.env[blacklist].sudo().search([(field, "in", known)]).mapped(field))
        reasons = {}
        for notice, address in addresses.items():
            if not notice.member_id.consent_marketing:
                reasons[notice] = "consent"
            elif not address:
                reasons[notice] = "address"
            elif address in refused:
                reasons[notice] = "blacklist"
        return reasons

    def _get_address(self):
        """The address or number to which it goes, in the form that the blacklists keep; empty if there is none."""
        self.ensure_one()
        partner = self.partner_id
        if self.channel == "email":
            return email_normalize(partner.email or "")
        return partner._phone_format(number=partner.phone, country=partner.country_id or self.company_id.country_id)

    def _make_coupons(self):
        program = self.reminder_id.program_id
        if not program:
            return
        coupons = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(loyalty_no_mail=True, action_no_send_mail=True)
            .create([notice.reminder_id._prepare_coupon_values(notice) for notice in self])
        )
        for notice, coupon in zip(self, coupons, strict=True):
            notice.coupon_id = coupon

    def _send_by_email(self):
        self.reminder_id.mail_template_id.sudo().send_mail_batch(
            self.ids, email_layout_xmlid="mail.mail_notification_light"
        )

    def _send_by_sms(self):
        template = self.reminder_id.sms_template_id.sudo()
        bodies = template._render_field("body", self.ids, compute_lang=True)
        self.env["sms.sms"].sudo().create(
            [
                {
                    "number": notice._get_address(),
                    "partner_id": notice.partner_id.id,
                    "club_member_id": notice.member_id.id,
                    "body": bodies[notice.id],
                }
                for notice in self
            ]
        )

    def _send_by_activity(self):
        user = self.reminder_id.user_id
        for notice in self:
            notice.partner_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=notice.day,
                summary=self.env._(
                    "%(occasion)s on %(date)s",
                    occasion=notice.occasion_id.display_name,
                    date=notice.club_id._show_day(notice.day),
                ),
                note=notice.reminder_id.offer or False,
                user_id=user.id,
            )
