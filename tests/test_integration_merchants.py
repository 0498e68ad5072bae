"""Purchases at a partner merchant: they earn once, wait for the hold, keep within limits, and can be corrected."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.convert import convert_file


class MerchantCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.partner"].create({"name": "Corner Bakery", "is_company": True})
        cls.merchant = cls.env["club.merchant"].create(
            {
                "partner_id": cls.company.id,
                "club_id": cls.club.id,
                "code": "bakery",
                "hold_days": 0,
                "integration_id": cls.integration.id,
            }
        )
        cls.rule = cls.earn_rule(
            "merchant_purchase", 1, formula="per_amount", per_amount=10, merchant_ids=cls.merchant.ids
        )

    def buy(self, amount="25.00", key="till-1", **values):
        return self.call(
            "record_event",
            **{"member": self.member.number, "type": "merchant_purchase", "key": key, "amount": amount, **values},
        )

    def purchase(self, reference="till-1"):
        return self.env["club.merchant.purchase"].search([("reference", "=", reference)])

    def later(self, **ago):
        moment = fields.Datetime.now() + timedelta(**ago)
        return patch.object(fields.Datetime, "now", lambda *args: moment)


@tagged("post_install", "-at_install")
class TestReported(MerchantCase):
    def test_a_purchase_earns_once_by_its_reference(self):
        """Way 18; never.md 6."""
        first = self.buy()
        self.assertEqual(
            (first["points"], first["state"], first["merchant"], first["reference"]),
            ("2", "recorded", "bakery", "till-1"),
        )
        self.assertEqual(self.buy(), {**first, "replayed": True})
        self.assertEqual(self.buy(key="other-key", reference="till-1")["points"], "2", "the receipt is the same")
        self.assertEarned(2, "merchant_purchase")
        event = self.purchase()._get_events()
        self.assertEqual((event.key, event.amount), (f"merchant,{self.merchant.id}:till-1", 25))
        self.assertInvariantsHold()

    def test_a_reference_stands_for_one_purchase(self):
        self.buy()
        self.assertRefused("key_reused", self.buy("26"))
        self.assertRefused("key_reused", self.buy("26", key="k2", reference="till-1"))
        self.assertRefused("key_reused", self.buy(key="k3", reference="till-1", member=self.member_2.number))
        self.assertEqual(self.member.points, 2)

    def test_only_the_rules_merchants_and_its_share_count(self):
        other = self.env["club.merchant"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Book Shop"}).id,
                "club_id": self.club.id,
                "code": "books",
                "hold_days": 0,
                "integration_id": self.integration.id,
            }
        )
        self.assertRefused("bad_input", self.buy())
        self.assertEqual(self.buy(merchant="books")["points"], "0")
        self.merchant.share = 50
        self.assertEqual(self.buy("45", key="k2", merchant="bakery")["points"], "2")
        self.assertIn("every purchase at Corner Bakery", self.rule.sentence)
        other.partner_id.name = "Old Books"
        self.assertEqual(other.name, "Old Books")

    def test_points_wait_for_the_hold(self):
        self.merchant.hold_days = 7
        answer = self.buy()
        self.assertEqual((answer["points"], answer["pending"], answer["balance"]), ("2", "2", "0"))
        with self.jobs_in_test(), self.later(days=6):
            self.env["club.ledger.job"]._cron_open(fields.Date.today() + timedelta(days=6))
            self.assertEqual(self.member.points, 0)
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_open(fields.Date.today() + timedelta(days=7))
        self.assertEqual(self.member.points, 2)
        self.assertInvariantsHold()

    def test_the_merchants_own_people_earn_nothing_there(self):
        """abuse.md 12."""
        owner = self.env["res.partner"].create({"name": "Baker", "parent_id": self.company.id})
        helper = self.env["res.partner"].create({"name": "Helper"})
        self.merchant.staff_ids = helper
        for number, partner in enumerate((self.company, owner, helper)):
            member = self.club._enrol(partner)
            self.assertRefused("refused", self.buy(key=f"k{number}", member=member.number))
        self.assertEqual(self.buy()["points"], "2")

    def test_nor_do_they_under_another_contact(self):
        """abuse.md 12: the same e-mail but for what follows a plus, or the same phone, is the same person."""
        self.merchant.staff_ids = self.env["res.partner"].create(
            {"name": "Baker", "email": "baker@example.com", "phone": "+49 30 1234567"}
        )
        colleague = self.env["res.partner"].create(
            {"name": "Colleague", "email": "colleague@example.com", "parent_id": self.company.id}
        )
        self.assertEqual(colleague.commercial_partner_id, self.company)
        for number, values in enumerate(
            ({"email": "baker+2@example.com"}, {"phone": "+49301234567"}, {"email": "Colleague@example.com"})
        ):
            other = self.club._enrol(self.env["res.partner"].create({"name": f"Alias {number}", **values}))
            self.assertRefused("refused", self.buy(key=f"alias-{number}", member=other.number))
        self.assertEqual(self.buy()["state"], "recorded")

    def test_a_suspended_merchant_reports_nothing(self):
        self.merchant.action_suspend()
        answer = self.buy()
        self.assertRefused("refused", answer)
        self.assertIn("suspended", answer["error"]["message"])
        self.merchant.action_resume()
        self.assertEqual(self.buy()["points"], "2")

    def test_an_integration_reports_for_its_own_merchants_only(self):
        """abuse.md 16."""
        stranger = self.integration.copy({"name": "Other shop"})
        self.assertRefused("forbidden", self.buy(user=stranger._get_user(), merchant="bakery"))
        self.assertRefused("forbidden", self.buy(user=stranger.user_id))
        self.assertRefused("forbidden", self.buy(merchant="no-such"))

    def test_an_amount_is_needed_above_zero_and_in_the_currencys_decimals(self):
        for amount in (None, "0", "-5", "1.234", 5.5):
            self.assertRefused("bad_input", self.buy(amount))

    def test_what_exceeds_the_limits_waits_for_a_manager(self):
        """abuse.md 12."""
        self.merchant.write({"points_per_day": 5})
        self.assertEqual(self.buy("30")["state"], "recorded")
        held = self.buy("30", key="till-2")
        self.assertEqual((held["state"], held["points"]), ("held", "0"))
        self.assertEqual(self.buy("20", key="till-3")["state"], "recorded")
        purchase = self.purchase("till-2")
        self.assertIn("5 points", purchase.held_reason)
        self.assertEqual((self.member.points, self.merchant.held_count), (5, 1))
        user = new_test_user(self.env, "held_user", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            purchase.with_user(user).action_accept()
        manager = new_test_user(self.env, "held_manager", groups="customer_club.group_club_manager")
        purchase.with_user(manager).action_accept()
        self.assertEqual((purchase.state, purchase.points, purchase.decided_by_id), ("recorded", 3, manager))
        self.assertEqual(self.member.points, 8)
        with self.assertRaises(UserError):
            purchase.with_user(manager).action_accept()
        self.assertInvariantsHold()

    def test_the_managers_home_page_says_what_waits(self):
        self.merchant.points_per_day = 1
        self.buy()
        todos = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
        self.assertIn("1", todos["merchant_held"])
        action = self.club.with_context(club_home="merchant_held").action_open_home()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.purchase())

    def test_limits_of_a_month_span_days_and_a_list_counts_as_a_whole(self):
        self.merchant.write({"points_per_month": 5})
        events = [
            {
                "member": self.member.number,
                "type": "merchant_purchase",
                "key": f"b-{number}",
                "amount": "20",
                "merchant": "bakery",
            }
            for number in range(4)
        ]
        answer = self.call("record_events", events=events)["results"]
        self.assertEqual([result["state"] for result in answer], ["recorded", "recorded", "held", "held"])
        held = self.purchase("b-2") | self.purchase("b-3")
        manager = new_test_user(self.env, "held_manager", groups="customer_club.group_club_manager")
        held.with_user(manager).action_refuse()
        self.assertEqual(set(held.mapped("state")), {"refused"})
        self.assertEqual(self.member.points, 4)

    def test_a_list_does_not_hide_what_its_last_purchase_earns(self):
        """abuse.md 12: a rule counts purchases, and the fifth of one list brings more than the merchant may give."""
        self.rule.active = False
        self.earn_rule("merchant_purchase", 1000, nth_mode="every", nth=5)
        self.merchant.points_per_day = 500
        events = [
            {"member": self.member.number, "type": "merchant_purchase", "key": f"n-{number}", "amount": "1"}
            for number in range(5)
        ]
        answer = self.call("record_events", events=events)["results"]
        self.assertEqual([result["state"] for result in answer], ["recorded"] * 4 + ["held"])
        self.assertEqual(self.member.points, 0)

    def test_a_lower_amount_is_corrected_by_a_revision(self):
        """never.md 1 and 2."""
        self.buy("55")
        answer = self.call("correct", corrects="till-1", amount="25", key="fix-1")
        self.assertEqual((answer["points"], answer["state"], answer["balance"]), ("2", "corrected", "2"))
        self.assertTrue(self.call("correct", corrects="till-1", amount="25", key="fix-1")["replayed"])
        self.assertRefused("key_reused", self.call("correct", corrects="till-1", amount="5", key="fix-1"))
        self.assertRefused("bad_input", self.call("correct", corrects="till-1", amount="26", key="fix-2"))
        events = self.purchase()._get_events()
        self.assertEqual(events.mapped("amount"), [55, -55, 25])
        self.assertEqual(events[1].revises_id, events[0])
        self.assertEqual(events[2].occurred_at, events[0].occurred_at)
        self.assertEqual((self.purchase().amount, self.purchase().worth), (55, 25))
        self.assertInvariantsHold()

    def test_a_purchase_is_taken_back_once_even_after_a_correction(self):
        """never.md 1 and 2."""
        self.buy("55")
        self.call("correct", corrects="till-1", amount="25", key="fix")
        answer = self.call("reverse", reverses="till-1", key="back")
        self.assertEqual((answer["points"], answer["balance"]), ("-2", "0"))
        self.assertRefused("nothing_left", self.call("reverse", reverses="till-1", key="back-2"))
        purchase = self.purchase()
        self.assertEqual((purchase.state, purchase.worth, purchase.points), ("reversed", 0, 0))
        self.assertEqual(sum(purchase._get_events().mapped("amount")), 0)
        self.assertTrue(self.buy("55")["replayed"], "it does not come to life again")
        self.assertRefused("key_reused", self.buy("54", key="k", reference="till-1"))
        self.assertInvariantsHold()

    def test_the_answer_tells_what_was_taken_back_not_what_had_expired(self):
        """The partner's books would otherwise be 5 points off the club's."""
        self.rule.expiry_months = 1
        self.buy("55")
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_expire(fields.Date.add(fields.Date.today(), days=40))
        self.env.invalidate_all()
        with self.later(days=40):
            answer = self.call("reverse", reverses="till-1", key="back")
        self.assertEqual((answer["points"], answer["balance"]), ("0", "0"))
        self.assertInvariantsHold()

    def test_points_spent_before_a_return_become_arrears(self):
        self.buy("55")
        self.assertEqual(self.spend("5")["balance"], "0")
        self.assertEqual(self.call("reverse", reverses="till-1", key="back")["balance"], "-5")
        self.assertInvariantsHold()

    def test_a_correction_counts_within_the_rules_limits(self):
        self.rule.write({"limit_member": 4})
        self.buy("55")
        self.assertEqual(self.member.points, 4)
        self.assertEqual(self.call("correct", corrects="till-1", amount="45", key="fix")["points"], "4")
        self.assertEqual(self.call("correct", corrects="till-1", amount="31", key="fix-2")["points"], "3")
        self.assertInvariantsHold()

    def test_a_held_purchase_is_withdrawn(self):
        self.merchant.points_per_day = 1
        self.assertEqual(self.buy()["state"], "held")
        self.assertEqual(self.call("reverse", reverses="till-1", key="back")["points"], "0")
        self.assertEqual(self.purchase().state, "refused")


@tagged("post_install", "-at_install")
class TestTypedIn(MerchantCase):
    def draft(self, user, **values):
        return (
            self.env["club.merchant.purchase"]
            .with_user(user)
            .create(
                {
                    "merchant_id": self.merchant.id,
                    "member_id": self.member.id,
                    "reference": "paper-1",
                    "amount": 25,
                    **values,
                }
            )
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = new_test_user(cls.env, "merchant_staff", groups="customer_club.group_club_user")
        cls.manager = new_test_user(cls.env, "merchant_manager", groups="customer_club.group_club_manager")

    def test_a_draft_earns_nothing_until_it_is_recorded_once(self):
        """never.md 7."""
        purchase = self.draft(self.staff)
        self.assertEqual((purchase.state, self.member.points), ("draft", 0))
        purchase.action_record()
        with self.assertRaises(UserError):
            purchase.action_record()
        self.assertEqual((purchase.state, purchase.points, self.member.points), ("recorded", 2, 2))

    def test_nothing_about_its_state_or_points_is_typed_in(self):
        """never.md 23, abuse.md 5."""
        purchase = self.draft(self.staff, state="recorded", points=5000, worth=9999)
        self.assertEqual((purchase.state, purchase.points, purchase.worth), ("draft", 0, 0))
        wild = self.env["club.merchant.purchase"].with_context(default_state="recorded", default_points=500)
        copied = self.draft(self.staff, reference="p2").with_env(wild.env).copy({"reference": "p3"})
        self.assertEqual(copied.state, "draft")
        with self.assertRaises(AccessError):
            purchase.write({"state": "recorded"})
        purchase.action_record()
        for values in ({"amount": 5000}, {"member_id": self.member_2.id}, {"reference": "x"}):
            with self.assertRaises(UserError):
                purchase.write(values)
        with self.assertRaises(UserError):
            purchase.unlink()
        self.assertEqual(self.member.points, 2)

    def test_nobody_records_a_purchase_of_their_own(self):
        own = self.club._enrol(self.staff.partner_id)
        with self.assertRaisesRegex(UserError, "your own"):
            self.draft(self.staff, member_id=own.id).action_record()

    def test_a_user_cannot_give_more_than_the_limit_of_adjustments_without_a_manager(self):
        """never.md 23: nobody but the user says that the purchase happened. Splitting does not help."""
        self.club.adjust_limit = 100
        huge = self.draft(self.staff, amount=1_000_000)
        huge.action_record()
        self.assertEqual((huge.state, self.member.points), ("held", 0))
        with self.assertRaises(AccessError):
            huge.action_accept()
        first, second = (self.draft(self.staff, reference=reference, amount=600) for reference in ("s1", "s2"))
        first.action_record()
        second.action_record()
        self.assertEqual((first.state, second.state, self.member.points), ("recorded", "held", 60))
        both = self.draft(self.staff, reference="m1", amount=500, member_id=self.member_2.id) | self.draft(
            self.staff, reference="m2", amount=600, member_id=self.member_2.id
        )
        both.action_record()
        self.assertEqual(both.mapped("state"), ["recorded", "held"])
        huge.with_user(self.manager).action_accept()
        self.assertEqual((huge.state, huge.decided_by_id, self.member.points), ("recorded", self.manager, 100_060))
        self.assertInvariantsHold()

    def test_the_future_the_time_before_joining_and_another_club_are_refused(self):
        now = fields.Datetime.now()
        for number, at in enumerate((now + timedelta(days=1), now - timedelta(days=9))):
            with self.assertRaises(UserError):
                self.draft(self.staff, reference=f"t{number}", occurred_at=at).action_record()
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        with self.assertRaises(ValidationError):
            self.draft(self.staff, member_id=other._enrol(self.partner).id)

    def test_a_manager_corrects_up_and_takes_back(self):
        purchase = self.draft(self.staff)
        purchase.action_record()
        wizard = self.env["club.merchant.correct"].with_user(self.manager).create(
            {"purchase_id": purchase.id, "amount": 45, "reason": "a bag was forgotten"}
        )
        wizard.action_correct()
        self.assertEqual((purchase.points, self.member.points, purchase.state), (4, 4, "corrected"))
        with self.assertRaises(AccessError):
            purchase.action_reverse()
        purchase.with_user(self.manager).action_reverse()
        self.assertEqual((purchase.state, self.member.points), ("reversed", 0))
        with self.assertRaises(UserError):
            purchase.with_user(self.manager).action_reverse()
        self.assertInvariantsHold()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_customers_and_other_companies_see_nothing(self):
        company = self.env["res.company"].create({"name": "Another Company"})
        far = new_test_user(
            self.env,
            "far_manager",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        purchase = self.draft(self.staff)
        self.assertFalse(self.env["club.merchant"].with_user(far).search([]))
        self.assertFalse(self.env["club.merchant.purchase"].with_user(far).search([]))
        self.assertFalse(self.env["club.integration"].with_user(far).search([]))
        portal = new_test_user(self.env, "merchant_portal", groups="base.group_portal")
        for model in ("club.merchant", "club.merchant.purchase", "club.integration", "club.custom.fact"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
        with self.assertRaises(AccessError):
            purchase.with_user(portal).action_record()

    def test_a_merchant_with_purchases_keeps_its_code_and_stays(self):
        self.draft(self.staff).action_record()
        for change in (lambda: self.merchant.write({"code": "x"}), self.merchant.unlink):
            with self.assertRaisesRegex(UserError, "Archive it"):
                change()


@tagged("post_install", "-at_install")
class TestTheDemo(ApiCase):
    def test_the_example_till_and_its_partner_are_ready_to_try(self):
        if not self.env.ref("customer_club.demo_club", raise_if_not_found=False):
            self.env["ir.model.data"].create(
                {"module": "customer_club", "name": "demo_club", "model": "club.club", "res_id": self.club.id}
            )
        convert_file(self.env, "customer_club", "demo/club_integration_demo.xml", {}, "init", noupdate=True)
        till = self.env.ref("customer_club.demo_integration_till")
        club = self.env.ref("customer_club.demo_club")
        self.assertTrue(till.allow_find and till.allow_record and till.allow_spend and till.allow_reverse)
        member = club._enrol(self.env["res.partner"].create({"name": "Demo"}))
        user = till._get_user()
        fact = {"member": member.number, "type": "custom", "code": "packaging-returned", "key": "r1/packaging-returned"}
        self.assertEqual(self.call("record_event", user=user, **fact)["points"], "5")
        sale = {"member": member.number, "type": "merchant_purchase", "amount": "30", "key": "r1"}
        self.assertEqual(self.call("record_event", user=user, **sale)["pending"], "3", "half of it counts, and waits")
