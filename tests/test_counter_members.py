"""Finding, enrolling and checking in at the counter, and the one thing to say."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.test_counter_sale import CounterCase
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged


class CounterMembersCase(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.ir")
        cls.partner.phone = "+98 912 999 8877"

    def find(self, query):
        return self.counter.find_member(query, self.club.id)

    def enrol(self, phone, **values):
        return self.counter.enrol_member(self.club.id, phone, token=self.token(), **values)


@tagged("post_install", "-at_install")
class TestFindingAMember(CounterMembersCase):
    def test_by_number_phone_part_of_the_phone_or_name_however_typed(self):
        persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
        number = self.member.number
        for query in (
            number,
            number.translate(persian),
            f"{number[:4]}-{number[4:]}",
            f" {number}\r",
            "۰۹۱۲۹۹۹۸۸۷۷",
            "0912 999 8877",
            "00989129998877",
            "+989129998877",
            "8877",
            "anna",
            "Ann",
        ):
            with self.subTest(query=query):
                found = self.find(query)
                self.assertEqual(found["kind"], "member", found)
                self.assertEqual(found["member"]["id"], self.member.id)

    def test_the_phone_is_masked(self):
        """Abuse 16: who looks over the shoulder learns nothing to call."""
        shown = str(self.find("Anna"))
        self.assertIn("8877", shown)
        self.assertNotIn("9129998877", shown.replace(" ", ""))
        self.assertNotIn("999 8877", shown)

    def test_several_are_a_short_list(self):
        partners = self.env["res.partner"].create([{"name": f"Anna {number}"} for number in range(12)])
        self.club._enrol(partners)
        found = self.find("Anna")
        self.assertEqual((found["kind"], len(found["members"]), found["more"]), ("list", 8, True))
        shown = self.counter.show_member(found["members"][0]["id"])
        self.assertEqual(shown["name"], found["members"][0]["name"])

    def test_all_words_must_fit(self):
        self.club._enrol(self.env["res.partner"].create([{"name": "Anna Kirsch"}, {"name": "Anna Beyer"}]))
        self.assertEqual(self.find("beyer anna")["member"]["name"], "Anna Beyer")

    def test_nobody_is_said_in_words(self):
        self.assertEqual(self.find("Nobody At All")["kind"], "none")
        self.assertIn("Nobody At All", self.find("Nobody At All")["text"])
        for query in ("", " ", "A", None, 5, "%", "_"):
            with self.subTest(query=query):
                self.assertEqual(self.find(query)["kind"], "none")

    def test_who_left_is_found_by_nobody_and_offered_as_a_contact(self):
        self.member._leave()
        found = self.find("09129998877")
        self.assertEqual(found["kind"], "new")
        self.assertEqual([contact["id"] for contact in found["contacts"]], [self.partner.id])

    def test_a_colleague_stands_for_the_company_that_earns(self):
        club = self.env["club.club"].create({"name": "Firms", "tz": "UTC", "earner": "company"})
        company = self.env["res.partner"].create({"name": "Hotel Rosa", "is_company": True})
        self.env["res.partner"].create({"name": "Ada Lobby", "parent_id": company.id, "phone": "+989121112233"})
        member = club._enrol(company)
        for query in ("Ada", "09121112233", "Hotel"):
            with self.subTest(query=query):
                self.assertEqual(self.counter.find_member(query, club.id)["member"]["id"], member.id)

    def test_few_queries_whatever_the_club_holds(self):
        self.find("Anna")  # warm the caches of a server that is open all day
        self.env.invalidate_all()
        with self.assertQueryCount(32):
            self.find("09129998877")


@tagged("post_install", "-at_install")
class TestEnrolling(CounterMembersCase):
    def test_a_mobile_number_alone_makes_a_member(self):
        found = self.find("۰۹۳۵ ۱۱۱ ۲۲۳۳")
        self.assertEqual((found["kind"], found["phone"], found["contacts"]), ("new", "+989351112233", []))
        result = self.enrol(found["phone"])
        member = self.env["club.member"].browse(result["member"]["id"])
        self.assertEqual((member.source, member.partner_id.phone), ("counter", "+989351112233"))
        self.assertTrue(result["member"]["unnamed"])
        self.assertFalse(member.consent_marketing)
        shown = self.counter.name_member(member.id, " زهرا كريمي ")
        self.assertEqual((member.partner_id.name, shown["unnamed"]), ("زهرا کریمی", False))

    def test_only_the_nameless_are_named_here(self):
        with self.assertRaisesRegex(UserError, "has a name already"):
            self.counter.name_member(self.member.id, "Mallory")
        result = self.enrol("09351112233")
        with self.assertRaisesRegex(UserError, "empty"):
            self.counter.name_member(result["member"]["id"], "  ")

    def test_one_person_is_one_member_however_the_number_is_typed(self):
        """Never 13."""
        first = self.enrol("09351112233", name="Zahra")
        for typed in ("+98 935 111 2233", "00989351112233", "۰۹۳۵۱۱۱۲۲۳۳"):
            again = self.enrol(typed)
            self.assertEqual(again["member"]["id"], first["member"]["id"])
            self.assertIn("already", again["message"])
        self.assertEqual(self.env["res.partner"].search_count([("phone_sanitized", "=", "+989351112233")]), 1)

    def test_a_contact_with_the_number_becomes_the_member(self):
        known = self.env["res.partner"].create({"name": "Known", "phone": "0935 111 2233"})
        address = self.env["res.partner"].create(
            {"name": "Door", "parent_id": known.id, "type": "delivery", "phone": "+989351112233"}
        )
        found = self.find("09351112233")
        self.assertEqual([contact["id"] for contact in found["contacts"]], [known.id])
        result = self.enrol("09351112233")
        self.assertEqual(self.club._get_member(known).id, result["member"]["id"])
        self.assertFalse(self.club._get_member(address))

    def test_of_several_contacts_one_is_chosen(self):
        one, two = self.env["res.partner"].create([{"name": name, "phone": "+989351112233"} for name in ("One", "Two")])
        with self.assertRaisesRegex(UserError, "choose one"):
            self.enrol("09351112233")
        with self.assertRaisesRegex(UserError, "choose one"):
            self.enrol("09351112233", partner_id=self.partner_2.id)
        self.enrol("09351112233", partner_id=two.id)
        self.assertTrue(self.club._get_member(two))
        self.assertFalse(self.club._get_member(one))

    def test_terms_are_agreed_to_and_marketing_is_a_choice_of_its_own(self):
        self.club.terms = "<p>Our terms</p>"
        with self.assertRaisesRegex(UserError, "terms"):
            self.enrol("09351112233")
        self.assertFalse(self.env["res.partner"].search([("phone_sanitized", "=", "+989351112233")]).club_member_ids)
        result = self.enrol("09351112233", terms=True)
        member = self.env["club.member"].browse(result["member"]["id"])
        self.assertTrue(member.consent_terms_at)
        self.assertEqual(
            member.consent_ids.mapped(lambda consent: (consent.kind, consent.source)), [("terms", "counter")]
        )
        self.assertEqual(member.consent_ids.user_id, self.clerk)
        wanting = self.enrol("09351112244", terms=True, marketing=True)
        self.assertTrue(self.env["club.member"].browse(wanting["member"]["id"]).consent_marketing)

    def test_a_closed_club_says_what_is_missing(self):
        self.club.write({"join_policy": "closed", "criteria_orders": 3})
        with self.assertRaisesRegex(UserError, "3 more orders"):
            self.enrol("09351112233")

    def test_joining_earns_at_once(self):
        self.earn_rule("join", 25)
        result = self.enrol("09351112233")
        self.assertIn("25", result["member"]["points"])

    def test_what_is_no_phone_is_refused_in_words(self):
        for typed in ("0912", "Anna", "", None, "+1 800 FLOWERS"):
            with self.subTest(typed=typed), self.assertRaisesRegex(UserError, "not a telephone number"):
                self.enrol(typed)

    def test_a_retry_with_the_same_token_is_the_same_enrolment(self):
        token = self.token()
        first = self.counter.enrol_member(self.club.id, "09351112233", token=token)
        again = self.counter.enrol_member(self.club.id, "0935 1112233", token=token)
        self.assertEqual(first["last"]["id"], again["last"]["id"])


@tagged("post_install", "-at_install")
class TestCheckingIn(CounterMembersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earn_rule("visit", 10)

    def check_in(self, token=None):
        return self.counter.check_in(self.member.id, token or self.token())

    def test_coming_earns_once_a_day(self):
        result = self.check_in()
        self.assertIn("+10", result["message"])
        self.assertEarned(10, "visit")
        again = self.check_in()
        self.assertIn("already", again["message"])
        self.assertEarned(10, "visit")
        self.assertInvariantsHold()

    def test_the_same_token_checks_in_once(self):
        token = self.token()
        first, again = self.check_in(token), self.check_in(token)
        self.assertEqual(first["message"], again["message"])
        self.assertEarned(10, "visit")

    def test_undo_takes_back_and_the_member_may_come_again(self):
        result = self.check_in()
        undone = self.counter.undo_last(result["last"]["id"])
        self.assertEarned(0, "visit")
        self.assertIn("undone", undone["message"])
        self.assertIn("+10", self.check_in()["message"])
        self.assertEarned(10, "visit")
        self.assertInvariantsHold()

    def test_a_repeated_check_in_does_not_stand_between_the_clerk_and_the_undo(self):
        result = self.sell("50")
        repeated = self.check_in()
        self.assertEqual(repeated["last"]["id"], result["last"]["id"])
        self.counter.undo_last(result["last"]["id"])
        self.assertEarned(0, "visit")
        self.assertEarned(0, "purchase")

    def test_a_sale_is_a_visit_too(self):
        result = self.sell("50")
        self.assertIn("+10", result["visit"])
        self.assertEqual(self.member.points, 60)


@tagged("post_install", "-at_install")
class TestTheOneThingToSay(CounterMembersCase):
    def say(self):
        self.env.invalidate_all()
        return self.counter.show_member(self.member.id)["say"]

    def setUp(self):
        super().setUp()
        self.member.sudo().write({"joined_at": fields.Datetime.subtract(fields.Datetime.now(), days=40)})

    def test_nothing_special_is_said_with_nothing(self):
        self.assertEqual(self.say(), "")

    def test_a_birthday_goes_before_points_that_expire(self):
        today = self.club._get_today()
        self.post(200, "soon", expires_on=today + timedelta(days=10))
        self.assertIn("200", self.say())
        self.assertIn("expire", self.say())
        day = today + timedelta(days=3)
        self.env["club.occasion"].create({"member_id": self.member.id, "month": day.month, "day": day.day})
        self.assertEqual(self.say(), f"Birthday on {day:%A}.")

    def test_a_birthday_today_and_tomorrow(self):
        today = self.club._get_today()
        occasion = self.env["club.occasion"].create(
            {"member_id": self.member.id, "month": today.month, "day": today.day}
        )
        self.assertEqual(self.say(), "Birthday is today!")
        day = today + timedelta(days=1)
        occasion.write({"month": day.month, "day": day.day})
        occasion.with_context(club_occasion=None).sudo()
        self.assertNotEqual(self.say(), "Birthday is today!")

    def test_arrears_go_before_everything(self):
        self.post(-20, "owed", happened=True)
        self.assertIn("Owes 20", self.say())

    def test_a_reward_within_reach_or_near(self):
        self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 200,
                "description": "Free roses",
            }
        )
        self.post(160, "some")
        self.assertEqual(self.say(), "40 Points to: Free roses.")
        self.post(40, "more")
        self.assertEqual(self.say(), "Has enough for: Free roses.")

    def test_terms_that_were_never_agreed_to(self):
        self.club.terms = "<p>New</p>"
        self.assertIn("terms", self.say())

    def test_a_name_with_markup_stays_a_name(self):
        """Abuse 18: the page escapes; the server sends text as text."""
        self.partner.name = "<img src=x onerror=alert(1)>"
        self.assertEqual(self.counter.show_member(self.member.id)["name"], "<img src=x onerror=alert(1)>")


@tagged("post_install", "-at_install")
class TestOpeningTheCounter(CounterMembersCase):
    def test_it_says_the_clubs_the_ways_to_pay_and_what_was_done_last(self):
        setup = self.counter.open_counter()
        self.assertEqual([journal["name"] for journal in setup["journals"]], [self.cash.name])
        self.assertFalse(setup["last"])
        self.sell("50")
        self.assertEqual(self.counter.open_counter()["last"]["kind"], "sale")

    def test_only_clubs_of_the_users_companies_are_there(self):
        company = self.env["res.company"].create({"name": "Far Away"})
        club = self.env["club.club"].create({"name": "Far Club", "tz": "UTC", "company_id": company.id})
        self.assertNotIn(club.id, [shown["id"] for shown in self.counter.open_counter(club.id)["clubs"]])
        clerk = new_test_user(
            self.env,
            "far_clerk",
            groups="customer_club.group_club_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        setup = self.env["club.counter"].with_user(clerk).open_counter()
        self.assertEqual([shown["id"] for shown in setup["clubs"]], club.ids)
        self.assertIn("no cash or bank journal", setup["problem"])

    def test_without_any_club_it_says_so(self):
        self.club.active = False
        self.assertEqual(self.counter.open_counter()["clubs"], [])
