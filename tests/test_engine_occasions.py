"""Birthdays and anniversaries come back on the right day of their own calendar."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import occasions, periods
from odoo.addons.customer_club.engine.errors import CalendarError
from odoo.addons.customer_club.engine.occasions import Occasion
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestOccasionsReturn(BaseCase):
    def test_a_jalali_birthday_moves_in_the_gregorian_calendar(self):
        birthday = Occasion(periods.from_jalali(1370, 1, 1), "jalali")
        days = list(occasions.occurrences(birthday, date(2024, 1, 1), date(2027, 1, 1)))
        self.assertEqual(days, [date(2024, 3, 20), date(2025, 3, 21), date(2026, 3, 21)])

    def test_a_birthday_on_30_esfand_is_kept_on_29_in_ordinary_years(self):
        birthday = Occasion(periods.from_jalali(1375, 12, 30), "jalali")
        self.assertEqual(
            periods.to_jalali(occasions.next_occurrence(birthday, periods.from_jalali(1404, 1, 1))),
            (1404, 12, 29),
        )

    def test_the_day_itself_counts_for_the_daily_job_and_not_for_the_next(self):
        birthday = Occasion(date(1990, 2, 28))
        self.assertEqual(occasions.on_or_after(birthday, date(2025, 2, 28)), date(2025, 2, 28))
        self.assertEqual(occasions.next_occurrence(birthday, date(2025, 2, 28)), date(2026, 2, 28))

    def test_an_occasion_does_not_happen_before_its_first_day(self):
        wedding = Occasion(date(2026, 5, 1))
        self.assertEqual(occasions.next_occurrence(wedding, date(2025, 1, 1)), date(2026, 5, 1))
        self.assertEqual(list(occasions.occurrences(wedding, date(2025, 1, 1), date(2026, 5, 1))), [])

    def test_an_occasion_that_happens_once_does_not_return(self):
        once = Occasion(date(2025, 5, 1), yearly=False)
        self.assertEqual(list(occasions.occurrences(once, date(2000, 1, 1), date(2100, 1, 1))), [date(2025, 5, 1)])

    def test_ages_are_counted_in_the_calendar_of_the_occasion(self):
        birthday = Occasion(periods.from_jalali(1375, 12, 30), "jalali")
        self.assertEqual(occasions.years(birthday, periods.from_jalali(1403, 12, 30)), 28)

    def test_an_unknown_calendar_is_named(self):
        with self.assertRaisesRegex(CalendarError, "lunar"):
            occasions.next_occurrence(Occasion(date(1990, 1, 1), "lunar"), date(2025, 1, 1))

    @settings(max_examples=200, deadline=None)
    @given(
        day=st.dates(date(1930, 1, 1), date(2030, 1, 1)),
        after=st.dates(date(1950, 1, 1), date(2100, 1, 1)),
        calendar=st.sampled_from(periods.CALENDARS),
    )
    def test_every_year_has_it_exactly_once(self, day, after, calendar):
        occasion = Occasion(day, calendar)
        following = occasions.next_occurrence(occasion, after)
        self.assertGreater(following, after)
        if after >= day:
            self.assertLessEqual(following - after, timedelta(days=367))
        first, last = periods.period_bounds("year", following, calendar)
        kept = list(occasions.occurrences(occasion, first, last))
        self.assertEqual(kept, [following])
