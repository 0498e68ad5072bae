"""Which lots pay."""

from datetime import date

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerSpendingOrder(ClubCase):
    def _taken(self, entry):
        allocations = self.env["club.point.allocation"].search([("entry_id", "=", entry.id)])
        return [(allocation.lot_id.entry_id.key, allocation.points) for allocation in allocations]

    def test_the_earliest_expiry_pays_first_and_the_never_expiring_last(self):
        self.post(10, "never", expires_on=False)
        self.post(10, "late", expires_on=date(2999, 5, 1))
        self.post(10, "early", expires_on=date(2999, 4, 1))
        spend = self.post(-25, "s")
        self.assertEqual(self._taken(spend), [("early", 10), ("late", 10), ("never", 5)])

    def test_of_lots_that_expire_together_the_oldest_pays_first(self):
        self.post(10, "first", expires_on=date(2999, 4, 1))
        self.post(10, "second", expires_on=date(2999, 4, 1))
        self.assertEqual(self._taken(self.post(-10, "s")), [("first", 10)])

    def test_pending_points_never_pay_for_a_spend(self):
        self.post(10, "pending", pending=True, expires_on=date(2999, 1, 1))
        self.post(10, "open", expires_on=False)
        self.assertEqual(self._taken(self.post(-10, "s")), [("open", 10)])

    def test_lots_of_one_batch_pay_for_a_later_movement_of_it(self):
        entries = self.env["club.point.entry"]._post(
            [
                {"member_id": self.member.id, "kind": "earn", "points": 10, "key": "a", "expires_on": date(2999, 4, 1)},
                {"member_id": self.member.id, "kind": "earn", "points": 10, "key": "b", "expires_on": date(2999, 3, 1)},
                {"member_id": self.member.id, "kind": "spend", "points": -15, "key": "s"},
            ]
        )
        self.assertEqual(self._taken(entries[2]), [("b", 10), ("a", 5)])
        self.assertInvariantsHold()
