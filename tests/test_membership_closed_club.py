"""A closed club takes those who meet its criteria or are invited, and tells the others what is missing."""

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.models.membership.club_club_joining import JoinRefused
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestClosedClub(ClubCase):
    """Joining a club that does not take everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"join_policy": "closed", "criteria_orders": 2, "criteria_amount": 100, "criteria_months": 12})
        cls.customer = cls.env["res.partner"].create({"name": "Cleo", "email": "cleo@example.com"})

    def buy(self, amount, partner=None, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "order_line": [fields.Command.create({"product_id": self.product.id, "price_unit": amount})],
            }
        )
        order.action_confirm()
        if values:
            order.write(values)
        return order

    def test_a_stranger_reads_what_is_missing(self):
        self.buy(30)
        status = self.club._get_join_status(self.customer)
        self.assertFalse(status["can_join"])
        self.assertEqual(len(status["missing"]), 2)
        self.assertIn("1 more orders", status["missing"][0])
        self.assertIn("70", status["missing"][1])
        with self.assertRaisesRegex(JoinRefused, "1 more orders"):
            self.club._join(self.customer)

    def test_reaching_the_criteria_exactly_is_enough(self):
        """never.md 9: the boundary belongs to the customer."""
        self.buy(60)
        self.buy(39.99)
        self.assertFalse(self.club._get_join_status(self.customer)["can_join"])
        self.buy(0.01)
        self.assertTrue(self.club._get_join_status(self.customer)["can_join"])
        self.assertEqual(self.club._join(self.customer).partner_id, self.customer)

    def test_quotations_and_old_orders_do_not_count(self):
        self.buy(200)
        self.buy(200, date_order="2020-01-01")
        self.env["sale.order"].create({"partner_id": self.customer.id})
        self.assertEqual(self.club._get_criteria_measure(self.customer)[0], 1)

    def test_the_period_is_counted_in_the_clubs_calendar(self):
        self.club.write({"criteria_months": 1, "calendar": "jalali", "tz": "Asia/Tehran"})
        with freeze_time("2025-03-20 12:00:00"):  # 30 Esfand 1403: the month began on 1 Esfand, 19 February in Tehran
            self.buy(10, date_order="2025-02-18 20:30:00")
            self.buy(10, date_order="2025-02-18 20:29:59")
            self.assertEqual(self.club._get_criteria_measure(self.customer)[0], 1)

    def test_orders_in_another_currency_count_in_the_companys(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "X",
                "rate_ids": [
                    fields.Command.create({"name": "2020-01-01", "rate": 4.0, "company_id": self.env.company.id}),
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create({"name": "X", "currency_id": currency.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "pricelist_id": pricelist.id,
                "order_line": [fields.Command.create({"product_id": self.product.id, "price_unit": 400})],
            }
        )
        order.action_confirm()
        self.assertEqual(order.currency_id, currency)
        self.assertAlmostEqual(self.club._get_criteria_measure(self.customer)[1], 100, 2)

    def test_without_criteria_only_an_invitation_opens(self):
        self.club.write({"criteria_orders": 0, "criteria_amount": 0})
        self.assertIn("invitation only", self.club._get_join_status(self.customer)["missing"][0])

    def test_purchases_of_colleagues_count_where_the_company_is_the_member(self):
        company = self.env["res.partner"].create({"name": "Ltd", "is_company": True})
        one, two = self.env["res.partner"].create([{"name": n, "parent_id": company.id} for n in "ab"])
        self.club.earner = "company"
        self.buy(60, one)
        self.buy(60, two)
        self.assertTrue(self.club._get_join_status(one)["can_join"])
        self.assertEqual(self.club._join(two).partner_id, company)


@tagged("post_install", "-at_install")
class TestInvitations(ClubCase):
    """An invitation opens a closed club once, for the person it is for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.join_policy = "closed"
        cls.customer = cls.env["res.partner"].create({"name": "Cleo", "email": "cleo@example.com"})
        cls.other = cls.env["res.partner"].create({"name": "Dan", "email": "dan@example.com"})

    def invite(self, *people, **options):
        return self.env["club.invitation"]._invite(self.club, list(people), **options)

    def test_a_link_works_once(self):
        [(invitation, secret)] = self.invite(None)
        member = self.club._join(self.customer, token=secret)
        self.assertEqual((invitation.state, invitation.member_id), ("used", member))
        with self.assertRaises(JoinRefused):
            self.club._join(self.other, token=secret)

    def test_the_secret_is_long_and_not_stored(self):
        """abuse.md 13."""
        [(invitation, secret)] = self.invite(None)
        self.assertGreaterEqual(len(secret), 21)  # 128 bits in base 64
        values = invitation.sudo().read()[0]
        self.assertFalse([name for name, value in values.items() if isinstance(value, str) and secret in value])

    def test_wrong_foreign_and_expired_secrets_get_the_same_answer(self):
        """abuse.md 13."""
        other_club = self.env["club.club"].create({"name": "Other", "join_policy": "closed"})
        [(_foreign, foreign)] = self.env["club.invitation"]._invite(other_club, [None])
        with freeze_time("2020-01-01"):
            [(_old, expired)] = self.invite(None, days=1)
        answers = set()
        for token in ("nonsense", foreign, expired, None):
            with self.assertRaises(JoinRefused) as caught:
                self.club._join(self.customer, token=token)
            answers.add(str(caught.exception))
        self.assertEqual(len(answers), 1)

    def test_an_invitation_by_email_is_for_that_person(self):
        [(_invitation, secret)] = self.invite("cleo@example.com")
        self.assertFalse(self.club._get_join_status(self.other, token=secret)["can_join"])
        self.assertTrue(self.club._get_join_status(self.customer, token=secret)["can_join"])

    def test_an_invited_contact_needs_no_secret(self):
        self.invite(self.customer)
        self.assertTrue(self.club._get_join_status(self.customer)["can_join"])
        self.assertFalse(self.club._get_join_status(self.other)["can_join"])

    def test_a_withdrawn_invitation_is_void(self):
        [(invitation, secret)] = self.invite(None)
        invitation.action_withdraw()
        self.assertEqual(invitation.state, "cancelled")
        self.assertFalse(self.club._get_join_status(self.customer, token=secret)["can_join"])

    def test_staff_invite_with_the_wizard_and_see_the_links_once(self):
        wizard = self.env["club.invite.wizard"].create(
            {
                "club_id": self.club.id,
                "emails": "eve@example.com, fay@example.com",
                "open_links": 1,
            }
        )
        wizard.action_invite()
        self.assertEqual(wizard.result.count("/club/join/"), 3)
        mails = self.env["mail.mail"].sudo().search([("email_to", "in", ["eve@example.com", "fay@example.com"])])
        self.assertEqual(len(mails), 2)
        self.assertEqual(self.club.invitation_count, 3)
        self.assertEqual(self.env["club.invitation"].search([], limit=1).inviter_id, self.env.user)

    def test_a_mistyped_email_sends_nothing(self):
        wizard = self.env["club.invite.wizard"].create({"club_id": self.club.id, "emails": "not-an-address"})
        with self.assertRaisesRegex(UserError, "not an e-mail"):
            wizard.action_invite()
        self.assertFalse(self.env["club.invitation"].search([]))

    def test_names_in_the_wizards_answer_are_escaped(self):
        """abuse.md 18."""
        evil = self.env["res.partner"].create({"name": "<script>alert(1)</script>"})
        wizard = self.env["club.invite.wizard"].create(
            {
                "club_id": self.club.id,
                "partner_ids": [fields.Command.set(evil.ids)],
            }
        )
        wizard.action_invite()
        self.assertNotIn("<script>", wizard.result)
