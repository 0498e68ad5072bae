"""Points of members who stay away expire."""

from datetime import date, datetime

from freezegun import freeze_time
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerInactivity(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"expiry_policy": "inactivity", "expiry_months": 6})

    def expire(self, day):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire_inactive(day)
        self.env.invalidate_all()
        return self.member.points

    def _record_visit(self, at):
        self.env.cr.execute(
            "INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, key) VALUES (%s, %s, %s, "
            "'visit', %s, %s)",
            (self.member.id, self.club.id, self.club.company_id.id, at, f"visit:{at}"),
        )

    def test_points_live_until_the_day_that_completes_the_months(self):
        entry = self.post(10, "a", date=datetime(2030, 1, 31, 12))
        self.assertFalse(entry.expires_on)
        self.assertEqual(self.expire(date(2030, 7, 30)), 10)
        self.assertEqual(self.expire(date(2030, 7, 31)), 0)
        self.assertInvariantsHold()

    def test_months_that_end_early_are_counted_as_the_engine_does(self):
        self.post(10, "a", date=datetime(2030, 8, 31, 12))
        self.assertEqual(periods.expiry_date("inactivity", date(2030, 8, 31), 6), date(2031, 2, 28))
        self.assertEqual(self.expire(date(2031, 2, 27)), 10)
        self.assertEqual(self.expire(date(2031, 2, 28)), 0)

    def test_a_spend_keeps_everything_alive(self):
        self.post(10, "a", date=datetime(2030, 1, 10))
        self.post(-1, "s", date=datetime(2030, 5, 1))
        self.assertEqual(self.expire(date(2030, 10, 31)), 9)
        self.assertEqual(self.expire(date(2030, 11, 1)), 0)

    def test_an_event_is_an_activity(self):
        self.post(10, "a", date=datetime(2030, 1, 10))
        self._record_visit(datetime(2030, 6, 1, 9))
        self.assertEqual(self.expire(date(2030, 11, 30)), 10)
        self.assertEqual(self.expire(date(2030, 12, 1)), 0)

    def test_what_happens_by_itself_is_no_activity(self):
        """A birthday comes every year: with what it earns it would keep the points of the absent alive for ever."""
        self.earn_rule("occasion", 5)
        self.post(10, "a", date=datetime(2030, 1, 10))
        for event_type in ("occasion", "tier"):
            self.env["club.event"]._report(
                [
                    {
                        "member_id": self.member.id,
                        "type": event_type,
                        "key": f"{event_type}:1",
                        "occurred_at": datetime(2030, 6, 1),
                    }
                ]
            )
        self.assertEqual(self.expire(date(2030, 7, 9)), 15)
        self.assertEqual(self.expire(date(2030, 7, 10)), 5)
        self.assertInvariantsHold()

    def test_taking_a_fact_back_is_no_activity_of_the_member(self):
        """never: nothing renews an expiry; staff took the review down, the member stayed away."""
        self.earn_rule("custom", 10)
        with freeze_time("2030-01-10"):
            kept, gone = self.env["club.event"]._report(
                [{"member_id": self.member.id, "type": "custom", "key": f"kiosk,{number}"} for number in (1, 2)]
            )
        self.assertEqual(self.member.points, 20, kept)
        with freeze_time("2030-06-01"):
            gone._revoke("Taken down")
        self.assertEqual(self.expire(date(2030, 7, 9)), 10)
        self.assertEqual(self.expire(date(2030, 7, 10)), 0)
        self.assertInvariantsHold()

    def test_an_activity_before_a_merge_counts_for_the_surviving_member(self):
        self.post(10, "a", date=datetime(2030, 1, 10))
        self.post(5, "b", member=self.member_2, date=datetime(2030, 5, 1))
        self.member_2._merge_into(self.member, "m")
        self.assertEqual(self.expire(date(2030, 10, 31)), 15)
        self.assertEqual(self.expire(date(2030, 11, 1)), 0)

    def test_a_gift_to_and_fro_makes_no_points_younger(self):
        self.post(10, "a", date=datetime(2030, 1, 10))
        self.post(1, "b", member=self.member_2, date=datetime(2030, 1, 10))
        self.member._transfer(self.member_2, 10, "t1")
        self.member_2._transfer(self.member, 10, "t2")
        self.assertEqual(self.expire(date(2030, 7, 10)), 0)

    def test_points_with_an_expiry_of_their_own_wait_for_it(self):
        self.post(10, "a", date=datetime(2030, 1, 10), expires_on=date(2040, 1, 1))
        self.assertEqual(self.expire(date(2031, 1, 1)), 10)

    def test_the_clubs_calendar_counts_the_months(self):
        self.club.write({"calendar": "jalali", "tz": "Asia/Tehran", "expiry_months": 1})
        earned = periods.from_jalali(1409, 6, 31)
        self.post(10, "a", date=datetime.combine(earned, datetime.min.time()).replace(hour=8))
        deadline = periods.from_jalali(1409, 7, 30)
        self.assertEqual(self.expire(date.fromordinal(deadline.toordinal() - 1)), 10)
        self.assertEqual(self.expire(deadline), 0)

    def test_other_policies_are_left_alone(self):
        self.club.expiry_policy = "never"
        self.post(10, "a", date=datetime(2030, 1, 10))
        self.assertEqual(self.expire(date(2999, 1, 1)), 10)
