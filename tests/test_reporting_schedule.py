"""Scheduled reports: each period once for each reader, with what this reader may see; a failure is shown."""

import json
from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestReportsByMail(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "mail_manager", groups="customer_club.group_club_manager", email="manager@example.com"
        )
        cls.user = new_test_user(cls.env, "mail_user", groups="customer_club.group_club_user", email="user@example.com")
        cls.env["club.report"].search([("schedule", "!=", "none")]).write({"schedule": "none"})
        with cls.at("2026-02-10 08:00:00"):
            cls.report = cls.env["club.report"].create(
                {
                    "name": "Monthly <b>",
                    "shared": True,
                    "user_id": cls.manager.id,
                    "club_ids": [(6, 0, cls.club.ids)],
                    "schedule": "monthly",
                    "recipient_ids": [(6, 0, (cls.manager | cls.user).ids)],
                    "line_ids": [(0, 0, {"kind": kind}) for kind in ("advice", "growth", "cost")],
                }
            )

    @staticmethod
    def at(moment):
        return _Frozen(fields.Datetime.to_datetime(moment))

    def send(self, moment):
        """Let the night of a moment run."""
        with self.at(moment), self.jobs_in_test():
            self.env["club.report"]._cron_send()
        self.env.flush_all()
        self.env.invalidate_all()
        return self.report.sending_ids

    def test_nothing_is_sent_before_the_month_is_over(self):
        self.assertFalse(self.send("2026-02-28 23:00:00"))

    def test_a_month_is_sent_once_to_each_reader_however_often_the_night_runs(self):
        first = self.send("2026-03-01 02:00:00")
        self.assertEqual(first.mapped("state"), ["sent", "sent"])
        self.assertEqual(first.user_id, self.manager | self.user)
        self.assertEqual((first[0].date_from, first[0].date_to), (date(2026, 2, 1), date(2026, 2, 28)))
        mails = self.env["mail.mail"].search([("model", "=", "club.report.sending"), ("res_id", "in", first.ids)])
        self.assertEqual(len(mails), 2)
        self.send("2026-03-01 02:00:00")
        self.assertEqual(self.send("2026-03-20 02:00:00"), first)
        again = self.env["mail.mail"].search([("model", "=", "club.report.sending"), ("res_id", "in", first.ids)])
        self.assertEqual(again, mails)
        self.assertEqual(len(self.send("2026-04-01 02:00:00")), 4)

    def test_the_month_is_that_of_the_clubs_calendar(self):
        self.club.write({"calendar": "jalali", "tz": "Asia/Tehran"})
        self.assertFalse(self.send("2026-02-19 20:00:00"), "30 Bahman in Tehran")
        sent = self.send("2026-02-19 21:00:00")
        self.assertEqual((sent[0].date_from, sent[0].date_to), (date(2026, 1, 21), date(2026, 2, 19)))

    def test_a_week_is_sent_when_it_is_over(self):
        with self.at("2026-02-10 08:00:00"):
            self.report.schedule = "weekly"
        self.club.week_start = "0"
        self.assertFalse(self.send("2026-02-15 20:00:00"), "a Sunday")
        sent = self.send("2026-02-16 02:00:00")
        self.assertEqual((sent[0].date_from, sent[0].date_to), (date(2026, 2, 9), date(2026, 2, 15)))

    def test_each_reader_gets_what_they_may_see_as_print_and_spreadsheet(self):
        sent = self.send("2026-03-01 02:00:00")
        for sending in sent:
            mail = self.env["mail.mail"].search([("model", "=", "club.report.sending"), ("res_id", "=", sending.id)])
            names = mail.attachment_ids.mapped("name")
            self.assertEqual(sorted(name[-4:] for name in names), [".pdf", "xlsx"])
            self.assertEqual(mail.recipient_ids, sending.user_id.partner_id)
            self.assertIn("Monthly &lt;b&gt;", mail.body_html)
            self.assertIn(f"/odoo/customer-club-reports/{self.report.id}", mail.body_html)
            printed = next(file for file in mail.attachment_ids if file.name.endswith("pdf")).raw.decode()
            cost = self.env["club.report.block.cost"]._get_label()
            self.assertEqual("only: " in printed and cost in printed, sending.user_id == self.user)
            self.assertIn(self.club.name, printed)

    def test_a_change_in_the_mail_says_against_what(self):
        """ "−6 %" alone tells an owner nothing."""
        self.club.member_ids.joined_at = "2026-01-15 12:00:00"
        self.env["club.member"].flush_model()
        sending = self.send("2026-03-01 02:00:00").filtered(lambda sending: sending.user_id == self.manager)
        summary = sending.with_user(self.manager).summary
        self.assertIn("<bdi>−100 %</bdi> · <bdi>Before: 2</bdi>", summary)

    def test_the_mail_reads_from_the_readers_side(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.user.sudo().lang = "ar_001"
        sent = self.send("2026-03-01 02:00:00")
        for sending in sent:
            direction = "rtl" if sending.user_id == self.user else "ltr"
            mail = self.env["mail.mail"].search([("model", "=", "club.report.sending"), ("res_id", "=", sending.id)])
            self.assertIn(f'dir="{direction}"', mail.body_html)

    @mute_logger("odoo.addons.customer_club.models.reporting.club_report_sending")
    def test_a_failure_is_shown_and_can_be_tried_again(self):
        self.user.sudo().group_ids = [(6, 0, self.env.ref("base.group_user").ids)]
        sent = self.send("2026-03-01 02:00:00")
        failed = sent.filtered(lambda sending: sending.state == "failed")
        self.assertEqual(failed.user_id, self.user)
        self.assertIn("may not read", failed.error)
        self.assertEqual(self.report.failed_count, 1)
        home = self.club.with_user(self.manager)
        self.assertIn("reports", json.loads(home.home)["todo"])
        action = home._get_home_action("reports")
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), failed)
        self.user.sudo().group_ids = [(4, self.env.ref("customer_club.group_club_user").id)]
        with self.assertRaises(AccessError):
            failed.with_user(self.user).action_retry()
        failed.with_user(self.manager).action_retry()
        self.assertEqual(self.send("2026-03-02 02:00:00").mapped("state"), ["sent", "sent"])

    @mute_logger("odoo.addons.customer_club.models.reporting.club_report_sending")
    def test_an_error_in_one_block_stops_no_other_mail(self):
        other = self.report.with_user(self.manager).copy({"name": "Other", "line_ids": [(0, 0, {"kind": "activity"})]})
        with self.at("2026-02-10 08:00:00"):
            other.write({"schedule": "monthly", "recipient_ids": [(6, 0, self.manager.ids)]})
        block = self.env.registry["club.report.block.growth"]
        with patch.object(block, "_read_block", lambda *args: 1 / 0):
            sent = self.send("2026-03-01 02:00:00")
        self.assertEqual(set(sent.mapped("state")), {"failed"})
        self.assertEqual(set(other.sending_ids.mapped("state")), {"sent"})

    def test_what_a_reader_gets_is_no_way_to_figures_for_who_sends_it(self):
        """Whoever composes a report and sends it to a manager sees no manager's figures in what was sent."""
        with self.at("2026-02-10 08:00:00"):
            mine = (
                self.env["club.report"]
                .with_user(self.user)
                .create(
                    {
                        "name": "Mine",
                        "shared": True,
                        "club_ids": [(6, 0, self.club.ids)],
                        "schedule": "monthly",
                        "recipient_ids": [(6, 0, self.manager.ids)],
                        "line_ids": [(0, 0, {"kind": kind}) for kind in ("cost", "growth")],
                    }
                )
            )
        self.send("2026-03-01 02:00:00")
        sending = mine.sudo().sending_ids
        self.assertEqual((sending.state, sending.user_id), ("sent", self.manager))
        self.assertIn("<table", sending.with_user(self.manager).summary)
        own = sending.with_user(self.user)
        self.assertEqual(own.state, "sent", "the row itself is the owner's to see")
        self.assertFalse(own.summary)
        self.assertFalse(own.period)
        message = self.env["mail.message"].search([("model", "=", sending._name), ("res_id", "=", sending.id)])
        self.assertEqual(len(message), 1)
        with self.assertRaises(AccessError):
            message.with_user(self.user).read(["body"])
        self.assertFalse(self.env["mail.message"].with_user(self.user).search([("id", "=", message.id)]))

    def test_who_could_not_read_it_is_no_recipient(self):
        with self.assertRaises(ValidationError):
            self.report.shared = False
        with self.assertRaises(ValidationError):
            self.report.recipient_ids = False
        stranger = new_test_user(self.env, "mail_stranger", groups="base.group_user", email="stranger@example.com")
        with self.assertRaisesRegex(ValidationError, "mail_stranger"):
            self.report.recipient_ids = [(4, stranger.id)]

    def test_the_ready_made_letter_has_the_things_to_do_first(self):
        letter = self.env.ref("customer_club.club_report_letter")
        self.assertEqual(letter.line_ids[0].kind, "advice")

    def test_the_settings_say_who_gets_the_letter_of_the_club(self):
        club = self.club.with_user(self.manager)
        with self.at("2026-02-10 08:00:00"):
            club.letter_user_ids = self.manager
        letter = self.env["club.report"].search([("letter_club_id", "=", self.club.id)])
        self.assertEqual((letter.schedule, letter.recipient_ids, letter.club_ids), ("monthly", self.manager, self.club))
        self.assertEqual(letter.line_ids[0].kind, "advice")
        self.send("2026-03-01 02:00:00")
        self.assertEqual(letter.sending_ids.mapped("state"), ["sent"])
        with self.at("2026-03-01 08:00:00"):
            club.letter_user_ids |= self.user
        self.assertEqual(letter.schedule_since, date(2026, 2, 10), "another reader begins no other schedule")
        self.assertEqual(letter.recipient_ids, self.manager | self.user)
        club.letter_user_ids = False
        self.assertEqual((letter.schedule, len(letter.recipient_ids)), ("none", 0))
        self.env.invalidate_all()
        self.assertFalse(club.letter_user_ids)

    def test_a_club_of_a_month_is_offered_its_letter_until_somebody_answers(self):
        club = self.club.with_user(self.manager)
        self.assertNotIn("letter", json.loads(club.home)["todo"], "a new club has no month to tell of")
        self.env.cr.execute("UPDATE club_club SET create_date = '2020-01-01' WHERE id = %s", (self.club.id,))
        self.env.invalidate_all()
        self.assertIn("letter", json.loads(club.home)["todo"])
        self.env.invalidate_all()
        self.assertNotIn("letter", json.loads(self.club.with_user(self.user).home)["todo"], "no question for others")
        self.assertEqual(club._get_home_action("letter")["res_id"], self.club.id)
        with self.assertRaises(AccessError):
            self.club.with_user(self.user).action_send_letter_to_me()
        with self.assertRaises(AccessError):
            self.club.with_user(self.user).action_decline_letter()
        club.action_send_letter_to_me()
        self.env.invalidate_all()
        self.assertEqual(club.letter_user_ids, self.manager)
        self.assertNotIn("letter", json.loads(club.home)["todo"])
        self.env["club.report"].search([("letter_club_id", "=", self.club.id)]).unlink()
        club.action_decline_letter()
        self.env.invalidate_all()
        self.assertNotIn("letter", json.loads(club.home)["todo"])


class _Frozen:
    """The club's clock, stopped."""

    def __init__(self, now):
        self.patches = [
            patch.object(fields.Datetime, "now", lambda *args: now),
            patch.object(fields.Date, "context_today", lambda *args, **kwargs: now.date()),
        ]

    def __enter__(self):
        for one in self.patches:
            one.start()

    def __exit__(self, *exc):
        for one in self.patches:
            one.stop()
