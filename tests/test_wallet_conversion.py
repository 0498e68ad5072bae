from datetime import timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .wallet_common import WalletCase


@tagged("post_install", "-at_install")
class TestPointsBecomeMoneyAndNothingIsLostOrGained(WalletCase):
    def convert(self, points, key="form-1", member=None):
        return self.env["club.wallet.conversion"]._convert(member or self.member, Decimal(points), key)

    def test_points_are_taken_and_money_comes_in_one_transaction(self):
        self.post(500, "p")
        conversion = self.convert(300)
        self.assertEqual((self.member.points, self.money()), (200.0, Decimal(3)))
        self.assertEqual((conversion.points, conversion.money, conversion.unit_cost), (300.0, 3.0, 3.0))
        self.assertTrue(conversion.satisfied_at)
        self.assertInvariantsHold()

    def test_the_same_form_converts_once(self):
        """Never 6: a replayed request."""
        self.post(500, "p")
        first = self.convert(300)
        self.assertEqual(self.convert(300), first)
        self.assertEqual((self.member.points, self.money()), (200.0, Decimal(3)))
        with self.assertRaisesRegex(UserError, "was used"):
            self.convert(200)
        self.assertInvariantsHold()

    def test_not_enough_points_change_nothing(self):
        self.post(100, "p")
        with self.assertRaises(NotEnoughPoints):
            self.convert(300)
        self.assertEqual((self.member.points, self.money()), (100.0, Decimal(0)))
        self.assertInvariantsHold()

    def test_pending_and_expired_points_are_no_money(self):
        """Never 3."""
        self.post(500, "p", pending=True)
        self.post(500, "q", expires_on=fields.Date.today() - timedelta(days=1))
        with self.assertRaises(NotEnoughPoints):
            self.convert(100)
        self.assertEqual(self.money(), Decimal(0))
        self.assertInvariantsHold()

    def test_only_whole_steps(self):
        """Never 10: no part of a point is lost by rounding."""
        self.post(500, "p")
        for points in ("150", "0", "-100", "99"):
            with self.subTest(points=points), self.assertRaisesRegex(UserError, "in steps of 100"):
                self.convert(points)
        self.assertEqual(self.member.points, 500.0)

    def test_a_step_that_is_no_whole_money_is_refused_in_the_settings(self):
        """Never 10."""
        with self.assertRaisesRegex(ValidationError, "steps of 10 points"):
            self.club.write({"wallet_point_value": 0.003, "wallet_step_points": 15})
        self.club.write({"wallet_point_value": 0.003, "wallet_step_points": 20, "wallet_least_points": 20})
        self.post(500, "p")
        self.convert(120)
        self.assertEqual(self.money(), Decimal("0.36"))

    def test_a_fee_is_said_and_kept(self):
        self.club.wallet_fee = 2.5
        self.post(500, "p")
        conversion = self.convert(300)
        self.assertEqual((conversion.money, conversion.fee), (2.92, 0.08))
        self.assertEqual(self.money(), Decimal("2.92"))

    def test_limits_per_day_and_month_hold(self):
        self.club.write({"wallet_day_points": 300, "wallet_month_points": 400})
        self.post(5000, "p")
        self.convert(200)
        with self.assertRaisesRegex(UserError, "100"):
            self.convert(200, "form-2")
        self.convert(100, "form-3")
        with self.assertRaises(UserError):
            self.convert(100, "form-4")
        self.assertEqual(self.money(), Decimal(3))

    def test_a_club_that_does_not_offer_it_refuses(self):
        self.post(500, "p")
        self.club.wallet_to_money = False
        with self.assertRaisesRegex(UserError, "does not turn points into money"):
            self.convert(100)
        self.club.write({"wallet_to_money": True, "has_wallet": False})
        with self.assertRaises(UserError):
            self.convert(100)
        self.assertEqual(self.member.points, 500.0)

    def test_who_has_left_converts_nothing(self):
        self.post(500, "p")
        self.member._leave()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.convert(100)

    # -- and back --------------------------------------------------------------

    def test_money_goes_back_only_where_the_club_allows_it(self):
        self.post(500, "p")
        conversion = self.convert(300)
        with self.assertRaisesRegex(UserError, "time in which it could be undone is over"):
            conversion._undo()
        self.assertEqual(self.money(), Decimal(3))

    def test_undoing_gives_the_points_back_to_their_own_lots(self):
        """Design §2: nothing launders an expiry; never 10: to and fro gains nothing."""
        self.club.wallet_back_days = 7
        soon = fields.Date.today() + timedelta(days=3)
        self.post(100, "soon", expires_on=soon)
        self.post(500, "late", expires_on=soon + timedelta(days=300))
        before = self.member.lot_ids.filtered("remaining").mapped(lambda lot: (lot.expires_on, lot.remaining))
        for number in range(3):
            conversion = self.convert(300, f"form-{number}")
            conversion._undo()
            conversion._undo()
        self.env.invalidate_all()
        after = self.member.lot_ids.filtered("remaining").mapped(lambda lot: (lot.expires_on, lot.remaining))
        self.assertEqual(before, after)
        self.assertEqual((self.member.points, self.money()), (600.0, Decimal(0)))
        self.assertEqual(conversion.state, "undone")
        self.assertInvariantsHold()

    def test_points_that_expired_meanwhile_expire_again(self):
        """Never 3."""
        self.club.wallet_back_days = 30
        self.post(300, "soon", expires_on=fields.Date.today() + timedelta(days=2))
        conversion = self.convert(300)
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            conversion._undo()
            self.assertEqual((self.member.points, self.money()), (0.0, Decimal(0)))
        self.assertInvariantsHold()

    def test_spent_or_held_money_does_not_go_back(self):
        self.club.wallet_back_days = 7
        self.post(500, "p")
        conversion = self.convert(300)
        order = self.pay_with_wallet(self.order(2.0))
        order.action_confirm()
        self.settle()
        with self.assertRaisesRegex(UserError, "Some of the money was spent"):
            conversion._undo()
        order._action_cancel()
        self.settle()
        conversion._undo()
        self.assertEqual((self.member.points, self.money()), (500.0, Decimal(0)))
        self.assertInvariantsHold()

    def test_no_one_types_a_conversion(self):
        """Abuse 15: neither staff nor portal nor manager."""
        self.post(500, "p")
        conversion = self.convert(300)
        for login, groups in (
            ("conv_manager", "customer_club.group_club_manager"),
            ("conv_portal", "base.group_portal"),
            ("conv_accountant", "customer_club.group_club_accountant"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            with self.subTest(groups=groups):
                with self.assertRaises(AccessError):
                    conversion.with_user(user).write({"money": 99})
                with self.assertRaises(AccessError):
                    self.env["club.wallet.conversion"].with_user(user).create(
                        {"member_id": self.member.id, "account_id": self.member.id, "asked": 1, "form_key": "x"}
                    )
        with self.assertRaises(AccessError):
            conversion.write({"money": 99})

    def test_another_companys_people_see_nothing_of_it(self):
        self.post(500, "p")
        conversion = self.convert(300)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(
            self.env,
            "conv_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["club.wallet.conversion"].with_user(user).search([("id", "=", conversion.id)]))
        with self.assertRaises(AccessError):
            conversion.with_user(user).read(["money"])
        self.assertFalse(self.env["club.point.entry"].with_user(user).search([("club_id", "=", self.wallet.id)]))


@tagged("post_install", "-at_install")
class TestMoneyStaysWhoseItIs(WalletCase):
    def test_merged_contacts_have_all_the_money_once(self):
        """Never 13."""
        self.put(5, "a")
        self.put(7, "b", member=self.member_2)
        self.post(500, "p", member=self.member_2)
        conversion = self.env["club.wallet.conversion"]._convert(self.member_2, Decimal(100), "k")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | self.partner_2).ids, self.partner)
        self.env.invalidate_all()
        self.assertEqual(self.money(), Decimal(13))
        self.assertEqual(self.member.points, 400)
        order = self.pay_with_wallet(self.order(13.0))
        order.action_confirm()
        self.settle()
        self.assertEqual(self.money(), Decimal(0))
        self.assertTrue(conversion.exists())
        self.assertInvariantsHold()

    def test_a_lone_wallet_follows_the_merged_contact(self):
        self.put(7, "b", member=self.member_2)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner
        )
        self.env.invalidate_all()
        self.assertEqual(self.money(), Decimal(7))
        self.assertInvariantsHold()

    def test_who_leaves_keeps_the_money_and_is_listed(self):
        self.put(5, "a")
        account = self.member._get_wallet()
        self.member._leave()
        self.settle()
        self.assertEqual(account.card_id.points, 5)
        self.assertTrue(account.wallet_of_former)
        self.assertIn(
            account, self.env["club.member"].with_context(active_test=False).search([("wallet_of_former", "=", True)])
        )
        self.assertEqual(self.club._tie_out_wallet()[self.club]["of_former"], Decimal(5))
        order = self.order(5.0)
        order._update_programs_and_rewards()
        order._apply_program_reward(self.reward, account.card_id)
        order.action_confirm()
        self.settle()
        self.assertEqual(account.card_id.points, 0)
        self.assertInvariantsHold()

    def test_erasing_a_person_keeps_what_is_owed(self):
        self.put(5, "a")
        account = self.member._get_wallet()
        self.member._erase()
        self.settle()
        self.assertEqual((account.card_id.points, account.partner_id), (5, self.partner))
        self.assertEqual(self.partner.name, "Anna", "somebody must know to whom the money is owed")
        self.assertNotEqual(self.member.partner_id, self.partner)
        self.assertTrue(account.wallet_of_former)
        self.assertInvariantsHold()

    def test_erasing_a_person_without_money_leaves_no_name(self):
        self.put(5, "a")
        account = self.member._get_wallet()
        self.post(-5, "s", member=account)
        self.member._erase()
        self.settle()
        self.assertNotIn("Anna", account.display_name)
        self.assertNotEqual(self.partner.name, "Anna")
        self.assertInvariantsHold()

    def test_erasing_a_customer_with_orders_takes_the_empty_wallet_off_the_contact(self):
        self.put(5, "a")
        account = self.member._get_wallet()
        self.pay_with_wallet(self.order(5.0)).action_confirm()
        self.settle()
        self.member._erase()
        self.assertNotEqual(account.partner_id, self.partner)
        self.assertEqual(account.card_id.partner_id, account.partner_id)
        self.assertInvariantsHold()

    def test_a_correction_needs_a_second_person(self):
        """Never 23."""
        manager = new_test_user(self.env, "wallet_corr", groups="customer_club.group_club_manager")
        account = self.member._get_wallet(create=True)
        action = self.member.with_user(manager).action_adjust_wallet()
        self.assertEqual(action["context"]["default_member_id"], account.id)
        adjustment = (
            self.env["club.point.adjustment"]
            .with_user(manager)
            .create({"member_id": account.id, "points": 3.5, "reason": "Complaint 7", "expiry": "never"})
        )
        adjustment.action_submit()
        self.assertEqual((adjustment.state, self.money()), ("to_approve", Decimal(0)))
        approver = new_test_user(self.env, "wallet_appr", groups="customer_club.group_club_approver")
        adjustment.with_user(approver).action_approve()
        self.assertEqual(self.money(), Decimal("3.5"))
        self.assertInvariantsHold()

    def test_the_books_find_every_movement_by_kind(self):
        self.club.wallet_back_days = 7
        self.post(500, "p")
        self.put(20, "w")
        conversions = self.env["club.wallet.conversion"]
        conversions._convert(self.member, Decimal(300), "a")
        conversions._convert(self.member, Decimal(100), "b")._undo()
        order = self.pay_with_wallet(self.order(5.0))
        order.action_confirm()
        other = self.pay_with_wallet(self.order(4.0))
        other.action_confirm()
        other._action_cancel()
        self.settle()
        today = fields.Date.today()
        found = self.club._get_wallet_movements(today, today)[self.club]
        self.assertEqual(
            {kind: amount for kind, amount in found.items() if amount},
            {
                "converted": Decimal(4),
                "unconverted": Decimal(-1),
                "topup": Decimal(20),
                "spent": Decimal(-9),
                "spent_back": Decimal(4),
            },
        )
        ties = self.club._tie_out_wallet()[self.club]
        self.assertEqual(
            (ties["ledger"], ties["spendable"], ties["difference"]), (Decimal(18), Decimal(18), Decimal(0))
        )
        self.assertFalse(
            any(
                self.club._get_wallet_movements(today - timedelta(days=9), today - timedelta(days=2))[
                    self.club
                ].values()
            )
        )
