"""Points given by hand: who may, and who must agree."""

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestLedgerAdjustment(ClubCase):
    """never.md 23 and abuse.md 3: nobody gives points without a trace, or much of them alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.adjust_limit = 100
        cls.clerk = new_test_user(cls.env, "club_clerk", "customer_club.group_club_user")
        cls.manager = new_test_user(cls.env, "club_manager", "customer_club.group_club_manager")
        cls.manager_2 = new_test_user(cls.env, "club_manager_2", "customer_club.group_club_manager")
        cls.approver = new_test_user(cls.env, "club_approver", "customer_club.group_club_approver")
        cls.boss = new_test_user(
            cls.env, "club_boss", "customer_club.group_club_manager,customer_club.group_club_approver"
        )

    def ask(self, user, points, submit=True, **values):
        adjustment = (
            self.env["club.point.adjustment"]
            .with_user(user)
            .create(
                {
                    "member_id": self.member.id,
                    "points": points,
                    "reason": "Goodwill",
                    **values,
                }
            )
        )
        if submit:
            adjustment.action_submit()
        return adjustment

    # -- who may -----------------------------------------------------------------

    def test_a_user_only_asks(self):
        adjustment = self.ask(self.clerk, 10)
        self.assertEqual((adjustment.state, self.member.points), ("to_approve", 0))
        with self.assertRaises(AccessError):
            adjustment.action_approve()

    def test_a_manager_posts_up_to_the_limit(self):
        adjustment = self.ask(self.manager, 100)
        self.assertEqual((adjustment.state, self.member.points), ("posted", 100))
        entry = adjustment.entry_id.sudo()
        self.assertEqual(
            (entry.kind, entry.key, entry.origin_model, entry.origin_id, entry.note),
            (
                "adjust",
                f"club.point.adjustment,{adjustment.id}:adjust",
                "club.point.adjustment",
                adjustment.id,
                "Goodwill",
            ),
        )

    def test_above_the_limit_a_second_person_must_approve(self):
        adjustment = self.ask(self.manager, 101)
        self.assertEqual((adjustment.state, self.member.points), ("to_approve", 0))
        with self.assertRaises(AccessError):
            adjustment.with_user(self.manager_2).action_approve()
        adjustment.with_user(self.approver).action_approve()
        self.assertEqual((adjustment.state, self.member.points), ("posted", 101))
        self.assertEqual((adjustment.requested_by_id, adjustment.approved_by_id), (self.manager, self.approver))
        self.assertInvariantsHold()

    def test_nobody_approves_what_they_asked_for(self):
        adjustment = self.ask(self.boss, 101)
        self.assertEqual(adjustment.state, "to_approve")
        with self.assertRaisesRegex(AccessError, "yourself"):
            adjustment.action_approve()
        self.assertEqual(self.member.points, 0)

    def test_splitting_does_not_help(self):
        self.assertEqual(self.ask(self.manager, 60).state, "posted")
        self.assertEqual(self.ask(self.manager, 40).state, "posted")
        self.assertEqual(self.ask(self.manager, 1).state, "to_approve")
        self.assertEqual(self.member.points, 100)

    def test_splitting_into_one_list_does_not_help(self):
        drafts = self.ask(self.manager, 60, submit=False) | self.ask(self.manager, 60, submit=False)
        drafts.action_submit()
        self.assertEqual(drafts.mapped("state"), ["to_approve", "to_approve"])

    def test_taking_and_giving_does_not_cancel_out(self):
        self.ask(self.manager, 100)
        self.assertEqual(self.ask(self.manager, -100).state, "to_approve")

    def test_after_a_day_the_limit_counts_anew(self):
        self.ask(self.manager, 100)
        self.env.flush_all()
        self.env.cr.execute("UPDATE club_point_adjustment SET requested_at = requested_at - INTERVAL '25 hours'")
        self.env.invalidate_all()
        self.assertEqual(self.ask(self.manager, 100).state, "posted")

    def test_ones_own_points_always_need_another_person(self):
        own = self.club._enrol(self.boss.partner_id)
        adjustment = self.ask(self.boss, 1, member_id=own.id)
        self.assertEqual(adjustment.state, "to_approve")
        foreign = self.ask(self.clerk, 1, member_id=own.id)
        with self.assertRaisesRegex(AccessError, "your own points"):
            foreign.with_user(self.boss).action_approve()

    def test_a_manager_approves_a_users_small_request(self):
        adjustment = self.ask(self.clerk, 10)
        adjustment.with_user(self.manager).action_approve()
        self.assertEqual(self.member.points, 10)

    def test_a_salesperson_without_the_club_has_no_access(self):
        seller = new_test_user(self.env, "club_seller", "sales_team.group_sale_manager")
        with self.assertRaises(AccessError):
            self.ask(seller, 1)

    # -- the approvers hear of it --------------------------------------------------

    def test_approvers_get_an_activity_and_the_asker_does_not(self):
        adjustment = self.ask(self.boss, 500)
        users = adjustment.sudo().activity_ids.user_id
        self.assertIn(self.approver, users)
        self.assertNotIn(self.boss, users)
        adjustment.with_user(self.approver).action_approve()
        self.assertFalse(adjustment.sudo().activity_ids)

    # -- what cannot be forged -----------------------------------------------------

    def test_state_and_people_cannot_be_written(self):
        adjustment = self.ask(self.manager, 500)
        for values in (
            {"state": "posted"},
            {"requested_by_id": self.clerk.id},
            {"approved_by_id": self.approver.id},
            {"entry_id": 1},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                adjustment.write(values)

    def test_state_and_people_cannot_be_created_or_defaulted(self):
        forged = (
            self.env["club.point.adjustment"]
            .with_user(self.boss)
            .with_context(
                default_state="to_approve",
                default_requested_by_id=self.clerk.id,
            )
            .create(
                {
                    "member_id": self.member.id,
                    "points": 500,
                    "reason": "x",
                    "state": "to_approve",
                    "requested_by_id": self.clerk.id,
                }
            )
        )
        self.assertEqual((forged.state, forged.requested_by_id), ("draft", self.boss))

    def test_a_sent_adjustment_neither_changes_nor_disappears(self):
        adjustment = self.ask(self.manager, 10)
        with self.assertRaisesRegex(UserError, "no longer changes"):
            adjustment.write({"points": 1000})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            adjustment.unlink()

    def test_anothers_draft_is_neither_changed_nor_sent(self):
        draft = self.ask(self.manager, 10, submit=False)
        for attempt in (
            lambda: draft.with_user(self.boss).write({"points": 11}),
            draft.with_user(self.boss).action_submit,
            draft.with_user(self.boss).unlink,
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_an_adjustment_posts_once(self):
        adjustment = self.ask(self.clerk, 10)
        adjustment.with_user(self.manager).action_approve()
        adjustment.with_user(self.manager).action_approve()
        adjustment.with_user(self.clerk).action_submit()
        self.assertEqual(self.member.points, 10)

    # -- content ---------------------------------------------------------------------

    def test_a_refused_one_posts_nothing(self):
        adjustment = self.ask(self.clerk, 10)
        adjustment.with_user(self.manager).action_refuse()
        self.assertEqual((adjustment.state, self.member.points), ("refused", 0))

    def test_the_asker_may_withdraw(self):
        adjustment = self.ask(self.clerk, 10)
        adjustment.action_refuse()
        self.assertEqual(adjustment.state, "refused")

    def test_taking_more_than_there_is_is_refused(self):
        self.post(5, "a")
        with self.assertRaises(NotEnoughPoints):
            self.ask(self.manager, -6)

    def test_the_expiry_is_the_policys_none_or_a_day(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 12})
        self.assertTrue(self.ask(self.manager, 1).entry_id.sudo().expires_on)
        self.assertFalse(self.ask(self.manager, 1, expiry="never").entry_id.sudo().expires_on)
        day = self.ask(self.manager, 1, expiry="date", expires_on="2999-01-01").entry_id.sudo().expires_on
        self.assertEqual(str(day), "2999-01-01")
        with self.assertRaises(ValidationError):
            self.ask(self.manager, 1, expiry="date")

    def test_points_have_the_clubs_decimals(self):
        with self.assertRaisesRegex(ValidationError, "decimals"):
            self.ask(self.manager, 1.5)

    def test_odoos_wizard_for_balances_makes_an_adjustment(self):
        self.post(5, "a")
        self.boss.group_ids += self.env.ref("sales_team.group_sale_salesman")
        wizard = (
            self.env["loyalty.card.update.balance"]
            .with_user(self.boss)
            .create(
                {
                    "card_id": self.member.card_id.id,
                    "new_balance": 25,
                    "description": "Goodwill",
                }
            )
        )
        action = wizard.action_update_card_point()
        adjustment = self.env["club.point.adjustment"].browse(action["res_id"])
        self.assertEqual((adjustment.points, adjustment.state, self.member.points), (20, "posted", 25))
        self.env.flush_all()
        self.env.cr.flush()
        self.assertInvariantsHold()

    def test_another_companys_member_cannot_be_adjusted(self):
        """never.md 14"""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        club = self.env["club.club"].create({"name": "Elsewhere", "company_id": company.id, "tz": "UTC"})
        stranger = club._enrol(self.partner)
        with self.assertRaises(AccessError):
            self.ask(self.boss, 1, member_id=stranger.id)
