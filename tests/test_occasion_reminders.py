"""Reminders ahead of occasions: once, with consent, in the member's language; staff by an activity."""

from freezegun import freeze_time
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_occasion_earning import OccasionCase


class ReminderCase(OccasionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member._record_consent("marketing", True, "portal")
        cls.reminder = cls.env["club.occasion.reminder"].create(
            {"club_id": cls.club.id, "kind": "any", "days_before": 7, "offer": "Roses at half the price."}
        )

    def remind(self, at="2025-05-10 10:00"):
        self.env.flush_all()
        with freeze_time(at), self.jobs_in_test():
            self.env["club.occasion.reminder"]._cron_remind()
        self.env.invalidate_all()

    def notices(self, **values):
        domain = [("club_id", "=", self.club.id), *((name, "=", value) for name, value in values.items())]
        return self.env["club.occasion.notice"].search(domain)

    def mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", "club.occasion.notice"), ("res_id", "in", self.notices().ids)]
        )


@tagged("post_install", "-at_install")
class TestReminders(ReminderCase):
    def test_a_mail_goes_out_days_ahead_once_with_the_offer(self):
        self.occasion(kind="relative", relation="mother", name="Sara")
        for at in ("2025-05-09 10:00", "2025-05-10 10:00", "2025-05-10 11:00", "2025-05-11 10:00"):
            self.remind(at)
        notice, mail = self.notices(), self.mails()
        self.assertEqual((notice.state, notice.days_left, len(mail)), ("sent", 7, 1))
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertEqual(mail.subject, "Your mother's birthday (Sara) is in 7 days, on 17 May 2025")
        self.assertIn("Roses at half the price.", mail.body_html)
        self.assertIn(f"/my/club/{self.member.id}/profile", mail.body_html)
        self.remind("2026-05-10 10:00")
        self.assertEqual(len(self.mails()), 2, "next year again")

    def test_nothing_goes_out_at_night(self):
        self.club.write({"reminder_hour": 9.5, "tz": "Asia/Tehran"})
        self.occasion()
        self.remind("2025-05-10 05:59")
        self.assertFalse(self.notices())
        self.remind("2025-05-10 06:00")
        self.assertTrue(self.notices())

    def test_a_day_late_is_late_but_says_the_truth(self):
        self.occasion()
        self.remind("2025-05-13 10:00")
        self.assertIn("is in 4 days", self.mails().subject)
        self.occasion(kind="anniversary", month=5, day=16)
        self.remind("2025-05-13 11:00")
        self.assertEqual(len(self.mails()), 1, "four days late it is not sent at all")

    def test_several_reminders_each_once(self):
        self.reminder.copy({"days_before": 1})
        self.reminder.copy({"days_before": 0, "kind": "anniversary"})
        self.occasion()
        for day in range(8, 20):
            self.remind(f"2025-05-{day:02} 10:00")
        self.assertEqual(
            self.mails().sorted("id").mapped("subject"),
            ["Your birthday is in 7 days, on 17 May 2025", "Your birthday is tomorrow, on 17 May 2025"],
        )

    def test_without_consent_address_or_on_the_blacklist_nothing_is_sent_and_the_log_says_why(self):
        self.occasion()
        self.occasion(member_id=self.member_2.id)
        silent = self.club._enrol(self.env["res.partner"].create({"name": "No Address"}))
        blocked = self.club._enrol(self.env["res.partner"].create({"name": "Blocked", "email": "No@Example.com"}))
        self.env.cr.execute("UPDATE club_member SET joined_at = '2020-01-01'")
        for member in (silent, blocked):
            member._record_consent("marketing", True, "portal")
            self.occasion(member_id=member.id)
        self.env["mail.blacklist"]._add("no@example.com")
        self.remind()
        self.assertEqual(
            {notice.member_id: (notice.state, notice.reason) for notice in self.notices()},
            {
                self.member: ("sent", False),
                self.member_2: ("skipped", "consent"),
                silent: ("skipped", "address"),
                blocked: ("skipped", "blacklist"),
            },
        )
        self.assertEqual(len(self.mails()), 1)

    def test_it_speaks_the_members_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        self.reminder.with_context(lang="fr_FR").offer = "Des roses à moitié prix."
        self.occasion()
        self.remind()
        self.assertIn("Des roses", self.mails().body_html)
        self.assertNotIn("half the price", self.mails().body_html)

    def test_an_sms_goes_to_a_number_that_may_be_written_to(self):
        self.reminder.channel = "sms"
        self.partner.write({"phone": "+49 30 123456"})
        self.partner_2.write({"phone": "+49 30 999999"})
        self.member_2._record_consent("marketing", True, "portal")
        self.env["phone.blacklist"]._add(["+4930999999"])
        self.occasion()
        self.occasion(member_id=self.member_2.id)
        self.remind()
        sms = self.env["sms.sms"].search([("partner_id", "in", (self.partner | self.partner_2).ids)])
        self.assertEqual((sms.number, sms.partner_id, sms.state), ("+4930123456", self.partner, "outgoing"))
        self.assertIn("Your birthday is in 7 days", sms.body)
        self.assertIn("Roses at half the price.", sms.body)
        self.assertEqual(self.notices(member_id=self.member_2.id).reason, "blacklist")

    def test_each_member_gets_a_coupon_of_its_own(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Birthday Roses",
                "program_type": "coupons",
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "required_points": 1})],
            }
        )
        self.reminder.write({"program_id": program.id, "coupon_days": 5})
        self.occasion()
        self.remind()
        coupon = self.notices().coupon_id
        self.assertEqual((coupon.partner_id, coupon.points), (self.partner, 1))
        self.assertEqual(str(coupon.expiration_date), "2025-05-22")
        self.assertIn(f"/coupon/{coupon.code}", self.mails().body_html)
        self.assertInvariantsHold()

    def test_a_bonus_rule_is_told(self):
        self.reminder.rule_id = self.earn_rule("purchase", 30, near_kind="birthday", near_before=7)
        self.occasion()
        self.remind()
        self.assertIn("30 points", self.mails().body_html)

    def test_staff_get_an_activity_whether_or_not_the_member_agreed(self):
        seller = new_test_user(self.env, "seller", "base.group_user,customer_club.group_club_user")
        self.reminder.write({"channel": "activity", "user_id": seller.id})
        self.occasion(member_id=self.member_2.id)
        self.remind()
        activity = self.partner_2.activity_ids
        self.assertEqual((activity.user_id, str(activity.date_deadline)), (seller, "2025-05-17"))
        self.assertIn("Birthday", activity.summary)
        self.assertFalse(self.mails())

    def test_what_people_typed_is_never_rendered(self):
        """abuse 17 and 18."""
        self.reminder.offer = "{{ object.partner_id.name }} <t t-out='1'/> <script>alert(1)</script>"
        self.occasion(kind="other", name="{{ 7*7 }} <b>bold</b> ${object}")
        self.remind()
        mail = self.mails()
        self.assertIn("{{ 7*7 }}", mail.subject)
        self.assertNotIn("49", mail.subject.split("{{")[0])
        self.assertIn("{{ object.partner_id.name }}", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        self.assertNotIn("<b>bold", mail.body_html)

    def test_who_left_is_not_reminded(self):
        self.occasion()
        self.member._leave()
        self.remind()
        self.assertFalse(self.notices())

    def test_erasing_a_member_erases_the_log(self):
        self.occasion(kind="relative", relation="mother", name="Sara")
        self.remind()
        self.member._erase("asked")
        self.assertFalse(self.notices())

    def test_a_reminder_that_cannot_be_sent_is_refused(self):
        for values in (
            {"channel": "email", "mail_template_id": False},
            {"channel": "sms", "sms_template_id": False},
            {"channel": "activity", "user_id": False},
        ):
            with self.assertRaisesRegex(ValidationError, "lacks what it needs"), self.env.cr.savepoint():
                self.reminder.write(values)
        foreign = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaisesRegex(ValidationError, "for other documents"), self.env.cr.savepoint():
            self.reminder.mail_template_id = foreign
        with self.assertRaisesRegex(ValidationError, "no coupon program"), self.env.cr.savepoint():
            self.reminder.program_id = self.club.program_id
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        rule = self.earn_rule("occasion", 3, club_id=other.id)
        with self.assertRaisesRegex(ValidationError, "not a rule of Rose Club"), self.env.cr.savepoint():
            self.reminder.rule_id = rule

    def test_rights(self):
        """never 14: staff read, managers set up, other companies and customers see nothing."""
        self.occasion()
        self.remind()
        user = new_test_user(self.env, "club_staff", "customer_club.group_club_user")
        manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        customer = new_test_user(self.env, "club_customer", "base.group_portal")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env, "other_boss", "customer_club.group_club_manager", company_id=company.id, company_ids=company.ids
        )
        self.assertEqual(self.notices().with_user(user).sentence, "Your birthday is in 7 days, on 17 May 2025")
        for who in (user, manager):
            with self.assertRaises(AccessError):
                self.notices().with_user(who).write({"state": "skipped"})
            with self.assertRaises(AccessError):
                self.notices().with_user(who).unlink()
        with self.assertRaises(AccessError):
            self.reminder.with_user(user).write({"days_before": 3})
        self.reminder.with_user(manager).write({"days_before": 3})
        action = self.reminder.with_user(user).action_view_notices()
        self.assertEqual(action["domain"], [("reminder_id", "=", self.reminder.id)])
        for model in ("club.occasion.reminder", "club.occasion.notice"):
            self.assertFalse(self.env[model].with_user(other).search([]))
            with self.assertRaises(AccessError):
                self.env[model].with_user(customer).search([])
