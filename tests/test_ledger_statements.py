"""A batch costs a constant number of SQL statements."""

from datetime import date

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged

NIGHT = date(2030, 1, 1)


@tagged("post_install", "-at_install")
class TestLedgerStatements(ClubCase):
    """never.md 16: nothing gets slow with many members, movements or lots."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create([{"name": f"Many {number}"} for number in range(500)])
        cls.many = cls.club._enrol(partners)
        cls.env.flush_all()

    def _count(self, work):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        result = work()
        return self.env.cr.sql_log_count - before, result

    def _post(self, members, kind, points, key, **values):
        return lambda: self.env["club.point.entry"]._post(
            [
                {"member_id": member.id, "kind": kind, "points": points, "key": f"{key}:{member.id}", **values}
                for member in members
            ]
        )

    def _assertSame(self, one, many, what):
        self.assertEqual(one[0], many[0], f"{what}: {one[0]} statements for 1, {many[0]} for {len(many[1])}")
        self.assertEqual(len(many[1]), 499)

    def test_one_and_five_hundred_cost_the_same(self):
        first, rest = self.many[:1], self.many[1:]
        self._count(self._post(self.member, "earn", 1, "warm"))  # fill caches
        earned = self._count(self._post(first, "earn", 10, "e")), self._count(self._post(rest, "earn", 10, "e"))
        self._assertSame(*earned, "earning")
        self.assertLessEqual(earned[0][0], 4)
        spent = self._count(self._post(first, "spend", -5, "s")), self._count(self._post(rest, "spend", -5, "s"))
        self._assertSame(*spent, "spending")
        reversed_ = self._count(spent[0][1]._reverse), self._count(spent[1][1]._reverse)
        self._assertSame(*reversed_, "reversing")
        pending = [self._post(members, "earn", 10, "p", pending=True)() for members in (first, rest)]
        opened = self._count(pending[0]._open), self._count(pending[1]._open)
        self._assertSame(*opened, "opening")
        replayed = self._count(self._post(first, "earn", 10, "e")), self._count(self._post(rest, "earn", 10, "e"))
        self._assertSame(*replayed, "replaying")
        self.assertInvariantsHold()

    def test_a_night_costs_the_same_for_few_and_for_many(self):
        counts = []
        for number, members in enumerate((self.many[:2], self.many[2:])):
            self._post(members, "earn", 10, f"n{number}", expires_on=NIGHT)()
            with self.jobs_in_test():
                counts.append(self._count(lambda: self.env["club.ledger.job"]._cron_expire(NIGHT)))
        self.assertEqual(counts[0][0], counts[1][0])
        self.assertEqual([done for _count, done in counts], [2, 498])
