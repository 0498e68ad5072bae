"""A bakery that is a partner of the small club, with what it offers."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import new_test_user


class MerchantCase(ClubCase):
    """Anna has 500 points; the bakery offers a voucher for 100 points worth 8.00, and 0.05 per point at its counter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(cls.env, "baker", groups="base.group_portal", password="baker-baker", name="Bea Baker")
        cls.merchant = cls.env["club.merchant"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Corner Bakery", "is_company": True}).id,
                "club_id": cls.club.id,
                "code": "bakery",
                "user_ids": [(4, cls.desk.id)],
            }
        )
        cls.offer = cls.env["club.merchant.offer"].create(
            {
                "name": "Breakfast for two",
                "merchant_id": cls.merchant.id,
                "state": "open",
                "points": 100,
                "value": 8.0,
            }
        )
        cls.counter_offer = cls.env["club.merchant.offer"].create(
            {
                "name": "Points at the counter",
                "merchant_id": cls.merchant.id,
                "state": "open",
                "kind": "per_amount",
                "per_point": 0.05,
            }
        )
        cls.post(500, "start")
        cls.env["club.code.guard"].search([]).unlink()
        cls.keys = iter(range(1000))

    def buy(self, member=None, offer=None, key=None):
        return self.env["club.voucher"]._buy(member or self.member, offer or self.offer, key or f"k{next(self.keys)}")

    def portal_user(self, login, partner=None):
        """A portal user of a member (default: Anna)."""
        return new_test_user(
            self.env,
            login,
            groups="base.group_portal",
            password=f"{login}-{login}",
            partner_id=(partner or self.partner).id,
        )

    @contextmanager
    def guard_in_test(self):
        """Count tries in the test's own transaction: what is committed alone would outlive it."""

        @contextmanager
        def open_cursor(guard):
            guard.env.flush_all()
            yield guard.env.cr
            guard.env["club.code.guard"].invalidate_model()

        with patch.object(self.env.registry["club.code.guard"], "_open_cursor", open_cursor):
            yield
