"""Notifications on members' devices: what goes out, to whom, when, and what is done when it is not taken."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.models.push.push_service import PushSession
from odoo.addons.customer_club.tests.push_common import Browser, PushCase, read_vapid
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

SENDING = "odoo.addons.customer_club.models.push.club_push_sending"


@tagged("post_install", "-at_install")
class TestANotification(PushCase):
    def test_it_arrives_encrypted_for_the_device_and_signed_by_the_shop(self):
        device = self.switch_on()
        message = self.queue()
        self.work_off()
        (shown,) = self.phone.received
        self.assertEqual((shown["title"], shown["body"]), ("Rose Club", "Your prize is ready."))
        self.assertEqual((shown["path"], shown["dir"]), (f"/my/club/{self.member.id}", "ltr"))
        ((_path, headers, body),) = self.service.requests
        self.assertNotIn(b"prize", body)
        scheme, claims, key = read_vapid(headers["Authorization"])
        self.assertEqual((scheme, claims["aud"]), ("vapid", self.service.origin))
        self.assertEqual(key, self.Device._get_vapid_key())
        self.assertEqual(headers["Content-Encoding"], "aes128gcm")
        self.assertGreater(int(headers["TTL"]), 3600)
        self.assertEqual((message.state, message.tries), ("sent", 1))
        self.assertFalse(message.sudo().title or message.sudo().body, "the words are not kept")
        self.assertTrue(device.last_success_at)

    def test_each_device_gets_it_once(self):
        self.switch_on()
        self.switch_on(self.laptop)
        self.assertEqual(len(self.queue()), 2)
        self.assertFalse(self.queue(), "what has been said is not said again")
        self.work_off()
        self.work_off()
        self.assertEqual((len(self.phone.received), len(self.laptop.received)), (1, 1))
        message = self.Message.search([], limit=1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            message.sudo().copy({"key": message.sudo().key, "device_id": message.device_id.id})

    def test_amounts_are_read_only_where_the_member_wants_them(self):
        self.switch_on()
        self.switch_on(self.laptop, details=True)
        self.queue(details=("Rose Club", "Your prize is ready. A vase"))
        self.work_off()
        self.assertEqual(self.phone.received[0]["body"], "Your prize is ready.")
        self.assertEqual(self.laptop.received[0]["body"], "Your prize is ready. A vase")

    def test_it_is_in_the_members_language_and_direction(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.partner.lang = "ar_001"
        self.switch_on()
        self.queue()
        self.work_off()
        self.assertEqual((self.phone.received[0]["dir"], self.phone.received[0]["lang"][:2]), ("rtl", "ar"))

    def test_long_words_fit(self):
        self.switch_on()
        self.queue(title="گل" * 500, body="گل سرخ " * 500)
        self.work_off()
        (shown,) = self.phone.received
        self.assertLessEqual((len(shown["title"]), len(shown["body"])), (80, 200))

    def test_a_device_that_is_gone_is_forgotten(self):
        """404 and 410: RFC 8030."""
        for status in (404, 410):
            device = self.switch_on()
            self.service.answers["/phone"] = (status, {})
            message = self.queue(str(status))
            self.work_off()
            self.assertFalse(device.exists())
            self.assertEqual((message.state, message.reason), ("failed", "gone"))
            self.assertFalse(message.sudo().body)

    def test_a_busy_service_is_asked_again_later_each_time(self):
        self.switch_on()
        self.service.answers["/phone"] = (503, {})
        message = self.queue(until=fields.Datetime.now() + timedelta(days=30))
        waits = []
        for _time in range(5):
            before = fields.Datetime.now()
            self.work_off()
            self.assertEqual(message.state, "queued")
            waits.append(round((message.due_at - before).total_seconds() / 60))
            self.work_off()  # not before its time
            self.let_wait_end(message)
        self.assertEqual(waits, [1, 10, 60, 240, 720])
        self.work_off()
        self.assertEqual((message.state, message.reason, message.tries), ("failed", "unreachable", 6))
        self.assertEqual(len(self.service.requests), 6)
        self.assertEqual(self.Device.search([("member_id", "=", self.member.id)]).failures, 1)

    def test_a_service_says_when_it_wants_to_be_asked(self):
        self.switch_on()
        self.service.answers["/phone"] = (429, {"Retry-After": "7200"})
        message = self.queue()
        before = fields.Datetime.now()
        self.work_off()
        self.assertGreaterEqual(message.due_at, before + timedelta(seconds=7200))
        self.service.answers.clear()
        self.let_wait_end(message)
        self.work_off()
        self.assertEqual((message.state, len(self.phone.received)), ("sent", 2))

    def test_what_comes_too_late_is_left_out(self):
        self.switch_on()
        message = self.queue(until=fields.Datetime.now() + timedelta(seconds=30))
        self.service.answers["/phone"] = (500, {})
        self.work_off()
        self.assertEqual((message.state, message.reason), ("failed", "unreachable"), "no second try before its time")
        old = self.queue("old", until=fields.Datetime.now() - timedelta(hours=1))
        self.work_off()
        self.assertEqual((old.state, old.reason), ("failed", "late"))
        self.assertEqual(len(self.service.requests), 1)

    @mute_logger(SENDING)
    def test_a_refusal_stops_nobody_else(self):
        self.switch_on()
        self.switch_on(self.laptop)
        self.service.answers["/phone"] = (400, {})
        messages = self.queue()
        self.work_off()
        self.assertEqual(set(messages.mapped(lambda message: (message.state, message.reason))), {
            ("failed", "refused"), ("sent", False),
        })  # fmt: skip
        self.assertEqual(len(self.laptop.received), 1)

    @mute_logger(SENDING)
    def test_a_redirect_is_not_followed(self):
        self.switch_on()
        self.service.answers["/phone"] = (307, {"Location": f"{self.service.origin}/inside"})
        message = self.queue()
        self.work_off()
        self.assertEqual((message.state, message.reason), ("failed", "refused"))
        self.assertEqual([path for path, *_rest in self.service.requests], ["/phone"])

    def test_a_service_that_does_not_answer_is_asked_once_a_batch(self):
        self.switch_on()
        self.switch_on(self.laptop)
        messages = self.queue()
        asked = []

        def send(session, url, *args):
            asked.append(url)
            raise TimeoutError

        with patch.object(PushSession, "_send", send):
            self.work_off()
        self.assertEqual(len(asked), 1)
        self.assertEqual(set(messages.mapped("state")), {"queued"})

    def test_quiet_hours_hold_for_every_notification(self):
        self.club.write({"quiet_from": 21, "quiet_to": 9})
        self.partner.tz = "UTC"
        self.switch_on()
        message = self.queue(until=datetime(2031, 1, 1))
        message.sudo().due_at = datetime(2030, 5, 1, 22)
        with self.mocked_now(datetime(2030, 5, 1, 23)):
            self.work_off()
        self.assertEqual((message.state, message.due_at), ("queued", datetime(2030, 5, 2, 9)))
        with self.mocked_now(datetime(2030, 5, 2, 9, 1)):
            self.work_off()
        self.assertEqual(message.state, "sent")

    def mocked_now(self, now):
        return patch.object(fields.Datetime, "now", lambda *args: now)

    def test_whoever_may_not_be_written_to_any_more_is_not(self):
        def stop_club():
            self.club.push_active = False

        def end_login():
            self.anna.active = False

        def change_person():
            self.anna.partner_id = self.env["res.partner"].create({"name": "Other"})

        def change_key():
            self.env["ir.config_parameter"].set_param("mail.web_push_vapid_public_key", "other")

        for number, spoil in enumerate((stop_club, end_login, change_person, change_key)):
            with self.subTest(spoil=spoil.__name__), self.env.cr.savepoint() as savepoint:
                self.switch_on()
                message = self.queue(str(number))
                spoil()
                self.env.flush_all()
                self.work_off()
                self.assertEqual((message.state, message.reason), ("failed", "left"))
                savepoint.rollback()
                self.env.registry.clear_cache()
                self.env.invalidate_all()
        self.assertFalse(self.service.requests)

    def test_a_club_without_notifications_queues_nothing(self):
        self.switch_on()
        self.club.push_active = False
        self.assertFalse(self.queue())

    def test_a_batch_asks_the_database_the_same_whatever_its_size(self):
        self.switch_on()
        self.queue("warm")
        self.work_off()
        counts = []
        for size in (3, 20):
            self.queue(*(f"{size}:{number}" for number in range(size)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.work_off()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(self.phone.received), 24)
        self.assertLessEqual(counts[1], counts[0] + 2)

    @mute_logger(SENDING)
    def test_what_cannot_be_made_stops_nobody_else_and_ends(self):
        broken = self.switch_on()
        broken.sudo().p256dh = "broken"
        self.switch_on(self.laptop)
        messages = self.queue()
        self.work_off()
        lost = messages.filtered(lambda message: message.device_id == broken)
        self.assertEqual((lost.state, (messages - lost).state), ("queued", "sent"))
        lost.sudo().tries = 5
        self.let_wait_end(lost)
        self.work_off()
        self.assertEqual((lost.state, lost.reason), ("failed", "unreachable"))

    def test_choosing_and_queueing_ask_the_database_the_same_for_many_members(self):
        partners = self.env["res.partner"].create([{"name": f"Member {number}"} for number in range(22)])
        members = self.club._enrol(partners)
        members.write({"consent_marketing": True})
        users = self.env["res.users"].create(
            [
                {"name": partner.name, "login": f"push{partner.id}", "partner_id": partner.id, "group_ids": [(5,)]}
                for partner in partners
            ]
        )
        point = self.phone.subscription["p256dh"]
        key = self.Device._get_vapid_key()
        self.Device.sudo().create(
            [
                {
                    "member_id": member.id,
                    "user_id": user.id,
                    "endpoint": f"{self.service.origin}/{member.id}",
                    "p256dh": point,
                    "auth": self.phone.subscription["auth"],
                    "vapid_key": key,
                }
                for member, user in zip(members, users, strict=True)
            ]
        )
        campaign = self.campaign()
        counts = []
        for some in (members[:2], members[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(campaign._find_reasons(some))
            self.Message._queue([self.note("many", member=member) for member in some])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_what_failed_for_long_is_cleaned_up(self):
        failing, fine = self.switch_on(), self.switch_on(self.laptop)
        failing.failures = 10
        with self.jobs_in_test():
            self.env["club.club"]._cron_push_daily()
        self.assertEqual((failing | fine).exists(), fine)
        self.env["ir.config_parameter"].set_param("mail.web_push_vapid_public_key", "other")
        self.Device._clean()
        self.assertFalse(fine.exists())


@tagged("post_install", "-at_install")
class TestTheEndOfADevice(PushCase):
    def test_who_leaves_has_no_device(self):
        device = self.switch_on()
        message = self.queue()
        self.member._leave()
        self.assertFalse(device.exists())
        self.work_off()
        self.assertEqual((message.state, message.reason), ("failed", "gone"))
        consents = self.env["club.consent"].search([("member_id", "=", self.member.id), ("kind", "=", "push")])
        self.assertEqual(consents.sorted("id").mapped("given"), [True, False])

    def test_who_is_forgotten_leaves_neither_device_nor_message(self):
        device = self.switch_on()
        self.queue()
        self.work_off()
        self.queue("second")
        self.member._erase("asked")
        self.assertFalse(device.exists())
        self.assertFalse(self.Message.search([("member_id", "=", self.member.id)]))

    def test_merged_members_switch_on_anew(self):
        mine = self.switch_on()
        theirs = self.switch_on(self.laptop, member=self.member_2, user=self.ben)
        self.member_2._absorb_into(self.member)
        self.assertEqual((mine | theirs).exists(), mine)
        self.queue()
        self.work_off()
        self.assertEqual((len(self.phone.received), len(self.laptop.received)), (1, 0))

    def test_a_login_takes_its_devices_along(self):
        device = self.switch_on()
        self.anna.unlink()
        self.assertFalse(device.exists())

    def test_a_sixth_device_takes_the_place_of_the_most_silent(self):
        devices = [self.switch_on(Browser(self.service, f"/{number}")) for number in range(5)]
        for number, device in enumerate(devices):
            device.last_success_at = fields.Datetime.now() - timedelta(days=number + (number == 2) * 50)
        sixth = self.switch_on()
        kept = self.Device.search([("member_id", "=", self.member.id)])
        self.assertEqual(len(kept), 5)
        self.assertIn(sixth, kept)
        self.assertNotIn(devices[2], kept)

    def test_another_login_on_the_same_browser_takes_it_over(self):
        mine = self.switch_on()
        theirs = self.switch_on(member=self.member_2, user=self.ben)
        self.assertFalse(mine.exists())
        self.assertEqual(theirs.user_id, self.ben)

    def test_who_knows_only_the_address_takes_nothing_over(self):
        mine = self.switch_on()
        forged = Browser(self.service, "/phone")
        with self.assertRaisesRegex(UserError, "cannot be used"):
            self.switch_on(forged, member=self.member_2, user=self.ben)
        self.assertTrue(mine.exists())

    def test_personal_data_name_the_device_and_not_its_secret(self):
        self.switch_on(browser="Chrome on Android")
        data = self.member._get_personal_data()
        self.assertEqual(data["devices"][0]["browser"], "Chrome on Android")
        self.assertNotIn(self.phone.subscription["endpoint"], str(data))
