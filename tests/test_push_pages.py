"""Switching notifications on and off on the member's page: by the member in person, on a device of its own."""

import hashlib
from unittest.mock import patch

from odoo.addons.customer_club.engine import push as engine_push
from odoo.addons.customer_club.models.push.push_service import PushGone, PushLater, PushSession
from odoo.addons.customer_club.tests.push_common import Browser, PushCase
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

NAMES = "odoo.addons.customer_club.models.push.push_service.socket.getaddrinfo"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36"
)


@tagged("post_install", "-at_install")
class TestTheMembersPage(PushCase):
    def send(self, path="", status=200, login="club_anna", member=None, token=True, **data):
        self.authenticate(login, login)
        if token:
            data["csrf_token"] = Request.csrf_token(self)
        response = self.url_open(
            self.url(f"/push{path}", member=member), data=data, headers={"User-Agent": CHROME}, allow_redirects=False
        )
        self.assertEqual(response.status_code, status, response.text[:200])
        self.env.invalidate_all()
        return response

    def devices(self, member=None):
        return self.Device.search([("member_id", "=", (member or self.member).id)])

    def test_switching_on_keeps_one_device_however_often(self):
        page = self.get(self.url("/profile"))
        self.assertIn("data-club-push", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertFalse(self.devices(), "looking switches nothing on")
        for _time in range(2):
            response = self.send(**self.phone.subscription)
            self.assertEqual((response.json(), response.headers["Cache-Control"]), ({"done": True}, "no-store"))
        device = self.devices()
        self.assertEqual((device.user_id, device.browser, device.details), (self.anna, "Chrome on Android", False))
        page = self.get(self.url("/profile")).text
        self.assertIn("Notifications are on for this device.", page)
        self.assertIn("Chrome on Android", page)
        endpoint = self.phone.subscription["endpoint"]
        self.assertIn(hashlib.sha256(endpoint.encode()).hexdigest(), page)
        self.assertNotIn(endpoint, page)
        self.assertNotIn(self.phone.subscription["auth"], page)
        consent = self.env["club.consent"].search([("member_id", "=", self.member.id), ("kind", "=", "push")])
        self.assertEqual((consent.given, consent.source), (True, "portal"))

    def test_the_page_says_what_is_told_before_anything_is_switched_on(self):
        """Who agrees knows to what: each kind of notice, and what the lock screen shows."""
        page = self.get(self.url("/profile")).text
        for words in ("when a prize waits for you", "when you reach a new tier", "when what you wrote is answered"):
            self.assertIn(words, page)
        self.assertIn("Names of prizes and tiers, and the title of what you wrote, too.", page)
        self.assertIn("about offers, because you agreed", page)
        self.member.consent_marketing = False
        self.assertNotIn("about offers, because", self.get(self.url("/profile")).text)

    def test_switching_off_is_once_too(self):
        device = self.switch_on()
        self.send(f"/{device.id}/off", 303)
        self.assertFalse(self.devices())
        self.send(f"/{device.id}/off", 404)

    def test_amounts_on_the_lock_screen_are_each_devices_choice(self):
        device = self.switch_on()
        self.send(f"/{device.id}/details", 303, details="1")
        self.assertTrue(device.details)
        self.send(f"/{device.id}/details", 303)
        self.assertFalse(device.details)

    def test_a_form_without_its_token_changes_nothing(self):
        """abuse 19."""
        device = self.switch_on()
        with mute_logger("odoo.http"):
            self.send(status=400, token=False, **self.laptop.subscription)
            self.send(f"/{device.id}/off", 400, csrf_token="x", token=False)
            self.send(f"/{device.id}/details", 400, token=False, details="1")
        self.assertEqual((self.devices(), device.details), (device, False))
        self.assertIn(self.url_open(self.url(f"/push/{device.id}/off")).status_code, (404, 405))
        self.assertEqual(self.devices(), device)

    def test_anothers_membership_and_device_are_as_absent_as_none(self):
        """abuse 14."""
        mine, theirs = self.switch_on(), self.switch_on(self.laptop, member=self.member_2, user=self.ben)
        self.send(status=404, member=self.member_2, **self.phone.subscription)
        for what in ("off", "details"):
            self.send(f"/{theirs.id}/{what}", 404)
            self.send(f"/{theirs.id}/{what}", 404, member=self.member_2)
            self.send(f"/{theirs.id + 100000}/{what}", 404)
        self.assertEqual((self.devices(), self.devices(self.member_2)), (mine, theirs))
        self.assertNotIn(f"/push/{theirs.id}/", self.get(self.url("/profile")).text)

    def test_a_colleague_of_the_company_that_earns_is_not_the_member(self):
        self.authenticate(None, None)
        response = self.url_open(self.url("/push"), data={"csrf_token": Request.csrf_token(self)})
        self.assertIn("/web/login", response.url)
        self.assertFalse(self.devices())

    def test_a_club_without_notifications_shows_and_takes_none(self):
        self.club.push_active = False
        self.assertNotIn("data-club-push", self.get(self.url("/profile")).text)
        self.send(status=400, **self.phone.subscription)
        self.assertFalse(self.devices())

    def test_what_is_no_subscription_is_refused(self):
        good = self.phone.subscription
        for bad in (
            {"endpoint": ""},
            {"endpoint": "x" * 3000},
            {"endpoint": "http://127.0.0.1/phone"},
            {"endpoint": "https://10.0.0.1/phone"},
            {"endpoint": "https://example.com/phone"},
            {"endpoint": "http://169.254.169.254/latest/meta-data"},
            {"endpoint": "file:///etc/passwd"},
            {"p256dh": ""},
            {"p256dh": good["auth"]},
            {"p256dh": "B" + "A" * 86},
            {"auth": "گل"},
            {"auth": good["p256dh"]},
        ):
            with self.subTest(bad=bad):
                response = self.send(status=400, **{**good, **bad})
                self.assertIn("Nothing was saved", response.json()["error"])
        self.assertFalse(self.devices())

    def test_the_worker_is_the_same_for_everybody_and_only_for_these_pages(self):
        for login in (None, "club_anna"):
            self.authenticate(login, login)
            response = self.url_open("/my/club/push-worker.js")
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.headers["Content-Type"], "text/javascript; charset=utf-8")
            self.assertEqual(response.headers["Service-Worker-Allowed"], "/my/club/")
            self.assertEqual(response.headers["Cache-Control"], "no-cache")
            self.assertNotIn("fetch", response.text, "it stands in the way of no page")
        self.assertLess(len(response.content), 4000)

    def test_the_script_is_loaded_where_it_is_used_only(self):
        self.assertIn("assets_push", self.get(self.url("/profile")).text)
        self.assertNotIn("assets_push", self.get(self.url()).text)

    def test_the_browsers_name_is_text_and_of_our_words(self):
        """abuse 18: what the browser says of itself is not kept."""
        self.authenticate("club_anna", "club_anna")
        self.url_open(
            self.url("/push"),
            data={**self.phone.subscription, "csrf_token": Request.csrf_token(self)},
            headers={"User-Agent": "<svg onload=alert(1)>"},
        )
        self.assertEqual(self.devices().browser, "A browser")


@tagged("post_install", "-at_install")
class TestWhereTheServerPosts(PushCase):
    """The address is the customer's: the server must not be led inside (server-side request forgery)."""

    def test_only_push_services_are_addresses(self):
        services = self.Message._get_services()
        self.env["ir.config_parameter"].set_param("customer_club.push_services", "push.example.com, .example.org,")
        self.assertEqual(self.Message._get_services(), (*services, "push.example.com", ".example.org"))
        for url in (
            "https://push.example.com/a",
            "https://a.b.example.org/a?b=c",
            "https://updates.push.services.mozilla.com/wpush/v2/a",
            "https://web.push.apple.com/a",
            "https://wns2-par02p.notify.windows.com/w/?token=a",
        ):
            self.assertEqual(engine_push.check_endpoint(url, self.Message._get_services())[1], 443, url)
        with self.assertRaises(ValueError):
            engine_push.check_endpoint("https://example.org/a", self.Message._get_services())

    def test_outside_tests_this_machine_is_no_push_service(self):
        with self.assertRaisesRegex(PushGone, "HTTPS"):
            PushSession().post(self.phone.subscription["endpoint"], {}, b"")
        self.assertFalse(self.service.requests)

    def test_a_name_that_leads_inside_is_not_followed(self):
        session = PushSession(("push.example.com",))
        for address in ("127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.1.1"):
            found = [(2, 1, 6, "", ("142.250.74.10", 443)), (2, 1, 6, "", (address, 443))]
            with (
                self.subTest(address=address),
                self.patch_names(found),
                self.assertRaisesRegex(PushGone, "public"),
            ):
                session.post("https://push.example.com/a", {}, b"")

    def patch_names(self, found):
        return patch(NAMES, lambda *args, **kwargs: found)

    def test_a_name_that_leads_nowhere_is_asked_again_later(self):
        def fail(*args, **kwargs):
            raise OSError("no such name")

        session = PushSession(("push.example.com",))
        with patch(NAMES, fail), self.assertRaises(PushLater):
            session.post("https://push.example.com/a", {}, b"")


@tagged("post_install", "-at_install")
class TestWhoMayRead(PushCase):
    def test_nobody_reads_the_secret_of_a_device(self):
        device = self.switch_on()
        message = self.queue()
        manager = new_test_user(self.env, "push_manager", groups="customer_club.group_club_manager")
        self.assertEqual(device.with_user(manager).browser, device.browser)
        self.assertEqual(message.with_user(manager).state, "queued")
        for name in ("endpoint", "p256dh", "auth"):
            with self.assertRaises(AccessError):
                device.with_user(manager).read([name])
        with self.assertRaises(AccessError):
            message.with_user(manager).read(["body"])

    def test_roles_and_customers_have_no_hold_on_devices(self):
        device, message = self.switch_on(), self.queue()
        for groups in (
            "customer_club.group_club_user",
            "customer_club.group_club_accountant",
            "base.group_user",
            "sales_team.group_sale_manager",
        ):
            user = new_test_user(self.env, f"push_{groups.rpartition('.')[2]}", groups=groups)
            for record in (device, message):
                with self.subTest(groups=groups, record=record), self.assertRaises(AccessError):
                    record.with_user(user).read(["member_id"])
        for user in (self.anna, self.ben, self.env.ref("base.public_user")):
            for record in (device, message):
                for act in (
                    lambda theirs: theirs.read(["member_id"]),
                    lambda theirs: theirs.write({"member_id": 1}),
                    lambda theirs: theirs.unlink(),
                    lambda theirs: theirs.create({}),
                ):
                    with self.assertRaises(AccessError):
                        act(record.with_user(user))

    def test_a_manager_forgets_a_device_and_writes_none(self):
        device, message = self.switch_on(), self.queue()
        manager = new_test_user(self.env, "push_manager", groups="customer_club.group_club_manager")
        for record in (device, message):
            with self.assertRaises(AccessError):
                record.with_user(manager).write({"member_id": self.member_2.id})
            with self.assertRaises(AccessError):
                record.with_user(manager).copy()
        device.with_user(manager).unlink()
        self.assertFalse(device.exists())

    def test_whoever_reads_the_club_reads_how_many_devices_there_are(self):
        self.switch_on()
        for group in ("group_club_user", "group_club_accountant", "group_club_manager"):
            user = new_test_user(self.env, f"push_count_{group}", groups=f"customer_club.{group}")
            self.assertEqual(self.club.with_user(user).read(["push_device_count"])[0]["push_device_count"], 1, group)

    def test_another_companys_manager_sees_none(self):
        device, message = self.switch_on(), self.queue()
        company = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(
            self.env,
            "push_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for record in (device, message):
            self.assertFalse(record.with_user(manager).search([]))
            with self.assertRaises(AccessError):
                record.with_user(manager).read(["member_id"])

    def test_the_owner_alone_adds_a_device(self):
        with self.assertRaises(UserError):
            self.member._add_push_device(self.ben, **Browser(self.service, "/other").subscription)
