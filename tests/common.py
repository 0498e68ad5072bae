"""One small club for every test."""

from odoo.tests import TransactionCase


class ClubCase(TransactionCase):
    """A club of the main company, two members, a product; helpers to post points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.club = cls.env["club.club"].create({
            "name": "Rose Club", "tz": "UTC", "earn_when": "confirmed", "hold_days": 0, "expiry_policy": "never",
        })
        cls.partner = cls.env["res.partner"].create({"name": "Anna", "email": "anna@example.com"})
        cls.partner_2 = cls.env["res.partner"].create({"name": "Ben", "email": "ben@example.com"})
        cls.member = cls.club._enrol(cls.partner)
        cls.member_2 = cls.club._enrol(cls.partner_2)
        cls.product = cls.env["product.product"].create({
            "name": "Roses", "list_price": 10.0, "taxes_id": False, "invoice_policy": "order",
        })
