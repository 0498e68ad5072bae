"""Opening balances come in once."""

import psycopg2
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestLedgerOpening(ClubCase):
    """never.md 18: opening balances can be imported, and not twice."""

    def _open(self, points=50, reference="old-card-7", member=None):
        adjustment = self.env["club.point.adjustment"].create(
            {
                "member_id": (member or self.member).id,
                "points": points,
                "type": "opening",
                "reference": reference,
                "reason": "From the old till",
            }
        )
        adjustment.action_submit()
        return adjustment

    def test_never_18_an_opening_balance_comes_in(self):
        adjustment = self._open()
        self.assertEqual((adjustment.state, adjustment.entry_id.kind, self.member.points), ("posted", "opening", 50))
        self.assertInvariantsHold()

    def test_never_18_the_same_reference_does_not_come_in_twice(self):
        self._open()
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            self._open()
            self.env.flush_all()
        self.assertEqual(self.member.points, 50)

    def test_another_reference_or_member_comes_in_by_itself(self):
        self._open()
        self._open(reference="old-card-8", points=10)
        self._open(member=self.member_2)
        self.assertEqual((self.member.points, self.member_2.points), (60, 50))

    def test_a_reference_is_asked_for(self):
        for values in ({"reference": False}, {"points": -5}):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, "reference"):
                self._open(**values)

    def test_the_limit_counts_for_openings_too(self):
        self.club.adjust_limit = 40
        self.assertEqual(self._open().state, "to_approve")
        self.assertEqual(self.member.points, 0)
