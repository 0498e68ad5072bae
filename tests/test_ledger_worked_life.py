"""The points of the worked life in the books, month by month."""

from datetime import date, datetime

from freezegun import freeze_time
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerWorkedLife(ClubCase):
    """``books.md``: January to April, with a return that finds its points spent."""

    def _night(self, day):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire(day)
        self.env.invalidate_all()

    def _left(self):
        self.env.invalidate_all()
        return {
            lot.entry_id.key: lot.remaining
            for lot in self.env["club.point.lot"].search([("member_id", "=", self.member.id), ("remaining", ">", 0)])
        }

    def _owned(self):
        return self.member.points + self.member.points_pending

    def test_a_worked_life(self):
        with freeze_time("2026-01-20 10:00:00"):
            s1 = self.post(1000, "S1", pending=True, expires_on=False)
            self.post(600, "S2", expires_on=date(2026, 3, 31))
        self.assertEqual((self._owned(), self.member.points), (1600, 600))

        with freeze_time("2026-02-02 10:00:00"):
            s1._open()
        with freeze_time("2026-02-10 10:00:00"):
            self.post(-400, "R1 spend")
            self.post(130, "R1", expires_on=False)
        self.assertEqual(self._owned(), 1330)

        with freeze_time("2026-03-10 10:00:00"):
            self.post(-100, "R2 spend")
            self.post(100, "R2", expires_on=False)
        self._night(date(2026, 3, 31))
        self.assertEqual(self._owned(), 1230)

        with freeze_time("2026-04-10 10:00:00"):
            r3 = self.post(-1050, "R3 spend")
            self.post(195, "R3", expires_on=False)
            self.assertEqual(self._left(), {"R1": 80, "R2": 100, "R3": 195})
            note = s1._reverse(key="credit note", points=400)
        self.assertEqual(self.member.points, -25)
        taken = {
            allocation.lot_id.entry_id.key: allocation.points
            for allocation in self.env["club.point.allocation"].search([("entry_id", "=", note.id)])
        }
        self.assertEqual(
            taken, {"R1": 80, "R2": 100, "R3": 195}, "own lot 0, February 80, March 100, R3 195, arrears 25"
        )
        self.assertInvariantsHold()

        with freeze_time("2026-04-20 10:00:00"):
            self.post(240, "S3", expires_on=date(2026, 4, 30))
        self.assertEqual(self._left(), {"S3": 215})
        self.assertEqual(
            self.env["club.point.allocation"].search([("entry_id", "=", note.id)], order="id desc", limit=1).points,
            25,
        )
        self._night(date(2026, 4, 30))
        self.assertEqual(self._owned(), 0)
        expired = self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "expire")])
        self.assertEqual(expired.mapped("points"), [-215, -100])
        self.assertEqual(expired.mapped("date"), [datetime(2026, 4, 30), datetime(2026, 3, 31)])
        self.assertTrue(r3)
        self.assertInvariantsHold()
