"""Lots can be made again from entries and allocations."""

from datetime import date

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerRebuild(ClubCase):
    """Design rule 2: lots are derived."""

    def setUp(self):
        super().setUp()
        self.club.points_digits = 2
        self.post(100, "a", expires_on=date(2999, 1, 1))
        pending = self.post(50, "p", pending=True, available_on=date(2999, 1, 1))
        opened = pending._open(":1", points=30)
        spend = self.post(-60.55, "s")
        spend._reverse(points=10)
        opened._reverse(points=5)
        self.post(-200, "late", happened=True)
        self.post(70, "b", expires_on=False)
        pending._reverse(points=12)
        self.post(40, "c", member=self.member_2)
        self.member_2._transfer(self.member, 15, "t")
        self.member_2._merge_into(self.member, "m")
        self.assertInvariantsHold()

    def _table(self):
        self.env.cr.execute("SELECT * FROM club_point_lot ORDER BY id")
        return self.env.cr.fetchall()

    def test_a_right_table_stays_as_it_is(self):
        before = self._table()
        self.assertEqual(self.env["club.point.lot"]._rebuild(), 0)
        self.assertEqual(self._table(), before)

    def test_a_spoilt_table_becomes_exactly_what_it_was(self):
        before = self._table()
        self.env.cr.execute("UPDATE club_point_lot SET remaining = remaining + 1, state = 'open', expires_on = NULL")
        self.env.cr.execute("ALTER TABLE club_point_lot DISABLE TRIGGER ALL")
        self.env.cr.execute("DELETE FROM club_point_lot WHERE id IN (SELECT MIN(id) FROM club_point_lot)")
        self.assertNotEqual(self._table(), before)
        self.assertGreater(self.env["club.point.lot"]._rebuild(), 1)
        self.assertEqual(self._table(), before)
        self.assertInvariantsHold()

    def test_a_lot_without_an_entry_disappears(self):
        before = self._table()
        self.env.cr.execute(
            """
            INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state)
            SELECT e.id, e.id, e.member_id, e.card_id, e.club_id, 5, 5, 'open' FROM club_point_entry e WHERE e.key = 's'
            """
        )
        self.assertEqual(self.env["club.point.lot"]._rebuild(), 1)
        self.assertEqual(self._table(), before)
