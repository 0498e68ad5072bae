"""A club with a wallet, and orders that are paid with it."""

from decimal import Decimal

from .common import ClubCase


class WalletCase(ClubCase):
    """The small club with a wallet: 100 points are 1.00, top-ups allowed, no limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"has_wallet": True, "wallet_topup": True})
        cls.wallet = cls.club.wallet_club_id
        cls.reward = cls.wallet.program_id.reward_ids
        cls.topup = cls.club.wallet_topup_product_id

    @classmethod
    def put(cls, money, key, member=None):
        """Put money into a member's wallet by an entry."""
        account = (member or cls.member)._get_wallet(create=True)
        return cls.post(Decimal(str(money)), key, member=account)

    def money(self, member=None):
        """What is in a member's wallet, as a Decimal."""
        self.env.flush_all()
        account = (member or self.member)._get_wallet()
        return Decimal(str(round(account.card_id.points, 2))) if account else Decimal(0)

    def order(self, price=10.0, quantity=1, partner=None, product=None, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": (product or self.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        },
                    )
                ],
                **values,
            }
        )

    def pay_with_wallet(self, order, member=None, money=None):
        """Claim the wallet's reward on an order, all of it or so much."""
        card = (member or self.member)._get_wallet().card_id
        order._update_programs_and_rewards()
        if money is None:
            status = order._apply_program_reward(self.reward, card)
            self.assertNotIn("error", status or {})
        else:
            order._club_apply_points(card, self.reward, Decimal(str(money)))
        return order

    def invoice(self, order, pay=True):
        """Invoice an order, and pay the invoice."""
        invoice = order._create_invoices()
        invoice.action_post()
        if pay:
            self.pay(invoice)
        self.env.flush_all()
        self.settle()
        return invoice

    def pay(self, invoice):
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        self.settle()

    def settle(self):
        """What the end of a transaction does."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def credit(self, invoice, quantity=None):
        """Credit an invoice in whole, or so many units of its first line."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.reverse_moves()
        refund = wizard.new_move_ids
        if quantity is not None:
            refund.invoice_line_ids[:1].quantity = quantity
        refund.action_post()
        self.settle()
        return refund
