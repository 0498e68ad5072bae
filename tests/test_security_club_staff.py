"""What the club's own staff gain: no rights beyond their club's, whatever they may set up there."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestClubStaffGainsNoRights(ClubCase):
    """abuse.md 5 and 15: forged contexts, hidden fields and nested commands give nobody more than their group does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "sly_user", groups="customer_club.group_club_user")
        cls.manager = new_test_user(cls.env, "sly_manager", groups="customer_club.group_club_manager")
        cls.reward = cls.club.program_id.reward_ids[:1]

    def test_a_reward_is_no_door_to_products(self):
        reward = self.reward.with_user(self.manager)
        discounted = self.reward.discount_line_product_id
        for values in (
            {"discount_product_ids": [Command.update(self.product.id, {"list_price": 0.01})]},
            {"discount_product_ids": [Command.link(self.product.id), Command.update(self.product.id, {"name": "Sly"})]},
            {"discount_product_ids": [Command.create({"name": "Sly"})]},
            {"discount_product_ids": [Command.delete(self.product.id)]},
            {"discount_line_product_id": self.product.id},
            {"discount_line_product_id": self.product.id, "description": "Sly"},
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    reward.write(values)
                    self.env.flush_all()
                self.env.invalidate_all()
        self.assertEqual((self.product.list_price, self.product.name), (10, "Roses"))
        self.assertEqual(self.reward.discount_line_product_id, discounted)

    def test_a_new_reward_takes_over_no_product(self):
        values = {"program_id": self.club.program_id.id, "reward_type": "shipping", "required_points": 5}
        Reward = self.env["loyalty.reward"].with_user(self.manager)
        for context, more in (
            ({}, {"discount_line_product_id": self.product.id}),
            ({"default_discount_line_product_id": self.product.id}, {}),
        ):
            try:
                with self.env.cr.savepoint():
                    reward = Reward.with_context(**context).create({**values, **more})
                    reward.write({"description": "Sly", "active": False})
            except AccessError:
                continue
            self.assertNotEqual(reward.sudo().discount_line_product_id, self.product)
        self.assertEqual((self.product.name, self.product.active), ("Roses", True))

    def test_a_reward_still_chooses_its_products(self):
        reward = self.reward.with_user(self.manager)
        reward.write({"discount_applicability": "specific", "discount_product_ids": [Command.set(self.product.ids)]})
        self.assertEqual(self.reward.discount_product_ids, self.product)

    def test_the_context_forges_no_membership(self):
        carl = self.env["res.partner"].create({"name": "Carl"})
        member = (
            self.env["club.member"]
            .with_user(self.user)
            .with_context(
                default_joined_at="2001-01-01 00:00:00",
                default_source="adopt",
                default_number="SLY",
                default_card_id=self.member.card_id.id,
                default_consent_terms_at="2001-01-01 00:00:00",
                default_merged_into_id=self.member.id,
                default_tier_grace_until="2050-01-01",
            )
            .create({"club_id": self.club.id, "partner_id": carl.id})
        )
        self.assertGreater(member.joined_at.year, 2001)
        self.assertEqual(member.source, "manual")
        self.assertNotEqual(member.card_id, self.member.card_id)
        self.assertFalse(member.consent_terms_at or member.sudo().merged_into_id or member.tier_grace_until)
        self.assertNotEqual(member.number, "SLY")

    def test_the_context_names_club_and_contact_still(self):
        carl = self.env["res.partner"].create({"name": "Carl"})
        Member = self.env["club.member"].with_user(self.user)
        member = Member.with_context(default_club_id=self.club.id).create(
            {"club_id": self.club.id, "partner_id": carl.id}
        )
        self.assertEqual(member.club_id, self.club)

    def test_a_birthday_moves_once_a_year_however_it_is_written(self):
        """abuse.md 11."""
        Occasion = self.env["club.occasion"].with_user(self.user)
        birthday = Occasion.create({"member_id": self.member.id, "kind": "birthday", "month": 3, "day": 1})
        spare = Occasion.create(
            {"member_id": self.member.id, "kind": "birthday", "month": 5, "day": 5, "active": False}
        )
        birthday.unlink()
        for attempt in (
            lambda: spare.write({"active": True}),
            lambda: Occasion.create({"member_id": self.member.id, "kind": "birthday", "month": 6, "day": 1}),
            lambda: Occasion.with_context(default_member_id=self.member.id).create({"month": 6, "day": 1}),
            lambda: Occasion.with_context(default_changed_at="2001-01-01").create(
                {"member_id": self.member.id, "kind": "birthday", "month": 6, "day": 1}
            ),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()

    def test_the_context_makes_no_occasion_older(self):
        occasion = (
            self.env["club.occasion"]
            .with_user(self.user)
            .with_context(default_changed_at="2001-01-01 00:00:00", default_effective_from="2001-01-01")
            .create({"member_id": self.member.id, "kind": "birthday", "month": 3, "day": 1})
        )
        self.assertGreater(occasion.changed_at.year, 2001)
        self.assertGreater(occasion.effective_from.year, 2001)

    def test_no_manager_does_away_with_the_second_person(self):
        """abuse.md 3: nor by a club of one's own."""
        self.club.adjust_limit = 50
        club = self.club.with_user(self.manager)
        for attempt in (
            lambda: club.write({"adjust_limit": 51}),
            lambda: club.create({"name": "Mine", "adjust_limit": 1}),
            lambda: club.with_context(default_adjust_limit=1).create({"name": "Mine"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        club.write({"adjust_limit": 40})
        self.manager.group_ids += self.env.ref("customer_club.group_club_approver")
        club.write({"adjust_limit": 60})
        self.assertEqual(self.club.adjust_limit, 60)

    def test_the_context_writes_no_consent_in_anothers_name(self):
        member = self.member.with_user(self.user).with_context(
            default_user_id=self.manager.id, default_given_at="2001-01-01 00:00:00"
        )
        member.write({"consent_marketing": True})
        consent = self.member.consent_ids[:1]
        self.assertEqual((consent.user_id, consent.given), (self.user, True))
        self.assertGreater(consent.given_at.year, 2001)

    def test_the_context_approves_no_adjustment(self):
        adjustment = (
            self.env["club.point.adjustment"]
            .with_user(self.user)
            .with_context(
                default_state="posted",
                default_requested_by_id=self.manager.id,
                default_approved_by_id=self.manager.id,
            )
            .create({"member_id": self.member.id, "points": 5000, "reason": "x"})
        )
        self.assertEqual((adjustment.state, adjustment.requested_by_id), ("draft", self.user))
        adjustment.action_submit()
        self.assertEqual(adjustment.state, "to_approve")
        with self.assertRaises(AccessError):
            adjustment.action_approve()
        self.assertEqual(self.member.points, 0)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_user_has_none_of_a_managers_powers(self):
        club = self.club.with_user(self.user)
        for attempt in (
            lambda: club.write({"adjust_limit": 1e6}),
            lambda: club.create({"name": "Mine"}),
            lambda: club.unlink(),
            lambda: club.action_review_tiers(),
            lambda: self.env["club.tier"].with_user(self.user).create({"club_id": club.id, "name": "T"}),
            lambda: self.env["club.earn.rule"].with_user(self.user).create({"club_id": club.id, "name": "R"}),
            lambda: self.env["club.setup.wizard"].with_user(self.user).create({}).action_create(),
            lambda: self.env["club.adopt.wizard"].with_user(self.user).create({}),
            lambda: self.env["club.member.import"].with_user(self.user).create({"club_id": club.id}),
            lambda: self.env["club.history.import"].with_user(self.user).create({"club_id": club.id}),
            lambda: (
                self.env["club.leave.wizard"]
                .with_user(self.user)
                .create({"member_id": self.member.id, "mode": "erase"})
                .action_confirm()
            ),
            lambda: self.env["club.terms"].with_user(self.user).create({"club_id": club.id, "version": 9, "body": "x"}),
            lambda: (
                self.env["club.consent"]
                .with_user(self.user)
                .create({"member_id": self.member.id, "kind": "terms", "given": True})
            ),
            lambda: self.env["club.point.lot"].with_user(self.user).create({}),
            lambda: self.env["club.ledger.seal"].with_user(self.user).create({}),
            lambda: self.env["club.earn.release"].with_user(self.user).create({}),
            lambda: self.member.with_user(self.user).write({"state": "left"}),
            lambda: self.member.with_user(self.user).unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
                self.env.flush_all()
            self.env.invalidate_all()
        self.assertEqual(self.member.state, "active")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_another_companys_staff_touches_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "sly_elsewhere",
            groups="customer_club.group_club_manager,customer_club.group_club_approver",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        env = self.env(user=stranger, context={"allowed_company_ids": company.ids})
        carl = self.env["res.partner"].create({"name": "Carl"})
        self.post(100, "e")
        adjustment = self.env["club.point.adjustment"].create({"member_id": self.member.id, "points": 5, "reason": "x"})
        for attempt in (
            lambda: env["club.member"].create({"club_id": self.club.id, "partner_id": carl.id}),
            lambda: (
                env["club.enrol.wizard"]
                .create({"club_id": self.club.id, "partner_ids": carl.ids, "consent_terms": True})
                .action_enrol()
            ),
            lambda: env["club.invite.wizard"].create({"club_id": self.club.id, "open_links": 1}).action_invite(),
            lambda: env["club.leave.wizard"].create({"member_id": self.member.id}).action_confirm(),
            lambda: (
                env["club.point.adjustment"]
                .create({"member_id": self.member.id, "points": 5, "reason": "x"})
                .action_submit()
            ),
            lambda: env["club.point.adjustment"].browse(adjustment.id).action_approve(),
            lambda: env["club.point.adjustment"].browse(adjustment.id).action_refuse(),
            lambda: env["club.club"].browse(self.club.id).write({"name": "Mine"}),
            lambda: env["club.club"].browse(self.club.id).action_review_tiers(),
            lambda: env["club.club"].create({"name": "M", "company_id": self.club.company_id.id}),
            lambda: env["club.tier"].create({"name": "T", "club_id": self.club.id}),
            lambda: env["club.earn.rule"].create({"name": "R", "club_id": self.club.id}),
            lambda: env["club.occasion"].create({"member_id": self.member.id, "month": 1, "day": 1}),
            lambda: env["club.member"].browse(self.member.id).read(["number"]),
            lambda: env["club.member"].browse(self.member.id)._erase(),
            lambda: env["club.member.import"].create({"club_id": self.club.id}),
            lambda: env["loyalty.reward"].browse(self.club.program_id.reward_ids.ids).write({"required_points": 9}),
            lambda: env["loyalty.reward"].create({"program_id": self.club.program_id.id, "reward_type": "shipping"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
                self.env.flush_all()
            self.env.invalidate_all()
        for model in ("club.member", "club.point.entry", "club.point.lot", "club.event", "club.ledger.incident"):
            self.assertFalse(env[model].search([("club_id", "=", self.club.id)] if "club_id" in env[model] else []))
        self.assertEqual((self.member.points, self.member.state), (100, "active"))
