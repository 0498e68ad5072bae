"""A club's budget counts what a period gave, net of what came back of it, whenever that was."""

from datetime import datetime

from freezegun import freeze_time
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTheBudgetOfAPeriod(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"budget_points": 10, "budget_period": "month"})
        cls.member.joined_at = datetime(2029, 1, 1)

    def report(self, key, at):
        with freeze_time(at):
            return self.env["club.event"]._report([{"member_id": self.member.id, "type": "custom", "key": key}])

    def test_what_comes_back_in_july_makes_julys_budget_no_larger(self):
        self.earn_rule("custom", 10)
        june = self.report("june", "2030-06-10 12:00")
        with freeze_time("2030-07-01 12:00"):
            june._revoke("Taken back")
        self.assertEqual(self.report("july", "2030-07-02 12:00").points, 10)
        self.assertEqual(self.report("july 2", "2030-07-03 12:00").points, 0)
        self.assertEqual(self.env["club.event"]._record(
            [{"member_id": self.member.id, "type": "custom", "key": "late", "occurred_at": datetime(2030, 6, 20)}]
        )._process().points, 10, "June has room again")

    def test_a_purchase_corrected_a_month_later_keeps_its_points(self):
        company = self.env["res.partner"].create({"name": "Corner Bakery", "is_company": True})
        merchant = self.env["club.merchant"].create(
            {"partner_id": company.id, "club_id": self.club.id, "code": "bakery", "hold_days": 0}
        )
        self.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=10)
        with freeze_time("2030-06-10 12:00"):
            purchase = self.env["club.merchant.purchase"].create(
                {
                    "merchant_id": merchant.id,
                    "member_id": self.member.id,
                    "reference": "r1",
                    "amount": 100,
                    "occurred_at": datetime(2030, 6, 10, 11),
                }
            )
            purchase._submit()
        self.assertEqual(purchase.points, 10)
        with freeze_time("2030-07-10 12:00"):
            purchase._correct(95, "A piece came back")
        self.assertEqual(purchase.points, 9)
        self.assertInvariantsHold()
