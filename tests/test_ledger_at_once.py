"""What one sale earns is posted in one statement, with the same result as any other batch."""

from decimal import Decimal
from itertools import count
from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_batch import LedgerBatch
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged

#: What two entries of the same kind must have in common.
SAME = ("card_id", "club_id", "company_id", "kind", "points", "available", "available_on", "expires_on", "user_id")


@tagged("post_install", "-at_install")
class TestLedgerAtOnce(ClubCase):
    """The caller has read the member's card and says so; the ledger then needs one statement."""

    def setUp(self):
        super().setUp()
        self.numbers = count()
        self.known = {"club_id": self.club.id, "card_id": self.member.card_id.id}
        self.env["club.club"]._get_ledger_policies()
        self.env.flush_all()

    def _count(self, *args, **values):
        before = self.env.cr.sql_log_count
        entry = self.post(*args, **values)
        return self.env.cr.sql_log_count - before, entry

    def assertSamePosting(self, **values):
        """Fail unless the same points come to the same entry, lot and balance, whether the card is known or not."""
        self.env["club.club"]._get_ledger_policies()
        before = self.member.card_id.points
        usual = self.post(10, f"usual:{next(self.numbers)}", **values)
        change = self.member.card_id.points - before
        statements, lean = self._count(10, f"lean:{next(self.numbers)}", **values, **self.known)
        self.assertEqual(statements, 1, "one statement")
        self.assertEqual(self.member.card_id.points - before, 2 * change, "the balance that the cache knows")
        self.member.card_id.invalidate_recordset(["points"])
        self.assertEqual(self.member.card_id.points - before, 2 * change, "the balance that the database knows")
        self.assertEqual(lean.read(SAME)[0] | {"id": 0}, usual.read(SAME)[0] | {"id": 0})
        lots = [
            entry.lot_ids.read(["points", "remaining", "state", "available_on", "expires_on"])[0] | {"id": 0}
            for entry in (usual, lean)
        ]
        self.assertEqual(*lots)
        self.assertInvariantsHold()

    def test_the_result_is_that_of_the_usual_way(self):
        self.assertSamePosting()
        self.assertSamePosting(pending=True)
        self.assertSamePosting(pending=True, available_on="2031-01-01")
        self.assertSamePosting(expires_on="2032-01-01")

    def test_points_expire_as_the_club_says_today(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 3, "tz": "Asia/Tehran", "calendar": "jalali"})
        self.env.flush_all()
        self.assertSamePosting()
        self.club.expiry_months = 5
        self.env.flush_all()
        self.assertSamePosting()
        entry = self.post(10, "never", expires_on=False, **self.known)
        self.assertFalse(entry.expires_on, "what never expires by itself never does")

    def test_decimals_are_those_of_the_club_today(self):
        with self.assertRaises(UserError):
            self.post(Decimal("10.5"), "half", **self.known)
        self.club.points_digits = 1
        self.assertEqual(self.post(Decimal("10.5"), "half", **self.known).points, 10.5)
        self.assertInvariantsHold()

    def test_arrears_are_settled_first(self):
        self.post(-30, "owed", happened=True)
        entry = self.post(50, "more", expires_on=False, **self.known)
        self.assertEqual(entry.lot_ids.remaining, 20)
        self.assertFalse(entry.expires_on)
        self.assertEqual(self.member.points, 20)
        self.assertInvariantsHold()

    def test_a_known_key_gives_the_first_entry(self):
        first = self.post(10, "once", **self.known)
        self.assertEqual(self.post(10, "once", **self.known), first)
        self.assertEqual(self.member.points, 10)
        with self.assertRaises(UserError):
            self.post(11, "once", **self.known)
        several = [
            {"member_id": self.member.id, "kind": "earn", "points": points, "key": key, **self.known}
            for key, points in (("once", 10), ("third", 3), ("fourth", 4))
        ]
        entries = self.env["club.point.entry"]._post(several)
        self.assertEqual([entry.points for entry in entries], [10, 3, 4])
        self.assertEqual(entries[0], first)
        self.assertEqual(self.member.points, 17)
        twice = {"member_id": self.member.id, "kind": "earn", "points": 10, "key": "twice", **self.known}
        entries = self.env["club.point.entry"]._post([dict(twice), dict(twice)])
        self.assertEqual(len(set(entries.ids)), 1)
        self.assertEqual(self.member.points, 27)
        self.assertInvariantsHold()

    def test_another_club_is_not_taken_at_its_word(self):
        """A club that nobody knows, and spending, take the usual way."""
        self.assertEqual(self.post(10, "odd", club_id=0, card_id=self.member.card_id.id).club_id, self.club)
        self.post(-4, "spent", **self.known)
        self.assertEqual(self.member.points, 6)
        self.assertInvariantsHold()

    def test_a_milestone_is_told_of(self):
        template = self.env["mail.template"].create(
            {"name": "Reached", "model_id": self.env["ir.model"]._get_id("loyalty.card"), "partner_to": ""}
        )
        self.post(5, "before", **self.known)
        self.env["loyalty.mail"].create(
            {
                "program_id": self.club.program_id.id,
                "trigger": "points_reach",
                "points": 12,
                "mail_template_id": template.id,
            }
        )
        with patch.object(self.env.registry["loyalty.card"], "_send_points_reach_communication", autospec=True) as told:
            self.post(10, "reached", **self.known)
        self.assertEqual(told.call_args.args[1], {self.member.card_id: {"old": 5.0, "new": 15.0}})

    def test_a_sale_goes_this_way(self):
        self.earn_rule("purchase", points=3)
        self.earn_rule("purchase", points=4)
        order = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [(0, 0, {"product_id": self.product.id})]}
        )
        with patch.object(LedgerBatch, "_lock_and_post", side_effect=AssertionError("the long way")):
            order.action_confirm()
            self.env.cr.flush()
        self.assertEarned(7, "purchase")
        self.assertInvariantsHold()
