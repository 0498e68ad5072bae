"""The points side of the worked life in the accountant's book, through real documents, month by month.

What Odoo cannot say otherwise: an order's date is the moment of its confirmation, so time is frozen; the credit note of
400.00 is the invoice's own reversal with a lower price; lots that live through April expire on the first of May.
"""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.tests import tagged

from .test_earning_orders import EarningCase


class BooksCase(EarningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([("id", "!=", cls.club.program_id.id)]).active = False
        group = cls.env["account.tax.group"].create({"name": "VAT"})
        cls.vat = cls.env["account.tax"].create(
            {"name": "VAT 20 %", "amount": 20, "tax_group_id": group.id, "price_include_override": "tax_excluded"}
        )
        cls.club.write({"earn_when": "paid", "earn_tax": "excluded", "hold_days": 0})
        cls.reward = cls.club.program_id.reward_ids
        cls.reward.write({"discount": 0.12, "required_points": 1})

    def buy(self, price, points=0, taxes=None, quantity=1, partner=None):
        """Confirm an order of ``price`` net, ``points`` of it paid with points."""
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": (self.vat if taxes is None else taxes).ids,
                        }
                    )
                ],
            }
        )
        if points:
            order._club_apply_points(self.member.card_id, self.reward, points)
        order.action_confirm()
        self.settle()
        return order

    def credit(self, move, price=None, quantity=None):
        """A credit note of ``move`` with another price or quantity on its goods."""
        refund = self.refund(move, post=False)
        line = refund.invoice_line_ids.filtered(lambda line: line.price_unit > 0)
        if price is not None:
            line.price_unit = price
        if quantity is not None:
            line.quantity = quantity
        refund.action_post()
        self.settle()
        return refund

    def expire(self, day):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire(day)
        self.settle()

    def taken(self, entries):
        """What these entries took from which earning, by the origin's name of the lot, in the order of taking."""
        allocations = self.env["club.point.allocation"].search([("entry_id", "in", entries.ids)], order="id")
        return [((a.lot_id.entry_id.root_id or a.lot_id.entry_id).origin_id, a.points) for a in allocations]


@tagged("post_install", "-at_install")
class TestAWorkedLife(BooksCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = "2025-12-01 12:00:00"
        cls.club.write({"expiry_policy": "fixed_day", "expiry_month": 5, "expiry_day": 1})

    def test_the_points_of_four_months_are_those_of_the_book(self):
        entry_model = self.env["club.point.entry"]
        with freeze_time("2026-01-10 10:00:00"):
            s1 = self.buy(1000.0)
            invoice_s1 = self.invoice(s1)
            self.assertPoints(1000, 0)
        with freeze_time("2026-01-31 10:00:00"):
            self.rule.expiry_months = 2
            s2 = self.buy(600.0)
            self.pay(self.invoice(s2))
            self.rule.expiry_months = 0
            self.assertPoints(1600, 600)
        self.assertEqual(
            {lot.entry_id.origin_id: lot.expires_on for lot in self.member.lot_ids if lot.remaining},
            {s1.id: date(2026, 5, 1), s2.id: date(2026, 3, 31)},
        )

        with freeze_time("2026-02-02 10:00:00"):
            self.pay(invoice_s1)
            self.assertPoints(1600)
        with freeze_time("2026-02-15 10:00:00"):
            r1 = self.buy(170.0, 400)
            move = self.invoice(r1)
            self.assertEqual((move.amount_untaxed, move.amount_total), (130, 156), "400 points paid 40.00 net")
            self.pay(move)
            self.assertPoints(1330)
            self.assertEqual(self.taken(entry_model.search([("kind", "=", "spend")])), [(s2.id, 400)])

        with freeze_time("2026-03-15 10:00:00"):
            r2 = self.buy(110.0, 100)
            self.assertEqual(r2.amount_untaxed, 100)
            self.pay(self.invoice(r2))
            self.assertPoints(1330)
        with freeze_time("2026-03-31 00:30:00"):
            self.expire(date(2026, 3, 31))
            self.assertPoints(1230)

        with freeze_time("2026-04-10 10:00:00"):
            r3 = self.buy(300.0, 1050)
            self.assertEqual(r3.amount_untaxed, 195)
            self.pay(self.invoice(r3))
            self.assertPoints(375)
            spend = entry_model.search([("kind", "=", "spend"), ("origin_id", "=", r3.id)])
            self.assertEqual(self.taken(spend), [(s1.id, 1000), (r1.id, 50)])
        with freeze_time("2026-04-15 10:00:00"):
            credit = self.credit(invoice_s1, 400.0)
            self.assertEqual((credit.amount_untaxed, credit.amount_total), (400, 480))
            self.assertPoints(-25)
            back = entry_model.search([("kind", "=", "reverse"), ("origin_id", "=", s1.id)])
            self.assertEqual((back.points, back.date), (-400, fields.Datetime.to_datetime("2026-04-15 10:00:00")))
            self.assertEqual(self.taken(back), [(r1.id, 80), (r2.id, 100), (r3.id, 195)])
            self.assertInvariantsHold()
        with freeze_time("2026-04-20 10:00:00"):
            s3 = self.buy(240.0)
            self.assertPoints(215, -25)
            self.pay(self.invoice(s3))
            self.assertPoints(215)
            self.assertEqual(self.taken(back)[-1], (s3.id, 25), "the new points settle the arrears")
        with freeze_time("2026-05-01 00:30:00"):
            self.expire(date(2026, 5, 1))
            self.assertPoints(0)
        self.assertFalse(self.env["club.point.lot"].search([("member_id", "=", self.member.id), ("remaining", ">", 0)]))
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestCreditNotesThatNameNoLine(BooksCase):
    def test_never_1_a_credit_note_with_a_line_of_its_own_takes_its_share_back(self):
        order = self.buy(1000.0)
        move = self.invoice(order)
        self.pay(move)
        refund = self.refund(move, post=False)
        refund.invoice_line_ids = [
            Command.clear(),
            Command.create({"name": "Compensation", "quantity": 1, "price_unit": 400.0, "tax_ids": self.vat.ids}),
        ]
        refund.action_post()
        self.assertPoints(600)
        refund.button_draft()
        self.assertPoints(1000)
        self.assertInvariantsHold()

    def bare_credit(self, amount):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create({"name": "Sorry", "price_unit": amount, "tax_ids": False})],
            }
        )
        refund.action_post()
        return refund

    def reconcile(self, *moves):
        lines = self.env["account.move.line"].union(*(move.line_ids for move in moves))
        lines.filtered(lambda line: line.account_id.account_type == "asset_receivable").reconcile()
        self.settle()

    def test_never_1_a_credit_note_made_by_hand_counts_against_the_invoice_that_it_settles(self):
        order = self.buy(100.0, taxes=self.env["account.tax"])
        move = self.invoice(order)
        self.reconcile(move, self.bare_credit(100.0))
        self.assertPoints(0)
        move.line_ids.remove_move_reconcile()
        self.assertPoints(100, 0)
        self.pay(move)
        self.assertPoints(100)
        self.assertInvariantsHold()

    def test_never_1_the_same_for_an_invoice_without_an_order(self):
        move = self.bare_invoice(100.0)
        self.reconcile(move, self.bare_credit(40.0))
        self.assertPoints(60, 0)
        self.pay(move)
        self.assertPoints(60)
        self.assertInvariantsHold()

    def bare_invoice(self, amount):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create({"product_id": self.product.id, "price_unit": amount, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        self.settle()
        return move

    def test_never_7_what_is_paid_after_a_partial_credit_opens_its_own_share(self):
        for move in (self.bare_invoice(100.0), self.invoice(self.buy(100.0, taxes=self.env["account.tax"]))):
            owned, spendable = self.owned(), self.spendable()
            self.credit(move, 50.0)
            self.assertPoints(owned - 50, spendable)
            self.pay(move, 25.0)
            self.assertPoints(owned - 50, spendable + 25)
            self.pay(move)
            self.assertPoints(owned - 50, spendable + 50)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPartsAndTheirRounding(BooksCase):
    def test_invoices_that_are_rounded_one_by_one_open_every_point(self):
        """never.md 10: three invoices of 1.22 with tax for an order of 3.67."""
        self.product.invoice_policy = "delivery"
        self.product.type = "service"
        order = self.buy(1.02, quantity=3)
        self.assertEqual(order.amount_total, 3.67)
        for delivered in (1, 2, 3):
            order.order_line.qty_delivered = delivered
            move = self.invoice(order)
            self.assertEqual(move.amount_total, 1.22)
            self.pay(move)
            self.assertPoints(3, delivered)
        for kept in (2, 1, 0):
            self.credit(move if kept == 2 else order.invoice_ids.sorted("id")[kept])
            self.assertPoints(kept)
        self.assertInvariantsHold()

    def test_a_payment_without_a_journal_entry_opens_what_it_paid_on_the_day_it_was_made(self):
        self.club.hold_days = 5
        self.env["account.payment.method.line"].search([]).payment_account_id = False
        order = self.buy(100.0, taxes=self.env["account.tax"])
        move = self.invoice(order, post=False)
        move.invoice_date = fields.Date.subtract(fields.Date.today(), days=20)
        move.action_post()
        # As where an accounting application is installed: without one, Odoo finds an account after all.
        moves = self.env.registry["account.move"]
        self.startPatcher(patch.object(moves, "_get_invoice_in_payment_state", lambda move: "in_payment"))
        payment = self.pay(move, 30.0)
        self.assertFalse(payment.move_id)
        self.assertPoints(100, 0)
        release = self.env["club.earn.release"].search([("member_id", "=", self.member.id)])
        self.assertEqual((release.points, release.due_on), (30, fields.Date.add(fields.Date.today(), days=5)))


@tagged("post_install", "-at_install")
class TestExpiryAndReturns(BooksCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = "2025-01-01 12:00:00"
        cls.club.write({"expiry_policy": "months", "expiry_months": 12})

    def sold_in_january(self, price=100.0):
        with freeze_time("2025-01-10 10:00:00"):
            order = self.buy(price, taxes=self.env["account.tax"])
            move = self.invoice(order)
            self.pay(move)
        return order, move

    def redo_payment(self, move):
        move.line_ids.remove_move_reconcile()
        self.settle()
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
            ]
        )
        lines.reconcile()
        self.settle()

    def test_a_payment_undone_and_made_again_after_the_expiry_costs_nothing(self):
        _order, move = self.sold_in_january()
        with freeze_time("2025-03-01 10:00:00"):
            self.post(-40, "spent")
        with freeze_time("2026-02-01 10:00:00"):
            self.expire(date(2026, 2, 1))
            self.post(70, "other")
            self.assertPoints(70)
            self.redo_payment(move)
            self.assertPoints(70)
            self.assertInvariantsHold()

    def test_half_a_return_after_the_expiry_takes_only_what_the_other_half_did_not_give(self):
        _order, move = self.sold_in_january()
        with freeze_time("2025-03-01 10:00:00"):
            self.post(-40, "spent")
        with freeze_time("2026-02-01 10:00:00"):
            self.expire(date(2026, 2, 1))
            self.post(70, "other")
            self.credit(move, 50.0)
            self.assertPoints(70)  # 40 used of the 50 that the goods kept are worth
            self.credit(move, 30.0)
            self.assertPoints(50)  # 40 used of 20
            self.credit(move, 20.0)
            self.assertPoints(30)
            self.assertInvariantsHold()

    def test_the_last_day_is_the_club_s_and_an_invoice_s_day_is_its_own(self):
        for tz in ("Pacific/Auckland", "Pacific/Honolulu"):
            self.club.tz = tz
            with freeze_time("2025-01-10 10:00:00"):
                move = self.env["account.move"].create(
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.partner.id,
                        "invoice_date": date(2025, 1, 10),
                        "invoice_line_ids": [
                            Command.create({"product_id": self.product.id, "price_unit": 10.0, "tax_ids": False})
                        ],
                    }
                )
                move.action_post()
                self.settle()
            entry = self.env["club.point.entry"].search([("origin_id", "=", move.id), ("kind", "=", "earn")])
            self.assertEqual(entry.expires_on, date(2026, 1, 10), tz)


@tagged("post_install", "-at_install")
class TestMovedPoints(BooksCase):
    def test_points_given_away_before_the_return_become_the_giver_s_arrears(self):
        move = self.invoice(self.buy(100.0, taxes=self.env["account.tax"]))
        self.pay(move)
        self.member._transfer(self.member_2, 100, "gift")
        self.credit(move, 40.0)
        self.assertPoints(-40)
        self.assertPoints(100, member=self.member_2)
        self.refund(move)
        self.assertPoints(-100)
        self.assertInvariantsHold()

    def test_never_13_a_return_after_a_merge_takes_from_the_member_that_is_left(self):
        move = self.invoice(self.buy(100.0, taxes=self.env["account.tax"]))
        self.pay(move, 50.0)
        self.member._merge_into(self.member_2, "m")
        self.assertPoints(100, 50, member=self.member_2)
        self.pay(move)
        self.assertPoints(100, member=self.member_2)
        self.credit(move, 40.0)
        self.assertPoints(60, member=self.member_2)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestOtherCurrencies(BooksCase):
    def test_the_rate_of_the_order_counts_however_it_changes_until_the_invoice(self):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "SEK")])
        currency.active = True
        pricelist = self.env["product.pricelist"].create({"name": "SEK", "currency_id": currency.id})
        for day, rate in (("2025-02-01", 4.0), ("2025-03-01", 8.0)):
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": day, "rate": rate, "company_id": self.env.company.id}
            )
        self.member.joined_at = "2025-01-01 12:00:00"
        with freeze_time("2025-02-10 10:00:00"):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner.id,
                    "pricelist_id": pricelist.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": 100.0, "tax_ids": False})
                    ],
                }
            )
            order.action_confirm()
            self.assertPoints(25, 0)
        with freeze_time("2025-03-10 10:00:00"):
            move = self.invoice(order)
            self.pay(move, 50.0)
            self.assertPoints(25, 12)
            self.pay(move)
            self.assertPoints(25)
            self.credit(move, 40.0)
            self.assertPoints(15)
            self.refund(move)
            self.assertPoints(0)
        self.assertInvariantsHold()
