"""A member's own days in the portal: added, changed, removed; another's are not there."""

from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.exceptions import AccessError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestOccasionPages(ClubPortalCase):
    def add(self, status=200, **values):
        form = {"what": "mother", "name": "Sara", "calendar": "gregorian", "day": "24", "month": "5", "year": ""}
        return self.submit(self.url("/occasions"), status=status, **{**form, **values})

    def setUp(self):
        super().setUp()
        self.authenticate("club_anna", "club_anna")

    def test_a_day_is_added_changed_and_removed(self):
        self.assertIn("You have told us no day yet", self.url_open(self.url("/occasions")).text)
        page = self.add().text
        self.assertIn("Your day is saved.", page)
        # the apostrophe is escaped
        self.assertIn("mother&#39;s birthday (Sara)", page)
        occasion = self.member.occasion_ids
        self.assertEqual((occasion.kind, occasion.relation), ("relative", "mother"))
        self.assertEqual((occasion.day, occasion.month), (24, 5))
        self.assertIn("24 May", page, "the month by name: digits alone mean another day elsewhere")
        form = {"name": "Sara M.", "calendar": "gregorian", "day": "24", "month": "5", "year": "1960"}
        self.submit(self.url(f"/occasions/{occasion.id}"), **form)
        page = self.submit(self.url(f"/occasions/{occasion.id}"), **{**form, "day": "31", "month": "13"}).text
        self.assertIn("There is no day 31", page)
        self.submit(self.url(f"/occasions/{occasion.id}/remove"))
        occasion.invalidate_recordset()
        self.assertFalse(occasion.active)

    def test_the_same_day_cannot_be_moved_twice_in_a_year(self):
        """abuse 11."""
        self.add()
        occasion = self.member.occasion_ids
        form = {"name": "Sara", "calendar": "gregorian", "day": "25", "month": "5", "year": ""}
        self.assertIn("once in 12 months", self.submit(self.url(f"/occasions/{occasion.id}"), **form).text)
        occasion.invalidate_recordset()
        self.assertEqual(occasion.day, 24)

    def test_digits_of_any_script_and_the_persian_calendar(self):
        self.add(what="birthday", name="", calendar="jalali", day="۳۰", month="۱۲", year="۱۳۷۵")
        occasion = self.member.occasion_ids
        self.assertEqual(
            (occasion.kind, occasion.calendar, occasion.day, occasion.month, occasion.year),
            ("birthday", "jalali", 30, 12, 1375),
        )
        self.assertIn("30/12/1375 (", self.url_open(self.url("/occasions")).text)

    def test_what_cannot_be_saved_says_why_and_keeps_what_was_typed(self):
        for values, reason in (
            ({"day": "x"}, "in digits"),
            ({"day": "30", "month": "2"}, "no day 30 in month 2"),
            ({"day": "0"}, "no day 0"),
            ({"what": "stranger"}, "Choose whose day"),
            ({"what": "other", "name": " "}, "in a word or two"),
        ):
            page = self.add(**values).text
            self.assertIn(reason, page)
        self.assertFalse(self.member.occasion_ids)
        self.assertIn("Sara", self.add(day="x").text)

    def test_a_second_birthday_and_too_many_days_are_refused(self):
        self.club.occasion_limit = 1
        self.add(what="birthday")
        self.assertIn("You have told us this day before", self.add(what="birthday", day="3").text)
        self.add()
        self.assertIn("which is the most that Rose Club keeps", self.add(what="father").text)
        self.assertEqual(len(self.member.occasion_ids), 2)

    def test_another_members_days_are_not_found(self):
        """abuse 14: absent and another's look alike."""
        theirs = self.env["club.occasion"].create(
            {"member_id": self.member_2.id, "kind": "birthday", "month": 1, "day": 1}
        )
        for path in (f"/occasions/{theirs.id}", "/occasions/0", f"/occasions/{10**8}"):
            self.assertEqual(self.url_open(self.url(path)).status_code, 404)
            self.submit(self.url(path), status=404, day="2", month="2")
            self.submit(self.url(f"{path}/remove"), status=404)
        self.assertEqual(self.url_open(self.url("/occasions", self.member_2)).status_code, 404)
        self.assertEqual((theirs.day, theirs.active), (1, True))

    def test_reading_changes_nothing_and_is_not_kept(self):
        """abuse 19 and 25."""
        self.add()
        occasion = self.member.occasion_ids
        page = self.url_open(self.url("/occasions"))
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertIn(self.url_open(self.url(f"/occasions/{occasion.id}/remove")).status_code, (404, 405))
        occasion.invalidate_recordset()
        self.assertTrue(occasion.active)
        response = self.url_open(self.url("/occasions"), data={"what": "father", "day": "1", "month": "1"})
        self.assertEqual(response.status_code, 400, "without a token nothing is added")
        self.assertEqual(len(self.member.occasion_ids), 1)

    def test_what_is_typed_is_shown_as_text(self):
        """abuse 18."""
        page = self.add(what="other", name=PAYLOAD).text
        self.assertNotIn("<svg onload", page)
        self.assertIn("&lt;svg onload", page)
        self.assertNotIn("<svg onload", self.url_open(self.url(f"/occasions/{self.member.occasion_ids.id}")).text)

    def test_the_overview_leads_there_and_says_what_it_brings(self):
        self.earn_rule("occasion", 50)
        page = self.url_open(self.url()).text
        self.assertIn(self.url("/occasions"), page)
        self.assertIn("Tell us your birthday", page)
        self.assertIn("50 points", self.url_open(self.url("/occasions")).text)
        self.add(what="birthday")
        self.assertNotIn("Tell us your birthday", self.url_open(self.url()).text)

    def test_the_download_holds_the_days(self):
        self.add()
        data = self.member._get_personal_data()
        self.assertEqual(data["occasions"][0]["relation"], "mother")

    def test_nobody_in_the_portal_may_touch_the_records(self):
        """abuse 15."""
        self.add()
        occasion = self.member.occasion_ids.with_user(self.anna)
        for call in (lambda: occasion.read(["day"]), lambda: occasion.write({"day": 1}), lambda: occasion.unlink()):
            with self.assertRaises(AccessError):
                call()

    def test_a_members_days_in_the_browser(self):
        self.start_tour(self.url("/occasions"), "club_occasions", login="club_anna")
        self.env.invalidate_all()
        self.assertEqual(self.member.occasion_ids.mapped("kind"), ["birthday"])
