"""Each role sees and does what it may, in its own company."""

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAccess(ClubCase):
    """Rights on clubs, tiers, members and what belongs to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "user": "customer_club.group_club_user",
            "manager": "customer_club.group_club_manager",
            "accountant": "customer_club.group_club_accountant",
            "seller": "sales_team.group_sale_salesman_all_leads",
        }
        cls.users = {name: new_test_user(cls.env, f"club-{name}", group) for name, group in groups.items()}
        cls.users["portal"] = new_test_user(cls.env, "club-portal", "base.group_portal", partner_id=cls.partner.id)
        cls.users["other"] = new_test_user(cls.env, "club-other", "base.group_portal", partner_id=cls.partner_2.id)
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.tier = cls.env["club.tier"].create({"club_id": cls.club.id, "name": "Bronze", "threshold": 0})
        cls.env["club.occasion"].create({"member_id": cls.member.id, "kind": "birthday", "month": 1, "day": 1})
        cls.member._record_consent("marketing", True, "portal")
        cls.env["club.invitation"]._invite(cls.club, [None])

    def as_user(self, record, name):
        return record.with_user(self.users[name])

    def test_staff_read_members_and_sellers_do_not(self):
        for name in ("user", "manager", "accountant"):
            self.assertEqual(self.as_user(self.member, name).number, self.member.number)
        for name in ("seller", "public"):
            with self.subTest(role=name), self.assertRaises(AccessError):
                self.as_user(self.member, name).read(["number"])

    def test_only_managers_set_policy(self):
        for record, values in ((self.club, {"hold_days": 3}), (self.tier, {"multiplier": 3})):
            self.as_user(record, "manager").write(values)
            for name in ("user", "accountant", "seller", "portal", "public"):
                with self.subTest(role=name, model=record._name), self.assertRaises(AccessError):
                    self.as_user(record, name).write(values)

    def test_only_managers_set_up_and_adopt(self):
        for model in ("club.setup.wizard", "club.adopt.wizard"):
            for name in ("user", "accountant", "seller", "portal"):
                with self.subTest(role=name, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(self.users[name]).check_access("create")
            self.env[model].with_user(self.users["manager"]).check_access("create")

    def test_staff_cannot_forge_a_member(self):
        Member = self.env["club.member"].with_user(self.users["user"])
        partner = self.env["res.partner"].create({"name": "New"})
        member = Member.create(
            {
                "club_id": self.club.id,
                "partner_id": partner.id,
                "number": "FORGED",
                "tier_id": False,
                "joined_at": "2001-01-01",
                "card_id": self.member_2.card_id.id,
                "state": "left",
            }
        )
        self.assertNotEqual(member.number, "FORGED")
        self.assertEqual(member.state, "active")
        self.assertNotEqual(member.card_id, self.member_2.card_id)
        self.assertEqual(member.tier_id, self.tier)
        for values in (
            {"tier_id": False},
            {"partner_id": partner.id},
            {"card_id": self.member_2.card_id.id},
            {"joined_at": "2001-01-01"},
            {"state": "left"},
            {"merged_into_id": self.member_2.id},
            {"active": False},
            {"consent_terms_at": "2001-01-01"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.as_user(self.member, "user").write(values)

    def test_a_customer_sees_the_own_membership_only(self):
        """abuse.md 14, 15."""
        for model in ("club.member", "club.event", "club.point.entry"):
            field = "partner_id" if model == "club.member" else "member_id.partner_id"
            found = self.env[model].with_user(self.users["portal"]).search([])
            self.assertFalse(
                found.sudo().filtered(lambda record, field=field: record.mapped(field) != self.partner), model
            )
        self.assertEqual(self.env["club.member"].with_user(self.users["portal"]).search([]), self.member)
        with self.assertRaises(AccessError):
            self.as_user(self.member, "other").read(["number"])
        with self.assertRaises(AccessError):
            self.as_user(self.member, "portal").write({"nickname": "x"})
        with self.assertRaises(AccessError):
            self.env["club.member"].with_user(self.users["portal"]).create(
                {"club_id": self.club.id, "partner_id": self.partner.id}
            )

    def test_a_customer_does_not_read_what_staff_noted(self):
        self.member.note = "Always late"
        self.assertEqual(self.as_user(self.member, "user").note, "Always late")
        with self.assertRaises(AccessError):
            self.as_user(self.member, "portal").read(["note"])

    def test_colleagues_see_the_companys_membership_but_not_the_companys_private_one(self):
        company = self.env["res.partner"].create({"name": "Ltd", "is_company": True})
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": company.id, "email": "clerk@example.com"})
        user = new_test_user(self.env, "clerk", "base.group_portal", partner_id=clerk.id)
        business = self.env["club.club"].create({"name": "B2B", "earner": "company"})
        shared, private = business._enrol(clerk), self.club._enrol(company)
        visible = self.env["club.member"].with_user(user).search([])
        self.assertIn(shared, visible)
        self.assertNotIn(private, visible)

    def test_customers_reach_nothing_else(self):
        models = (
            "club.club",
            "club.tier",
            "club.terms",
            "club.consent",
            "club.tier.history",
            "club.occasion",
            "club.invitation",
            "club.erasure",
            "club.identity",
            "club.enrol.wizard",
            "club.leave.wizard",
            "club.invite.wizard",
        )
        for model in models:
            for name in ("portal", "public"):
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(model=model, role=name, operation=operation):
                        self.assertFalse(self.env[model].with_user(self.users[name]).has_access(operation))

    def test_append_only_records_have_no_writer(self):
        for model in ("club.terms", "club.consent", "club.tier.history", "club.erasure", "club.identity"):
            for name in ("user", "manager", "accountant"):
                for operation in ("write", "create", "unlink"):
                    with self.subTest(model=model, role=name, operation=operation):
                        self.assertFalse(self.env[model].with_user(self.users[name]).has_access(operation))

    def test_the_secret_of_an_invitation_is_hidden_from_staff(self):
        invitation = self.env["club.invitation"].search([("club_id", "=", self.club.id)], limit=1)
        with self.assertRaises(AccessError):
            self.as_user(invitation, "manager").read(["token_hash"])

    def test_another_companys_staff_see_nothing(self):
        """never.md 14."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            "elsewhere",
            "customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        for model in (
            "club.club",
            "club.tier",
            "club.member",
            "club.tier.history",
            "club.consent",
            "club.occasion",
            "club.invitation",
        ):
            found = self.env[model].with_user(manager).search([("company_id", "=", self.club.company_id.id)])
            self.assertFalse(found, model)
        with self.assertRaises(AccessError):
            self.member.with_user(manager).read(["number"])
        with self.assertRaises(AccessError):
            self.env["club.member"].with_user(manager).create(
                {"club_id": self.club.id, "partner_id": self.partner_2.id}
            )

    def test_a_user_enrols_and_lets_leave_but_does_not_erase(self):
        partner = self.env["res.partner"].create({"name": "Walk-in"})
        wizard = (
            self.env["club.enrol.wizard"]
            .with_user(self.users["user"])
            .create(
                {
                    "club_id": self.club.id,
                    "partner_ids": [fields.Command.set(partner.ids)],
                }
            )
        )
        wizard.action_enrol()
        member = self.club._get_member(partner)
        self.env["club.leave.wizard"].with_user(self.users["user"]).create({"member_id": member.id}).action_confirm()
        self.assertEqual(member.state, "left")
        with self.assertRaises(AccessError):
            self.env["club.leave.wizard"].with_user(self.users["user"]).create(
                {"member_id": member.id, "mode": "erase"}
            ).action_confirm()

    def test_a_seller_without_club_rights_works_as_before(self):
        order = (
            self.env["sale.order"]
            .with_user(self.users["seller"])
            .create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [fields.Command.create({"product_id": self.product.id})],
                }
            )
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.partner.with_user(self.users["seller"]).read(["name", "property_product_pricelist"])

    def test_a_context_opens_nothing(self):
        """abuse.md 5."""
        context = {
            "club_consent_recorded": True,
            "club_occasion_moved": True,
            "club_force_unlink": True,
            "active_test": False,
        }
        with self.assertRaises(UserError):
            self.as_user(self.member, "user").with_context(**context).write({"state": "left"})
        member = self.as_user(self.member, "user").with_context(**context)
        before = len(self.member.consent_ids)
        member.write({"consent_marketing": False})
        self.assertEqual(len(self.member.consent_ids), before + 1, "the decision is recorded all the same")
