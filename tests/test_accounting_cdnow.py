"""Eighteen monthly closes over a real purchase history: at each one everything ties out, in points and in money."""

import base64
import calendar
import random
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo.tests import tagged
from odoo.tools import SQL

from .test_accounting_worked_life import AccountingCase
from .test_imports_history import CDNOW, HistoryCase

MONTHS = [date(1997 + number // 12, number % 12 + 1, 1) for number in range(18)]


def end_of(month):
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


@tagged("post_install", "-at_install")
class TestEighteenClosesOfCdnow(AccountingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        books = cls.club.read(["liability_account_id", "deferral_account_id", "revenue_account_id", "close_journal_id"])
        cls.club = HistoryCase.new_club.__func__(cls, close_from="1997-01-01")
        cls.club.write({name: value[0] for name, value in books[0].items() if name != "id"})
        cls.env["club.earn.rule"].search([("club_id", "=", cls.club.id)]).expiry_months = 9
        jobs = type(cls.env["club.ledger.job"])
        with freeze_time("1998-07-10 10:00:00"), patch.object(jobs, "_expire_now", lambda job, clubs: None):
            record = cls.env["club.history.import"].create(
                {"club_id": cls.club.id, "file": base64.b64encode(CDNOW.read_bytes()), "filename": "purchases.csv"}
            )
            record.action_check()
            record.action_import()
            cls.estimate("1997-01-01", 0.05, 0.60)
            cls.estimate("1997-10-01", 0.05, 0.45, "Many of the first cohort never came back")

    def live(self):
        """Every month some members spend what they had by then, and what has reached its day expires."""
        chance = random.Random(52)
        for month in MONTHS:
            with freeze_time(f"{month} 00:30:00"), self.jobs_in_test():
                self.env["club.ledger.job"]._cron_expire()
            day = month + timedelta(days=19)
            with freeze_time(f"{day} 12:00:00"):
                lots = self.env["club.point.lot"].search(
                    [("club_id", "=", self.club.id), ("state", "=", "open"), ("entry_id.date", "<", f"{day} 12:00:00")]
                )
                by_member = lots.grouped("member_id")
                some = chance.sample(sorted(by_member, key=lambda member: member.id), k=min(60, len(by_member)))
                self.env["club.point.entry"]._post(
                    [
                        {
                            "member_id": member.id,
                            "kind": "spend",
                            "points": -max(int(sum(by_member[member].mapped("remaining")) * chance.random()), 1),
                            "key": f"cdnow,{month}:{member.id}",
                            "lots": by_member[member].ids,
                            "only": True,
                        }
                        for member in some
                    ]
                )

    def ledger_points(self, day):
        """What all members owned at the end of a day, from the entries alone."""
        [(points,)] = self.env.execute_query(
            SQL(
                "SELECT SUM(points) FROM club_point_entry WHERE club_id = %s AND date < %s",
                self.club.id,
                f"{day + timedelta(days=1)} 00:00:00",
            )
        )
        return float(points)

    def test_every_close_ties_out(self):
        self.live()
        self.assertInvariantsHold()
        allocated = released = 0
        with freeze_time("1998-07-10 10:00:00"):
            for month in MONTHS:
                close = self.close()
                self.assertEqual((close.date_from, close.date_to), (month, end_of(month)))
                self.assertRollsForward(close)
                self.assertAlmostEqual(close.closing_points, self.ledger_points(close.date_to), 2)
                rows = close.cohort_ids
                allocated += round(sum(rows.mapped("allocated")), 2)
                released -= round(sum(rows.mapped("released")) + sum(rows.mapped("reestimated")), 2)
                self.assertAlmostEqual(allocated - released, close.closing_value, 2)
                self.assertTrue(close.move_id.inalterable_hash)
        self.assertGreater(len(close.cohort_ids), 6, "several months of issue are still open")
        self.assertTrue(any(close.reestimated for close in self.club.close_ids.cohort_ids))
        total = sum(self.env["club.deferral"].search([("club_id", "=", self.club.id)]).mapped("allocated"))
        self.assertAlmostEqual(total, allocated, 1)
