"""A club in which members bring friends, for the tests of that room."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase

NOON = datetime(2026, 5, 4, 12)


class ReferralCase(ClubCase):
    """Anna has a link. :meth:`join` lets a friend join through it, :meth:`buy` lets a friend buy.

    It is noon of a day in May, unless a class that needs the real clock (of browsers) says otherwise.
    """

    frozen = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.frozen:
            cls.startClassPatcher(freeze_time(NOON))
        cls.club.write({"referral_return_days": 0, "referral_joins_day": 0, "referral_joins_week": 0})
        cls.join_rule = cls.earn_rule("referral_join", 50)
        cls.member._make_referral_links()
        cls.member_2._make_referral_links()
        cls.Referral = cls.env["club.referral"]

    @classmethod
    def make_partner(cls, name="Rosa Weber", **values):
        login = name.split()[0].lower()
        return cls.env["res.partner"].create({"name": name, "email": f"{login}@example.org", **values})

    def touch(self, member=None, ago=timedelta(hours=1)):
        """What a browser keeps that came through a member's link (default: Anna's) a while ago."""
        with freeze_time(fields.Datetime.now() - ago):
            return (member or self.member)._prepare_referral_touch()

    def join(self, partner=None, member=None, ago=timedelta(hours=1), touches=None, club=None, **carried):
        """A friend joins after a visit through a member's link, and the referral that came of it."""
        partner = partner or self.make_partner()
        touches = [self.touch(member, ago)] if touches is None else touches
        friend = (club or self.club)._join(
            partner, consent_terms=True, source="portal", referral={"touches": touches, **carried}
        )
        return self.Referral.search([("friend_id", "=", friend.id)], order="id desc", limit=1)

    def order(self, partner, price=100.0, quantity=1):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": quantity, "price_unit": price}
                    )
                ],
            }
        )
        order.action_confirm()
        self.flush()
        return order

    def pay(self, order):
        """Invoice the order and pay the invoice whole."""
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.flush()
        return invoice

    def refund(self, invoice, quantity=None):
        """A credit note, whole or for some units, paid out."""
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        refund = self.env["account.move"].browse(
            wizard.create({"journal_id": invoice.journal_id.id}).refund_moves()["res_id"]
        )
        if quantity is not None:
            refund.invoice_line_ids.quantity = quantity
        refund.action_post()
        (refund | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        self.flush()
        return refund

    def buy(self, partner, price=100.0, quantity=1):
        order = self.order(partner, price, quantity)
        return order, self.pay(order)

    def flush(self):
        """What the end of a transaction does: sales are settled."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def run_jobs(self):
        """The scheduled jobs of the room, and the one that lets recorded facts earn."""
        self.flush()
        with self.jobs_in_test():
            self.env["club.referral.purchase"]._cron_check()
            self.env["club.referral.visit"]._cron_purge()
            self.env["club.event"]._cron_process()
        self.env.invalidate_all()
