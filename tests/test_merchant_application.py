"""Businesses apply to become partners: limits, duplicates, decisions; organisations join as members."""

from unittest.mock import patch

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

PAYLOAD = "<script>alert(1)</script>{{ 7*7 }}"


class ApplicationCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.partner_apply = True
        cls.club.partner_terms = "<p>Pay <b>fair</b></p>"
        cls.Application = cls.env["club.merchant.application"]
        cls.manager = new_test_user(cls.env, "apply_manager", groups="customer_club.group_club_manager")

    def apply(self, key="form-1", address="203.0.113.7", terms=True, partner=None, **values):
        typed = {
            "name": "Corner Bakery",
            "contact_name": "Carla",
            "email": "carla@bakery.example",
            "phone": "+49 30 1234567",
            "vat": "de 123-456 789",
            "trade": "bakery",
            "offer": "Bread",
            **values,
        }
        return self.Application._apply(self.club.sudo(), typed, key, address, partner=partner, terms=terms)


@tagged("post_install", "-at_install")
class TestApplying(ApplicationCase):
    def test_an_application_is_kept_cleaned_with_the_terms_as_they_were(self):
        application = self.apply()
        self.assertEqual(
            (application.state, application.email, application.phone, application.vat),
            ("submitted", "carla@bakery.example", "+49301234567", "DE123456789"),
        )
        self.club.partner_terms = "<p>Other</p>"
        self.assertIn("<b>fair</b>", application.terms_accepted)
        self.assertNotIn("203.0.113.7", application.address_digest)

    def test_the_same_form_makes_one_application(self):
        """Never 6."""
        first = self.apply()
        self.assertEqual(self.apply(), first)
        self.assertEqual(self.apply("form-2"), first, "the same company and e-mail wait already")
        self.assertEqual(self.Application.search_count([("club_id", "=", self.club.id)]), 1)

    def test_so_many_a_day_come_from_one_address(self):
        """Abuse 15, 19: a robot is stopped."""
        self.club.partner_applications_day = 2
        self.apply("a", email="a@example.com")
        self.apply("b", email="b@example.com")
        with self.assertRaisesRegex(UserError, "tomorrow"):
            self.apply("c", email="c@example.com")
        self.apply("d", email="d@example.com", address="203.0.113.8")
        self.assertEqual(self.Application.search_count([("club_id", "=", self.club.id)]), 3)

    def test_the_terms_must_be_accepted_and_what_is_typed_must_be_readable(self):
        for values, words in (
            ({"terms": False}, "accept the terms"),
            ({"email": "nobody"}, "e-mail address"),
            ({"phone": "call me"}, "phone number"),
            ({"name": "  "}, "name of your company"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.apply(**values)
        self.assertFalse(self.Application.search([("club_id", "=", self.club.id)]))

    def test_texts_are_cut_and_a_state_cannot_be_brought_along(self):
        application = self.apply(name="N" * 500, offer="o" * 9000)
        self.assertEqual((len(application.name), len(application.offer)), (100, 2000))
        made = self.Application.with_context(default_state="accepted").create(
            {"club_id": self.club.id, "name": "X", "contact_name": "Y", "email": "x@example.com", "state": "accepted"}
        )
        self.assertEqual(made.state, "draft")
        with self.assertRaisesRegex(AccessError, "buttons"):
            made.state = "accepted"

    def test_the_manager_sees_who_is_known_already(self):
        self.env["res.partner"].create({"name": "Old Bakery", "vat": "DE123456789", "is_company": True})
        application = self.apply()
        self.apply("form-2", name="Bakery Two", address="203.0.113.9")
        similar = application.with_user(self.manager).similar
        self.assertIn("Old Bakery", similar)
        self.assertIn("Bakery Two", similar)


@tagged("post_install", "-at_install")
class TestDeciding(ApplicationCase):
    def test_accepting_makes_company_merchant_and_a_portal_account(self):
        self.club.settle_commission = 12.5
        application = self.apply(name="Bäckerei & Söhne")
        application.with_user(self.manager).action_accept()
        merchant = application.merchant_id
        self.assertEqual((application.state, application.decided_by_id), ("accepted", self.manager))
        self.assertEqual(
            (merchant.code, merchant.settle_commission, merchant.settle_role), ("backerei-sohne", 12.5, "agent")
        )
        self.assertEqual((merchant.partner_id.vat, merchant.partner_id.is_company), ("DE123456789", True))
        user = merchant.account_partner_ids.user_ids
        self.assertTrue(user._is_portal())
        self.assertEqual(user.partner_id.parent_id, merchant.partner_id)
        found = self.env["club.merchant"].search(self.env["club.merchant"]._get_account_domain(user))
        self.assertEqual(found, merchant)
        with self.assertRaisesRegex(UserError, "cannot be done any more"):
            application.with_user(self.manager).action_accept()
        self.assertEqual(self.env["club.merchant"].search_count([("club_id", "=", self.club.id)]), 1)

    def test_who_was_signed_in_keeps_the_account_and_the_contact(self):
        user = new_test_user(self.env, "apply_anna", groups="base.group_portal", partner_id=self.partner.id)
        application = self.apply(partner=self.partner)
        application.with_user(self.manager).action_accept()
        self.assertFalse(self.partner.parent_id)
        self.assertIn(self.partner, application.merchant_id.staff_ids, "nobody earns at their own counter")
        self.assertTrue(self.env["club.merchant"].search(self.env["club.merchant"]._get_account_domain(user)))
        stranger = new_test_user(self.env, "ben", groups="base.group_portal")
        self.assertFalse(self.env["club.merchant"].search(self.env["club.merchant"]._get_account_domain(stranger)))

    def test_two_of_one_name_get_codes_of_their_own(self):
        first = self.apply()
        second = self.apply("form-2", email="other@example.com", vat="", phone="")
        (first | second).mapped(lambda one: one.with_user(self.manager).action_accept() and one)
        self.assertEqual([first.merchant_id.code, second.merchant_id.code], ["corner-bakery", "corner-bakery-2"])

    def test_a_partner_of_the_club_is_not_made_one_again(self):
        first = self.apply()
        first.with_user(self.manager).action_accept()
        second = self.apply("form-2", name="Corner Bakery Ltd")
        second.with_user(self.manager).partner_id = first.merchant_id.partner_id
        with self.assertRaisesRegex(UserError, "partner of Rose Club already"):
            second.with_user(self.manager).action_accept()
        self.assertEqual(second.state, "submitted")

    def test_refusing_needs_words_and_a_stranger_decides_nothing(self):
        application = self.apply()
        with self.assertRaisesRegex(UserError, "Write an answer"):
            application.with_user(self.manager).action_refuse()
        for login, groups in (
            ("apply_user", "customer_club.group_club_user"),
            ("apply_accountant", "customer_club.group_club_accountant"),
            ("apply_portal", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            for method in ("action_accept", "action_refuse", "action_withdraw", "action_submit"):
                with self.subTest(login=login, method=method), self.assertRaises(AccessError):
                    getattr(application.with_user(user), method)()
            with self.assertRaises(AccessError):
                application.with_user(user).read(["name"])
        application.with_user(self.manager).answer = "There is a bakery in your street already."
        application.with_user(self.manager).action_refuse()
        self.assertEqual(application.state, "refused")
        with self.assertRaisesRegex(UserError, "cannot be done any more"):
            application._withdraw()

    def test_another_companys_manager_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        other = new_test_user(
            self.env,
            "apply_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        application = self.apply()
        self.assertFalse(self.Application.with_user(other).search([]))
        with self.assertRaises(AccessError):
            application.with_user(other).action_accept()

    def test_the_mails_repeat_nothing_that_was_typed(self):
        """Abuse 17, 18: anybody's address can be typed in."""
        with patch.object(type(self.env["mail.mail"]), "send", lambda *args, **kwargs: None):
            application = self.apply(name=PAYLOAD[:90], contact_name=PAYLOAD[:90])
            mails = self.env["mail.mail"].search(
                [("model", "=", self.Application._name), ("res_id", "=", application.id)]
            )
        self.assertTrue(mails)
        for mail in mails:
            self.assertEqual(mail.email_to, "carla@bakery.example")
            self.assertNotIn("script", mail.body_html + mail.subject)
            self.assertIn(f"/club/partner/application/{application.id}?token=", mail.body_html)

    def test_the_home_page_says_what_waits(self):
        self.apply()
        club = self.club.with_user(self.manager)
        todos = club._get_home_todos(club._get_home_figures())
        self.assertEqual(todos[club.id]["partner_applications"], "Applications of partners to decide: 1")
        action = club.with_context(club_home="partner_applications").action_open_home()
        self.assertEqual(self.Application.search_count(action["domain"]), 1)


@tagged("post_install", "-at_install")
class TestOrganisations(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firms = cls.env["club.club"].create({"name": "Firm Club", "tz": "UTC", "earner": "company"})
        cls.person = cls.env["res.partner"].create({"name": "Olga", "email": "olga@firm.example"})

    def test_an_organisation_enrols_earns_by_its_contact_and_spends(self):
        member = self.firms._join_organisation(
            self.person, "Florists Union", "X 12-3", consent_terms=True, consent_marketing=False, source="portal"
        )
        company = member.partner_id
        self.assertEqual((company.name, company.vat, company.is_company), ("Florists Union", "X123", True))
        self.assertEqual(self.person.commercial_partner_id, company)
        self.assertEqual(self.firms._get_member(self.person), member)
        self.env["club.earn.rule"].create(
            {
                "club_id": self.firms.id,
                "name": "Sales",
                "event_type": "purchase",
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
                "use_multiplier": False,
            }
        )
        self.firms.write({"earn_when": "confirmed", "hold_days": 0})
        colleague = self.env["res.partner"].create({"name": "Otto", "parent_id": company.id})
        order = self.env["sale.order"].create(
            {"partner_id": colleague.id, "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 30})]}
        )
        order.action_confirm()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(member.points, 300)
        self.env["club.point.entry"]._post(
            [{"member_id": member.id, "kind": "spend", "points": -120, "key": "organisation:spend"}]
        )
        self.assertEqual(member.points, 180)
        self.assertInvariantsHold()

    def test_nobody_makes_a_known_organisation_again_or_leaves_theirs(self):
        self.firms._join_organisation(self.person, "Union", "X123", consent_terms=True)
        other = self.env["res.partner"].create({"name": "Oscar"})
        for partner, name, vat, words in (
            (other, "Union", "x 123", "known to us"),
            (other, " ", "", "Write the name"),
            (self.person, "Second", "", "belong to an organisation"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.firms._join_organisation(partner, name, vat, consent_terms=True)
        with self.assertRaisesRegex(UserError, "members of Rose Club are persons"):
            self.club._join_organisation(other, "Union 2", consent_terms=True)
        self.assertFalse(other.parent_id)

    def test_a_club_that_refuses_leaves_no_organisation_behind(self):
        self.firms.join_policy = "closed"
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.firms._join_organisation(self.person, "Refused Union", consent_terms=True)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Refused Union")]))
        self.assertFalse(self.person.parent_id)


@tagged("post_install", "-at_install")
class TestApplicationPages(ApplicationCase, HttpCase):
    def send(self, club=None, **values):
        data = {
            "csrf_token": self.csrf(),
            "form_key": "page-1",
            "name": "Page Bakery",
            "contact_name": "Pia",
            "email": "pia@example.com",
            "accept": "1",
            **values,
        }
        return self.url_open(f"/club/partner/apply/{(club or self.club).id}", data=data)

    def csrf(self):
        from odoo import http

        return http.Request.csrf_token(self)

    def find(self, email="pia@example.com"):
        return self.Application.search([("email", "=", email)])

    def test_the_form_is_sent_once_and_its_state_is_seen_with_the_link_only(self):
        self.authenticate(None, None)
        page = self.url_open("/club/partner/apply")
        self.assertEqual((page.status_code, page.headers["Cache-Control"]), (200, "no-store"))
        for _again in range(2):
            answer = self.send()
            self.assertIn("Thank you", answer.text)
        application = self.find()
        self.assertEqual(application.state, "submitted")
        with mute_logger("odoo.http"):
            for token in ("", "wrong", "%C3%A9"):
                found = self.url_open(f"/club/partner/application/{application.id}?token={token}")
                self.assertEqual(found.status_code, 404)
            self.assertEqual(self.url_open("/club/partner/application/999999?token=x").status_code, 404)
        token = application.sudo().access_token
        found = self.url_open(f"/club/partner/application/{application.id}?token={token}")
        self.assertIn("Page Bakery", found.text)
        self.url_open(
            f"/club/partner/application/{application.id}/withdraw", data={"csrf_token": self.csrf(), "token": token}
        )
        self.env.invalidate_all()
        self.assertEqual(application.state, "withdrawn")

    def test_robots_are_thanked_and_forgotten(self):
        self.authenticate(None, None)
        self.assertIn("Thank you", self.send(homepage="http://spam.example").text)
        self.assertFalse(self.find())

    def test_without_the_token_of_the_form_nothing_is_sent(self):
        self.authenticate(None, None)
        with mute_logger("odoo.http"):
            self.assertEqual(self.send(csrf_token="").status_code, 400)
        self.assertFalse(self.find())

    def test_what_was_typed_stays_when_something_is_missing_and_is_only_text(self):
        """Abuse 18."""
        self.authenticate(None, None)
        page = self.send(name=PAYLOAD, offer=PAYLOAD, accept="")
        self.assertIn("accept the terms", page.text)
        self.assertNotIn("<script>alert", page.text)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}", page.text)
        self.assertFalse(self.find())

    def test_a_club_that_takes_no_applications_has_no_page(self):
        self.authenticate(None, None)
        self.club.partner_apply = False
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"/club/partner/apply/{self.club.id}").status_code, 404)
            self.assertEqual(self.send().status_code, 404)
        self.assertFalse(self.find())

    def test_an_organisation_joins_on_its_page(self):
        club = self.env["club.club"].create({"name": "Firm Club", "tz": "UTC", "earner": "company"})
        partner = self.env["res.partner"].create({"name": "Olga", "email": "olga@firm.example"})
        new_test_user(self.env, "org_olga", groups="base.group_portal", partner_id=partner.id)
        self.authenticate("org_olga", "org_olga")
        self.assertIn("club_join_as_organisation", self.url_open(f"/club/join/{club.id}").text)
        data = {"csrf_token": self.csrf(), "name": "Union of Florists", "consent_terms": "1"}
        page = self.url_open(f"/club/join/{club.id}/organisation", data=data)
        self.assertIn("Welcome to Firm Club", page.text)
        self.env.invalidate_all()
        self.assertEqual(partner.parent_id.name, "Union of Florists")
        self.assertEqual(club._get_member(partner).partner_id, partner.parent_id)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"/club/join/{club.id}/organisation").status_code, 404)
            self.assertEqual(self.url_open(f"/club/join/{self.club.id}/organisation").status_code, 404)
