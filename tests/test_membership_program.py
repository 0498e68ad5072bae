"""A club's points program keeps its type and its anchor; a club's fields cannot contradict each other."""

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install")
class TestPointsProgram(ClubCase):
    """Design rule 5: spending is Odoo's, earning is not."""

    def test_the_program_has_one_rule_that_nobody_reaches(self):
        rule = self.club.program_id.rule_ids
        self.assertEqual(len(rule), 1)
        self.assertEqual(rule.mode, "with_code")
        self.assertTrue(rule._is_club_anchor())

    def test_the_type_cannot_change(self):
        with self.assertRaisesRegex(ValidationError, "points program of the club"), self.env.cr.savepoint():
            self.club.program_id.program_type = "promotion"
        self.assertEqual(self.club.program_id.program_type, "loyalty")

    def test_rules_cannot_be_added_changed_or_removed(self):
        program = self.club.program_id
        doors = [
            lambda: self.env["loyalty.rule"].create({"program_id": program.id, "reward_point_amount": 5}),
            lambda: program.write({"rule_ids": [fields.Command.create({"reward_point_amount": 5})]}),
            lambda: program.rule_ids.write({"minimum_amount": 1}),
            lambda: program.rule_ids.write({"mode": "auto"}),
            lambda: program.rule_ids.write({"active": False}),
            lambda: program.rule_ids.unlink(),
            lambda: program.write({"rule_ids": [fields.Command.clear()]}),
            lambda: program.write({"date_to": "2030-01-01"}),
            lambda: program.write({"limit_usage": True, "max_usage": 1}),
        ]
        for number, door in enumerate(doors):
            with self.subTest(door=number), self.assertRaises(ValidationError), self.env.cr.savepoint():
                door()
                self.env.flush_all()

    def test_rewards_may_change(self):
        self.club.program_id.write({"reward_ids": [fields.Command.create({"discount": 10, "required_points": 50})]})
        self.assertEqual(len(self.club.reward_ids), 2)

    def test_the_generate_wizard_is_refused(self):
        wizard = self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.club.program_id.id,
                "mode": "selected",
                "customer_ids": [fields.Command.set(self.partner.ids)],
                "points_granted": 500,
            }
        )
        before = self.env["loyalty.card"].search_count([("program_id", "=", self.club.program_id.id)])
        with self.assertRaisesRegex(UserError, "enrolling members"):
            wizard.generate_coupons()
        self.assertEqual(self.env["loyalty.card"].search_count([("program_id", "=", self.club.program_id.id)]), before)

    def test_the_generate_wizard_works_on_other_programs(self):
        program = self.env["loyalty.program"].create({"name": "Gift", "program_type": "gift_card"})
        wizard = self.env["loyalty.generate.wizard"].create({"program_id": program.id, "coupon_qty": 2})
        self.assertEqual(len(wizard.generate_coupons()), 2)

    def test_archiving_and_restoring_a_club_keeps_its_program_whole(self):
        self.club.active = False
        self.assertFalse(self.club.program_id.active)
        self.club.active = True
        self.assertTrue(self.club.program_id.active)
        self.club.program_id._check_club_program()

    def test_names_follow_the_club(self):
        self.club.write({"name": "Tulip Club", "point_name": "Petals"})
        self.assertEqual((self.club.program_id.name, self.club.program_id.portal_point_name), ("Tulip Club", "Petals"))

    def test_the_company_cannot_change_once_there_are_points(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        young = self.env["club.club"].create({"name": "Young"})
        young.company_id = other
        self.assertEqual(young.program_id.company_id, other)
        self.post(10, "p:1")
        with self.assertRaisesRegex(ValidationError, "Make a new club"), self.env.cr.savepoint():
            self.club.company_id = other


@tagged("post_install", "-at_install")
class TestClubSettings(ClubCase):
    """Every combination of a club's fields works, or is refused with a remedy."""

    def test_expiry_needs_what_its_policy_counts(self):
        with self.assertRaisesRegex(ValidationError, "at least one month"), self.env.cr.savepoint():
            self.club.write({"expiry_policy": "months", "expiry_months": 0})
        with self.assertRaisesRegex(ValidationError, "Choose a month"), self.env.cr.savepoint():
            self.club.write({"expiry_policy": "fixed_day", "expiry_month": 13, "expiry_day": 1})
        with self.assertRaisesRegex(ValidationError, "Choose a month"), self.env.cr.savepoint():
            self.club.write({"expiry_policy": "fixed_day", "expiry_month": 1, "expiry_day": 0})
        self.club.write({"expiry_policy": "fixed_day", "expiry_month": 1, "expiry_day": 1, "calendar": "jalali"})

    def test_criteria_and_windows_need_a_period(self):
        with self.assertRaisesRegex(ValidationError, "at least one month"), self.env.cr.savepoint():
            self.club.write({"criteria_orders": 1, "criteria_months": 0})
        with self.assertRaisesRegex(ValidationError, "rolling months"), self.env.cr.savepoint():
            self.club.write({"tier_window": "rolling", "tier_window_months": 0})
        with self.assertRaisesRegex(ValidationError, "between 1 and 366"), self.env.cr.savepoint():
            self.club.invitation_days = 0

    def test_nothing_is_negative(self):
        for name in (
            "hold_days",
            "budget_points",
            "criteria_orders",
            "adjust_limit",
            "tier_grace_days",
            "leave_keep_days",
        ):
            with (
                self.subTest(field=name),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.club[name] = -1
                self.env.flush_all()

    def test_a_copied_club_is_a_club_of_its_own(self):
        self.env["club.tier"].create({"club_id": self.club.id, "name": "Bronze", "threshold": 0})
        twin = self.club.copy()
        self.assertNotEqual(twin.program_id, self.club.program_id)
        self.assertNotEqual(twin.number_sequence_id, self.club.number_sequence_id)
        self.assertEqual(twin.tier_ids.mapped("name"), ["Bronze"])
        self.assertFalse(twin.member_ids)
