"""Dates that matter to members, in either calendar; not to be moved for a gift (abuse.md 11)."""

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation


@tagged("post_install", "-at_install")
class TestOccasions(ClubCase):
    """Birthdays and anniversaries."""

    def occasion(self, **values):
        return self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "birthday", "month": 5, "day": 17, **values}
        )

    def test_the_next_day_is_found_in_the_calendar_of_the_occasion(self):
        with freeze_time("2025-03-01 12:00:00"):
            birthday = self.occasion(calendar="jalali", month=12, day=30)
            self.assertEqual(birthday.next_date, fields.Date.to_date("2025-03-20"))
        with freeze_time("2025-03-21 12:00:00"):
            self.assertEqual(
                birthday._get_next_date(), fields.Date.to_date("2026-03-20"), "30 Esfand is kept on 29 in 1404"
            )

    def test_a_day_that_no_year_has_is_refused(self):
        for values in ({"month": 2, "day": 30}, {"month": 13, "day": 1}, {"month": 2, "day": 29, "year": 2023}):
            with self.assertRaisesRegex(ValidationError, "There is no day"), self.env.cr.savepoint():
                self.occasion(**values)

    def test_a_changed_date_counts_from_next_year(self):
        with freeze_time("2024-01-10 12:00:00"):
            birthday = self.occasion()
            self.assertEqual(birthday.effective_from, fields.Date.to_date("2024-01-10"))
        with freeze_time("2025-06-01 12:00:00"):
            birthday.day = 20
            self.assertEqual(birthday.effective_from, fields.Date.to_date("2026-01-01"))
            self.assertEqual(birthday.next_date, fields.Date.to_date("2026-05-20"))

    def test_a_date_changes_once_in_twelve_months(self):
        user = new_test_user(self.env, "club-user", "customer_club.group_club_user")
        with freeze_time("2024-01-10 12:00:00"):
            birthday = self.occasion().with_user(user)
        with freeze_time("2024-12-10 12:00:00"), self.assertRaisesRegex(ValidationError, "once in 12 months"):
            birthday.month = 6
        with freeze_time("2025-01-11 12:00:00"):
            birthday.month = 6
            self.assertEqual(birthday.month, 6)

    def test_removing_and_adding_again_does_not_get_round_it(self):
        user = new_test_user(self.env, "club-user", "customer_club.group_club_user")
        birthday = self.occasion()
        birthday.unlink()
        self.assertTrue(birthday.exists(), "removing archives")
        with self.assertRaisesRegex(ValidationError, "once in 12 months"):
            self.env["club.occasion"].with_user(user).create(
                {"member_id": self.member.id, "kind": "birthday", "month": 1, "day": 1}
            )

    def test_a_forged_day_of_effect_is_ignored(self):
        user = new_test_user(self.env, "club-user", "customer_club.group_club_user")
        birthday = (
            self.env["club.occasion"]
            .with_user(user)
            .create(
                {
                    "member_id": self.member.id,
                    "kind": "birthday",
                    "month": 1,
                    "day": 1,
                    "effective_from": "2000-01-01",
                }
            )
        )
        self.assertEqual(birthday.effective_from, self.club._get_today())
        birthday.with_context(club_occasion_moved=True).write({"effective_from": "2000-01-01"})
        self.assertEqual(birthday.effective_from, self.club._get_today(), "a context key opens nothing (abuse.md 5)")

    def test_a_member_has_one_birthday_but_many_relatives(self):
        self.occasion()
        self.occasion(kind="relative", name="Sam")
        self.occasion(kind="relative", name="Kim")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.occasion(month=1)
