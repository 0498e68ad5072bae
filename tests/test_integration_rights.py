"""What another system may do: with its key, within its club and its limits; and who makes the key."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestRights(ApiCase):
    def test_the_technical_user_reads_and_writes_nothing_at_all(self):
        """abuse.md 16: an API key equals its whole user."""
        for name, Model in self.env.registry.items():
            if Model._abstract:
                continue
            model = self.env[name].with_user(self.user)
            rights = [right for right in ("read", "write", "create", "unlink") if model.has_access(right)]
            self.assertFalse(rights, f"{name}: {rights}")
        self.assertEqual(self.user.all_group_ids, self.env.ref("customer_club.group_club_api"))
        self.assertFalse(self.user.has_group("base.group_user"))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_odoos_own_calls_tell_the_technical_user_nothing(self):
        for model in ("res.partner", "club.member", "club.point.entry", "loyalty.card", "sale.order", "res.users"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search_read([], ["id"])

    def test_nobody_else_can_call(self):
        """abuse.md 15: staff and customers have other ways; a key of theirs would carry all their rights."""
        self.post(100, "e")
        users = [
            new_test_user(self.env, "api_manager", groups="customer_club.group_club_manager"),
            new_test_user(self.env, "api_portal", groups="base.group_portal"),
            new_test_user(self.env, "api_stray", groups="customer_club.group_club_api"),
            self.env.ref("base.public_user"),
        ]
        for user in users:
            with self.subTest(user=user.login):
                self.assertRefused("forbidden", self.spend(user=user))
                self.assertRefused("forbidden", self.call("find_member", user=user, number=self.member.number))
        self.assertEqual(self.member.points, 100)

    def test_what_is_not_allowed_is_forbidden(self):
        self.post(100, "e")
        self.integration.write(dict.fromkeys(("allow_find", "allow_record", "allow_spend", "allow_reverse"), False))
        for answer in (
            self.call("find_member", number=self.member.number),
            self.call("get_balance", member=self.member.number),
            self.record(),
            self.call("record_events", events=[self.fact()]),
            self.spend(),
            self.call("reverse", reverses="a", key="b"),
            self.call("correct", corrects="a", key="b", amount="1"),
        ):
            self.assertRefused("forbidden", answer)

    def test_an_archived_integration_is_cut_off(self):
        self.integration.active = False
        self.assertFalse(self.user.active)
        self.assertRefused("forbidden", self.call("find_member", number=self.member.number))

    def test_another_club_and_another_company_are_out_of_reach(self):
        """never.md 14, abuse.md 16."""
        company = self.env["res.company"].create({"name": "Another Company"})
        near = self.env["club.club"].create({"name": "Near Club", "tz": "UTC"})
        far = self.env["club.club"].create({"name": "Far Club", "tz": "UTC", "company_id": company.id})
        for club in (near, far):
            member = club._enrol(self.partner_2)
            self.post(100, f"e{club.id}", member=member)
            for answer in (
                self.spend(member=member.number, club=club.id),
                self.record(member=member.number, club=club.id),
                self.call("get_balance", member=member.number, club=club.id),
                self.call("find_member", number=member.number, club=club.id),
            ):
                self.assertRefused("forbidden", answer)
            self.assertEqual(member.points, 100)
        self.assertEqual(self.call("get_balance", member="1", club=far.id + 999)["error"]["code"], "forbidden")
        with self.assertRaises(UserError):
            self.integration.club_ids = self.club | far

    def test_with_two_clubs_one_must_be_named(self):
        near = self.env["club.club"].create({"name": "Near Club", "tz": "UTC"})
        member = near._enrol(self.partner)
        self.assertEqual(member.number, self.member.number, "numbers are a club's own")
        self.post(100, "e", member=member)
        self.integration.club_ids = self.club | near
        self.assertRefused("bad_input", self.spend())
        self.assertEqual(self.spend(club=near.id)["balance"], "0")
        self.assertEqual((self.member.points, member.points), (0, 0))

    def test_a_context_changes_nothing(self):
        """abuse.md 5."""
        self.post(100, "e")
        wild = {
            "active_test": False,
            "allowed_company_ids": [1, 2, 3],
            "lang": "xx_YY",
            "tz": "Mars/Phobos",
            "uid": 1,
            "su": True,
            "default_points": 5000,
            "default_state": "posted",
            "default_user_id": 2,
            "default_member_id": self.member_2.id,
            "default_integration_id": 1,
            "club_bypass": True,
            "tracking_disable": False,
            "loyalty_no_mail": False,
            "bin_size": True,
        }
        answer = self.api(**wild).spend(member=self.member.number, points="40", key="wild")
        self.assertEqual((answer["points"], answer["balance"]), ("40", "60"))
        self.assertEqual(self.member_2.points, 0)
        answer = self.api(**wild).record_event(**self.fact("wild-fact"))
        self.assertEqual(answer["points"], "0")
        call = self.env["club.api.call"].search([], limit=1)
        self.assertEqual((call.integration_id, call.code), (self.integration, "ok"))
        self.assertInvariantsHold()

    def test_the_rate_of_calls_and_searches_is_limited(self):
        """abuse.md 16."""
        self.integration.write({"calls_per_minute": 8, "finds_per_minute": 3})
        for _again in range(3):
            self.assertRefused("unknown_member", self.call("find_member", number="99999999"))
        for _again in range(2):
            self.assertRefused("rate_limited", self.call("find_member", number=self.member.number))
        for _again in range(5):
            self.assertIn("points", self.call("get_balance", member=self.member.number))
        self.assertRefused("rate_limited", self.call("get_balance", member=self.member.number))
        later = fields.Datetime.now() + timedelta(seconds=61)
        with patch.object(fields.Datetime, "now", lambda *args: later):
            self.assertEqual(self.call("find_member", number=self.member.number)["member"], self.member.number)

    def test_calls_are_written_down_without_personal_data_and_forgotten(self):
        self.spend("1", note="for Anna, anna@example.com")
        self.call("find_member", phone="+4915123456789")
        calls = self.env["club.api.call"].search([("integration_id", "=", self.integration.id)])
        self.assertEqual(calls.mapped("code"), ["unknown_member", "not_enough_points"])
        columns = set(self.env["club.api.call"]._fields)
        self.assertFalse(columns & {"member_id", "phone", "partner_id", "note", "key", "arguments"})
        self.assertEqual((self.integration.call_count, self.integration.refused_count), (2, 2))
        self.env["club.api.call"]._gc_calls()
        self.assertTrue(calls.exists())
        later = datetime.now() + timedelta(days=31)
        with patch.object(fields.Datetime, "now", lambda *args: later):
            self.env["club.api.call"]._gc_calls()
        self.assertFalse(calls.exists())

    def test_answers_of_keys_never_change(self):
        self.post(100, "e")
        self.spend()
        request = self.env["club.api.request"].search([("integration_id", "=", self.integration.id)])
        for change in (lambda: request.write({"points": 1}), request.unlink, lambda: request.create({})):
            with self.assertRaises(UserError):
                change()


@tagged("post_install", "-at_install")
class TestIntegration(ApiCase):
    def test_a_manager_makes_a_key_that_works_and_revokes_it(self):
        manager = new_test_user(self.env, "keys_manager", groups="customer_club.group_club_manager")
        integration = self.env["club.integration"].with_user(manager).create(
            {"name": "Kiosk", "club_ids": self.club.ids}
        )
        key = integration._make_key()
        Keys = self.env["res.users.apikeys"]
        self.assertEqual(Keys._check_credentials(scope="rpc", key=key), integration.sudo().user_id.id)
        self.assertEqual(integration.key_count, 1)
        self.assertGreater(integration.key_expires_on, fields.Datetime.now() + timedelta(days=360))
        second = integration._make_key()
        self.assertEqual(Keys._check_credentials(scope="rpc", key=key), integration.sudo().user_id.id, "for a day")
        first = Keys.sudo().search([("user_id", "=", integration.sudo().user_id.id)], order="id", limit=1)
        self.assertLessEqual(first.expiration_date, fields.Datetime.now() + timedelta(hours=24))
        integration.action_revoke_keys()
        self.assertFalse(Keys._check_credentials(scope="rpc", key=second))
        self.assertEqual(integration.key_count, 0)

    def test_a_key_on_the_screen_is_never_saved(self):
        """A browser left with the dialog open tries to; a failed INSERT would write the key into the log."""
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.env.cr.execute("SELECT 1")
            with self.assertRaisesRegex(UserError, "shown once"):
                self.env["club.integration.key"].with_context(default_key="secret").web_save({}, {"key": {}})
        self.assertNotIn("secret", str(logs.output))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_but_a_manager_touches_integrations_and_facts(self):
        for groups in ("customer_club.group_club_user", "customer_club.group_club_accountant", "base.group_portal"):
            user = new_test_user(self.env, f"no_{groups[-6:]}", groups=groups)
            integration = self.integration.with_user(user)
            for action in (
                lambda integration=integration: integration.write({"allow_spend": True}),
                integration._make_key,
                integration.action_revoke_keys,
                lambda user=user: self.packaging.with_user(user).write({"name": "x"}),
                lambda user=user: self.env["club.api.request"].with_user(user).search([]),
            ):
                with self.subTest(groups=groups), self.assertRaises(AccessError):
                    action()

    def test_an_employees_user_is_never_bound(self):
        """abuse.md 16."""
        admin = self.env.ref("base.user_admin")
        integration = self.env["club.integration"].create(
            {"name": "Bad", "club_ids": self.club.ids, "user_id": admin.id}
        )
        self.assertFalse(integration.user_id)
        with self.assertRaises(AccessError):
            integration.user_id = admin

    def test_an_integration_that_moved_points_stays(self):
        self.post(100, "e")
        self.spend()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.integration.unlink()

    def test_codes_stay_once_made(self):
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.packaging.code = "other"
        self.earn_rule("custom", 5, custom_fact_ids=self.packaging.ids)
        with self.assertRaisesRegex(UserError, "Archive the fact"):
            self.packaging.unlink()
        with self.assertRaisesRegex(UserError, "small letters"):
            self.packaging.copy({"code": "Not A Code", "club_id": self.club.id})

    def test_a_rule_takes_facts_of_its_own_club_only(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        tour = self.env["club.custom.fact"].create({"club_id": other.id, "name": "a tour", "code": "tour"})
        with self.assertRaisesRegex(UserError, "another club"):
            self.earn_rule("custom", 5, custom_fact_ids=[Command.link(tour.id)])
