"""Products for members only, and for members first: refused on the server at every door."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestEarlyAccess(ClubCase):
    """Who may buy what, and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bronze, cls.gold = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Bronze", "threshold": 0},
                {"club_id": cls.club.id, "name": "Gold", "threshold": 100, "early_access_hours": 24},
            ]
        )
        cls.club.action_review_tiers()
        cls.env["club.point.entry"]._post([{"member_id": cls.member.id, "kind": "earn", "points": 100, "key": "ea:1"}])
        cls.env.cr.flush()
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger"})
        cls.template = cls.product.product_tmpl_id

    def reason(self, partner, at=None):
        return self.template._get_club_refusals(partner, at).get(self.template, {}).get("reason")

    def order(self, partner, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [fields.Command.create({"product_id": self.product.id})],
                **values,
            }
        )

    def test_a_free_product_costs_no_query(self):
        self.assertTrue(self.template.read(["club_members_only", "club_public_from"]))
        with self.assertQueryCount(0):
            self.assertEqual(self.template._get_club_refusals(self.stranger), {})

    def test_members_only_is_for_members(self):
        self.template.club_members_only = True
        self.assertIn("members of our customer club", self.reason(self.stranger))
        self.assertIn("members of our customer club", self.reason(self.env["res.partner"]), "nor for a visitor")
        self.assertFalse(self.reason(self.partner_2))

    def test_a_product_may_be_for_one_clubs_members(self):
        other = self.env["club.club"].create({"name": "Other Club"})
        self.template.write({"club_members_only": True, "club_ids": [fields.Command.set(other.ids)]})
        self.assertIn("Other Club", self.reason(self.partner))
        other._enrol(self.partner)
        self.assertFalse(self.reason(self.partner))

    def test_a_product_may_be_for_a_tier(self):
        self.template.write({"club_members_only": True, "club_tier_ids": [fields.Command.set(self.gold.ids)]})
        self.assertIn("Gold", self.reason(self.partner_2))
        self.assertFalse(self.reason(self.partner))

    def test_who_left_is_no_member(self):
        self.template.club_members_only = True
        self.member_2._leave()
        self.assertTrue(self.reason(self.partner_2))

    def test_a_tier_with_early_access_buys_exactly_so_many_hours_before(self):
        opens = fields.Datetime.to_datetime("2030-01-02 12:00:00")
        self.template.club_public_from = opens
        second = timedelta(seconds=1)
        self.assertTrue(self.reason(self.partner, opens - timedelta(hours=24) - second))
        self.assertFalse(self.reason(self.partner, opens - timedelta(hours=24)))
        self.assertTrue(self.reason(self.partner_2, opens - second), "Bronze has no early hours")
        self.assertTrue(self.reason(self.stranger, opens - second))
        self.assertFalse(self.reason(self.stranger, opens))

    def test_nobody_buys_before_the_first_day_for_members(self):
        self.template.write(
            {"club_public_from": "2030-01-02 12:00:00", "club_early_access_from": "2030-01-02 00:00:00"}
        )
        self.assertTrue(self.reason(self.partner, fields.Datetime.to_datetime("2030-01-01 23:59:59")))
        self.assertFalse(self.reason(self.partner, fields.Datetime.to_datetime("2030-01-02 00:00:00")))

    def test_older_members_keep_precedence_where_the_tier_says_so(self):
        self.gold.precedence_since = "2020-12-31"
        at = fields.Datetime.to_datetime("2030-01-02 11:00:00")
        self.template.club_public_from = "2030-01-02 12:00:00"
        self.assertTrue(self.reason(self.partner, at), "joined too late")
        self.member.sudo().joined_at = "2020-12-31 23:00:00"
        self.assertFalse(self.reason(self.partner, at))
        self.member.sudo().joined_at = "2021-01-01 00:00:00"
        self.assertTrue(self.reason(self.partner, at))

    def test_the_answer_says_when_the_customer_may_buy(self):
        self.template.club_public_from = "2030-01-02 12:00:00"
        at = fields.Datetime.to_datetime("2029-12-01")
        refusal = self.template._get_club_refusals(self.partner, at)[self.template]
        self.assertEqual(refusal["opens_at"], fields.Datetime.to_datetime("2030-01-01 12:00:00"))
        self.assertIn("2030", refusal["reason"])

    def test_dates_that_contradict_are_refused_with_a_remedy(self):
        with self.assertRaisesRegex(ValidationError, "Set Opens On"):
            self.template.club_early_access_from = "2030-01-01"
        with self.assertRaisesRegex(ValidationError, "Set Not Before earlier"):
            self.template.write({"club_public_from": "2030-01-01", "club_early_access_from": "2030-01-02"})

    def test_contacts_of_a_member_company_may_buy(self):
        self.club.earner = "company"
        company = self.env["res.partner"].create({"name": "Ltd", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": company.id})
        self.club._enrol(company)
        self.template.club_members_only = True
        self.assertFalse(self.reason(contact))

    # -- the doors -----------------------------------------------------------------------------------

    def test_the_cart_refuses_and_says_why(self):
        self.template.club_members_only = True
        website = self.env["website"].search([], limit=1)
        order = self.env["sale.order"].create({"partner_id": self.stranger.id, "website_id": website.id})
        result = order._cart_add(self.product.id, 1)
        self.assertEqual(result["quantity"], 0)
        self.assertIn("members", result["warning"])
        self.assertFalse(order.order_line)
        order.partner_id = self.partner
        self.assertEqual(order._cart_add(self.product.id, 1)["quantity"], 1)

    def test_a_cart_that_became_restricted_cannot_be_paid(self):
        order = self.order(self.stranger)
        self.template.club_members_only = True
        order.invalidate_recordset()
        self.product.type = "service"
        with self.assertRaisesRegex(ValidationError, "remove it from your cart"):
            order._check_cart_is_ready_to_be_paid()

    def test_confirming_is_refused_until_staff_allow_it_in_their_name(self):
        self.template.club_members_only = True
        order = self.order(self.stranger)
        self.assertIn("members", order.club_access_warning)
        with self.assertRaisesRegex(UserError, "Sell Anyway"):
            order.action_confirm()
        order.action_club_access_override()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.club_access_override_id, self.env.user)
        self.assertIn("in spite of", order.message_ids[0].body)

    def test_a_member_confirms_without_help(self):
        self.template.club_members_only = True
        order = self.order(self.partner)
        self.assertFalse(order.club_access_warning)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_order_that_is_paid_is_never_stuck(self):
        """never.md 22: the door was at the payment."""
        order = self.order(self.stranger)
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1) or self.env[
            "payment.provider"
        ].search([], limit=1)
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": self.stranger.id,
                "reference": "ea-paid",
                "state": "done",
                "sale_order_ids": [fields.Command.set(order.ids)],
            }
        )
        self.template.club_members_only = True
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_nobody_allows_in_anothers_name(self):
        seller = new_test_user(self.env, "seller", "sales_team.group_sale_salesman_all_leads")
        order = self.order(self.stranger).with_user(seller)
        with self.assertRaisesRegex(AccessError, "another's name"):
            order.write({"club_access_override_id": self.env.ref("base.user_admin").id})
        order.action_club_access_override()
        self.assertEqual(order.club_access_override_id, seller)

    def test_time_passes_and_the_product_opens(self):
        self.template.club_public_from = "2030-01-02 12:00:00"
        order = self.order(self.stranger)
        with freeze_time("2030-01-02 11:59:59"):
            self.assertTrue(order._get_club_access_refusals())
        with freeze_time("2030-01-02 12:00:00"):
            self.assertFalse(order._get_club_access_refusals())

    def test_checks_cost_a_confirmation_no_query_where_nothing_is_restricted(self):
        order = self.order(self.stranger)
        self.env.flush_all()
        order.order_line.product_id.product_tmpl_id.read(["name"])
        with self.assertQueryCount(0):
            self.assertFalse(order._confirmation_error_message())


@tagged("post_install", "-at_install")
class TestEarlyAccessInTheShop(ClubCase, HttpCase):
    """A visitor meets a product for members."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.product.product_tmpl_id
        cls.template.write({"is_published": True, "club_members_only": True, "website_id": False})

    def add_to_cart(self):
        return self.make_jsonrpc_request(
            "/shop/cart/add",
            {"product_template_id": self.template.id, "product_id": self.product.id, "quantity": 1},
        )

    def test_a_visitor_reads_why_and_gets_nothing(self):
        page = self.url_open(self.template.website_url).text
        self.assertIn("members of our customer club only", page)
        self.add_to_cart()
        self.assertFalse(self.env["sale.order.line"].search([("product_id", "=", self.product.id)]))

    def test_a_member_buys(self):
        new_test_user(self.env, "anna-shop", "base.group_portal", partner_id=self.partner.id)
        self.authenticate("anna-shop", "anna-shop")
        page = self.url_open(self.template.website_url).text
        self.assertNotIn("members of our customer club only", page)
        self.add_to_cart()
        line = self.env["sale.order.line"].search([("product_id", "=", self.product.id)])
        self.assertEqual(line.product_uom_qty, 1)
