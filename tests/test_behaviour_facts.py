"""What is read besides purchases: taxes, goods, payments, contacts, visits, the shop, and whose they are."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.addons.customer_club.models.behaviour import behaviour_goods
from odoo.tests import new_test_user, tagged

from .behaviour_common import BehaviourCase


@tagged("post_install", "-at_install")
class TestDocumentsTellTaxGoodsAndPayment(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.tax = cls.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})

    def order(self, quantity=2, price=10, partner=None, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [(6, 0, self.tax.ids)],
                        },
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return order

    def test_sales_are_untaxed_in_a_club_that_counts_with_taxes(self):
        self.assertEqual(self.club.earn_tax, "included")
        order = self.order()
        fact = self.env["club.event"].search([("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)])
        self.assertEqual(fact.amount, 25, "the club counts with taxes")
        self.refresh()
        self.assertEqual(self.row().sales, 20)

    def test_margin_is_sales_less_cost_where_the_cost_is_known(self):
        self.product.standard_price = 4
        self.order()
        self.refresh()
        self.assertEqual((self.row().margin, self.row().costed_sales), (12, 20))
        self.assertEqual(self.row().favourite_product_id, self.product)
        self.assertEqual(self.row().favourite_categ_id, self.product.categ_id)

    def test_margin_leaves_out_what_has_no_known_cost(self):
        self.product.standard_price = 0
        self.order()
        self.refresh()
        self.assertEqual((self.row().margin, self.row().sales, self.row().costed_sales), (0, 20, 0))

    def test_a_cancelled_order_leaves_nothing(self):
        order = self.order()
        order._action_cancel()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.refresh()
        self.assertEqual((self.row().order_count, self.row().sales), (0, 0))
        self.assertFalse(self.row().favourite_product_id)

    def test_the_favourite_is_in_most_purchases_then_most_money_then_the_older(self):
        one, two = self.product, self.env["product.product"].create({"name": "Tulips"})
        line = [1, one.id, one.categ_id.id, "1", "10", "0", "0"]
        other = [2, two.id, two.categ_id.id, "1", "90", "0", "0"]
        self.buy(self.member, date(2026, 5, 1), 100, lines=[line, other])
        self.buy(self.member, date(2026, 5, 2), 10, lines=[line])
        self.buy(self.member_2, date(2026, 5, 2), 100, lines=[line, other])
        self.refresh()
        self.assertEqual(self.row().favourite_product_id, one)
        self.assertEqual(self.row(self.member_2).favourite_product_id, two)

    def test_goods_that_were_deleted_are_no_favourite(self):
        gone = self.env["product.product"].create({"name": "Gone"})
        self.buy(self.member, date(2026, 5, 1), 100, lines=[[1, gone.id, 999999, "1", "100", "0", "0"]])
        gone.unlink()
        self.refresh()
        self.assertFalse(self.row().favourite_product_id)
        self.assertFalse(self.row().favourite_categ_id)

    def test_days_to_pay_are_from_invoice_to_last_payment(self):
        order = self.order()
        move = order._create_invoices()
        move.invoice_date = date(2026, 5, 1)
        move.action_post()
        receivable = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        bank = self.env["account.account"].search(
            [("account_type", "=", "asset_cash"), ("company_ids", "in", self.env.company.ids)], limit=1
        )
        for day, share in ((date(2026, 5, 6), 0.5), (date(2026, 5, 13), 0.5)):
            amount = move.amount_total * share
            paid = self.env["account.move"].create(
                {
                    "date": day,
                    "line_ids": [
                        (0, 0, {"account_id": bank.id, "debit": amount}),
                        (
                            0,
                            0,
                            {
                                "account_id": receivable.account_id.id,
                                "credit": amount,
                                "partner_id": self.partner.id,
                            },
                        ),
                    ],
                }
            )
            paid.action_post()
            (receivable + paid.line_ids.filtered("credit")).reconcile()
            self.refresh()
            figures = (self.row().days_to_pay, self.row().paid_count)
            self.assertEqual(figures, (12, 1) if day.day == 13 else (0, 0), "the last payment counts")

    def test_a_cart_is_abandoned_when_the_website_says_so(self):
        website = self.env["website"].search([], limit=1)
        website.cart_abandoned_delay = 2
        self.club.company_id = website.company_id
        now = datetime(2026, 6, 1, 12)
        for hours in (1, 3, 30):
            cart = self.order(confirm=False, website_id=website.id, company_id=website.company_id.id)
            cart.date_order = now - timedelta(hours=hours)
        self.refresh()
        carts = self.env["sale.order"].search(
            [("partner_id", "=", self.partner.id), ("is_abandoned_cart", "=", True)]
        )
        self.assertEqual((self.row().cart_count, self.row().cart_amount), (len(carts), 20 * len(carts)))
        self.assertEqual(len(carts), 2)

    def test_the_cost_that_odoo_keeps_on_the_line_goes_before_the_products_of_today(self):
        """Module sale_margin keeps it; where that is not installed, its column is put there for this test."""
        order = self.order()
        self.product.standard_price = 7
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE sale_order_line ADD COLUMN IF NOT EXISTS purchase_price numeric")
        for kept, margin in ((3, 14), (0, 6), (None, 6)):
            self.env.cr.execute("UPDATE sale_order_line SET purchase_price = %s WHERE order_id = %s", [kept, order.id])
            with patch.object(behaviour_goods, "keeps_cost", return_value=True):
                self.refresh()
            self.assertEqual(self.row().margin, margin, f"20 less two for {kept or 7} each")

    def test_carts_of_another_companys_website_are_not_this_clubs(self):
        website = self.env["website"].search([], limit=1)
        cart = self.order(confirm=False, website_id=website.id, company_id=website.company_id.id)
        cart.date_order = datetime(2026, 5, 1)
        self.refresh()
        self.assertEqual(self.row().cart_count, 1)
        club = self.env["club.club"].create({"name": "Tulips", "company_id": self.elsewhere.id, "tz": "UTC"})
        theirs = club._enrol(self.partner)
        self.refresh(club=club)
        self.assertEqual(self.row(theirs).cart_count, 0)


@tagged("post_install", "-at_install")
class TestContactsAndVisits(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})

    def call(self, record, days=0):
        kind = self.env["mail.activity.type"].search([("category", "=", "phonecall")], limit=1)
        message = record.message_post(body="called", subtype_xmlid="mail.mt_note", mail_activity_type_id=kind.id)
        message.date = datetime(2026, 6, 1, 11) - timedelta(days=days)
        return message

    def test_calls_are_counted_on_contact_member_and_lead_once_each(self):
        lead = self.env["crm.lead"].create({"name": "A wedding", "partner_id": self.partner.id})
        for record, days in ((self.partner, 0), (self.member, 5), (lead, 100), (lead, 120), (lead, 500)):
            self.call(record, days)
        self.refresh()
        row = self.row()
        self.assertEqual((row.call_count, row.call_recent, row.call_before), (5, 2, 2))
        self.assertIn("Calls in the last 90 days: 2; in the 90 before: 2.", row._explain())

    def test_meetings_have_a_length_and_begin_in_the_past(self):
        for days, hours in ((3, 1.5), (-3, 4)):
            start = datetime(2026, 6, 1, 9) - timedelta(days=days)
            self.env["calendar.event"].create(
                {
                    "name": "Meeting",
                    "start": start,
                    "stop": start + timedelta(hours=hours),
                    "partner_ids": [(6, 0, [self.partner.id])],
                }
            )
        self.refresh()
        self.assertEqual((self.row().meeting_count, self.row().contact_minutes), (1, 90))

    def test_mails_are_those_sent_and_received(self):
        sent = self.partner.message_post(body="hello", partner_ids=self.partner.ids, message_type="comment")
        self.assertIn(self.partner, sent.notified_partner_ids)
        self.partner.message_post(body="thanks", author_id=self.partner.id, message_type="email")
        self.refresh()
        self.assertEqual(self.row().mail_count, 2)

    def test_falling_contacts_and_visits_bring_a_member_to_risk_earlier(self):
        self.club.write({"behaviour_risk_factor": 0, "behaviour_lapsed_factor": 0})
        for member in (self.member, self.member_2):
            self.buy(member, self.TODAY - timedelta(days=300))
            self.buy(member, self.TODAY - timedelta(days=60))
        for days in (100, 110, 120, 130):
            self.call(self.partner, days)
            self.env["club.event"]._record(
                [
                    {
                        "member_id": self.member.id,
                        "type": "visit",
                        "key": f"test,visit:{days}",
                        "occurred_at": datetime(2026, 6, 1, 10) - timedelta(days=days),
                        "processed_at": datetime(2026, 6, 1, 10),
                    }
                ]
            )
        self.refresh()
        self.assertEqual((self.row().visit_recent, self.row().visit_before), (0, 4))
        self.assertTrue(self.row().fading)
        self.assertEqual((self.row().stage, self.row(self.member_2).stage), ("at_risk", "active"))
        self.assertIn("falling", self.row()._explain())

    def test_unused_points_now_and_ninety_days_ago(self):
        self.post(100, "t:1", date=datetime(2026, 1, 1))
        self.post(-30, "t:2", date=datetime(2026, 5, 1))
        self.refresh()
        self.assertEqual((self.row().points, self.row().points_before), (70, 100))

    def test_products_viewed_in_the_shop_are_counted(self):
        visitor = self.env["website.visitor"].create({"access_token": self.partner.id, "partner_id": self.partner.id})
        self.env["website.track"].create(
            [
                {"visitor_id": visitor.id, "product_id": self.product.id},
                {"visitor_id": visitor.id, "url": "/"},
            ]
        )
        self.refresh()
        self.assertEqual(self.row().view_count, 1)

    def test_products_viewed_on_another_companys_website_are_not_this_clubs(self):
        for number, company in enumerate((self.env.company, self.elsewhere)):
            website = self.env["website"].create({"name": f"Shop {number}", "company_id": company.id})
            visitor = self.env["website.visitor"].create(
                {"access_token": str(self.partner.id + number), "website_id": website.id}
            )
            visitor.partner_id = self.partner
            self.env["website.track"].create([{"visitor_id": visitor.id, "product_id": self.product.id}] * (number + 1))
        self.refresh()
        self.assertEqual(self.row().view_count, 1)

    def test_wishes_of_the_companys_websites_are_counted(self):
        """The template database has the wish list; a shop without it has no wishes."""
        self.assertIn("product.wishlist", self.env)
        products = self.env["product.product"].create([{"name": f"Tulip {number}"} for number in range(4)])
        sites = [
            self.env["website"].create({"name": "Shop", "company_id": company.id})
            for company in (self.env.company, self.elsewhere)
        ]
        wishes = self.env["product.wishlist"].create(
            [
                {"partner_id": self.partner.id, "product_id": product.id, "website_id": sites[number == 3].id}
                for number, product in enumerate(products)
            ]
        )
        wishes[0].active = False
        self.refresh()
        self.assertEqual(self.row().wishlist_count, 2, "one was taken back, one is another company's")

    def test_calls_mails_and_meetings_of_another_company_do_not_count(self):
        other = {"company_id": self.elsewhere.id}
        order = self.env["sale.order"].create({"partner_id": self.partner.id, **other})
        lead = self.env["crm.lead"].create({"name": "A wedding", "partner_id": self.partner.id, **other})
        stranger = new_test_user(
            self.env, "beh-else", groups="base.group_user", company_id=self.elsewhere.id,
            company_ids=[(6, 0, self.elsewhere.ids)],
        )  # fmt: skip
        for record in (order, lead):
            self.call(record)
        self.call(self.partner).record_company_id = self.elsewhere
        for mail in (
            self.partner.message_post(body="hello", partner_ids=self.partner.ids, message_type="comment"),
            self.partner.message_post(body="thanks", author_id=self.partner.id, message_type="email"),
        ):
            mail.record_company_id = self.elsewhere
        meeting = {
            "name": "Meeting",
            "start": datetime(2026, 5, 1, 9),
            "stop": datetime(2026, 5, 1, 10),
            "partner_ids": [(6, 0, self.partner.ids)],
        }
        self.env["calendar.event"].create(
            [{**meeting, "opportunity_id": lead.id}, {**meeting, "user_id": stranger.id}]
        )
        self.refresh()
        row = self.row()
        self.assertEqual((row.call_count, row.meeting_count, row.mail_count, row.contact_minutes), (0, 0, 0, 0))
        club = self.env["club.club"].create({"name": "Tulips", "company_id": self.elsewhere.id, "tz": "UTC"})
        theirs = club._enrol(self.partner)
        self.refresh(club=club)
        row = self.row(theirs)
        self.assertEqual((row.call_count, row.meeting_count, row.mail_count, row.contact_minutes), (3, 2, 2, 120))

    def test_what_belongs_to_no_company_counts(self):
        self.call(self.partner).record_company_id = False
        lead = self.env["crm.lead"].create({"name": "A wedding", "partner_id": self.partner.id})
        lead.company_id = False
        self.call(lead).record_company_id = False
        self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": datetime(2026, 5, 1, 9),
                "stop": datetime(2026, 5, 1, 10),
                "partner_ids": [(6, 0, self.partner.ids)],
                "user_id": False,
            }
        )
        self.refresh()
        self.assertEqual((self.row().call_count, self.row().meeting_count), (2, 1))

    def test_a_visit_that_was_taken_back_is_none(self):
        visits = self.env["club.event"]._record(
            [
                {
                    "member_id": self.member.id,
                    "type": "visit",
                    "key": f"test,visit:{days}",
                    "occurred_at": datetime(2026, 6, 1, 10) - timedelta(days=days),
                    "processed_at": datetime(2026, 6, 1, 10),
                }
                for days in (1, 2, 100)
            ]
        )
        visits[0]._revoke("by mistake")
        self.refresh()
        self.assertEqual((self.row().visit_recent, self.row().visit_before), (1, 1))
