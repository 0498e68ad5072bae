"""Points expire on their day, in the club's calendar and time zone."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerExpiry(ClubCase):
    """never.md 3 (expired value cannot be spent) and 4 (an expiry date does something)."""

    def expire(self, day=None):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire(day)
        self.env.invalidate_all()
        return self.member.points

    # -- policies -------------------------------------------------------------

    def test_never(self):
        self.club.expiry_policy = "never"
        self.assertFalse(self.post(10, "a").expires_on)
        self.assertEqual(self.expire(date(2999, 1, 1)), 10)

    def test_months_after_they_were_earned(self):
        """Never 4: an expiry date does what it says."""
        self.club.write({"expiry_policy": "months", "expiry_months": 1})
        entry = self.post(10, "a", date=datetime(2030, 1, 31, 12))
        self.assertEqual(entry.expires_on, date(2030, 2, 28))
        self.assertEqual(self.expire(date(2030, 2, 27)), 10, "the day before is the last to spend them")
        self.assertEqual(self.expire(date(2030, 2, 28)), 0)
        self.assertInvariantsHold()

    def test_on_a_fixed_day_of_the_jalali_year(self):
        self.club.write(
            {
                "expiry_policy": "fixed_day",
                "expiry_month": 1,
                "expiry_day": 1,
                "calendar": "jalali",
                "tz": "Asia/Tehran",
            }
        )
        nowruz = periods.from_jalali(1410, 1, 1)
        # 20:29 UTC is the last minute of 29 Esfand in Tehran, 20:30 the first of the new year.
        eve = datetime.combine(nowruz - timedelta(days=1), datetime.min.time()) + timedelta(hours=20, minutes=29)
        self.assertEqual(self.post(10, "old year", date=eve).expires_on, nowruz)
        self.assertEqual(
            self.post(10, "new year", date=eve + timedelta(minutes=1)).expires_on,
            periods.from_jalali(1411, 1, 1),
        )
        self.assertEqual(self.expire(nowruz - timedelta(days=1)), 20)
        self.assertEqual(self.expire(nowruz), 10)

    def test_a_fixed_day_spares_points_younger_than_the_least_life(self):
        self.club.write({"expiry_policy": "fixed_day", "expiry_month": 1, "expiry_day": 1, "expiry_grace_months": 3})
        self.assertEqual(self.post(10, "a", date=datetime(2030, 9, 1)).expires_on, date(2031, 1, 1))
        self.assertEqual(self.post(10, "b", date=datetime(2030, 11, 1)).expires_on, date(2032, 1, 1))

    def test_a_movement_may_have_its_own_expiry_or_none(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 1})
        self.post(10, "own", expires_on=date(2031, 5, 5))
        self.post(10, "none", expires_on=False)
        self.assertEqual(self.expire(date(2031, 5, 4)), 20)
        self.assertEqual(self.expire(date(2031, 5, 5)), 10)
        self.assertEqual(self.expire(date(2999, 5, 5)), 10)

    # -- boundaries -----------------------------------------------------------

    def test_midnight_of_the_clubs_time_zone_counts(self):
        self.club.tz = "Asia/Tehran"  # +03:30
        self.post(10, "a", expires_on=date(2030, 6, 2))
        with freeze_time("2030-06-01 20:29:59"):
            self.assertEqual(self.expire(), 10, "in Tehran it is still 1 June")
        with freeze_time("2030-06-01 20:30:00"):
            self.assertEqual(self.expire(), 0, "in Tehran it is 2 June")
        entry = self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        self.assertEqual(entry.date, datetime(2030, 6, 1, 20, 30), "it expired with the first instant of the day")

    def test_only_what_is_left_expires(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        self.post(-4, "s")
        self.expire(date(2030, 6, 2))
        entry = self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        self.assertEqual((entry.points, entry.available), (-6, -6))
        self.assertInvariantsHold()

    def test_pending_points_expire_too(self):
        self.post(10, "a", pending=True, expires_on=date(2030, 6, 2))
        self.expire(date(2030, 6, 2))
        self.assertEqual((self.member.points, self.member.points_pending), (0, 0))
        self.assertInvariantsHold()

    def test_a_lot_with_nothing_left_expires_without_an_entry(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        self.post(-10, "s")
        self.expire(date(2030, 6, 2))
        self.assertFalse(
            self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        )

    def test_points_with_fewer_decimals_now_than_they_came_with_still_expire(self):
        self.club.points_digits = 2
        self.post(0.55, "a", expires_on=date(2030, 6, 2))
        self.club.points_digits = 0
        self.assertEqual(self.expire(date(2030, 6, 2)), 0)
        self.assertInvariantsHold()

    # -- before the night's job ------------------------------------------------

    def test_never_3_expired_points_cannot_be_spent_before_the_job_has_run(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        with freeze_time("2030-06-02 08:00:00"), self.assertRaises(NotEnoughPoints), self.env.cr.savepoint():
            self.post(-10, "s")
        with freeze_time("2030-06-01 23:59:59"):
            self.post(-10, "s")
        self.assertEqual(self.member.points, 0)

    def test_a_spend_leaves_expired_lots_alone_and_expires_them(self):
        self.post(10, "old", expires_on=date(2030, 6, 2))
        self.post(10, "fresh", expires_on=date(2031, 6, 2))
        with freeze_time("2030-06-02 08:00:00"):
            self.post(-10, "s")
            self.assertEqual(self.member.points, 0, "the spend took the fresh points, the old ones expired")
            self.assertInvariantsHold()
            before = self.env["club.point.entry"].search_count([])
            self.expire()
            self.assertEqual(self.env["club.point.entry"].search_count([]), before, "the job finds nothing to do")

    def test_the_balance_that_an_order_may_use_leaves_expired_points_out(self):
        self.post(10, "old", expires_on=date(2030, 6, 2))
        asked = (self.member.card_id.id, "sale.order", 0)
        Entry = self.env["club.point.entry"]
        with freeze_time("2030-06-01 12:00:00"):
            self.assertFalse(Entry._get_held_points({asked}))
        with freeze_time("2030-06-02 12:00:00"):
            self.assertEqual(Entry._get_held_points({asked}), {asked: 10})

    def test_a_spend_that_happened_before_the_expiry_may_use_the_points(self):
        self.post(10, "old", expires_on=date(2030, 6, 2))
        with freeze_time("2030-06-02 08:00:00"):
            self.post(-10, "till", happened=True, date=datetime(2030, 6, 1, 18))
        self.assertEqual(self.member.points, 0)
        self.assertFalse(
            self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        )

    # -- laundering -------------------------------------------------------------

    def test_points_given_back_to_an_expired_lot_expire_again(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        spend = self.post(-10, "s")
        with freeze_time("2030-07-01 08:00:00"):
            spend._reverse()
        self.assertEqual(self.member.points, 0)
        entry = self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        self.assertEqual(entry.points, -10)
        self.assertInvariantsHold()

    def test_a_transfer_keeps_the_expiry(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        self.member._transfer(self.member_2, 10, "t")
        self.expire(date(2030, 6, 2))
        self.assertEqual(self.member_2.points, 0)
        self.assertInvariantsHold()

    def test_a_lot_that_was_given_back_expires_under_a_new_key(self):
        self.post(10, "a", expires_on=date(2030, 6, 2))
        spend = self.post(-10, "s")
        spend._reverse()
        self.assertEqual(self.expire(date(2030, 6, 2)), 0)
        self.assertInvariantsHold()
