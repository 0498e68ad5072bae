"""Way 15: occasions earn on their day or on a purchase near it, once a year, whatever is edited (abuse 11)."""

from datetime import date, datetime

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.engine import calendars, periods
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged


class OccasionCase(ClubCase):
    """Anna was a member long before the days of these tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.env.cr.execute("UPDATE club_member SET joined_at = '2020-01-01' WHERE club_id = %s", [cls.club.id])
        cls.env.invalidate_all()

    @classmethod
    def tearDownClass(cls):
        calendars._from_jalali.cache_clear()  # days that were reckoned under a frozen clock are of a class of their own
        super().tearDownClass()

    def occasion(self, month=5, day=17, at="2024-01-01 12:00:00", **values):
        values = {"member_id": self.member.id, "kind": "birthday", "calendar": "gregorian", **values}
        with freeze_time(at):
            return self.env["club.occasion"].create({**values, "month": month, "day": day})

    def keep(self, at):
        """Let the hourly job run at a time."""
        self.env.flush_all()
        with freeze_time(at), self.jobs_in_test():
            self.env["club.occasion"]._cron_keep()
        self.env.invalidate_all()

    def facts(self, member=None):
        return self.env["club.event"].search(
            [("type", "=", "occasion"), ("member_id", "=", (member or self.member).id)], order="id"
        )


@tagged("post_install", "-at_install")
class TestOnTheDay(OccasionCase):
    def setUp(self):
        super().setUp()
        self.rule = self.earn_rule("occasion", 50)

    def test_a_birthday_earns_on_its_day_once_a_year(self):
        birthday = self.occasion()
        for at in ("2025-05-16 23:30", "2025-05-17 00:30", "2025-05-17 01:30", "2025-05-18 00:30", "2025-09-01 00:30"):
            self.keep(at)
        self.assertEarned(50, "occasion")
        fact = self.facts()
        self.assertEqual(
            (fact.key, fact.occurred_at, fact.payload),
            (f"club.occasion,{birthday.id}:2025", datetime(2025, 5, 17), {"occasion": "birthday"}),
        )
        self.keep("2026-05-17 10:00")
        self.assertEarned(100, "occasion")
        self.assertInvariantsHold()

    def test_the_day_begins_at_midnight_of_the_club(self):
        """abuse 11: half past eight in the evening in London is midnight in Tehran."""
        self.club.tz = "Asia/Tehran"
        self.occasion()
        self.keep("2025-05-16 20:29")
        self.assertFalse(self.facts())
        self.keep("2025-05-16 20:31")
        self.assertEqual(self.facts().occurred_at, datetime(2025, 5, 16, 20, 30))

    def test_a_leap_day_is_kept_on_the_last_day_of_the_month_in_other_years(self):
        self.occasion(2, 29)
        for year, at in ((2025, "2025-02-28 08:00"), (2028, "2028-02-28 08:00"), (2028, "2028-02-29 08:00")):
            self.keep(at)
            self.assertEqual(len(self.facts()), 1 if at < "2028-02-29" else 2, f"in {year} at {at}")

    def test_a_persian_leap_day_too(self):
        """1403 has 30 Esfand, 1404 has not."""
        self.occasion(12, 30, calendar="jalali")
        self.keep("2025-03-19 08:00")
        self.assertFalse(self.facts())
        self.keep("2025-03-20 08:00")
        self.keep("2026-03-20 08:00")
        self.assertEqual([fact.key.split(":")[1] for fact in self.facts()], ["1403", "1404"])

    def test_a_jalali_day_comes_back_by_its_own_calendar(self):
        self.occasion(10, 11, calendar="jalali")
        days = []
        for year in (1403, 1404):
            day = periods.from_jalali(year, 10, 11)
            self.keep(f"{day} 09:00")
            days.append(self.facts()[-1].occurred_at.date())
        self.assertEqual(days, [date(2024, 12, 31), date(2026, 1, 1)])
        self.assertEarned(100, "occasion")

    def test_days_without_a_job_are_made_up_for_but_not_months(self):
        self.occasion()
        self.occasion(kind="anniversary", month=3, day=1)
        self.keep("2025-05-23 05:00")
        self.assertEqual([fact.occurred_at for fact in self.facts()], [datetime(2025, 5, 17)])
        self.occasion(kind="other", month=6, day=1, name="Our day")
        self.keep("2025-06-08 05:00")
        self.assertEqual(len(self.facts()), 1, "seven days later it is too late")

    def test_it_can_be_stopped_anywhere_and_goes_on(self):
        for number in range(3):
            partner = self.env["res.partner"].create({"name": f"Guest {number}"})
            self.occasion(member_id=self.club._enrol(partner).id)
        self.env.cr.execute("UPDATE club_member SET joined_at = '2020-01-01'")
        self.occasion()
        Occasion = self.env["club.occasion"]
        with freeze_time("2025-05-17 10:00"):
            kept = Occasion._list_kept_days(self.club, -6, 0)
            self.assertEqual(Occasion._search_kept([], None, 10, []), [])
            Occasion.search([("member_id", "!=", self.member.id)], limit=2)._record_kept(kept)
        self.keep("2025-05-17 11:00")
        facts = self.env["club.event"].search_count([("type", "=", "occasion"), ("club_id", "=", self.club.id)])
        self.assertEqual(facts, 4)

    def test_one_that_fails_does_not_stop_the_others(self):
        self.occasion()
        other = self.occasion(member_id=self.member_2.id)
        original = type(self.env["club.event"])._report

        def fail_for_anna(events, vals_list):
            if any(vals["member_id"] == self.member.id for vals in vals_list):
                raise ValueError("Anna's day is cursed")
            return original(events, vals_list)

        self.patch(type(self.env["club.event"]), "_report", fail_for_anna)
        self.patch(type(self.env["club.job"]), "_roll_back", lambda job: None)
        with self.assertLogs("odoo.addons.customer_club.models.ledger.club_job", "WARNING"):
            self.keep("2025-05-17 10:00")
        self.assertTrue(self.facts(other.member_id))
        self.assertFalse(self.facts())

    def test_only_the_kind_that_the_rule_names(self):
        self.rule.occasion_kind = "anniversary"
        self.occasion()
        self.keep("2025-05-17 10:00")
        self.assertEarned(0, "occasion")
        self.assertTrue(self.facts(), "the fact stays for others to follow")
        self.occasion(kind="anniversary")
        self.keep("2025-05-17 11:00")
        self.assertEarned(50, "occasion")

    def test_who_left_was_merged_or_joined_later_gets_nothing(self):
        self.occasion()
        self.member._leave()
        late = self.env["res.partner"].create({"name": "Late"})
        with freeze_time("2025-05-19 10:00"):
            joined = self.club._enrol(late)
        self.occasion(member_id=joined.id)
        self.keep("2025-05-20 10:00")
        self.assertFalse(self.facts() | self.facts(joined))

    def test_a_removed_day_and_a_closed_club_get_nothing(self):
        self.occasion(kind="other", name="Gone").active = False
        self.occasion()
        self.club.active = False
        self.keep("2025-05-17 10:00")
        self.assertFalse(self.facts())

    def test_two_clubs_count_each_its_own_days(self):
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "Pacific/Auckland"})
        twin = other._enrol(self.partner)
        self.env.cr.execute("UPDATE club_member SET joined_at = '2020-01-01'")
        self.occasion()
        self.occasion(member_id=twin.id)
        self.keep("2025-05-16 13:00")  # tomorrow already in Auckland
        self.assertEqual((len(self.facts()), len(self.facts(twin))), (0, 1))
        self.assertEarned(0, "occasion", twin)


@tagged("post_install", "-at_install")
class TestEditsBringNothingTwice(OccasionCase):
    """abuse 11."""

    def setUp(self):
        super().setUp()
        self.earn_rule("occasion", 50)
        self.user = new_test_user(self.env, "club_staff", "customer_club.group_club_user")
        self.manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")

    def test_a_changed_day_counts_from_next_year(self):
        birthday = self.occasion()
        self.keep("2025-05-17 10:00")
        with freeze_time("2025-06-01 10:00"):
            birthday.with_user(self.user).month = 6
        self.keep("2025-06-17 10:00")
        self.assertEarned(50, "occasion")
        self.keep("2026-06-17 10:00")
        self.assertEarned(100, "occasion")

    def test_another_calendar_whose_year_begins_soon_brings_it_no_sooner(self):
        """A Gregorian day in February, moved to Khordad in March: the Persian year begins on the 21st."""
        birthday = self.occasion(2, 20)
        self.keep("2026-02-20 10:00")
        with freeze_time("2026-03-10 10:00"):
            birthday.with_user(self.manager).write({"calendar": "jalali", "month": 3, "day": 15})
        self.keep("2026-06-05 10:00")
        self.assertEarned(50, "occasion")
        self.keep("2027-06-05 10:00")
        self.assertEarned(100, "occasion")

    def test_removing_and_adding_anew_brings_it_no_sooner_even_for_a_manager(self):
        birthday = self.occasion()
        self.keep("2025-05-17 10:00")
        with freeze_time("2025-05-20 10:00"):
            birthday.with_user(self.manager).unlink()
            anew = self.env["club.occasion"].with_user(self.manager).create(
                {"member_id": self.member.id, "kind": "birthday", "month": 5, "day": 22, "calendar": "gregorian"}
            )
        self.keep("2025-05-22 10:00")
        self.assertEarned(50, "occasion")
        self.assertEqual(anew.effective_from, fields.Date.to_date("2026-03-13"))

    def test_a_day_entered_after_it_was_does_not_count_backwards(self):
        self.occasion(at="2025-05-18 09:00:00")
        self.keep("2025-05-19 10:00")
        self.assertFalse(self.facts())

    def test_a_member_keeps_so_many_days_and_removed_ones_count_for_a_year(self):
        self.club.occasion_limit = 2
        with freeze_time("2024-01-01"):
            Occasion = self.env["club.occasion"].with_user(self.user)
            vals = {"member_id": self.member.id, "kind": "relative", "month": 5, "day": 17}
            first = Occasion.create({**vals, "relation": "mother"})
            Occasion.create({**vals, "relation": "father"})
            Occasion.create({**vals, "kind": "birthday"})
            first.unlink()
            with self.assertRaisesRegex(ValidationError, "which is the most that Rose Club keeps"):
                Occasion.create({**vals, "relation": "friend"})
            first.with_user(self.manager).active = True
            Occasion.with_user(self.manager).create({**vals, "relation": "friend"})
        with freeze_time("2025-06-01"):
            self.club.occasion_limit = 0
            Occasion.create({**vals, "relation": "child"})


@tagged("post_install", "-at_install")
class TestNearAnOccasion(OccasionCase):
    def setUp(self):
        super().setUp()
        self.near = self.earn_rule("purchase", 30, near_kind="birthday", near_before=7, near_after=2)

    def buy(self, at, member=None):
        with freeze_time(at):
            order = self.env["sale.order"].create(
                {
                    "partner_id": (member or self.member).partner_id.id,
                    "date_order": at,
                    "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 1})],
                }
            )
            order.action_confirm()
            self.env.cr.flush()
        return order

    def test_a_purchase_near_the_day_earns(self):
        """never 9: the boundaries."""
        self.occasion()
        earned = 0
        for at, near in (
            ("2025-05-09 23:59", False),
            ("2025-05-10 00:01", True),
            ("2025-05-17 12:00", True),
            ("2025-05-19 23:59", True),
            ("2025-05-20 00:01", False),
        ):
            self.buy(f"{at}:00")
            earned += 30 * near
            self.assertEarned(earned, "purchase")
        self.assertInvariantsHold()

    def test_over_the_turn_of_the_year(self):
        self.occasion(1, 3)
        self.buy("2025-12-28 12:00:00")
        self.assertEarned(30, "purchase")

    def test_another_kind_or_nobodys_day(self):
        self.occasion(kind="anniversary")
        self.occasion(member_id=self.member_2.id)
        self.buy("2025-05-17 12:00:00")
        self.assertEarned(0, "purchase")
        self.near.near_kind = "any"
        self.buy("2025-05-17 13:00:00")
        self.assertEarned(30, "purchase")

    def test_a_moved_day_does_not_count_until_next_year(self):
        """abuse 11."""
        birthday = self.occasion()
        with freeze_time("2025-06-01 10:00"):
            birthday.month = 6
        self.buy("2025-06-17 12:00:00")
        self.assertEarned(0, "purchase")
        self.buy("2026-06-17 12:00:00")
        self.assertEarned(30, "purchase")

    def test_a_cancelled_purchase_takes_it_back(self):
        """never 1."""
        self.occasion()
        order = self.buy("2025-05-17 12:00:00")
        self.assertEarned(30, "purchase")
        order._action_cancel()
        self.env.cr.flush()
        self.assertEarned(0, "purchase")
        self.assertInvariantsHold()

    def test_other_behaviour_near_the_day_earns_too(self):
        self.occasion()
        self.earn_rule("visit", 5, near_kind="birthday", near_before=0, near_after=0)
        for day in (16, 17, 18):
            self.env["club.event"]._report(
                [
                    {
                        "member_id": self.member.id,
                        "type": "visit",
                        "key": f"test:{day}",
                        "occurred_at": datetime(2025, 5, day, 12),
                    }
                ]
            )
        self.assertEarned(5, "visit")

    def test_days_are_read_once_for_a_batch_and_only_if_a_rule_asks(self):
        """never 16."""

        def report(batch, count):
            facts = [
                {"member_id": member.id, "type": "purchase", "key": f"{batch}:{member.id}:{number}", "amount": 5}
                for number in range(count)
                for member in (self.member, self.member_2)
            ]
            self.env["club.event"]._report(facts)

        self.occasion()
        report("warm", 2)
        with self.assertQueryCount(20):
            report("many", 40)

    def test_rules_read_back_and_say_why_not(self):
        self.assertIn("from 7 days before to 2 days after the member's birthday", self.near.sentence)
        self.near.near_after = 0
        self.assertIn("up to 7 days before the member's birthday", self.near.sentence)
        day = self.earn_rule("occasion", 5, occasion_kind="relative")
        self.assertIn("on the day itself", day.sentence)
        self.assertIn("every relative's day", day.sentence)
        for code in ("occasion_kind", "occasion_near"):
            self.assertTrue(day._get_reason_sentences()[code]({}))
        with self.assertRaisesRegex(ValidationError, "from 0 to 180"):
            self.near.near_before = 200
