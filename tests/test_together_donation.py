"""Donations: counted at once, worth what they were worth then, paid once."""

from datetime import timedelta

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged


class CauseCase(TogetherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charity = cls.env["res.partner"].create({"name": "Trees e.V.", "is_company": True})
        cls.cause = cls.env["club.cause"].create(
            {"club_id": cls.club.id, "name": "Trees", "beneficiary_id": cls.charity.id, "point_value": 0.05}
        )


@tagged("post_install", "-at_install")
class TestDonations(CauseCase):
    def give(self, points=100, member=None, **values):
        return self.cause._give(member or self.member, points, **values)

    def test_a_donation_takes_points_and_fixes_what_they_are_worth(self):
        self.post(150, "a")
        donation = self.give()
        self.assertEqual((donation.state, donation.points, donation.value), ("given", 100, 5.0))
        self.assertTrue(donation.satisfied_at, "the points count as redeemed when they are given")
        self.cause.point_value = 0.5
        self.assertEqual((donation.value, donation.unit_cost), (5.0, 5.0))
        self.env.invalidate_all()
        self.assertEqual((self.cause.total, self.cause.total_points, self.cause.donor_count), (5.0, 100, 1))
        self.assertEqual(self.points_of(self.member), [50])
        self.assertInvariantsHold()

    def test_welcome_points_may_be_donated(self):
        self.buy(50, "a", type="join", days=0)
        self.assertEqual(self.give(50).value, 2.5)

    def test_more_than_there_is_cannot_be_given(self):
        self.post(99, "a")
        with self.assertRaises(NotEnoughPoints):
            self.give()
        self.assertEqual(self.points_of(self.member), [99])

    def test_the_same_form_gives_once(self):
        self.post(150, "a")
        self.assertEqual(self.give(form_key="f"), self.give(form_key="f"))
        self.assertEqual(self.points_of(self.member), [50])

    def test_a_goal_is_not_passed_where_it_ends_there(self):
        self.post(500, "a")
        self.cause.write({"goal": 10, "stop_at_goal": True})
        self.give(150)
        with self.assertRaisesRegex(UserError, "needs only .*2.50"):
            self.give(51)
        self.give(50)
        with self.assertRaisesRegex(UserError, "needs only .*0.00"):
            self.give(1)
        self.cause.stop_at_goal = False
        self.give(1)

    def test_only_those_whom_it_is_for_and_only_in_its_days(self):
        self.post(500, "a")
        today = self.club._get_today()
        self.cause.write({"date_from": today + timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "begins on"):
            self.give()
        self.cause.write({"date_from": False, "date_to": today - timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "has ended"):
            self.give()
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1000})
        self.cause.write({"date_to": False, "audience_from_tier_id": tier.id})
        with self.assertRaisesRegex(UserError, "from the tier Gold"):
            self.give()
        self.cause.write({"audience_from_tier_id": False, "active": False})
        with self.assertRaisesRegex(UserError, "ended"):
            self.give()
        self.assertEqual(self.points_of(self.member), [500])

    def test_never_14_a_cause_of_another_club_takes_nothing(self):
        company = self.env["res.company"].create({"name": "Second"})
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC", "company_id": company.id})
        stranger = other._enrol(self.partner)
        self.post(100, "a", member=stranger)
        with self.assertRaisesRegex(UserError, "not offered in this club"):
            self.give(member=stranger)
        user = new_test_user(
            self.env,
            "second_boss",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for model in ("club.cause", "club.donation", "club.gift", "club.pool", "club.pool.member"):
            self.assertFalse(self.env[model].with_user(user).search_count([]))

    def test_what_is_worth_nothing_is_not_taken(self):
        self.post(100, "a")
        self.cause.point_value = 0.001
        with self.assertRaisesRegex(UserError, "not less than is worth"):
            self.give(9)
        self.assertEqual(self.give(19).value, 0.01, "rounded down: the shop owes no more than was given")

    def test_staff_cancel_until_the_cause_is_billed(self):
        entry = self.post(150, "a")
        donation = self.give()
        clerk = new_test_user(self.env, "don_clerk", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            donation.with_user(clerk).action_cancel()
        manager = new_test_user(self.env, "don_boss", groups="customer_club.group_club_manager")
        donation.with_user(manager).action_cancel()
        donation.with_user(manager).action_cancel()
        self.assertEqual((donation.state, donation.points, self.points_of(self.member)), ("cancelled", 0, [150]))
        self.assertEqual(entry.lot_ids.remaining, 150, "back in the lot they came from")
        self.assertFalse(donation.satisfied_at)
        self.assertEqual((self.cause.total, self.cause.to_pay), (0, 0))
        self.assertInvariantsHold()

    def test_nobody_types_a_donations_state_or_points(self):
        self.post(150, "a")
        donation = self.give()
        for values in ({"state": "cancelled"}, {"points": 1}, {"value": 1000}, {"bill_id": False}):
            with self.assertRaises(AccessError):
                donation.write(values)
        with self.assertRaises(ValidationError):
            self.cause.audience_from_tier_id = self.env["club.tier"].create(
                {
                    "club_id": self.env["club.club"].create({"name": "Other", "tz": "UTC"}).id,
                    "name": "Foreign",
                    "threshold": 1,
                }
            )

    def test_an_anonymous_donor_stays_one(self):
        self.post(150, "a")
        self.member.nickname = "Rosie"
        self.assertFalse(self.give(10).nickname)
        self.assertEqual(self.give(10, show_nickname=True).nickname, "Rosie")
        self.member._erase()
        self.assertFalse(any(self.cause.donation_ids.mapped("nickname")))


@tagged("post_install", "-at_install")
class TestPayingACause(CauseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["account.account"].create(
            {"name": "Owed to causes", "code": "2590", "account_type": "liability_current", "reconcile": True}
        )
        if not cls.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", cls.env.company.id)], limit=1
        ):
            cls.env["account.journal"].create({"name": "Bills", "code": "CBILL", "type": "purchase"})
        cls.post(500, "a")

    def bill(self):
        action = self.cause.action_make_bill()
        return self.env["account.move"].browse(action["res_id"])

    def test_the_shop_pays_what_was_given_once(self):
        self.cause.account_id = self.account
        first, second = self.cause._give(self.member, 100), self.cause._give(self.member, 33)
        self.assertEqual(self.cause.to_pay, 6.65)
        bill = self.bill()
        self.assertEqual((bill.state, bill.move_type, bill.partner_id), ("draft", "in_invoice", self.charity))
        self.assertEqual((bill.amount_total, bill.invoice_line_ids.account_id), (6.65, self.account))
        self.assertEqual((first | second).bill_id, bill)
        with self.assertRaisesRegex(UserError, "billed already"):
            self.bill()
        with self.assertRaisesRegex(UserError, "is on the bill"):
            first.action_cancel()
        third = self.cause._give(self.member, 20)
        self.assertEqual(self.bill().amount_total, 1.0)
        self.assertTrue(third.bill_id)

    def test_a_bill_that_is_deleted_or_cancelled_counts_nothing(self):
        self.cause.account_id = self.account
        donation = self.cause._give(self.member, 100)
        self.bill().unlink()
        self.env.invalidate_all()
        self.assertEqual((donation.bill_state, self.cause.to_pay), (False, 5.0))
        bill = self.bill()
        bill.button_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.cause.to_pay, 5.0)
        donation.action_cancel()
        self.assertEqual(self.points_of(self.member), [500])

    def test_without_the_account_nothing_is_billed(self):
        self.cause._give(self.member, 100)
        with self.assertRaisesRegex(UserError, "account owed to the cause"):
            self.bill()

    def test_only_who_makes_bills_pays(self):
        self.cause.account_id = self.account
        self.cause._give(self.member, 100)
        manager = new_test_user(self.env, "bill_boss", groups="customer_club.group_club_manager")
        with self.assertRaises(AccessError):
            self.cause.with_user(manager).action_make_bill()
        accountant = new_test_user(
            self.env, "bill_acc", groups="customer_club.group_club_accountant,account.group_account_invoice"
        )
        self.assertTrue(self.cause.with_user(accountant).action_make_bill())

    def test_the_home_page_says_what_is_to_pay(self):
        self.cause._give(self.member, 100)
        todo = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
        self.assertIn("5.00", todo["donations"])
        self.assertEqual(self.club._get_home_action("donations")["res_model"], "club.donation")


@tagged("post_install", "-at_install")
class TestHonour(CauseCase):
    def test_only_who_agrees_and_has_an_honour_stands_on_the_roll(self):
        self.post(100, "a")
        self.assertEqual(self.club._get_honour_roll("donor"), ([], None))
        self.cause._give(self.member, 10)
        self.assertEqual(self.club._get_honour_roll("donor"), ([], None))
        self.member._agree_to_honour("Rosie")
        self.member_2._agree_to_honour("Benny")
        self.assertEqual(self.club._get_honour_roll("donor"), (["Rosie"], None))
        self.assertEqual((self.member._get_honours(), self.member_2._get_honours()), (["donor"], []))
        self.member._end_honour()
        self.assertEqual(self.club._get_honour_roll("donor"), ([], None))

    def test_a_nickname_tells_no_address_and_is_nobody_elses(self):
        self.member._agree_to_honour("Rosie")
        for nickname in ("", "x", "rosie@example.com", "0049 30 1234567", "y" * 31):
            with self.assertRaises(UserError):
                self.member_2._agree_to_honour(nickname)
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self.member_2._agree_to_honour("ROSIE")
        self.member._agree_to_honour("Rosie")

    def test_loyal_members_are_those_from_a_tier_upwards(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Bloom", "threshold": 0})
        self.club.honour_tier_id = tier
        self.member.sudo().tier_id = tier
        self.member._agree_to_honour("Rosie")
        self.assertEqual(self.club._get_honour_roll("tier"), (["Rosie"], None))

    def test_the_roll_has_pages(self):
        self.post(100, "a")
        self.post(100, "b", member=self.member_2)
        self.cause._give(self.member, 10)
        self.cause._give(self.member_2, 10)
        self.member._agree_to_honour("Rosie")
        self.member_2._agree_to_honour("Benny")
        first, after = self.club._get_honour_roll("donor", limit=1)
        second, end = self.club._get_honour_roll("donor", after, limit=1)
        self.assertEqual((first, second, end), (["Rosie"], ["Benny"], None))

    def test_who_leaves_or_is_switched_off_is_honoured_no_more(self):
        self.post(100, "a")
        self.cause._give(self.member, 10)
        self.member._agree_to_honour("Rosie")
        self.club.honour_active = False
        self.assertEqual(self.club._get_honour_roll("donor"), ([], None))
        self.club.honour_active = True
        self.member._leave()
        self.assertFalse(self.member.honour_nickname)
        self.assertEqual(self.club._get_honour_roll("donor"), ([], None))

    def test_helpers_are_those_whose_feedback_was_rewarded(self):
        self.buy(10, "f", type="feedback")
        self.member._agree_to_honour("Rosie")
        self.assertEqual(self.club._get_honour_roll("helper"), (["Rosie"], None))
