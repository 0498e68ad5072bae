"""Months, years, windows and expiry in both calendars, in the club's time zone."""

import contextlib
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.errors import CalendarError, DateError, EngineError, TimeZoneError
from odoo.tests import BaseCase, tagged

DAYS = st.dates(date(1950, 1, 1), date(2120, 12, 31))
CALENDARS = st.sampled_from(periods.CALENDARS)
KINDS = st.sampled_from(periods.PERIODS)
ZONES = st.sampled_from(
    [
        "UTC",
        "Asia/Tehran",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Havana",
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "Australia/Lord_Howe",
        "Atlantic/Azores",
    ]
)
fast = settings(max_examples=200, deadline=None)


@tagged("post_install", "-at_install")
class TestTheJalaliCalendar(BaseCase):
    def test_30_esfand_1403_exists_and_is_20_march_2025(self):
        self.assertEqual(periods.from_jalali(1403, 12, 30), date(2025, 3, 20))
        self.assertEqual(periods.to_jalali(date(2025, 3, 20)), (1403, 12, 30))
        self.assertEqual(periods.to_jalali(date(2025, 3, 21)), (1404, 1, 1))

    def test_1403_and_1408_are_leap_and_1404_to_1407_are_not(self):
        self.assertEqual([year for year in range(1403, 1409) if periods.is_jalali_leap(year)], [1403, 1408])
        for year in (1404, 1405, 1406, 1407):
            with self.assertRaises(DateError) as caught:
                periods.from_jalali(year, 12, 30)
            self.assertEqual(caught.exception.reason, "no_such_day")
            self.assertIn(str(year), str(caught.exception))

    def test_leap_years_of_half_a_century_are_those_of_the_official_calendar(self):
        leap = [1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408]
        self.assertEqual([year for year in range(1351, 1409) if periods.is_jalali_leap(year)], leap)

    @fast
    @given(day=DAYS)
    def test_every_day_comes_back_from_its_jalali_date(self, day):
        self.assertEqual(periods.from_jalali(*periods.to_jalali(day)), day)
        self.assertLess(periods.to_jalali(day), periods.to_jalali(day + timedelta(days=1)))


@tagged("post_install", "-at_install")
class TestDaysOfTheWallCalendar(BaseCase):
    def test_midnight_in_tehran_is_20_30_utc_the_day_before(self):
        self.assertEqual(periods.local_date(datetime(2025, 3, 20, 20, 29, 59), "Asia/Tehran"), date(2025, 3, 20))
        self.assertEqual(periods.local_date(datetime(2025, 3, 20, 20, 30), "Asia/Tehran"), date(2025, 3, 21))
        self.assertEqual(
            periods.day_bounds(date(2025, 3, 21), "Asia/Tehran"),
            (datetime(2025, 3, 20, 20, 30), datetime(2025, 3, 21, 20, 30)),
        )

    def test_the_days_the_clock_changes_in_berlin_have_23_and_25_hours(self):
        for day, hours in ((date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 6, 1), 24)):
            start, end = periods.day_bounds(day, "Europe/Berlin")
            self.assertEqual(end - start, timedelta(hours=hours), day)

    def test_a_midnight_that_did_not_exist_starts_with_the_change(self):
        # Iran put its clocks forward at 00:00 on 22 March 2022.
        start, end = periods.day_bounds(date(2022, 3, 22), "Asia/Tehran")
        self.assertEqual((start, end - start), (datetime(2022, 3, 21, 20, 30), timedelta(hours=23)))

    def test_the_wall_clock_is_in_the_clubs_zone(self):
        self.assertEqual(
            periods.local_datetime(datetime(2025, 7, 1, 22, 30), "Europe/Berlin"),
            datetime(2025, 7, 2, 0, 30),
        )

    def test_an_unknown_zone_is_named(self):
        for name in ("Asia/Teheran", "", "../etc/passwd"):
            with self.assertRaisesRegex(TimeZoneError, "not a time zone"):
                periods.local_date(datetime(2025, 1, 1), name)

    def test_a_lifetime_has_instants_in_every_zone(self):
        bounds = periods.period_bounds("lifetime", date(2025, 1, 1))
        for zone in ("Pacific/Kiritimati", "Pacific/Midway", "UTC"):
            start, end = periods.range_bounds(*bounds, zone)
            self.assertLess(start, datetime(1901, 1, 1))
            self.assertGreater(end, datetime(9998, 1, 1))

    @fast
    @given(day=DAYS, zone=ZONES)
    def test_a_day_begins_at_its_first_instant_and_days_meet_without_gap(self, day, zone):
        start, end = periods.day_bounds(day, zone)
        self.assertEqual(periods.local_date(start, zone), day)
        self.assertEqual(periods.local_date(start - timedelta(microseconds=1), zone), day - timedelta(days=1))
        self.assertEqual(end, periods.day_bounds(day + timedelta(days=1), zone)[0])


@tagged("post_install", "-at_install")
class TestPeriods(BaseCase):
    def test_periods_of_a_known_day_in_both_calendars(self):
        day = date(2025, 3, 20)
        cases = {
            ("day", "gregorian"): (date(2025, 3, 20), date(2025, 3, 21)),
            ("week", "gregorian"): (date(2025, 3, 17), date(2025, 3, 24)),
            ("month", "gregorian"): (date(2025, 3, 1), date(2025, 4, 1)),
            ("quarter", "gregorian"): (date(2025, 1, 1), date(2025, 4, 1)),
            ("year", "gregorian"): (date(2025, 1, 1), date(2026, 1, 1)),
            ("month", "jalali"): (date(2025, 2, 19), date(2025, 3, 21)),
            ("quarter", "jalali"): (date(2024, 12, 21), date(2025, 3, 21)),
            ("year", "jalali"): (date(2024, 3, 20), date(2025, 3, 21)),
        }
        for (kind, calendar), expected in cases.items():
            self.assertEqual(periods.period_bounds(kind, day, calendar), expected, (kind, calendar))

    def test_a_week_may_start_on_saturday(self):
        saturday, friday = date(2025, 3, 15), date(2025, 3, 21)
        for day in (saturday, friday):
            self.assertEqual(periods.period_bounds("week", day, "jalali", 5), (saturday, date(2025, 3, 22)))

    def test_a_leap_jalali_year_has_366_days(self):
        for year, days in ((1403, 366), (1404, 365)):
            first, last = periods.period_bounds("year", periods.from_jalali(year, 6, 1), "jalali")
            self.assertEqual((last - first).days, days)

    def test_names_of_periods(self):
        day = date(2025, 3, 20)
        self.assertEqual(
            [periods.format_period(kind, day) for kind in periods.PERIODS],
            ["2025-03-20", "2025-03-17..2025-03-23", "2025-03", "2025-Q1", "2025", "lifetime"],
        )
        self.assertEqual(periods.format_period("month", day, "jalali"), "1403-12")

    def test_an_unknown_kind_calendar_or_week_is_named(self):
        day = date(2025, 3, 20)
        for arguments in (("decade", day), ("month", day, "lunar"), ("day", day, "lunar"), ("week", day, "jalali", 7)):
            with self.assertRaises(CalendarError):
                periods.period_bounds(*arguments)

    @fast
    @given(kind=KINDS, day=DAYS, calendar=CALENDARS, week_start=st.integers(0, 6))
    def test_a_period_holds_its_day_and_all_its_days_have_the_same_period(self, kind, day, calendar, week_start):
        first, last_exclusive = periods.period_bounds(kind, day, calendar, week_start)
        self.assertTrue(first <= day < last_exclusive)
        name = periods.format_period(kind, day, calendar, week_start)
        for other in (first, last_exclusive - timedelta(days=1)):
            self.assertEqual(periods.period_bounds(kind, other, calendar, week_start), (first, last_exclusive))
            self.assertEqual(periods.format_period(kind, other, calendar, week_start), name)
        if kind != "lifetime":
            self.assertEqual(periods.period_bounds(kind, last_exclusive, calendar, week_start)[0], last_exclusive)
            self.assertNotEqual(periods.format_period(kind, last_exclusive, calendar, week_start), name)


@tagged("post_install", "-at_install")
class TestMonthsLater(BaseCase):
    def test_a_month_that_is_too_short_gives_its_last_day(self):
        self.assertEqual(periods.add_months(date(2025, 1, 31), 1), date(2025, 2, 28))
        self.assertEqual(periods.add_months(date(2024, 1, 31), 1), date(2024, 2, 29))
        self.assertEqual(periods.add_months(date(2025, 3, 31), -1), date(2025, 2, 28))
        esfand = periods.from_jalali(1403, 12, 30)
        self.assertEqual(periods.add_months(esfand, 12, "jalali"), periods.from_jalali(1404, 12, 29))
        self.assertEqual(
            periods.add_months(periods.from_jalali(1403, 6, 31), 1, "jalali"),
            periods.from_jalali(1403, 7, 30),
        )

    def test_no_months_later_is_the_same_day(self):
        self.assertEqual(periods.add_months(date(2025, 1, 31), 0), date(2025, 1, 31))

    @fast
    @given(day=DAYS, months=st.integers(-240, 240), calendar=CALENDARS)
    def test_the_month_is_exactly_so_many_later_and_the_day_never_grows(self, day, months, calendar):
        year, month, dom = periods.parts(day, calendar)
        later_year, later_month, later_dom = periods.parts(periods.add_months(day, months, calendar), calendar)
        self.assertEqual(later_year * 12 + later_month, year * 12 + month + months)
        self.assertLessEqual(later_dom, dom)
        self.assertGreaterEqual(later_dom, min(dom, 28))

    @fast
    @given(day=DAYS, months=st.integers(0, 120), calendar=CALENDARS)
    def test_a_later_day_never_expires_earlier(self, day, months, calendar):
        self.assertLessEqual(
            periods.add_months(day, months, calendar),
            periods.add_months(day + timedelta(days=1), months, calendar),
        )

    def test_a_window_of_months_ends_with_its_day(self):
        self.assertEqual(periods.rolling_window(date(2025, 12, 31), 12), (date(2025, 1, 1), date(2026, 1, 1)))
        self.assertEqual(periods.rolling_window(date(2025, 5, 15), 1), (date(2025, 4, 16), date(2025, 5, 16)))
        first, last = periods.rolling_window(periods.from_jalali(1403, 12, 30), 12, "jalali")
        self.assertEqual((periods.to_jalali(first), periods.to_jalali(last)), ((1403, 1, 1), (1404, 1, 1)))
        with self.assertRaises(CalendarError):
            periods.rolling_window(date(2025, 5, 15), 0)


@tagged("post_install", "-at_install")
class TestExpiryDates(BaseCase):
    def test_never_3_and_4_points_expire_on_the_day_the_policy_says(self):
        earned = date(2025, 1, 31)
        self.assertIsNone(periods.expiry_date("never", earned))
        self.assertEqual(periods.expiry_date("months", earned, months=1), date(2025, 2, 28))
        self.assertEqual(periods.expiry_date("inactivity", earned, months=6), date(2025, 7, 31))
        self.assertEqual(periods.expiry_date("fixed_day", earned, month=7, dom=1), date(2025, 7, 1))

    def test_the_day_before_is_the_last_day_to_spend(self):
        expires = periods.expiry_date("months", date(2025, 1, 15), months=12)
        self.assertFalse(periods.is_expired(expires, date(2026, 1, 14)))
        self.assertTrue(periods.is_expired(expires, date(2026, 1, 15)))
        self.assertFalse(periods.is_expired(None, date(9000, 1, 1)))

    def test_points_earned_on_the_fixed_day_live_until_the_next(self):
        self.assertEqual(periods.fixed_day_expiry(date(2025, 7, 1), 7, 1), date(2026, 7, 1))
        self.assertEqual(periods.fixed_day_expiry(date(2025, 6, 30), 7, 1), date(2025, 7, 1))

    def test_the_fixed_day_is_clipped_in_short_months(self):
        self.assertEqual(periods.fixed_day_expiry(date(2025, 1, 1), 2, 31), date(2025, 2, 28))
        self.assertEqual(periods.fixed_day_expiry(date(2028, 1, 1), 2, 31), date(2028, 2, 29))
        last_of_1404 = periods.fixed_day_expiry(periods.from_jalali(1404, 1, 1), 12, 31, "jalali")
        self.assertEqual(periods.to_jalali(last_of_1404), (1404, 12, 29))

    def test_grace_carries_young_points_to_the_day_after_next(self):
        for earned, year in ((date(2025, 9, 30), 2026), (date(2025, 10, 1), 2027), (date(2025, 12, 31), 2027)):
            self.assertEqual(periods.fixed_day_expiry(earned, 1, 1, grace_months=3), date(year, 1, 1), earned)

    def test_a_policy_that_cannot_be_is_refused(self):
        for arguments in (("sometimes", date(2025, 1, 1)), ("months", date(2025, 1, 1), 0)):
            with self.assertRaises(CalendarError):
                periods.expiry_date(*arguments)
        for month, dom in ((13, 1), (0, 1), (1, 0), (1, 32)):
            with self.assertRaises(DateError):
                periods.fixed_day_expiry(date(2025, 1, 1), month, dom)
        with self.assertRaises(CalendarError):
            periods.fixed_day_expiry(date(2025, 1, 1), 1, 1, grace_months=-1)

    @fast
    @given(day=DAYS, month=st.integers(1, 12), dom=st.integers(1, 31), calendar=CALENDARS, grace=st.integers(0, 11))
    def test_points_always_live_for_a_day_and_their_grace_but_never_over_a_year_more(
        self, day, month, dom, calendar, grace
    ):
        expires = periods.fixed_day_expiry(day, month, dom, calendar, grace)
        least = periods.add_months(day, grace, calendar)
        self.assertTrue(least < expires <= least + timedelta(days=367))


@tagged("post_install", "-at_install")
class TestYearlyReturns(BaseCase):
    def test_30_esfand_is_kept_on_29_in_other_years(self):
        day, seen = periods.from_jalali(1402, 12, 29), []
        for _year in range(6):
            day = periods.next_yearly(12, 30, day, "jalali")
            seen.append(periods.to_jalali(day))
        self.assertEqual(
            seen,
            [
                (1403, 12, 30),
                (1404, 12, 29),
                (1405, 12, 29),
                (1406, 12, 29),
                (1407, 12, 29),
                (1408, 12, 30),
            ],
        )

    def test_29_february_is_kept_on_28_in_other_years(self):
        self.assertEqual(periods.next_yearly(2, 29, date(2025, 2, 27)), date(2025, 2, 28))
        self.assertEqual(periods.next_yearly(2, 29, date(2025, 2, 28)), date(2026, 2, 28))
        self.assertEqual(periods.next_yearly(2, 29, date(2027, 12, 31)), date(2028, 2, 29))

    @fast
    @given(after=DAYS, month=st.integers(1, 12), dom=st.integers(1, 31), calendar=CALENDARS)
    def test_the_next_return_is_later_and_within_a_year(self, after, month, dom, calendar):
        day = periods.next_yearly(month, dom, after, calendar)
        self.assertTrue(after < day <= after + timedelta(days=367))
        self.assertEqual(periods.parts(day, calendar)[1], month)


@tagged("post_install", "-at_install")
class TestTypedDates(BaseCase):
    def test_one_day_in_all_its_forms(self):
        for text in (
            "2025-03-20",
            "2025/3/20",
            "20/03/2025",
            "20.3.2025",
            "20-3-2025",
            "20 3 2025",
            "۲۰/۳/۲۰۲۵",
            "2025-03-20 14:30:00",
            "2025-03-20T14:30:00Z",
            "1403-12-30",
            "۱۴۰۳/۱۲/۳۰",
            "١٤٠٣/١٢/٣٠",
            "30/12/1403",
            " 1403.12.30 ",
            "\u200f1403/12/30",
        ):
            self.assertEqual(periods.parse_date(text), date(2025, 3, 20), text)

    def test_the_day_comes_before_the_month(self):
        self.assertEqual(periods.parse_date("3/4/2025"), date(2025, 4, 3))

    def test_the_failure_is_named(self):
        cases = {
            "": "empty",
            "   ": "empty",
            "soon": "unreadable",
            "2025-03": "unreadable",
            "2025-03/20": "unreadable",
            "20/3/25": "two_digit_year",
            "03/12/30": "two_digit_year",
            "1404-12-30": "no_such_day",
            "2025-02-29": "no_such_day",
            "2025-13-01": "no_such_day",
            "0005-01-01": "year",
            "9025-01-01": "year",
        }
        for text, reason in cases.items():
            with self.assertRaises(DateError) as caught:
                periods.parse_date(text)
            self.assertEqual(caught.exception.reason, reason, text)

    def test_a_calendar_that_is_given_is_kept(self):
        self.assertEqual(periods.parse_date("1403-12-30", "jalali"), date(2025, 3, 20))
        for text, calendar in (("2025-03-20", "jalali"), ("1403-12-30", "gregorian")):
            with self.assertRaises(DateError) as caught:
                periods.parse_date(text, calendar)
            self.assertEqual(caught.exception.reason, "year")

    @fast
    @given(text=st.text(max_size=20))
    def test_no_text_breaks_the_reader(self, text):
        with contextlib.suppress(EngineError):
            self.assertIsInstance(periods.parse_date(text), date)

    @fast
    @given(day=DAYS, calendar=CALENDARS)
    def test_what_is_shown_can_be_typed(self, day, calendar):
        self.assertEqual(periods.parse_date(periods.format_day(day, calendar), calendar), day)
