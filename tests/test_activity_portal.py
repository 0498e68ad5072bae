"""Profile, visits and streaks as the member's browser sees them."""

from odoo import Command
from odoo.addons.customer_club.tests.test_activity_profile import ASKED
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.http import Request
from odoo.tests import tagged


class ActivityPortalCase(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.profile_field_ids = [
            Command.clear(),
            *(
                Command.create({"kind": kind, "sequence": number, "help_text": f"Why {kind}"})
                for number, kind in enumerate(ASKED)
            ),
        ]
        cls.questions = {question.kind: question for question in cls.club.profile_field_ids}

    def answer(self, status=200, path="/complete", login="club_anna", member=None, skip="", **values):
        """Post one page of answers by kind."""
        self.authenticate(login, login)
        data = {f"value_{self.questions[kind].id}": value for kind, value in values.items()}
        asked = ",".join(str(self.questions[kind].id) for kind in values)
        return self.submit(self.url(path, member), status, questions=asked, skip=skip, **data)

    def visits(self, member=None):
        return self.env["club.event"].search(
            [("member_id", "=", (member or self.member).id), ("type", "=", "visit"), ("revises_id", "=", False)],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestCompletingInThePortal(ActivityPortalCase):
    def test_the_overview_shows_the_meter_what_is_missing_and_what_it_earns(self):
        self.earn_rule("profile", 50)
        page = self.get(self.url()).text
        self.assertIn("25% complete", page)
        self.assertIn("+50 Points when it is complete", page)
        self.assertIn("Mobile number, City, Nickname", page)
        self.assertEqual(self.get(self.url()).headers["Cache-Control"], "no-store")

    def test_one_page_asks_one_thing_and_saving_goes_on_to_the_next(self):
        self.earn_rule("profile", 50)
        page = self.get(self.url("/complete")).text
        self.assertIn("Why phone", page)
        self.assertNotIn("Why city", page)
        page = self.answer(phone="+49 30 123456").text
        self.assertIn("Saved, thank you.", page)
        self.assertIn("Why city", page)
        self.answer(city="Berlin")
        page = self.answer(nickname="Annie").text
        self.assertIn("You have earned 50 Points", page)
        self.assertIn("Your profile is complete", page)
        self.assertEarned(50, "profile")
        self.assertEqual((self.partner.phone, self.partner.city), ("+4930123456", "Berlin"))
        self.assertNotIn("club_profile_meter", self.get(self.url()).text)

    def test_skipping_asks_the_next_and_keeps_what_was_skipped_missing(self):
        page = self.answer(phone="").text
        self.assertIn("Why city", page)
        page = self.answer(skip=str(self.questions["phone"].id), city="Berlin").text
        self.assertIn("Why nickname", page)
        phone, nickname = self.questions["phone"].id, self.questions["nickname"].id
        page = self.get(self.url(f"/complete?skip={phone},{nickname},x,-1,9999999999")).text
        self.assertIn("That is all for now", page)

    def test_all_that_a_club_usually_asks_can_be_skipped(self):
        self.club.profile_field_ids = [Command.clear()]
        self.club.action_ask_usual()
        page = self.get(self.url("/complete?skip=" + ",".join(map(str, self.club.profile_field_ids.ids)))).text
        self.assertIn("That is all for now", page)

    def test_what_is_no_answer_is_told_and_kept_for_correction(self):
        page = self.answer(phone="12").text
        self.assertIn("is not a telephone number", page)
        self.assertIn('value="12"', page)
        self.assertFalse(self.partner.phone)

    def test_numbers_that_no_calendar_has_and_characters_that_nobody_types_are_no_error_of_ours(self):
        birthday, relative, street = (
            self.env["club.profile.field"].create({"club_id": self.club.id, "kind": kind})
            if kind not in self.questions
            else self.questions[kind]
            for kind in ("birthday", "relative", "street")
        )
        self.authenticate("club_anna", "club_anna")
        for question, parts in (
            (birthday, {"day": "1", "month": "1", "year": "9" * 60}),
            (birthday, {"day": "1", "month": "1", "year": "-5"}),
            (relative, {"name": "Sara", "day": "9" * 60, "month": "1"}),
            (relative, {"name": "Sara", "day": "1", "month": "99999999999"}),
        ):
            form = {f"{part}_{question.id}": value for part, value in parts.items()}
            page = self.submit(self.url("/complete"), questions=str(question.id), **form).text
            self.assertIn("There is no day", page)
        self.assertFalse(self.member.occasion_ids)
        form = {f"value_{street.id}": "Rose\x00 Street 1"}
        self.submit(self.url("/complete"), questions=str(street.id), **form)
        self.assertEqual(self.partner.street, "Rose Street 1")

    def test_only_what_is_missing_can_be_written(self):
        """abuse 3: what is known is corrected where its own checks are."""
        self.answer(name="Mallory")
        self.assertEqual(self.partner.name, "Anna")

    def test_markup_stays_text(self):
        """abuse 18."""
        self.questions["city"].write({"help_text": PAYLOAD, "question": PAYLOAD})
        self.answer(nickname=PAYLOAD)
        skipped = self.questions["phone"].id
        for path in ("", "/complete", f"/complete?skip={skipped}"):
            self.assertNotIn("<svg onload", self.get(self.url(path)).text)

    def test_nobody_answers_for_another(self):
        """abuse 14: absent and another's are the same."""
        self.get(self.url("/complete"), login="club_ben", status=404)
        self.answer(404, login="club_ben", city="Hell")
        absent = self.env["club.member"].search([], order="id desc", limit=1).id + 999
        self.get(f"/my/club/{absent}/complete", status=404)
        self.assertFalse(self.partner.city)

    def test_a_colleague_is_not_asked_for_the_companys_profile(self):
        company = self.env["res.partner"].create({"name": "Flowers Ltd", "is_company": True})
        self.partner.parent_id = company
        club = self.env["club.club"].create({"name": "Trade Club", "tz": "UTC", "earner": "company"})
        member = club._enrol(self.partner)
        page = self.get(self.url(member=member)).text
        self.assertNotIn("/complete", page)
        self.get(self.url("/complete", member), status=404)

    def test_a_form_without_its_token_changes_nothing(self):
        """abuse 19."""
        self.authenticate("club_anna", "club_anna")
        question = self.questions["city"].id
        data = {"questions": str(question), f"value_{question}": "Berlin"}
        self.assertEqual(self.url_open(self.url("/complete"), data=data).status_code, 400)
        self.get(self.url(f"/complete?questions={question}&value_{question}=Berlin"))
        self.assertFalse(self.partner.city)

    def test_an_empty_list_of_questions_says_so(self):
        self.club.profile_field_ids = [Command.clear()]
        self.assertIn("asks you nothing", self.get(self.url("/complete")).text)

    def test_the_persian_calendar_is_named(self):
        self.club.calendar = "jalali"
        self.club.profile_field_ids = [Command.clear(), Command.create({"kind": "birthday"})]
        self.assertIn("In the Persian calendar", self.get(self.url("/complete")).text)

    def test_the_download_has_the_answers(self):
        self.answer(city="Berlin")
        self.assertEqual(self.get(self.url("/data")).json()["profile"]["city"], "Berlin")


@tagged("post_install", "-at_install")
class TestVisitsOfPages(ActivityPortalCase):
    def knock(self, status=204, **data):
        response = self.url_open("/club/visit", data={"csrf_token": Request.csrf_token(self), **data})
        self.assertEqual(response.status_code, status)
        return response

    def test_the_beacon_records_a_visit_once_a_day_and_channel(self):
        self.earn_rule("visit", 5)
        self.authenticate("club_anna", "club_anna")
        for _number in range(3):
            self.knock(channel="portal")
        self.knock(channel="shop")
        self.assertEqual([event.payload["channel"] for event in self.visits()], ["portal", "shop"])
        self.assertEarned(10, "visit")
        self.assertFalse(self.visits(self.member_2))

    def test_a_second_session_on_the_same_day_is_the_same_visit(self):
        for _number in range(2):
            self.authenticate("club_anna", "club_anna")
            self.knock(channel="portal")
        self.assertEqual(len(self.visits()), 1)

    def test_the_session_spares_the_database(self):
        self.authenticate("club_anna", "club_anna")
        self.knock(channel="portal")
        self.visits()._revoke("test")
        self.knock(channel="portal")
        self.assertEqual(len(self.visits()), 1, "the session knew, and asked nothing")

    def test_other_channels_are_not_for_customers_to_name(self):
        self.authenticate("club_anna", "club_anna")
        for channel in ("counter", "", "x" * 5000):
            self.knock(channel=channel)
        self.assertFalse(self.visits())

    def test_without_the_token_or_by_a_link_nothing_is_recorded(self):
        """abuse 19."""
        self.authenticate("club_anna", "club_anna")
        self.assertEqual(self.url_open("/club/visit", data={"channel": "portal"}).status_code, 400)
        self.assertIn(self.url_open("/club/visit?channel=portal").status_code, (404, 405))
        self.assertFalse(self.visits())

    def test_a_stranger_is_nobodys_visit(self):
        self.authenticate(None, None)
        response = self.url_open(
            "/club/visit", data={"csrf_token": Request.csrf_token(self), "channel": "shop"}, allow_redirects=False
        )
        self.assertIn(response.status_code, (303, 400, 403))
        self.assertFalse(self.visits() | self.visits(self.member_2))

    def test_opening_a_page_alone_records_nothing(self):
        """GET changes nothing; the browser's script knocks."""
        self.get(self.url())
        self.get("/shop")
        self.assertFalse(self.visits())

    def test_only_clubs_of_the_websites_company_are_visited(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC", "company_id": company.id})
        member = second._enrol(self.partner)
        self.authenticate("club_anna", "club_anna")
        self.knock(channel="shop")
        self.assertFalse(self.visits(member))
        self.assertTrue(self.visits())

    def test_the_overview_shows_the_row(self):
        self.earn_rule("visit", 50, streak_count=4, streak_period="week", channel="portal")
        self.authenticate("club_anna", "club_anna")
        self.knock(channel="portal")
        page = self.get(self.url()).text
        self.assertIn("1 week on the account page; 3 more weeks for 50 Points.", page)
