"""Joining, profile, consents, leaving: what a customer decides in the portal."""

from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPortalJoining(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        cls.env["website"].search([]).auth_signup_uninvited = "b2c"
        cls.club.terms = "<p>Our terms</p>"
        cls.new = new_test_user(
            cls.env, "club_new", groups="base.group_portal", password="club_new", email="new@example.com"
        )

    def join(self, **data):
        self.authenticate("club_new", "club_new")
        return self.submit(f"/club/join/{self.club.id}", **data)

    def test_joining_takes_one_step_with_explicit_consent(self):
        response = self.join(consent_terms="1")
        member = self.club._get_member(self.new.partner_id)
        self.assertTrue(member)
        self.assertTrue(response.url.endswith(self.url(member=member)))
        self.assertIn("Welcome to Rose Club", response.text)
        self.assertEqual(member.source, "portal")
        self.assertTrue(member.consent_terms_at)
        self.assertFalse(member.consent_marketing, "marketing is a choice of its own")

    def test_marketing_is_apart_and_not_ticked_beforehand(self):
        page = self.get(f"/club/join/{self.club.id}", login="club_new").text
        self.assertIn("Our terms", page)
        self.assertNotIn("checked=", page)
        self.join(consent_terms="1", consent_marketing="1")
        self.assertTrue(self.club._get_member(self.new.partner_id).consent_marketing)

    def test_without_the_tick_nobody_joins(self):
        response = self.join(consent_marketing="1")
        self.assertIn("Nothing was saved yet", response.text)
        self.assertFalse(self.club._get_member(self.new.partner_id))

    def test_joining_twice_is_joining_once(self):
        self.join(consent_terms="1")
        self.join(consent_terms="1")
        self.assertEqual(self.env["club.member"].search_count([("partner_id", "=", self.new.partner_id.id)]), 1)

    def test_a_closed_club_says_what_is_missing_and_lets_nobody_in(self):
        self.club.write({"join_policy": "closed", "criteria_orders": 3})
        page = self.get(f"/club/join/{self.club.id}", login="club_new").text
        self.assertIn("What you still need", page)
        self.assertNotIn("Join now", page)
        self.join(consent_terms="1")
        self.assertFalse(self.club._get_member(self.new.partner_id))

    def test_a_visitor_reads_what_is_given_and_asked_and_is_led_to_an_account(self):
        self.authenticate(None, None)
        page = self.url_open(f"/club/join/{self.club.id}").text
        self.assertIn("What you get", page)
        self.assertIn("/web/signup?redirect=", page)
        self.assertNotIn("Join now", page)

    def test_a_club_of_another_company_is_not_found(self):
        company = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Foreign", "tz": "UTC", "company_id": company.id})
        self.get(f"/club/join/{club.id}", login="club_new", status=404)
        self.get(f"/club/join/{club.id + 1000}", login="club_new", status=404)

    # -- sign-up ----------------------------------------------------------------------------------------

    def sign_up(self, login, token=None, **data):
        self.authenticate(None, None)
        form = {
            "name": "Clara",
            "login": login,
            "password": "pass-word-1",
            "confirm_password": "pass-word-1",
            "token": token or "",
            "csrf_token": Request.csrf_token(self),
            **data,
        }
        response = self.url_open("/web/signup", data=form)
        self.assertEqual(response.status_code, 200)
        return self.env["res.users"].search([("login", "=", login)])

    def test_signing_up_joins_only_who_ticks_it(self):
        user = self.sign_up("plain@example.com")
        self.assertTrue(user)
        self.assertFalse(self.club._get_member(user.partner_id))
        user = self.sign_up("clara@example.com", **{f"club_join_{self.club.id}": "1"})
        member = self.club._get_member(user.partner_id)
        self.assertEqual(member.source, "signup")
        self.assertFalse(member.consent_marketing)
        self.assertTrue(member.consent_terms_at)

    def test_the_sign_up_form_offers_open_clubs_only(self):
        self.authenticate(None, None)
        self.assertIn(f"club_join_{self.club.id}", self.url_open("/web/signup").text)
        self.club.join_policy = "closed"
        self.assertNotIn(f"club_join_{self.club.id}", self.url_open("/web/signup").text)
        user = self.sign_up("sly@example.com", **{f"club_join_{self.club.id}": "1"})
        self.assertTrue(user, "the account is made all the same")
        self.assertFalse(self.club._get_member(user.partner_id))

    def test_a_guests_consent_at_checkout_is_kept_until_the_account_exists(self):
        guest = self.env["res.partner"].create({"name": "Clara", "email": "guest@example.com"})
        order = self.env["sale.order"].create({"partner_id": guest.id})
        order._note_club_consent(self.club, True)
        self.assertFalse(self.club._get_member(guest))
        guest.signup_prepare()
        user = self.sign_up("guest@example.com", token=guest._generate_signup_token())
        self.assertEqual(user.partner_id, guest)
        member = self.club._get_member(guest)
        self.assertEqual((member.source, member.consent_marketing), ("checkout", True))
        self.assertFalse(order.club_join_id)


@tagged("post_install", "-at_install")
class TestPortalProfile(ClubPortalCase):
    def setUp(self):
        super().setUp()
        self.authenticate("club_anna", "club_anna")

    def test_the_profile_is_saved_normalised(self):
        """persian.md: one person, whatever keyboard."""
        self.partner.country_id = self.env.ref("base.ir")
        self.submit(self.url("/profile"), name=" علي ", phone="۰۹۱۲ ۳۴۵ ۶۷۸۹", nickname="Rose")
        self.assertEqual(
            (self.partner.name, self.partner.phone, self.member.nickname), ("علی", "+989123456789", "Rose")
        )

    def test_what_is_wrong_is_said_and_nothing_is_saved(self):
        page = self.submit(self.url("/profile"), name="Anna B", phone="12", nickname="").text
        self.assertIn("Nothing was saved", page)
        self.assertIn('value="Anna B"', page, "what was typed is still there")
        self.assertEqual(self.partner.name, "Anna")
        with self.assertRaises(UserError):
            self.member._update_profile("", "", "")

    def test_marketing_can_be_given_and_withdrawn(self):
        self.submit(self.url("/consents"), marketing="1")
        self.member.invalidate_recordset()
        self.assertTrue(self.member.consent_marketing)
        self.submit(self.url("/consents"))
        self.member.invalidate_recordset()
        self.assertFalse(self.member.consent_marketing)

    def test_the_birthday_is_kept_in_the_clubs_calendar_and_moves_once_a_year_at_most(self):
        """abuse.md 11."""
        self.club.calendar = "jalali"
        self.submit(self.url("/birthday"), day="۳۰", month="۱۲", year="")
        birthday = self.member._get_birthday()
        self.assertEqual((birthday.calendar, birthday.month, birthday.day), ("jalali", 12, 30))
        self.submit(self.url("/birthday"), day="1", month="1", year="")
        birthday.invalidate_recordset()
        self.assertEqual((birthday.month, birthday.day), (12, 30))

    def test_a_day_that_is_none_is_refused(self):
        for day, month in (("31", "2"), ("x", "1"), ("0", "0"), ("-1", "5")):
            with self.subTest(day=day, month=month):
                self.submit(self.url("/birthday"), day=day, month=month)
                self.assertFalse(self.member._get_birthday())

    def test_leaving_shows_its_effect_before_it_happens(self):
        self.post(250, "t,1")
        page = self.get(self.url("/leave")).text
        self.assertIn("250 Points", page)
        self.submit(self.url("/leave"))
        self.assertEqual(self.member.state, "active", "not without the tick")
        self.submit(self.url("/leave"), confirm="1")
        self.member.invalidate_recordset()
        self.assertEqual(self.member.state, "left")

    def test_asking_for_erasure_is_noted_once_for_staff(self):
        self.submit(self.url("/erase"), confirm="1")
        self.member.invalidate_recordset()
        first = self.member.erasure_requested_at
        self.assertTrue(first)
        self.assertTrue(self.member.message_ids.filtered(lambda message: "erased" in (message.body or "")))
        self.submit(self.url("/erase"), confirm="1")
        self.member.invalidate_recordset()
        self.assertEqual(self.member.erasure_requested_at, first)
        self.assertEqual(self.member.state, "active", "staff erase: invoices may have to be kept")

    def test_the_members_data_can_be_taken_along(self):
        self.post(250, "t,1")
        data = self.get(self.url("/data")).json()
        self.assertEqual(data["member"]["name"], "Anna")
        self.assertEqual([row["balance"] for row in data["movements"]], [250])
        self.assertTrue(data["complete"])
