"""The bakery with accounts, a commission of 10 % with 15 % tax, and helpers to redeem and settle."""

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.tests import new_test_user


class SettlementCase(MerchantCase):
    """October 2026 is settled in November; every account is one of its own, so that a wrong one is seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Account = cls.env["account.account"]
        wanted = {
            "clearing": ("liability_current", True),
            "cost": ("expense", False),
            "commission": ("income", False),
            "points": ("liability_current", False),
            "service": ("income", False),
        }
        cls.accounts = {
            name: Account.create(
                {"name": f"Club {name}", "code": f"9990{number}", "account_type": kind, "reconcile": reconcile}
            )
            for number, (name, (kind, reconcile)) in enumerate(wanted.items())
        }
        company = cls.club.company_id
        cls.tax, cls.cost_tax = cls.env["account.tax"].create(
            [
                {"name": f"Club {use} 15", "amount": 15, "type_tax_use": use, "company_id": company.id}
                for use in ("sale", "purchase")
            ]
        )
        journals = {
            kind: cls.env["account.journal"].create({"name": f"Club {kind}", "code": f"C{kind[:3]}", "type": kind})
            for kind in ("purchase", "sale")
        }
        cls.club.write(
            {
                "settle_bill_journal_id": journals["purchase"].id,
                "settle_invoice_journal_id": journals["sale"].id,
                "settle_clearing_account_id": cls.accounts["clearing"].id,
                "settle_cost_account_id": cls.accounts["cost"].id,
                "settle_commission_account_id": cls.accounts["commission"].id,
                "settle_points_account_id": cls.accounts["points"].id,
                "settle_service_account_id": cls.accounts["service"].id,
                "settle_tax_ids": [Command.set(cls.tax.ids)],
                "settle_point_value": 0.01,
            }
        )
        cls.merchant.settle_commission = 10
        cls.accountant = new_test_user(
            cls.env,
            "club_books",
            password="club_books",
            groups="customer_club.group_club_accountant,account.group_account_invoice",
        )
        cls.manager = new_test_user(
            cls.env, "club_chief", password="club_chief", groups="customer_club.group_club_manager"
        )
        cls.post(5000, "more")

    def redeem(self, when="2026-10-10 12:00:00", offer=None, member=None):
        """A voucher that was taken and redeemed at an instant."""
        with freeze_time(when):
            voucher = self.buy(offer=offer, member=member)
            self.assertTrue(voucher._redeem(self.desk, f"redeem:{voucher.id}", f"receipt-{voucher.id}"))
        return voucher

    def reverse(self, voucher, when="2026-11-10 12:00:00"):
        with freeze_time(when):
            voucher._reverse(self.manager, "no goods")

    def settle(self, date_to="2026-10-31", date_from=None, now="2026-11-05 12:00:00", merchant=None, **values):
        """A draft of a period, as the accountant makes it."""
        with freeze_time(now):
            first = {"date_from": date_from} if date_from else {}
            Settlement = self.env["club.settlement"]
            if not date_from and not Settlement.search([("merchant_id", "=", (merchant or self.merchant).id)]):
                first = {"date_from": "2026-10-01"}
            return Settlement.create(
                {"merchant_id": (merchant or self.merchant).id, "date_to": date_to, **first, **values}
            )

    def confirm(self, settlement, now="2026-11-05 12:00:00"):
        with freeze_time(now):
            self.assertTrue(settlement.with_user(self.accountant)._confirm())
        return settlement

    def bill(self, settlement, now="2026-11-05 12:00:00"):
        with freeze_time(now):
            settlement.with_user(self.accountant)._bill()
        return settlement

    def settled(self, *args, **values):
        return self.confirm(self.settle(*args, **values), now=values.get("now", "2026-11-05 12:00:00"))

    def entries(self, settlement, move_type):
        """The lines of a document as a sorted list of (account's name, debit, credit)."""
        moves = settlement.move_ids.filtered(lambda move: move.move_type == move_type)
        return sorted(
            (line.account_id.name, line.debit, line.credit)
            for line in moves.line_ids
            if line.display_type not in ("line_section", "line_note")
        )

    def previewed(self, settlement):
        """The preview's rows as (account's display name, debit, credit), per document."""
        return [
            (
                document["title"],
                sorted((row["account"], row["debit"], row["credit"]) for row in document["rows"]),
            )
            for document in settlement._get_preview()
        ]

    def give(self, amount, reference, when="2026-10-12 12:00:00", member=None):
        """A purchase at the bakery that earned; the rule gives a point per unit of money."""
        with freeze_time(when):
            purchase = self.env["club.merchant.purchase"].create(
                {
                    "merchant_id": self.merchant.id,
                    "member_id": (member or self.member_2).id,
                    "reference": reference,
                    "amount": amount,
                }
            )
            purchase._submit()
            self.env.cr.flush()
        return purchase
